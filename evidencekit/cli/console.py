"""Talk and progress on stderr, results on stdout, colour only where it is wanted."""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import click

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
            click.echo(text, err=True, color=self.coloured(sys.stderr))

    def print(self, text: str, *, newline: bool = True) -> None:
        """Print a result."""
        stream = sys.stderr if self.results_on_stderr else sys.stdout
        click.echo(text, nl=newline, err=self.results_on_stderr, color=self.coloured(stream))

    def print_wrapped(self, text: str, start: str, **style: str | bool) -> None:
        """Print ``start`` and a result behind it, broken to fit where that is a terminal.

        Anywhere else it stays one line, for whoever searches in it.
        """
        stream = sys.stderr if self.results_on_stderr else sys.stdout
        indent = " " * len(click.unstyle(start))
        lines = [text]
        if stream.isatty():
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
        return bool(getattr(stream, "isatty", lambda: False)())

    @property
    def drawing(self) -> bool:
        """Whether progress is drawn: on a terminal only, and nowhere that cannot."""
        wanted = self.progress and not self.quiet and os.environ.get("TERM") != "dumb"
        return wanted and sys.stderr.isatty()

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
