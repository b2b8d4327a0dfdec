"""Commands of ours whose every call to the system can be recorded, refused or made the last one."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from evidencekit.core.publickey import PublicKey
from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges.keys import load_public_key, load_signer, new_key
from evidencekit.edges.trust import Trust
from evidencekit.edges.trustfile import add_signer
from evidencekit.verifier import verify

# Whatever changes a disk. The question mark: not every machine has each of them.
CHANGES = (
    "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
    "rmdir", "symlink", "symlinkat", "write", "pwrite64", "writev", "fsync", "fdatasync", "fchmod",
    "chmod", "fchmodat", "ftruncate", "truncate", "fallocate", "copy_file_range", "sendfile",
    "fchown", "utimensat",
)  # fmt: skip
TOUCHES = ("open", "openat", "close", "flock")  # these may fail too, and one of them can create
LEFTOVER = re.compile(r"\.evidencekit-[0-9a-f]{16}\.tmp")
NOW = 1_776_902_651 * 1_000_000_000  # 2026-04-23T00:04:11Z, of the bundles that tests make first
LATER = 4_000_000_000 * 1_000_000_000
_CALL = re.compile(r"(?:\d+ +)?([a-z_0-9]+)\((.*)")


@dataclass(frozen=True, kw_only=True)
class Point:
    """One call of a recorded run: the n-th of that name."""

    call: str
    number: int
    line: str

    @property
    def changes(self) -> bool:
        """Whether it changes the disk."""
        return self.call in CHANGES or "O_CREAT" in self.line

    def __str__(self) -> str:
        return f"{self.call}#{self.number}: {self.line[:200]}"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command ended, negative for a signal, and what it said."""

    code: int
    out: str
    err: str
    trace: list[str]

    @property
    def broken(self) -> str:
        """The call that strace made to fail."""
        return "".join(line for line in self.trace if "(INJECTED" in line)


@dataclass
class Bench:
    """A place to run commands in, and the process that runs them."""

    folder: Path  # what is said and traced
    work: Path  # where the commands work
    process: subprocess.Popen
    runs: int = 0

    def run(self, argv: Sequence[object], *options: str, traced: bool = False) -> Ran:
        """Run a command; ``options`` are strace's, which ``traced`` starts without any, too."""
        self.runs += 1
        paths = {name: self.folder / f"{self.runs}.{name}" for name in ("out", "err", "trace")}
        job = {"argv": [str(part) for part in argv], "cwd": str(self.work)}
        job |= {name: str(paths[name]) for name in ("out", "err")}
        pid = self._say(json.dumps(job))
        tracer = None
        if options or traced:
            tracer = self._attach(pid, paths["trace"], options)
        code = int(self._say(""))
        if tracer:
            tracer.communicate(timeout=30)
        ran = Ran(
            code=code,
            out=paths["out"].read_text(),
            err=paths["err"].read_text(),
            trace=paths["trace"].read_text().splitlines() if tracer else [],
        )
        for path in paths.values():
            path.unlink(missing_ok=True)
        return ran

    def points(self, argv: Sequence[object]) -> tuple[list[Point], Ran]:
        """Run a command and return each call of it that touched the place where it works."""
        ran = self.run(argv, traced=True)
        counts: dict[str, int] = {}
        found = []
        for line in ran.trace:
            match = _CALL.match(line)
            if match is None:
                continue
            call = match[1]
            counts[call] = counts.get(call, 0) + 1
            if self.touched(line):
                found.append(Point(call=call, number=counts[call], line=line))
        return found, ran

    def touched(self, line: str) -> bool:
        """Tell whether a call was about the place where commands work."""
        return str(self.work) in line.replace(f"AT_FDCWD<{self.work}>", "")

    def killed(self, argv: Sequence[object], point: Point) -> Ran:
        """Run a command that is killed on entering the call."""
        return self.run(argv, f"--inject={point.call}:signal=KILL:when={point.number}")

    def refused(self, argv: Sequence[object], point: Point, error: str, which: str = "") -> Ran:
        """Run a command whose call fails with an error."""
        return self.run(argv, f"--inject={point.call}:error={error}:when={point.number}{which}")

    def _say(self, line: str) -> str:
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    @staticmethod
    def _attach(pid: str, log: Path, options: Sequence[str]) -> subprocess.Popen:
        calls = ",".join(f"?{name}" for name in (*CHANGES, *TOUCHES))
        command = ["strace", "-y", "-s", "8", "-o", str(log), f"--trace={calls},exit_group"]
        command += [*options, "-p", pid]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE)  # noqa: S603
        said = b""
        while not said.endswith(b"attached\n"):
            more = os.read(tracer.stderr.fileno(), 1_000)
            assert more, said
            said += more
        return tracer


