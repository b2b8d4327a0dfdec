"""A pull, and a whole ``collect``, from an API that goes wrong; every trace of it is searched."""

import io
import logging
import shutil
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from torture.faultyapi import BODY, FaultyApi

from evidencekit.cli.console import Console
from evidencekit.cli.sources import obtained_from_api
from evidencekit.collector import collect
from evidencekit.core.instant import parse_instant
from evidencekit.core.jobs import ExportRequest
from evidencekit.core.publickey import Signer
from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges import publish
from evidencekit.edges.api import Api
from evidencekit.edges.clock import Clock
from evidencekit.edges.container import open_bundle
from evidencekit.edges.http import Patience
from evidencekit.edges.keys import load_signer, new_key
from evidencekit.edges.pull import pull
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError, RejectedError
from evidencekit.validation import Plan
from evidencekit.verifier import verify

TOKEN = "canary-7f3a9c-token"
PASSPHRASE = "canary-passphrase"
START = parse_instant("2026-04-23T00:00:00Z")
DEADLINE = 20.0  # of the pull, in seconds of its own clock, which sleeping moves on
SURVEYED = {"csv", "json", "export", "schema", "coverage"}  # what an export is rejected for
MOST_SECONDS = 12.0  # that it may really take, on a machine that has other work too


@dataclass
class Outcome:
    """How one pull or collect ended."""

    data: bytes | None  # the export that stands under the final name, or in the bundle there
    error: EvidenceError | None
    seconds: float  # of real time
    clock: float  # seconds of its own clock


@dataclass
class Torture:
    """Runs pulls and collects, and searches whatever they leave for secrets."""

    body = BODY  # what the good API delivers
    folder: Path
    authority: Path  # one certificate instead of the system's hundreds: loading those takes longest
    signer: Signer
    log: io.StringIO
    capsys: object
    servers: list = field(default_factory=list)

    def api(self, script: Callable, **options) -> FaultyApi:
        self.servers.append(FaultyApi(script, **options))
        return self.servers[-1]

    def pull(self, url: str, form: str = "json", **patience) -> Outcome:
        """Pull, and return how it ended, with the bytes under the final name."""
        path = self.folder / f"export.{form}"

        def work(api: Api) -> None:
            pull(api, ExportRequest(format=form, window="24h"), path, seconds=DEADLINE)

        return self._run(url, work, lambda: path.read_bytes() if path.exists() else None, patience)

    def collect(self, url: str, shape: str, form: str = "json", **patience) -> Outcome:
        """Collect into a ``folder`` or ``zip``; what stands there then has to be accepted."""
        output = self.folder / ("evidence.zip" if shape == "zip" else "evidence")
        request = ExportRequest(format=form, window="24h")

        def work(api: Api) -> None:
            with publish.staging(self.folder) as stage:
                obtained = obtained_from_api(
                    Console(quiet=True, progress=False), api, request, stage,
                    job=None, seconds=DEADLINE, scratch=self.folder,
                )  # fmt: skip
                collect(obtained, Plan(), signer=self.signer, output=output, now=START, jobs=1)

        return self._run(url, work, lambda: self._exported(output), patience)

    def _exported(self, bundle: Path) -> bytes | None:
        if not bundle.exists():
            return None
        key = self.signer.public_key
        trust = Trust(signers=(TrustedSigner(name="preparer", key=key),))
        verified = verify(bundle, trust=trust, at=START, jobs=1)
        assert verified.report.exit_code == 0, verified.report.verdict_line
        with open_bundle(bundle) as opened:
            return opened.read(verified.manifest.export.path)

    def _run(self, url: str, work: Callable, exported: Callable, patience: dict) -> Outcome:
        slept: list[float] = []
        begin = time.monotonic()
        clock = Clock(
            now=lambda: START + int(sum(slept) * 1e9),
            monotonic=lambda: time.monotonic() - begin + sum(slept),
            sleep=slept.append,
            jitter=lambda: 0.5,
        )
        waits = {"read": 0.15, "answer": 0.3, "connect": 1.0, "tries": 2, "slow_seconds": 0.2}
        waits |= patience
        api = Api.from_url(
            url, TOKEN, clock=clock, patience=Patience(**waits), ca_file=self.authority
        )
        error = None
        try:
            work(api)
        except EvidenceError as caught:
            error = caught
        seconds, ticked = time.monotonic() - begin, clock.monotonic()
        outcome = Outcome(data=exported(), error=error, seconds=seconds, clock=ticked)
        self._search(error)
        return outcome

    def _search(self, error: EvidenceError | None) -> None:
        assert str(error).isprintable(), "more than one line, or raw control characters"
        shown = str(error and error.hint) + repr(error)
        shown += "".join(traceback.format_exception(error)) if error else ""
        out, err = self.capsys.readouterr()
        left = b"".join(contents(path) for path in self.folder.rglob("*") if path.is_file())
        traces = shown + self.log.getvalue() + out + err + left.decode("utf-8", "replace")
        self.log.truncate(0)
        assert "canary" not in traces, "a secret got out"
        assert out + err == "", "something was printed"
        for path in self.folder.iterdir():
            unfinished = path.suffix in {".part", ".job"} and error is not None
            assert path.name.startswith(".evidencekit-") is unfinished, f"{path.name} was left"
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def check(self, outcome: Outcome, right: bytes = BODY) -> None:
        """No wrong file, no hang, no half answer: either the export, or an error and nothing."""
        assert outcome.seconds < MOST_SECONDS
        assert outcome.clock < DEADLINE + MOST_SECONDS
        if outcome.error is None:
            assert outcome.data == right
        else:
            assert outcome.data is None
            families = SURVEYED if isinstance(outcome.error, RejectedError) else {"api"}
            assert outcome.error.code.partition(".")[0] in families


def contents(path: Path) -> bytes:
    """Return what a file holds: of a zip, also what its members hold."""
    data = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as file:
            data += b"".join(file.read(name) for name in file.namelist())
    return data


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def preparer(tmp_path_factory) -> Signer:
    path = tmp_path_factory.mktemp("key") / "signing.pem"
    new_key(path, PASSPHRASE, "test")
    return load_signer(path, lambda: PASSPHRASE)


@pytest.fixture
def torture(tmp_path, capsys, authority, preparer) -> Iterator[Torture]:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    folder = tmp_path / "out"
    folder.mkdir()
    torture = Torture(
        folder=folder, authority=authority, signer=preparer, log=log, capsys=capsys
    )  # fmt: skip
    yield torture
    root.removeHandler(handler)
    root.setLevel(level)
    for server in torture.servers:
        server.close()
