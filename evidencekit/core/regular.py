r"""Regular expressions for records that follow a JSON Schema and look like a sample.

Every text that such an expression matches *is* a strict record, and follows the schema:

- It is made of the grammar of RFC 8259 alone: an object has the keys of the sample, in their order,
  each at most once; a number has so few digits that nothing of it is lost; a string has no control
  characters, and no escapes but those that stand for a character.
- Each keyword is put into it in full, or there is no expression; where the schema leaves things
  open, it asks for what the sample has. The schema's words for a value hold together, so what
  follows all of them follows each.

It need not match all that the schema allows. Nothing in it goes back more than a step, as every
choice is made by the next character, so that no text takes long.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from evidencekit.core import digits
from evidencekit.core.rules import (
    KINDS,
    MOST_KEYS,
    UnsupportedError,
    flat_rules,
    key_order,
    kinds_of,
    least,
    member_rules,
    most,
)
from evidencekit.core.texts import (
    ANY,
    ASCII,
    LONG,
    constraints,
    either,
    escaped,
    is_bare,
    is_plain,
    together,
)

_DEEPEST = 12
_LARGEST = 16_384  # bytes of an expression: an array puts its items into it twice
_MOST_ITEMS = 1_000  # that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How the parts of JSON are written: what stands around and between them."""

    quote: bytes = b'"'
    colon: bytes = b":"
    comma: bytes = b","
    around: bytes = b""  # behind an opening bracket, and before a closing one


_COMPACT = (Notation(), Notation(colon=b": ", comma=b", "))
JSON_NOTATIONS = (
    *_COMPACT,
    Notation(
        colon=rb"[ \t\r\n]*+:[ \t\r\n]*+",
        comma=rb"[ \t\r\n]*+,[ \t\r\n]*+",
        around=rb"[ \t\r\n]*+",
    ),
)
LINE_NOTATIONS = (  # a line feed ends a record
    *_COMPACT,
    Notation(colon=rb"[ \t\r]*+:[ \t\r]*+", comma=rb"[ \t\r]*+,[ \t\r]*+", around=rb"[ \t\r]*+"),
)
CSV_NOTATIONS = (Notation(quote=b'""'), Notation(quote=b'""', colon=b": ", comma=b", "))


