"""Bodies without end, and large ones: a limit that holds, and memory that stays what it was."""

import functools
import gzip
import hashlib
import json
import subprocess
import sys

import pytest

from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.http import Patience
from evidencekit.edges.pull import pull
from evidencekit.errors import UndecidedError

MIB = 1 << 20
LIMIT = 4 * MIB
BIG = 200 * 1_000_000
REQUEST = ExportRequest(format="json", window="24h")
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


def sized(body, *headers, status="200 OK", length=None):
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {size}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + body


def script_of(download):
    """Answer all but the download well."""

    def script(_n, request):
        if b"/preview" in request:
            return sized(b'{"events": 1}')
        if request.startswith(b"POST"):
            return sized(b'{"id": "job_1"}')
        return download if b"/download" in request else sized(b'{"status": "completed"}')

    return script


def endless(head, piece, sent):
    def act(connection):
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            sent.append(len(piece))

    return act


def patience(most):
    return Patience(read=4.0, answer=5.0, tries=2, most_bytes=most)


FORMS = {
    "chunks": (CHUNKED + b"1\r\n[\r\n", b"10000\r\n" + b" " * 65_536 + b"\r\n"),
    "a-length-that-lies": (sized(b"[", length=LIMIT), b" " * 65_536),
}


def test_an_endless_body_ends_at_the_limit_and_leaves_nothing(tmp_path, raw, connect):
    """NET-17: not one byte more than the limit is written, and no try is made again."""
    sent = []
    server = raw(script=script_of(endless(*FORMS["chunks"], sent)))
    with pytest.raises(UndecidedError) as caught:
        pull(connect(server.url, patience=patience(LIMIT)), REQUEST, tmp_path / "export.json")
    assert caught.value.code == "api.too-long"
    assert str(caught.value).endswith(f"more than {LIMIT:,} bytes")
    assert sum(b"/download" in request for request in server.seen) == 1
    assert sum(sent) < LIMIT + 16 * MIB, "what the sockets hold, and no more"
    assert list(tmp_path.iterdir()) == []


def test_a_body_goes_on_no_further_than_its_length(tmp_path, raw, connect):
    """What follows the promised bytes is another answer to nobody, and is not read."""
    sent = []
    server = raw(script=script_of(endless(*FORMS["a-length-that-lies"], sent)))
    path = tmp_path / "export.json"
    pulled = pull(connect(server.url, patience=patience(LIMIT)), REQUEST, path)
    assert pulled.size == path.stat().st_size == LIMIT


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT, LIMIT + 1])
@pytest.mark.parametrize("form", ["length", "chunks", "rest"])
def test_the_limit_is_exact_by_length_in_chunks_and_for_the_rest(
    tmp_path, raw, connect, size, form
):
    body = b"[" + b" " * (size - 2) + b"]"
    framed = {
        "length": sized(body),
        "chunks": CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (size, body),
        "rest": sized(body, 'ETag: "v1"'),
    }[form]
    tries = []

    def download(connection):
        tries.append(1)
        if form != "rest" or len(tries) > 1:
            connection.sendall(framed)
            return
        connection.sendall(sized(body[:9], 'ETag: "v1"', length=size))

    path = tmp_path / "export.json"
    api = connect(raw(script=script_of(download)).url, patience=patience(LIMIT))
    if size <= LIMIT:
        assert pull(api, REQUEST, path).sha256 == hashlib.sha256(body).hexdigest()
    else:
        with pytest.raises(UndecidedError) as caught:
            pull(api, REQUEST, path)
        assert caught.value.code == "api.too-long"
        assert not path.exists()


def test_a_promise_beyond_the_limit_is_refused_before_the_body(tmp_path, raw, connect):
    server = raw(script=script_of(sized(b"[", length=LIMIT + 1)))
    with pytest.raises(UndecidedError) as caught:
        pull(connect(server.url, patience=patience(LIMIT)), REQUEST, tmp_path / "export.json")
    assert (caught.value.code, f"{LIMIT + 1:,}" in str(caught.value)) == ("api.too-long", True)


MEASURED = """
import json, resource, sys
from pathlib import Path
from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.api import Api
from evidencekit.edges.pull import pull
from evidencekit.errors import UndecidedError

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

url, folder = sys.argv[1], Path(sys.argv[2])
api = Api.from_url(url, "canary-7f3a9c-token")
request = ExportRequest(format="json", window="24h")
pull(api, request, folder / "small.json")
before, code, size = peak(), None, 0
try:
    size = pull(api, request, folder / "big.json").size
except UndecidedError as error:
    code = error.code
print(json.dumps({"grown": peak() - before, "size": size, "code": code}))
"""


def measured(raw, folder, second):
    """Pull twice in a process of its own: a small export, then what ``second`` says."""
    small, downloads = sized(b'[{"id":"evt_1"}]'), []

    def script(n, request):
        if b"/download" in request:
            downloads.append(1)
        if b"/preview" in request and len(downloads) == 0:
            return sized(b'{"events": 1}')
        if len(downloads) >= (1 if b"/download" not in request else 2):
            return second(n, request)
        return script_of(small)(n, request)

    server = raw(script=script)
    command = [sys.executable, "-c", MEASURED, server.url, str(folder)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    return json.loads(done.stdout)


def test_memory_stays_flat_while_a_large_export_comes(tmp_path, raw):
    """NET-12: 200 MB through a socket on loopback, within 64 MiB more than a small one took."""
    piece = b" " * 1_000_000

    def big(connection):
        connection.sendall(sized(b"[", 'ETag: "v1"', length=BIG))
        left = BIG - 2
        while left:
            left -= connection.send(piece[:left])
        connection.sendall(b"]")

    found = measured(raw, tmp_path, script_of(big))
    assert found["code"] is None
    assert found["size"] == BIG == (tmp_path / "big.json").stat().st_size
    assert found["grown"] <= 64 * MIB, f"{found['grown'] / MIB:.1f} MiB"


@functools.cache
def bomb():
    return gzip.compress(bytes(128 * MIB), 9)


SLOW_PLACES = [pytest.param(place, marks=pytest.mark.slow) for place in ("preview", "status")]


@pytest.mark.parametrize("place", ["redirect", "error", "download", *SLOW_PLACES])
def test_a_bomb_is_not_unpacked_wherever_it_lies(tmp_path, raw, place):
    """NET-12, NET-17: 128 MiB of zeros as 128 KiB of gzip, within 64 MiB."""
    status = {"redirect": "302 Found", "error": "400 Bad"}.get(place, "200 OK")
    packed = sized(bomb(), "Content-Encoding: gzip", "Location: /there", status=status)
    good = script_of(packed if place in {"redirect", "error", "download"} else sized(b"[{}]"))

    def second(n, request):
        is_status = request.startswith(b"GET") and request.split()[1].endswith(b"/job_1")
        bad = b"/preview" in request if place == "preview" else place == "status" and is_status
        return packed if bad else good(n, request)

    found = measured(raw, tmp_path, second)
    assert found["grown"] <= 64 * MIB, f"{found['grown'] / MIB:.1f} MiB"
    assert (found["code"] is None) is (place in {"preview", "redirect"}), "none needs that body"
