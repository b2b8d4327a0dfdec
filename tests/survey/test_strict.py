"""The fast path refuses what the strict reader refuses, and says the same of the rest."""

import io
import json
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidencekit.core import strict_json
from evidencekit.core.parse import are_strict, parse_some, parse_strictly
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, Survey, survey
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_DEPTH, MAX_EVENT_BYTES, MAX_INTEGER, MIN_INTEGER

MINEFIELD = Path(__file__).parents[2].parent / "shared/corpora/json-parsing-nst/test_parsing"
OWN = EventSchema.own()
EVENT = '{"id":"e","timestamp":"2026-04-20T00:00:00Z","verdict":"allow"'
JSON = Question(format="json")

# Hostile values: each makes an event that must be refused, with that code.
HOSTILE = {
    '{"a":1,"a":1}': "json.duplicate-key",
    '{"a":1,"b":{"c":2,"d":3,"c":2}}': "json.duplicate-key",
    '[[[[[[[[[{"a":1,"a":2}]]]]]]]]]': "json.duplicate-key",
    '{"a":1,"\\u0061":1}': "json.duplicate-key",
    '{"a" :1, "a"\t: 1}': "json.duplicate-key",
    '{"":1,"":1}': "json.duplicate-key",
    '{"a":1,"a":"\\u003a"}': "json.duplicate-key",
    '{"a":1,"a":":"}': "json.duplicate-key",
    "NaN": "json.number",
    "-Infinity": "json.number",
    "1e999": "json.number",
    "-1e999": "json.number",
    "18446744073709551616": "json.number",
    "-9223372036854775809": "json.number",
    "9" * 4_301: "json.number",
    '{"a": -9223372036854775809 }': "json.number",
    '"\\ud800"': "json.surrogate",
    '"\\udc00\\ud800"': "json.surrogate",
    '{"\\udfff":1}': "json.surrogate",
    "[" * MAX_DEPTH + "]" * MAX_DEPTH: "json.depth",
    '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH: "json.depth",
    "[" * 1_000 + "]" * 1_000: "json.depth",
    "[" * 100_000 + "]" * 100_000: "json.depth",
    "[1,]": "json.syntax",
    "'a'": "json.syntax",
    "0x10": "json.syntax",
    "01": "json.syntax",
    '"\x01"': "json.syntax",
}
HARMLESS = [
    str(MIN_INTEGER),
    str(MAX_INTEGER),
    "0.1234567890123456789012345",
    "-0",
    "1e-999",
    '"12345678901234567890123"',
    '"at 12:30, NaN, {\\"a\\":1,\\"a\\":2}"',
    '"\\ud83d\\ude00 \\u003a"',
    "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1),
    '"' + "[{" * 100 + '"',
]


def of(records: list[bytes], shape: str, block: int = 1 << 18) -> Survey:
    if shape == "lines":
        data = b"\n".join(records)
    else:
        array = b"[" + b",".join(records) + b"]"
        data = array if shape == "array" else b'{"events":' + array + b"}"
    return survey(io.BytesIO(data), JSON, schema=OWN, block=block)


def code(call, *args) -> str | None:
    try:
        call(*args)
    except RejectedError as error:
        return error.code
    return None


@pytest.mark.parametrize("shape", ["array", "wrapper", "lines"])
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: value[:30])
def test_a_hostile_event_among_good_ones_is_refused_with_the_strict_readers_code(value, shape):
    good = f"{EVENT}}}".encode()
    bad = f'{EVENT},"x":{value}}}'.encode()
    assert code(strict_json.loads, bad) == HOSTILE[value]
    for before, after in ((0, 0), (1, 1), (70, 3), (200, 200)):
        records = [good] * before + [bad] + [good] * after
        for block in (200, 1 << 18):
            with pytest.raises(RejectedError) as caught:
                of(records, shape, block)
            assert caught.value.code == HOSTILE[value]
            assert str(caught.value).startswith(f"event {before}: ")


@pytest.mark.parametrize("shape", ["array", "wrapper", "lines"])
@pytest.mark.parametrize("value", HARMLESS, ids=lambda value: value[:30])
def test_what_only_looks_hostile_is_taken(value, shape):
    found = of([f'{EVENT},"x":{value}}}'.encode()] * 3, shape)
    assert found.facts.events == 3
    assert found.facts.duplicate_ids == 2


@pytest.mark.parametrize("record", [b"1", b"null", b'"a"', b"[]", b"true", b"-1.5"])
@pytest.mark.parametrize("shape", ["array", "lines"])
def test_what_is_json_but_no_object_is_no_event(record, shape):
    good = f"{EVENT}}}".encode()
    assert code(of, [good, record, good], shape) == "export.not-an-event"


