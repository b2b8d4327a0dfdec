"""How large a schema is when every reference is written out.

A few lines of a schema can stand for 2^20 alternatives, and a long chain of references overflows
the engine's stack, which no exception handler sees. Both are refused before the engine meets them.
A reference back to where it came from adds nothing: it goes as deep as the event, which is limited.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_SCHEMA_LEVELS, MAX_SCHEMA_PARTS

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMES = ("$anchor", "$dynamicAnchor")


def refuse_unbounded(schema: Mapping[str, Any]) -> None:
    """Raise ``UndecidedError`` for a schema that is too large or too deep when written out."""
    _Unfolding(schema).measure(schema, 0)


class _Unfolding:
    """One walk over a schema; every part is measured once, however often it is referred to."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._named = dict(_named(root))
        self._measured: dict[int, tuple[int, int]] = {}

    def measure(self, part: object, level: int) -> tuple[int, int]:
        """Return how many parts, and how many levels of them, ``part`` has."""
        if not isinstance(part, dict | list):
            return 1, 1
        known = self._measured.get(id(part))
        if known is not None:
            return known
        _limit(level, MAX_SCHEMA_LEVELS, "levels")
        self._measured[id(part)] = 0, 0  # for whoever refers back to here
        size, levels = 1, 0
        for inner in [*self._targets(part), *_parts(part)]:
            inner_size, inner_levels = self.measure(inner, level + 1)
            size, levels = size + inner_size, max(levels, inner_levels)
        _limit(size, MAX_SCHEMA_PARTS, "parts")
        _limit(levels + 1, MAX_SCHEMA_LEVELS, "levels")
        self._measured[id(part)] = size, levels + 1
        return size, levels + 1

    def _targets(self, part: object) -> Iterator[object]:
        for keyword in _REFERENCES:
            reference = part.get(keyword) if isinstance(part, dict) else None
            if isinstance(reference, str):
                yield self._named.get(reference) or _at(self._root, reference)


def _limit(found: int, limit: int, what: str) -> None:
    if found > limit:
        message = f"event schema: more than {limit:,} {what} with every reference written out"
        raise UndecidedError("schema.too-complex", message)


def _parts(part: object) -> list[object]:
    return list(part.values() if isinstance(part, dict) else part if isinstance(part, list) else ())


def _named(part: object) -> Iterator[tuple[str, object]]:
    """Yield the parts that a reference can call by name."""
    if isinstance(part, dict):
        for keyword in _NAMES:
            if isinstance(part.get(keyword), str):
                yield f"#{part[keyword]}", part
        if isinstance(part.get("$id"), str):
            yield part["$id"], part
    for inner in _parts(part):
        yield from _named(inner)


def _at(root: object, reference: str) -> object:
    """Return the part that a local reference's RFC 6901 pointer leads to; None if nowhere."""
    part = root
    for step in reference.split("/")[1:] if reference.startswith("#") else ("?",):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(part, dict):
            part = part.get(name)
        elif isinstance(part, list) and name.isdecimal() and int(name) < len(part):
            part = part[int(name)]
        else:
            return None
    return part
