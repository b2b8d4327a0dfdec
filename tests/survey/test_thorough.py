"""Whatever is exported, and by whatever schema: without forms, a survey finds the very same."""

import csv
import io
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from survey import test_accept as made

from evidencekit.cli import run
from evidencekit.core import readers
from evidencekit.core.accept import Accepted, Filter
from evidencekit.core.block import Bench, Job
from evidencekit.core.readers import Cursor
from evidencekit.core.schema import EventSchema
from evidencekit.core.split_json import Separator
from evidencekit.core.survey import Question, survey
from evidencekit.errors import RejectedError

BUNDLES = Path(__file__).parent.parent / "bundles"
SHAPES = ["array", "wrapper", "lines", "csv"]
MATTER = ["id", "event_id", "timestamp", "verdict", "action", "reason", "request_id", "model"]
MATTER += ["config_version", "environment", "metadata", "gateway", "list", "n", "größe"]
WORDS = ["a", "abc", "b", "allow", "Blocked", "x,y", "é😀", "", "-", "2026-04-23T14:30:00Z"]
WORDS += ["2026-04-23T14:30:00.5+00:00", 'q"\\', "0", "007", "1e3", "a\u2028b", "\ufeff", "\x7f"]
NUMBERS = [0, 1, 7, -1, 10**15, 2**53, 1.0, 2.5, -0.0, 1e21, 1e-7]
STYLES: list[dict[str, Any]] = [{"separators": (",", ":")}, {}, {"separators": (" ,", " : ")}]
STYLES += [{"indent": 1}]
BREAKS = [
    '"',
    "\\",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "\r",
    "\0",
    "\x01",
    " ",
    "0",
    "1",
    "-",
    ".",
]
BREAKS += ["é", "\ufeff", '""', "\r\n", "},\n{", '"id":', '"\n', "\\u0061", "\\ud83d", "null", "e9"]


def value(dice: random.Random, kind: str) -> Any:
    """Return a value of one kind, as one exporter writes one member."""
    if kind == "text":
        return dice.choice(WORDS)
    if kind == "number":
        return dice.choice(NUMBERS)
    if kind == "list":
        return [dice.choice(WORDS) for _ in range(dice.randrange(4))]
    if kind == "object":
        inner = {"environment": dice.choice([*WORDS, 3, None]), "n": dice.choice(NUMBERS)}
        return {name: inner[name] for name in inner if dice.random() < 0.8}
    return dice.choice([None, True, False, *WORDS, *NUMBERS])


def exports(dice: random.Random) -> tuple[dict[str, Any], list[str], list[dict[str, Any]]]:
    """Return a schema, names, and events that an exporter of a few habits might write."""
    names = dice.sample(MATTER, dice.randrange(1, 6))
    kinds = {
        name: dice.choice(["text"] * 4 + ["number", "list", "object", "any"]) for name in names
    }
    kinds |= {"metadata": dice.choice(["object", "text"])} if "metadata" in names else {}
    usual = {
        name: [value(dice, kinds[name]) for _ in range(dice.randrange(1, 4))] for name in names
    }
    lacking = {name: dice.choice([0, 0, 0.2]) for name in names}
    events = [
        {name: dice.choice(usual[name]) for name in names if dice.random() >= lacking[name]}
        for _ in range(1_100 + 64 * dice.randrange(1, 5))
    ]
    schema: dict[str, Any] = {"$defs": {"shared": made.rule(dice, 3)}}
    rules = {name: fitting(dice, usual[name]) for name in names}
    schema |= {"properties": rules}
    if dice.random() < 0.3:
        schema["required"] = [name for name in names if not lacking[name]][:1]
    if dice.random() < 0.2:
        schema["allOf"] = [made.members(dice, 2)]
    return schema, names, events


def fitting(dice: random.Random, usual: list[Any]) -> Any:
    """Return a rule that usual values follow, if one is found soon: else there is no form."""
    for _ in range(30):
        rule = made.rule(dice, 1)
        schema = {"$defs": {"shared": True}, "properties": {"x": rule}}
        judged_by = EventSchema.from_bytes(json.dumps(schema).encode())
        if all(judged_by.is_valid({"x": one}) for one in usual):
            return rule
    return True


