"""Types for values that follow a JSON Schema and look like a sample, for ``core.typed``.

Every keyword is either put into the type in full, or into a check beside it, or there is no type.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union

import msgspec

_SILENT = {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples"}
_HEARD = {
    *("type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
    *("uniqueItems", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum"),
    *("maximum", "exclusiveMinimum", "exclusiveMaximum", "$ref", "allOf", "anyOf"),
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEEPEST = 12
_SAFE = 1 << 53  # integers that a float holds exactly
# The patterns that mean the same to everybody: one whole line of plain ASCII, with groups.
_PLAIN = re.compile(
    r"\^((?:[A-Za-z0-9_ @/:,-]|\\[.\\/-]|\[[A-Za-z0-9_.:+-]+\]|\{[0-9]+(?:,[0-9]*)?\}|[+*?()|])*)\$"
)
# RFC 3339, but for leap seconds, leap days and odd offsets.
_DATE_TIME = (
    r"[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|\+0[0-9]:[0-5][0-9])"
)
_KINDS: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "array",
}
Check = Callable[[list[Any]], bool]


class UnsupportedError(Exception):
    """The schema, or the sample, has something for which there are no types."""


@dataclass(slots=True)
class Making:
    """Types in the making, and what has to be checked besides."""

    root: Mapping[str, Any]
    checks: list[tuple[tuple[str, ...], Check]] = field(default_factory=list)
    objects: dict[tuple[str, ...], type[msgspec.Struct]] = field(default_factory=dict)

    def type_of(self, rules: Iterable[Any], sample: Sequence[Any], path: tuple[str, ...]) -> Any:
        """Return a type whose values follow all of ``rules``."""
        if len(path) > _DEEPEST:
            raise UnsupportedError
        flat = [flat for rule in rules for flat in self._flat(rule, sample, _DEEPEST)]
        kinds = _kinds(flat, sample)
        enums = [[rule["const"]] for rule in flat if "const" in rule]
        enums += [rule["enum"] for rule in flat if "enum" in rule]
        if enums:
            kinds &= {"string"}
            common = [word for word in enums[0] if all(word in other for other in enums)]
            if not common or not all(isinstance(word, str) for word in common):
                raise UnsupportedError
            flat = [*flat, {"one of": common}]
        if not kinds:
            raise UnsupportedError
        return _any_of([self._of_kind(kind, flat, sample, path) for kind in sorted(kinds)])

    def _flat(self, rule: Any, sample: Sequence[Any], left: int) -> list[Mapping[str, Any]]:
        """Return simple rules that together are at least as strict as ``rule``."""
        if rule is True:
            return []
        if not isinstance(rule, dict) or left == 0:
            raise UnsupportedError
        inner = rule is not self.root
        if set(rule) - _SILENT - _HEARD or (inner and {"$schema", "$id", "$defs"} & set(rule)):
            raise UnsupportedError
        if not inner and rule.get("$schema", _DIALECT) != _DIALECT:
            raise UnsupportedError
        more = [*rule.get("allOf", ())]
        if "$ref" in rule:
            more.append(self._target(rule["$ref"]))
        if "anyOf" in rule:
            more.append(_branch(rule["anyOf"], sample))
        found = [flat for other in more for flat in self._flat(other, sample, left - 1)]
        return [rule, *found]

    def _target(self, reference: str) -> Any:
        name = reference.removeprefix("#/$defs/")
        if name == reference or name not in self.root.get("$defs", {}):
            raise UnsupportedError
        return self.root["$defs"][name]

    def _of_kind(
        self,
        kind: str,
        rules: list[Mapping[str, Any]],
        sample: Sequence[Any],
        path: tuple[str, ...],
    ) -> Any:
        ours = [value for value in sample if _KINDS[type(value)] == kind]
        match kind:
            case "string":
                return self._string(rules, path)
            case "object":
                return self._object(rules, ours, path)
            case "array":
                return self._array(rules, ours, path)
            case "integer" | "number":
                return _number(kind, rules)
            case "boolean":
                return bool
            case _:
                return None

    def _string(self, rules: list[Mapping[str, Any]], path: tuple[str, ...]) -> Any:
        words = [rule["one of"] for rule in rules if "one of" in rule]
        patterns = {_portable(rule["pattern"]) for rule in rules if "pattern" in rule}
        formats = {rule["format"] for rule in rules if "format" in rule}
        if formats - {"date-time"}:
            raise UnsupportedError
        for pattern in sorted(patterns | ({_DATE_TIME} if formats else set())):
            self.checks.append((path, _each_matches(pattern)))
        if words:
            lengths = {"minLength", "maxLength"}
            if any(lengths & set(rule) for rule in rules):
                raise UnsupportedError
            return Literal[tuple(words[0])]
        return Annotated[str, _lengths(rules, "minLength", "maxLength")]

    def _array(
        self, rules: list[Mapping[str, Any]], sample: list[list[Any]], path: tuple[str, ...]
    ) -> Any:
        items = [rule["items"] for rule in rules if "items" in rule]
        flat = [item for found in sample for item in found]
        kind: Any = self.type_of(items, flat, (*path, "[]"))
        if any(rule.get("uniqueItems") for rule in rules):
            if _kinds([rule for rule in items if isinstance(rule, dict)], flat) != {"string"}:
                raise UnsupportedError
            self.checks.append((path, _each_unique))
        return Annotated[list[kind], _lengths(rules, "minItems", "maxItems")]

    def _object(
        self,
        rules: list[Mapping[str, Any]],
        sample: list[Mapping[str, Any]],
        path: tuple[str, ...],
    ) -> Any:
        needed = {name for rule in rules for name in rule.get("required", ())}
        names = _order(sample)
        if not needed <= set(names):
            raise UnsupportedError  # without a sample there is no order of keys
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        for at, name in enumerate(names):
            inner = self._member(rules, name)
            seen = [event[name] for event in sample if name in event]
            kind = self.type_of(inner, seen, (*path, f"f{at}"))
            if name in needed:
                fields.append((f"f{at}", kind))
            else:
                fields.append((f"f{at}", _any_of([kind, msgspec.UnsetType]), msgspec.UNSET))
        rename = {f"f{at}": name for at, name in enumerate(names)}
        self.objects[path] = msgspec.defstruct(
            "Event", fields, rename=rename, forbid_unknown_fields=True, kw_only=True, gc=False
        )
        return self.objects[path]

    def _member(self, rules: list[Mapping[str, Any]], name: str) -> list[Any]:
        """Return the rules for one member."""
        inner = []
        for rule in rules:
            if name in rule.get("properties", {}):
                inner.append(rule["properties"][name])
            elif rule.get("additionalProperties", True) is not True:
                raise UnsupportedError
        return inner


def _any_of(kinds: list[Any]) -> Any:
    return Union[tuple(kinds)]  # noqa: UP007  (their number is known only here)


def _kinds(rules: Iterable[Mapping[str, Any]], sample: Sequence[Any]) -> set[str]:
    """Return the kinds of JSON that the rules allow and the sample has."""
    kinds = {_KINDS[type(value)] for value in sample}
    for rule in rules:
        if "type" in rule:
            given = rule["type"]
            allowed = {given} if isinstance(given, str) else set(given)
            kinds &= allowed | ({"integer"} if "number" in allowed else set())
    if not kinds or len(kinds & {"string", "object", "array"}) > 1:
        raise UnsupportedError
    return kinds


def _branch(branches: Sequence[Any], sample: Sequence[Any]) -> Any:
    """Return the first branch that asks for no member that the sample lacks."""
    for branch in branches:
        if isinstance(branch, dict) and all(
            isinstance(event, dict) and set(branch.get("required", ())) <= set(event)
            for event in sample
        ):
            return branch
    raise UnsupportedError


def _order(sample: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return all keys, in an order that is that of as many events as possible."""
    found: list[str] = []
    for event in sample:
        at = 0
        for name in event:
            if name in found:
                at = found.index(name) + 1
            else:
                found.insert(at, name)
                at += 1
    return found


