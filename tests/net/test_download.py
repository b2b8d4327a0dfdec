import gzip
import hashlib
import io
import logging
import socket
import time
import traceback

import pytest

from evidencekit.core.jobs import Job
from evidencekit.edges.http import Patience
from evidencekit.errors import UndecidedError

BODY = b'[{"id":"evt_1"}]\n'
SECRET = "X-Amz-Signature=deadbeefcafe"
JOB = Job(id="job_1", created_at=1)


def reply(body=BODY, *headers, status="200 OK", kind="application/json", length=True):
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(location, status=302):
    return f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode(
        "latin-1"
    )


def fetch(api, *, finished=True, seconds=600, form="json"):
    into = io.BytesIO()
    download = api.download(JOB, form, into, until=api.until(seconds), finished=finished)
    return download, into.getvalue()


def refused(api, **options):
    into = io.BytesIO()
    with pytest.raises(UndecidedError) as caught:
        api.download(
            JOB, options.pop("form", "json"), into, until=api.until(600), finished=True, **options
        )
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(api)
    assert "canary" not in shown
    assert SECRET not in shown
    assert "\n" not in str(caught.value)
    assert caught.value.__context__ is None or isinstance(caught.value.__context__, UndecidedError)
    return caught.value.code


def test_a_direct_answer_is_hashed_while_it_is_written(raw, connect):
    server = raw(reply(BODY, 'ETag: "abc"', "Date: Thu, 23 Apr 2026 00:00:07 GMT"))
    download, data = fetch(connect(server.url))
    assert data == BODY
    assert download.sha256 == hashlib.sha256(BODY).hexdigest()
    assert download.served_by == f"{server.url}/v1/exports/jobs/job_1/download"
    assert download.response.etag == '"abc"'
    assert download.response.date == "2026-04-23T00:00:07Z"
    assert b"accept-encoding: identity" in server.seen[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_origin_sees_no_header_of_ours(raw, connect, status):
    """NET-01, NET-03: another port is another origin; no credential travels."""
    storage = raw(reply())
    setting = "Set-Cookie: session=canary-cookie\r\n"
    answer = redirect(f"{storage.url}/f?{SECRET}", status).replace(
        b"Location", setting.encode() + b"Location"
    )
    api = connect(raw(answer).url)
    download, data = fetch(api)
    assert data == BODY
    assert download.served_by == f"{storage.url}/f"
    names = {line.partition(b":")[0].lower() for line in storage.seen[0].split(b"\r\n")[1:] if line}
    assert names == {b"host", b"accept", b"accept-encoding", b"user-agent", b"connection"}


def test_the_same_origin_keeps_the_token_and_a_way_back_does_not(raw, connect):
    """NET-04: once a redirect has left the API, no later hop gets the token, not even the API."""
    storage = raw(script=lambda *_: redirect(f"{api_server.url}/back"))

    def script(_n, request):
        if b"/download" in request:
            return redirect("/moved")
        return redirect(f"{storage.url}/x") if b"/moved" in request else reply()

    api_server = raw(script=script)
    fetch(connect(api_server.url))
    carried = [b"canary" in request for request in api_server.seen]
    assert carried == [True, True, False]
    assert b"canary" not in storage.seen[0]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "data:text/plain,x",
        "javascript:alert(1)", "http:///x", "http://user:canary@127.0.0.1/x", "http://a b/",
        "http://10.0.0.1/plain-elsewhere", "http://169.254.169.254/latest", "https://169.254.169.254/",
        "https://0.0.0.0/", "http://127.0.0.1:99999/", "http://ex\u00e4mple/", "http://127.0.0.1\\@evil/",
    ],
)  # fmt: skip
def test_a_redirect_to_elsewhere_is_refused(raw, connect, location):
    server = raw(redirect(location))
    assert refused(connect(server.url)) in {"api.redirect", "api.address"}


def test_a_redirect_from_a_public_api_may_not_lead_to_private_addresses(connect, raw):
    """NET-08: the address is judged before connecting, so every spelling of loopback is one."""
    from evidencekit.edges.wire import Reach  # noqa: PLC0415

    server = raw(reply())
    api = connect("http://127.0.0.1:1", allow_http=True)
    for host in (
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "localhost",
    ):
        url = api.base.from_text(f"http://{host}:{server.port}/")
        with pytest.raises(UndecidedError) as caught:
            api.http.exchange("GET", url, lambda r: r, until=api.until(5), nearest=Reach.PUBLIC)
        assert caught.value.code == "api.address", host
    assert server.seen == []


