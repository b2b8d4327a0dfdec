"""Exports so long that forms are learnt, with odd events in them: the same is found."""

import csv
import io
import json
import random
from typing import Any

import pytest

from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.core.window import Window
from evidencekit.standin import events as standin

OWN = EventSchema.own()
WEEK = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
COMPACT: dict[str, Any] = {"separators": (",", ":"), "ensure_ascii": False}
ODD: list[dict[str, Any]] = [  # no leap second: the reference engine knows none
    {"timestamp": "2024-02-29T10:00:00Z"},
    {"timestamp": "2026-04-17T09:00:00.123456789-05:00"},
    {"timestamp": "2026-04-17T09:00:00"},
    {"timestamp": "yesterday"},
    {"verdict": ""},
    {"verdict": "größer 😀"},
    {"model": 'a "model" \\ of its own'},
    {"model": "line\nfeed\tand tab"},
    {"gateway_id": 7},
    {"config_version": None},
    {"cost_usd": -1e-05},
    {"cost_usd": 10**18},
    {"id": ""},
    {"id": 12},
    {"metadata": {}},
    {"metadata": {"environment": "staging", "environment ": 1}},
    {"policies_evaluated": []},
    {"nobody": {"knows": [{"this": None}]}},
]


def found_in_a_week(seed: int) -> list[dict[str, Any]]:
    dice = random.Random(seed)  # noqa: S311
    found = [json.loads(json.dumps(event)) for event in standin.events(WEEK, per_day=360)]
    for number in range(1_200, len(found)):
        kind = dice.random()
        if kind < 0.006:
            found[number] |= dice.choice(ODD)
        elif kind < 0.008:
            found[number] = dict(reversed(found[number].items()))
        elif kind < 0.010:
            found[number]["id"] = found[number - 7]["id"]
    return found


def written(found: list[dict[str, Any]], shape: str, style: dict[str, Any]) -> bytes:
    if shape == "csv":
        return table(found)
    records = [json.dumps(event, **style) for event in found]
    if shape == "lines":
        return "\n".join(records).encode() + b"\n"
    array = json.dumps(found, **style) if "indent" in style else "[" + ",\n".join(records) + "]"
    return (array if shape == "array" else f'{{"events": {array}, "count": 1}}').encode()


def table(found: list[dict[str, Any]]) -> bytes:
    names = list(dict.fromkeys(name for event in found for name in event))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    for event in found:
        cells = [event.get(name) for name in names]
        writer.writerow(
            json.dumps(cell, **COMPACT) if isinstance(cell, list | dict) else cell for cell in cells
        )
    return text.getvalue().encode()


@pytest.mark.parametrize(
    ("shape", "style", "block"),
    [
        ("array", COMPACT, 1 << 18),
        ("array", {}, 30_000),
        ("array", {"indent": 2}, 50_000),
        ("wrapper", COMPACT, 20_000),
        ("lines", COMPACT, 40_000),
        ("csv", {}, 1 << 18),
        ("csv", {}, 15_000),
    ],
)
def test_a_long_export_with_odd_events_says_what_the_naive_survey_says(
    shape, style, block, compare
):
    data = written(found_in_a_week(block), shape, style)
    question = Question(format="csv" if shape == "csv" else "json", window=WEEK)
    found = survey(io.BytesIO(data), question, schema=OWN, block=block)
    compare(found, data, question, OWN)
    assert found.facts.events > 2_500
    assert found.facts.duplicate_ids > 0
    assert found.invalid_events > 0
