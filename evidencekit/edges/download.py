"""Fetch one export: follow redirects by hand, refuse what is not the export, hash while writing.

A redirect gets a fresh request. Our credentials go to the API's own origin only, and never again
once a redirect has left it. Every try starts at the API, so an expired presigned link is replaced,
never repeated.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn

from evidencekit.core.instant import format_instant
from evidencekit.core.query import Response
from evidencekit.core.urls import Url
from evidencekit.core.visible import visible
from evidencekit.edges.http import Headers, Http, PassingError, Reply
from evidencekit.edges.retry import Retry, busy
from evidencekit.edges.wire import Reach
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_EXPORT_BYTES, MAX_REDIRECTS

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_YET = frozenset({202, 404, 409, 425})
_ANY = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "text/plain"}
)  # object stores' defaults
_TYPES = {
    "json": _ANY
    | {"application/json", "text/json", "application/jsonl", "application/json-lines"}
    | {"application/ndjson", "application/x-ndjson"},
    "csv": _ANY | {"text/csv", "application/csv"},
}
_PROGRESS_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What is known about the bytes that were written."""

    size: int
    sha256: str
    response: Response
    served_by: str  # scheme, host and path
    downloaded_at: int  # the last byte, in nanoseconds since the epoch


class NotYetError(UndecidedError):
    """The job's export is not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloader:
    """One export to be fetched."""

    http: Http
    url: Url
    authorization: Headers = field(repr=False)
    format: str
    until: float  # the deadline for everything
    progress: Callable[[int, int | None], None] | None
    refuse: Callable[[Reply], NoReturn]  # raises what an answer of the API means

    def run(self, into: BinaryIO, *, patient: bool) -> Download:
        """Write the export into ``into`` and return what is known of it.

        ``patient`` waits out answers that mean "not yet".
        """
        retry = Retry(clock=self.http.clock, patience=self.http.patience)
        late = NotYetError("api.job-late", f"{self.url}: not asked before the deadline")
        for _ in retry.polls(until=self.until):
            try:
                return retry(lambda: self._attempt(into, patient), until=self.until)
            except NotYetError as error:
                late = error
                if not patient:
                    break
        raise UndecidedError(late.code, str(late), hint=late.hint)

    def _attempt(self, into: BinaryIO, patient: bool) -> Download:
        into.seek(0)
        into.truncate()
        url, ours, nearest = self.url, True, Reach.LOOPBACK

        def step(reply: Reply) -> Url | Download:
            nonlocal nearest
            nearest = reply.reach  # a redirect may not lead nearer than the server that sent it
            if reply.status in _REDIRECTS:
                return self._next(reply)
            if reply.status == 200:
                return self._save(reply, into)
            return self._refused(reply, ours, patient)

        for _ in range(MAX_REDIRECTS + 1):
            headers = self.authorization if ours else ()
            found = self.http.exchange(
                "GET", url, step, until=self.until, headers=headers, nearest=nearest
            )
            if isinstance(found, Download):
                return found
            url, ours = found, ours and found.base == self.url.base
        raise UndecidedError("api.redirects", f"{self.url}: more than {MAX_REDIRECTS} redirects")

    def _next(self, reply: Reply) -> Url:
        """Return where a redirect leads; its body is never read."""
        locations = [value for name, value in reply.headers if name == "location"]
        if len(locations) != 1:
            raise _redirect(reply, f"{len(locations)} Location headers, expected 1")
        try:
            target = reply.url.join(locations[0])
        except ValueError as error:
            refused = _redirect(reply, str(error))
        else:
            if target.scheme == "https":
                return target
            if reply.url.scheme == "https":
                raise _redirect(reply, "leads from https to http")
            if not (target.is_loopback or self.http.plain_anywhere):
                raise _redirect(reply, "leads to plain http on another machine")
            return target
        raise refused

    def _refused(self, reply: Reply, ours: bool, patient: bool) -> NoReturn:
        if not ours:
            self._storage_refused(reply)
        if reply.status == 202 or (reply.status in _NOT_YET and (patient or reply.status != 404)):
            message = f"{self.url}: not ready, answers {reply.status}"
            raise NotYetError("api.job-late", message, hint="go on with --job later")
        self.refuse(reply)

    def _storage_refused(self, reply: Reply) -> NoReturn:
        """Raise what a storage refusal means; its text, which may quote the link, is not read."""
        if reply.status == 403:
            raise PassingError("api.link-refused", f"{reply.url}: presigned link refused (403)")
        passing = busy(reply, self.http.clock.now())
        if passing is not None:
            raise passing
        raise UndecidedError("api.storage", f"{reply.url}: storage answered {reply.status}")

    def _save(self, reply: Reply, into: BinaryIO) -> Download:
        length = _promised_length(reply)
        kind = (reply.header("content-type") or "").partition(";")[0].strip().lower()
        if kind not in _TYPES[self.format]:
            sentence = f"answers {visible(kind)}, expected {self.format}"
            raise UndecidedError("api.not-an-export", f"{reply.url}: {sentence}")
        size, sha256 = self._copy(reply, into, length)
        if length not in {None, size}:
            raise PassingError(
                "api.broken", f"{reply.url}: {size:,} bytes came, {length:,} were promised"
            )
        return Download(
            size=size,
            sha256=sha256,
            response=_facts(reply, length),
            served_by=str(reply.url),
            downloaded_at=self.http.clock.now(),
        )

    def _copy(self, reply: Reply, into: BinaryIO, length: int | None) -> tuple[int, str]:
        digest, size, shown, sniffed = hashlib.sha256(), 0, 0, False
        pace = _Pace(self.http, reply.url)
        for chunk in reply.body():
            sniffed = sniffed or self._sniff(reply.url, chunk)
            digest.update(chunk)
            into.write(chunk)
            size += len(chunk)
            if size > MAX_EXPORT_BYTES:
                raise UndecidedError(
                    "api.too-long", f"{reply.url}: more than {MAX_EXPORT_BYTES:,} bytes"
                )
            pace.check(size)
            if self.progress and size - shown >= _PROGRESS_BYTES:
                shown = size
                self.progress(size, length)
        if not sniffed:
            raise UndecidedError(
                "api.not-an-export", f"{reply.url}: answers {size:,} bytes of nothing"
            )
        if self.progress:
            self.progress(size, length)
        return size, digest.hexdigest()

    def _sniff(self, url: Url, chunk: bytes) -> bool:
        """Tell whether the first visible byte has come; raise where it cannot begin an export."""
        first = chunk.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if first and (first == b"<" or (self.format == "json") != (first in b"[{")):
            raise UndecidedError(
                "api.not-an-export", f"{url}: does not begin like a {self.format} export"
            )
        return bool(first)


class _Pace:
    """Ends a download that has become too slow to be worth waiting for."""

    def __init__(self, http: Http, url: Url) -> None:
        self._http, self._url = http, url
        self._since, self._size = http.clock.monotonic(), 0

    def check(self, size: int) -> None:
        """Raise where the last :attr:`Patience.slow_seconds` brought too little."""
        now, patience = self._http.clock.monotonic(), self._http.patience
        if now - self._since < patience.slow_seconds:
            return
        if size - self._size < patience.slow_bytes:
            slow = f"less than {patience.slow_bytes:,} bytes in {patience.slow_seconds:.0f} s"
            raise PassingError("api.slow", f"{self._url}: {slow}")
        self._since, self._size = now, size


def _redirect(reply: Reply, why: str) -> UndecidedError:
    return UndecidedError("api.redirect", f"{reply.url}: redirect refused: {why}")


def _promised_length(reply: Reply) -> int | None:
    """Return the length that the answer promises; None for chunks, whose end is marked.

    Anything else is refused: a body that ends where the connection ends may have been cut.
    """
    if reply.header("content-encoding") not in {None, "", "identity"}:
        raise UndecidedError(
            "api.encoded", f"{reply.url}: sent in an encoding that was not asked for"
        )
    length, transfer = reply.header("content-length"), reply.header("transfer-encoding")
    if length is not None and transfer is not None:
        raise UndecidedError("api.bad-answer", f"{reply.url}: both a length and chunks")
    if length is None and transfer is None:
        raise UndecidedError(
            "api.no-length", f"{reply.url}: no length, so a cut export could not be noticed"
        )
    if length is None:
        return None
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise UndecidedError("api.bad-answer", f"{reply.url}: a length that is no number")
    if int(length) > MAX_EXPORT_BYTES:
        raise UndecidedError("api.too-long", f"{reply.url}: promises {int(length):,} bytes")
    return int(length)


def _facts(reply: Reply, length: int | None) -> Response:
    kind, etag, date = reply.header("content-type"), reply.header("etag"), reply.instant("date")
    return Response(
        status=reply.status,
        content_type=None if kind is None else visible(kind, limit=100),
        content_length=length,
        etag=None if etag is None else visible(etag, limit=100),
        date=None if date is None else format_instant(date),
    )
