"""The centre: one pass over an export, from bytes to facts.

The collector signs what ``survey`` returns; the verifier calls it on the bytes it received, and
compares.

One reader cuts the export into blocks; the work on each is a pure function (``block.block_result``)
that runs here or wherever an executor puts it; the results are added up in export order. Cuts are
guesses. The order makes them safe: a result counts only if everything before it was used to its
last byte, so that its block does start where a record starts; otherwise what was left over and the
block are worked on again, together. Facts therefore depend on the bytes alone, never on blocks,
workers or chance.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ParamSpec, Protocol, Self, TypeVar

from evidencekit.core import strict_json
from evidencekit.core.block import Bench, BlockResult, Job, block_result
from evidencekit.core.facts import Problem, Survey
from evidencekit.core.framing import BLOCK, Opening, Source, Stream, blocks, read_opening, truncated
from evidencekit.core.manifest import Claim, Context
from evidencekit.core.readers import too_large
from evidencekit.core.schema import EventSchema
from evidencekit.core.split_json import object_end, skip_white
from evidencekit.core.tally import own_hash_key
from evidencekit.core.total import Total
from evidencekit.core.tree import Tree
from evidencekit.core.window import Window
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError
from evidencekit.limits import MAX_DOCUMENT_BYTES, MAX_EVENT_BYTES, MAX_PROBLEMS

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a survey is asked, besides what is in the export."""

    format: str  # "json" or "csv"
    window: Window | None = None
    request_ids: tuple[str, ...] = ()
    escalation_ids: tuple[str, ...] = ()

    @classmethod
    def about(cls, fmt: str, claim: Claim, context: Context) -> Self:
        """Return what collecting and verifying both ask of an export of that format."""
        return cls(
            format=fmt,
            window=claim.window,
            request_ids=context.request_ids,
            escalation_ids=context.escalation_ids,
        )


class Pending(Protocol):
    """A result that may still be in the making, such as a ``concurrent.futures.Future``."""

    def result(self) -> BlockResult:
        """Wait for it, and return it."""
        ...


class Executor(Protocol):
    """Does the work on blocks: a ``concurrent.futures.Executor``, a cluster's, our pool."""

    def submit(
        self, work: Callable[[bytes, Job], BlockResult], data: bytes, job: Job, /
    ) -> Pending:
        """Start the work on one block."""
        ...


def survey(  # noqa: PLR0913
    stream: Stream,
    question: Question,
    *,
    schema: EventSchema,
    executor: Executor | None = None,
    jobs: int = 1,
    sink: Callable[[bytes], object] | None = None,
    leaves: Callable[[bytes], object] | None = None,
    progress: Callable[[int], None] | None = None,
    block: int = BLOCK,
    thorough: bool = False,
) -> Survey:
    """Return what one pass over ``stream``, an export from its first byte to its end, finds.

    ``executor`` does the work on blocks, of which ``2 * jobs`` are on their way at a time; without
    one it is done here. ``sink`` gets every byte read, once and in order; ``leaves`` the leaf
    digests, 32 bytes an event, in export order; ``progress`` the number of bytes read so far.
    ``block`` is the usual size of a block in bytes; ``thorough`` parses and judges each event, also
    those whose form says already that they are valid. Neither makes a difference to what is found.

    Events that break the schema are counted. Raises ``RejectedError`` where the export as a whole
    is not what it should be (``export.…``, ``json.…``, ``csv.…``), for the first such fault in
    export order, and ``UndecidedError`` (``survey.worker-lost``) where the executor failed.
    """
    source = Source(stream, sink, progress, block)
    opening = read_opening(source, question.format)
    job = _job(schema, opening, question, thorough=thorough)
    fold = _Fold(opening, Bench(schema, job), question, leaves)
    if job.shape == "array" and job.separator is None:
        executor = None  # no cut can be seen, so a block could not be worked on by itself
    for data, result in _results(blocks(source, opening), job, executor, 2 * jobs):
        fold.add(data, result)
    return fold.finish(source)


def _job(schema: EventSchema, opening: Opening, question: Question, *, thorough: bool) -> Job:
    """Return what is the same for all blocks of an export that opens like this."""
    return Job(
        schema=schema.data,
        shape="array" if opening.shape == "wrapper" else opening.shape,
        separator=opening.separator,
        header=opening.header,
        window=question.window,
        request_ids=frozenset(question.request_ids),
        escalation_ids=frozenset(question.escalation_ids),
        hash_key=own_hash_key(),
        thorough=thorough,
    )


