"""The page finds the same facts in an export as the survey does, odd events included."""

import csv
import io
import json
import random
from dataclasses import asdict

import pytest

from evidencekit.core.facts import NamedEvent, Timeline
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.core.window import Window

WINDOW = ("2026-04-20T00:00:00Z", "2026-04-22T00:00:00Z")
NAMED = {"request_ids": ["req_1", "7", "absent"], "escalation_ids": ["esc_1"]}
TIMES = [
    "2026-04-20T10:00:00Z", "2026-04-20T12:00:00.5+02:00", "2026-04-21T23:59:59.999999999Z",
    "2026-04-22T00:00:00Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:30Z",
    "2016-12-31T23:59:60Z", "yesterday", "2026-04-20 10:00:00Z", 1_776_000_000, None, "",
]  # fmt: skip
WORDS = ["allow", " Blocked\x1f", "DENY", "\u212a", "flagged", "redacted\ufeff", "", None, 5, True]
TEXTS = ["0.1.0", "10", "9", 10, 10.0, 2**63, True, None, "", "\U00010000", "\uffff", "x" * 201]
TEXTS += ["\U0001f600" * 200, "\U0001f600" * 201, ["a"], {"a": 1}, "__proto__", -0.0, -5]
NAMES = {
    "timestamp": TIMES, "created_at": TIMES, "verdict": WORDS, "action": WORDS, "outcome": WORDS,
    "id": TEXTS, "event_id": TEXTS, "reason": TEXTS, "reason_code": TEXTS, "model": TEXTS,
    "config_version": TEXTS, "environment": TEXTS, "gateway": TEXTS, "gateway_id": TEXTS,
    "request_id": ["req_1", 7, "7", 7.0, None], "escalation_id": ["esc_1", "esc_2"],
    "metadata": [{"environment": "staging"}, {"environment": 3}, {"environment": 3.0}, "x", None],
}  # fmt: skip


def odd_events(seed, times):
    chance = random.Random(seed)  # noqa: S311
    for _ in range(300):
        names = chance.sample(sorted(NAMES), chance.randint(0, 9))
        event = {name: chance.choice(NAMES[name]) for name in names}
        yield event | ({"timestamp": chance.choice(times)} if times else {})


def as_csv(events):
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(NAMES)
    for event in events:
        cells = [event.get(name) for name in NAMES]
        rows.writerow([c if isinstance(c, str | None) else json.dumps(c) for c in cells])
    return out.getvalue().encode()


def pairs(value):
    if isinstance(value, NamedEvent | Timeline):
        return pairs(asdict(value))
    if isinstance(value, dict):
        return {"pairs": [[name, pairs(one)] for name, one in value.items()]}
    return [pairs(one) for one in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="module")
def call(node, page):
    return lambda *calls: node("modules.mjs", page, [list(one) for one in calls])


def test_the_page_finds_the_facts_that_the_survey_finds(call):
    schema, many = (
        EventSchema.own(),
        [[f"2026-04-{d:02}T{h:02}:30:00Z" for h in range(24)] for d in (20, 21)],
    )
    exports = []
    for seed, times in enumerate(
        [None, None, many[0], [*many[0], *many[1]], ["2026-04-20T10:00:00Z"], None]
    ):
        events = list(odd_events(seed, times))
        exports.append(("json", json.dumps(events, ensure_ascii=seed % 2 == 0).encode()))
        exports.append(("csv", as_csv(events)))
    question = NAMED | {"window": WINDOW, "coercions": schema.coercions}
    found = call(*(["surveyed", {"hex": d.hex()}, question | {"format": f}] for f, d in exports))
    for (fmt, export), ours in zip(exports, found, strict=True):
        asked = Question(
            format=fmt,
            window=Window.from_times(*WINDOW),
            request_ids=tuple(NAMED["request_ids"]),
            escalation_ids=tuple(NAMED["escalation_ids"]),
        )
        facts = survey(io.BytesIO(export), asked, schema=schema).facts
        theirs = {name: pairs(getattr(facts, name)) for name in facts.__dataclass_fields__}
        assert {name: ours.get(name) for name in theirs} == theirs
