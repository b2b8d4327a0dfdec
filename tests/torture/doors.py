"""The command line from outside: run in this process for volume, or as processes that are measured.

What every door owes, whatever comes in: an exit code of ours, one line with a code, no traceback,
nothing hidden in what is printed, and nothing left behind.
"""

import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidencekit.cli import run
from evidencekit.core.visible import hidden_to

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
MOST_SECONDS, MOST_MIB = 10, 256
# What we paint with; whatever else begins with ESC came from outside.
_PAINT = re.compile(r"\x1b\[(?:0|1|2|31|32|33|90)m")
_REPORTED = re.compile(
    r"verdict: |\"verdict\": |\"version\": \"2.1.0\"|^(pass|fail) ", re.MULTILINE
)
_CODE = re.compile(r"\[([a-z0-9-]+\.[a-z0-9-]+)\]$", re.MULTILINE)
_ERROR = re.compile(r"evidencekit: error: .* \[([a-z0-9-]+\.[a-z0-9-]+)\]")


def corpus(name: str) -> Path:
    """Return the folder of a corpus, or skip the test, loudly."""
    if not (CORPORA / name).is_dir():
        pytest.skip(f"no test data: {name} is not beside the project")
    return CORPORA / name


def unpainted(text: str) -> str:
    """Return what a terminal got without our own colours."""
    return _PAINT.sub("", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str  # of a terminal: without the paint
    err: str
    seconds: float  # of processor time: waiting for a busy machine is no fault
    painted: str = ""  # what a terminal got, as it got it
    mib: float = 0.0  # at most, of a process that was measured

    @property
    def reason(self) -> str | None:
        """The code of the error, or the first of a report in JSON; None where all is well."""
        if self.code == 0:
            return None
        if self._is_report:
            checks = json.loads(self.out)["checks"]
            wrong = [check for check in checks if check["outcome"] in {"fail", "undecided"}]
            return str(wrong[0]["faults"][0]["code"])
        found = _ERROR.findall(self.err) or _CODE.findall(self.out + self.err)
        return str(found[0]) if found else None

    @property
    def _is_report(self) -> bool:
        return self.out.startswith("{") and '"checks": [' in self.out

    @property
    def codes(self) -> set[str]:
        """Every code that was told."""
        if not self._is_report:
            return set(_ERROR.findall(self.err)) | set(_CODE.findall(self.out + self.err))
        checks = json.loads(self.out)["checks"]
        return {fault["code"] for check in checks for fault in check.get("faults", ())}

    def check(self) -> "Said":
        """Hold it to what every door owes."""
        told = self.out + self.err
        assert "Traceback" not in told, told
        assert self.code in {0, 1, 2, 3}, told
        assert hidden_to(lambda _char: "!", told.replace("\n", "")) == told.replace("\n", "")
        assert self.seconds <= MOST_SECONDS
        assert self.mib <= MOST_MIB
        errors = [line for line in self.err.splitlines() if line.startswith("evidencekit: error")]
        if self.code == 2:
            assert re.search(r"^Error: ", self.err, re.MULTILINE), told
        elif self.code and not _REPORTED.search(told):
            assert len(errors) == 1, told
            assert _ERROR.fullmatch(errors[0]), told
        return self

    def repeats(self, text: str) -> bool:
        """Tell whether a text that hides something, but for its line ends, was printed as it is."""
        bare = text.replace("\n", "")
        return text in self.painted and hidden_to(lambda _char: "!", bare) != bare


class _Stream(io.TextIOWrapper):
    """What a command writes to: a terminal, if asked."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__(io.BytesIO(), "utf-8", errors="strict", newline="", write_through=True)
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


def call(*arguments: object, stdin: bytes = b"", tty: bool = False) -> Said:
    """Run a command in this process; with ``tty`` it believes that people read what it prints."""
    streams = sys.stdin, sys.stdout, sys.stderr
    out, err = _Stream(tty=tty), _Stream(tty=tty)
    sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(stdin)), out, err
    begun = time.process_time()
    try:
        code = run([str(argument) for argument in arguments])
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
    seconds = time.process_time() - begun
    told = [out.text(), err.text()]
    bare = [unpainted(text) for text in told] if tty else told
    return Said(code=code, out=bare[0], err=bare[1], seconds=seconds, painted="".join(told))


# A process inherits the peak of the one that started it, so a small one starts them all.
_LAUNCHER = r"""
import json, os, resource, sys, tempfile
for line in sys.stdin:
    asked = json.loads(line)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            os.dup2(os.open(asked["stdin"] or os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_AS, (asked["bytes"], asked["bytes"]))
            resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"]))
            os.execve(asked["command"][0], asked["command"], asked["environment"])
        _, status, used = os.wait4(child, 0)
        seconds = used.ru_utime + used.ru_stime
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode("utf-8", "surrogateescape"))
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps([code, *told, seconds, used.ru_maxrss / 1024]), flush=True)
"""
_ADDRESS_SPACE = 2 << 30  # libraries map more than they use; what is used is measured


@dataclass(slots=True)
class Measured:
    """Runs commands as processes of their own, one after the other, time and memory measured."""

    environment: Mapping[str, str]
    _launcher: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self._launcher = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", "-c", _LAUNCHER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, *arguments: object, stdin: Path | None = None) -> Said:
        """Run one command."""
        asked = {
            "command": [sys.executable, "-W", "error", "-m", "evidencekit", *map(str, arguments)],
            "stdin": None if stdin is None else str(stdin),
            "environment": {"PATH": os.environ["PATH"], "TZ": "UTC", **self.environment},
            "bytes": _ADDRESS_SPACE,
            "seconds": 2 * MOST_SECONDS,
        }
        assert self._launcher.stdin
        assert self._launcher.stdout
        self._launcher.stdin.write(json.dumps(asked) + "\n")
        self._launcher.stdin.flush()
        code, out, err, seconds, mib = json.loads(self._launcher.stdout.readline())
        return Said(code=code, out=out, err=err, seconds=seconds, mib=mib)

    def close(self) -> None:
        """End the launcher."""
        assert self._launcher.stdin
        assert self._launcher.stdout
        self._launcher.stdin.close()
        self._launcher.stdout.close()
        self._launcher.wait()


def left(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file below a folder with its size and time: what a command may have changed."""
    found = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        found[str(path)] = status.st_size, status.st_mtime_ns
    return found


def every(step: int, things: Sequence, first: int = 0) -> list:
    """Return one of ``step`` things, beginning where ``first`` says."""
    return list(things[first % step :: step])