def _results(
    cut: Iterator[bytes], job: Job, executor: Executor | None, depth: int
) -> Iterator[tuple[bytes, BlockResult | None]]:
    """Yield every block in order, with its result where an executor works on it."""
    if executor is None:
        yield from ((block, None) for block in cut)
        return
    waiting: deque[tuple[bytes, Pending]] = deque()
    failure: EvidenceError | OSError | None = None
    while failure is None:
        try:
            block = next(cut, None)
        except (EvidenceError, OSError) as error:  # of the stream or the sink
            failure = error  # a fault in what was read before it comes first
            break
        if block is None:
            break
        waiting.append((block, _of_worker(executor.submit, block_result, block, job)))
        if len(waiting) > depth:
            block, pending = waiting.popleft()
            yield block, _of_worker(pending.result)
    for block, pending in waiting:
        yield block, _of_worker(pending.result)
    if failure:
        raise failure


def _of_worker(call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call the executor, whose failures are nobody's fault but are no result either."""
    from concurrent.futures import BrokenExecutor, CancelledError  # noqa: PLC0415  (start-up)

    try:
        return call(*args, **kwargs)
    except (BrokenExecutor, CancelledError):
        raise UndecidedError(
            "survey.worker-lost",
            "survey: a worker process ended before its work was done",
            hint="it may have run out of memory; --jobs 1 works without workers",
        ) from None


class _Fold:
    """The results so far, in export order."""

    def __init__(
        self,
        opening: Opening,
        bench: Bench,
        question: Question,
        leaves: Callable[[bytes], object] | None,
    ) -> None:
        self._opening = opening
        self._bench = bench
        self._leaves = leaves
        self._tree = Tree()
        self._total = Total(
            request_ids=question.request_ids, escalation_ids=question.escalation_ids
        )
        self._invalid = 0
        self._problems: list[Problem] = []
        self._lines = opening.lines
        self._left = b""  # what the blocks so far left over
        self._enough = 0  # bytes that must be there before trying again pays
        self._closed = opening.empty
        self._tail = b""  # wrapper: its end, from behind the "]" of its events

    def add(self, block: bytes, result: BlockResult | None) -> None:
        """Add the next block; with its result, if it was worked on as if nothing was left over."""
        if self._closed:
            self._end(block)
        elif self._left or result is None:
            self._try(self._left + block)
        else:
            self._merge(block, result)

    def _try(self, data: bytes) -> None:
        """Work on ``data``, unless it is a large record that was tried at half its size."""
        self._left = data
        if len(data) >= self._enough or len(data) > MAX_EVENT_BYTES:
            self._merge(data, self._bench.result(data, last=False))

    def _merge(self, data: bytes, result: BlockResult) -> None:
        for problem in result.problems[: MAX_PROBLEMS - len(self._problems)]:
            position = self._total.events + problem.position
            self._problems.append(replace(problem, position=position))
        self._invalid += result.invalid_events
        self._total.add(result.tally)
        self._tree.add_many(result.leaves)
        if self._leaves:
            self._leaves(result.leaves)
        self._lines += result.lines
        self._left = data[result.used :]
        self._enough = 0 if result.used else 2 * len(data)
        if result.fault:
            raise self._fault(RejectedError(result.fault.code, result.fault.told))
        if result.closed:
            left, self._left, self._closed = self._left, b"", True
            self._end(left)
        elif len(self._left) > MAX_EVENT_BYTES:
            raise self._fault(too_large("csv.size" if self._is_csv else "json.size"))

    @property
    def _is_csv(self) -> bool:
        return self._opening.shape == "csv"

    def _fault(self, error: RejectedError) -> RejectedError:
        """Return the error with where it is."""
        where = f"line {self._lines + 1}" if self._is_csv else f"event {self._total.events}"
        return RejectedError(error.code, f"{where}: {error}")

    def _end(self, data: bytes) -> None:
        """Take what follows the array of events."""
        if self._opening.shape == "wrapper":
            self._tail += data
            if len(self._tail) > MAX_DOCUMENT_BYTES:
                raise RejectedError("json.size", "export: too much behind its events")
        elif skip_white(data, 0) < len(data):
            raise RejectedError("export.trailing", "export: goes on behind the end of the array")

    def finish(self, source: Source) -> Survey:
        """Return everything, now that the export has ended."""
        if self._opening.shape in ("lines", "csv") and self._left:
            self._merge(self._left, self._bench.result(self._left, last=True))
        elif self._left:
            self._merge(self._left, self._bench.result(self._left, last=False))
        if self._opening.shape in ("array", "wrapper") and not self._closed:
            raise truncated(f"inside or behind event {self._total.events}")
        if self._opening.shape == "wrapper":
            self._check_wrapper()
        return Survey(
            facts=self._total.facts(self._tree.root().hex()),
            size=source.size,
            sha256=source.sha256,
            shape=self._opening.shape,
            header=self._opening.header if self._is_csv else None,
            invalid_events=self._invalid,
            problems=tuple(self._problems),
        )

    def _check_wrapper(self) -> None:
        """Read the wrapper strictly, without its events."""
        document = self._opening.head + b"]" + self._tail
        end = object_end(document, 0)
        if end < 0:
            raise truncated("inside the object that wraps its events")
        if skip_white(document, end) < len(document):
            raise RejectedError("export.trailing", "export: goes on behind its wrapper")
        strict_json.loads(document, what="export")
