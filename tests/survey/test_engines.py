"""The fast schema engine and the reference one, on generated schemas and events for them."""

import json
import random
from typing import Any

import jsonschema
import pytest

from evidencekit.core.schema import EventSchema

NAMES = ["id", "time", "n", "list", "inner", "word"]
SCALARS: list[Any] = [None, True, False, 0, 1, -1, 1.0, 2.5, 10**15, "", "a", "abc", "a1", "é😀"]
SCALARS += ["2026-04-23T14:30:00Z", "2026-02-30T00:00:00Z", "2026-04-23T14:30:00+24:00"]


def value(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.random()
    if depth < 3 and kind < 0.15:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if depth < 3 and kind < 0.35:
        return {name: value(dice, depth + 1) for name in dice.sample(NAMES, dice.randrange(5))}
    return dice.choice(SCALARS)


def rule(dice: random.Random, depth: int = 0) -> dict[str, Any] | bool:
    makers = [
        lambda: {"type": dice.choice(["string", "integer", "number", "boolean", "null", "object"])},
        lambda: {"type": dice.sample(["string", "integer", "array", "null", "object"], 2)},
        lambda: {"enum": dice.sample(SCALARS, 4)},
        lambda: {"const": value(dice)},
        lambda: {"minimum": dice.choice([0, 1.5]), "exclusiveMaximum": 10},
        lambda: {"multipleOf": dice.choice([1, 0.5, 2])},
        lambda: {"minLength": dice.randrange(3), "maxLength": 5},
        lambda: {"pattern": dice.choice(["^a", "[0-9]", "^[a-z]*$", "b|c"])},
        lambda: {"format": "date-time"},
        lambda: True,
    ]
    if depth < 3:
        makers += [
            lambda: {"properties": properties(dice, depth), "required": dice.sample(NAMES, 1)},
            lambda: {"properties": properties(dice, depth), "additionalProperties": False},
            lambda: {"additionalProperties": rule(dice, depth + 1), "maxProperties": 4},
            lambda: {"items": rule(dice, depth + 1), "minItems": dice.randrange(2)},
            lambda: {"prefixItems": [rule(dice, depth + 1)], "items": False},
            lambda: {"contains": rule(dice, depth + 1), "uniqueItems": True},
            lambda: {"anyOf": [rule(dice, depth + 1), rule(dice, depth + 1)]},
            lambda: {"oneOf": [rule(dice, depth + 1), rule(dice, depth + 1)]},
            lambda: {"allOf": [rule(dice, depth + 1), rule(dice, depth + 1)]},
            lambda: {"not": rule(dice, depth + 1)},
            lambda: {"if": rule(dice, 3), "then": rule(dice, 3), "else": rule(dice, 3)},
            lambda: {"dependentRequired": {dice.choice(NAMES): [dice.choice(NAMES)]}},
            lambda: {"patternProperties": {"^[a-l]": rule(dice, depth + 1)}},
            lambda: {"$ref": "#/$defs/shared"},
        ]
    return dice.choice(makers)()


def properties(dice: random.Random, depth: int) -> dict[str, Any]:
    return {name: rule(dice, depth + 1) for name in dice.sample(NAMES, dice.randrange(1, 4))}


def compare(schemas: int, events: int, seed: int) -> tuple[int, int]:
    """Return how many pairs both engines call valid, and invalid."""
    dice, valid = random.Random(seed), 0  # noqa: S311
    for _ in range(schemas):
        schema = {"$defs": {"shared": rule(dice, 3)}, "properties": properties(dice, 0)}
        schema |= {"unevaluatedProperties": dice.random() < 0.9}
        reference = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        ours = EventSchema.from_bytes(json.dumps(schema).encode())
        found = [value_of_event(dice) for _ in range(events)]
        verdicts = [ours.is_valid(event) for event in found]
        for event, verdict in zip(found, verdicts, strict=True):
            assert reference.is_valid(event) is verdict, (schema, event)
        assert ours.all_valid(found) is all(verdicts)
        valid += sum(verdicts)
    return valid, schemas * events - valid


def value_of_event(dice: random.Random) -> dict[str, Any]:
    return {name: value(dice) for name in dice.sample(NAMES, dice.randrange(1, 7))}


def test_both_engines_agree_on_2_000_generated_pairs():
    assert min(compare(100, 20, seed=1)) > 300


@pytest.mark.slow
def test_both_engines_agree_on_50_000_generated_pairs():
    assert min(compare(2_500, 20, seed=2)) > 8_000
