"""Whatever is generated: our survey finds what the naive one does, however blocks are cut."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.core.window import Window
from evidencekit.edges.surveying import survey_stream
from evidencekit.standin import events as standin

OWN = EventSchema.own()
WEEK = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
SHAPES = ["array", "wrapper", "lines", "csv"]
TIMES = [
    "2026-04-16T00:00:00Z",
    "2026-04-15T23:59:59.999999999Z",
    "2026-04-22T23:59:59.5+00:00",
    "2026-04-23T00:00:00Z",
    "2026-04-20T01:02:03.123456+02:00",
    "2026-04-20T12:00:00.000000001-11:30",
    "2026-04-20T12:00:00",
    "yesterday",
]
scalars = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
words = st.sampled_from(["allow", "Blocked", "redacted", "escalate", "flag", "odd: one", ""])
events = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["e1", "e2", "e3", "e4", ""]) | st.integers(0, 5) | texts,
        "event_id": texts,
        "timestamp": st.sampled_from(TIMES),
        "created_at": st.sampled_from(TIMES) | texts,
        "verdict": words,
        "decision": words,
        "action": words,
        "reason": texts,
        "request_id": st.sampled_from(["r1", "r2", "r3"]),
        "escalation_id": st.sampled_from(["x1", "x2"]),
        "config_version": st.sampled_from(["0.1", "0.2", "", 3]),
        "environment": st.sampled_from(["production", "", None]),
        "metadata": st.dictionaries(st.sampled_from(["environment", "b"]), values, max_size=2),
        "gateway": texts,
        "model": st.sampled_from(["m1", "m2"]),
        "anything": values,
        "}, {": values,
    },
)


def question_for(shape: str, window: Window | None = WEEK) -> Question:
    return Question(
        format="csv" if shape == "csv" else "json",
        window=window,
        request_ids=("r1", "r9"),
        escalation_ids=("x2",),
    )


def exported(found: list[dict], shape: str, style: dict) -> bytes:
    if shape == "csv":
        return csv_export(found)
    records = [json.dumps(event, ensure_ascii=len(found) % 2 == 0, **style) for event in found]
    if shape == "lines":
        return "\n".join(record.replace("\n", " ") for record in records).encode() + b"\n"
    array = "[" + ",\n".join(records) + "]"
    return (array if shape == "array" else f'{{"a": [{{}}], "events": {array}, "b": 1}}').encode()


def csv_export(found: list[dict]) -> bytes:
    names = sorted({name for event in found for name in event} | {"id", "verdict"})
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([cell(event.get(name)) for name in names] for event in found)
    return text.getvalue().encode()


def cell(value: object) -> object:
    return json.dumps(value) if isinstance(value, list | dict | bool) else value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    found=st.lists(events, min_size=1, max_size=12),
    shape=st.sampled_from(SHAPES),
    style=st.sampled_from([{}, {"separators": (",", ":")}, {"indent": 1}]),
    block=st.integers(1, 400),
)
def test_our_survey_finds_what_the_naive_one_finds(found, shape, style, block, compare):
    if shape == "lines":
        style = {}
        if "events" in found[0]:
            return
    question = question_for(shape)
    data = exported(found, shape, style)
    result = survey(io.BytesIO(data), question, schema=OWN, block=block)
    compare(result, data, question, OWN)
    assert result == survey(io.BytesIO(data), question, schema=OWN)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_week_of_the_stand_ins_events(shape, compare):
    found = list(standin.events(WEEK, per_day=60))
    if shape == "csv":
        data = standin.to_csv(found)
    else:
        data = standin.to_json(found, shape=shape, job_id="job_1", window=WEEK)
    question = question_for(shape)
    result = survey_stream(io.BytesIO(data), question, schema=OWN)
    compare(result, data, question, OWN)
    assert result.shape == shape
    assert result.invalid_events == result.facts.outside_window == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_any_size_of_block_finds_the_same(shape):
    found = list(standin.events(WEEK, per_day=4))[:20]
    data = exported(found, shape, {})
    question = question_for(shape)
    leaves: list[bytes] = []
    whole = survey(io.BytesIO(data), question, schema=OWN, leaves=leaves.append)
    for block in [*range(1, 70), *range(70, 3_000, 97)]:
        parts: list[bytes] = []
        cut = survey(io.BytesIO(data), question, schema=OWN, leaves=parts.append, block=block)
        assert cut == whole
        assert b"".join(parts) == b"".join(leaves)
