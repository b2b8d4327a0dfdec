"""The quick way to accept events says yes only where the general engine says yes, and the same."""

import json
import random
from typing import Any

import pytest

pytest.importorskip("msgspec", reason="the extra 'fast' is not installed")

from evidencekit import resources
from evidencekit.core import strict_json
from evidencekit.core.events import ALIASES, columns
from evidencekit.core.schema import EventSchema
from evidencekit.core.typed import Typed
from evidencekit.core.window import Window
from evidencekit.standin import events as standin

NAMES = ["id", "timestamp", "verdict", "metadata", "environment", "n", "list", "größe"]
TEXTS = ["", "a", "abc", "a1", "é😀", "😀😀😀", 'q"\\', "l\nf", "\x7f", "a\u2028b", "-"]
TEXTS += ["2026-04-23T14:30:00Z", "2026-02-30T00:00:00Z", "2024-02-29T00:00:00Z"]
TEXTS += [
    "2026-04-23T14:30:60Z",
    "2026-04-23T14:30:00+02:00",
    "2026-04-23t14:30:00Z",
    "0026-04-23T14:30:00Z",
]
PATTERNS = ["^a", "^[a-z]*$", "^(a|b)+[0-9]?$", "^a|b$", "^.$"]
NUMBERS = [0, 1, -1, 7, 10, 2**53, 2**53 + 1, 2**63, 1.0, 2.5, -0.0, 1e21, 1e-7, 10.5]


