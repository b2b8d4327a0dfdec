"""Talk and progress on stderr, results on stdout, colour only where it is wanted."""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import click

from evidencekit.errors import UndecidedError

Advance = Callable[[int], None]
Watch = Callable[[str, int, int | None], None]


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

    def print_wrapped(self, text: str, start: str, **style: str | bool) -> None:
        """Print ``start`` and a result behind it, broken to fit where that is a terminal.

        Anywhere else it stays one line, for whoever searches in it.
        """
        stream = sys.stderr if self.results_on_stderr else sys.stdout
        indent = " " * len(click.unstyle(start))
        lines = [text]
        if _is_terminal(stream):
            width = max(shutil.get_terminal_size().columns - len(indent), 20)
            lines = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
        for number, line in enumerate(lines):
            self.print((indent if number else start) + self.paint(line, **style))

    def on_stderr(self) -> "Console":
        """Return a console that prints results as talk: where stdout is for another result."""
        return replace(self, results_on_stderr=True)

    def paint(self, text: str, **style: str | bool) -> str:
        """Return styled text; :meth:`print` and :meth:`say` strip the style where colour is off."""
        return click.style(text, **style)  # type: ignore[arg-type]

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
    def bar(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Yield a function that takes the bytes done so far; draws on a terminal only."""
        if not self.drawing:
            yield lambda _done: None
            return
        from evidencekit.cli.bars import byte_bar  # noqa: PLC0415  (rich is slow to import)

        with byte_bar(label, total) as advance:
            yield advance

    @contextmanager
    def watch(self, label: str) -> Iterator[Watch]:
        """Yield a function that takes what is going on, bytes so far and in all; as :meth:`bar`."""
        if not self.drawing:
            yield lambda _what, _done, _total: None
            return
        from evidencekit.cli.bars import state_bar  # noqa: PLC0415  (rich is slow to import)

        with state_bar(label) as watch:
            yield watch


def complain(text: str, *, color: bool | None = None) -> None:
    """Print to stderr. Where that gets nowhere, nothing is said: it changes no result."""
    try:
        click.echo(text, err=True, color=color)
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
