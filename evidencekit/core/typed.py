"""Accept events without making dictionaries of them: types derived from schema and sample.

A filter, which may say no to anything, for any reason; what it does not accept goes to the general
engine. What it accepts must be right, for two reasons:

- The types say no more than the schema does. Each keyword is either put into them in full or there
  are no types; where the schema leaves things open, the types ask for what the sample has. The
  schema's words for a value hold together, so types for all of them hold for each.
- The texts are written again from the values that were read, and must be the very same. So nothing
  was lost on the way: no key twice or left out, no number changed, no second spelling.

The last also proves the split: each text was read, and written, as one object.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Self

import msgspec

from evidencekit.core.events import MATTER, Columns, columns_of
from evidencekit.core.typedschema import Check, Making, UnsupportedError

_ABSENT = frozenset({type(None), msgspec.UnsetType})
_LESSONS = 6  # groups of events that are looked at, to learn all keys and their order
_SMALL = 1_000  # events
_MISSES = 12  # groups, one after the other


class Filter:
    """Types that are learnt while an export is read, and given up where they do not help."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._sample: list[Mapping[str, Any]] = []
        self._typed: Typed | None = None
        self._lessons = _LESSONS
        self._seen = self._missed = 0

    def columns(self, records: Sequence[bytes]) -> Columns | None:
        """Return what the events in ``records`` say, if all are sure to follow the schema."""
        if self._typed is None:
            return None
        said = self._typed.columns(records)
        self._missed = 0 if said else self._missed + 1
        if self._missed > _MISSES:
            self._typed, self._lessons = None, 0
        return said

    def learn(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Look at events, all of which follow the schema, that were not accepted."""
        self._seen += len(events)
        if self._lessons and self._seen > _SMALL:  # for a few, learning takes longer than it saves
            self._lessons -= 1
            self._sample += events
            self._typed = Typed.learn(self._schema, self._sample) or self._typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Types for events of one schema that look like a sample."""

    decode: Callable[[bytes], Any]
    encode: Callable[[object], bytes]
    checks: tuple[tuple[tuple[str, ...], Check], ...]
    matter: tuple[tuple[str, Callable[[Any], Any]], ...]
    environment: Callable[[Any], Any] | None  # of the metadata

    @classmethod
    def learn(cls, schema: Mapping[str, Any], sample: Sequence[Mapping[str, Any]]) -> Self | None:
        """Return types for events like those of ``sample``, or None if there are none."""
        making = Making(schema)
        try:
            event = making.type_of([schema], sample, ())
            decoder = msgspec.json.Decoder(event)
        except (UnsupportedError, TypeError, ValueError, RecursionError):
            return None
        if not (isinstance(event, type) and issubclass(event, msgspec.Struct)):
            return None
        names = _members(event)
        inside = making.objects.get((names.get("metadata", ""),))
        environment = _members(inside).get("environment") if inside else None
        return cls(
            decode=decoder.decode,
            encode=msgspec.json.Encoder().encode,
            checks=tuple(making.checks),
            matter=tuple((name, attrgetter(at)) for name, at in names.items() if name in MATTER),
            environment=attrgetter(environment) if environment else None,
        )

    def columns(self, records: Sequence[bytes]) -> Columns | None:
        """Return what the events in ``records`` say, if all are sure to follow the schema."""
        decode = self.decode
        try:
            events = [decode(record) for record in records]
            written = self.encode(events)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        if written != b"[%b]" % b",".join(records):
            return None
        for path, check in self.checks:
            if not check(_values(events, path)):
                return None
        told = {name: _said(list(map(get, events))) for name, get in self.matter}
        if "metadata" in told:
            told["metadata"] = [self._metadata(value) for value in told["metadata"]]
        return columns_of(told, len(events))

    def _metadata(self, value: object) -> object:
        """Return what matters of the metadata, as JSON has it."""
        if self.environment is None or not isinstance(value, msgspec.Struct):
            return None
        return {"environment": self.environment(value)}


def _said(values: list[Any]) -> list[Any]:
    if msgspec.UnsetType in set(map(type, values)):
        return [None if value is msgspec.UNSET else value for value in values]
    return values


def _values(events: Iterable[Any], path: Sequence[str]) -> list[Any]:
    """Return what is at ``path`` in all events: ``[]`` stands for each item of an array."""
    found = list(events)
    for step in path:
        if step == "[]":
            found = [item for items in found for item in items]
        else:
            found = list(map(attrgetter(step), found))
        if not _ABSENT.isdisjoint(map(type, found)):
            found = [value for value in found if type(value) not in _ABSENT]
    return found


def _members(event: type[msgspec.Struct]) -> dict[str, str]:
    """Return the attributes of a type by the members they stand for."""
    return dict(zip(event.__struct_encode_fields__, event.__struct_fields__, strict=True))
