"""Survey a file or a stream: in this process if it is small, else with workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evidencekit.core.survey import Question, survey
from evidencekit.edges.memory import at_full_speed
from evidencekit.edges.rawfile import InputFile, OutputFile, make_folder
from evidencekit.limits import MIB

if TYPE_CHECKING:
    from evidencekit.core.facts import Survey
    from evidencekit.core.framing import Stream
    from evidencekit.core.schema import EventSchema
    from evidencekit.core.survey import Executor
    from evidencekit.edges.cluster import Jobs

_SMALL = 16 * MIB  # a pool would start no worker for that


def survey_file(  # noqa: PLR0913
    path: Path,
    question: Question,
    *,
    schema: EventSchema,
    copy: Path | None = None,
    jobs: Jobs | None = None,
    leaves: Callable[[bytes], object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Survey:
    """Survey the file ``path``, and copy every byte that was surveyed to the new file ``copy``.

    ``jobs`` is the number of worker processes, as many as there are processors if None, or a
    cluster. Raises as ``survey`` does, and ``UndecidedError`` (``export.unreadable``, ``output.…``)
    for the files.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(InputFile(path, family="export"))
        sink = None
        if copy is not None:
            make_folder(copy.parent)
            sink = stack.enter_context(OutputFile(copy)).write
        return survey_stream(
            stream,
            question,
            schema=schema,
            jobs=jobs,
            sink=sink,
            leaves=leaves,
            progress=progress,
            size=stream.size,
        )


def survey_stream(  # noqa: PLR0913
    stream: Stream,
    question: Question,
    *,
    schema: EventSchema,
    jobs: Jobs | None = None,
    sink: Callable[[bytes], object] | None = None,
    leaves: Callable[[bytes], object] | None = None,
    progress: Callable[[int], None] | None = None,
    size: int = 0,
    thorough: bool = False,
) -> Survey:
    """Survey ``stream``, of ``size`` bytes if that is known, with ``jobs`` worker processes.

    As many as there are processors, if None; with one, the work is done in this process. A cluster
    does all of the work. ``thorough`` parses and judges each event, as ``survey`` says.
    """
    with at_full_speed(), _workers(jobs, size) as (executor, number):
        return survey(
            stream,
            question,
            schema=schema,
            executor=executor,
            jobs=number,
            sink=sink,
            leaves=leaves,
            progress=progress,
            thorough=thorough,
        )


@contextmanager
def _workers(jobs: Jobs | None, size: int) -> Iterator[tuple[Executor | None, int]]:
    """Return who works on blocks, on how many at a time."""
    if not isinstance(jobs, int | None):
        yield jobs.executor, jobs.jobs
        return
    jobs = jobs or _processors()
    if jobs == 1 or 0 < size <= _SMALL:
        yield None, 1
        return
    from evidencekit.edges.pool import Pool  # noqa: PLC0415  (multiprocessing)

    with Pool(jobs, at_once=size > 0) as pool:
        yield pool, jobs


def _processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux knows
    return len(affinity(0)) if affinity else os.cpu_count() or 1
