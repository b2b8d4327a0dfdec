"""Worker processes for a survey, which get blocks through shared memory.

The parsers hold the GIL, so only processes can share the work. The reader hashes a block, then
copies those very bytes into a slot of shared memory and tells a worker; what is judged is what was
hashed, whatever happens to the file meanwhile. Workers take turns, and each answers in order, so no
lock, queue or thread is needed: to wait for a block is to read its worker's pipe.
"""

import mmap
import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, closing, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.shared_memory import SharedMemory
from typing import Self, cast

from evidencekit.core.block import BlockResult, Job
from evidencekit.core.framing import BLOCK
from evidencekit.edges.garbage import without_cycles
from evidencekit.limits import MIB

Work = Callable[[bytes, Job], BlockResult]
_Memory = mmap.mmap | SharedMemory

_WORTH_IT = 16 * MIB  # below that, starting workers takes longer than they save
_SLOT = BLOCK  # a block is at most that large, unless it holds a very large record
_QUEUED = 3  # blocks on their way to one worker: one being worked on, the others waiting


class WorkerLost(BrokenExecutor):
    """A worker ended before it answered."""


class Pool:
    """Worker processes, as the executor of one ``survey``; to be used in a ``with`` statement.

    They are started when the blocks submitted exceed ``_WORTH_IT`` bytes; until then, and for
    blocks that no slot holds, the work is done in this process.
    """

    def __init__(self, jobs: int, *, at_once: bool = False, method: str | None = None) -> None:
        self._jobs = jobs
        self._method = method
        self._before = 0 if at_once else _WORTH_IT
        self._workers: list[_Worker] = []
        self._pids: list[int] = []
        self._turn = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the workers, whatever they do, and give the shared memory back."""
        self._stack.close()

    @property
    def processes(self) -> tuple[int, ...]:
        """The process IDs of the workers that were started."""
        return tuple(self._pids)

    def submit(self, work: Work, data: bytes, job: Job, /) -> "_Waiting | _Done":
        """Start ``work`` on one block. ``work`` and ``job`` are the same each time."""
        self._before -= len(data)
        if self._before > 0 or len(data) > _SLOT:
            return _Done(work(data, job))
        if not self._workers:
            self._start(work, job)
        self._turn += 1
        return self._workers[self._turn % self._jobs].send(data)

    def _start(self, work: Work, job: Job) -> None:
        forks = (self._method or _start_method()) == "fork"
        context = multiprocessing.get_context("fork" if forks else "spawn")
        memory = self._memory(self._jobs * _QUEUED * _SLOT, inherited=forks)
        for number in range(self._jobs):
            ours, theirs = context.Pipe()
            self._stack.callback(ours.close)
            process = context.Process(  # type: ignore[attr-defined]
                target=_serve, args=(theirs, ours if forks else None, memory, work, job)
            )
            process.daemon = True
            process.start()
            self._pids.append(process.pid)
            self._stack.callback(_stop, process)
            theirs.close()  # so that the pipe ends when the worker does
            slots = range(number * _QUEUED * _SLOT, (number + 1) * _QUEUED * _SLOT, _SLOT)
            self._workers.append(_Worker(ours, memory, deque(slots)))

    def _memory(self, size: int, *, inherited: bool) -> _Memory:
        """Return memory that workers see too: by name, unless they inherit it."""
        if inherited:
            return self._stack.enter_context(closing(mmap.mmap(-1, size)))
        memory = SharedMemory(create=True, size=size)
        self._stack.callback(memory.unlink)
        self._stack.callback(memory.close)
        return memory


class _Worker:
    """One worker process, seen from this side."""

    def __init__(self, pipe: Connection, memory: _Memory, slots: deque[int]) -> None:
        self._pipe = pipe
        self._memory = _buffer(memory)
        self._free = slots  # offsets into the memory
        self._waiting: deque[_Waiting] = deque()

    def send(self, data: bytes) -> "_Waiting":
        """Hand over one block."""
        while not self._free:
            self.receive()
        slot = self._free.popleft()
        self._memory[slot : slot + len(data)] = data
        self._tell(slot, len(data))
        self._waiting.append(_Waiting(self, slot))
        return self._waiting[-1]

    def _tell(self, slot: int, length: int) -> None:
        try:
            self._pipe.send((slot, length))
        except OSError:
            raise WorkerLost from None

    def receive(self) -> None:
        """Wait for the answer about the block that was sent first."""
        try:
            answer = self._pipe.recv()
        except (EOFError, OSError):
            raise WorkerLost from None
        first = self._waiting.popleft()
        first.answer = answer
        self._free.append(first.slot)


class _Waiting:
    """A block that a worker has, and then its answer."""

    def __init__(self, worker: _Worker, slot: int) -> None:
        self._worker = worker
        self.slot = slot
        self.answer: BlockResult | None = None

    def result(self) -> BlockResult:
        """Wait for the answer."""
        while self.answer is None:
            self._worker.receive()
        return self.answer


class _Done:
    """A block that was worked on at once."""

    def __init__(self, answer: BlockResult) -> None:
        self._answer = answer

    def result(self) -> BlockResult:
        """Return the answer."""
        return self._answer


def _serve(
    pipe: Connection, inherited: Connection | None, memory: _Memory, work: Work, job: Job
) -> None:
    """Work on blocks until the pipe ends, as it does when the reader is gone."""
    if inherited:
        inherited.close()  # a forked worker has the reader's end too, and would wait for itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the reader gets it as well, and stops us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with without_cycles(), suppress(EOFError):
        while True:
            slot, length = pipe.recv()
            pipe.send(work(bytes(_buffer(memory)[slot : slot + length]), job))
    memory.close()


def _buffer(memory: _Memory) -> mmap.mmap | memoryview:
    if isinstance(memory, mmap.mmap):
        return memory
    return cast(memoryview, memory.buf)  # None only once it is closed


def _stop(process: BaseProcess) -> None:
    process.terminate()
    process.join()
    process.close()


def _start_method() -> str:
    """Return what is quick, where it is safe: with one thread, on Linux; else what always works."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