@dataclass(slots=True)
class Making:
    """An expression in the making, and what its groups hold, in their order."""

    root: Mapping[str, Any]
    notation: Notation
    wanted: frozenset[tuple[str, ...]]  # the members whose text is to be known
    groups: list[tuple[tuple[str, ...], str]] = field(default_factory=list)  # where, and its kind
    longest: int | None = None  # no record may be longer than this
    keys: int = 0  # of all objects

    def value(self, rules: Iterable[Any], sample: Sequence[Any], path: tuple[str, ...]) -> bytes:
        """Return what matches values that follow all of ``rules``."""
        if len(path) > _DEEPEST:
            raise UnsupportedError
        flat = flat_rules(self.root, rules, sample)
        kinds = kinds_of(flat, sample)
        if any("enum" in rule or "const" in rule for rule in flat):
            kinds &= {"string"}
        if path in self.wanted and len(kinds & {"string", "integer"}) + 2 * ("number" in kinds) > 1:
            raise UnsupportedError  # one group, and only of what is read as a text
        if "number" in kinds:
            kinds -= {"integer"}
        if not kinds:
            raise UnsupportedError
        found = either([self._of_kind(kind, flat, sample, path) for kind in sorted(kinds)])
        if len(found) > _LARGEST:
            raise UnsupportedError
        return found

    def _of_kind(
        self,
        kind: str,
        rules: list[Mapping[str, Any]],
        sample: Sequence[Any],
        path: tuple[str, ...],
    ) -> bytes:
        ours = [value for value in sample if KINDS[type(value)] == kind]
        match kind:
            case "string":
                return self._string(rules, ours, path)
            case "object":
                return self._object(rules, ours, path)
            case "array":
                return self._array(rules, ours, path)
            case "integer" | "number":
                found = digits.number(rules, ours, real=kind == "number")
                return self.group(found, path) if path in self.wanted else found
        return {"boolean": b"(?:true|false)", "null": b"null"}[kind]

    def _string(
        self, rules: list[Mapping[str, Any]], sample: Sequence[str], path: tuple[str, ...]
    ) -> bytes:
        quote = self.notation.quote
        texts = constraints(rules, ANY, ASCII)
        if texts:
            text = together(texts, quote)
        elif path in self.wanted or all(map(is_plain, sample)):
            text = ANY + b"*+"
        else:
            text = escaped(quote)
        if not texts and least(rules, "minLength"):
            text = b"(?!%b)%b" % (quote, text)
        self.limit(rules)
        return quote + (self.group(text, path) if path in self.wanted else text) + quote

    def limit(self, rules: Iterable[Mapping[str, Any]]) -> None:
        """Let no record be longer than a string in it may be, where that has no other limit."""
        longest = most(rules, "maxLength")
        if longest is not None and longest >= LONG:
            self.longest = min(longest, self.longest or longest)

    def _array(
        self, rules: list[Mapping[str, Any]], sample: list[list[Any]], path: tuple[str, ...]
    ) -> bytes:
        low, high = least(rules, "minItems"), most(rules, "maxItems")
        items = [rule["items"] for rule in rules if "items" in rule]
        flat = list(islice(chain.from_iterable(sample), _MOST_ITEMS))
        around, comma = self.notation.around, self.notation.comma
        if not flat or high == 0:
            if low:
                raise UnsupportedError
            return rb"\[%b\]" % around
        groups = len(self.groups)
        item = self.value(items, flat, (*path, "[]"))
        if len(self.groups) > groups:
            raise UnsupportedError  # a group that repeats holds its last text only
        last = b"" if high is None else b"%d" % (high - 1)
        more = b"(?:%b%b){%d,%b}+" % (comma, item, max(low - 1, 0), last)
        inside = item + more if low else b"(?:%b%b)?+" % (item, more)
        found = rb"\[%b%b%b\]" % (around, inside, around)
        return self._unique(found, items, flat, path) if _are_unique(rules) else found

    def _unique(
        self, found: bytes, items: list[Any], sample: list[Any], path: tuple[str, ...]
    ) -> bytes:
        """Let a group hold arrays of strings without escapes, to be looked at.

        Where the sample is plain, ``_string`` matches no escape.
        """
        flat = flat_rules(self.root, items, sample)
        plain = all(isinstance(item, str) and is_plain(item) for item in sample)
        if not plain or kinds_of(flat, sample) != {"string"}:
            raise UnsupportedError
        return self.group(found, (*path, "[]"))

    def _object(
        self,
        rules: list[Mapping[str, Any]],
        sample: list[Mapping[str, Any]],
        path: tuple[str, ...],
    ) -> bytes:
        needed = {name for rule in rules for name in rule.get("required", ())}
        names = key_order(sample)
        self.keys += len(names)
        if not needed <= set(names) or self.keys > MOST_KEYS:
            raise UnsupportedError  # without a sample there is no order of keys
        quote, colon = self.notation.quote, self.notation.colon
        found, optional = [], []
        for name in names:
            key = name.encode()
            if not is_bare(name):
                raise UnsupportedError
            seen = [event[name] for event in sample if name in event]
            value = self.value(member_rules(rules, name), seen, (*path, name))
            found.append(b"%b%b%b%b%b" % (quote, re.escape(key), quote, colon, value))
            optional.append(name not in needed and len(seen) < len(sample))
        around = self.notation.around
        return rb"\{%b%b%b\}" % (around, self._members(found, optional), around)

    def _members(self, found: list[bytes], optional: list[bool]) -> bytes:
        """Return what matches members of which some may be absent, with the commas between."""
        comma = self.notation.comma
        if all(optional):
            if len(found) > 1:
                raise UnsupportedError
            return b"(?:%b)?+" % found[0] if found else b""
        first = optional.index(False)
        before = [b"(?:%b%b)?+" % (member, comma) for member in found[:first]]
        behind = [
            (b"(?:%b%b)?+" if may_lack else b"%b%b") % (comma, member)
            for member, may_lack in zip(found[first + 1 :], optional[first + 1 :], strict=True)
        ]
        return b"".join([*before, found[first], *behind])

    def group(self, text: bytes, path: tuple[str, ...]) -> bytes:
        """Return what matches ``text`` and holds it."""
        self.groups.append((path, "unique" if path[-1] == "[]" else "text"))
        return b"(%b)" % text


def _are_unique(rules: Iterable[Mapping[str, Any]]) -> bool:
    return any(rule.get("uniqueItems") for rule in rules)