def cell(one: object) -> object:
    if isinstance(one, list | dict | bool):
        return json.dumps(one, separators=(",", ":"), ensure_ascii=False)
    return one


def records(
    dice: random.Random, shape: str, names: list[str], events: list[dict[str, Any]]
) -> list[str]:
    if shape != "csv":
        style = dice.choice(STYLES[: 3 if shape == "lines" else 4])
        ascii_only = dice.random() < 0.3
        return [json.dumps(event, ensure_ascii=ascii_only, **style) for event in events]
    quoting = dice.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    found = []
    for event in events:
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=quoting, lineterminator="")
        writer.writerow([cell(event.get(name, "")) for name in names])
        found.append(text.getvalue())
    return found


def damaged(dice: random.Random, texts: list[str], odd: list[str]) -> list[str]:
    """Return records of which a few, behind those that a form is learnt from, are not as usual."""
    found = list(texts)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(1_064, len(found))
        text = dice.choice([found[at], dice.choice(odd)])
        cut = dice.randrange(len(text) + 1)
        rest = dice.choice([cut, min(cut + 1, len(text))])
        way = dice.random()
        if way < 0.6:
            text = text[:cut] + dice.choice(BREAKS) + text[rest:]
        elif way < 0.7:
            text = text[:cut] + text[rest:]
        found[at] = text
    return found


