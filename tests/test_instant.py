import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.instant import (
    MAX_INSTANT,
    MIN_INSTANT,
    NANOSECONDS,
    format_instant,
    parse_instant,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
offsets = st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(
    datetime(2, 1, 1),  # noqa: DTZ001
    datetime(9998, 12, 31),  # noqa: DTZ001
    timezones=offsets,
)


@given(moments)
def test_instants_agree_with_datetime_at_every_offset(moment):
    expected = (moment - EPOCH) // timedelta(microseconds=1) * 1_000
    assert parse_instant(moment.isoformat()) == expected


@given(st.integers(MIN_INSTANT, MAX_INSTANT))
def test_every_instant_has_one_text_that_reads_back_to_it(instant):
    text = format_instant(instant)
    assert parse_instant(text) == instant
    assert len(text) in {20, 24, 27, 30}
    assert text.endswith("Z")


@given(st.integers(MIN_INSTANT, MAX_INSTANT), st.integers(MIN_INSTANT, MAX_INSTANT))
def test_texts_of_equal_precision_order_as_their_instants(one, other):
    texts = [format_instant(one), format_instant(other)]
    if len(texts[0]) == len(texts[1]):
        assert (texts[0] < texts[1]) == (one < other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T00:00:00.0000000019Z", 1),
        ("1970-01-01T00:00:00.5Z", NANOSECONDS // 2),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T20:30:00-03:30", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01t00:00:00z", 0),
        ("0001-01-01T00:00:00Z", MIN_INSTANT),
        ("9999-12-31T23:59:59.999999999Z", MAX_INSTANT),
        ("2024-02-29T00:00:00Z", 1_709_164_800 * NANOSECONDS),
    ],
)
def test_known_instants(text, expected):
    assert parse_instant(text) == expected


@pytest.mark.parametrize(
    ("leap", "same"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.25Z"),
        ("2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00Z"),
        ("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00Z"),
    ],
)
def test_a_leap_second_is_the_second_after_it(leap, same):
    assert parse_instant(leap) == parse_instant(same)


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-23T24:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-04-23T10:00:00+99:99",
        "2026-04-23T10:00:00+24:00",
        "2026-04-23T10:00:00+00:60",
        "2026-04-23T10:00:00+0000",
        "2026-04-23T10:00:00+00",
        "2026-04-23 10:00:00Z",
        "2026-04-23T10:00:00",
        "2026-04-23T10:00Z",
        "2026-04-23T10:00:61Z",
        "2026-04-23T10:60:00Z",
        "2026-04-23T22:59:60Z",
        "2026-04-23T23:58:60Z",
        "2026-04-23T23:59:60+01:00",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59:59-00:01",
        "0001-01-01T00:00:00+00:01",
        "2026-04-23T10:00:00.Z",
        "2026-04-23T10:00:00,5Z",
        "2026-04-23T10:00:00Z\n",
        " 2026-04-23T10:00:00Z",
        "\u0662026-04-23T10:00:00Z",
        "2026-04-23T10:00:00\u221201:00",
        "20260423T100000Z",
        "2026-W17-4T10:00:00Z",
        "1776938400",
        "",
    ],
)
def test_anything_else_is_refused_with_a_sentence_that_does_not_repeat_it(text):
    with pytest.raises(ValueError, match=r"^[a-z1-9R][a-zA-Z0-9 -]+$"):
        parse_instant(text)


@given(st.text(max_size=40) | st.from_regex(r"\A[0-9TtZz:.+ -]{1,40}\Z"))
def test_no_text_raises_anything_but_value_error(text):
    try:
        instant = parse_instant(text)
    except ValueError:
        return
    assert MIN_INSTANT <= instant <= MAX_INSTANT


def test_nanosecond_times_one_apart_keep_their_order():
    one, other = "2026-04-23T10:00:00.123456788Z", "2026-04-23T10:00:00.123456789Z"
    assert parse_instant(other) - parse_instant(one) == 1
    assert format_instant(parse_instant(one)) == one


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "America/St_Johns", "Europe/Berlin", "nowhere/at-all"]
)
def test_the_time_zone_of_the_machine_changes_nothing(zone):
    program = (
        "from evidencekit.core.instant import *; print(*map(format_instant, map(parse_instant, ("
        "'2026-03-29T02:30:00+01:00', '0099-01-01T00:00:00Z', '2026-10-25T02:30:00.5Z'))))"
    )
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        check=True,
        text=True,
    )
    expected = "2026-03-29T01:30:00Z 0099-01-01T00:00:00Z 2026-10-25T02:30:00.500Z\n"
    assert told.stdout == expected
