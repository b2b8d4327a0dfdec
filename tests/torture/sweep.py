"""Sweep a good bundle: every bit, every byte, every length, and mutants by the ten thousand.

The bundle holds one of everything: stored members and one that DEFLATE packed, the three forms of a
signature, two custody records and, where ``openssl`` is there, a time-stamp. Everything is verified
through the one door, with signer and authority trusted. Nothing may be accepted but what is the
same content in other packed bits, and a bundle that merely lacks what is not sealed.

    .venv/bin/python tests/torture/sweep.py                     # the quick form, as in the suite
    .venv/bin/python tests/torture/sweep.py --full --keep DIR   # all; goes on where it was stopped
    .venv/bin/python tests/torture/sweep.py --full --keep DIR --so-far  # what that gave, as a table
"""

import argparse
import json
import multiprocessing
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from forge.bench import Made
from forge.kinds import SMALL_SCHEMA
from mutants import OWN, SEALED, SEED, WORD, lies, mutant, told
from swept import Swept

from evidencekit import __version__
from evidencekit.core.report import Report
from evidencekit.edges.container import open_bundle
from evidencekit.verifier import verify

PART = 250  # cases between two notes of how far it is
COMPANION = re.compile(r"signatures/[0-9a-f]{16}\.(sig|sshsig|tsr)")
RECORD = re.compile(r"custody/[0-9]{4}\.sigstore\.json")


_COUNTERS = ("lacking", "own_word", "codes")


@dataclass(slots=True)
class Tally:
    """What one sweep found."""

    name: str
    tried: int = 0
    rejected: int = 0
    unknown_authority: int = 0  # undecided: the token says that somebody else made it
    undecided: list[str] = field(default_factory=list)
    same_content: int = 0  # accepted: other packed bits, and every member is as it was
    lacking: Counter[str] = field(default_factory=Counter)  # accepted: without what is not sealed
    own_word: Counter[str] = field(default_factory=Counter)  # accepted: nobody else can know
    accepted: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds of processor time
    peak_mib: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Return the figures."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Tally":
        """Return what :meth:`to_json` gave."""
        return cls(**said | {name: Counter(said[name]) for name in _COUNTERS if name in said})

    def add(self, other: "Tally") -> None:
        """Enter what a part of the same sweep found."""
        for name in ("tried", "rejected", "unknown_authority", "same_content"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("undecided", "accepted", "tracebacks"):
            getattr(self, name).extend(getattr(other, name))
        for name in ("slowest", "peak_mib"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))

    def judge(self, what: str, bundle: bytes | Path, by: Swept, judged_by: str = SEALED) -> None:
        """Verify one changed bundle and enter how it ended.

        A sealed one must have its time-stamp; what a forger signed anew has none.
        """
        begun = time.process_time()
        self.tried += 1
        trust = by.trust if judged_by == SEALED else by.signers
        schema = None if judged_by == OWN else SMALL_SCHEMA
        try:
            report = verify(bundle, trust=trust, at=by.at, schema=schema, jobs=1).report
        except Exception:
            self.tracebacks.append(f"{what}: {traceback.format_exc(limit=-3)}")
            return
        finally:
            self.slowest = max(self.slowest, time.process_time() - begun)
        found = {fault.code for check in report.checks for fault in check.faults}
        if report.exit_code == 1:
            self.rejected += 1
            failed = next(c for c in report.checks if c.faults and c.outcome == "fail")
            self.codes[failed.faults[0].code] += 1
        elif report.exit_code == 3 and found == {"timestamp.unknown-authority"}:
            self.unknown_authority += 1
        elif report.exit_code == 3:
            self.undecided.append(f"{what}: {', '.join(sorted(found))}")
        else:
            self._enter_accepted(what, bundle, by.made, report)

    def _enter_accepted(
        self, what: str, bundle: bytes | Path, original: Made, report: Report
    ) -> None:
        """Enter what was accepted as harmless only where all that is left is as it was.

        Where anything is gone, the report must tell.
        """
        left = _content(bundle)
        gone = sorted(set(original.members) - set(left))
        if any(original.members.get(name) != data for name, data in left.items()):
            self.accepted.append(what)
        elif not gone:
            self.same_content += 1
        elif len(gone) == 1 and _is_told_absent(gone[0], report):
            self.lacking[gone[0].rpartition(".")[2]] += 1
        elif _are_last_records(gone, original, report):
            self.lacking["last custody record"] += 1
        else:
            self.accepted.append(what)


