"""Compare whole processes with the limits of the machine and with other tools, in turn.

    python benchmarks/run.py --work DIR --output docs/performance.md

Everything is a ratio of medians of one run; absolute times say little on a shared machine. Tools
that are not installed are left out, and the page says so.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from generate import SCHEMA, write_csv, write_json
from plot import growth_plot
from rounds import Contender, Times, compare, ratio

EVENT_BYTES = 790
GROWTH = (12_500, 125_000, 1_250_000)  # events: 10 MB, 100 MB, 1 GB
HUGE = 12_500_000  # 10 GB
PACKAGES = ("bagit", "check-jsonschema", "jsonschema-rs", "model-signing", "msgspec", "orjson")


class Bench:
    """One run: the folder, the tools, and the page as it grows."""

    def __init__(self, work: Path, rounds: int) -> None:
        self.work, self.rounds = work, rounds
        self.lines: list[str] = []
        self.missing: set[str] = set()
        work.mkdir(parents=True, exist_ok=True)
        (work / "schema.json").write_text(_json(SCHEMA))
        if not (work / "signing.pem").exists():
            _own(work, "keys", "new", "signing.pem")

    def tool(self, name: str, *arguments: str) -> tuple[str, ...] | None:
        """Return a command, if the tool is beside this Python, on the path or in node_modules."""
        places = (Path(sys.executable).parent / name, self.work / "node_modules/.bin" / name)
        found = next((str(place) for place in places if place.exists()), shutil.which(name))
        if found is None:
            self.missing.add(name)
            return None
        return (found, *arguments)

    def export(self, events: int, suffix: str = ".json") -> str:
        """Return the name of an export with so many events, made if it is not there."""
        path = self.work / f"{events}{suffix}"
        if not path.exists():
            (write_csv if suffix == ".csv" else write_json)(events, path)
        return path.name

    def bundle(self, events: int) -> str:
        """Return the name of a bundle with so many events, made anew."""
        name = f"bundle-{events}"
        shutil.rmtree(self.work / name, ignore_errors=True)
        _own(self.work, *collect(self.export(events), name))
        return name

    def contest(self, title: str, contenders: Sequence[Contender | None]) -> Mapping[str, Times]:
        """Compare, and add a table: the ratio is to the first contender."""
        there = [contender for contender in contenders if contender is not None]
        found = compare(there, self.rounds, self.work)
        self.lines += [f"## {title}", "", *_table(there, found), ""]
        return found


def _json(document: object) -> str:
    import json  # noqa: PLC0415

    return json.dumps(document, indent=2) + "\n"


def own(*arguments: str) -> tuple[str, ...]:
    """Return a command of ours."""
    return (str(Path(sys.executable).parent / "evidencekit"), *arguments)


def _own(work: Path, *arguments: str) -> None:
    environment = os.environ | {"EVIDENCEKIT_KEY_PASSPHRASE": ""}
    with (work / "log.txt").open("ab") as log:
        subprocess.run(
            own(*arguments), cwd=work, env=environment, check=True, stderr=log, stdout=log
        )


def collect(export: str, output: str, *more: str) -> tuple[str, ...]:
    """Return the arguments that make a bundle."""
    schema = ("--schema", "schema.json", "--key", "signing.pem")
    return ("collect", "--from", export, *schema, "--output", output, *more)


def verify(bundle: str, *more: str) -> tuple[str, ...]:
    """Return the arguments that verify a bundle."""
    return ("verify", bundle, "--key", "signing.pem.pub", "--schema", "schema.json", *more)


def named(name: str, command: Sequence[str] | None, **others: Sequence[str]) -> Contender | None:
    """Return a contender, if there is one."""
    return None if command is None else Contender(name=name, command=command, **others)


def large(bench: Bench, events: int) -> None:
    """Compare everything about one large export."""
    export, bundle = bench.export(events), bench.bundle(events)
    table = bench.export(events, ".csv")
    inside = f"{bundle}/data/export/events.json"
    bench.contest(
        f"One export of {events:,} events",
        [
            named("openssl dgst -sha256", bench.tool("openssl", "dgst", "-sha256", export)),
            named("collect", own(*collect(export, "made")), before=("rm", "-rf", "made")),
            named("collect to a zip", own(*collect(export, "m.zip")), before=("rm", "-f", "m.zip")),
            named("collect, CSV", own(*collect(table, "made")), before=("rm", "-rf", "made")),
            named("verify", own(*verify(bundle))),
            named("verify --jobs 1", own(*verify(bundle, "--jobs", "1"))),
            named("verify --quick", own(*verify(bundle, "--quick"))),
            named("bagit.py --validate", bench.tool("bagit.py", "--validate", bundle)),
            named(
                "zip -1", bench.tool("zip", "-q1", "z.zip", inside), before=("rm", "-f", "z.zip")
            ),
        ],
    )


def validators(bench: Bench, events: int) -> None:
    """Compare with what only validates, on an export that all of them can hold."""
    export, bundle = bench.export(events), bench.bundle(events)
    array = {"type": "array", "items": SCHEMA}
    (bench.work / "array.json").write_text(_json({"$schema": SCHEMA["$schema"], **array}))
    formats = ("--spec=draft2020", "-c", "ajv-formats")
    bench.contest(
        f"Validators and signers, {events:,} events",
        [
            named("verify", own(*verify(bundle))),
            named(
                "Sourcemeta jsonschema validate --fast",
                bench.tool("jsonschema-cli", "validate", "--fast", "array.json", export)
                or bench.tool("sourcemeta-jsonschema", "validate", "--fast", "array.json", export),
            ),
            named(
                "ajv-cli", bench.tool("ajv", "validate", *formats, "-s", "array.json", "-d", export)
            ),
            named(
                "check-jsonschema",
                bench.tool("check-jsonschema", "--schemafile", "array.json", export),
            ),
            named("verify --quick", own(*verify(bundle, "--quick"))),
            named("bagit.py --validate", bench.tool("bagit.py", "--validate", bundle)),
        ],
    )


def small(bench: Bench) -> None:
    """Compare the start-up: a bundle of 100 events."""
    export, bundle = bench.export(100), bench.bundle(100)
    again = ("sh", "-c", f"rm -rf bag && mkdir bag && cp {export} bag")
    bench.contest(
        "A small job: 100 events",
        [
            named("bagit.py --validate", bench.tool("bagit.py", "--validate", bundle)),
            named("bagit.py, create", bench.tool("bagit.py", "--sha256", "bag"), before=again),
            named("verify", own(*verify(bundle))),
            named("collect", own(*collect(export, "made")), before=("rm", "-rf", "made")),
            named("--version", own("--version")),
            named("python -c 'import click'", (sys.executable, "-c", "import click")),
        ],
    )


def growth(bench: Bench, sizes: Iterable[int]) -> list[tuple[float, float, float]]:
    """Compare sizes; return bytes, seconds and MiB of each."""
    points = []
    bench.lines += ["## Growth", "", "| events | MB | verify, s | ÷ openssl | µs an event | MiB |"]
    bench.lines += ["|---:|---:|---:|---:|---:|---:|"]
    for events in sizes:
        export, bundle = bench.export(events), bench.bundle(events)
        openssl = Contender(name="openssl", command=("openssl", "dgst", "-sha256", export))
        ours = Contender(name="verify", command=own(*verify(bundle)))
        found = compare([openssl, ours], 1 if events >= HUGE else bench.rounds, bench.work)
        wall, _, peak = found["verify"].medians
        size = (bench.work / export).stat().st_size
        points.append((size, wall, peak))
        bench.lines.append(
            f"| {events:,} | {size / 1e6:,.0f} | {wall:.2f} | "
            f"{ratio(found['verify'], found['openssl']):.1f} | {wall / events * 1e6:.2f} | "
            f"{peak:.0f} |"
        )
        shutil.rmtree(bench.work / bundle)
    bench.lines += ["", "![time and memory by size](performance.svg)", ""]
    return points


def _table(contenders: Sequence[Contender], found: Mapping[str, Times]) -> Iterable[str]:
    first = contenders[0].name
    yield f"| | wall, s | processor, s | MiB, all processes | wall ÷ {first} |"
    yield "|---|---:|---:|---:|---:|"
    for contender in contenders:
        times = found[contender.name]
        wall, cpu, peak = times.medians
        told = ratio(times, found[first])
        yield f"| {contender.name} | {wall:.3f} | {cpu:.3f} | {peak:.0f} | {told:.2f} |"


def _machine() -> Iterable[str]:
    with Path("/proc/cpuinfo").open() as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    yield f"{len(os.sched_getaffinity(0))} processors ({models[0] if models else 'unknown'})"
    yield f"Python {platform.python_version()}"
    yield subprocess.run(("openssl", "version"), capture_output=True, text=True, check=True).stdout
    for name in ("evidencekit", *PACKAGES):
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue


def page(bench: Bench, command: str) -> str:
    """Return the page, without what is written by hand."""
    machine = ", ".join(told.strip() for told in _machine())
    left_out = f" Not installed: {', '.join(sorted(bench.missing))}." if bench.missing else ""
    head = [
        f"Made {datetime.now(UTC):%Y-%m-%d} by `{command}` on {machine}.{left_out}",
        f"Medians of {bench.rounds} rounds, the commands of one table run in turn, the file in the",
        "page cache. Quote the ratios: they are taken round by round.",
        "",
    ]
    return "\n".join([*head, *bench.lines])


def main() -> None:
    """Run everything and write the page, below the mark in it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="a folder with room for 5 GB")
    parser.add_argument("--output", type=Path, default=Path("docs/performance.md"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=1_000_000, help="of the large export")
    parser.add_argument("--huge", action="store_true", help="grow to 10 GB; needs 40 GB")
    asked = parser.parse_args()
    bench = Bench(asked.work.resolve(), asked.rounds)
    large(bench, asked.events)
    validators(bench, min(asked.events, 125_000))
    small(bench)
    sizes = [size for size in GROWTH if size <= 2 * asked.events] or [
        asked.events // 2,
        asked.events,
    ]
    points = growth(bench, [*sizes, *([HUGE] if asked.huge else [])])
    asked.output.with_suffix(".svg").write_text(growth_plot(points))
    mark = "<!-- below this line: make bench -->\n"
    before = asked.output.read_text().split(mark)[0] if asked.output.exists() else ""
    asked.output.write_text(before + mark + "\n" + page(bench, "make bench"))


if __name__ == "__main__":
    main()