def value(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.random()
    if depth < 3 and kind < 0.15:
        return [value(dice, 3) for _ in range(dice.randrange(4))]
    if depth < 3 and kind < 0.3:
        return {name: value(dice, depth + 1) for name in dice.sample(NAMES, dice.randrange(5))}
    return dice.choice([*TEXTS, *NUMBERS, None, True, False])


def rule(dice: random.Random, depth: int = 0) -> dict[str, Any] | bool:
    text, number = {"type": "string"}, {"type": dice.choice(["integer", "number"])}
    makers = [
        lambda: text,
        lambda: text | {"minLength": dice.randrange(3), "maxLength": dice.choice([3, 25])},
        lambda: (
            text | {"pattern": dice.choice(["^a", "^[a-z]*$", "^(a|b)+[0-9]?$", "^a|b$", "^.$"])}
        ),
        lambda: text | {"format": dice.choice(["date-time", "date"])},
        lambda: {"type": ["string", "null"], "minLength": 1},
        lambda: {"enum": dice.sample(TEXTS, 4)},
        lambda: {"enum": [1, "a", None]},
        lambda: {"const": dice.choice([*TEXTS, 1])},
        lambda: number,
        lambda: number | {"minimum": dice.choice([0, 1, 1.5]), "maximum": 10},
        lambda: number | {"exclusiveMinimum": 0},
        lambda: {"type": "boolean"},
        lambda: True,
        lambda: {"$ref": "#/$defs/shared"},
        lambda: {"minLength": 2, "minimum": 1, "minItems": 1},
    ]
    if depth < 3:
        makers += [
            lambda: {"type": "array", "items": rule(dice, 3), "uniqueItems": dice.random() < 0.5},
            lambda: {"items": rule(dice, 3), "minItems": 1, "maxItems": 2},
            lambda: members(dice, depth) | {"type": "object"},
            lambda: members(dice, depth),
            lambda: {"allOf": [rule(dice, depth + 1), rule(dice, depth + 1)]},
            lambda: {"anyOf": [members(dice, 2), members(dice, 2)]},
            lambda: {"anyOf": [rule(dice, depth + 1), rule(dice, depth + 1)]},
            lambda: {"not": rule(dice, 3)},
        ]
    return dice.choice(makers)()


def members(dice: random.Random, depth: int) -> dict[str, Any]:
    names = dice.sample(NAMES, dice.randrange(1, 5))
    found = {"properties": {name: rule(dice, depth + 1) for name in names}}
    if dice.random() < 0.5:
        found["required"] = dice.sample(names, 1)
    if dice.random() < 0.4:
        found["additionalProperties"] = dice.choice([False, True, {"type": "string"}])
    return found


def texts(dice: random.Random, event: Any, like: Any) -> list[bytes]:
    """Return ways to write an event, and things that are nearly one."""
    plain = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    other = json.dumps(like, separators=(",", ":"), ensure_ascii=False)
    at = dice.randrange(len(plain) + 1)
    found = [
        plain,
        other,
        json.dumps(event),
        plain.replace(":", ": ", 1),
        plain[:-1] + "," + other[1:] if event and like else plain,  # a key twice
        plain.replace("1", "18446744073709551616", 1),
        plain.replace("1", "1e0", 1),
        plain.replace("a", "\\u0061", 1),
        plain + " ",
        plain + other,
        plain[:at] + plain[at + 1 :],
        plain[:at] + dice.choice('{}[],:"0a') + plain[at:],
    ]
    raw = plain.encode().replace(
        b"abc", dice.choice([b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\0"])
    )
    return [*(text.encode() for text in found), raw]


def accepted_is_right(typed: Typed, text: bytes, judged_by: EventSchema) -> bool:
    said = typed.columns([text])
    if said is None:
        return False
    event = strict_json.loads(text, what="event")
    assert judged_by.is_valid(event), text
    alone = columns([event])
    for name in ALIASES:
        assert list(getattr(said, name)) == list(getattr(alone, name)), (name, text)
    return True


@pytest.mark.parametrize("seed", range(3))
def test_what_is_accepted_is_strict_and_valid_and_says_the_same(seed):
    dice, learnt, accepted = random.Random(seed), 0, 0  # noqa: S311
    for _ in range(400):
        schema = {"$defs": {"shared": rule(dice, 3)}, **members(dice, 0)}
        judged_by = EventSchema.from_bytes(json.dumps(schema).encode())
        events = [value(dice) for _ in range(60)]
        events = [event for event in events if isinstance(event, dict)]
        sample = [event for event in events if judged_by.is_valid(event)][:4]
        typed = Typed.learn(schema, sample) if sample else None
        if typed is None:
            continue
        learnt += 1
        for event in (*sample, *events):
            for text in texts(dice, event, dice.choice(sample)):
                accepted += accepted_is_right(typed, text, judged_by)
    assert learnt > 50
    assert accepted > 500


def test_nearly_all_events_of_an_exporter_are_accepted_by_our_own_schema():
    schema = json.loads(resources.schema("event.v1.schema.json"))
    week = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
    found = [json.loads(json.dumps(event)) for event in standin.events(week, per_day=100)]
    typed = Typed.learn(schema, found[:300])
    assert typed is not None
    own = EventSchema.own()
    told = [
        json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in found
    ]
    assert sum(accepted_is_right(typed, text, own) for text in told) > 0.9 * len(found)


@pytest.mark.parametrize(
    "text",
    [
        b'{"n":1,"id":"a","id":"a"}',
        b'{"n":18446744073709551616,"id":"a"}',
        b'{"n":9007199254740993,"id":"a"}',
        b'{"n":1.0,"id":"a"}',
        b'{"n":1,"id":"\xff"}',
        b'{"n":1,"id":"\xed\xa0\x80"}',
        b'{"n":1,"id":"\\ud800"}',
        b'{"n":1,"id":"\x01"}',
        b'{"n":1,"id":"a"}}',
        b'{"n":01,"id":"a"}',
        b'{"n":1,"id":"a","x":1}',
        b"{}",
        b"",
    ],
)
def test_what_could_be_wrong_is_left_to_the_strict_reader(text):
    typed = Typed.learn({"required": ["id"]}, [{"n": 1, "id": "a"}])
    assert typed is not None
    assert typed.columns([b'{"n":2,"id":"b"}']) is not None
    assert typed.columns([text]) is None
