"""The work on one block of an export: split, parse, judge, hash, count.

``block_result`` is a pure function of bytes and a ``Job``, and its result a small frozen value: it
can run in this process, in a worker, or on another machine. A block starts where a record starts,
or so it seemed to whoever cut it; ``used`` says how far its records really go.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, cast

from evidencekit.core import readers, strict_json
from evidencekit.core.accept import WANTED, Filter, learn_csv, learn_json
from evidencekit.core.cells import Cells
from evidencekit.core.events import Columns, columns, joined
from evidencekit.core.facts import Problem
from evidencekit.core.readers import Cursor, Group
from evidencekit.core.schema import EventSchema
from evidencekit.core.split_json import Separator
from evidencekit.core.tally import Tally, tally
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_PROBLEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is the same for all blocks of one export."""

    schema: bytes
    shape: str  # "array" (also that of a wrapper), "lines" or "csv"
    separator: Separator | None = None  # array: what stands between two elements
    header: tuple[str, ...] = ()  # csv
    window: Window | None = None
    request_ids: frozenset[str] = frozenset()
    escalation_ids: frozenset[str] = frozenset()
    hash_key: int | None = None  # of the process that adds up
    thorough: bool = False  # accept no record by its form: parse and judge each


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why the record behind those of a result is none."""

    code: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockResult:
    """What the records of one block are and say, up to the first that is at fault."""

    leaves: bytes  # leaf digests, 32 bytes each
    tally: Tally
    invalid_events: int
    problems: tuple[Problem, ...]  # the first MAX_PROBLEMS; positions count from the block's start
    used: int  # bytes up to where the next record starts
    lines: int  # csv: line endings in them
    closed: bool  # array: the last of them is its "]"
    fault: Fault | None


def block_result(data: bytes, job: Job) -> BlockResult:
    """Return what is in a block that others follow."""
    return _bench(job).result(data, last=False)


@lru_cache(maxsize=2)  # schemas take milliseconds to compile, and a worker gets a thousand blocks
def _bench(job: Job) -> "Bench":
    return Bench(EventSchema.from_bytes(job.schema), job)


class Bench:
    """A job with its schema compiled."""

    def __init__(self, schema: EventSchema, job: Job) -> None:
        self._schema = schema
        self._job = job
        self._cells = Cells(job.header, schema.coercions)
        self._filter = _filter(schema, job, self._cells.coerced)

    @property
    def knows_a_form(self) -> bool:
        """Whether some records may be accepted by their form, as blocks worked on have shown."""
        return self._filter.knows_a_form

    def result(self, data: bytes, *, last: bool) -> BlockResult:
        """Return what is in a block; ``last``: the export ends behind it."""
        cursor, fault = Cursor(), None
        found = _Found(self._schema, self._filter, self._between(data))
        try:
            for records, events in self._groups(data, cursor, last=last):
                found.add(records, events)
        except RejectedError as error:
            fault = Fault(code=error.code, told=str(error).removeprefix("event: "))
        job = self._job
        return BlockResult(
            leaves=b"".join(found.leaves),
            tally=tally(
                found.said,
                window=job.window,
                request_ids=job.request_ids,
                escalation_ids=job.escalation_ids,
                hash_key=job.hash_key,
            ),
            invalid_events=found.invalid,
            problems=tuple(found.problems[:MAX_PROBLEMS]),
            used=cursor.at,
            lines=cursor.line,
            closed=cursor.closed,
            fault=fault,
        )

    def _groups(self, data: bytes, cursor: Cursor, *, last: bool) -> Iterator[Group]:
        match self._job.shape:
            case "array":
                return readers.array(data, cursor, self._job.separator, self._filter)
            case "lines":
                return readers.lines(data, cursor, self._filter, last=last)
            case _:
                return readers.csv(data, cursor, self._cells, self._filter, last=last)

    def _between(self, data: bytes) -> bytes:
        """Return what stands behind each record, in nearly every export."""
        if separator := self._job.separator:
            return separator.text[1 : separator.step]
        at = data.find(b"\n")
        return b"\r\n" if self._job.shape == "csv" and data[at - 1 : at] == b"\r" else b"\n"


def _filter(schema: EventSchema, job: Job, coerced: frozenset[str]) -> Filter:
    """Return the quick way to accept records, which accepts none if it is to be thorough."""
    if job.thorough:
        return Filter(lambda _: None)
    told = cast(dict[str, Any], strict_json.loads(schema.data))
    wanted = WANTED
    if not job.request_ids and not job.escalation_ids:
        wanted -= {("request_id",), ("escalation_id",)}  # nobody asks
    if job.shape == "csv":
        return Filter(partial(learn_csv, job.header, coerced, told, wanted))
    return Filter(partial(learn_json, told, wanted))


class _Found:
    """What was found in a block so far; the events themselves are dropped."""

    def __init__(self, schema: EventSchema, quick: Filter, between: bytes) -> None:
        self._schema = schema
        self._filter = quick
        self._between = between
        self._said: list[Columns] = []
        self.events = 0
        self.leaves: list[bytes] = []
        self.invalid = 0
        self.problems: list[Problem] = []

    def add(self, records: list[bytes], events: list[Any] | Columns) -> None:
        """Judge, hash and read a group of events; what was read already is valid."""
        self._said.append(events if isinstance(events, Columns) else self._read(records, events))
        # tree.leaf_hash, written out: a call an event is a twentieth of the whole work
        self.leaves.append(b"".join([sha256(b"\0" + record).digest() for record in records]))
        self.events += len(records)

    @property
    def said(self) -> Columns:
        """What all events say."""
        return self._said[0] if len(self._said) == 1 else joined(self._said)

    def _read(self, records: list[bytes], events: list[Any]) -> Columns:
        if self._schema.all_valid(events):
            self._filter.learn(records, events, self._between)
        else:
            self._judge_each(events)
        return columns(events)

    def _judge_each(self, events: list[Any]) -> None:
        for position, event in enumerate(events, self.events):
            if not self._schema.is_valid(event):
                self.invalid += 1
                if len(self.problems) < MAX_PROBLEMS:
                    self.problems += self._schema.problems(event, position)
