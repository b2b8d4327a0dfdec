"""First, last, windows and spans for times of any precision and offset; counts of many values."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.facts import Facts
from evidencekit.core.instant import format_instant, parse_instant
from evidencekit.core.moments import Moments
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.core.window import Window
from evidencekit.limits import MAX_DISTINCT, MAX_TIMELINE_BUCKETS, MAX_VALUE_CHARS

ANY = EventSchema.from_bytes(b"{}")
DAY = Window.from_times("2026-06-30T00:00:00Z", "2026-07-01T00:00:00Z")


def facts(events: list[dict], window: Window | None = None, block: int = 1 << 18) -> Facts:
    data = "".join(json.dumps(event) + "\n" for event in events).encode()
    question = Question(format="json", window=window)
    return survey(io.BytesIO(data), question, schema=ANY, block=block).facts


def timed(*times: str, window: Window | None = None) -> Facts:
    return facts([{"id": str(at), "timestamp": time} for at, time in enumerate(times)], window)


@pytest.mark.parametrize(
    ("times", "first", "last"),
    [
        (["2026-06-30T10:00:00Z", "2026-06-30T10:00:00.5Z"], 0, 1),
        (["2026-06-30T10:00:00.000000002Z", "2026-06-30T10:00:00.000000001Z"], 1, 0),
        (["2026-06-30T10:00:00.9Z", "2026-06-30T10:00:00.10Z"], 1, 0),
        (["2026-06-30T10:00:00+02:00", "2026-06-30T09:00:00Z"], 0, 1),
        (["2026-06-30T23:30:00-01:00", "2026-07-01T00:29:59.999Z"], 1, 0),
        (["2026-06-30T23:59:60Z", "2026-06-30T23:59:59.999999999Z"], 1, 0),
        (["2026-06-30t10:00:00z", "2026-06-30T10:00:01Z"], 0, 1),
        (["2026-06-30T10:00:00.1234567899Z", "2026-06-30T10:00:00.123456788Z"], 1, 0),
    ],
)
def test_first_and_last_are_instants_and_not_texts(times, first, last):
    found = timed(*times)
    assert found.first == format_instant(parse_instant(times[first]))
    assert found.last == format_instant(parse_instant(times[last]))
    assert found.untimed == 0


@pytest.mark.parametrize(
    "time",
    [
        "2026-06-30T24:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-30T10:00:00+99:99",
        "2026-06-30 10:00:00Z",
        "2026-06-30T10:00:00",
        "2026-06-30T10:00:61Z",
        "2026-06-30T10:60:00Z",
        "2026-06-30T10:00:00Z\n",
        "2026-06-30T10:00:00Z\n2026-06-30T10:00:00Z",
        "٢026-06-30T10:00:00Z",
        "",
    ],
)
def test_what_is_no_time_is_counted_and_never_guessed(time):
    good = "2026-06-30T10:00:00Z"
    for times in ([time, good], [good, time], [time]):
        found = timed(*times, window=DAY)
        assert found.untimed == 1
        assert found.first == found.last == (good if good in times else None)
        assert found.outside_window == 0


def test_a_window_holds_its_start_and_not_its_end():
    found = timed(
        "2026-06-30T00:00:00Z",
        "2026-06-29T23:59:59.999999999Z",
        "2026-06-30T23:59:59.999999999Z",
        "2026-07-01T00:00:00Z",
        "2026-07-01T01:59:59+02:00",
        window=DAY,
    )
    assert found.outside_window == 2


instants = st.integers(parse_instant("1999-12-31T23:00:00Z"), parse_instant("2040-01-01T00:00:00Z"))


def written(instant: int, form: int) -> str:
    text = format_instant(instant)
    return text if form else f"{text[:-1]}+00:00"


@given(
    st.lists(instants | st.sampled_from([0, 10**9, 10**18]), min_size=1, max_size=8), st.booleans()
)
def test_reading_times_together_is_reading_each_alone(found, form):
    moments = Moments.read([written(instant, form) for instant in found])
    assert [moments.instant(key) for key in moments.keys] == found
    assert moments.instant(min(moments.keys)) == min(found)
    assert moments.instant(max(moments.keys)) == max(found)
    assert [moments.minute(key) for key in moments.minutes] == [
        instant // (60 * 10**9) for instant in found
    ]


def test_events_out_of_order_and_at_equal_times_keep_first_last_and_spans():
    found = facts(
        [
            {"id": "1", "timestamp": f"2026-06-30T{(at * 7) % 24:02d}:00:00Z", "config_version": v}
            for at, v in enumerate(["a", "b", "a", "b", "a", "b"] * 8)
        ],
        block=500,
    )
    assert (found.first, found.last) == ("2026-06-30T00:00:00Z", "2026-06-30T23:00:00Z")
    assert found.duplicate_ids == 47
    assert set(found.config_spans) == {"a", "b"}


def test_more_values_than_are_counted_one_by_one_are_counted_together():
    events = [{"id": str(at), "model": f"m{at % (MAX_DISTINCT + 5)}"} for at in range(12_000)]
    for block in (5_000, 1 << 18):
        found = facts(events, block=block)
        assert len(found.models) == MAX_DISTINCT
        assert sum(found.models.values()) + found.uncounted["models"] == 12_000
        assert "m0" in found.models
        assert f"m{MAX_DISTINCT + 4}" not in found.models
        assert found.duplicate_ids == 0


def test_long_values_are_cut_with_a_mark_and_ids_are_told_apart_to_the_end():
    long = "x" * 1_000
    found = facts([{"id": long + "1", "model": long}, {"id": long + "2", "model": long}])
    assert found.models == {"x" * MAX_VALUE_CHARS + "…": 2}
    assert found.duplicate_ids == 0


@given(st.lists(instants, min_size=1, max_size=10))
def test_the_timeline_counts_every_event_once_in_few_enough_buckets(found):
    line = timed(*map(format_instant, found)).timeline
    assert line is not None
    lengths = {len(counts) for counts in line.counts.values()}
    assert len(lengths) == 1
    assert lengths.pop() <= MAX_TIMELINE_BUCKETS
    assert sum(map(sum, line.counts.values())) == len(found)
    start = parse_instant(line.start)
    assert start <= min(found) < start + line.bucket_seconds * 10**9
