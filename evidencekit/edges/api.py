"""The export API: preview, create a job, wait for it, download what it made."""

import json
import math
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn, Self
from urllib.parse import quote, urlencode

from evidencekit.core import strict_json
from evidencekit.core.jobs import (
    DEAD,
    DONE,
    Completion,
    ExportRequest,
    Job,
    Json,
    explanation,
    state_of,
    stated_window,
)
from evidencekit.core.urls import Url, without_secrets
from evidencekit.core.visible import visible
from evidencekit.edges.clock import Clock
from evidencekit.edges.download import Download, Downloader, Held
from evidencekit.edges.http import Headers, Http, PassingError, Patience, Reply
from evidencekit.edges.retry import Retry, busy
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_API_BODY_BYTES
from evidencekit.progress import Progress

PREVIEW, JOBS = "/v1/exports/preview", "/v1/exports/jobs"
_CODES = {
    404: "api.not-found",
    405: "api.no-such-method",
    410: "api.gone",
    501: "api.no-such-method",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One export API and the right to use it."""

    base: Url
    token: str = field(repr=False)
    http: Http

    @classmethod
    def from_url(  # noqa: PLR0913  (each is one decision of the caller)
        cls,
        url: str,
        token: str,
        *,
        allow_http: bool = False,
        ca_file: Path | None = None,
        clock: Clock | None = None,
        patience: Patience | None = None,
    ) -> Self:
        """Return the API at ``url``.

        Certificates are always checked, against the system's authorities or those in ``ca_file``.
        Plain http is for this machine only, unless ``allow_http``. Raises ``UndecidedError``:
        ``api.url``, ``api.token``, ``api.ca-file``.
        """
        base = _base(url, allow_http=allow_http)
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            what = "empty, or holds a space, a control or a non-ASCII character"
            raise UndecidedError("api.token", f"API token: {what}")
        http = Http(
            clock=clock or Clock(),
            patience=patience or Patience(),
            tls=_tls(ca_file),
            plain_anywhere=allow_http,
        )
        return cls(base=base, token=token, http=http)

    @property
    def clock(self) -> Clock:
        """The clock that everything here goes by."""
        return self.http.clock

    def until(self, seconds: float) -> float:
        """Return the deadline that is ``seconds`` away."""
        return self.clock.monotonic() + seconds

    def preview(self, request: ExportRequest, *, until: float = math.inf) -> Json:
        """Return what the API says the export would hold: any JSON object."""
        url = self._url(f"{PREVIEW}?{urlencode(request.to_json())}")
        until = self._soon(until)
        return self._retry(lambda: self._ask("GET", url, until=until)[0], until=until)

    def create(self, request: ExportRequest, *, until: float = math.inf) -> Job:
        """Create a job.

        Tried again only where the request cannot have reached the API, or was turned away by it
        (429). Raises ``UndecidedError``; with ``api.create-unknown`` where a job may exist now.
        """
        body = json.dumps(request.to_json()).encode()
        asked, until = self.clock.now(), self._soon(until)
        try:
            answer, date = self._retry(
                lambda: self._ask("POST", self._url(JOBS), body, until=until),
                until=until,
                again=_created_nothing,
            )
        except PassingError as error:
            if _created_nothing(error):
                raise
            lost = f"{error}: whether the job was created is unknown"
        else:
            return self._created(answer, asked=asked, date=date)
        hint = "find it in the list of export jobs, and go on with --job ID"
        raise UndecidedError("api.create-unknown", lost, hint=hint)

    def wait(
        self, job: Job, *, until: float, progress: Progress | None = None
    ) -> Completion | None:
        """Wait until the job is completed; None where the API has no job status to ask for.

        Raises ``UndecidedError``: ``api.job-failed``, or ``api.job-late`` at the deadline.
        """
        url, state = self._job_url(job), "unknown"
        for _ in self._retry.polls(until=until):
            try:
                answer, _date = self._retry(lambda: self._ask("GET", url, until=until), until=until)
            except UndecidedError as error:
                if error.code in {"api.not-found", "api.no-such-method"}:
                    return None
                raise
            state = self._state(answer, job)
            if progress:
                progress(visible(state, limit=20), 0, None)
            if state in DONE:
                return Completion(completed_at=self.clock.now(), stated=stated_window(answer))
        late = f"job {visible(job.id)}: still {visible(state, limit=20)} at the deadline"
        raise UndecidedError("api.job-late", late, hint=f"go on with --job {visible(job.id)}")

    def download(  # noqa: PLR0913  (each is one decision of the caller)
        self,
        job: Job,
        export_format: str,
        into: BinaryIO,
        *,
        until: float,
        progress: Progress | None = None,
        finished: bool = False,
        held: Held | None = None,
    ) -> Download:
        """Write the job's export into ``into``, a seekable file; return what is known of it.

        ``held`` says what of it is in the file already: nothing, unless given. Unless the job is
        ``finished``, answers that mean "not yet" are waited out. Raises ``UndecidedError``.
        """
        downloader = Downloader(
            http=self.http,
            url=self._job_url(job, "/download"),
            authorization=self._authorization,
            format=export_format,
            until=until,
            progress=(lambda done, total: progress("downloading", done, total))
            if progress
            else None,
            refuse=self._refuse,
            held=held or Held(),
            known=job.created_at is not None,
        )
        return downloader.run(into, patient=not finished)

    @property
    def _retry(self) -> Retry:
        return Retry(clock=self.clock, patience=self.http.patience)

    @property
    def _authorization(self) -> Headers:
        return (("Authorization", f"Bearer {self.token}"),)

    def _soon(self, until: float) -> float:
        return min(until, self.until(self.http.patience.answer * self.http.patience.tries))

    def _url(self, path: str) -> Url:
        return self.base.join(self.base.path.rstrip("/") + path)

    def _job_url(self, job: Job, what: str = "") -> Url:
        return self._url(f"{JOBS}/{quote(job.id, safe='')}{what}")

    def _ask(
        self, method: str, url: Url, body: bytes | None = None, *, until: float
    ) -> tuple[Json, int | None]:
        """Return one JSON answer and the server's Date."""
        headers = self._authorization
        if body is not None:
            headers += (("Content-Type", "application/json"),)
        return self.http.exchange(
            method, url, self._object, until=until, headers=headers, content=body
        )

    def _object(self, reply: Reply) -> tuple[Json, int | None]:
        if not 200 <= reply.status < 300:
            self._refuse(reply)
        if reply.header("content-encoding") not in {None, "identity"}:
            what = "answers in an encoding that was not asked for"
            raise UndecidedError("api.bad-answer", f"{reply.url}: {what}")
        document = _parsed(reply.read(MAX_API_BODY_BYTES))
        if not isinstance(document, dict):
            raise UndecidedError("api.bad-answer", f"{reply.url}: answers no JSON object")
        return document, reply.instant("date")

    def _created(self, answer: Json, *, asked: int, date: int | None) -> Job:
        if self.token in str(answer.get("id")):
            raise UndecidedError("api.bad-answer", "job creation: the answer names our token")
        try:
            return Job.from_answer(answer, asked=asked, answered=self.clock.now(), date=date)
        except ValueError as error:
            raise UndecidedError("api.bad-answer", f"job creation: {error}") from None

    def _state(self, answer: Json, job: Job) -> str:
        name = visible(job.id)
        if str(answer.get("id", job.id)) != job.id:
            raise UndecidedError("api.bad-answer", f"job {name}: the answer is about another job")
        state = state_of(answer)
        if state in DEAD:
            raise UndecidedError("api.job-failed", f"job {name}: {state}{self._quoted(answer)}")
        return state

    def _refuse(self, reply: Reply) -> NoReturn:
        """Raise what an API answer other than success means."""
        if reply.status == 401:
            hint = "is KEEPTRUSTS_API_TOKEN right, and not revoked?"
            message = f"{reply.url}: token refused (401)"
            raise UndecidedError("api.unauthorized", message, hint=hint)
        if reply.status == 403:
            message = f"{reply.url}: not allowed with this token (403)"
            hint = "the token needs the right to export"
            raise UndecidedError("api.forbidden", message, hint=hint)
        passing = busy(reply, self.clock.now())
        if passing is not None:
            raise passing
        otherwise = "api.refused" if 400 <= reply.status < 500 else "api.bad-answer"
        message = f"{reply.url}: answered {reply.status}{self._said(reply)}"
        raise UndecidedError(_CODES.get(reply.status, otherwise), message)

    def _said(self, reply: Reply) -> str:
        if reply.status < 400 or reply.header("content-encoding") is not None:
            return ""  # a redirect's body is never read
        try:
            document = _parsed(reply.read(MAX_API_BODY_BYTES))
        except UndecidedError:  # too long, or the connection broke: the status says enough
            return ""
        return self._quoted(document) if isinstance(document, dict) else ""

    def _quoted(self, answer: Json) -> str:
        """Return what the server says, made visible, cut, and without our token or any query."""
        said = without_secrets(explanation(answer).replace(self.token, "[token]"))
        return f": {visible(said, limit=120)}" if said else ""


def _created_nothing(error: PassingError) -> bool:
    return not error.sent or error.code == "api.turned-away"


def _parsed(body: bytes) -> object:
    """Return what a JSON body says; None where it is no JSON that we would sign."""
    try:
        return strict_json.loads(body, what="answer")
    except RejectedError:
        return None


def _base(text: str, *, allow_http: bool) -> Url:
    try:
        base = Url.from_text(text.rstrip("/"))
    except ValueError as error:
        raise UndecidedError("api.url", f"API URL: {error}") from None
    if base.query:
        raise UndecidedError("api.url", "API URL: holds a query")
    if base.scheme == "http" and not (allow_http or base.is_loopback):
        hint = "use https, or --allow-http to send the token in the clear"
        raise UndecidedError("api.url", f"{base}: plain http to another machine", hint=hint)
    return base


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError):
        where = visible(str(ca_file), limit=200)
        raise UndecidedError("api.ca-file", f"{where}: no certificates to read") from None
