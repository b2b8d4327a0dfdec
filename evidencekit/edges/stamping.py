"""Ask time-stamp authorities over HTTP (RFC 3161, 3.4).

Plain http is allowed: what comes back is signed, answers our nonce, and is checked before use.
"""

import secrets
import ssl
from collections.abc import Callable, Sequence

from evidencekit.core.dsse import Stamp
from evidencekit.core.urls import Url
from evidencekit.edges.clock import Clock
from evidencekit.edges.http import Http, Patience, Reply
from evidencekit.edges.timestamp import QUERY_TYPE, REPLY_TYPE, Post, stamper
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_TIMESTAMP_TOKEN_BYTES

_SECONDS = 30.0


def http_stamper(
    urls: Sequence[str],
    *,
    http: Http | None = None,
    nonce: Callable[[], int] = lambda: secrets.randbits(64),
) -> Stamp:
    """Return what asks each of these authorities for one time-stamp; none where there is no URL.

    Raises ``UndecidedError`` ``timestamp.*`` when it is used, and then nothing was stamped.
    """
    return stamper(urls, post=http_post(http or _http()), nonce=nonce)


def http_post(http: Http) -> Post:
    """Return what posts a query and returns the body of an answer of the right type."""

    def post(url: Url, query: bytes) -> bytes:
        try:
            return http.exchange(
                "POST",
                url,
                _body,
                until=http.clock.monotonic() + _SECONDS,
                headers=(("Content-Type", QUERY_TYPE),),
                content=query,
            )
        except UndecidedError as error:
            code = f"timestamp.{error.code.partition('.')[2]}"
            raise UndecidedError(code, str(error), hint=error.hint) from None

    return post


def _http() -> Http:
    tls = ssl.create_default_context()
    return Http(clock=Clock(), patience=Patience(answer=_SECONDS), tls=tls, plain_anywhere=True)


def _body(reply: Reply) -> bytes:
    if reply.status != 200:
        raise UndecidedError("timestamp.http", f"{reply.url}: answers with HTTP {reply.status}")
    kind = (reply.header("content-type") or "").partition(";")[0].strip().lower()
    if kind != REPLY_TYPE:
        raise UndecidedError("timestamp.type", f"{reply.url}: does not answer with {REPLY_TYPE}")
    return reply.read(MAX_TIMESTAMP_TOKEN_BYTES)