def test_two_locations_or_none_are_refused(raw, connect):
    two = b"HTTP/1.1 302 Go\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    assert refused(connect(raw(two).url)) == "api.redirect"
    none = b"HTTP/1.1 302 Go\r\nContent-Length: 0\r\n\r\n"
    assert refused(connect(raw(none).url)) == "api.redirect"


def test_loops_end_after_five_redirects(raw, connect):
    server = raw(script=lambda n, _: redirect(f"/hop{n}"))
    assert refused(connect(server.url)) == "api.redirects"
    assert len(server.seen) == 6


def test_the_body_of_a_redirect_is_never_read(raw, connect):
    head = b"HTTP/1.1 302 Go\r\nLocation: /there\r\nContent-Length: 52428800\r\n\r\n"
    sent = []

    def flood(connection):
        connection.sendall(head)
        try:
            sent.extend(connection.send(bytes(65_536)) for _ in range(800))
        except OSError:
            return

    server = raw(flood, reply())
    fetch(connect(server.url))
    assert sum(sent) < 16 << 20


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(b"<html>login</html>", kind="text/html"), "api.not-an-export"),
        (reply(b"<!doctype html>"), "api.not-an-export"),
        (reply(b"\n <Error/>", kind="application/octet-stream"), "api.not-an-export"),
        (reply(b""), "api.not-an-export"),
        (reply(b" \n\t"), "api.not-an-export"),
        (reply(b"id,timestamp\r\n"), "api.not-an-export"),
        (reply(b'{"error": {"message": "canary-7f3a9c-token expired"}}'), "api.not-an-export"),
        (reply(b' {"errors": [], "data": null}\n'), "api.not-an-export"),
        (reply(BODY, kind="application/xml"), "api.not-an-export"),
        (reply(gzip.compress(BODY), "Content-Encoding: gzip"), "api.encoded"),
        (reply(BODY, "Content-Encoding: br"), "api.encoded"),
        (reply(BODY, length=False), "api.no-length"),
        (reply(BODY, "Content-Length: 5"), "api.broken"),
        (reply(BODY, "Content-Length: -1", length=False), "api.broken"),
        (reply(BODY, "Content-Length: 1e3", length=False), "api.broken"),
        (reply(BODY, "Content-Length: 44, 6", length=False), "api.broken"),
        (reply(BODY, "Transfer-Encoding: chunked"), "api.bad-answer"),
        (reply(BODY, f"Content-Length: {1 << 41}", length=False), "api.too-long"),
        (reply(BODY, "Content-Length: 4000", length=False), "api.broken"),
        (reply(b"4\r\n[{},\r\n", "Transfer-Encoding: chunked", length=False), "api.broken"),
        (reply(b"4\r\n[{},\r\n3\r\n", "Transfer-Encoding: chunked", length=False), "api.broken"),
        (b"", "api.broken"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "api.broken"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000, "api.broken"),
        (reply(status="206 Partial Content"), "api.bad-answer"),
        (reply(b'{"error":{"message":"no canary-7f3a9c-token"}}', status="400 Bad"), "api.refused"),
        (reply(b"{}", status="401 No"), "api.unauthorized"),
        (reply(b"{}", status="403 No"), "api.forbidden"),
        (reply(b"{}", status="404 No"), "api.not-found"),
        (reply(b"{}", status="410 Gone"), "api.gone"),
        (reply(b"{}", status="503 Busy"), "api.busy"),
    ],
)  # fmt: skip
def test_what_is_not_a_whole_export_is_refused(raw, connect, answer, code):
    """NET-14..18, NET-24, NET-29: each gets one line, a code, and no secret."""
    assert refused(connect(raw(answer).url)) == code


@pytest.mark.parametrize(
    "body",
    [
        b'{"events": [], "error": null}',
        b'{"id": "evt_1", "error": "upstream"}\n',
        b'{"error": 1}\n{"error": 2}\n',
    ],
)
def test_an_export_that_mentions_errors_is_one_all_the_same(raw, connect, body):
    assert fetch(connect(raw(reply(body)).url))[1] == body


def test_chunks_whose_end_is_marked_are_whole(raw, connect):
    chunked = b"11\r\n" + BODY + b"\r\n0\r\n\r\n"
    download, data = fetch(
        connect(raw(reply(chunked, "Transfer-Encoding: chunked", length=False)).url)
    )
    assert data == BODY
    assert download.response.content_length is None


def test_a_body_cut_at_any_offset_is_fetched_again(raw, connect):
    """NET-14: what a cut try left in the file does not stay there."""
    whole = reply(BODY)
    for offset in range(len(whole)):
        server = raw(whole[:offset], whole)
        _, data = fetch(connect(server.url))
        assert data == BODY
        server.close()


