import hashlib
import json
from pathlib import Path

import pytest

from evidencekit.core.jobs import ExportRequest, Job
from evidencekit.core.receipt import Receipt
from evidencekit.core.window import Window
from evidencekit.edges.pull import default_name, pull
from evidencekit.errors import UndecidedError
from evidencekit.standin import StandIn

TOKEN = "canary-7f3a9c-token"


def standin(fake, **options) -> StandIn:
    return StandIn(token=TOKEN, clock=fake.clock(), **options)


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("storage", [True, False])
@pytest.mark.parametrize("status_endpoint", [True, False])
def test_an_export_is_pulled_and_how_is_on_record(
    tmp_path, fake, connect, form, storage, status_endpoint
):
    path = tmp_path / f"export.{form}"
    with standin(fake, storage=storage, status_endpoint=status_endpoint) as server:
        pulled = pull(connect(server.url), ExportRequest(format=form, window="24h"), path)
        (job,) = server.jobs.values()
        served_by = (
            f"{server.storage_url}/exports/{job.name}"
            if storage
            else f"{server.url}/v1/exports/jobs/{job.id}/download"
        )
    assert path.read_bytes() == job.file
    assert pulled.sha256 == hashlib.sha256(job.file).hexdigest()
    assert pulled.query.served_by == served_by
    assert pulled.query.request == {"format": form, "time_window": "24h"}
    assert (pulled.query.completed_at is not None) == status_endpoint
    assert (
        pulled.query.previewed_events == len(job.file.splitlines()) - (1 if form == "csv" else 2)
        or form == "csv"
    )
    assert pulled.window.window == Window.from_relative("24h", now=fake.start)
    assert "server's Date header" in pulled.window.basis
    document = pulled.receipt.to_bytes()
    assert Receipt.from_bytes(document) == pulled.receipt
    assert b"canary" not in document
    assert b"Signature" not in document
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_the_storage_never_sees_the_token(tmp_path, fake, connect):
    """The stand-in's storage answers 400 to an Authorization header, as strict object stores do."""
    with standin(fake) as server:
        pull(connect(server.url), ExportRequest(format="json", window="1h"), tmp_path / "e.json")
        to_storage = [headers for name, _, _, headers in server.requests if name == "storage"]
    assert len(to_storage) == 1
    assert "Authorization" not in to_storage[0]


def test_absolute_windows_are_passed_through(tmp_path, fake, connect):
    window = Window.from_times("2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z")
    with standin(fake) as server:
        pulled = pull(
            connect(server.url), ExportRequest(format="json", window=window), tmp_path / "e.json"
        )
    assert pulled.query.request == {
        "format": "json", "from": "2026-04-01T00:00:00Z", "to": "2026-04-02T00:00:00Z",
    }  # fmt: skip
    assert pulled.window.window == window
    events = json.loads((tmp_path / "e.json").read_bytes())
    assert all(event["timestamp"].startswith("2026-04-01T") for event in events)


def test_a_window_that_the_api_states_wins(tmp_path, fake, connect):
    stated = {"from": "2026-04-22T00:00:01Z", "to": "2026-04-23T00:00:01Z"}

    def state(exchange) -> bool:
        if exchange.server_name == "api" and exchange.path == "/v1/exports/jobs/job_000001":
            exchange.send_json(
                200, {"id": "job_000001", "status": "completed", "time_range": stated}
            )
            return True
        return False

    with standin(fake, polls=0, fault=state) as server:
        pulled = pull(
            connect(server.url), ExportRequest(format="json", window="24h"), tmp_path / "e.json"
        )
    assert pulled.window.to_json()["end"] == stated["to"]
    assert "stated" in pulled.window.basis


def test_an_existing_job_is_gone_on_with(tmp_path, fake, connect):
    with standin(fake) as server:
        api = connect(server.url)
        job = api.create(ExportRequest(format="json", window="1h"))
        request = ExportRequest(format="json", window="1h")
        pulled = pull(api, request, tmp_path / "e.json", job=Job(id=job.id))
        assert len(server.jobs) == 1
    assert pulled.query.created_at is None
    assert pulled.window.window is None
    assert pulled.receipt.to_bytes()


def test_an_api_without_preview_is_pulled_all_the_same(tmp_path, fake, connect):
    def no_preview(exchange) -> bool:
        if "/preview" in exchange.path:
            exchange.send_json(404, {"error": "no such endpoint"})
            return True
        return False

    with standin(fake, fault=no_preview) as server:
        pulled = pull(
            connect(server.url), ExportRequest(format="json", window="1h"), tmp_path / "e.json"
        )
    assert pulled.query.preview is None


def test_a_failed_pull_leaves_nothing(tmp_path, fake, connect):
    def html(exchange) -> bool:
        if exchange.server_name == "storage":
            exchange.send(200, b"<html>maintenance</html>", "text/html")
            return True
        return False

    with standin(fake, fault=html) as server, pytest.raises(UndecidedError) as caught:
        pull(connect(server.url), ExportRequest(format="json", window="1h"), tmp_path / "e.json")
    assert caught.value.code == "api.not-an-export"
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_refused_before_anything_is_asked(tmp_path, fake, connect):
    path = tmp_path / "e.json"
    path.write_text("older")
    with standin(fake) as server, pytest.raises(UndecidedError) as caught:
        pull(connect(server.url), ExportRequest(format="json", window="1h"), path)
    assert caught.value.code == "output.exists"
    assert server.requests == []
    assert path.read_text() == "older"


def test_a_link_that_has_expired_on_the_way_is_replaced(tmp_path, fake, connect):
    """Real expiry: the clock moves past the link's end between the redirect and its use, once."""
    late = []

    def delay(exchange) -> bool:
        if exchange.server_name == "storage" and not late:
            late.append(1)
            fake.slept.append(120.0)
        return False

    with standin(fake, fault=delay) as server:
        pull(connect(server.url), ExportRequest(format="json", window="1h"), tmp_path / "e.json")
        downloads = [path for name, _, path, _ in server.requests if path.endswith("/download")]
    assert len(downloads) == 2


def test_progress_names_the_job_first(tmp_path, fake, connect):
    told = []
    with standin(fake) as server:
        request = ExportRequest(format="json", window="1h")
        pull(
            connect(server.url),
            request,
            tmp_path / "e.json",
            progress=lambda *what: told.append(what),
        )
    assert [what for what, _, _ in told[:2]] == ["job job_000001", "queued"]
    what, done, total = told[-1]
    assert (what, done) == ("downloading", total)


def test_names_come_from_us(fake):
    assert (
        default_name(ExportRequest(format="csv", window="1h"), fake.start)
        == "export-20260423T000000Z.csv"
    )
    assert Path(default_name(ExportRequest(format="json", window="1h"), 0)).parent == Path()