@pytest.fixture(scope="session")
def strace() -> None:
    """Skip, loudly, where calls cannot be made to fail."""
    if shutil.which("strace") is None:
        pytest.skip("SKIPPED: no strace here, so no crash and no disk error was tried")
    command = ["strace", "-o", os.devnull, "--inject=?fsync:error=EIO", "true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if tried.returncode:
        pytest.skip(f"SKIPPED: strace may not trace here, so no crash was tried: {tried.stderr}")


@pytest.fixture(scope="session")
def zygote(tmp_path_factory) -> Iterator[subprocess.Popen]:
    """The process that runs commands, warm."""
    environment = {**os.environ, "EVIDENCEKIT_KEY_PASSPHRASE": "", "PYTHONHASHSEED": "0"}
    for name in ("EVIDENCEKIT_KEY", "EVIDENCEKIT_TRUST", "EVIDENCEKIT_PROFILE"):
        environment.pop(name, None)
    script = Path(__file__).with_name("zygote.py")
    command = [sys.executable, str(script), str(tmp_path_factory.mktemp("warm"))]
    process = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        yield process


@pytest.fixture
def bench(zygote, tmp_path) -> Bench:
    said, work = tmp_path / "said", tmp_path / "work"
    said.mkdir()
    work.mkdir()
    return Bench(folder=said, work=work, process=zygote)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command that writes, the state it starts from, and what must hold whatever happens.

    ``whole`` raises where anything is torn or lost. ``done`` tells whether the result is there, and
    ``complete`` with all that goes with it.
    ``refusal`` is the code a second run may end with where the first one was done.
    """

    name: str
    argv: tuple[str, ...]
    start: Callable[[Path], None]
    whole: Callable[[Path], None]
    done: Callable[[Path], bool]
    refusal: str
    complete: Callable[[Path], bool] = field(kw_only=True, default=None)

    def __post_init__(self) -> None:
        if self.complete is None:
            object.__setattr__(self, "complete", self.done)


def verdict(bundle: Path, *, keys: Sequence[Path]) -> str:
    """Return the verdict on a bundle that these keys are to have signed."""
    return verify(bundle, trust=Trust.from_keys(tuple(keys)), at=LATER).report.verdict_line


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path; a folder has no bytes."""
    found = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in found}


def leftovers(folder: Path) -> list[str]:
    """Return what a killed run left behind; nothing of it has a name that a bundle can have."""
    return [path.name for path in folder.iterdir() if LEFTOVER.fullmatch(path.name)]


