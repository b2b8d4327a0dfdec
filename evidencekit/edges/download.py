"""Fetch one export: follow redirects by hand, refuse what is not the export, hash while writing.

A redirect gets a fresh request. Our credentials go to the API's own origin only, and never again
once a redirect has left it. Every try starts at the API, so an expired presigned link is replaced,
never repeated. What came before a connection broke is kept if it has a strong entity tag, and the
rest is asked for on condition that the tag still holds; whatever else comes starts from nothing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from evidencekit.core.query import Response
from evidencekit.core.urls import Url
from evidencekit.edges import answers
from evidencekit.edges.http import Headers, Http, PassingError, Reply
from evidencekit.edges.retry import Retry, busy
from evidencekit.edges.wire import Reach
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_API_BODY_BYTES, MAX_REDIRECTS

if TYPE_CHECKING:
    from hashlib import _Hash

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_YET = frozenset({202, 404, 409, 425})
_PROGRESS_BYTES = 1 << 20
_SAVE_SECONDS = 5.0
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What is known about the bytes that were written."""

    size: int
    sha256: str
    response: Response
    served_by: str  # scheme, host and path
    downloaded_at: int  # the last byte, in nanoseconds since the epoch


@dataclass(slots=True, kw_only=True)
class Held:
    """How much of an export is in the file already, and of which version; grows as bytes come.

    ``save`` is called every few seconds, so that even a killed process can be gone on with.
    """

    etag: str | None = None  # strong; None: nothing that is held could be gone on with
    total: int | None = None  # bytes of the whole
    size: int = 0
    begun: bool = False  # whether the first visible byte has come
    digest: "_Hash" = field(default_factory=hashlib.sha256)
    save: Callable[[], None] = field(default=lambda: None, repr=False)

    def restart(self, etag: str | None = None, total: int | None = None) -> None:
        """Hold nothing, of that version."""
        self.etag, self.total, self.size, self.begun = etag, total, 0, False
        self.digest = hashlib.sha256()


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
    held: Held = field(default_factory=Held)
    known: bool = True  # whether the job is known to exist, so that 404 can mean "not yet"

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
        if self.held.etag is None:
            self.held.restart()
        before = self.held.size
        into.seek(before)
        into.truncate()
        try:
            return self._follow(into, patient)
        except PassingError as error:
            error.progress = self.held.size - before >= self.http.patience.slow_bytes
            raise

    def _follow(self, into: BinaryIO, patient: bool) -> Download:
        url, ours, nearest = self.url, True, Reach.LOOPBACK
        size, etag = self.held.size, self.held.etag
        rest = answers.range_headers(size, etag) if size and etag else ()

        def step(reply: Reply) -> Url | Download:
            nonlocal nearest
            nearest = reply.reach  # a redirect may not lead nearer than the server that sent it
            if reply.status in _REDIRECTS:
                return self._next(reply)
            if reply.status == 200:
                return self._save(reply, into)
            if rest and reply.status in {206, 416}:
                return self._go_on(reply, into)
            return self._refused(reply, ours, patient)

        for _ in range(MAX_REDIRECTS + 1):
            headers = (self.authorization if ours else ()) + rest
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
        unknown = reply.status == 404 and not (patient and self.known)
        if reply.status in _NOT_YET and not unknown:
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
        """Write a whole export; nothing that was held before stays."""
        total = answers.promised_length(reply, most=self.http.patience.most_bytes)
        self.held.restart(answers.strong_etag(reply), total)
        if reply.header("content-range") is not None:
            self.held.restart()
            told = f"{reply.url}: answers 200, which is all, and names a part"
            raise PassingError("api.not-resumed", told)
        answers.check_type(reply, self.format)
        into.seek(0)
        into.truncate()
        self._copy(reply, into)
        if self.format == "json" and self.held.size <= MAX_API_BODY_BYTES:
            into.seek(0)
            answers.refuse_error_object(into.read(self.held.size), reply.url)
        return self._done(reply)

    def _go_on(self, reply: Reply, into: BinaryIO) -> Download:
        """Write the rest of an export, if the answer is exactly that of the version held."""
        held, span, most = self.held, answers.span(reply), self.http.patience.most_bytes
        if (
            reply.status != 206
            or span is None
            or (span.first, span.last) != (held.size, span.total - 1)
            or held.total not in {None, span.total}
            or span.total > most
            or answers.strong_etag(reply) != held.etag
            or answers.promised_length(reply, most=most) not in {None, span.total - held.size}
        ):
            held.restart()
            told = f"{reply.url}: answers {reply.status}, not the rest of what had come"
            raise PassingError("api.not-resumed", told)
        held.total = span.total
        self._copy(reply, into)
        self._reread(into)
        return self._done(reply)

    def _copy(self, reply: Reply, into: BinaryIO) -> None:
        held, shown, most = self.held, self.held.size, self.http.patience.most_bytes
        pace = _Pace(self.http, reply.url, held)
        for chunk in reply.body():
            held.begun = held.begun or answers.begins_like(chunk, self.format, reply.url)
            if held.size + len(chunk) > most:
                raise UndecidedError("api.too-long", f"{reply.url}: more than {most:,} bytes")
            into.write(chunk)
            held.digest.update(chunk)
            held.size += len(chunk)
            pace.check()
            if self.progress and held.size - shown >= _PROGRESS_BYTES:
                shown = held.size
                self.progress(held.size, held.total)
        if self.progress:
            self.progress(held.size, held.total)

    def _done(self, reply: Reply) -> Download:
        held = self.held
        if not held.begun:
            told = f"{reply.url}: answers {held.size:,} bytes of nothing"
            raise UndecidedError("api.not-an-export", told)
        if held.total not in {None, held.size}:
            told = f"{reply.url}: {held.size:,} bytes came, {held.total:,} were promised"
            held.restart()
            raise PassingError("api.broken", told)
        return Download(
            size=held.size,
            sha256=held.digest.hexdigest(),
            response=answers.facts(reply, held.total),
            served_by=str(reply.url),
            downloaded_at=self.http.clock.now(),
        )

    def _reread(self, into: BinaryIO) -> None:
        """Hash what is in the file once more: parts of several answers have to be one export."""
        digest = hashlib.sha256()
        into.seek(0)
        while block := into.read(_BLOCK):
            digest.update(block)
        if digest.digest() != self.held.digest.digest():
            self.held.restart()
            raise UndecidedError("output.changed", "the file was changed while it was written")


class _Pace:
    """Ends a download that has become too slow to be worth waiting for, and saves what came."""

    def __init__(self, http: Http, url: Url, held: Held) -> None:
        self._http, self._url, self._held = http, url, held
        self._since, self._size = http.clock.monotonic(), held.size
        self._saved = self._since

    def check(self) -> None:
        """Raise where the last :attr:`Patience.slow_seconds` brought too little."""
        now, patience, size = self._http.clock.monotonic(), self._http.patience, self._held.size
        if now - self._saved >= _SAVE_SECONDS:
            self._saved = now
            self._held.save()
        if now - self._since < patience.slow_seconds:
            return
        if size - self._size < patience.slow_bytes:
            slow = f"less than {patience.slow_bytes:,} bytes in {patience.slow_seconds:.0f} s"
            raise PassingError("api.slow", f"{self._url}: {slow}")
        self._since, self._size = now, size


def _redirect(reply: Reply, why: str) -> UndecidedError:
    return UndecidedError("api.redirect", f"{reply.url}: redirect refused: {why}")
