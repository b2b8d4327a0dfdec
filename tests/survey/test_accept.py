"""The quick way to accept events says yes only where the general engine says yes, and the same."""

import csv
import io
import json
import random
import re
from typing import Any

import pytest

from evidencekit import resources
from evidencekit.core import strict_json
from evidencekit.core.accept import WANTED, Accepted, Form, Lesson, learn_csv, learn_json
from evidencekit.core.cells import Cells, read_cells
from evidencekit.core.events import ALIASES, columns
from evidencekit.core.rules import UnsupportedError
from evidencekit.core.schema import EventSchema
from evidencekit.core.texts import portable
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError
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
PATTERNS = ["^a", "^[a-z]*$", "^(a|b)+[0-9]?$", "^a|b$", "^.$", "^[A-z]+$", "^[+-z]*$", "^a+a$"]
NUMBERS = [0, 1, -1, 7, 10, 2**53, 2**53 + 1, 2**63, 1.0, 2.5, -0.0, 1e21, 1e-7, 10.5]
NUMBERS += [99, 100, 101, 120, -120, -121, 3599, 3600, 3600.5, 0.5, -0.5, 10**15, 10**14, 0.1 + 0.2]
BOUNDS = [-3600, -120, -1, 0, 1, 7, 10, 100, 120, 3600, 1.5, 10**15]


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
        lambda: text | {"pattern": dice.choice(PATTERNS), "minLength": dice.randrange(2)},
        lambda: text | {"format": dice.choice(["date-time", "date"])},
        lambda: {"type": ["string", "null"], "minLength": 1},
        lambda: {"enum": dice.sample(TEXTS, 4)},
        lambda: {"enum": [1, "a", None]},
        lambda: {"const": dice.choice([*TEXTS, 1])},
        lambda: number,
        lambda: text | {"pattern": "^[0-9T:.Z+-]+$", "format": "date-time", "maxLength": 22},
        lambda: text | {"maxLength": dice.choice([4_096, 5_000])},
        lambda: number | {"minimum": dice.choice(BOUNDS), "maximum": dice.choice(BOUNDS)},
        lambda: number | {"minimum": dice.choice(BOUNDS)},
        lambda: number | {"maximum": dice.choice(BOUNDS)},
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


def written(dice: random.Random, event: Any) -> bytes:
    """Return an event as one of the usual exporters writes it."""
    styles: list[dict[str, Any]] = [{"separators": (",", ":")}, {}, {"indent": 1}]
    return json.dumps(event, ensure_ascii=dice.random() < 0.2, **dice.choice(styles)).encode()


