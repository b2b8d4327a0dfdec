"""Progress, drawn by rich on stderr and gone when done; rich is imported where one is drawn."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Drawing
    from rich.progress import ProgressColumn, TaskID

PATIENCE = 0.5  # seconds: what is done by then draws nothing, so that nothing flickers
_NARROW = 60  # terminal columns; below them a bar and a percentage are all there is room for


class Bar:
    """What is going on: a bar and bytes, rate and time left where they are known.

    ``waits`` starts a thread that begins to draw though nothing was told; without it the first word
    after ``PATIENCE`` does, and no thread stands in the way of workers that are to be forked.
    """

    def __init__(
        self,
        label: str,
        *,
        color: bool,
        waits: bool = False,
        unit: str = "bytes",
        patience: float = PATIENCE,
    ) -> None:
        self._state: tuple[str, int, int | None] = (label, 0, None)
        self._color, self._unit = color, unit
        self._since, self._patience = time.monotonic(), patience
        self._timer = threading.Timer(patience, self._begin) if waits else None
        self._drawn: tuple[Drawing, TaskID] | None = None

    def __enter__(self) -> Self:
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer.join()
        if self._drawn:
            self._drawn[0].stop()

    def tell(self, what: str, done: int, total: int | None) -> None:
        """Show what is going on, how much of it is done, and how much there is."""
        before, _, known = self._state
        anew = what != before or (known is None) != (total is None)
        self._state = (what, done, total)
        if self._drawn:
            self._show(anew=anew)
        elif self._timer is None and time.monotonic() - self._since >= self._patience:
            self._begin()

    def _begin(self) -> None:
        from rich.console import Console  # noqa: PLC0415  (slow to import)
        from rich.progress import Progress  # noqa: PLC0415

        console = Console(stderr=True, no_color=not self._color, highlight=False)
        drawing = Progress(console=console, transient=True, redirect_stdout=False)
        task = drawing.add_task("", total=None)
        drawing.start()
        self._drawn = drawing, task
        self._show(anew=True)

    def _show(self, *, anew: bool) -> None:
        assert self._drawn is not None  # noqa: S101  (only called when drawn)
        drawing, task = self._drawn
        what, done, total = self._state
        if anew:  # the rate is that of this part, not of what came before it
            drawing.reset(task)
            unit = self._unit if done or total else ""
            drawing.columns = _columns(drawing.console.width, unit)
        drawing.update(task, description=what, completed=done, total=total)


def _columns(width: int, unit: str) -> tuple[ProgressColumn, ...]:
    """Return what fits: what is going on, a bar, and how far it is."""
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.table import Column  # noqa: PLC0415

    room = Column(no_wrap=True, overflow="ellipsis", max_width=max(width // 2, 16))
    styles: dict[str, Any] = {"complete_style": "cyan", "finished_style": "cyan"}
    what = TextColumn("{task.description}", markup=False, table_column=room)
    bar = BarColumn(bar_width=None if width < _NARROW else 30, pulse_style="cyan", **styles)
    if not unit:
        return what, bar, TimeElapsedColumn()
    if width < _NARROW:
        return what, bar, TaskProgressColumn("{task.percentage:>3.0f}%")
    if unit != "bytes":
        return what, bar, MofNCompleteColumn(), TimeRemainingColumn()
    return what, bar, DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
