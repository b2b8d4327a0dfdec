"""Progress bars, drawn by rich; imported only where one is drawn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_WAITING = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
_BYTES = (
    TextColumn("{task.description}"),
    BarColumn(),
    DownloadColumn(),
    TransferSpeedColumn(),
    TimeRemainingColumn(),
)


@contextmanager
def byte_bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Draw a bar of bytes on stderr, gone when done; yields a function of the bytes so far."""
    with _progress(_BYTES) as progress:
        task = progress.add_task(escape(label), total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def state_bar(label: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """Draw what is going on, and bytes, rate and time left once there are bytes; gone when done.

    Yields a function that takes what is going on, the bytes so far, and all bytes where known.
    """
    with _progress(_WAITING) as progress:
        task = progress.add_task(escape(label), total=None)

        def watch(what: str, done: int, total: int | None) -> None:
            if done and progress.columns != _BYTES:
                progress.columns = _BYTES
                progress.reset(task)  # the rate is that of the download, without the wait before it
            progress.update(task, description=escape(what), completed=done, total=total)

        yield watch


def _progress(columns: tuple[ProgressColumn, ...]) -> Progress:
    return Progress(*columns, console=Console(stderr=True), transient=True)
