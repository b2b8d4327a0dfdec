"""What an event says, whatever names its exporter uses.

The names are those of the event shapes in schemas/event.v1.schema.json. The first name that holds
something counts: a name with ``null`` or ``""`` holds nothing, so that JSON and CSV of the same
events give the same facts. Identifiers are opaque and kept as written; an integer is read as its
digits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import cast

Event = Mapping[str, object]

# Canonical name: the names seen, the first that holds something counts.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "event_id"),
    "time": ("timestamp", "created_at"),
    "verdict": ("verdict", "decision", "action", "outcome", "policy_outcome"),
    "reason_code": ("reason_code", "reason"),
    "request_id": ("request_id",),
    "escalation_id": ("escalation_id",),
    "config_version": ("config_version",),
    "environment": ("environment",),  # and metadata.environment
    "gateway": ("gateway_id", "gateway"),
    "model": ("model",),
}

# Every word that the gateway's documentation uses for one of its four verdicts. What is not here is
# "other": "flagged" among them, as a flag says that somebody should look, not what was done.
_VERDICTS = {
    "allow": ("allow", "allowed", "pass", "passed"),
    "redact": ("redact", "redacted", "modified", "rewrite", "rewritten"),  # passed on, but changed
    "escalate": ("escalate", "escalated"),
    "block": ("block", "blocked", "deny", "denied"),
}
_CANONICAL = {word: verdict for verdict, words in _VERDICTS.items() for word in words}
MATTER = frozenset({"metadata"}.union(*ALIASES.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What many events say, one sequence a name; ``None`` where an event does not say it."""

    id: Sequence[str | None]
    time: Sequence[str | None]
    verdict: Sequence[str | None]  # as exported
    reason_code: Sequence[str | None]
    request_id: Sequence[str | None]
    escalation_id: Sequence[str | None]
    config_version: Sequence[str | None]
    environment: Sequence[str | None]
    gateway: Sequence[str | None]
    model: Sequence[str | None]


def joined(parts: Sequence[Columns]) -> Columns:
    """Return what the events of all ``parts`` say."""
    return Columns(
        **{
            name: [*chain.from_iterable([getattr(part, name) for part in parts])]
            for name in ALIASES
        }
    )


def canonical_verdict(word: str) -> str:
    """Return which of ``facts.VERDICTS`` a gateway's word stands for; "other" for one unknown."""
    return _CANONICAL.get(word) or _CANONICAL.get(word.strip().lower(), "other")


def columns(events: Sequence[Event]) -> Columns:
    """Return what ``events``, each a parsed JSON object, say: by column, which is fast."""
    return columns_of(_told(events), len(events))


def columns_of(told: Mapping[str, Sequence[object]], events: int) -> Columns:
    """Return the same, given the members of ``MATTER`` that any of so many events has, by name."""
    found = {name: _column(told, aliases, events) for name, aliases in ALIASES.items()}
    if "metadata" in told and not all(found["environment"]):
        inner = [_environment(metadata) for metadata in told["metadata"]]
        if inner.count(None) < len(inner):
            found["environment"] = _filled(found["environment"], inner)
    return Columns(**found)


def _told(events: Sequence[Event]) -> dict[str, Sequence[object]]:
    """Return the members that matter, by name; most exporters use few of the names there are."""
    names, get_all = _getter(MATTER.intersection(set().union(*events)))
    if get_all is not None:
        try:
            return dict(zip(names, zip(*map(get_all, events), strict=True), strict=True))
        except KeyError:
            pass  # some events lack a member that others have
    return {name: [event.get(name) for event in events] for name in names}


@lru_cache(maxsize=256)
def _getter(
    names: frozenset[str],
) -> tuple[tuple[str, ...], Callable[[Event], tuple[object, ...]] | None]:
    """Return the names in order, and what gets them all from one event; None where one is few."""
    ordered = tuple(sorted(names))
    return ordered, itemgetter(*ordered) if len(ordered) > 1 else None


def _column(
    told: Mapping[str, Sequence[object]], aliases: tuple[str, ...], events: int
) -> Sequence[str | None]:
    values: Sequence[str | None] | None = None
    for alias in aliases:
        if alias in told:
            others = _texts(told[alias])
            values = others if values is None else _filled(values, others)
            if all(values):
                break
    return [None] * events if values is None else values


def _texts(values: Sequence[object]) -> Sequence[str | None]:
    if set(map(type, values)) == {str} and all(values):  # nearly every column
        return cast(Sequence[str | None], values)
    return [_text(value) for value in values]


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int else None  # a bool is an int, but no identifier


def _filled(values: Sequence[str | None], others: Sequence[str | None]) -> Sequence[str | None]:
    return [other if value is None else value for value, other in zip(values, others, strict=True)]


def _environment(metadata: object) -> str | None:
    return _text(metadata.get("environment")) if isinstance(metadata, dict) else None
