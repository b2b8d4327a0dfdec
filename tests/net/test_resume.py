"""Going on with what has come: in the same run, in a later one, and never with the wrong bytes."""

import fcntl
import hashlib
import io
import os
import signal
import subprocess
import sys
import time

import pytest

from evidencekit.core.jobs import ExportRequest, Job
from evidencekit.edges.http import Patience
from evidencekit.edges.pull import pull
from evidencekit.errors import UndecidedError
from evidencekit.standin import StandIn

BODY = b'[{"id":"evt_1"},{"id":"evt_2"},{"id":"evt_3"}]\n'
OTHER = b'[{"id":"evt_7"},{"id":"evt_8"},{"id":"evt_9"}]\n'
CUT = 20
JOB = Job(id="job_1")
REQUEST = ExportRequest(format="json", window="24h")
TOKEN = "canary-7f3a9c-token"


def reply(body, *headers, status="200 OK", kind="application/json", length=None):
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {size}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def cut(etag='"v1"', body=BODY):
    return reply(body[:CUT], f"ETag: {etag}", length=len(body))


def rest(body=BODY, first=CUT, etag='"v1"', total=None, **more):
    total = len(body) if total is None else total
    span = f"Content-Range: bytes {first}-{len(body) - 1}/{total}"
    return reply(body[first:], f"ETag: {etag}", span, status="206 Partial Content", **more)


def fetch(api):
    into = io.BytesIO()
    download = api.download(JOB, "json", into, until=api.until(60), finished=True)
    assert download.sha256 == hashlib.sha256(into.getvalue()).hexdigest()
    assert download.size == len(into.getvalue())
    return into.getvalue(), download


def headers(request):
    lines = request.decode().split("\r\n\r\n")[0].split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_the_rest_is_asked_for_on_condition_of_the_version(raw, connect):
    server = raw(cut(), rest())
    data, download = fetch(connect(server.url))
    assert data == BODY
    assert headers(server.seen[1])["range"] == f"bytes={CUT}-"
    assert headers(server.seen[1])["if-range"] == '"v1"'
    assert (download.response.status, download.response.content_length) == (206, len(BODY))
    assert "range" not in headers(server.seen[0])


def test_a_body_cut_in_every_place_is_put_together(raw, connect):
    for offset in range(1, len(BODY)):
        first = reply(BODY[:offset], 'ETag: "v1"', length=len(BODY))
        server = raw(first, rest(first=offset))
        assert fetch(connect(server.url))[0] == BODY
        server.close()


def test_storage_that_is_redirected_to_goes_on_too_without_the_token(raw, connect):
    storage = raw(cut(), rest())
    location = f"HTTP/1.1 302 Go\r\nLocation: {storage.url}/f\r\nContent-Length: 0\r\n\r\n"
    server = raw(location.encode())
    assert fetch(connect(server.url))[0] == BODY
    assert len(server.seen) == 2
    assert headers(storage.seen[1])["range"] == f"bytes={CUT}-"
    assert b"canary" not in b"".join(storage.seen)


@pytest.mark.parametrize(
    "second",
    [
        rest(etag='"v2"'),
        rest(etag='W/"v1"'),
        rest(first=CUT + 1),
        rest(first=CUT - 1),
        rest(first=0),
        rest(total=len(BODY) + 1),
        rest(total="*"),
        rest(body=BODY + b" "),
        rest(kind="multipart/byteranges; boundary=x", etag='"v3"'),
        reply(BODY[CUT:], 'ETag: "v1"', status="206 Partial Content"),
        reply(BODY[CUT:], f"Content-Range: bytes {CUT}-{len(BODY) - 1}/{len(BODY)}",
              status="206 Partial Content"),
        reply(BODY[CUT:], 'ETag: "v1"', f"Content-Range: bytes {CUT}-{len(BODY) - 1}/{len(BODY)}"),
        reply(BODY[CUT:], 'ETag: "v1"', "Content-Range: items 1-2/3", status="206 Partial Content"),
        reply(BODY[CUT:], 'ETag: "v1"', f"Content-Range: bytes {10**30}-1/2", status="206 Part"),
        reply(b"", f"Content-Range: bytes */{len(BODY)}", status="416 Range Not Satisfiable"),
        reply(b"", "Content-Range: bytes */0", status="416 Range Not Satisfiable"),
        reply(b"", status="416 Range Not Satisfiable"),
    ],
)  # fmt: skip
def test_what_is_not_the_rest_of_what_was_held_starts_from_nothing(raw, connect, second):
    """NET-19, NET-20: another offset, version or total, or none to be seen."""
    server = raw(cut(), second, reply(BODY))
    assert fetch(connect(server.url))[0] == BODY
    assert "range" not in headers(server.seen[2])