def texts(dice: random.Random, event: Any, like: Any) -> list[bytes]:
    """Return ways to write an event, and things that are nearly one."""
    plain = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    other = json.dumps(like, separators=(",", ":"), ensure_ascii=False)
    at = dice.randrange(len(plain) + 1)
    found = [
        plain,
        other,
        json.dumps(event),
        json.dumps(event, indent=1),
        json.dumps(event, indent=2).replace(",", " ,"),
        plain + "\n" + other,
        plain.replace('"', '"\x01', 1),
        plain.replace('"a', '"\\x', 1),
        plain.replace('"a', '"\\ud83d', 1),
        plain.replace('"a', '"\\ud83d\\ude00', 1),
        plain.replace('"a', '"\\\\', 1),
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


def read(form: Form, texts: list[bytes]) -> Accepted | None:
    whole = b"".join(text + b"\n" for text in texts)
    return form.accept(whole, 0, len(whole))


def accepted_is_right(form: Form, text: bytes, judged_by: EventSchema) -> bool:
    found = read(form, [text])
    if found is None:
        return False
    assert b"\n".join(found.records) == text
    events = [strict_json.loads(record, what="event") for record in found.records]
    assert all(map(judged_by.is_valid, events)), text
    alone = columns(events)
    for name in ALIASES:
        assert list(getattr(found.said, name)) == list(getattr(alone, name)), (name, text)
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
        told = [written(dice, event) for event in sample]
        form = learn_json(schema, WANTED, Lesson(sample, told, b"\n")) if sample else None
        if form is None:
            continue
        learnt += 1
        for event in (*sample, *events):
            for text in texts(dice, event, dice.choice(sample)):
                accepted += accepted_is_right(form, text, judged_by)
    assert learnt > 50
    assert accepted > 500


CELLS = [*TEXTS, "1", "1.5", "-0", "01", "true", "null", "[]", "{}", '["a"]', '["a", "a"]', "x,y"]
CELLS += [
    '{"n":1}',
    '{"n":1,"n":2}',
    '{"n":18446744073709551616}',
    '{"id":"a"}',
    " 1",
    "[1]",
    "1e3",
]


def table(dice: random.Random, names: list[str]) -> list[bytes]:
    """Return records as an exporter would write them, and some that are damaged."""
    found = []
    for _ in range(40):
        cells = [dice.choice(["", *CELLS]) for _ in names]
        quoting = dice.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        text = io.StringIO(newline="")
        csv.writer(text, quoting=quoting, lineterminator="").writerow(cells)
        plain = text.getvalue()
        at = dice.randrange(len(plain) + 1)
        damaged = plain[:at] + dice.choice('",\n\r\0\\a') + plain[at:]
        found += [plain.encode(), damaged.encode(), (plain[:at] + plain[at + 1 :]).encode()]
    return [record for record in found if record]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_accepted_of_a_table_is_valid_and_says_the_same(seed):
    dice, learnt, accepted = random.Random(seed), 0, 0  # noqa: S311
    for _ in range(300):
        schema = {"$defs": {"shared": rule(dice, 3)}, **members(dice, 0)}
        judged_by = EventSchema.from_bytes(json.dumps(schema).encode())
        names = dice.sample(NAMES, dice.randrange(1, 5))
        cells = Cells(names, judged_by.coercions)
        records = table(dice, names)
        sample = [r for r in records if valid_row(cells, r, judged_by)][:6]
        events = cells.events(sample) if sample else []
        form = learn_csv(names, cells.coerced, schema, WANTED, Lesson(events, sample, b"\r\n"))
        if form is None:
            continue
        learnt += 1
        for record in records:
            whole = record + b"\r\n"
            found = form.accept(whole, 0, len(whole))
            if found is None:
                continue
            accepted += 1
            assert b"\r\n".join(found.records) == record
            assert all(valid_row(cells, each, judged_by) for each in found.records), record
            alone = columns(cells.events(found.records))
            for name in ALIASES:
                assert list(getattr(found.said, name)) == list(getattr(alone, name)), record
    assert learnt > 50
    assert accepted > 300


def valid_row(cells: Cells, record: bytes, judged_by: EventSchema) -> bool:
    try:
        read_cells(record)
        (event,) = cells.events([record])
    except RejectedError:
        return False
    return judged_by.is_valid(event)


def test_nearly_all_events_of_an_exporter_are_accepted_by_our_own_schema():
    schema = json.loads(resources.schema("event.v1.schema.json"))
    week = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
    found = [json.loads(json.dumps(event)) for event in standin.events(week, per_day=100)]
    told = [
        json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in found
    ]
    form = learn_json(schema, WANTED, Lesson(found[:300], told, b"\n"))
    assert form is not None
    own = EventSchema.own()
    assert sum(accepted_is_right(form, text, own) for text in told) > 0.9 * len(found)


@pytest.mark.parametrize(
    "text",
    [
        b'{"n":1,"id":"a","id":"a"}',
        b'{"n":18446744073709551616,"id":"a"}',
        b'{"n":10000000000000000,"id":"a"}',
        b'{"n":1.0,"id":"a"}',
        b'{"n":-0,"id":"a"}',
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
    sample, told = [{"n": 1, "id": "a"}], [b'{"n":1,"id":"a"}']
    form = learn_json({"required": ["id"]}, WANTED, Lesson(sample, told, b"\n"))
    assert form is not None
    assert read(form, [b'{"n":2,"id":"b"}', b'{"n":3,"id":"c"}']) is not None
    assert read(form, [text]) is None
    assert read(form, [b'{"n":2,"id":"b"}', text]) is None


def test_items_that_differ_in_their_escapes_alone_are_no_two_items():
    schema = {
        "required": ["id", "list"],
        "properties": {"list": {"items": {"type": "string"}, "uniqueItems": True}},
    }
    sample = [{"id": "a", "list": ["é", "b"]}]
    told = [
        json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in sample
    ]
    form = learn_json(schema, WANTED, Lesson(sample, told, b"\n"))
    assert form is None or read(form, [rb'{"id":"a","list":["b","\u0062"]}']) is None


def test_two_halves_of_a_character_are_none_though_their_records_stand_side_by_side():
    schema = {"properties": {name: {"type": "string"} for name in "pq"}}
    sample, told = [{"p": "a", "q": "b"}], [b"a,b"]
    form = learn_csv(["p", "q"], [], schema, WANTED, Lesson(sample, told, b"\n"))
    assert form is not None
    assert read(form, ["a,é".encode(), "é,b".encode()]) is not None
    assert read(form, [b"a,\xc3", b"\xa9,b"]) is None


def nested(depth: int) -> dict[str, Any]:
    value: Any = "a"
    for _ in range(depth):
        value = [value]
    return {"id": "a", "list": value}


@pytest.mark.parametrize(
    ("rules", "event"),
    [
        ({}, nested(11)),  # an expression twice as long for each level
        ({}, {"id": "a", "map": {str(number): 1 for number in range(100_000)}}),
        ({"id": {"type": "string", "pattern": "^((a*){60000}){60000}$"}}, {"id": "a"}),
        ({"id": {"type": "string", "pattern": "^(a{0,9}){1,100}$"}}, {"id": "a"}),
    ],
)
def test_what_would_take_long_has_no_form(rules, event):
    lesson = Lesson([event], [json.dumps(event).encode()], b"\n")
    assert learn_json({"properties": rules}, WANTED, lesson) is None


@pytest.mark.parametrize("items", [1, 300_000])
def test_a_long_record_is_read_without_going_back(items):
    event = {"id": "a", "list": ["é"] * items, "end": 1}
    told = [json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()]
    form = learn_json({}, WANTED, Lesson([{**event, "list": ["é"]}], told, b"\n"))
    assert form is not None
    assert read(form, told) is not None
    assert read(form, [told[0].replace(b'"end":1', b'"end":a')]) is None


def test_a_record_of_json_lines_ends_with_its_line():
    schema = {"required": ["id", "n"]}
    sample, told = [{"id": "a", "n": 1}], [b'{"id" : "a", "n": 1}']
    form = learn_json(schema, WANTED, Lesson(sample, told, b"\n"))
    assert form is not None
    assert read(form, [b'{"id" :\t"b" ,"n":2}', told[0]]) is not None
    assert read(form, [b'{"id" :\n"b" ,"n":2}', told[0]]) is None


@pytest.mark.parametrize("rule", [{"const": {"p": "a"}}, {"allOf": [{"enum": [{"p": "a"}]}]}])
def test_a_table_has_no_form_where_the_schema_lists_whole_events(rule):
    schema = rule | {"properties": {"p": {"type": "string"}}}
    assert learn_csv(["p"], [], schema, WANTED, Lesson([{"p": "a"}], [b"a"], b"\n")) is None
    assert learn_json(schema, WANTED, Lesson([{"p": "a"}], [b'{"p":"a"}'], b"\n")) is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [("a~1b", {"a/b": False}), ("a%62", {"ab": False}), ("a/b", {"a": {"b": False}})],
)
def test_a_reference_is_not_followed_to_where_it_does_not_lead(name, meant):
    schema = {"$defs": {name: True, **meant}, "properties": {"p": {"$ref": f"#/$defs/{name}"}}}
    event = {"p": "a"}
    assert not EventSchema.from_bytes(json.dumps(schema).encode()).is_valid(event)
    assert learn_json(schema, WANTED, Lesson([event], [b'{"p":"a"}'], b"\n")) is None


def test_no_byte_behind_what_is_no_record_is_tried():
    form = learn_csv(["p"], [], {}, WANTED, Lesson([{"p": "a"}], [b"a"], b"\n"))
    assert form is not None
    assert form.find(b"a\nb\n,c\nd\n", 0, 9) == [b"a", b"b", b""]
    assert read(form, [b"a", b"b"]) is not None
    assert form.accept(b"a\n,", 0, 3) is None
    assert form.accept(b"a\n\n", 0, 3) is None  # as long as what stands behind a record


@pytest.mark.parametrize(
    ("sample", "learnt"),
    [
        ([{f"{event}.{n}": 1 for n in range(5)} for event in range(40)], True),
        ([{f"{event}.{n}": 1 for n in range(5)} for event in range(60)], False),
        ([{f"{n}": {f"{m}": 1 for m in range(20)} for n in range(20)}], False),
    ],
)
def test_nothing_is_learnt_from_very_many_keys(sample, learnt):
    events = [{"id": "a"} | event for event in sample]
    told = [json.dumps(events[0], separators=(",", ":")).encode()]
    form = learn_json({"required": ["id"]}, WANTED, Lesson(events, told, b"\n"))
    assert (form is not None) == learnt


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("^(a*b|a)*$", False),
        ("^((a*b)?a)*$", False),
        ("^((a*b)*a)*$", False),
        ("^((ab|a){2}c)+$", False),
        ("^((a{9}b|a)c?)*$", False),
        ("^[a-z]+(-[a-z]+)*$", True),
        ("^([0-9]{1,3}\\.){3}[0-9]{1,3}$", True),
        ("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", True),
        ("^(a{0,2}){100}$", False),
        ("^(((a{0,2}){9}){9}){9}$", False),
        ("^(a|b)+[0-9]*$", True),
        ("^(a*b|a*c)(a?b)*$", True),
    ],
)
def test_no_pattern_is_taken_that_looks_at_a_character_again_and_again(pattern, taken):
    if taken:
        re.compile(portable(pattern))
    else:
        with pytest.raises(UnsupportedError):
            portable(pattern)


def test_long_arrays_are_not_kept_in_memory():
    schema = {"properties": {"p": {"items": {"type": "string"}, "uniqueItems": True}}}
    event = {"p": ["a", "b"]}
    form = learn_json(schema, WANTED, Lesson([event], [b'{"p":["a","b"]}'], b"\n"))
    assert form is not None
    long = json.dumps({"p": [f"{n}" for n in range(200)]}, separators=(",", ":")).encode()
    assert read(form, [b'{"p":["a","b"]}', long]) is not None
    assert form.known == {b'["a","b"]'}
