"""Talk and progress on stderr, results on stdout, colour only where it is wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from evidencekit.errors import UndecidedError
from evidencekit.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

_NARROW = 60  # columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """How this run of the command line speaks."""

    quiet: bool = False
    verbose: int = 0
    color: str = "auto"
    progress: bool = True
    results_on_stderr: bool = False

    def say(self, text: str) -> None:
        """Print talk, unless asked to be quiet."""
        if not self.quiet:
            complain(text, color=self.coloured(sys.stderr))

    def print(self, text: str | bytes, *, newline: bool = True) -> None:
        """Print a result, bytes as they are.

        Raises ``UndecidedError`` ``output.stdout`` where it gets nowhere.
        """
        stream = sys.stderr if self.results_on_stderr else sys.stdout
        if stream is None:
            raise UndecidedError(
                "output.stdout", "the result cannot be printed: no standard output"
            )
        try:
            click.echo(text, nl=newline, err=self.results_on_stderr, color=self.coloured(stream))
        except BrokenPipeError:
            raise
        except OSError as error:
            _give_up(stream)
            told = f"the result cannot be printed: {(error.strerror or 'unknown error').lower()}"
            raise UndecidedError("output.stdout", told) from None

    def print_path(self, path: Path) -> None:
        """Print a path as a result: exactly for a program, with nothing hidden on a terminal."""
        from evidencekit.core.visible import in_one_line  # noqa: PLC0415  (start-up)

        self.print(in_one_line(str(path)) if self._for_people else str(path))

    def print_wrapped(
        self, text: str, start: str, *, tail: str = "", indent: int | None = None
    ) -> None:
        """Print ``start`` and a result behind it, broken to fit where that is a terminal.

        Lines after the first begin below the text, or at ``indent`` where the terminal is too
        narrow for that. Anywhere else it stays one line, for whoever searches in it. ``tail`` is
        the end of the text, printed faintly.
        """
        if not self._for_people:
            self.print(start + text + self.paint(tail, dim=True))
            return
        import shutil  # noqa: PLC0415  (start-up)
        import textwrap  # noqa: PLC0415  (start-up)

        before, width = len(click.unstyle(start)), shutil.get_terminal_size().columns
        after = before if indent is None or (width >= _NARROW and indent > 2) else indent
        if after < before and not click.unstyle(start).strip():
            start, before = " " * after, after
        room = max(width, before + 10, after + 20)
        wrapper = textwrap.TextWrapper(
            room,
            initial_indent=" " * before,
            subsequent_indent=" " * after,
            break_on_hyphens=False,
            # A digest that fits into the next line is not broken to fill this one.
            break_long_words=any(len(word) > room - after for word in text.split()),
        )
        lines = wrapper.wrap(text + tail) or [" " * before]
        lines[0] = start + lines[0][before:]
        if tail and lines[-1].endswith(tail.strip()):
            lines[-1] = lines[-1].removesuffix(tail.strip()) + self.paint(tail.strip(), dim=True)
        for line in lines:
            self.print(line)

    def fits(self, picture: str) -> bool:
        """Tell whether results go to a terminal that is wide enough for these lines."""
        if not self._for_people:
            return False
        import shutil  # noqa: PLC0415  (start-up)

        return max(map(len, picture.splitlines())) <= shutil.get_terminal_size().columns

    def gap(self) -> None:
        """Print an empty line where people read; a program that reads lines gets none."""
        if self._for_people:
            self.print("")

    @property
    def _for_people(self) -> bool:
        return _is_terminal(sys.stderr if self.results_on_stderr else sys.stdout)

    def on_stderr(self) -> Console:
        """Return a console that prints results as talk: where stdout is for another result."""
        return replace(self, results_on_stderr=True)

    def paint(self, text: str, **style: str | bool | None) -> str:
        """Return styled text; :meth:`print` and :meth:`say` strip the style where colour is off."""
        # click writes a code for dim=False as well.
        return click.style(text, **{k: v for k, v in style.items() if v})  # type: ignore[arg-type]

    def coloured(self, stream: object) -> bool:
        """Tell whether to colour: by --color, NO_COLOR, FORCE_COLOR, or being a terminal."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return _is_terminal(stream)

    @property
    def drawing(self) -> bool:
        """Whether progress is drawn: on a terminal only, and nowhere that cannot."""
        wanted = self.progress and not self.quiet and os.environ.get("TERM") != "dumb"
        return wanted and _is_terminal(sys.stderr)

    @contextmanager
    def watch(self, label: str, *, waits: bool = False, unit: str = "bytes") -> Iterator[Progress]:
        """Yield what draws progress, on a terminal only and only for what takes its time.

        ``waits`` is for work that may tell nothing for long, such as asking a server: then a
        thread looks at the clock. ``unit`` is what is counted.
        """
        if not self.drawing:
            yield lambda _what, _done, _total: None
            return
        from evidencekit.cli.bars import Bar  # noqa: PLC0415  (start-up time)

        with Bar(label, color=self.coloured(sys.stderr), waits=waits, unit=unit) as bar:
            yield bar.tell


def complain(text: str, *, color: bool | None = None) -> None:
    """Print a line to stderr with nothing hidden in it: arguments and file names may be anything.

    Where that gets nowhere, nothing is said: it changes no result.
    """
    from evidencekit.core.visible import in_one_line  # noqa: PLC0415  (start-up)

    try:
        click.echo(in_one_line(text), err=True, color=color)
    except OSError:
        _give_up(sys.stderr)


def _is_terminal(stream: object) -> bool:
    """Tell whether people read there. A stream that was closed before we began is None."""
    return bool(getattr(stream, "isatty", lambda: False)())


def _give_up(stream: object) -> None:
    """Say no more there; Python would try once more at exit, and end with a code of its own."""
    if stream is sys.stdout:
        sys.stdout = None
    else:
        sys.stderr = None
