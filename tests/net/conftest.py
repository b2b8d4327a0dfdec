"""A clock that does not wait, and servers on loopback that say what a test tells them to."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from evidencekit.core.instant import parse_instant
from evidencekit.edges.api import Api
from evidencekit.edges.clock import Clock
from evidencekit.edges.http import Patience

TOKEN = "canary-7f3a9c-token"
Answer = bytes | Callable[[socket.socket], None]
Script = Callable[[int, bytes], Answer]


class FakeTime:
    """Starts at a fixed instant and moves on by sleeping; the monotonic part also really runs."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.start = parse_instant("2026-04-23T00:00:00Z")
        self._real = time.monotonic()

    def clock(self) -> Clock:
        return Clock(
            now=self.now, monotonic=self.monotonic, sleep=self.slept.append, jitter=lambda: 0.5
        )

    def now(self) -> int:
        return self.start + int(sum(self.slept) * 1e9)

    def monotonic(self) -> float:
        return time.monotonic() - self._real + sum(self.slept)


@dataclass
class RawServer:
    """Answers connection number n, with request bytes, by what ``script(n, request)`` returns."""

    script: Script
    seen: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
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
            connection.settimeout(10)
            try:
                request = _request(connection)
                self.seen.append(request)
                answer = self.script(len(self.seen) - 1, request)
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)
            except OSError:
                return


def _request(connection: socket.socket) -> bytes:
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


@pytest.fixture
def fake() -> FakeTime:
    return FakeTime()


@pytest.fixture
def raw() -> Iterator[Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def start(*answers: Answer, script: Script | None = None) -> RawServer:
        """Give the answers in turn, the last one for ever; or what ``script`` says."""
        in_turn = answers or (b"",)
        servers.append(RawServer(script or (lambda n, _: in_turn[min(n, len(in_turn) - 1)])))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def connect(fake: FakeTime) -> Callable[..., Api]:
    """Return the client of an API at a URL, with the fake clock and little patience."""

    def api(url: str, **options: object) -> Api:
        patience = Patience(read=2.0, answer=3.0, tries=3)
        return Api.from_url(url, TOKEN, **({"clock": fake.clock(), "patience": patience} | options))

    return api
