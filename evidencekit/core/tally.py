"""Count what the events of one block say.

A tally is a small frozen value: workers make one for each block, and ``Total`` adds them up in
export order.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from evidencekit.core.events import Columns, canonical_verdict
from evidencekit.core.facts import NamedEvent
from evidencekit.core.moments import Moments
from evidencekit.core.window import Window
from evidencekit.limits import MAX_NAMED_EVENTS, MAX_VALUE_CHARS

COUNTED = {  # fact: column
    "config_versions": "config_version",
    "environments": "environment",
    "reason_codes": "reason_code",
    "models": "model",
    "gateways": "gateway",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the events of one block say. Maps are ordered by when a key was first seen."""

    events: int
    verdicts: Mapping[str, int]
    unknown_verdicts: Mapping[str, int]
    counted: Mapping[str, Mapping[str, int]]  # by fact: each name of COUNTED
    first: int | None
    last: int | None
    spans: Mapping[str, tuple[int, int]]  # config version: first and last instant
    minutes: Mapping[tuple[int, str], int]  # (minute since the epoch, verdict): events
    untimed: int
    outside_window: int
    ids: Sequence[str]  # of the events that have one
    request_ids: Mapping[str, int]
    escalation_ids: Mapping[str, int]
    named_events: tuple[NamedEvent, ...]  # positions count from the start of the block


def tally(
    said: Columns,
    *,
    window: Window | None,
    request_ids: Collection[str],
    escalation_ids: Collection[str],
) -> Tally:
    """Count what the events of one block ``said``. The collections of named IDs are sets."""
    moments = Moments.read(said.time)
    verdicts, unknown = _verdicts(said.verdict)
    spans = _spans(moments, moments.select(said.config_version))
    first = min((first for first, _ in spans.values()), default=None)
    last = max((last for _, last in spans.values()), default=None)
    return Tally(
        events=len(said.verdict),
        verdicts=verdicts,
        unknown_verdicts=unknown,
        counted={fact: _counts(getattr(said, column)) for fact, column in COUNTED.items()},
        first=first,
        last=last,
        spans={version: span for version, span in spans.items() if version is not None},
        minutes=_minutes(moments, moments.select(said.verdict)),
        untimed=len(said.time) - len(moments.keys),
        outside_window=_outside(moments, window, first, last),
        ids=[identifier for identifier in said.id if identifier is not None],
        request_ids=_found(said.request_id, request_ids),
        escalation_ids=_found(said.escalation_id, escalation_ids),
        named_events=tuple(_named(said, request_ids, escalation_ids)),
    )


def cut(text: str) -> str:
    """Return ``text``, cut at MAX_VALUE_CHARS with a mark."""
    return text if len(text) <= MAX_VALUE_CHARS else f"{text[:MAX_VALUE_CHARS]}…"


def _verdict(word: str | None) -> str:
    return "other" if word is None else canonical_verdict(word)


def _verdicts(words: Sequence[str | None]) -> tuple[dict[str, int], dict[str, int]]:
    """Count the verdicts, and the words that stand for none."""
    verdicts: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for word, times in Counter(words).items():
        verdict = _verdict(word)
        verdicts[verdict] += times
        if verdict == "other" and word is not None:
            unknown[cut(word)] += times
    return dict(verdicts), dict(unknown)


def _counts(values: Sequence[str | None]) -> dict[str, int]:
    counts: dict[str, int] = {}
    if not any(values):  # most exporters leave most of the names out
        return counts
    for value, times in Counter(values).items():
        if value is not None:
            name = cut(value)
            counts[name] = counts.get(name, 0) + times
    return counts


def _spans(moments: Moments, versions: Sequence[str | None]) -> dict[str | None, tuple[int, int]]:
    """Return the first and last instant of each config version, and of the events without one."""
    groups: dict[str | None, Any] = {}
    if len(set(versions)) == 1:  # nearly every block
        groups[versions[0]] = moments.keys
    else:
        for version, key in zip(versions, moments.keys, strict=True):
            groups.setdefault(version, []).append(key)
    spans: dict[str | None, tuple[int, int]] = {}
    for version, keys in groups.items():
        name = None if version is None else cut(version)
        ends = moments.instant(min(keys)), moments.instant(max(keys))
        spans[name] = wider(spans.get(name), ends)
    return spans


def wider(one: tuple[int, int] | None, other: tuple[int, int]) -> tuple[int, int]:
    """Return the span of both."""
    return other if one is None else (min(one[0], other[0]), max(one[1], other[1]))


def _minutes(moments: Moments, words: Sequence[str | None]) -> dict[tuple[int, str], int]:
    counts: dict[tuple[int, str], int] = {}
    for (minute, word), times in Counter(zip(moments.minutes, words, strict=True)).items():
        key = moments.minute(minute), _verdict(word)
        counts[key] = counts.get(key, 0) + times
    return counts


def _outside(moments: Moments, window: Window | None, first: int | None, last: int | None) -> int:
    if window is None or first is None or last is None:
        return 0
    if first in window and last in window:  # nearly every block; a window has no holes
        return 0
    return sum(moments.instant(key) not in window for key in moments.keys)


def _found(values: Sequence[str | None], named: Collection[str]) -> dict[str, int]:
    if not named or not set(values) & set(named):
        return {}
    counts = Counter(values)
    return {name: counts[name] for name in counts if name is not None and name in named}


def _named(
    said: Columns, request_ids: Collection[str], escalation_ids: Collection[str]
) -> Iterator[NamedEvent]:
    """Yield the first MAX_NAMED_EVENTS events that carry a named ID."""
    found = (
        at
        for at, (request, escalation) in enumerate(
            zip(said.request_id, said.escalation_id, strict=True)
        )
        if request in request_ids or escalation in escalation_ids
    )
    if request_ids or escalation_ids:
        for at in islice(found, MAX_NAMED_EVENTS):
            yield _event(said, at)


def _event(said: Columns, at: int) -> NamedEvent:
    def text(column: Sequence[str | None]) -> str | None:
        value = column[at]
        return value if value is None else cut(value)

    return NamedEvent(
        position=at,
        id=text(said.id) or "",
        time=text(said.time),
        verdict=_verdict(said.verdict[at]),
        reason_code=text(said.reason_code),
        request_id=text(said.request_id),
        escalation_id=text(said.escalation_id),
        config_version=text(said.config_version),
        model=text(said.model),
    )
