"""What the answer that carries an export promises, and whether it may carry one at all."""

import re
from dataclasses import dataclass

from evidencekit.core import strict_json
from evidencekit.core.instant import format_instant
from evidencekit.core.query import Response
from evidencekit.core.urls import Url
from evidencekit.core.visible import visible
from evidencekit.edges.http import Headers, Reply
from evidencekit.errors import RejectedError, UndecidedError

_ANY = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "text/plain"}
)  # object stores' defaults
_TYPES = {
    "json": _ANY
    | {"application/json", "text/json", "application/jsonl", "application/json-lines"}
    | {"application/ndjson", "application/x-ndjson"},
    "csv": _ANY | {"text/csv", "application/csv"},
}
_ERROR = frozenset({"error", "errors", "Error", "fault"})
_EVENT = frozenset({"events", "id", "event_id", "event_type", "timestamp", "verdict"})
_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19})", re.ASCII)
_STRONG = re.compile(r'"[!#-~]{1,200}"', re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which bytes of how many a 206 answer carries; ``last`` is inside."""

    first: int
    last: int
    total: int


def check_type(reply: Reply, form: str) -> None:
    """Raise ``api.not-an-export`` where the answer calls itself something else."""
    kind = (reply.header("content-type") or "").partition(";")[0].strip().lower()
    if kind not in _TYPES[form]:
        sentence = f"answers {visible(kind)}, expected {form}"
        raise UndecidedError("api.not-an-export", f"{reply.url}: {sentence}")


def begins_like(chunk: bytes, form: str, url: Url) -> bool:
    """Tell whether the first visible byte has come; raise where it cannot begin an export."""
    first = chunk.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first and (first == b"<" or (form == "json") != (first in b"[{")):
        told = f"{url}: does not begin like a {form} export"
        raise UndecidedError("api.not-an-export", told)
    return bool(first)


def refuse_error_object(data: bytes, url: Url) -> None:
    """Raise ``api.not-an-export`` for one JSON object that tells of an error and holds no event.

    Some servers say 200 to everything. What the error says is not repeated: storage quotes links.
    """
    try:
        document = strict_json.loads(data)
    except RejectedError:
        return  # not one document: the survey says what it is
    if isinstance(document, dict) and _ERROR & set(document) and not _EVENT & set(document):
        raise UndecidedError("api.not-an-export", f"{url}: answers an error, with status 200")


def promised_length(reply: Reply, *, most: int) -> int | None:
    """Return the length that the answer promises; None for chunks, whose end is marked.

    More than ``most`` bytes are refused before one is read, and so is anything else: a body that
    ends where the connection ends may have been cut.
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
    if int(length) > most:
        raise UndecidedError("api.too-long", f"{reply.url}: promises {int(length):,} bytes")
    return int(length)


def strong_etag(reply: Reply) -> str | None:
    """Return the entity tag that names one sequence of bytes (RFC 9110, 8.8.3); None for a weak."""
    etag = reply.header("etag") or ""
    return etag if _STRONG.fullmatch(etag) else None


def range_headers(size: int, etag: str) -> Headers:
    """Return what asks for the rest after ``size`` bytes, if the version is still ``etag``."""
    return (("Range", f"bytes={size}-"), ("If-Range", etag))


def span(reply: Reply) -> Span | None:
    """Return what a ``Content-Range`` says; None where it is absent, unusable or contradictory."""
    match = _RANGE.fullmatch(reply.header("content-range") or "")
    if match is None:
        return None
    first, last, total = (int(number) for number in match.groups())
    return Span(first=first, last=last, total=total) if first <= last < total else None


def facts(reply: Reply, length: int | None) -> Response:
    """Return what is put on record about the answer; ``length`` is that of the whole export."""
    kind, etag, date = reply.header("content-type"), reply.header("etag"), reply.instant("date")
    return Response(
        status=reply.status,
        content_type=None if kind is None else visible(kind, limit=100),
        content_length=length,
        etag=None if etag is None else visible(etag, limit=100),
        date=None if date is None else format_instant(date),
    )
