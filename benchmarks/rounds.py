"""Time whole processes side by side, in turn (A B C, A B C, …), with the memory of all of them.

A contender counts only if it did its work: it must end well, print what it prints then, and leave
what it makes; and it must refuse damaged input, which it is given once, untimed.
"""

import os
import re
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_FIRST_LOOK, _SAMPLE_SECONDS = 0.002, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A command, what to do around it, and how to see that it did its work."""

    name: str
    command: Sequence[str]
    before: Sequence[str] = ()  # a command of its own before each run, not timed
    after: Sequence[str] = ()  # one that must succeed on what the first run made, not timed
    says: str = ""  # a pattern that must be in what it prints
    makes: str = ""  # a file or folder: removed before each run, there after it
    refuses: Sequence[str] = ()  # the same with damaged input: it must fail
    refusing: str = ""  # a pattern that must be in what it prints then
    once: bool = False  # so slow that it is run once, and not to warm up
    events: int = 0  # in its input, where that is not the same for all
    size: int = 0  # of its input, in bytes


@dataclass(slots=True)
class Times:
    """What the rounds gave for one contender."""

    wall: list[float] = field(default_factory=list)  # seconds
    cpu: list[float] = field(default_factory=list)  # user and system, of all its processes
    peak: float = 0.0  # MiB, proportional set size of all its processes together


def compare(contenders: Sequence[Contender], rounds: int, folder: Path) -> Mapping[str, Times]:
    """Run all in turn inside ``folder``: once to warm up and to see the memory, then timed."""
    found = {contender.name: Times() for contender in contenders}
    for contender in contenders:
        _refuse(contender, folder)
    for number in range(rounds + 1):
        for contender in contenders:
            if contender.once and number != 1:
                continue
            first = contender.once or not number
            times, ran = found[contender.name], _run(contender, folder, look=first)
            if first:
                times.peak = ran[2]
                _check_made(contender, folder)
            if number:
                times.wall.append(ran[0])
                times.cpu.append(ran[1])
    return found


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of the ratios, round by round."""
    return statistics.median(a / b for a, b in zip(one, other, strict=False))


def environment() -> dict[str, str]:
    """Return what every command is given: byte code is kept, as wherever a package is installed."""
    given = os.environ | {"EVIDENCEKIT_KEY_PASSPHRASE": "", "NO_COLOR": "1"}
    return {name: value for name, value in given.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _refuse(contender: Contender, folder: Path) -> None:
    """See that damaged input is refused, and for being damaged."""
    if not contender.refuses:
        return
    ran = subprocess.run(
        contender.refuses,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if not ran.returncode or not re.search(contender.refusing, ran.stdout + ran.stderr):
        said = (ran.stdout + ran.stderr)[-500:]
        raise SystemExit(f"{contender.name}: takes damaged input ({ran.returncode}): {said}")


def _check_made(contender: Contender, folder: Path) -> None:
    if contender.makes and not (folder / contender.makes).exists():
        raise SystemExit(f"{contender.name}: did not make {contender.makes}")
    if contender.after:
        subprocess.run(contender.after, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _run(contender: Contender, folder: Path, *, look: bool) -> tuple[float, float, float]:
    if contender.makes:
        _remove(folder / contender.makes)
    if contender.before:
        subprocess.run(contender.before, cwd=folder, check=True)
    printed, peak = folder / "printed.txt", [0.0]
    with printed.open("wb") as output:
        start = time.perf_counter()
        with subprocess.Popen(
            contender.command,
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as process:
            done = threading.Event()
            watch = threading.Thread(target=_watch, args=(process.pid, peak, done))
            if look:
                watch.start()
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            if look:
                done.set()
                watch.join()
    said = printed.read_text(errors="replace")
    if process.returncode or not re.search(contender.says, said):
        raise SystemExit(f"{contender.name}: exit code {process.returncode}: {said[-500:]}")
    return wall, usage.ru_utime + usage.ru_stime, peak[0]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _watch(pid: int, peak: list[float], done: threading.Event) -> None:
    """Look often at first, for what ends soon, then seldom, so as not to be in the way."""
    wait = _FIRST_LOOK
    while not done.wait(wait):
        peak[0] = max(peak[0], _memory(pid))
        wait = min(2 * wait, _SAMPLE_SECONDS)


def _memory(pid: int) -> float:
    """Return the proportional set size of a process and all below it, in MiB."""
    total, waiting = 0, [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            lines = (process / "smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            for task in (process / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, StopIteration):
            continue  # it has just ended
    return total / 1024
