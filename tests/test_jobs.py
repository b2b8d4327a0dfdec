import pytest

from evidencekit.core.instant import parse_instant
from evidencekit.core.jobs import (
    ExportRequest,
    Job,
    explanation,
    previewed_events,
    state_of,
    stated_window,
)
from evidencekit.core.window import Window

DAY = Window.from_times("2026-04-22T00:00:00Z", "2026-04-23T00:00:00Z")


def test_a_request_is_the_body_that_creates_the_job():
    assert ExportRequest(format="csv", window="7d").to_json() == {
        "format": "csv",
        "time_window": "7d",
    }
    assert ExportRequest(format="json", window=DAY).to_json() == {
        "format": "json",
        "from": "2026-04-22T00:00:00Z",
        "to": "2026-04-23T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ({"events": 7}, 7),
        ({"total": 0}, 0),
        ({"events": [1], "count": 3}, 3),
        ({"events": True}, None),
        ({"events": -1}, None),
        ({"events": "7"}, None),
        ({}, None),
    ],
)
def test_a_preview_promises_a_number_or_nothing(answer, count):
    assert previewed_events(answer) == count


@pytest.mark.parametrize(
    "answer",
    [
        {"time_range": {"from": "2026-04-22T00:00:00Z", "to": "2026-04-23T00:00:00Z"}},
        {"range": {"start": "2026-04-22T02:00:00+02:00", "end": "2026-04-23T00:00:00.000Z"}},
        {"id": "x", "from": "2026-04-22T00:00:00Z", "to": "2026-04-23T00:00:00Z"},
    ],
)
def test_a_stated_window_is_found_under_every_name_seen(answer):
    assert stated_window(answer) == DAY


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"from": 1, "to": None},
        {"window": "24h"},
        {"range": {"from": "2026-04-22"}},
        {"from": "2026-04-23T00:00:00Z", "to": "2026-04-22T00:00:00Z"},
    ],
)
def test_what_is_no_window_states_none(answer):
    assert stated_window(answer) is None


def test_the_clock_offset_allows_for_the_cut_of_the_date_header():
    asked, answered = (
        parse_instant("2026-04-23T00:00:00.2Z"),
        parse_instant("2026-04-23T00:00:00.4Z"),
    )
    date = parse_instant("2026-04-23T00:00:00Z")
    job = Job.from_answer({"id": 7}, asked=asked, answered=answered, date=date)
    assert (job.id, job.offset_seconds) == ("7", 0.2)
    assert (
        Job.from_answer({"id": "x"}, asked=asked, answered=answered, date=None).offset_seconds
        is None
    )


@pytest.mark.parametrize("identifier", ["", "..", "a\nb", "a\x00", "\u202ea", "x" * 201])
def test_a_job_id_that_could_mislead_is_refused(identifier):
    with pytest.raises(ValueError, match="a job id"):
        Job(id=identifier)


def test_states_and_explanations_are_read_under_every_name_seen():
    assert [state_of(a) for a in ({"status": "Done"}, {"state": "x"}, {}, {"status": 1})] == [
        "done",
        "x",
        "unknown",
        "unknown",
    ]
    said = (
        {"error": {"message": "a"}},
        {"error": "b"},
        {"message": "c"},
        {"detail": "d"},
        {"detail": ["e"]},
    )
    assert [explanation(a) for a in said] == ["a", "b", "c", "d", ""]
