"""The work on one block of an export: split, parse, judge, hash, count.

``block_result`` is a pure function of bytes and a ``Job``, and its result a small frozen value: it
can run in this process, in a worker, or on another machine. A block starts where a record starts,
or so it seemed to whoever cut it; ``used`` says how far its records really go.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from evidencekit.core import readers, strict_json
from evidencekit.core.cells import Cells
from evidencekit.core.events import ALIASES, Columns, columns
from evidencekit.core.facts import Problem
from evidencekit.core.readers import Cursor, Group
from evidencekit.core.schema import EventSchema
from evidencekit.core.split_json import Separator
from evidencekit.core.tally import Tally, tally
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_PROBLEMS

if TYPE_CHECKING:
    from evidencekit.core.typed import Filter


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
        self._filter = _filter(schema)

    def result(self, data: bytes, *, last: bool) -> BlockResult:
        """Return what is in a block; ``last``: the export ends behind it."""
        cursor, found, fault = Cursor(), _Found(self._schema, self._filter), None
        try:
            for records, events in self._groups(data, cursor, last=last):
                found.add(records, events)
        except RejectedError as error:
            fault = Fault(code=error.code, told=str(error).removeprefix("event: "))
        job = self._job
        return BlockResult(
            leaves=b"".join(found.leaves),
            tally=tally(
                Columns(**found.said),
                window=job.window,
                request_ids=job.request_ids,
                escalation_ids=job.escalation_ids,
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
                return readers.array(data, cursor, self._job.separator, self._accept)
            case "lines":
                return readers.lines(data, cursor, self._accept, last=last)
            case _:
                return readers.csv(data, cursor, self._cells, last=last)

    def _accept(self, records: Sequence[bytes]) -> Columns | None:
        return self._filter.columns(records) if self._filter else None


def _filter(schema: EventSchema) -> "Filter | None":
    """Return the quick way to accept events, where the library for it is installed."""
    with suppress(ImportError):
        from evidencekit.core.typed import Filter  # noqa: PLC0415  (an extra)

        return Filter(cast(dict[str, Any], strict_json.loads(schema.data)))
    return None


class _Found:
    """What was found in a block so far; the events themselves are dropped."""

    def __init__(self, schema: EventSchema, quick: "Filter | None") -> None:
        self._schema = schema
        self._filter = quick
        self.leaves: list[bytes] = []
        self.said: dict[str, list[str | None]] = {name: [] for name in ALIASES}
        self.invalid = 0
        self.problems: list[Problem] = []

    def add(self, records: list[bytes], events: list[Any] | Columns) -> None:
        """Judge, hash and read a group of events; what was read already is valid."""
        said = events if isinstance(events, Columns) else self._read(events)
        # tree.leaf_hash, written out: a call an event is a twentieth of the whole work
        self.leaves += [sha256(b"\0" + record).digest() for record in records]
        for name, column in self.said.items():
            column.extend(getattr(said, name))

    def _read(self, events: list[Any]) -> Columns:
        if not self._schema.all_valid(events):
            self._judge_each(events)
        elif self._filter:
            self._filter.learn(events)
        return columns(events)

    def _judge_each(self, events: list[Any]) -> None:
        for position, event in enumerate(events, len(self.leaves)):
            if not self._schema.is_valid(event):
                self.invalid += 1
                if len(self.problems) < MAX_PROBLEMS:
                    self.problems += self._schema.problems(event, position)
