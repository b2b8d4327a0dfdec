"""Run the commands that a page shows, and compare what they print with what the page says.

A block marked ``console`` holds commands behind ``$ ``, each followed by its output. A command goes
on in the next line after a backslash, and in lines behind ``> ``. ``…`` stands for anything within
a line, and alone on a line for any lines. All blocks of a page run in one shell, one after the
other; standard output and errors come as a terminal would show them. A command may fail only if the
next one shows ``$?``.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"((?:[^\n]*\\\n)*[^\n]*\n?)((?:> ?[^\n]*\n)*)(.*)", re.DOTALL)
_MARK = "\x1e"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, and what it prints there."""

    line: str
    output: str


def commands(page: str) -> list[Command]:
    """Return the commands of a page, in order."""
    found = []
    for block in _BLOCK.findall(page):
        first, *rest = re.split(r"^\$ ", block, flags=re.MULTILINE)
        assert not first.strip(), f"a block starts with a command, not with {first!r}"
        for text in rest:
            line, more, output = _COMMAND.fullmatch(text).groups()
            found.append(Command(line + re.sub(r"^> ?", "", more, flags=re.MULTILINE), output))
    return found


def run(listed: list[Command], folder: Path, environment: dict[str, str]) -> list[tuple[str, int]]:
    """Run commands in one shell in ``folder``; return what each printed, and its exit code."""
    mark = f"code=$?; printf '{_MARK}%s{_MARK}' $code; (exit $code)"
    script = "\n".join(f"{command.line.rstrip()}\n{mark}" for command in listed)
    done = subprocess.run(  # noqa: S603  (what our own pages show)  # noqa: S603  (the commands are our own pages)
        ["bash", "-c", script],  # noqa: S607  (the shell that is there)  # noqa: S607
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    parts = done.stdout.decode("utf-8", "replace").split(_MARK)
    return [(text, int(code)) for text, code in zip(parts[::2], parts[1::2], strict=False)]


def matches(said: str, printed: str) -> bool:
    """Tell whether ``printed`` is what a page said."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in said.splitlines()
    ]
    if printed and not printed.endswith("\n"):
        printed += "\n"
    return re.fullmatch("".join(lines), printed) is not None
