"""Events over time as the summary shows them: the chart, its table and the gaps.

Everything here is total: facts that no survey would give show no chart, and break nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

from evidencekit.core.chart import Chart, Mark, Series
from evidencekit.core.facts import VERDICTS
from evidencekit.core.gaps import Gap, find_gaps
from evidencekit.core.instant import NANOSECONDS, format_instant, parse_instant
from evidencekit.core.wording import count, duration, moment, things, word
from evidencekit.limits import MAX_TIMELINE_BUCKETS

_DAY = 86_400
_STEPS = (60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, _DAY, 2 * _DAY, 5 * _DAY, 10 * _DAY)
_MAX_TICKS = 8
_LABEL = 24  # characters of a mark's label
_LAST = 253_402_300_799  # 9999-12-31T23:59:59Z


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Buckets of equal length that hold every timed event; times in seconds since the epoch."""

    start: int
    bucket: int
    rows: Mapping[str, tuple[int, ...]]  # the verdicts that occur, in canonical order

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self | None:
        """Return the timeline of a manifest's facts, or None where there is none to draw."""
        data = facts["timeline"]
        if data is None:
            return None
        start, bucket = seconds(data["start"]), data["bucket_seconds"]
        rows = {name: tuple(data["counts"].get(name, ())) for name in VERDICTS}
        rows = {name: row for name, row in rows.items() if any(row)}
        lengths = {len(row) for row in rows.values()}
        if start is None or len(lengths) != 1 or max(lengths) > MAX_TIMELINE_BUCKETS:
            return None
        if not 0 <= start + bucket * max(lengths) <= _LAST:
            return None
        return cls(start=start, bucket=bucket, rows=rows)

    @property
    def totals(self) -> tuple[int, ...]:
        """All events, bucket by bucket."""
        return tuple(map(sum, zip(*self.rows.values(), strict=True)))

    @property
    def end(self) -> int:
        """The end of the last bucket."""
        return self.start + self.bucket * len(self.totals)

    def time(self, bucket: int) -> str:
        """Return where a bucket starts."""
        return moment(_rfc3339(self.start + bucket * self.bucket))

    def place(self, text: str | None) -> float | None:
        """Return where a time lies on the axis, 0 to 1; None for what is not on it."""
        at = None if text is None else seconds(text)
        if at is None or not self.start <= at <= self.end:
            return None
        return (at - self.start) / (self.end - self.start)


def seconds(text: str) -> int | None:
    """Return an RFC 3339 time in whole seconds since the epoch, or None."""
    try:
        return parse_instant(text) // NANOSECONDS
    except (ValueError, OverflowError):
        return None


def chart(timeline: Timeline, facts: Mapping[str, Any]) -> Chart:
    """Return the chart of a timeline with its rollouts and named events marked."""
    totals = timeline.totals
    busiest = max(range(len(totals)), key=totals.__getitem__)
    description = (
        f"{things(sum(totals), 'event')} in {things(len(totals), 'column')} of "
        f"{duration(timeline.bucket)}, stacked by verdict: {', '.join(timeline.rows)}. "
        f"Busiest: {count(totals[busiest])} from {timeline.time(busiest)}. "
        "The table of figures holds every number."
    )
    return Chart(
        title=f"Events per {duration(timeline.bucket)} by verdict, UTC",
        description=description,
        series=tuple(Series(verdict=name, counts=row) for name, row in timeline.rows.items()),
        ticks=tuple(_ticks(timeline)),
        gaps=tuple((g.first / len(totals), (g.last + 1) / len(totals)) for g in _gaps(timeline)),
        marks=(*_rollouts(timeline, facts), *_named(timeline, facts)),
        start=timeline.time(0),
        end=timeline.time(len(totals)),
    )


def gaps(timeline: Timeline) -> tuple[str, ...]:
    """Return a sentence for each stretch without events that stands out."""
    return tuple(
        f"No event for {duration((gap.last + 1 - gap.first) * timeline.bucket)}, from "
        f"{timeline.time(gap.first)} to {timeline.time(gap.last + 1)}; "
        f"even at quiet times about {count(gap.usual)} were usual."
        for gap in _gaps(timeline)
    )


def _gaps(timeline: Timeline) -> tuple[Gap, ...]:
    return find_gaps(timeline.totals, timeline.bucket)


def _rfc3339(at: int) -> str:
    return format_instant(at * NANOSECONDS)


def _ticks(timeline: Timeline) -> list[tuple[float, str]]:
    """Return round times, few enough to be read, labelled as briefly as the step allows."""
    span = timeline.end - timeline.start
    days = -(-span // _MAX_TICKS // _DAY)
    step = next((step for step in _STEPS if span <= step * _MAX_TICKS), days * _DAY)
    first = -(-timeline.start // step) * step
    times = range(first, timeline.end + 1, step)
    return [((at - timeline.start) / span, _label(at, step)) for at in times]


def _label(at: int, step: int) -> str:
    text = _rfc3339(at)
    if step < _DAY and at % _DAY:
        return text[11:16]
    return text[5:10] if step < 30 * _DAY else text[:10]


def _rollouts(timeline: Timeline, facts: Mapping[str, Any]) -> list[Mark]:
    """Return where each config version but the first was first seen."""
    spans = sorted(facts["config_spans"].items(), key=lambda item: item[1][0])[:_MAX_TICKS]
    places = [(timeline.place(span[0]), version) for version, span in spans[1:]]
    return [
        Mark(at=at, label=f"config {_short(word(version))}", kind="rollout")
        for at, version in places
        if at is not None
    ]


def _short(shown: str) -> str:
    """Return what fits above the narrow chart: escapes make a text longer than it was."""
    return shown if len(shown) <= _LABEL else f"{shown[: _LABEL - 1]}…"


def _named(timeline: Timeline, facts: Mapping[str, Any]) -> list[Mark]:
    """Return where the named events lie, by row number; those of one bucket share a mark."""
    places = [timeline.place(event["time"]) for event in facts["named_events"]]
    placed = sorted((at, row) for row, at in enumerate(places, 1) if at is not None)
    buckets = len(timeline.totals)
    marks = []
    for _, near in groupby(placed, key=lambda item: int(item[0] * buckets)):
        members = list(near)
        marks.append(Mark(at=members[0][0], label=_rows([row for _, row in members]), kind="named"))
    return marks


def _rows(numbers: Sequence[int]) -> str:
    shown = sorted(numbers)
    if len(shown) > 2 and shown[-1] - shown[0] == len(shown) - 1:
        return f"{shown[0]}-{shown[-1]}"
    return ", ".join(map(str, shown[:3])) + ("…" if len(shown) > 3 else "")
