"""The keywords of a JSON Schema as ``core.regular`` takes them: simple rules that hold together."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SILENT = {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples"}
_HEARD = {
    *("type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
    *("uniqueItems", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum"),
    *("maximum", "exclusiveMinimum", "exclusiveMaximum", "$ref", "allOf", "anyOf"),
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = re.compile(r"#/\$defs/([A-Za-z0-9_.-]+)")  # no "/", "~1" or "%2F": just the name
_DEEPEST = 12
MOST_KEYS = 256  # of all objects in an event
KINDS: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "array",
}


class UnsupportedError(Exception):
    """The schema, or the sample, has something that there is no expression for."""


def flat_rules(
    root: Mapping[str, Any], rules: Iterable[Any], sample: Sequence[Any]
) -> list[Mapping[str, Any]]:
    """Return simple rules that together are at least as strict as all of ``rules``."""
    return [flat for rule in rules for flat in _flat(root, rule, sample, _DEEPEST)]


def _flat(
    root: Mapping[str, Any], rule: Any, sample: Sequence[Any], left: int
) -> list[Mapping[str, Any]]:
    if rule is True:
        return []
    if not isinstance(rule, dict) or left == 0:
        raise UnsupportedError
    inner = rule is not root
    if set(rule) - _SILENT - _HEARD or (inner and {"$schema", "$id", "$defs"} & set(rule)):
        raise UnsupportedError
    if not inner and rule.get("$schema", _DIALECT) != _DIALECT:
        raise UnsupportedError
    if not inner and '"$id"' in json.dumps(rule.get("$defs")):
        raise UnsupportedError  # another schema inside, of which "#" might be
    more = [*rule.get("allOf", ())]
    if "$ref" in rule:
        more.append(_target(root, rule["$ref"]))
    if "anyOf" in rule:
        more.append(_branch(rule["anyOf"], sample))
    found = [flat for other in more for flat in _flat(root, other, sample, left - 1)]
    return [rule, *found]


def _target(root: Mapping[str, Any], reference: str) -> Any:
    match = _REFERENCE.fullmatch(reference)
    if match is None or match[1] not in root.get("$defs", {}):
        raise UnsupportedError
    return root["$defs"][match[1]]


def _branch(branches: Sequence[Any], sample: Sequence[Any]) -> Any:
    """Return the first branch that asks for no member that the sample lacks."""
    for branch in branches:
        if isinstance(branch, dict) and all(
            isinstance(event, dict) and set(branch.get("required", ())) <= set(event)
            for event in sample
        ):
            return branch
    raise UnsupportedError


def kinds_of(rules: Iterable[Mapping[str, Any]], sample: Sequence[Any]) -> set[str]:
    """Return the kinds of JSON that the rules allow and the sample has."""
    kinds = {KINDS[type(value)] for value in sample}
    for rule in rules:
        if "type" in rule:
            given = rule["type"]
            allowed = {given} if isinstance(given, str) else set(given)
            kinds &= allowed | ({"integer"} if "number" in allowed else set())
    if not kinds:
        raise UnsupportedError
    return kinds


def key_order(sample: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return all keys, in an order that is that of as many events as possible."""
    found: list[str] = []
    for names in dict.fromkeys(map(tuple, sample)):
        if len(found) > MOST_KEYS:
            raise UnsupportedError  # looking for each among all of them would take long
        at = 0
        for name in names[: MOST_KEYS + 1]:
            if name in found:
                at = found.index(name) + 1
            else:
                found.insert(at, name)
                at += 1
    return found


def member_rules(rules: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    """Return the rules for one member of an object."""
    inner = []
    for rule in rules:
        if name in rule.get("properties", {}):
            inner.append(rule["properties"][name])
        elif rule.get("additionalProperties", True) is not True:
            raise UnsupportedError
    return inner


def least(rules: Iterable[Mapping[str, Any]], keyword: str) -> int:
    """Return the highest lower bound that a keyword sets, or 0."""
    return max((int(rule[keyword]) for rule in rules if keyword in rule), default=0)


def most(rules: Iterable[Mapping[str, Any]], keyword: str) -> int | None:
    """Return the lowest upper bound that a keyword sets, or None."""
    return min((int(rule[keyword]) for rule in rules if keyword in rule), default=None)
