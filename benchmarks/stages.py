"""Where the time of ``collect`` goes, stage by stage: py-spy's samples, added up, on the page.

    python benchmarks/stages.py --work DIR --output docs/performance.md

A sample counts for the innermost line of ours that was at work: what a library did for it is its
time. A module that is in no stage stands under its own name, so that nothing is lost.
"""

import argparse
import linecache
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import tools
from page import put
from rounds import environment
from workshop import Workshop, collect, own, shown

_ROOT = Path(__file__).parents[1]
_RATE = 200  # samples a second
_IMPORTS, _LEAVES, _OTHER = "starting: imports", "leaf hashes", "everything else"
_STAGES = {
    "matching records: split, grammar, schema": "core.accept core.regular core.tabular core.texts",
    "parsing, and the proof of strictness": "core.parse core.strict_json",
    "schema engine": "core.schema",
    "splitting into records": "core.split_json core.split_csv core.readers core.cells",
    "reading, and SHA-256 of the export": "core.framing edges.zipread edges.members",
    "columns": "core.events",
    "counting": "core.tally core.total core.moments core.timeline core.gaps core.instant",
    "putting blocks together": "core.block core.survey",
    "event tree": "core.tree",
    "handing blocks over, and waiting for them": "edges.pool edges.cluster",
    "writing, and syncing to disk": "edges.rawfile edges.publish edges.place edges.folder",
    "summaries": "edges.render core.page core.chart core.plain core.markdown core.summary",
    "signing": "signing core.publickey core.ed25519 core.dsse core.sshsig edges.keys",
}
_STAGE = {module: stage for stage, modules in _STAGES.items() for module in modules.split()}
_FRAME = re.compile(r"(?P<function>.*) \((?P<file>evidencekit/[^:]+\.py):(?P<line>\d+)\)")


def main() -> None:
    """Record one run, and write its table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--events", type=int, default=1_250_000)
    asked = parser.parse_args()
    shop = Workshop(asked.work.resolve(), 1, 1)
    export = shop.export(asked.events)
    shop.remove("made")
    command = own(*collect(export, "made"))
    stacks = _record(shop, command)
    by_hand = f"{asked.events:,} events, {_RATE} samples a second of every process at work"
    versions = ", ".join(tools.versions()[:7])
    source = f"*{datetime.now(UTC):%Y-%m-%d}, on {tools.machine()}; {versions}; {by_hand}.*"
    lines = [f"`{shown(command)}`:", "", *table(stacks), "", source]
    put(asked.output, "profile", lines)


def _record(shop: Workshop, command: tuple[str, ...]) -> list[str]:
    """Return the stacks that py-spy saw, one a line, with how often."""
    record = ("record", "--format", "raw", "--subprocesses", "--rate", str(_RATE))
    spy = shop.peer("py-spy", *record, "--output", "stacks.txt", "--", *command)
    if not spy:
        raise SystemExit("py-spy is not installed: pip install --group bench")
    ran = subprocess.run(
        spy, cwd=shop.folder, env=environment(), capture_output=True, text=True, check=False
    )
    if ran.returncode or "events; root" not in ran.stderr:
        raise SystemExit(f"py-spy: {(ran.stdout + ran.stderr)[-500:]}")
    return (shop.folder / "stacks.txt").read_text().splitlines()


def table(stacks: Iterable[str]) -> list[str]:
    """Return the lines of a table: stage, share of the reader's and of the workers' samples."""
    reader, workers = Counter[str](), Counter[str]()
    for stack in stacks:
        text, _, count = stack.rpartition(" ")
        frames = text.split(";")
        own_frames = [frame for frame in frames if not frame.startswith("process ")]
        worker = len(frames) - len(own_frames) > 1  # a process below a process
        if own_frames:
            (workers if worker else reader)[_stage(own_frames)] += int(count)
    both = reader + workers
    total = both.total()
    rare = {stage for stage in both if both[stage] < total / 200}
    for part in (reader, workers, both):
        part[_OTHER] = sum(part.pop(stage, 0) for stage in rare)
    lines = ["| | all | reader | workers |", "|---|---:|---:|---:|"]
    for stage, count in both.most_common():
        shares = (f"{100 * part / total:.1f} %" for part in (count, reader[stage], workers[stage]))
        lines.append(f"| {stage} | {' | '.join(shares)} |")
    return lines


def _stage(frames: list[str]) -> str:
    """Return the stage of a stack, outermost frame first."""
    if any(frame.startswith("_find_and_load") for frame in frames):
        return _IMPORTS
    ours = next((found for frame in reversed(frames) if (found := _FRAME.match(frame))), None)
    if ours is None:
        return _OTHER
    module = ours["file"].removeprefix("evidencekit/").removesuffix(".py").replace("/", ".")
    said = linecache.getline(str(_ROOT / ours["file"]), int(ours["line"]))
    if module.startswith("core.") and "sha256(b" in said and module != "core.tree":
        return _LEAVES
    return _STAGE.get(module, module)


if __name__ == "__main__":
    main()
