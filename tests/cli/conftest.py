"""What the tests of the command line share: a stand-in API, a key, and a way to run commands."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidencekit.cli import run
from evidencekit.edges.keys import new_key
from evidencekit.standin import StandIn

CLOCK = "1776902651"  # 2026-04-23T00:04:11Z


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        return json.loads(self.out)


@pytest.fixture
def tool(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder and return what it said."""
    monkeypatch.chdir(tmp_path)
    for name in ("KEEPTRUSTS_API_URL", "KEEPTRUSTS_API_TOKEN", "EVIDENCEKIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


@pytest.fixture
def key(tmp_path) -> Path:
    """A private key; its public half lies beside it, with ``.pub``."""
    path = tmp_path / "signing.pem"
    new_key(path, None, "test")
    return path


@pytest.fixture
def api(monkeypatch):
    """Start a stand-in API with the given manners, and point the tool at it."""
    open_ones = []

    def start(**manners) -> StandIn:
        standin = StandIn(per_day=manners.pop("per_day", 40), **manners)
        open_ones.append(standin.__enter__())
        monkeypatch.setenv("KEEPTRUSTS_API_URL", standin.url)
        monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", standin.token)
        return standin

    yield start
    for standin in open_ones:
        standin.__exit__(None, None, None)


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def contents():
    return everything
