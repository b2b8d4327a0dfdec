"""Time whole processes side by side, in turn (A B C, A B C, …), with the memory of all of them."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A command, and what to do before each run of it."""

    name: str
    command: Sequence[str]
    before: Sequence[str] = ()  # a command of its own, not timed
    good: tuple[int, ...] = (0,)  # exit codes


@dataclass(slots=True)
class Times:
    """What the rounds gave for one contender."""

    wall: list[float] = field(default_factory=list)  # seconds
    cpu: list[float] = field(default_factory=list)  # user and system, of all its processes
    peak: float = 0.0  # MiB, proportional set size of all its processes together

    @property
    def medians(self) -> tuple[float, float, float]:
        """Wall seconds, processor seconds and MiB."""
        return statistics.median(self.wall), statistics.median(self.cpu), self.peak


def compare(contenders: Sequence[Contender], rounds: int, folder: Path) -> Mapping[str, Times]:
    """Run all in turn inside ``folder``: once to warm up and to see the memory, then timed."""
    found = {contender.name: Times() for contender in contenders}
    for number in range(rounds + 1):
        for contender in contenders:
            if contender.before:
                subprocess.run(contender.before, cwd=folder, check=True)
            wall, cpu, peak = _run(contender, folder, look=not number)
            times = found[contender.name]
            if number:
                times.wall.append(wall)
                times.cpu.append(cpu)
            else:
                times.peak = peak
    return found


def ratio(one: Times, other: Times) -> float:
    """Return the median of the ratios of wall time, round by round."""
    return statistics.median(a / b for a, b in zip(one.wall, other.wall, strict=True))


def _run(contender: Contender, folder: Path, *, look: bool) -> tuple[float, float, float]:
    # Byte code is kept, as it is wherever the package was installed.
    environment = os.environ | {"EVIDENCEKIT_KEY_PASSPHRASE": ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    peak = [0.0]
    start = time.perf_counter()
    with subprocess.Popen(
        contender.command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
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
    if process.returncode not in contender.good:
        raise SystemExit(f"{contender.name}: exit code {process.returncode}")
    # What ends before the first look was one process.
    return wall, usage.ru_utime + usage.ru_stime, peak[0] or usage.ru_maxrss / 1024


def _watch(pid: int, peak: list[float], done: threading.Event) -> None:
    while not done.wait(_SAMPLE_SECONDS):
        peak[0] = max(peak[0], _memory(pid))


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