def test_a_server_that_answers_nothing_but_416_is_given_up(raw, connect):
    server = raw(cut(), reply(b"", status="416 No"))
    with pytest.raises(UndecidedError):
        fetch(connect(server.url))
    assert len(server.seen) <= 3


def test_an_object_replaced_between_two_tries_comes_from_one_version(raw, connect):
    """NET-21."""
    server = raw(cut(), reply(OTHER, 'ETag: "v2"'))
    assert fetch(connect(server.url))[0] == OTHER
    lying = raw(cut(), rest(body=OTHER, etag='"v2"'), reply(OTHER, 'ETag: "v2"'))
    assert fetch(connect(lying.url))[0] == OTHER


@pytest.mark.parametrize("etag", ['W/"v1"', "v1", '"', '""x"', '"a b"', '"' + "x" * 300 + '"'])
def test_without_a_strong_tag_nothing_is_gone_on_with(raw, connect, etag):
    server = raw(cut(etag), reply(BODY))
    assert fetch(connect(server.url))[0] == BODY
    assert "range" not in headers(server.seen[1])


def test_a_version_change_that_is_seen_at_the_third_try_drops_both(raw, connect):
    first = reply(BODY[:10], 'ETag: "v1"', length=len(BODY))
    second = reply(
        BODY[10:CUT], 'ETag: "v1"', f"Content-Range: bytes 10-{len(BODY) - 1}/{len(BODY)}",
        status="206 Part", length=len(BODY) - 10,
    )  # fmt: skip
    server = raw(first, second, rest())
    assert fetch(connect(server.url))[0] == BODY
    changed = raw(first, second, rest(body=OTHER, etag='"v2"'), reply(OTHER))
    assert fetch(connect(changed.url, patience=Patience(tries=4)))[0] == OTHER


def test_tries_that_bring_something_do_not_use_up_the_tries(raw, connect):
    """Twelve breaks, three tries allowed: each brought more than the least that counts."""
    body = b"[" + b" " * 130_000 + b"]"
    step = 10_000

    def script(n, _request):
        first, last = n * step, len(body) - 1
        part, span = body[first : first + step], f"Content-Range: bytes {first}-{last}/{len(body)}"
        headers = ['ETag: "v1"', *([span] if n else [])]
        status = "206 Part" if n else "200 OK"
        return reply(part, *headers, status=status, length=len(body) - first)

    server = raw(script=script)
    patience = Patience(tries=3, slow_bytes=5_000)
    assert fetch(connect(server.url, patience=patience))[0] == body
    assert len(server.seen) == 14
    stingy = raw(script=script)
    with pytest.raises(UndecidedError):
        fetch(connect(stingy.url, patience=Patience(tries=3, slow_bytes=50_000)))
    assert len(stingy.seen) == 3


def test_a_file_changed_behind_our_back_is_noticed(raw, connect):
    into = io.BytesIO()

    def change_then_answer(connection):
        into.getbuffer()[2:3] = b"X"
        connection.sendall(rest())

    api = connect(raw(cut(), change_then_answer).url)
    with pytest.raises(UndecidedError) as caught:
        api.download(JOB, "json", into, until=api.until(60), finished=True)
    assert caught.value.code == "output.changed"


# a later run


def standin(fake, **options):
    return StandIn(token=TOKEN, clock=fake.clock(), **options)


