import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.query import Query

SHEET = {
    "api_url": "https://api.example.com",
    "request": {"format": "json", "time_window": "7d"},
    "job_id": "job_abc123",
    "created_at": "2026-04-23T00:00:00Z",
    "completed_at": None,
    "downloaded_at": "2026-04-23T00:04:02.500Z",
    "preview": {"events": 12904},
    "served_by": "https://bucket.s3.example/exports/job_abc123.json",
    "response": {
        "status": 200,
        "content_type": "application/json",
        "content_length": 9001234,
        "etag": '"abc"',
        "date": "2026-04-23T00:04:02Z",
    },
    "clock": {"offset_seconds": 0.4},
    "transformations": [],
}


def test_a_sheet_reads_back_as_it_was_written():
    sheet = Query.from_json(SHEET)
    assert sheet.to_json() == SHEET
    assert list(sheet.to_json()) == list(SHEET)
    assert sheet.previewed_events == 12904
    assert Query.from_json(json.loads(json.dumps(sheet.to_json()))) == sheet


def paths(document, prefix=()):
    for name, value in document.items():
        yield (*prefix, name)
        if isinstance(value, dict) and name != "request":
            yield from paths(value, (*prefix, name))


def edited(path, edit):
    """Return a copy of the sheet after ``edit(parent, name)`` at one path."""
    changed = copy.deepcopy(SHEET)
    inner = changed
    for parent in path[:-1]:
        inner = inner[parent]
    edit(inner, path[-1])
    return changed


FREE_TEXT = {"api_url", "job_id", "served_by", "content_type", "etag"}
WRONG = [
    (path, value)
    for path in paths(SHEET)
    for value in (True, [1], "nope", -1)
    if not (path[-1] in FREE_TEXT and value == "nope")  # any text will do
    and not (path[-1] == "offset_seconds" and value == -1)  # a clock may be behind
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_a_member_of_another_kind_is_refused(path, value):
    with pytest.raises(ValueError, match=r"not |RFC"):
        Query.from_json(edited(path, lambda parent, name: parent.update({name: value})))


@pytest.mark.parametrize("path", list(paths(SHEET)))
def test_a_missing_or_unknown_member_is_refused(path):
    with pytest.raises(ValueError, match=f"{path[-1]} is missing"):
        Query.from_json(edited(path, lambda parent, name: parent.pop(name)))
    with pytest.raises(ValueError, match="further is unknown"):
        Query.from_json(edited(path, lambda parent, _name: parent.update({"further": 1})))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(sorted(SHEET)), inner)
    ),
)


@given(JSON, st.sampled_from(sorted(SHEET)))
def test_any_document_is_a_sheet_or_a_value_error(value, name):
    for document in (value, SHEET | {name: value}):
        try:
            Query.from_json(document)
        except ValueError:
            continue
