import traceback

import pytest

from evidencekit.core.jobs import ExportRequest, Job
from evidencekit.edges.api import Api
from evidencekit.errors import UndecidedError
from evidencekit.standin import StandIn

REQUEST = ExportRequest(format="json", window="24h")


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def failure(act) -> UndecidedError:
    with pytest.raises(UndecidedError) as caught:
        act()
    shown = "".join(traceback.format_exception(caught.value)) + str(caught.value.hint)
    assert "canary" not in shown
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "ftp://127.0.0.1",
        "https://user:canary@host/",
        "https://",
        "api.example.com",
        "https://host/?token=canary",
        "https://h\u00f6st/",
        "https://host:0/",
        "https://host:canary/",
        "",
    ],
)
def test_an_unsafe_url_is_refused(url):
    assert failure(lambda: Api.from_url(url, "token")).code == "api.url"


@pytest.mark.parametrize(
    "token", ["", "canary\n", "canary canary", "canary\u00e9", "canary\x00", "\tcanary"]
)
def test_an_unsendable_token_is_refused_and_not_echoed(token):
    """SEC-05."""
    assert failure(lambda: Api.from_url("https://host", token)).code == "api.token"


def test_plain_http_is_for_this_machine_unless_allowed():
    for url in ("http://localhost:8080", "http://127.0.0.1", "http://[::1]:80/base/"):
        Api.from_url(url, "token")
    assert Api.from_url("http://api.internal", "token", allow_http=True).base.port == 80


def test_no_repr_shows_the_token(connect):
    assert "canary" not in repr(connect("https://api.example.com"))


def test_an_unreadable_ca_file_is_named(tmp_path):
    missing = tmp_path / "ca.pem"
    assert failure(lambda: Api.from_url("https://host", "t", ca_file=missing)).code == "api.ca-file"


def test_preview_sends_the_request_as_query(raw, connect):
    server = raw(answer(b'{"events": 12904}'))
    assert connect(server.url + "/base/").preview(REQUEST) == {"events": 12904}
    assert server.seen[0].startswith(
        b"GET /base/v1/exports/preview?format=json&time_window=24h HTTP/1.1"
    )


def test_environment_credentials_and_proxies_are_not_used(raw, connect, monkeypatch, tmp_path):
    """NET-06."""
    server = raw(answer(b"{}"))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login canary password canary")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://canary:canary@127.0.0.1:1")
    connect(server.url).preview(REQUEST)
    assert server.seen[0].count(b"canary") == 1


def test_creation_is_posted_once_and_reads_the_servers_clock(raw, connect, fake):
    date = "Date: Thu, 23 Apr 2026 00:00:07 GMT"
    server = raw(answer(b'{"id": "job_7"}', "201 Created", date))
    job = connect(server.url).create(REQUEST)
    assert (job.id, job.created_at, job.offset_seconds) == ("job_7", fake.start, 7.5)
    assert server.seen[0].endswith(b'{"format": "json", "time_window": "24h"}')
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "lost", [b"", b"HTTP/1.1 500 Ouch\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 201 C"]
)
def test_a_creation_whose_answer_is_lost_is_not_repeated(raw, connect, lost):
    """NET-23: the server counts one job."""
    server = raw(lost)
    error = failure(lambda: connect(server.url).create(REQUEST))
    assert error.code == "api.create-unknown"
    assert "--job" in str(error.hint)
    assert len(server.seen) == 1


def test_a_creation_turned_away_is_repeated(raw, connect):
    server = raw(answer(b"{}", "429 Slow"), answer(b'{"id": "j"}'))
    assert connect(server.url).create(REQUEST).id == "j"
    always = raw(answer(b"{}", "429 Slow"))
    assert failure(lambda: connect(always.url).create(REQUEST)).code == "api.turned-away"
    assert len(always.seen) == 3


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": null}',
        b'{"id": ""}',
        b"{}",
        b"[]",
        b"not json",
        b'{"id": "a", "id": "b"}',
        b'{"id": "x\\ny"}',
        b'{"id": ".."}',
        b'{"id": "' + b"x" * 10_000 + b'"}',
        b'{"id": true}',
    ],
)
def test_an_answer_without_a_usable_job_id_is_refused(raw, connect, body):
    assert failure(lambda: connect(raw(answer(body)).url).create(REQUEST)).code == "api.bad-answer"


