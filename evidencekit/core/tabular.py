"""Regular expressions for CSV records that follow a JSON Schema and look like a sample.

What ``core.regular`` says of its expressions is true of these, too. A cell has the text of a
string, in quotes or without; or it is the JSON text of what the schema gives its column, where that
is no string, as ``core.cells`` reads it. An empty cell stands for an absent member.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from evidencekit.core.regular import Making
from evidencekit.core.rules import UnsupportedError, flat_rules, kinds_of, member_rules
from evidencekit.core.texts import constraints, either, together

_INSIDE = rb"[\x01-!#-\xff]"  # of quotes; a backslash or a line feed is nothing special here
_ASCII_INSIDE = rb"[\x01-!#-~]"
_PLAIN_INSIDE = rb"[ !#-\xff]"
_OUTSIDE = rb"[ !#-+\--\xff]"
_ASCII_OUTSIDE = rb"[ !#-+\--~]"
_END = rb"[,\r\n]"
_TIMES = re.compile(rb"\{[0-9]+(?:,[0-9]*)?\}")
_CLASS = re.compile(rb"\[[^]]*\]")


def row(
    making: Making,
    header: Sequence[str],
    coerced: Collection[str],
    sample: Sequence[Mapping[str, Any]],
) -> bytes:
    """Return what matches records whose events follow the schema of ``making``.

    Columns that are ``coerced`` hold JSON. Raises ``UnsupportedError``.
    """
    rules = flat_rules(making.root, [making.root], sample)
    kinds_of(rules, sample)
    if any("enum" in rule or "const" in rule for rule in rules):
        raise UnsupportedError  # of whole events
    needed = {name for rule in rules for name in rule.get("required", ())}
    if not needed <= set(header):
        raise UnsupportedError
    cells = []
    for name in header:
        seen = [event[name] for event in sample if name in event]
        if not seen:
            if name in needed:
                raise UnsupportedError
            cells.append(b"")
            continue
        cell = _cell(making, member_rules(rules, name), seen, name, is_json=name in coerced)
        cells.append(cell if name in needed else b"(?:%b)?+" % cell)
    return b",".join(cells)


def _cell(
    making: Making, rules: list[Any], seen: Sequence[Any], name: str, *, is_json: bool
) -> bytes:
    """Return what matches a cell that is not empty."""
    if is_json:
        return _json(making, rules, seen, name)
    inner = flat_rules(making.root, rules, seen)
    if kinds_of(inner, seen) != {"string"}:
        raise UnsupportedError
    return _text(making, inner, name)


def _json(making: Making, rules: list[Any], seen: Sequence[Any], name: str) -> bytes:
    containers = [isinstance(value, dict | list) for value in seen]
    if any(isinstance(value, str) for value in seen) or len(set(containers)) > 1:
        raise UnsupportedError
    found = making.value(rules, seen, (name,))
    return b'"%b"' % found if containers[0] else found


def _text(making: Making, rules: list[Mapping[str, Any]], name: str) -> bytes:
    """Return what matches a cell that holds text; nothing stands for an empty one."""
    making.limit(rules)
    is_wanted = (name,) in making.wanted
    inside = _PLAIN_INSIDE if is_wanted else _INSIDE
    quoted = constraints(rules, inside, _ASCII_OUTSIDE if is_wanted else _ASCII_INSIDE)
    plain = constraints(rules, _OUTSIDE, _ASCII_OUTSIDE)
    if any(_may_hold_comma(each) for each in quoted if each in plain):
        raise UnsupportedError  # it may match beyond the end of a cell
    free = inside + (b"++" if is_wanted else rb'*+(?:""%b*+)*+' % inside)
    choices = [b'"(?!")%b"' % (together(quoted, b'"') if quoted else free)]
    choices.append(rb"(?![,\r\n])%b" % (together(plain, _END) if plain else _OUTSIDE + b"++"))
    cell = either(choices)
    return making.group(cell, (name,)) if is_wanted else cell


def _may_hold_comma(expression: bytes) -> bool:
    bare = _TIMES.sub(b"", expression)
    return b"," in bare or any(re.match(found, b",") for found in _CLASS.findall(bare))