class Breaking:
    """Cuts the storage's first answer after ``size`` bytes, then hangs up for ever or ``times``."""

    def __init__(self, size, times=99):
        self.size, self.times = size, times

    def __call__(self, exchange):
        if exchange.server_name != "storage" or not self.times:
            return False
        self.times -= 1
        job = next(iter(exchange.server.standin.jobs.values()))
        etag = f'"{hashlib.sha256(job.file).hexdigest()[:32]}"'
        if self.size and "Range" not in exchange.headers:
            exchange.send_response(200)
            for name, value in (("ETag", etag), ("Content-Length", str(len(job.file)))):
                exchange.send_header(name, value)
            exchange.end_headers()
            exchange.wfile.write(job.file[: self.size])
        return True


def left(folder):
    return sorted(path.suffix for path in folder.iterdir())


def broken(api, path, **options):
    with pytest.raises(UndecidedError) as caught:
        pull(api, REQUEST, path, **options)
    return caught.value


@pytest.mark.parametrize("finish", ["same", "other"])
def test_a_later_run_goes_on_with_the_job_and_its_bytes(tmp_path, fake, connect, finish):
    path = tmp_path / "e.json"
    with standin(fake, fault=Breaking(5_000, 3)) as server:
        error = broken(connect(server.url), path)
        assert error.code == "api.broken"
        assert error.hint == "run the same again with --job job_000001"
        assert left(tmp_path) == [".job", ".part"]
        secrets = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"canary" not in secrets
        assert b"Signature" not in secrets
        fake.slept.append(3_600.0)  # every link is stale, and an hour has passed
        path = path if finish == "same" else tmp_path / "other.json"
        pulled = pull(connect(server.url), REQUEST, path, job=Job(id="job_000001"))
        (job,) = server.jobs.values()
        asked = [h.get("Range") for name, _, _, h in server.requests if name == "storage"]
    assert path.read_bytes() == job.file
    assert pulled.sha256 == hashlib.sha256(job.file).hexdigest()
    assert asked[-1] == "bytes=5000-"
    assert pulled.query.created_at == "2026-04-23T00:00:00Z"
    assert pulled.query.previewed_events is not None
    assert "server's Date header" in pulled.window.basis
    assert left(tmp_path) == [".json"]


def damage_byte(folder):
    (part,) = folder.glob(".*.part")
    data = bytearray(part.read_bytes())
    data[100] ^= 1
    part.write_bytes(data)


def damage_length(folder):
    (part,) = folder.glob(".*.part")
    os.truncate(part, 4_000)


def damage_journal(folder):
    (journal,) = folder.glob(".*.job")
    journal.write_bytes(journal.read_bytes()[:-30])


def damage_both(folder):
    damage_byte(folder)
    damage_journal(folder)


def drop_part(folder):
    next(folder.glob(".*.part")).unlink()


def zero_tail(folder):
    """What a file system may leave after a power cut: the length without the bytes."""
    (part,) = folder.glob(".*.part")
    data = part.read_bytes()
    part.write_bytes(data[:2_000] + bytes(len(data) - 2_000))


@pytest.mark.parametrize(
    "damage", [damage_byte, damage_length, damage_journal, damage_both, drop_part, zero_tail]
)
def test_what_cannot_be_relied_on_is_fetched_again(tmp_path, fake, connect, damage):
    path = tmp_path / "e.json"
    with standin(fake, fault=Breaking(5_000, 3)) as server:
        broken(connect(server.url), path)
        damage(tmp_path)
        pull(connect(server.url), REQUEST, path, job=Job(id="job_000001"))
        (job,) = server.jobs.values()
        asked = [h.get("Range") for name, _, _, h in server.requests if name == "storage"]
    assert path.read_bytes() == job.file
    assert asked[-1] is None
    assert left(tmp_path) == [".json"]


def test_bytes_beyond_the_last_note_are_not_relied_on(tmp_path, fake, connect):
    path = tmp_path / "e.json"
    with standin(fake, fault=Breaking(5_000, 3)) as server:
        broken(connect(server.url), path)
        (part,) = tmp_path.glob(".*.part")
        with part.open("ab") as file:
            file.write(b"torn")
        pull(connect(server.url), REQUEST, path, job=Job(id="job_000001"))
        (job,) = server.jobs.values()
    assert path.read_bytes() == job.file


