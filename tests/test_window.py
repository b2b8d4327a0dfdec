import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.instant import MAX_INSTANT, MIN_INSTANT, NANOSECONDS, parse_instant
from evidencekit.core.window import Window

NOW = parse_instant("2026-04-23T00:04:11.999999999Z")


def test_a_relative_window_ends_now_at_a_whole_second():
    window = Window.from_relative("7d", now=NOW)
    assert str(window) == "2026-04-16T00:04:11Z to 2026-04-23T00:04:11Z"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5_400), ("1h", 3_600), ("24h", 86_400), ("30d", 2_592_000), ("2w", 1_209_600)],
)
def test_a_relative_window_is_as_long_as_it_says(text, seconds):
    window = Window.from_relative(text, now=NOW)
    assert window.end - window.start == seconds * NANOSECONDS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0d",
        "07d",
        "-7d",
        "7",
        "d",
        "7 d",
        "7D",
        "7days",
        "1.5h",
        "7d\n",
        "\u0667d",
        "1000000m",
        "7y",
        "last week",
    ],
)
def test_unknown_lengths_are_refused_and_examples_given(text):
    with pytest.raises(ValueError, match="such as 1h, 6h, 24h, 7d or 30d"):
        Window.from_relative(text, now=NOW)


def test_a_window_that_reaches_before_year_1_is_refused_not_a_crash_later():
    with pytest.raises(ValueError, match="years 1 to 9999"):
        Window.from_relative("999999w", now=NOW)


def test_the_interval_is_half_open():
    window = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
    assert window.start in window
    assert window.start - 1 not in window
    assert window.end - 1 in window
    assert window.end not in window


def test_times_at_different_offsets_are_one_window():
    utc = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
    assert Window.from_times("2026-04-16T02:00:00+02:00", "2026-04-22T19:00:00-05:00") == utc


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-04-23T00:00:00Z", "2026-04-23T00:00:00Z", "ends after it starts"),
        ("2026-04-23T00:00:00Z", "2026-04-22T00:00:00Z", "ends after it starts"),
        ("2026-04-23T00:00:00", "2026-04-24T00:00:00Z", "with an offset"),
        ("2026-04-23", "2026-04-24T00:00:00Z", "RFC 3339"),
    ],
)
def test_empty_reversed_and_zoneless_windows_are_refused(start, end, message):
    with pytest.raises(ValueError, match=message):
        Window.from_times(start, end)


instants = st.integers(MIN_INSTANT, MAX_INSTANT)


@given(instants, instants, instants)
def test_windows_that_touch_share_no_instant(one, two, three):
    first, middle, last = sorted((one, two, three))
    if first < middle < last:
        windows = Window(start=first, end=middle), Window(start=middle, end=last)
        for instant in (one, two, three, middle - 1):
            assert sum(instant in window for window in windows) <= 1
        assert sum(middle in window for window in windows) == 1


@given(instants, instants)
def test_every_window_can_be_shown_and_read_back(one, two):
    if one != two:
        window = Window(start=min(one, two), end=max(one, two))
        assert Window.from_times(*str(window).split(" to ")) == window
