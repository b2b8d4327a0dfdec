"""Add up tallies in export order, in memory that does not grow but for 8 bytes an event."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace

from evidencekit.core.facts import VERDICTS, Facts, NamedEvent, Timeline
from evidencekit.core.instant import MIN_INSTANT, NANOSECONDS, format_instant
from evidencekit.core.tally import COUNTED, Tally, hashes, wider
from evidencekit.limits import MAX_DISTINCT, MAX_NAMED_EVENTS, MAX_TIMELINE_BUCKETS

# Each is a multiple of the one before, so counts by a finer width add up to those by a coarser one.
_WIDTHS = (60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200, 31_449_600)


_PARTS = 64
_LIMITS = [(part + 1 << 58) - (1 << 63) for part in range(_PARTS)]  # hashes are signed, of 64 bits


class Total:
    """What all events so far say: it depends on their order, not on how blocks were cut."""

    def __init__(self, *, request_ids: Iterable[str], escalation_ids: Iterable[str]) -> None:
        self.events = 0
        self._verdicts = dict.fromkeys(VERDICTS, 0)
        self._counts = {fact: _Counts() for fact in ("unknown_verdicts", *COUNTED)}
        self._span: tuple[int, int] | None = None
        self._spans: dict[str, tuple[int, int]] = {}
        self._buckets = _Buckets()
        self._untimed = self._outside = 0
        self._ids = _Identifiers()
        self._request_ids = dict.fromkeys(request_ids, 0)
        self._escalation_ids = dict.fromkeys(escalation_ids, 0)
        self._named: list[NamedEvent] = []

    def add(self, tally: Tally) -> None:
        """Add the tally of the next block."""
        for verdict, times in tally.verdicts.items():
            self._verdicts[verdict] += times
        self._counts["unknown_verdicts"].add(tally.unknown_verdicts)
        for fact, counts in tally.counted.items():
            self._counts[fact].add(counts)
        self._add_times(tally)
        self._ids.add(tally.ids)
        for name, times in tally.request_ids.items():
            self._request_ids[name] += times
        for name, times in tally.escalation_ids.items():
            self._escalation_ids[name] += times
        for event in tally.named_events[: MAX_NAMED_EVENTS - len(self._named)]:
            self._named.append(replace(event, position=self.events + event.position))
        self.events += tally.events

    def _add_times(self, tally: Tally) -> None:
        if tally.first is not None and tally.last is not None:
            self._span = wider(self._span, (tally.first, tally.last))
        for version, span in tally.spans.items():
            if version in self._counts["config_versions"].counts:
                self._spans[version] = wider(self._spans.get(version), span)
        self._buckets.add(tally.minutes)
        self._untimed += tally.untimed
        self._outside += tally.outside_window

    def facts(self, tree_root: str) -> Facts:
        """Return the facts about everything added."""
        counts = {fact: kept.ordered() for fact, kept in self._counts.items()}
        over = {fact: kept.uncounted for fact, kept in self._counts.items() if kept.uncounted}
        versions = [name for name in counts["config_versions"] if name in self._spans]
        first, last = self._span or (None, None)
        return Facts(
            events=self.events,
            first=None if first is None else format_instant(first),
            last=None if last is None else format_instant(last),
            tree_root=tree_root,
            verdicts=_ordered({name: n for name, n in self._verdicts.items() if n}),
            config_spans={name: _texts(self._spans[name]) for name in versions},
            uncounted=over,
            untimed=self._untimed,
            duplicate_ids=self._ids.duplicates(),
            outside_window=self._outside,
            request_ids=dict(self._request_ids),
            escalation_ids=dict(self._escalation_ids),
            named_events=tuple(self._named),
            timeline=self._buckets.timeline(),
            **counts,
        )


class _Identifiers:
    """How many IDs came again: exact but for chance, from 8 bytes each.

    Equal IDs have equal hashes. That two different ones do has a chance of n² / 2⁶⁵: 3 in a million
    for ten million events; it would make one duplicate too many, and never hides one. Python's own
    hash has a new random key in every process but a forked one, so nobody can prepare IDs that
    collide; all hashes of one survey are made with the key of the process that adds up.
    """

    def __init__(self) -> None:
        self._parts = [array("q") for _ in range(_PARTS)]  # by their first bits

    def add(self, ids: Iterable[str] | bytes) -> None:
        if isinstance(ids, bytes):
            found = array("q")
            found.frombytes(ids)
        else:
            found = hashes(ids)
        start = 0
        for part, limit in zip(self._parts, _LIMITS, strict=True):
            end = bisect_left(found, limit, start)
            part.extend(found[start:end])
            start = end

    def duplicates(self) -> int:
        # Part by part, so that no set ever holds more than a 64th of all hashes.
        return sum(len(part) - len(set(part)) for part in self._parts)


class _Counts:
    """Events by value, for the first MAX_DISTINCT values."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.uncounted = 0

    def add(self, counts: Mapping[str, int]) -> None:
        for value, times in counts.items():
            if value in self.counts:
                self.counts[value] += times
            elif len(self.counts) < MAX_DISTINCT:
                self.counts[value] = times
            else:
                self.uncounted += times

    def ordered(self) -> dict[str, int]:
        return _ordered(self.counts)


class _Buckets:
    """Events by time and verdict, in the narrowest buckets of which there are not too many.

    As the span of time only grows, the width only grows, and ends where it would have started, had
    the span been known: how the export was cut into blocks makes no difference.
    """

    def __init__(self) -> None:
        self._width = _WIDTHS[0]
        self._counts: dict[tuple[int, str], int] = {}

    def add(self, minutes: Mapping[tuple[int, str], int]) -> None:
        self._put(minutes, _WIDTHS[0])
        while self._length() > MAX_TIMELINE_BUCKETS:
            counts, width, self._counts = self._counts, self._width, {}
            self._width = next((wide for wide in _WIDTHS if wide > width), 2 * width)
            self._put(counts, width)

    def _put(self, counts: Mapping[tuple[int, str], int], width: int) -> None:
        for (bucket, verdict), times in counts.items():
            key = bucket * width // self._width, verdict
            self._counts[key] = self._counts.get(key, 0) + times

    def _length(self) -> int:
        buckets = [bucket for bucket, _ in self._counts]
        return max(buckets) - min(buckets) + 1 if buckets else 0

    def timeline(self) -> Timeline | None:
        """Return the buckets; None without events, or where the first starts before the year 1."""
        start = min((bucket for bucket, _ in self._counts), default=0)
        instant = start * self._width * NANOSECONDS
        if not self._counts or instant < MIN_INSTANT:
            return None
        seen = {verdict for _, verdict in self._counts}
        steps = range(start, start + self._length())
        return Timeline(
            start=format_instant(instant),
            bucket_seconds=self._width,
            counts={
                verdict: tuple(self._counts.get((step, verdict), 0) for step in steps)
                for verdict in VERDICTS
                if verdict in seen
            },
        )


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """Order by count, highest first, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _texts(span: tuple[int, int]) -> tuple[str, str]:
    return format_instant(span[0]), format_instant(span[1])