def _events(count: int) -> str:
    verdicts = ("allow", "block", "redact", "escalate")
    events = [
        {"id": f"evt_{n}", "verdict": verdicts[n % 4], "timestamp": f"2026-04-22T10:00:{n:02}Z"}
        for n in range(count)
    ]
    return json.dumps(events)


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A folder with keys, an export, an attachment, and a bundle in both forms."""
    from evidencekit.cli import run  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("made")
    for name in ("first", "second", "auditor"):
        new_key(folder / f"{name}.pem", None, name)
    (folder / "export.json").write_text(_events(40))
    (folder / "note.txt").write_text("a note\n" * 100)
    given = ["collect", "--from", str(folder / "export.json"), "--key", str(folder / "first.pem")]
    for name in ("bundle", "bundle.zip"):
        assert run([*given, "-o", str(folder / name)]) == 0
    return folder


def _collecting(made: Path, output: str, *, name: str) -> Case:
    """Collect beside older bundles."""

    def final(work: Path) -> list[Path]:
        if not output:
            return list(work.glob("evidence-*"))
        return [work / output] if os.path.lexists(work / output) else []

    def start(work: Path) -> None:
        shutil.copytree(made / "bundle", work / "older")
        shutil.copyfile(made / "bundle.zip", work / "older.zip")

    def whole(work: Path) -> None:
        assert contents(work / "older") == contents(made / "bundle")
        assert (work / "older.zip").read_bytes() == (made / "bundle.zip").read_bytes()
        known = {work / "older", work / "older.zip", *final(work)}
        known |= {work / name for name in leftovers(work)}
        assert set(work.iterdir()) == known
        for bundle in final(work):
            told = verdict(bundle, keys=[made / "first.pem.pub"])
            assert told.startswith("accepted"), f"half a bundle: {told}"

    argv = ("collect", "--from", f"{made}/export.json", "--key", f"{made}/first.pem", "--jobs", "1")
    argv += ("--attach", f"{made}/note.txt", "-o", "{work}/" + output)
    refusal = "output.exists"
    return Case(
        name=name, argv=argv, start=start, whole=whole,
        done=lambda work: bool(final(work)), refusal=refusal,
    )  # fmt: skip


def _adding(made: Path, form: str, argv: tuple[str, ...], prefix: str, *, name: str) -> Case:
    """Add members to a bundle: no other byte changes, and it is accepted before and after."""
    given = "b.zip" if form == "zip" else "b"

    def members(path: Path) -> dict[str, bytes]:
        if path.is_dir():
            return contents(path)
        with zipfile.ZipFile(path) as file:
            names = (name for name in file.namelist() if not name.endswith("/"))
            return {name.partition("/")[2]: file.read(name) for name in names}

    before = members(made / ("bundle.zip" if form == "zip" else "bundle"))

    def start(work: Path) -> None:
        if form == "zip":
            shutil.copyfile(made / "bundle.zip", work / given)
        else:
            shutil.copytree(made / "bundle", work / given)

    def added(work: Path) -> set[str]:
        return {at for at in set(members(work / given)) - set(before) if at.startswith(prefix)}

    def whole(work: Path) -> None:
        assert {given, *leftovers(work)} == {path.name for path in work.iterdir()}
        now = members(work / given)
        assert before.items() <= now.items(), "an older byte was lost"
        assert set(now) - set(before) <= {*added(work), "custody"}
        keys = [made / f"{who}.pem.pub" for who in ("first", "second", "auditor")]
        told = verdict(work / given, keys=keys)
        assert told.startswith("accepted"), f"half a bundle: {told}"

    def done(work: Path) -> bool:
        wanted = (".sig", ".sigstore.json", ".sshsig") if "sign" in name else (".sigstore.json",)
        return all(any(at.endswith(end) for at in added(work)) for end in wanted)

    argv = (argv[0], "{work}/" + given, *argv[1:])
    refusal = "signature.exists"
    return Case(name=name, argv=argv, start=start, whole=whole, done=done, refusal=refusal)


def _making_a_key() -> Case:
    def start(work: Path) -> None:
        (work / "other.pub").write_text("older")

    def whole(work: Path) -> None:
        assert (work / "other.pub").read_text() == "older"
        private, public = work / "new", work / "new.pub"
        names = {path.name for path in work.iterdir()} - {"other.pub", *leftovers(work)}
        assert names in (set(), {"new"}, {"new", "new.pub"}), "a public key that has no other half"
        if private.exists():
            signer = load_signer(private)
            assert private.stat().st_mode & 0o777 == 0o600
            assert not public.exists() or load_public_key(public) == signer.public_key

    return Case(
        name="keys new", argv=("keys", "new", "{work}/new"), start=start, whole=whole,
        done=lambda work: (work / "new").exists(), refusal="output.exists",
        complete=lambda work: (work / "new.pub").exists(),
    )  # fmt: skip


def _trusting(made: Path, *, exists: bool) -> Case:
    def start(work: Path) -> None:
        if exists:
            add_signer(work / "trust.toml", TrustedSigner(name="older", key=key("first")))

    def key(name: str) -> PublicKey:
        return load_public_key(made / f"{name}.pem.pub")

    def names(work: Path) -> list[str]:
        if not (work / "trust.toml").exists():
            return []
        return [signer.name for signer in Trust.from_file(work / "trust.toml").signers]

    def whole(work: Path) -> None:
        older = ["older"] if exists else []
        assert names(work)[: len(older)] == older, "an older signer was lost"
        assert set(names(work)) <= {*older, "newer"}
        assert {path.name for path in work.iterdir()} - {"trust.toml"} == set(leftovers(work))

    argv = ("trust", "add", f"{made}/second.pem.pub", "--name", "newer")
    return Case(
        name=f"trust add, {'one more' if exists else 'the first'}",
        argv=(*argv, "--trust", "{work}/trust.toml"), start=start, whole=whole,
        done=lambda work: "newer" in names(work), refusal="trust.duplicate",
    )  # fmt: skip


CASES = (
    "collect into a folder", "collect a folder", "collect a zip", "sign a folder", "sign a zip",
    "receive a folder", "receive a zip", "keys new", "trust add, one more", "trust add, the first",
)  # fmt: skip


@pytest.fixture
def case_of(made, bench) -> Callable[[str], Case]:
    """Return the case of a name, ready to start in the bench's folder."""
    sign = ("sign", "--key", f"{made}/second.pem", "--trust-key", f"{made}/first.pem.pub")
    receive = ("receive", "--outcome", "accepted", "--key", f"{made}/auditor.pem")
    receive += ("--trust-key", f"{made}/first.pem.pub", "--trust-key", f"{made}/auditor.pem.pub")
    sign += ("--trust-key", f"{made}/second.pem.pub")

    def case(name: str) -> Case:
        form = name.rpartition(" ")[2]
        found = {
            "collect into a folder": lambda: _collecting(made, "", name=name),
            "collect a folder": lambda: _collecting(made, "new", name=name),
            "collect a zip": lambda: _collecting(made, "new.zip", name=name),
            "sign": lambda: _adding(made, form, sign, "signatures/", name=name),
            "receive": lambda: _adding(made, form, receive, "custody/", name=name),
            "keys": _making_a_key,
            "trust": lambda: _trusting(made, exists="one more" in name),
        }
        made_case = (found.get(name) or found[name.partition(" ")[0]])()
        argv = tuple(part.replace("{work}", str(bench.work)) for part in made_case.argv)
        return replace(made_case, argv=argv)

    return case


@pytest.fixture
def fresh(bench) -> Callable[[Case], Path]:
    """Empty the bench's folder and put a case's first state there."""

    def start(case: Case) -> Path:
        shutil.rmtree(bench.work)
        bench.work.mkdir()
        case.start(bench.work)
        return bench.work

    return start


@pytest.fixture
def figure(record_property) -> Callable[[str], None]:
    """Note a figure; all of them are printed at the end of the run."""
    return lambda text: record_property("figure", text)


def pytest_terminal_summary(terminalreporter):
    reports = [r for key in ("passed", "failed") for r in terminalreporter.stats.get(key, ())]
    for report in reports:
        for name, text in getattr(report, "user_properties", ()):
            if name == "figure":
                terminalreporter.write_line(f"figure: {text}")
