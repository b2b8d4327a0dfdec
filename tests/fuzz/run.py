"""Run the fuzz targets under atheris: coverage of evidencekit guides what is tried next.

    .venv/bin/python tests/fuzz/run.py --minutes 30 all         # every target, two at a time
    .venv/bin/python tests/fuzz/run.py --minutes 1 zip_container

Each target runs in a process of its own, with libFuzzer's limits on time and memory. What a target
finds wrong is written to WORK/<target>/findings, one file for each place in the code, and the run
goes on; the exit code is 1 if there is anything. WORK/<target>/corpus is kept for the next run.
"""

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz import HOME, TARGETS, kept

_MEMORY = 256  # MiB
_PATIENCE = 20  # processes that fail, before a target is given up
_SECONDS = 10  # for one input
_STRETCH = 12  # minutes in one process; the next starts from the corpus, with a dictionary anew
_STATUS = re.compile(rb"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/\S+.*?rss: (\d+)Mb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of one target's run."""

    target: str
    executions: int
    coverage: int  # edges of evidencekit
    features: int
    corpus: int  # inputs that each reach something new
    wall_minutes: float
    cpu_minutes: float
    per_second: int  # executions a second of wall time
    memory: int  # MiB at most
    failures: int  # processes that did not end well, such as at an input beyond the limits
    findings: int


def main() -> int:
    """Fuzz one target or all, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="+", choices=[*TARGETS, "all"])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--at-a-time", type=int, default=2)
    parser.add_argument("--work", type=Path, default=HOME.parents[1] / "build" / "fuzz")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        _inside(given.targets[0], given.work, given.minutes)
    targets = list(TARGETS) if "all" in given.targets else given.targets
    with ThreadPoolExecutor(given.at_a_time) as pool:
        found = list(pool.map(lambda one: _outside(one, given.work, given.minutes), targets))
    (given.work / "figures.json").write_text(json.dumps([asdict(f) for f in found], indent=2))
    for figures in found:
        print("  ".join(f"{name}={value}" for name, value in asdict(figures).items()))  # noqa: T201
    return 1 if any(figures.findings for figures in found) else 0


def _outside(target: str, work: Path, minutes: float) -> Figures:
    """Run a target in processes of its own until its time is over."""
    folder = work / target
    for name in ("corpus", "findings"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    log, begun, failures, cpu = folder / "log", time.monotonic(), 0, 0.0
    log.unlink(missing_ok=True)
    while (left := minutes - (time.monotonic() - begun) / 60) > 0.02:
        words = ["--inside", "--work", str(work), "--minutes", str(min(left, _STRETCH)), target]
        with log.open("ab") as sink:
            child = subprocess.Popen(  # noqa: S603 (our own words)
                [sys.executable, __file__, *words], stdout=sink, stderr=sink
            )
            _, status, used = os.wait4(child.pid, 0)
        cpu += used.ru_utime + used.ru_stime
        failures += bool(os.waitstatus_to_exitcode(status))
        if failures > _PATIENCE:
            break
    return figures_of(folder, (time.monotonic() - begun) / 60, cpu / 60, failures)


def figures_of(folder: Path, wall: float, cpu: float, failures: int) -> Figures:
    executions = coverage = features = corpus = memory = 0
    before = 0
    for line in _STATUS.finditer((folder / "log").read_bytes()):
        count, coverage, features, corpus, now = map(int, line.groups())
        if count < before:  # a new process counts from one
            executions += before
        before, memory = count, max(memory, now)
    executions += before
    return Figures(
        target=folder.name,
        executions=executions,
        coverage=coverage,
        features=features,
        corpus=corpus,
        wall_minutes=round(wall, 1),
        cpu_minutes=round(cpu, 2),
        per_second=round(executions / wall / 60),
        memory=memory,
        failures=failures,
        findings=sum(not path.name.endswith(".txt") for path in (folder / "findings").iterdir()),
    )


def _inside(target: str, work: Path, minutes: float) -> None:
    """Fuzz in this process, which libFuzzer ends."""
    import atheris  # noqa: PLC0415 (of the group fuzz; the parent does not need it)

    folder = work / target
    with atheris.instrument_imports(include=["evidencekit"], enable_loader_override=False):
        module = import_module(f"fuzz.{target}")
    _write_seeds(module, target, folder / "corpus")
    dictionary = folder / "dictionary"
    lines = ("".join(f"\\x{byte:02x}" for byte in token) for token in module.DICTIONARY)
    dictionary.write_text("".join(f'"{line}"\n' for line in lines))

    def one_input(data: bytes) -> None:
        try:
            module.one_input(data)
        except Exception as error:  # a finding: noted, and the run goes on
            note(folder / "findings", data, error)

    def mutator(data: bytes, max_size: int, seed: int) -> bytes:
        rng = random.Random(seed)  # noqa: S311 (libFuzzer's seed)
        try:
            return bytes(module.mutate(data, max_size, rng, atheris.Mutate))[:max_size]
        except Exception:  # a mutator that trips over its input is no finding
            return bytes(atheris.Mutate(data, max_size))

    flags = [f"-max_total_time={round(60 * minutes)}", f"-max_len={module.MAX_LEN}"]
    flags += [f"-timeout={_SECONDS}", f"-rss_limit_mb={_MEMORY}", f"-dict={dictionary}"]
    flags += [f"-artifact_prefix={folder}/findings/", "-print_final_stats=1", "-len_control=20"]
    words = [sys.argv[0], str(folder / "corpus"), *flags]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    atheris.Setup(words, one_input, custom_mutator=mutator)
    atheris.Fuzz()


def _write_seeds(module: ModuleType, target: str, corpus: Path) -> None:
    for _, data in (*module.seeds(), *module.foreign(), *kept(target)):
        (corpus / sha256(data).hexdigest()[:40]).write_bytes(data)


def note(folder: Path, data: bytes, error: Exception) -> None:
    """Write an input down, unless one that fails at the same place and no larger is there."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = error.args[0] if isinstance(error, AssertionError) and error.args else ""
    words = f"{type(error).__name__} {Path(place.filename).stem} {place.lineno} {str(what)[:40]}"
    path = folder / re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-")
    if not path.exists() or len(data) < path.stat().st_size:
        path.write_bytes(data)
        path.with_name(f"{path.name}.txt").write_text("".join(traceback.format_exception(error)))


if __name__ == "__main__":
    sys.exit(main())