def test_an_expired_link_is_asked_for_anew(raw, connect):
    """NET-28: the API is asked again, and the old link is not."""
    storage = raw(reply(b"<Error/>", status="403 No"), reply())
    api_server = raw(*(redirect(f"{storage.url}/f?{SECRET}-{n}") for n in (1, 2)))
    _, data = fetch(connect(api_server.url))
    assert data == BODY
    assert [request.split()[1][-6:] for request in storage.seen] == [b"cafe-1", b"cafe-2"]


def test_storage_that_refuses_for_good_echoes_nothing(raw, connect):
    echo = f"<Error><Code>AccessDenied</Code><Resource>/f?{SECRET}</Resource></Error>".encode()
    for status in ("400 Bad", "403 No", "404 None", "500 Ouch"):
        storage = raw(reply(echo, status=status, kind="application/xml"))
        refused(connect(raw(redirect(f"{storage.url}/f?{SECRET}")).url))


def test_nothing_secret_reaches_a_log(raw, connect, caplog):
    """SEC-02: also with every logger wide open, the presigned part of a link is in none."""
    caplog.set_level(logging.DEBUG)
    storage = raw(reply())
    fetch(connect(raw(redirect(f"{storage.url}/f?{SECRET}")).url))
    refused(connect(raw(redirect(f"http://user:pw@x/?{SECRET}")).url))
    assert SECRET not in caplog.text
    assert "canary" not in caplog.text


def test_a_trickle_ends_by_the_minimum_rate(raw, connect):
    """NET-27: one byte a moment keeps every read going; the rate ends it."""

    def drip(connection):
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n["
        )
        for _ in range(300):
            time.sleep(0.01)
            connection.sendall(b" ")

    patience = Patience(read=2.0, answer=3.0, tries=1, slow_seconds=0.3)
    api = connect(raw(drip).url, patience=patience)
    assert refused(api) == "api.slow"


def test_dripping_headers_end_by_the_deadline(raw, connect):
    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(300):
            time.sleep(0.02)
            connection.sendall(b"X: y\r\n")

    begin = time.monotonic()
    api = connect(raw(drip).url, patience=Patience(read=2.0, answer=0.4, tries=1))
    assert refused(api) == "api.timeout"
    assert time.monotonic() - begin < 2


def test_a_silent_server_is_not_waited_for(raw, connect):
    api = connect(raw(lambda _connection: time.sleep(3)).url, patience=Patience(read=0.2, tries=1))
    assert refused(api) == "api.timeout"


def test_nobody_listening_is_unreachable(connect):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert refused(connect(f"http://127.0.0.1:{port}")) == "api.unreachable"


@pytest.mark.parametrize(
    ("value", "wait"),
    [("0", 1.5), ("7", 7.0), ("3600", 60.0), ("-5", 1.5), ("soon", 1.5), ("9" * 30, 1.5),
     ("Thu, 23 Apr 2026 00:00:30 GMT", 30.0), ("Wed, 22 Apr 2026 00:00:00 GMT", 1.5)],
)  # fmt: skip
def test_retry_after_is_honoured_within_its_cap(raw, connect, fake, value, wait):
    """NET-22, without waiting."""
    busy = reply(b"{}", f"Retry-After: {value}", status="429 Slow down")
    fetch(connect(raw(busy, reply()).url))
    assert fake.slept[0] == pytest.approx(wait, abs=0.8)


def test_not_yet_is_waited_out_until_the_deadline(raw, connect, fake):
    server = raw(
        *(reply(b"{}", status=f"{status} Wait") for status in (202, 404, 409, 425)), reply()
    )
    _, data = fetch(connect(server.url), finished=False)
    assert data == BODY
    forever = connect(raw(reply(b"{}", status="202 Wait")).url)
    with pytest.raises(UndecidedError) as caught:
        fetch(forever, finished=False, seconds=60)
    assert caught.value.code == "api.job-late"
    assert sum(fake.slept) < 300


def test_a_job_that_may_not_exist_is_not_waited_for(raw, connect, fake):
    """Somebody's typing error after --job would wait for an hour."""
    api = connect(raw(reply(b"{}", status="404 None")).url)
    with pytest.raises(UndecidedError) as caught:
        api.download(Job(id="j"), "json", io.BytesIO(), until=api.until(600))
    assert caught.value.code == "api.not-found"
    assert fake.slept == []


def test_csv_is_recognised(raw, connect):
    body = b"\xef\xbb\xbfid,timestamp\r\n"
    _, data = fetch(connect(raw(reply(body, kind="text/csv; charset=utf-8")).url), form="csv")
    assert data == body
    assert refused(connect(raw(reply(b'{"error":1}', kind="text/csv")).url), form="csv") == (
        "api.not-an-export"
    )
