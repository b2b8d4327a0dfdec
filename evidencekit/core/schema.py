"""Judging events, and our own documents, by JSON Schema.

The engine is jsonschema-rs, set so that a schema can neither fetch nor stall: formats are asserted,
a reference that the schema itself does not hold is an error, patterns run in linear time or, where
they look around or back, up to a limit. docs/schema.md says how it differs from other validators.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any, NoReturn, Self, cast

import jsonschema_rs

from evidencekit import resources
from evidencekit.core import strict_json
from evidencekit.core.facts import Problem
from evidencekit.core.unfolding import refuse_unbounded
from evidencekit.core.visible import visible
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_BACKTRACKS, MAX_PROBLEMS, MAX_VALUE_CHARS

_OWN = "event.v1.schema.json"
_JUDGED = "urn:evidencekit:judged"  # what a schema is called that has no name
_EMBEDDABLE = (jsonschema_rs.Draft202012Validator, jsonschema_rs.Draft201909Validator)
_Error = jsonschema_rs.ValidationError
_Kind = jsonschema_rs.ValidationErrorKind


@dataclass(frozen=True, slots=True)
class EventSchema:
    """A compiled schema for events, and the exact bytes it came from."""

    data: bytes
    id: str | None  # its "$id"
    sha256: str
    coercions: Mapping[str, tuple[str, ...]] = field(repr=False)
    """JSON types that the schema allows for a top-level property: CSV cells are read by them."""
    _one: jsonschema_rs.Validator = field(repr=False, compare=False)
    _many: jsonschema_rs.Validator | None = field(repr=False, compare=False)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the schema in ``data``, or raise ``UndecidedError``: no event is at fault for it.

        Codes: ``schema.invalid``, ``schema.reference`` for one that leads out of the file, and
        ``schema.too-complex``.
        """
        try:
            schema = strict_json.loads(data, what="event schema")
        except RejectedError as error:
            raise UndecidedError("schema.invalid", str(error)) from None
        if not isinstance(schema, dict):
            raise UndecidedError("schema.invalid", "event schema: not a JSON object")
        refuse_unbounded(schema)
        one = _compile(schema)
        return cls(
            data=data,
            id=schema.get("$id"),
            sha256=sha256(data).hexdigest(),
            coercions=_types(schema),
            _one=one,
            _many=_compile_many(schema, one),
        )

    @classmethod
    def own(cls) -> Self:
        """Return the schema that this package comes with."""
        return cls.from_bytes(resources.schema(_OWN))

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        """Let worker processes have it: they compile it anew."""
        return type(self).from_bytes, (self.data,)

    def is_valid(self, event: object) -> bool:
        """Say whether one parsed event follows the schema."""
        return self._one.is_valid(event)

    def all_valid(self, events: list[Any]) -> bool:
        """Say whether every event does; one call is a quarter faster than one for each."""
        if self._many is None:
            return all(map(self._one.is_valid, events))
        return self._many.is_valid(events)

    def problems(self, event: object, position: int) -> tuple[Problem, ...]:
        """Return the first MAX_PROBLEMS rules that ``event`` breaks; none if it is valid."""
        return tuple(
            Problem(position=position, pointer=pointer, rule=rule)
            for pointer, rule in _broken(self._one, event)
        )


def document_faults(schema_name: str, document: object) -> tuple[str, ...]:
    """Return what is wrong with a document of ours, as ``pointer: rule``; nothing if valid."""
    faults = _broken(_ours(schema_name), document)
    return tuple(f"{pointer or '/'}: {rule}" for pointer, rule in faults)


@cache
def _ours(schema_name: str) -> jsonschema_rs.Validator:
    return _compile(cast(dict[str, Any], strict_json.loads(resources.schema(schema_name))))


def _compile(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    try:
        return jsonschema_rs.validator_for(
            schema,
            validate_formats=True,
            retriever=_refuse,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKS),
        )
    except _Error as error:
        where = _pointer(error.instance_path) or "/"
        if isinstance(error.kind, _Kind.Referencing):
            message = "event schema: refers to a schema that it does not hold"
            hint = "put every schema that it refers to into the one file, under $defs"
            raise UndecidedError("schema.reference", message, hint=hint) from None
        message = f"event schema at {where}: breaks {_rule(error)} of its own draft"
        raise UndecidedError("schema.invalid", message) from None


def _compile_many(
    schema: dict[str, Any], one: jsonschema_rs.Validator
) -> jsonschema_rs.Validator | None:
    """Return the validator of arrays of events, where an "$id" keeps every "#" inside the schema.

    Before draft 2019-09 it does not always, so such a schema has none.
    """
    if not isinstance(one, _EMBEDDABLE):
        return None
    dialect = {"$schema": schema["$schema"]} if "$schema" in schema else {}
    return _compile({**dialect, "type": "array", "items": {"$id": _JUDGED, **schema}})


def _refuse(uri: str) -> NoReturn:
    """Stand where a retriever would fetch or open ``uri``."""
    raise LookupError(uri)


def _broken(validator: jsonschema_rs.Validator, document: object) -> Iterator[tuple[str, str]]:
    """Yield where and which rule, in the engine's order, each once."""
    seen: set[tuple[str, str]] = set()
    for error in validator.iter_errors(document):
        fault = _pointer(error.instance_path), _rule(error)
        if fault not in seen:
            seen.add(fault)
            yield fault
        if len(seen) == MAX_PROBLEMS:
            return


def _pointer(path: list[str | int]) -> str:
    """Return an RFC 6901 JSON pointer, made visible: whoever wrote the event chose its keys."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return visible("".join(f"/{part}" for part in parts), limit=MAX_VALUE_CHARS)


def _rule(error: _Error) -> str:
    """Return the keyword that was broken, with what it asks for where a word or two say that."""
    match error.kind:
        case _Kind.Required(property=name):
            return f"required ({visible(name)})"
        case _Kind.Type(types=types):
            return f"type ({' or '.join(types)})"
        case _Kind.Format(format=name):
            return f"format ({visible(name)})"
        case _Kind.AnyOf(context=branches):
            names = _missing(branches)
            return f"anyOf (required: {' or '.join(names)})" if names else "anyOf"
        case _Kind.BacktrackLimitExceeded():
            return "pattern (given up: it backtracks too often)"
        case kind:
            return str(kind.name)


def _missing(branches: list[list[_Error]]) -> list[str]:
    """Return the names of which one had to be there, if that is all that an ``anyOf`` asks for."""
    first = [errors[0].kind for errors in branches if errors]
    names = [visible(kind.property) for kind in first if isinstance(kind, _Kind.Required)]
    return names if len(names) == len(branches) else []


def _types(schema: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the JSON types of each top-level property, given there or by a local reference."""
    properties = schema.get("properties", {})
    found = ((name, _type(schema, rule)) for name, rule in properties.items())
    return {name: types for name, types in found if types}


def _type(schema: Mapping[str, Any], rule: object) -> tuple[str, ...]:
    if not isinstance(rule, dict):
        return ()
    match rule:
        case {"type": str(name)}:
            return (name,)
        case {"type": list(names)}:
            return tuple(names)
        case {"$ref": str(reference)}:
            for keyword in ("$defs", "definitions"):
                name = reference.removeprefix(f"#/{keyword}/")
                if name in schema.get(keyword, {}):
                    target = schema[keyword][name]
                    leads_on = isinstance(target, dict) and "$ref" in target
                    return () if leads_on else _type(schema, target)
    return ()
