"""Facts: what one pass over an export finds. Signed by one side, recomputed by the other."""

from collections.abc import Mapping
from dataclasses import dataclass

VERDICTS = ("allow", "redact", "escalate", "block", "other")  # canonical order, in pages and tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One event that breaks the schema: where and which rule, never the value."""

    position: int  # 0-based number of the event in the export
    pointer: str  # RFC 6901 JSON pointer inside the event
    rule: str  # the schema's keyword, such as "required" or "type"

    def __str__(self) -> str:
        return f"event {self.position} at {self.pointer or '/'}: breaks {self.rule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedEvent:
    """An event that carries a named request or escalation ID.

    Text is as exported, cut at MAX_VALUE_CHARS.
    """

    position: int
    id: str
    time: str | None
    verdict: str
    reason_code: str | None
    request_id: str | None
    escalation_id: str | None
    config_version: str | None
    model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Events per bucket: ``counts[verdict][i]`` of them from ``start + i * bucket_seconds`` on."""

    start: str
    bucket_seconds: int
    counts: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Counts over all events. Maps of counts are ordered by count, highest first, then by name."""

    events: int
    first: str | None  # earliest event time, RFC 3339 UTC
    last: str | None
    tree_root: str  # RFC 9162 Merkle tree hash over the records' exact bytes, hex
    verdicts: Mapping[str, int]  # canonical names only: VERDICTS
    unknown_verdicts: Mapping[str, int]  # the raw words counted as "other"
    config_versions: Mapping[str, int]
    config_spans: Mapping[str, tuple[str, str]]  # version: first and last time seen
    environments: Mapping[str, int]
    reason_codes: Mapping[str, int]
    models: Mapping[str, int]
    gateways: Mapping[str, int]
    uncounted: Mapping[str, int]  # map name: events whose value came after MAX_DISTINCT others
    untimed: int  # events whose time could not be read
    duplicate_ids: int  # events whose id an earlier event had
    outside_window: int
    request_ids: Mapping[str, int]  # every named ID, in the order named: events that carry it
    escalation_ids: Mapping[str, int]
    named_events: tuple[NamedEvent, ...]  # the first MAX_NAMED_EVENTS of them
    timeline: Timeline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Facts, and what else the pass learnt about the file."""

    facts: Facts
    size: int
    sha256: str
    shape: str  # "array", "wrapper", "lines" or "csv"
    header: tuple[str, ...] | None  # CSV only
    invalid_events: int
    problems: tuple[Problem, ...]  # the first MAX_PROBLEMS
