"""Two HTTP servers on loopback: the API, and the storage that its downloads redirect to."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.edges.clock import Clock
from evidencekit.standin.events import PER_DAY, events
from evidencekit.standin.jobs import StandInJob, made, window_of

TOKEN = "stand-in-token"
Fault = Callable[["Exchange"], bool]  # may take over a request: true if it answered, or hung up
_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
_FORMATS = frozenset(_TYPES)
_RANGE = re.compile(r"bytes=([0-9]{1,18})-")


class StandIn:
    """A stand-in export API; a context manager that serves while it is open.

    ``fault`` sees every request first and may answer it in our place: that is how tests make it
    lie. ``requests`` holds what was asked, in order: server, method, path with query, headers.
    """

    def __init__(  # noqa: PLR0913  (each is one way in which real APIs differ)
        self,
        *,
        token: str = TOKEN,
        clock: Clock | None = None,
        port: int = 0,
        storage: bool = True,
        status_endpoint: bool = True,
        shape: str = "array",
        polls: int = 1,
        per_day: int = PER_DAY,
        link_seconds: int = 60,
        fault: Fault = lambda _exchange: False,
    ) -> None:
        self.token = token
        self.clock = clock or Clock()
        self.storage = storage
        self.status_endpoint = status_endpoint
        self.shape = shape
        self.polls = polls
        self.per_day = per_day
        self.link_seconds = link_seconds
        self.fault = fault
        self.jobs: dict[str, StandInJob] = {}
        self.requests: list[tuple[str, str, str, dict[str, str]]] = []
        self.lock = threading.Lock()
        self._servers = [_Server(self, name, at) for name, at in (("api", port), ("storage", 0))]

    @property
    def url(self) -> str:
        """The API's base URL."""
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def storage_url(self) -> str:
        """The storage's base URL: another origin."""
        return f"http://127.0.0.1:{self._servers[1].server_port}"

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def create(self, asked: dict[str, Any]) -> StandInJob:
        """Create the job that a request asks for. Raises ``ValueError`` on an impossible one."""
        if asked.get("format") not in _FORMATS:
            raise ValueError("format must be json or csv")
        window = window_of(asked, self.clock.now())
        with self.lock:
            identifier = f"job_{len(self.jobs) + 1:06d}"
            job = StandInJob(id=identifier, format=asked["format"], window=window, polls=self.polls)
            self.jobs[identifier] = job
        job.file = made(job, shape=self.shape, per_day=self.per_day)
        return job

    def presigned(self, job: StandInJob) -> str:
        """Return a link to the job's file that works for ``link_seconds``, for whoever holds it."""
        path = f"/exports/{job.name}"
        until = self.clock.now() // NANOSECONDS + self.link_seconds
        query = {"X-Amz-Expires": str(until), "X-Amz-Signature": self.signature(path, str(until))}
        return f"{self.storage_url}{path}?{urlencode(query)}"

    def signature(self, path: str, until: str) -> str:
        """Return what proves that we made a link."""
        text = f"GET {path} {until}".encode()
        return hmac.new(self.token.encode(), text, hashlib.sha256).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, standin: StandIn, name: str, port: int) -> None:
        super().__init__(("127.0.0.1", port), Exchange)
        self.standin = standin
        self.name = name

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is no event here."""


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "evidencekit-standin", ""
    timeout = 30

    @property
    def server_name(self) -> str:
        """Which of the two was asked: ``api`` or ``storage``."""
        return self.server.name

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer("POST")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (http.server's name)
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header by the stand-in's own clock."""
        seconds = self.server.standin.clock.now() // NANOSECONDS
        return formatdate(seconds if timestamp is None else timestamp, usegmt=True)

    def send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        """Answer with ``body``; an underscore in a header's name stands for a hyphen."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, status: int, document: dict[str, Any], **headers: str) -> None:
        """Answer with a JSON document."""
        self.send(status, json.dumps(document).encode(), "application/json", **headers)

    def _answer(self, method: str) -> None:
        standin, headers = self.server.standin, dict(self.headers.items())
        standin.requests.append((self.server_name, method, self.path, headers))
        if standin.fault(self):
            self.close_connection = True
        elif self.server_name == "storage":
            self._serve_file()
        elif not hmac.compare_digest(headers.get("Authorization", ""), f"Bearer {standin.token}"):
            self.send_json(401, {"error": {"message": "missing, wrong or revoked token"}})
        else:
            self._serve_api(method)

    def _serve_api(self, method: str) -> None:
        parts = urlsplit(self.path)
        match method, parts.path.split("/")[1:]:
            case "GET", ["v1", "exports", "preview"]:
                self._preview(dict(parse_qsl(parts.query)))
            case "POST", ["v1", "exports", "jobs"]:
                self._create()
            case "GET", ["v1", "exports", "jobs", name] if self.server.standin.status_endpoint:
                self._with_job(name, self._status)
            case "GET", ["v1", "exports", "jobs", name, "download"]:
                self._with_job(name, self._download)
            case _:
                self.send_json(404, {"error": {"message": "no such endpoint"}})

    def _preview(self, asked: dict[str, str]) -> None:
        standin = self.server.standin
        try:
            window = window_of(asked, standin.clock.now())
        except ValueError as error:
            self.send_json(422, {"error": {"message": str(error)}})
            return
        count = sum(1 for _ in events(window, per_day=standin.per_day))
        self.send_json(200, {"events": count, "format": asked.get("format", "json")})

    def _create(self) -> None:
        length = self.headers.get("Content-Length", "")
        try:
            asked = json.loads(self.rfile.read(min(int(length), 65_536)))
            job = self.server.standin.create(asked)
        except (ValueError, AttributeError) as error:
            self.send_json(422, {"error": {"message": str(error)}})
            return
        self.send_json(201, {"id": job.id, "status": job.state, "format": job.format})

    def _with_job(self, name: str, answer: Callable[[StandInJob], None]) -> None:
        job = self.server.standin.jobs.get(name)
        if job is None:
            self.send_json(404, {"error": {"message": "no such job"}})
        else:
            answer(job)

    def _status(self, job: StandInJob) -> None:
        document = {"id": job.id, "status": job.ask(), "format": job.format}
        self.send_json(200, document)

    def _download(self, job: StandInJob) -> None:
        standin = self.server.standin
        state = job.state if standin.status_endpoint else job.ask()
        if state != "completed":
            self.send_json(409, {"error": {"message": f"the job is {state}"}})
        elif standin.storage:
            link = standin.presigned(job)
            self.send(302, b"<html>moved</html>", "text/html", Location=link)
        else:
            self._send_file(job)

    def _serve_file(self) -> None:
        """Answer like a strict object store: a link is the only key, and it wears out."""
        standin, parts = self.server.standin, urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        until, mark = query.get("X-Amz-Expires", ""), query.get("X-Amz-Signature", "")
        job = standin.jobs.get(parts.path.removeprefix("/exports/").partition(".")[0])
        if "Authorization" in self.headers:
            self._refuse(400, "InvalidArgument", "Only one auth mechanism allowed")
        elif not hmac.compare_digest(mark, standin.signature(parts.path, until)) or job is None:
            self._refuse(403, "SignatureDoesNotMatch", "The signature does not match")
        elif int(until) <= standin.clock.now() // NANOSECONDS:
            self._refuse(403, "AccessDenied", f"Request has expired at {until}")
        else:
            self._send_file(job)

    def _refuse(self, status: int, code: str, message: str) -> None:
        echo = f"<Resource>{self.path}</Resource>".replace("&", "&amp;")
        body = f"<Error><Code>{code}</Code><Message>{message}</Message>{echo}</Error>"
        self.send(status, body.encode(), "application/xml")

    def _send_file(self, job: StandInJob) -> None:
        etag = f'"{hashlib.sha256(job.file).hexdigest()[:32]}"'
        stamp = format_instant(job.window.end).replace(":", "")
        name = f'attachment; filename="export-{stamp}.{job.format}"'
        facts = {"ETag": etag, "Content_Disposition": name, "Accept_Ranges": "bytes"}
        status, body, size, kind = 200, job.file, len(job.file), _TYPES[job.format]
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range", etag) == etag:
            first = int(asked[1])
            status, body = (206, body[first:]) if first < size else (416, b"")
            part = f"{first}-{size - 1}" if body else "*"
            facts["Content_Range"] = f"bytes {part}/{size}"
        self.send(status, body, kind, **facts)
