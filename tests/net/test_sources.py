"""Where an export comes from: a file with or without a receipt, or a pull that is gone on with."""

import hashlib
import json

import click
import pytest

from evidencekit import cli
from evidencekit.cli.sources import (
    declared_window,
    format_of,
    obtained_from_file,
    receipt_beside,
)
from evidencekit.core.instant import parse_instant
from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.keys import new_key
from evidencekit.edges.pull import pull
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.standin import StandIn

TOKEN = "canary-7f3a9c-token"
START, END = (parse_instant(f"2026-04-{day}T00:00:00Z") for day in (21, 22))
NOTHING = declared_window(None, None)


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [
        ("e.json", b"", "json"),
        ("e.JSONL", b"", "json"),
        ("e.ndjson", b"", "json"),
        ("e.csv", b"", "csv"),
        ("e", b"\xef\xbb\xbf \n[{}]", "json"),
        ("e.txt", b'{"id": 1}\n', "json"),
        ("e.dat", b"id,timestamp\r\n1,2\r\n", "csv"),
    ],
)
def test_a_format_is_told_by_name_or_beginning(tmp_path, name, data, form):
    path = tmp_path / name
    path.write_bytes(data)
    assert format_of(path) == form


@pytest.mark.parametrize(
    "data",
    [b"", b"  ", b"<a,b>\n", b"words\nwords", b"a,\x1bb\n", b"a,b", b"\xff\xfe,\n", b"PK,\n\0"],
)
def test_a_format_that_cannot_be_told_is_asked_for(tmp_path, data):
    path = tmp_path / "export"
    path.write_bytes(data)
    if data == b"PK,\n\0":
        assert format_of(path) == "csv"  # the survey says what it is
        return
    with pytest.raises(UndecidedError) as caught:
        format_of(path)
    assert caught.value.code == "export.format"


def test_a_folder_has_no_format(tmp_path):
    with pytest.raises(UndecidedError) as caught:
        format_of(tmp_path)
    assert caught.value.code in {"export.not-a-file", "export.unreadable"}


def test_a_window_is_declared_whole_or_not_at_all():
    assert NOTHING.window is None
    assert declared_window(START, END).window.start == START
    for times in ((START, None), (None, END), (END, START), (START, START)):
        with pytest.raises(click.UsageError):
            declared_window(*times)


@pytest.fixture
def pulled(tmp_path, fake, connect):
    """An export of a day, and its receipt beside it."""
    path = tmp_path / "e.json"
    with StandIn(token=TOKEN, clock=fake.clock()) as server:
        found = pull(connect(server.url), ExportRequest(format="json", window="24h"), path)
    (tmp_path / "e.json.receipt.json").write_bytes(found.receipt.to_bytes())
    return found


def test_without_a_receipt_nothing_is_said_to_be_known(pulled):
    obtained = obtained_from_file(pulled.path, None, None, NOTHING)
    assert (obtained.query, obtained.sha256, obtained.claim) == (None, None, NOTHING)
    assert (obtained.format, obtained.received_as) == ("json", "e.json")


def test_a_receipt_says_it_all_whatever_the_file_is_called_now(pulled):
    receipt = receipt_beside(pulled.path)
    renamed = pulled.path.rename(pulled.path.with_name("x.dat"))
    obtained = obtained_from_file(renamed, None, receipt, NOTHING)
    assert obtained.received_as == "e.json"
    assert obtained.query == pulled.query
    assert obtained.claim == pulled.window
    assert obtained.sha256 == hashlib.sha256(renamed.read_bytes()).hexdigest()
    assert receipt_beside(renamed) is None


def test_what_contradicts_the_receipt_is_refused(pulled):
    receipt = receipt_beside(pulled.path)
    with pytest.raises(UndecidedError) as caught:
        obtained_from_file(pulled.path, "csv", receipt, NOTHING)
    assert caught.value.code == "receipt.format"
    with pytest.raises(UndecidedError) as caught:
        obtained_from_file(pulled.path, "json", receipt, declared_window(START, END))
    assert caught.value.code == "receipt.window"
    same = declared_window(pulled.window.window.start, pulled.window.window.end)
    assert obtained_from_file(pulled.path, "json", receipt, same).claim == pulled.window


def test_a_declared_window_fills_what_the_receipt_does_not_know(pulled):
    document = json.loads(pulled.receipt.to_bytes())
    document["window"] |= {"start": None, "end": None}
    receipt = pulled.path.with_name("r.json")
    receipt.write_text(json.dumps(document))
    declared = declared_window(START, END)
    assert obtained_from_file(pulled.path, None, receipt, declared).claim == declared


def test_what_is_no_receipt_is_rejected(pulled):
    with pytest.raises(RejectedError):
        obtained_from_file(pulled.path, None, pulled.path, NOTHING)
    with pytest.raises(UndecidedError) as caught:
        obtained_from_file(pulled.path, None, pulled.path.with_name("none"), NOTHING)
    assert caught.value.code == "receipt.missing"


def test_collect_goes_on_where_it_was_interrupted(tmp_path, monkeypatch, capsys):
    """What had come lies beside the bundle to be; --job takes it up, with all that was known."""
    broken = []

    def break_twice(exchange):
        if exchange.server_name != "storage" or len(broken) >= 5:
            return False
        broken.append(exchange.headers.get("Range"))
        (job,) = exchange.server.standin.jobs.values()
        if len(broken) == 1:
            exchange.send_response(200)
            exchange.send_header("ETag", f'"{hashlib.sha256(job.file).hexdigest()[:32]}"')
            exchange.send_header("Content-Length", str(len(job.file)))
            exchange.end_headers()
            exchange.wfile.write(job.file[:3_000])
        return True

    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", TOKEN)
    monkeypatch.delenv("KEEPTRUSTS_API_URL", raising=False)
    new_key(tmp_path / "key.pem", None, "test")
    (tmp_path / "out").mkdir()
    with StandIn(token=TOKEN, polls=0, fault=break_twice) as server:
        command = ["collect", "--window", "6h", "--api-url", server.url, "--timeout", "4",
                   "--key", str(tmp_path / "key.pem"), "-o", str(tmp_path / "out")]  # fmt: skip
        assert cli.run(command) == 3
        assert "run the same again with --job job_000001" in capsys.readouterr().err
        left = sorted(path.suffix for path in (tmp_path / "out").iterdir())
        assert left == [".job", ".part"]
        broken.extend([None] * 9)
        assert cli.run([*command, "--job", "job_000001"]) == 0
        asked = [h.get("Range") for name, _, _, h in server.requests if name == "storage"]
        (job,) = server.jobs.values()
    assert asked[-1] == "bytes=3000-"
    (bundle,) = (tmp_path / "out").iterdir()
    assert (bundle / "data/export/events.json").read_bytes() == job.file
    manifest = json.loads((bundle / "data/manifest.json").read_bytes())
    assert manifest["query"]["created_at"] is not None
    assert manifest["query"]["preview"]["events"] == manifest["facts"]["events"]