def _number(kind: str, rules: Iterable[Mapping[str, Any]]) -> Any:
    low, high = (-_SAFE, _SAFE)
    bounds: dict[str, Any] = {}
    meta: Any = msgspec.Meta
    for rule in rules:
        for word, name in (("minimum", "ge"), ("maximum", "le")):
            if word in rule:
                keep = max if name == "ge" else min
                bounds[name] = keep(bounds.get(name, rule[word]), rule[word])
        if "exclusiveMinimum" in rule or "exclusiveMaximum" in rule:
            raise UnsupportedError
    if any(abs(bound) > _SAFE or bound != int(bound) for bound in bounds.values()):
        raise UnsupportedError
    if kind == "number":
        return Annotated[float, meta(**{name: float(at) for name, at in bounds.items()})]
    whole = {"ge": low, "le": high} | {name: int(at) for name, at in bounds.items()}
    return Annotated[int, meta(**whole)]


def _lengths(rules: Iterable[Mapping[str, Any]], least: str, most: str) -> msgspec.Meta:
    given = list(rules)
    low = max((int(rule[least]) for rule in given if least in rule), default=None)
    high = min((int(rule[most]) for rule in given if most in rule), default=None)
    return msgspec.Meta(min_length=low, max_length=high)


def _portable(pattern: str) -> str:
    """Return what stands between the anchors of a pattern that everybody reads alike."""
    match = _PLAIN.fullmatch(pattern)
    if match is None or "(?" in pattern or not _is_grouped(match[1]):
        raise UnsupportedError
    return match[1]


def _is_grouped(pattern: str) -> bool:
    """Say whether every bar is inside a group, so that the anchors hold for all of it."""
    depth = 0
    for part in re.findall(r"\\.|\[[^]]*\]|.", pattern):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if part == "|" and depth == 0:
            return False
    return depth == 0


def _each_matches(pattern: str) -> Check:
    matches = re.compile(f"(?:(?:{pattern})\n)*+", re.ASCII).fullmatch

    def check(values: list[Any]) -> bool:
        text = "\n".join([*values, ""])
        return text.count("\n") == len(values) and matches(text) is not None

    return check


def _each_unique(values: list[Any]) -> bool:
    return all(len(set(items)) == len(items) for items in values)
