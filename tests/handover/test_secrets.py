"""The hand-over from signing to receiving, time-stamped: no secret in anything that it leaves."""

import base64
import io
import logging
import traceback
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest

from evidencekit.cli import cli, run
from evidencekit.edges.keys import load_public_key
from evidencekit.standin import StandIn

TOKEN = "canary-token-9d41"
PASSPHRASE = "canary-passphrase-20ce"
ACCOUNT = "canary-account-b7f3"  # at the time-stamp authority, in the query of its URL
WINDOW = ("--window", "24h")


@pytest.fixture
def log():
    text = io.StringIO()
    handler, root = logging.StreamHandler(text), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def place(tmp_path, monkeypatch):
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("EVIDENCEKIT_KEY", "EVIDENCEKIT_TRUST", "EVIDENCEKIT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", TOKEN)
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", PASSPHRASE)
    return folder


def course(api, tsa, place):
    """Yield the commands of a bundle's way from the preparer to the auditor."""
    stamp = ("--timestamp-url", f"{tsa.url}stamp?account={ACCOUNT}")
    trust, ours, theirs = ("--trust", "t.toml"), ("--key", "k.pem"), ("--key", "l.pem")
    for name in ("k", "l"):
        yield "keys", "new", f"{name}.pem"
        yield "trust", "add", f"{name}.pem.pub", "--name", name, *trust
    authority = str(tsa.folder / "chain.pem")
    yield "trust", "add", authority, "--authority", "--name", "TSA", *trust
    of_api = ("--api-url", api.url, *WINDOW)
    yield "pull", *of_api, "-o", "export.json"
    yield "collect", *of_api, *ours, "-o", "b.zip"
    yield "timestamp", "b.zip", *trust, *stamp
    yield "collect", *of_api, *ours, *stamp, "--attach", "export.json.receipt.json", "-o", "b"
    for bundle in ("b", "b.zip"):
        yield "sign", bundle, *theirs, *stamp, *trust
        yield "renew", bundle, *trust, *stamp
        auditor = load_public_key(place / "l.pem.pub").fingerprint
        yield "release", bundle, "--to", auditor, *ours, *trust, *stamp, "--role", "preparer"
        record, report = f"{bundle}.record.json", f"{bundle}.report.json"
        handed = (*theirs, *trust, *stamp, "-o", record, "--report", report)
        yield "receive", bundle, "--outcome", "accepted", *handed, "--note", "as agreed"
        for form in ("text", "json"):
            yield "verify", bundle, *trust, "--receipt", record, "--format", form
        for form in ("text", "html", "markdown", "json"):
            yield "show", bundle, *trust, "--format", form, "-o", f"{bundle}.{form}"
    for words in (("list",), ("lint",), ("explain",)):
        yield "trust", *words, *trust, *(("b",) if words == ("explain",) else ())
    yield "verifier", "-o", "verify.html"


def mishaps(tsa):
    """Yield what goes wrong while an authority is asked."""
    stamp = ("--timestamp-url", f"{tsa.url}stamp?account={ACCOUNT}")
    yield lambda _body: (503, "text/plain", ACCOUNT.encode()), ("renew", "b", *stamp)
    yield lambda _body: (200, "text/html", ACCOUNT.encode()), ("renew", "b", *stamp)
    yield lambda body: (200, "application/timestamp-reply", body[:40]), ("renew", "b", *stamp)
    user = ("--timestamp-url", f"http://user:{ACCOUNT}@127.0.0.1:9/")
    yield None, ("renew", "b", *user)
    yield None, ("renew", "b", "--timestamp-url", f"nonsense://{ACCOUNT}")


def raised(arguments):
    """Return the exception that a command ends in, with all that led to it."""
    try:
        cli.main([*arguments], prog_name="evidencekit", standalone_mode=False)
    except Exception as error:
        return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    return ""


def files(folder):
    """Yield the bytes of each file, and of each member of a zip."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as file:
                    yield from ((f"{path}/{name}", file.read(name)) for name in file.namelist())


def spellings(secret):
    data = secret.encode()
    coded = base64.b64encode(data).decode().rstrip("=")
    return {secret, data.hex(), coded[:-1], base64.urlsafe_b64encode(data).decode()[:-4]}


def test_no_secret_of_the_hand_over_is_in_anything_that_it_leaves(place, log, tsa, capfd):
    """Two -v, every logger at DEBUG, httpcore's too; presigned links are secrets as well."""
    said, runs = [], 0
    with StandIn(token=TOKEN, per_day=24, polls=0) as api:
        for arguments in course(api, tsa, place):
            assert run(["-v", "-v", *arguments]) == 0, (arguments, capfd.readouterr().err)
            runs += 1
        queries = (parse_qs(urlsplit(path).query) for _, _, path, _ in api.requests)
        marks = {mark for query in queries for mark in query.get("X-Amz-Signature", ())}
    for lie, arguments in mishaps(tsa):
        tsa.lie = lie
        failing = ["-v", *arguments, "--trust", "t.toml"]
        assert run(failing) in {2, 3}, arguments
        said.append(raised(failing))
        runs += 2
    assert len(marks) == 3
    assert runs >= 30
    assert all("UndecidedError" in text and "timestamp." in text for text in said), said
    out, err = capfd.readouterr()
    secrets = {TOKEN, PASSPHRASE, ACCOUNT, *marks}
    every = {each for secret in secrets for each in spellings(secret)}
    texts = {"stdout": out, "stderr": err, "log": log.getvalue(), "raised": "\n".join(said)}
    assert "send_request_headers" in texts["log"], "httpcore was not heard"
    texts |= {str(path): data.decode("latin-1") for path, data in files(place)}
    assert len(texts) >= 60
    assert [(where, each) for where, text in texts.items() for each in every if each in text] == []
