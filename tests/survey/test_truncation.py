"""An export cut anywhere is refused, or what is left of it is told apart record by record."""

import io
import json

import pytest

from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.errors import RejectedError

OWN = EventSchema.own()
EVENTS = [
    {"id": "e1", "timestamp": "2026-04-20T00:00:00Z", "verdict": "allow", "message": 'ü "q", \\'},
    {"id": "e2", "timestamp": "2026-04-20T00:00:01Z", "verdict": "block", "metadata": {"a": [{}]}},
    {"id": "e3", "timestamp": "2026-04-20T00:00:02Z", "verdict": "allow", "cost_usd": 12.5},
]
RECORDS = [json.dumps(event, ensure_ascii=False) for event in EVENTS]
ARRAY = "[" + ",\n".join(RECORDS) + "]"
EXPORTS = {
    "array": f"{ARRAY}\n",
    "wrapper": f'{{"export_id": "x", "events": {ARRAY}, "total": 3}}\n',
    "lines": "".join(f"{record}\n" for record in RECORDS),
    "csv": 'id,timestamp,verdict,message\r\ne1,2026-04-20T00:00:00Z,allow,"two\r\nlines, ""ü"""\r\n'
    "e2,2026-04-20T00:00:01Z,block,plain\r\ne3,2026-04-20T00:00:02Z,allow,\r\n",
}


def leaves_of(data: bytes, shape: str, block: int) -> list[bytes]:
    """Return the leaf digests, or raise; the facts have to count as many."""
    parts: list[bytes] = []
    question = Question(format="csv" if shape == "csv" else "json")
    found = survey(io.BytesIO(data), question, schema=OWN, leaves=parts.append, block=block)
    digests = b"".join(parts)
    assert found.facts.events == len(digests) // 32
    return [digests[at : at + 32] for at in range(0, len(digests), 32)]


@pytest.mark.parametrize("block", [7, 100, 1 << 18])
@pytest.mark.parametrize("shape", ["array", "wrapper"])
def test_json_cut_at_any_byte_is_refused_as_truncated(shape, block):
    data = EXPORTS[shape].encode()
    whole = leaves_of(data, shape, block)
    assert leaves_of(data[:-1], shape, block) == whole  # the line feed at the very end says nothing
    for end in range(len(data) - 1):
        with pytest.raises(RejectedError) as caught:
            leaves_of(data[:end], shape, block)
        expected = "export.truncated" if end else "export.empty-file"
        assert caught.value.code == expected, (end, data[:end])


@pytest.mark.parametrize("block", [7, 100, 1 << 18])
def test_json_lines_cut_anywhere_but_behind_a_record_are_refused(block):
    data = EXPORTS["lines"].encode()
    whole = leaves_of(data, "lines", block)
    ends = {at for at in range(1, len(data) + 1) if data[at - 1 : at] == b"\n"}
    for end in range(1, len(data)):
        if end in ends or end + 1 in ends:
            assert leaves_of(data[:end], "lines", block) == whole[: data[: end + 1].count(b"\n")]
            continue
        with pytest.raises(RejectedError) as caught:
            leaves_of(data[:end], "lines", block)
        assert caught.value.code == "export.truncated", (end, data[:end])


@pytest.mark.parametrize("block", [7, 100, 1 << 18])
def test_csv_cut_inside_a_record_never_changes_the_records_before_it(block):
    """Where only the last cell is cut, RFC 4180 has no way to tell: its last line may be bare."""
    data = EXPORTS["csv"].encode()
    whole = leaves_of(data, "csv", block)
    accepted = 0
    for end in range(1, len(data)):
        try:
            found = leaves_of(data[:end], "csv", block)
        except RejectedError:
            continue
        last_line = data[:end].rpartition(b"\n")[2]
        complete = len(found) - bool(last_line and found)
        assert found[:complete] == whole[:complete]
        accepted += 1
    assert accepted < 60


@pytest.mark.parametrize("shape", EXPORTS)
def test_text_behind_the_end_is_refused(shape):
    data = EXPORTS[shape].encode()
    behind = b"x,y\r\n" if shape == "csv" else b"]"
    with pytest.raises(RejectedError):
        leaves_of(data + behind, shape, 1 << 18)
