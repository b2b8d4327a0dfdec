"""The folder that everything is run in: exports, bundles, keys, made when first asked for."""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import tools
from generate import SCHEMA, events, write_csv, write_json
from results import Row, Table
from rounds import Contender, compare, environment

HERE = Path(__file__).parent
_BROKEN = 1_000  # events; the last of them breaks the schema


class Workshop:
    """One run: the folder, and the tools as far as they are there."""

    def __init__(self, folder: Path, rounds: int, scale: float) -> None:
        self.folder, self.rounds, self.scale = folder, rounds, scale
        self._bundles: set[str] = set()  # made in this run, so by this code
        folder.mkdir(parents=True, exist_ok=True)
        self.write("schema.json", json.dumps(SCHEMA).encode())
        array = {"$schema": SCHEMA["$schema"], "type": "array", "items": SCHEMA}
        self.write("array.json", json.dumps(array).encode())
        if not (folder / "signing.pem").exists():
            self.ours("keys", "new", "signing.pem")
            self._elliptic()

    def write(self, name: str, data: bytes) -> None:
        """Write a small file."""
        (self.folder / name).write_bytes(data)

    def scaled(self, count: int) -> int:
        """Return a number of events: all of them, or fewer for a trial."""
        return max(int(count * self.scale), 100)

    def size(self, name: str) -> int:
        """Return the size of a file in bytes."""
        return (self.folder / name).stat().st_size

    def export(self, count: int, suffix: str = ".json") -> str:
        """Return the name of an export with so many events, made if it is not there."""
        path = self.folder / f"{count}{suffix}"
        if not path.exists():
            part = path.with_suffix(".part")
            (write_csv if suffix == ".csv" else write_json)(count, part)
            part.rename(path)
        return path.name

    def bundle(self, count: int) -> str:
        """Return the name of a bundle with so many events, made once in a run."""
        name = f"bundle-{count}"
        if name not in self._bundles:
            self.remove(name)
            self.ours(*collect(self.export(count), name))
            self._bundles.add(name)
        return name

    def broken_export(self) -> str:
        """Return the name of an export whose last event breaks the schema."""
        made = [*events(_BROKEN - 1), next(events(1)) | {"verdict": "perhaps"}]
        self.write("broken.json", json.dumps(made).encode())
        return "broken.json"

    def broken_bundle(self, bundle: str, name: str = "broken-bundle") -> str:
        """Return the name of a copy of a bundle with one changed byte in its export."""
        self.remove(name)
        shutil.copytree(self.folder / bundle, self.folder / name)
        path = self.folder / name / "data/export/events.json"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        return name

    def remove(self, name: str) -> None:
        """Remove a folder or file of that name, if there is one."""
        self._bundles.discard(name)
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)

    def ours(self, *arguments: str) -> None:
        """Run evidencekit, untimed."""
        self._call(own(*arguments))

    def peer(self, program: str, *arguments: str) -> tuple[str, ...]:
        """Return the command of a program, or none where it is not installed."""
        found = tools.find(program)
        return () if found is None else (found, *arguments)

    def table(
        self, title: str, contenders: Sequence[Contender], *, note: str = "", rounds: int = 0
    ) -> Table:
        """Compare those that are there, in turn; the first is what the others are compared with."""
        there = [contender for contender in contenders if contender.command]
        rounds = rounds or self.rounds
        found = compare(there, rounds, self.folder)
        left_out = [contender.name for contender in contenders if not contender.command]
        return Table(
            title=title,
            note=note,
            events=max(contender.events for contender in there),
            size=max(contender.size for contender in there),
            rounds=rounds,
            made=f"{datetime.now(UTC):%Y-%m-%d}",
            machine=tools.machine(),
            versions=tools.versions(),
            left_out=left_out,
            rows=[
                Row(
                    name=contender.name,
                    command=shown(contender.command),
                    wall=found[contender.name].wall,
                    cpu=found[contender.name].cpu,
                    peak=found[contender.name].peak,
                    events=contender.events,
                    size=contender.size,
                )
                for contender in there
            ],
        )

    def _elliptic(self) -> None:
        """Make the P-256 key that model_signing wants."""
        curve = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1")
        self._call(("openssl", "genpkey", *curve, "-out", "ec.pem"))
        self._call(("openssl", "pkey", "-in", "ec.pem", "-pubout", "-out", "ec.pub"))

    def _call(self, command: Sequence[str]) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            subprocess.run(
                command, cwd=self.folder, env=environment(), check=True, stdout=log, stderr=log
            )


def own(*arguments: str) -> tuple[str, ...]:
    """Return a command of ours."""
    return (str(Path(sys.executable).parent / "evidencekit"), *arguments)


def script(name: str, *arguments: str) -> tuple[str, ...]:
    """Return a command that runs a script of this folder."""
    return (sys.executable, str(HERE / name), *arguments)


def collect(export: str, output: str, *more: str) -> tuple[str, ...]:
    """Return the arguments that make a bundle."""
    schema = ("--schema", "schema.json", "--key", "signing.pem")
    return ("collect", "--from", export, *schema, "--output", output, *more)


def verify(bundle: str, *more: str) -> tuple[str, ...]:
    """Return the arguments that verify a bundle."""
    return ("verify", bundle, "--key", "signing.pem.pub", "--schema", "schema.json", *more)


def shown(command: Sequence[str]) -> str:
    """Return a command as it would be typed, without the folders of this machine."""
    return shlex.join(Path(word).name if word.startswith("/") else word for word in command)
