"""A real bundle, the keys of those who handle it, and a time-stamp authority on loopback."""

from types import SimpleNamespace

import pytest
from authority import Authority

from evidencekit.cli import run
from evidencekit.collector import collect
from evidencekit.core.instant import parse_instant
from evidencekit.core.manifest import Context
from evidencekit.core.trusted import TrustedSigner
from evidencekit.core.window import Window
from evidencekit.edges.keys import load_signer, new_key
from evidencekit.edges.trustfile import add_signer
from evidencekit.standin.events import events, to_json
from evidencekit.validation import Obtained, Plan

START, END = "2026-04-16T00:00:00Z", "2026-04-17T00:00:00Z"


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """Return a folder of keys, and the signer of each: one of the four uses ECDSA P-256."""
    folder = tmp_path_factory.mktemp("people")
    algorithms = {"preparer": "ed25519", "auditor": "ed25519", "counsel": "ecdsa-p256"}
    signers = {}
    for name, algorithm in {**algorithms, "stranger": "ed25519"}.items():
        new_key(folder / f"{name}.pem", None, algorithm=algorithm)
        signers[name] = load_signer(folder / f"{name}.pem")
    return SimpleNamespace(folder=folder, signers=signers, **signers)


@pytest.fixture(scope="session")
def export(tmp_path_factory):
    window = Window.from_times(START, END)
    path = tmp_path_factory.mktemp("export") / "events.json"
    made = to_json(events(window, per_day=48), shape="array", job_id="job_1", window=window)
    path.write_bytes(made)
    return path


@pytest.fixture
def tsa(tmp_path):
    folder = tmp_path / "tsa"
    folder.mkdir()
    authority = Authority(folder)
    yield authority
    authority.close()


@pytest.fixture
def at():
    return parse_instant("2026-04-18T12:00:00Z")


@pytest.fixture
def make(tmp_path, people, export, at):
    def make(name="bundle.zip", *, signer=None, purpose=None):
        obtained = Obtained(path=export, format="json", received_as="events.json")
        plan = Plan(context=Context(environment="production", purpose=purpose))
        signer = signer or people.preparer
        return collect(obtained, plan, signer=signer, output=tmp_path / name, now=at).path

    return make


@pytest.fixture
def trust(tmp_path, people):
    path = tmp_path / "trust.toml"
    for name, signer in people.signers.items():
        if name != "stranger":
            add_signer(path, TrustedSigner(name=name, key=signer.public_key, roles=(name,)))
    return path


@pytest.fixture
def call(capsys, monkeypatch, people, trust):
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
    monkeypatch.setenv("EVIDENCEKIT_TRUST", str(trust))

    def call(*words, key=None):
        named = () if key is None else ("--key", people.folder / f"{key}.pem")
        code = run([str(word) for word in (*words, *named)])
        out, err = capsys.readouterr()
        return code, out, err

    return call
