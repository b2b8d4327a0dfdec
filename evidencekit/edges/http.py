"""One HTTP exchange: a request out, an answer in; nothing followed, decoded, remembered or added.

With the wire below it, this is all that speaks HTTP. It uses httpcore, the engine of httpx, because
what httpx adds (redirects, cookies, proxies from the environment, decompression, whole URLs in the
log) is what must not happen here.
"""

import logging
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpcore

from evidencekit import __version__
from evidencekit.core.instant import NANOSECONDS
from evidencekit.core.urls import Url
from evidencekit.edges.clock import Clock
from evidencekit.edges.wire import Reach, Wire
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_EXPORT_BYTES, MAX_HEADER_BYTES

T = TypeVar("T")
Headers = tuple[tuple[str, str], ...]
PLAIN_HEADERS: Headers = (
    ("Accept", "*/*"),
    ("Accept-Encoding", "identity"),
    ("User-Agent", f"evidencekit/{__version__}"),
    ("Connection", "close"),
)
_VERSIONS = frozenset({b"HTTP/1.0", b"HTTP/1.1"})
_FOREIGN = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


class PassingError(UndecidedError):
    """A fault that may be gone on the next try."""

    after: float | None = None  # how long the server asks us to wait, in seconds
    sent: bool = True  # whether the request may have reached the server
    progress: bool = False  # whether this try brought us further than the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we wait for what, in seconds unless said, and how much we take."""

    connect: float = 10.0
    read: float = 30.0  # without a single byte
    answer: float = 60.0  # for the headers of any answer, and for the whole of a short one
    tries: int = 5  # of one idempotent step
    longest_wait: float = 60.0  # whatever Retry-After says
    poll: float = 10.0  # longest pause between two looks at a job
    slow_bytes: int = 32_768  # a download slower than this many bytes
    slow_seconds: float = 30.0  # in so many seconds is given up
    most_bytes: int = MAX_EXPORT_BYTES  # of one export


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer whose headers have come; its body is still on the way, exactly as sent."""

    status: int
    headers: Headers = field(repr=False)  # a Location among them may be a presigned URL
    url: Url
    reach: Reach
    brief: Iterator[bytes] = field(repr=False)  # the body, as long as headers may take
    body: Callable[[], Iterator[bytes]] = field(repr=False)  # the body, until the deadline

    def header(self, name: str) -> str | None:
        """Return the one value of a header, None where it is absent. Raises where two differ."""
        values = {value for key, value in self.headers if key == name.lower()}
        if len(values) > 1:
            raise UndecidedError("api.bad-answer", f"{self.url}: two different {name} headers")
        return values.pop() if values else None

    def instant(self, name: str) -> int | None:
        """Return an HTTP date in nanoseconds since the epoch; None where there is none to read."""
        try:
            moment = parsedate_to_datetime(self.header(name) or "")
        except ValueError:
            return None
        return int(moment.timestamp()) * NANOSECONDS if moment.tzinfo else None

    def read(self, limit: int) -> bytes:
        """Return a short body, whole. Raises where it is longer than ``limit``."""
        body = bytearray()
        for chunk in self.brief:
            body += chunk
            if len(body) > limit:
                raise UndecidedError(
                    "api.too-long", f"{self.url}: answers more than {limit:,} bytes"
                )
        return bytes(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """How exchanges are made."""

    clock: Clock
    patience: Patience
    tls: ssl.SSLContext = field(repr=False)
    plain_anywhere: bool = False  # plain http also to other machines

    def exchange(  # noqa: PLR0913  (a request has that many parts)
        self,
        method: str,
        url: Url,
        handle: Callable[[Reply], T],
        *,
        until: float,
        headers: Headers = (),
        content: bytes | None = None,
        nearest: Reach = Reach.LOOPBACK,
    ) -> T:
        """Send one request over a fresh connection and return what ``handle`` makes of the answer.

        Headers and short bodies have to come within :attr:`Patience.answer`, long ones by
        ``until``; what ``handle`` leaves unread is never read. Raises ``UndecidedError``, and as
        :class:`PassingError` where trying again may help.
        """
        wire = self._wire(url, nearest, until)
        try:
            with self._pool(wire) as pool, pool.stream(
                method,
                _wire_url(url),
                headers=[*PLAIN_HEADERS, ("Host", url.authority), *headers],
                content=content,
                extensions={"timeout": self._timeouts()},
            ) as response:  # fmt: skip
                return handle(_reply(response, url, wire, until))
        except _FOREIGN as error:
            failure = _failure(error, url)
        raise failure  # out here: a foreign exception, which may quote a header, is not its context

    def _wire(self, url: Url, nearest: Reach, until: float) -> Wire:
        plain = url.scheme == "http" and not self.plain_anywhere
        return Wire(
            nearest=nearest,
            farthest=Reach.LOOPBACK if plain else Reach.PUBLIC,
            until=min(until, self.clock.monotonic() + self.patience.answer),
            monotonic=self.clock.monotonic,
        )

    def _pool(self, wire: Wire) -> httpcore.ConnectionPool:
        _hush()
        return httpcore.ConnectionPool(ssl_context=self.tls, network_backend=wire, retries=0)

    def _timeouts(self) -> dict[str, float]:
        read = self.patience.read
        return {"connect": self.patience.connect, "read": read, "write": read, "pool": read}


def _wire_url(url: Url) -> httpcore.URL:
    return httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)


def _reply(response: httpcore.Response, url: Url, wire: Wire, until: float) -> Reply:
    if response.extensions.get("http_version") not in _VERSIONS:
        raise PassingError("api.broken", f"{url}: answers in a version of HTTP that is not known")
    if sum(len(name) + len(value) for name, value in response.headers) > MAX_HEADER_BYTES:
        told = f"{url}: answers more than {MAX_HEADER_BYTES:,} bytes of headers"
        raise UndecidedError("api.too-long", told)
    chunks = iter(response.iter_stream())

    def body() -> Iterator[bytes]:
        wire.until = until
        return chunks

    return Reply(
        status=response.status,
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in response.headers
        ),
        url=url,
        reach=wire.reached,
        brief=chunks,
        body=body,
    )


def _failure(error: Exception, url: Url) -> UndecidedError:
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return _unconnected(error, url)
    if isinstance(error, httpcore.TimeoutException):
        return PassingError("api.timeout", f"{url}: no answer in the time allowed")
    return PassingError("api.broken", f"{url}: the connection broke, or what came was not HTTP")


def _unconnected(error: Exception, url: Url) -> UndecidedError:
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = cause.verify_message.lower().rstrip(".")
        return UndecidedError("api.tls", f"{url.base}: its certificate is not trusted: {why}")
    code, what = ("api.tls", "TLS ") if isinstance(cause, ssl.SSLError) else ("api.unreachable", "")
    failure = PassingError(code, f"{url.base}: no {what}connection could be made")
    failure.sent = False
    return failure


def _hush() -> None:
    """Keep httpcore from logging the headers of answers: at DEBUG it would print presigned URLs."""
    logger = logging.getLogger("httpcore.http11")
    if _quotes_no_header not in logger.filters:
        logger.addFilter(_quotes_no_header)


def _quotes_no_header(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("receive_response_headers.")