def test_an_interrupt_keeps_what_has_come(tmp_path, fake, connect):
    path = tmp_path / "e.json"
    told = []

    def interrupt(what, _done, _total):
        told.append(what)
        if what == "downloading":
            raise KeyboardInterrupt

    with standin(fake) as server:
        started = []
        with pytest.raises(KeyboardInterrupt):
            pull(connect(server.url), REQUEST, path, progress=interrupt, started=started.append)
        assert started[0].id == "job_000001"
        assert left(tmp_path) == [".job", ".part"]
        pull(connect(server.url), REQUEST, path, job=started[0])
        assert len(server.jobs) == 1
    assert left(tmp_path) == [".json"]


def test_a_job_is_not_gone_on_with_for_another_request(tmp_path, fake, connect):
    path = tmp_path / "e.json"
    with standin(fake, fault=Breaking(5_000)) as server:
        broken(connect(server.url), path)
        other = ExportRequest(format="json", window="7d")
        with pytest.raises(UndecidedError) as caught:
            pull(connect(server.url), other, path, job=Job(id="job_000001"))
    assert caught.value.code == "api.other-request"
    assert "24h" in str(caught.value)
    assert "7d" in str(caught.value)


def test_two_runs_do_not_write_one_file(tmp_path, fake, connect):
    path = tmp_path / "e.json"
    with standin(fake, fault=Breaking(5_000, 3)) as server:
        broken(connect(server.url), path)
        (part,) = tmp_path.glob(".*.part")
        with part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            error = broken(connect(server.url), path, job=Job(id="job_000001"))
            assert error.code == "output.busy"
        assert part.stat().st_size == 5_000
        pull(connect(server.url), REQUEST, path, job=Job(id="job_000001"))


def test_a_link_in_place_of_the_part_is_not_followed(tmp_path, fake, connect):
    path, victim = tmp_path / "e.json", tmp_path / "victim"
    victim.write_bytes(b"precious")
    with standin(fake, fault=Breaking(5_000, 3)) as server:
        broken(connect(server.url), path)
        (part,) = tmp_path.glob(".*.part")
        part.unlink()
        part.symlink_to(victim)
        assert broken(connect(server.url), path, job=Job(id="job_000001")).code.startswith("output")
    assert victim.read_bytes() == b"precious"


def test_a_dead_job_leaves_nothing(tmp_path, fake, connect):
    def dead(exchange):
        if exchange.path.endswith("/job_000001"):
            exchange.send_json(200, {"id": "job_000001", "status": "failed"})
            return True
        return False

    with standin(fake, fault=dead) as server:
        error = broken(connect(server.url), tmp_path / "e.json")
    assert error.code == "api.job-failed"
    assert left(tmp_path) == []


KILLED = """
import sys
from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.api import Api
from evidencekit.edges.pull import pull
from pathlib import Path
api = Api.from_url(sys.argv[1], "canary-7f3a9c-token")
pull(api, ExportRequest(format="json", window="24h"), Path(sys.argv[2]))
"""


def test_a_killed_process_is_gone_on_with(tmp_path, fake, connect):
    """Not even a chance to clean up: the journal of the job is enough to go on."""
    path = tmp_path / "e.json"
    arrived = []

    def stall(exchange):
        if exchange.server_name == "storage" and not arrived:
            arrived.append(1)
            time.sleep(20)
        return False

    with standin(fake, fault=stall) as server:
        command = [sys.executable, "-c", KILLED, server.url, str(path)]
        with subprocess.Popen(command) as process:  # noqa: S603
            deadline = time.monotonic() + 20
            while not arrived:
                assert time.monotonic() < deadline, process.poll()
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
        assert left(tmp_path) == [".job", ".part"]
        pulled = pull(connect(server.url), REQUEST, path, job=Job(id="job_000001"))
        (job,) = server.jobs.values()
    assert path.read_bytes() == job.file
    assert pulled.query.created_at is not None
    assert left(tmp_path) == [".json"]
