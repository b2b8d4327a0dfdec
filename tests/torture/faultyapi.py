"""An API on a raw socket that goes wrong where a script says so."""

import socket
import threading
from collections.abc import Callable

from evidencekit.core.window import Window
from evidencekit.standin.events import events, to_csv, to_json

DAY = Window.from_times("2026-04-22T00:00:00Z", "2026-04-23T00:00:00Z")
EVENTS = [*events(DAY, per_day=1)][:4]
BODY = to_json(EVENTS, shape="array", job_id="job_1", window=DAY)
ROWS = to_csv(EVENTS)


def answer(body: bytes, status: str = "200 OK", *headers: str, kind="application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + body


GOOD = {
    "preview": answer(b'{"events": %d}' % len(EVENTS)),
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