def exported(dice: random.Random, shape: str, names: list[str], texts: list[str]) -> bytes:
    if shape == "csv":
        end = dice.choice(["\n", "\r\n"])
        ends = [end if dice.random() < 0.9995 else dice.choice(["\n", "\r\n"]) for _ in texts]
        ends[-1] = dice.choice([end, ""])
        body = "".join(text + end for text, end in zip(texts, ends, strict=True))
        data = (",".join(names) + end + body).encode()
    elif shape == "lines":
        data = ("\n".join(texts) + dice.choice(["\n", ""])).encode()
    else:
        array = "[" + dice.choice([",", ",\n", " , "]).join(texts) + "]"
        data = (array if shape == "array" else f'{{"a": 1, "events": {array}}}').encode()
    if dice.random() < 0.1:
        at = dice.randrange(len(data) // 2, len(data))
        data = data[:at] + dice.choice([b"\xff", b"\xc3", b"\xa9", b"\xed\xa0\x80"]) + data[at:]
    return data


def found(data: bytes, shape: str, schema: EventSchema, **how: Any) -> object:
    """Return all that is found, or which fault."""
    question = Question(
        format="csv" if shape == "csv" else "json", request_ids=("a",) if len(data) % 2 else ()
    )
    leaves: list[bytes] = []
    try:
        survey_of = survey(io.BytesIO(data), question, schema=schema, leaves=leaves.append, **how)
    except RejectedError as error:
        return error.code, str(error)
    return survey_of, b"".join(leaves)


def same(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    schema, names, events = exports(dice)
    judged_by = EventSchema.from_bytes(json.dumps(schema).encode())
    for shape in SHAPES:
        told = records(dice, shape, names, events)
        other = {name: value(dice, "any") for name in names}
        odd = records(dice, shape, names, [other, {**events[0], **other}, events[1]])
        data = exported(dice, shape, names, damaged(dice, told, odd))
        right = found(data, shape, judged_by, thorough=True)
        for block in (dice.randrange(300, 5_000), 20_000, 256 * 1024):
            assert found(data, shape, judged_by, block=block) == right, (seed, shape, block)


def benches(
    data: bytes, shape: str, names: list[str], schema: EventSchema, texts: list[str]
) -> list[Bench]:
    """Return one bench that has learnt forms from clean data, and a thorough one."""
    first = len(texts[0].encode())
    separator = Separator.learn(data, first) if shape == "array" else None
    job = Job(schema=schema.data, shape=shape, separator=separator, header=tuple(names))
    quick = Bench(schema, job)
    quick.result(data, last=False)
    return [quick, Bench(schema, replace(job, thorough=True))]


def compared(seed: int) -> int:
    """Compare what is made of many small blocks, each with a little damage; return how many."""
    dice = random.Random(seed)  # noqa: S311
    schema, names, events = exports(dice)
    judged_by = EventSchema.from_bytes(json.dumps(schema).encode())
    done = 0
    for shape in ("array", "lines", "csv"):
        texts = records(dice, shape, names, events)
        behind = dice.choice([",", ", ", ",\n"] if shape == "array" else ["\n"])
        clean = "".join(text + behind for text in texts).encode()
        quick, thorough = benches(clean, shape, names, judged_by, texts)
        if not quick.knows_a_form:
            continue
        other = {name: value(dice, "any") for name in names}
        odd = records(dice, shape, names, [other, {**events[0], **other}])
        for _ in range(60):
            block = little(dice, texts, odd, behind)
            quick.result(clean[: clean.find(behind.encode(), 1_000) + len(behind)], last=False)
            results = [bench.result(block, last=False) for bench in (quick, thorough)]
            assert results[0] == results[1], (seed, shape, block)
            done += 1
    return done


def little(dice: random.Random, texts: list[str], odd: list[str], behind: str) -> bytes:
    """Return a few records, one of which, or what joins two, is not as usual."""
    text = dice.choice([*dice.sample(texts, 4), *odd])
    marks = [at for at, char in enumerate(text) if char in '":,[]{}\\'] or [0]
    cut = min(dice.choice([dice.randrange(len(text) + 1), dice.choice(marks) + 1]), len(text))
    rest = dice.choice([cut, cut, min(cut + 1, len(text))])
    text = text[:cut] + dice.choice(["", *BREAKS, *WORDS]) + text[rest:]
    found = [text + behind for text in (*dice.sample(texts, 2), text, dice.choice(texts))]
    data = "".join(found).encode()
    if dice.random() < 0.15:  # halves of a character, in two places
        for half in (b"\xa9", b"\xc3"):
            at = dice.choice(
                [at for at in range(len(data)) if data[at : at + 1] in b'",: a0'] or [0]
            )
            data = data[:at] + half + data[at:]
    return data


@pytest.mark.parametrize("seed", range(20))
def test_a_thorough_bench_makes_the_same_of_damaged_blocks(seed):
    compared(seed)


@pytest.mark.parametrize("seed", range(12))
def test_a_thorough_survey_finds_nothing_else(seed):
    same(seed)


@pytest.mark.parametrize("thorough", [False, True])
def test_forms_are_learnt_unless_it_is_to_be_thorough(thorough):
    events = [{"id": f"e{n}", "n": n if n != 3_500 else "no"} for n in range(4_000)]
    data = b"".join([json.dumps(event).encode() + b"\n" for event in events])
    schema = EventSchema.from_bytes(b'{"properties": {"n": {"type": "integer"}}}')
    bench = Bench(schema, Job(schema=schema.data, shape="lines", thorough=thorough))
    result = bench.result(data, last=True)
    assert (len(result.leaves), result.invalid_events) == (32 * 4_000, 1)
    assert bench.knows_a_form is not thorough


def test_whoever_verifies_may_ask_for_it(capsys):
    words = ["verify", str(BUNDLES / "good/json-array"), "--at", "2026-06-01T00:00:00Z"]
    words += ["--key", str(BUNDLES / "keys/preparer.pub")]
    said = []
    for more in ([], ["--thorough"]):
        assert run([*words, *more]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert run([*words, "--thorough", "--quick"]) == 2


class Counting(Filter):
    """What knows no form, and counts how often it is asked about a block."""

    asked = 0

    def block(self, text: bytes, start: int, end: int) -> Accepted | None:
        self.asked += 1
        return super().block(text, start, end)


def test_a_block_is_tried_once_however_often_guesses_go_wrong_in_it():
    one, other = b'{"id":"a"}', b'{"id":"a","list":[{"id":1},{"id":2}]}'
    data = b",".join([one, *[other, one] * 50, one])
    separator = Separator.learn(data, len(one))
    quick = Counting(lambda _: None)
    records = [r for found, _ in readers.array(data, Cursor(), separator, quick) for r in found]
    assert len(records) == 101
    assert quick.asked == 1