def _is_told_absent(name: str, report: Report) -> bool:
    """Tell whether this is a companion of an envelope that the report says is absent."""
    found: Any = report.subject["signatures"]
    kinds = {kind for signer in found for kind in signer["absent"]}
    return COMPANION.fullmatch(name) is not None and name.rpartition(".")[2] in kinds


def _are_last_records(gone: list[str], original: Made, report: Report) -> bool:
    """Tell whether the last custody records are gone, and the report lists those that are left."""
    records = sorted(filter(RECORD.fullmatch, original.members))
    listed: Any = report.subject.get("custody", [])
    return gone == records[-len(gone) :] and len(listed) == len(records) - len(gone)


def _content(data: bytes | Path) -> dict[str, bytes]:
    with open_bundle(data) as bundle:
        return {name: bundle.open(name).readall() for name in bundle.names}


Case = Callable[[int, Tally], None]


@contextmanager
def _bits(by: Swept) -> Iterator[tuple[int, Case]]:
    """Flip every bit of the zip form."""
    data = by.zip

    def case(number: int, tally: Tally) -> None:
        changed = bytearray(data)
        changed[number // 8] ^= 1 << number % 8
        tally.judge(f"bit {number}", bytes(changed), by)

    yield 8 * len(data), case


@contextmanager
def _folder_bytes(by: Swept) -> Iterator[tuple[int, Case]]:
    """Flip one bit, another for each place, in every byte of the folder form."""
    places = [(name, at) for name, data in by.made.members.items() for at in range(len(data))]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, by.made.base)
        by.write_folder(folder)

        def case(number: int, tally: Tally) -> None:
            name, at = places[number]
            changed = bytearray(by.made.members[name])
            changed[at] ^= 1 << at % 8
            (folder / name).write_bytes(changed)
            tally.judge(f"{name} byte {at}", folder, by)
            (folder / name).write_bytes(by.made.members[name])

        yield len(places), case


@contextmanager
def _lengths(by: Swept) -> Iterator[tuple[int, Case]]:
    """Cut the zip form at every length, then every member of it."""
    data = by.zip
    cuts = [(name, n) for name, member in by.made.members.items() for n in range(len(member))]

    def case(number: int, tally: Tally) -> None:
        if number < len(data):
            tally.judge(f"zip cut to {number}", data[:number], by)
            return
        name, length = cuts[number - len(data)]
        cut = by.made.with_members({name: by.made.members[name][:length]})
        tally.judge(f"{name} cut to {length}", by.zipped(cut), by)

    yield len(data) + len(cuts), case


@contextmanager
def _mutants(by: Swept) -> Iterator[tuple[int, Case]]:
    """Mutants that know the structure: headers, JSON tokens, lines, members, signed lies."""

    def case(number: int, tally: Tally) -> None:
        what, bundle, judged_by = mutant(by, number)
        tally.judge(f"mutant {number} {what}", bundle, by, judged_by)

    yield 21_000, case


@contextmanager
def _lies(by: Swept) -> Iterator[tuple[int, Case]]:
    """Set each value of a manifest to each of many others; the preparer signs every one."""
    cases = lies()

    def case(number: int, tally: Tally) -> None:
        path, lie = cases[number]
        name = ".".join(map(str, path))
        what = f"{name} is {lie!r}"
        tally.judge(what, told(by, path, lie), by, OWN)
        if tally.accepted[-1:] == [what] and WORD.match(what):
            tally.own_word[name.partition(".")[0]] += 1
            tally.accepted.pop()

    yield len(cases), case


SWEEPS = {  # the most various first: a run may be stopped
    "mutants": (_mutants, 20),
    "every value of a signed manifest set to each of 21": (_lies, 211),
    "every byte of the folder form flipped": (_folder_bytes, 89),
    "every length of the zip form and of every member": (_lengths, 97),
    "every bit of the zip form flipped": (_bits, 151),
}
Part = tuple[str, int, int]  # a sweep, the first of its cases, and the step between two