def test_every_file_of_the_minefield_is_judged_as_the_strict_reader_does():
    if not MINEFIELD.is_dir():
        pytest.skip("no corpora beside the project")
    files = sorted(MINEFIELD.iterdir())
    assert len(files) >= 318
    for file in files:
        data = file.read_bytes()
        event = f'{EVENT},"x":'.encode() + data + b"}"
        expected = code(strict_json.loads, event)
        found = code(of, [f"{EVENT}}}".encode(), event], "array")
        assert (found is None) == (expected is None), file.name
        if b"\n" not in data:
            found = code(of, [f"{EVENT}}}".encode(), event], "lines")
            assert (found is None) == (expected is None), file.name


keys = st.sampled_from(["a", "b", "\\u0061", "", ":", "\\u003a", "é", '\\"', "a b"])
numbers = st.sampled_from(
    ["0", "-0", "1.0", "1e5", "1E+2", "9" * 18, "9" * 19, "9" * 20, "-" + "9" * 19, "0." + "1" * 25]
) | st.integers(MIN_INTEGER - 2, MAX_INTEGER + 2).map(str)
white = st.sampled_from(["", "", " ", "\n", " \t"])
leaf = numbers | st.sampled_from(
    ["null", "true", '"x:y"', '"\\u003A"', '"\\n"', '"1234567890123456789"']
)


def _object(inner):
    member = st.tuples(keys, white, white, inner)
    return st.lists(member, max_size=4).map(
        lambda found: "{" + ",".join(f'"{k}"{a}:{b}{v}' for k, a, b, v in found) + "}"
    )


texts = st.recursive(
    leaf,
    lambda inner: _object(inner) | st.lists(inner, max_size=3).map(lambda v: f"[{','.join(v)}]"),
)


@given(st.lists(texts, min_size=1, max_size=4))
@example(['{"a":1,"a":2}', "1"])
@example(['{"a":":","a":1}'])
@example(['{"a":{"b":1},"a":"::"}'])
@example(['{"a":1,"a":"\\u003a"}'])
@example(["18446744073709551616"])
@example(["-9223372036854775809", "1"])
def test_what_is_proved_strict_is_strict_and_means_the_same(found):
    encoded = [text.encode() for text in found]
    values = parse_some(encoded)
    if len(values) < len(encoded) or not are_strict(encoded, values):
        return
    strictly = [strict_json.loads(text) for text in encoded]  # raises where one is not strict
    assert json.dumps(strictly) == json.dumps(values)


@given(st.lists(texts, min_size=1, max_size=4))
def test_no_text_is_called_strict_that_holds_a_key_twice(found):
    for text in found:
        twice = []

        def pairs(members, twice=twice):
            twice.append(len({key for key, _ in members}) < len(members))
            return dict(members)

        json.loads(text, object_pairs_hook=pairs)
        if any(twice):
            assert not are_strict([text.encode()], [orjson.loads(text)])


@given(texts)
def test_one_text_is_read_as_the_strict_reader_reads_it(text):
    data = text.encode()
    expected = code(strict_json.loads, data)
    assert code(parse_strictly, data) == expected
    if expected is None:
        assert json.dumps(parse_strictly(data)) == json.dumps(strict_json.loads(data))


@pytest.mark.parametrize("shape", ["array", "wrapper", "lines", "csv"])
def test_a_record_beyond_the_limit_is_refused_and_one_below_it_is_taken(shape):
    for size, expected in ((MAX_EVENT_BYTES - 1_000, None), (MAX_EVENT_BYTES + 1_000, "size")):
        if shape == "csv":
            data = b"id,message\r\ne1,a\r\ne2," + b"x" * size + b"\r\ne3,b\r\n"
            found = code(
                lambda data=data: survey(io.BytesIO(data), Question(format="csv"), schema=OWN)
            )
        else:
            good, bad = f"{EVENT}}}".encode(), f'{EVENT},"m":"{"x" * size}"}}'.encode()
            found = code(of, [good, bad, good], shape)
        assert (found or "").split(".")[-1] == (expected or ""), (size, found)


def test_a_line_without_end_is_bounded():
    assert code(of, [b"[" + b" " * (2 * MAX_EVENT_BYTES)], "array") is not None
    assert code(of, [b'{"a":"' + b"x" * (2 * MAX_EVENT_BYTES)], "lines") == "json.size"


def test_many_empty_objects_are_so_many_events_that_break_the_schema():
    found = of([b"{}"] * 20_000, "array")
    assert found.facts.events == found.invalid_events == 20_000
    assert len(found.problems) == 20