def test_a_job_id_is_no_path(raw, connect):
    """NET-30."""
    server = raw(answer(b'{"status": "completed"}'))
    api = connect(server.url)
    api.wait(Job(id="../../x?y#z"), until=api.until(5))
    assert server.seen[0].startswith(b"GET /v1/exports/jobs/..%2F..%2Fx%3Fy%23z HTTP/1.1")


def test_waiting_ends_at_completed_and_unknown_states_are_not_finished(raw, connect, fake):
    """NET-25."""
    states = [b'"queued"', b'"whatever"', b"null", b"7", b'"PROCESSING"', b'"Completed"']
    server = raw(*(answer(b'{"status": ' + state + b"}") for state in states))
    told = []
    api = connect(server.url)
    done = api.wait(Job(id="j"), until=api.until(600), progress=lambda *what: told.append(what[0]))
    assert done.completed_at == fake.now()
    assert told == ["queued", "whatever", "unknown", "unknown", "processing", "completed"]


def test_waiting_ends_at_the_deadline(raw, connect, fake):
    api = connect(raw(answer(b'{"status": "queued"}')).url)
    assert failure(lambda: api.wait(Job(id="j"), until=api.until(120))).code == "api.job-late"
    assert sum(fake.slept) < 130


@pytest.mark.parametrize("state", ["failed", "ERROR", "expired", "cancelled"])
def test_a_dead_job_is_said_to_be_dead(raw, connect, state):
    body = (
        f'{{"state": "{state}", "error": "disk of canary-7f3a9c-token is full\\u001b[2J"}}'.encode()
    )
    api = connect(raw(answer(body)).url)
    error = failure(lambda: api.wait(Job(id="j"), until=api.until(60)))
    assert error.code == "api.job-failed"
    assert "[token]" in str(error)
    assert "\x1b" not in str(error)


def test_a_missing_status_endpoint_is_no_fault(raw, connect):
    api = connect(raw(answer(b"{}", "404 None")).url)
    assert api.wait(Job(id="j"), until=api.until(60)) is None


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"<html>"),
        answer(b'{"id": "other", "status": "completed"}'),
        answer(b'{"status": "a", "status": "b"}'),
        answer(b"[" + b" " * (1 << 21) + b"]"),
        answer(b"{}", "200 OK", "Content-Encoding: gzip"),
        answer(b"", "302 Found", "Location: /x"),
        answer(b"{}", "418 Teapot"),
    ],
)
def test_a_strange_poll_answer_is_refused(raw, connect, reply):
    """NET-12, NET-26."""
    api = connect(raw(reply).url)
    codes = {"api.bad-answer", "api.too-long", "api.refused"}
    assert failure(lambda: api.wait(Job(id="j"), until=api.until(60))).code in codes


@pytest.mark.parametrize(
    ("status", "tries"),
    [
        (500, 3),
        (502, 3),
        (503, 3),
        (504, 3),
        (400, 1),
        (401, 1),
        (403, 1),
        (410, 1),
        (422, 1),
        (451, 1),
    ],
)
def test_only_passing_faults_are_tried_again(raw, connect, status, tries):
    """NET-23, NET-24."""
    server = raw(answer(b"{}", f"{status} No"))
    failure(lambda: connect(server.url).preview(REQUEST))
    assert len(server.seen) == tries


def test_a_wrong_token_is_said_in_one_line(connect):
    with StandIn() as standin:
        error = failure(lambda: connect(standin.url).preview(REQUEST))
    assert error.code == "api.unauthorized"
    assert "token refused (401)" in str(error)
