"""Secrets are searched in whatever all the commands print, log, raise and write: 0 hits."""

import base64
import io
import logging
import traceback
import zipfile
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from evidencekit.cli import cli, run
from evidencekit.standin import StandIn

TOKEN = "canary-token-5b1e9d0c"
PASSPHRASE = "canary-passphrase-77f0a2"
OTHER = "canary-passphrase-wrong"
WINDOW = ("--window", "24h")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("EVIDENCEKIT_KEY", "EVIDENCEKIT_TRUST", "EVIDENCEKIT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", TOKEN)
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", PASSPHRASE)
    return tmp_path


@pytest.fixture
def told():
    """Everything that is logged, at the finest level."""
    log = io.StringIO()
    handler, root = logging.StreamHandler(log), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield log
    root.removeHandler(handler)
    root.setLevel(level)


def _well(api):
    """Every command, where all goes well."""
    url = ("--api-url", api.url)
    key, trust = ("--key", "k.pem"), ("--trust", "t.toml")
    yield 0, ("keys", "new", "k.pem")
    yield 0, ("keys", "new", "l.pem", "--algorithm", "ecdsa-p256")
    yield 0, ("keys", "show", "k.pem.pub")
    yield 0, ("preview", *url, *WINDOW)
    yield 0, ("pull", *url, *WINDOW, "-o", "export.json")
    yield 0, ("pull", *url, *WINDOW, "--format", "csv", "-o", "export.csv")
    yield 0, ("validate", "export.json")
    yield 0, ("collect", *url, *WINDOW, *key, "-o", "b")
    yield 0, ("collect", *url, *WINDOW, *key, "--result", "json", "-o", "b.zip")
    receipt = ("--receipt", "export.json.receipt.json")
    yield 0, ("collect", "--from", "export.json", *receipt, *key, "--previous", "b", "-o", "c")
    for name in ("k", "l"):
        yield 0, ("trust", "add", f"{name}.pem.pub", "--name", name, *trust)
    for bundle in ("b", "b.zip"):
        yield 0, ("sign", bundle, "--key", "l.pem", *trust)
        yield 0, ("receive", bundle, "--outcome", "accepted", "--key", "l.pem", *trust)
        yield 0, ("verify", bundle, *trust)
        yield 0, ("verify", bundle, *trust, "--format", "json")
        for form in ("text", "html", "markdown", "json"):
            yield 0, ("show", bundle, *trust, "--format", form)
    yield 0, ("trust", "list", *trust)
    yield 0, ("trust", "lint", *trust)
    yield 0, ("completion", "bash")


def _badly(api):
    """What goes wrong, with secrets in hand."""
    url, key = ("--api-url", api.url), ("--key", "k.pem")
    yield ("collect", *url, *WINDOW, *key, "-o", "b")
    yield ("collect", *url, *WINDOW, *key, "--job", "job_000404", "--timeout", "1", "-o", "d")
    yield ("pull", *url, *WINDOW, "-o", "export.json")
    yield ("keys", "new", "k.pem")
    yield ("sign", "b", *key)
    yield ("sign", "b", "--key", "l.pem.pub")
    yield ("verify", "b", "--trust", "export.json")


def _nowhere():
    """What waits, and tries again, for somebody who does not answer."""
    yield ("preview", "--api-url", "http://127.0.0.1:9", *WINDOW)
    yield ("timestamp", "b", "--timestamp-url", "http://127.0.0.1:9")
    yield ("renew", "b", "--timestamp-url", "http://127.0.0.1:9")


def _spellings(secret):
    """The secret, and how encodings would write it."""
    data = secret.encode()
    coded = [base64.b64encode(data).decode().rstrip("="), data.hex(), quote(secret, safe="")]
    return {secret, *coded, base64.urlsafe_b64encode(data).decode().rstrip("=")}


def _files(folder):
    """Yield the bytes of each file, and of each member of a zip."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as file:
                    yield from ((f"{path}/{name}", file.read(name)) for name in file.namelist())


def _traces(arguments):
    """Return the exception that a command ends in, with all that led to it."""
    try:
        cli.main(list(arguments), prog_name="evidencekit", standalone_mode=False)
    except Exception as error:
        return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    return ""


def _links(api):
    """The signatures of the presigned links that were followed."""
    queries = (parse_qs(urlsplit(path).query) for _, _, path, _ in api.requests)
    return {mark for query in queries for mark in query.get("X-Amz-Signature", ())}


@pytest.mark.parametrize("patience", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_no_secret_is_in_anything_that_leaves_a_command(
    place, told, capfd, figure, monkeypatch, patience
):
    with StandIn(token=TOKEN, per_day=40, polls=0) as api:
        said, runs = [], 0
        for code, arguments in _well(api):
            assert run(["-v", "-v", *arguments]) == code, (arguments, capfd.readouterr().err)
            runs += 1
        for arguments in (*_badly(api), *(_nowhere() if patience else ())):
            assert run(["-v", "-v", *arguments]) in {1, 2, 3}, arguments
            said.append(_traces(["-v", *arguments]))
            runs += 2
        monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", OTHER)
        said.append(_traces(["sign", "b", "--key", "k.pem"]))
        monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", f"{TOKEN}-revoked")
        said.append(_traces(["preview", "--api-url", api.url, *WINDOW]))
        marks = _links(api)
    out, err = capfd.readouterr()
    assert len(marks) >= 4
    assert "wrong passphrase" in said[-2]
    assert "api.unauthorized" in said[-1]
    secrets = (TOKEN, PASSPHRASE, OTHER, *marks)
    spellings = {each for secret in secrets for each in _spellings(secret)}
    texts = {"stdout": out, "stderr": err, "log": told.getvalue(), "exceptions": "\n".join(said)}
    found = [(where, each) for where, text in texts.items() for each in spellings if each in text]
    files = list(_files(place))
    found += [(path, each) for path, data in files for each in spellings if each.encode() in data]
    figure(
        f"{len(spellings)} spellings of {len(secrets)} secrets in what {runs + 2} commands "
        f"printed, logged and raised, and in {len(files)} files and members: {len(found)} hits"
    )
    assert found == []
