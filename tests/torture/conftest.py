"""An API on a raw socket that goes wrong in one place, and a pull whose every trace is searched."""

import io
import json
import logging
import socket
import struct
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from evidencekit.core.instant import parse_instant
from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.api import Api
from evidencekit.edges.clock import Clock
from evidencekit.edges.http import Patience
from evidencekit.edges.pull import pull
from evidencekit.errors import EvidenceError

TOKEN = "canary-7f3a9c-token"
SIGNATURE = "X-Amz-Signature=canary-deadbeef"
BODY = json.dumps([{"id": f"evt_{n}", "verdict": "allow"} for n in range(40)]).encode()
DEADLINE = 20.0  # of the pull, in seconds of its own clock, which sleeping moves on
MOST_SECONDS = 6.0  # that a pull may really take: two tries of every timed step, and some more
PHASES = ("preview", "create", "status", "download")


def answer(body: bytes, status: str = "200 OK", *headers: str, kind="application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + body


GOOD = {
    "preview": answer(b'{"events": 40}'),
    "create": answer(b'{"id": "job_1"}', "201 Created"),
    "status": answer(b'{"id": "job_1", "status": "completed"}'),
    "download": answer(BODY, "200 OK", 'ETag: "v1"'),
}


def phase_of(request: bytes) -> str:
    method, path = request.split()[:2]
    if b"/preview" in path:
        return "preview"
    if method == b"POST":
        return "create"
    return "status" if path.endswith(b"/jobs/job_1") else "download"  # redirects lead anywhere


def reset(connection: socket.socket) -> None:
    """Close so that the other side gets an RST instead of a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class FaultyApi:
    """``script(phase, request, n)`` gives the bytes to send, or a function of the connection.

    None stands for the good answer; n counts the requests of that phase from 0.
    """

    def __init__(self, script: Callable, host: str = "127.0.0.1") -> None:
        self.script = script
        self.seen: list[tuple[str, bytes]] = []
        self._lock = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family, backlog=64)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                request = self._read(connection)
                if not request:
                    return
                phase = phase_of(request)
                with self._lock:
                    n = sum(1 for seen, _ in self.seen if seen == phase)
                    self.seen.append((phase, request))
                said = self.script(phase, request, n)
                said = GOOD[phase] if said is None else said
                if callable(said):
                    said(connection)
                else:
                    connection.sendall(said)
            except OSError:
                return

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65_536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(body) < length:
            body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body


@dataclass
class Outcome:
    """How one pull ended."""

    data: bytes | None  # what stands under the final name
    error: EvidenceError | None
    seconds: float  # of real time
    clock: float  # seconds of the pull's own clock


@dataclass
class Torture:
    """Runs pulls and searches whatever they leave for secrets."""

    body = BODY  # what the good API delivers
    folder: Path
    authority: Path  # one certificate instead of the system's hundreds: loading those takes longest
    log: io.StringIO
    capsys: object
    servers: list = field(default_factory=list)

    def api(self, script: Callable, **options) -> FaultyApi:
        self.servers.append(FaultyApi(script, **options))
        return self.servers[-1]

    def pull(self, url: str, form: str = "json", **patience) -> Outcome:
        slept: list[float] = []
        begin = time.monotonic()
        start = parse_instant("2026-04-23T00:00:00Z")
        clock = Clock(
            now=lambda: start + int(sum(slept) * 1e9),
            monotonic=lambda: time.monotonic() - begin + sum(slept),
            sleep=slept.append,
            jitter=lambda: 0.5,
        )
        waits = {"read": 0.15, "answer": 0.3, "connect": 1.0, "tries": 2, "slow_seconds": 0.2}
        waits |= patience
        api = Api.from_url(
            url, TOKEN, clock=clock, patience=Patience(**waits), ca_file=self.authority
        )
        path = self.folder / f"export.{form}"
        error = None
        try:
            pull(api, ExportRequest(format=form, window="24h"), path, seconds=DEADLINE)
        except EvidenceError as caught:
            error = caught
        outcome = Outcome(
            data=path.read_bytes() if path.exists() else None,
            error=error,
            seconds=time.monotonic() - begin,
            clock=clock.monotonic(),
        )
        self._search(error)
        return outcome

    def _search(self, error: EvidenceError | None) -> None:
        assert str(error).isprintable(), "more than one line, or raw control characters"
        shown = str(error and error.hint) + repr(error)
        shown += "".join(traceback.format_exception(error)) if error else ""
        out, err = self.capsys.readouterr()
        left = b""
        for file in self.folder.iterdir():
            left += file.read_bytes()
            file.unlink()
        traces = shown + self.log.getvalue() + out + err + left.decode("utf-8", "replace")
        self.log.truncate(0)
        assert "canary" not in traces, "a secret got out"
        assert out + err == "", "something was printed"

    def check(self, outcome: Outcome, right: bytes = BODY) -> None:
        """No wrong file, no hang, no half answer: either the export, or an error and nothing."""
        assert outcome.seconds < MOST_SECONDS
        assert outcome.clock < DEADLINE + MOST_SECONDS
        if outcome.error is None:
            assert outcome.data == right
        else:
            assert outcome.data is None
            assert outcome.error.code.startswith("api.")


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def torture(tmp_path, capsys, authority) -> Iterator[Torture]:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    folder = tmp_path / "out"
    folder.mkdir()
    torture = Torture(folder=folder, authority=authority, log=log, capsys=capsys)
    yield torture
    root.removeHandler(handler)
    root.setLevel(level)
    for server in torture.servers:
        server.close()
