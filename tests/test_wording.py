"""core/wording.py: one form for every number, and no foreign text that is not visible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import wording
from evidencekit.core.visible import hidden_to


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, "-"),
        (0, 5, "0.0 %"),
        (5, 5, "100.0 %"),
        (1, 3, "33.3 %"),
        (1, 2_000, "0.1 %"),
        (1, 100_000, "< 0.1 %"),
        (99_999, 100_000, "> 99.9 %"),
    ],
)
def test_shares(part, whole, expected):
    assert wording.share(part, whole) == expected


@given(st.integers(min_value=1, max_value=1 << 64), st.data())
def test_a_part_is_never_nothing_nor_all(whole, data):
    part = data.draw(st.integers(min_value=0, max_value=whole))
    shown = wording.share(part, whole)
    assert (shown == "0.0 %") == (part == 0)
    assert (shown == "100.0 %") == (part == whole)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (59, "59 s"), (5_400, "1 h 30 min"), (604_800, "7 d"), (90_061, "1 d 1 h")],
)
def test_durations(seconds, expected):
    assert wording.duration(seconds) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "1 byte"), (999, "999 bytes"), (9_001_234, "9,001,234 bytes (9.0 MB)")],
)
def test_sizes(number, expected):
    assert wording.size(number) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-16T00:00:00Z", "2026-04-16 00:00:00 UTC"),
        ("2026-04-16T00:00:00.120Z", "2026-04-16 00:00:00.120 UTC"),
        ("2026-04-16T02:00:00+02:00", "2026-04-16T02:00:00+02:00"),
        ("yesterday\x1b[2J", "yesterday\\x1b[2J"),
        (None, "not recorded"),
    ],
)
def test_moments(text, expected):
    assert wording.moment(text) == expected


@given(st.text())
def test_words_and_sentences_hold_nothing_hidden(text):
    for shown in (wording.word(text), wording.sentence(text)):
        assert hidden_to(lambda _char: "!", shown) == shown


def test_sentences_do_not_double_what_is_visible_already():
    assert wording.sentence("declared a\\x1bb") == "declared a\\x1bb"


def test_listings_count_what_they_leave_out():
    assert wording.listing(map(str, range(25)), limit=2) == "0, 1 and 23 more"
