"""Gaps in traffic that stand out from its own rhythm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

_DAY = 86_400
_MIN_USUAL = 20  # that many expected and none come: no chance, even of traffic that comes in bursts


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Buckets ``[first, last]`` without an event, where ``usual`` events were usual."""

    first: int
    last: int
    usual: int


def find_gaps(totals: Sequence[int], bucket_seconds: int) -> tuple[Gap, ...]:
    """Return every run of empty buckets in which twenty events or more were usual.

    Usual is the lower quartile of the other days at the same time of day, where the buckets divide
    a day and there are three days or more; the lower quartile of all other buckets otherwise.
    """
    found = []
    for first, last in _empty_runs(totals):
        usual = sum(_usual(totals, bucket_seconds, at) for at in range(first, last + 1))
        if usual >= _MIN_USUAL:
            found.append(Gap(first=first, last=last, usual=usual))
    return tuple(found)


def _empty_runs(totals: Sequence[int]) -> Iterator[tuple[int, int]]:
    for empty, run in groupby(range(len(totals)), key=lambda at: totals[at] == 0):
        positions = list(run)
        if empty:
            yield positions[0], positions[-1]


def _usual(totals: Sequence[int], bucket_seconds: int, at: int) -> int:
    a_day = _DAY // bucket_seconds if _DAY % bucket_seconds == 0 else 0
    step = a_day if a_day and len(totals) >= 3 * a_day else 1
    others = sorted(totals[there] for there in range(at % step, len(totals), step) if there != at)
    return others[len(others) // 4] if others else 0
