"""One export surveyed in every way, and held against the naive survey of ``tests/survey``."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

from survey.conftest import naive, plain

from evidencekit.core import strict_json
from evidencekit.core.accept import WANTED, Form, Lesson, learn_csv, learn_json
from evidencekit.core.block import BlockResult, Job
from evidencekit.core.cells import Cells
from evidencekit.core.events import Columns, columns
from evidencekit.core.facts import Survey
from evidencekit.core.framing import BLOCK
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_VALUE_CHARS
from fuzz.oracle import asked

FAMILIES = ("json", "csv", "export")
RULES = b"""{
  "type": "object", "required": ["id"],
  "properties": {
    "id": {"type": "string", "minLength": 1}, "verdict": {"enum": ["allow", "block", "flag"]},
    "n": {"type": "integer", "minimum": -5}, "x": {"type": ["number", "null"]},
    "on": {"type": "boolean"}, "list": {"type": "array", "items": {"type": "number"}},
    "timestamp": {"type": "string"}, "request_id": {"type": "string"},
    "metadata": {"type": "object", "properties": {"environment": {"type": "string"}}}
  }
}"""
# For forms only: other engines differ on "$" before a line feed, and on times.
STRICTER = json.loads(RULES)
STRICTER["properties"] |= {
    "request_id": {"type": "string", "pattern": "^[a-z][0-9]+$"},
    "timestamp": {"type": "string", "format": "date-time"},
    "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "model": {"type": ["string", "null"], "maxLength": 5},
}
WEEK = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")


@cache
def schema() -> EventSchema:
    """Return a schema that has each kind of rule that the quick ways know."""
    return EventSchema.from_bytes(RULES)


@cache
def _stricter() -> EventSchema:
    return EventSchema.from_bytes(json.dumps(STRICTER).encode())


@cache
def question(kind: str) -> Question:
    """Return what every export is asked."""
    return Question(format=kind, window=WEEK, request_ids=("r1", "r9"), escalation_ids=("x1",))


@dataclass(frozen=True, slots=True)
class Here:
    """An executor that works at once: blocks are judged without what was left over before them."""

    value: BlockResult

    def result(self) -> BlockResult:
        """Return what was found."""
        return self.value

    @classmethod
    def submit(cls, work: Callable[[bytes, Job], BlockResult], data: bytes, job: Job, /) -> "Here":
        """Do the work."""
        return cls(work(data, job))


def surveyed(data: bytes, kind: str) -> Survey | None:
    """Return what a survey finds, whatever the size of blocks and whoever works on them."""
    found, leaves = _survey(data, kind, BLOCK)
    mark = crc32(data)
    ways: list[dict[str, Any]] = [{"block": 1 + mark // 2 % (7, 101)[mark % 2]}]
    if mark % 4 == 0:
        ways.append({"block": 3 + mark % 53, "executor": Here, "jobs": 1 + mark % 3})
    for way in ways:
        other = _survey(data, kind, **way)
        assert other == (found, leaves), f"{way} finds {other[0]}, not {found}"
    return found if isinstance(found, Survey) else None


def _survey(
    data: bytes, kind: str, block: int, **way: Any
) -> tuple[Survey | tuple[str, str], bytes]:
    leaves: list[bytes] = []

    def call() -> Survey:
        return survey(
            io.BytesIO(data),
            question(kind),
            schema=schema(),
            leaves=leaves.append,
            block=block,
            **way,
        )

    found, refusal = asked(call, RejectedError, FAMILIES)
    if refusal is not None:
        return (refusal.code, str(refusal)), b""
    assert found is not None
    return found, b"".join(leaves)


def check_facts(found: Survey, kind: str, records: list[str], events: list[Any]) -> None:
    """Hold the facts against those of the naive survey."""
    theirs = naive(records, events, question(kind), RULES)
    texts = (key for value in theirs.values() if isinstance(value, dict) for key in value)
    if any(len(text) > MAX_VALUE_CHARS for text in texts):
        return  # ours are cut there
    ours = plain(found)
    wrong = {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}
    assert not wrong, f"ours and theirs: {wrong}"


def check_forms(records: Sequence[bytes], others: Sequence[bytes], events: list[Any]) -> None:
    """Hold records that are accepted by their form against the strict reader and the schema."""
    told, sample = _valid(records, events)
    form = learn_json(STRICTER, WANTED, Lesson(sample, told, b"\n")) if told else None

    def parse(found: list[bytes]) -> list[Any]:
        return [strict_json.loads(record) for record in found]

    if form is not None:
        _check_form(form, (records, *((one,) for one in (*records, *others))), parse)


def check_table(names: list[str], records: Sequence[bytes], others: Sequence[bytes]) -> None:
    """Hold the records of a table that are accepted by their form likewise."""
    cells = Cells(names, _stricter().coercions)
    told, sample = _valid(records, cells.events(list(records)))
    lesson = Lesson(sample, told, b"\n")
    form = learn_csv(names, cells.coerced, STRICTER, WANTED, lesson) if told else None
    if form is not None:
        _check_form(form, (records, *((one,) for one in (*records, *others))), cells.events)


def _valid(records: Sequence[bytes], events: Sequence[Any]) -> tuple[list[bytes], list[Any]]:
    both = [(r, e) for r, e in zip(records, events, strict=True) if _stricter().is_valid(e)]
    return [record for record, _ in both], [event for _, event in both]


def _check_form(
    form: Form, groups: Iterable[Sequence[bytes]], parse: Callable[[list[bytes]], Sequence[Any]]
) -> None:
    for group in groups:
        text = b"".join(record + b"\n" for record in group)
        found = form.accept(text, 0, len(text))
        if found is None:
            continue
        assert b"".join(record + b"\n" for record in found.records) == text, "bytes are lost"
        parsed = parse(found.records)
        assert all(map(_stricter().is_valid, parsed)), "a form accepts what the schema does not"
        assert _lists(found.said) == _lists(columns(parsed)), "a form says something else"


def _lists(said: Columns) -> dict[str, list[str | None]]:
    return {name: list(getattr(said, name)) for name in Columns.__dataclass_fields__}


def tokens() -> Iterator[bytes]:
    """Yield what is worth putting into any export."""
    yield from (b",", b"\n", b"\r\n", b"\r", b'"', b'""', b"\\", b"[", b"]", b"{", b"}", b":")
    yield from (b"\xef\xbb\xbf", b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b" ", b"\t", b"\x0b")
    yield from (
        b"-0",
        b"1e400",
        b"1e-400",
        b"1.0",
        b"18446744073709551616",
        b"-9223372036854775809",
    )
    yield from (b"NaN", b"Infinity", b"null", b"true", b"0.1", b"00", b"1E5", b"2e0")
    yield from (b'"id":"a"', b'"n":1', b'"x":1.5', b'"verdict":"flag"', b'"metadata":{}')
    yield from (b'"timestamp":"2026-04-17T00:00:00.5Z"', b'"request_id":"r1"', b'"list":[1,2.0]')
    yield from (b'"escalation_id":"x1"', b'"config_version":"0.1"', b'"environment":"production"')
