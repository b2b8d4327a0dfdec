"""core/gaps.py: a gap is what the traffic's own rhythm did not lead one to expect."""

from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.gaps import Gap, find_gaps

HOUR = 3_600
OFFICE = [0] * 8 + [60] * 10 + [0] * 6  # nights are empty every day


def test_empty_nights_are_no_gap():
    assert find_gaps(OFFICE * 5, HOUR) == ()


def test_an_empty_morning_is_a_gap():
    traffic = OFFICE * 5
    traffic[2 * 24 + 9 : 2 * 24 + 12] = [0, 0, 0]
    assert find_gaps(traffic, HOUR) == (Gap(first=57, last=59, usual=180),)


def test_an_export_that_starts_late_is_a_gap():
    traffic = OFFICE * 5
    traffic[:12] = [0] * 12
    assert find_gaps(traffic, HOUR) == (Gap(first=0, last=11, usual=240),)


def test_a_short_window_is_held_against_itself():
    assert find_gaps([30, 31, 0, 29, 35], 60) == (Gap(first=2, last=2, usual=30),)


def test_sparse_traffic_has_no_gap():
    assert find_gaps([1, 0, 2, 0, 0, 3, 1, 0] * 10, HOUR) == ()


@given(
    st.lists(st.integers(min_value=0, max_value=1 << 64), max_size=100),
    st.sampled_from([1, 7, 60, 3_600, 7_200, 86_400, 10**9]),
)
def test_a_gap_is_empty_and_as_long_as_it_can_be(totals, bucket):
    for gap in find_gaps(totals, bucket):
        assert not any(totals[gap.first : gap.last + 1])
        assert all(totals[at] for at in (gap.first - 1, gap.last + 1) if 0 <= at < len(totals))