def _part(task: tuple[str, Part]) -> tuple[Part, Tally]:
    """Try one part of a sweep, in a process of its own."""
    keep, (name, first, step) = task
    tally = Tally(name)
    with SWEEPS[name][0](Swept.load(Path(keep))) as (count, case):
        for number in range(first, min(count, first + PART * step), step):
            case(number, tally)
    tally.peak_mib = peak_mib()
    return (name, first, step), tally


def peak_mib() -> int:
    """Return this process's own peak: getrusage may tell that of the one that started it."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024  # type: ignore[index]


def _parts(by: Swept, *, full: bool) -> Iterator[Part]:
    for name, (cases, quick_step) in SWEEPS.items():
        step = 1 if full else quick_step
        with cases(by) as (count, _):
            yield from ((name, first, step) for first in range(0, count, PART * step))


def so_far(keep: Path, *, full: bool) -> tuple[dict[str, Tally], list[Part]]:
    """Return the figures that ``keep`` notes, and the parts that are not done."""
    done, tallies = keep / "done.jsonl", {name: Tally(name) for name in SWEEPS}
    parts = dict.fromkeys(_parts(Swept.load(keep), full=full))
    for line in done.read_text().splitlines() if done.exists() else ():
        part, said = json.loads(line)
        if tuple(part) in parts:
            del parts[tuple(part)]
            tallies[part[0]].add(Tally.from_json(said))
    return tallies, list(parts)


def table(keep: Path) -> str:
    """Return what the full form gave so far, as the table of docs/reliability-receiver.md."""
    by, (tallies, _) = Swept.load(keep), so_far(keep, full=True)
    head = "| sweep | tried | of | rejected | same content | lacking | own word | other authority |"
    lines = [f"{head} accepted |", "|---" * 9 + "|"]
    for name, (cases, _) in SWEEPS.items():
        with cases(by) as (count, _):
            one = tallies[name]
        cells = [one.tried, count, one.rejected, one.same_content, sum(one.lacking.values())]
        cells.append(sum(one.own_word.values()))
        cells += [one.unknown_authority, len(one.accepted)]
        lines.append(f"| {name} | {' | '.join(f'{cell:,}' for cell in cells)} |")
    return "\n".join(lines) + "\n"


def sweep(keep: Path, *, full: bool, processes: int) -> list[Tally]:
    """Return the figures of all sweeps; what ``keep`` notes as done is not done again."""
    done = keep / "done.jsonl"
    tallies, parts = so_far(keep, full=full)
    # One sweep after the other, and each from all over: what a stopped run has done is a sample.
    order = random.Random(SEED).sample(parts, len(parts))  # noqa: S311  (no secret)
    order.sort(key=lambda part: list(SWEEPS).index(part[0]))
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool, done.open("a") as notes:
        for part, tally in pool.imap_unordered(_part, [(str(keep), part) for part in order]):
            notes.write(json.dumps([part, tally.to_json()]) + "\n")
            notes.flush()
            tallies[part[0]].add(tally)
    return list(tallies.values())


def main() -> None:
    """Print the figures as JSON, and exit with 1 if any is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder for the bundle and what is done")
    parser.add_argument("--so-far", action="store_true", help="print a table and try nothing")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if asked.so_far:
        sys.stdout.write(table(asked.keep))
        return
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        keep = asked.keep or Path(scratch)
        by = Swept.load(keep) if Swept.is_in(keep) else Swept.make(keep)
        tallies = sweep(keep, full=asked.full, processes=asked.processes)
    figures = {
        "version": __version__,
        "date": datetime.now(UTC).date().isoformat(),
        "bundle": by.described,
        "seconds": round(time.monotonic() - begun),
        "peak_mib": max(tally.peak_mib for tally in tallies),
        "sweeps": [tally.to_json() for tally in tallies],
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    sys.exit(any(t.accepted or t.tracebacks or t.undecided for t in tallies))


if __name__ == "__main__":
    main()
