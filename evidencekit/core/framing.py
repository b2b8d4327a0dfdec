"""Read an export as a stream: what shape it has, where its records start, and blocks of them.

JSON comes in three shapes. ``[`` opens an array of events. ``{`` opens a wrapper, if that object
has a member ``"events"``, which must be an array; otherwise it is the first record of JSON Lines,
even if there is no second.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from evidencekit.core import split_csv
from evidencekit.core.cells import header_names
from evidencekit.core.readers import too_large
from evidencekit.core.split_json import Separator, events_start, object_end, skip_white
from evidencekit.errors import RejectedError
from evidencekit.limits import KIB, MAX_EVENT_BYTES

BLOCK = 256 * KIB
_UNCUT = 4  # a block in which no record seems to end goes on its way at that many times its size
_BOM = b"\xef\xbb\xbf"


class Stream(Protocol):
    """An open file, or what reads like one."""

    def read(self, size: int, /) -> bytes:
        """Return some bytes, at most ``size``; none at the end."""
        ...


class Source:
    """A stream whose every byte is hashed and handed on exactly once, in order."""

    def __init__(
        self,
        stream: Stream,
        sink: Callable[[bytes], object] | None,
        progress: Callable[[int], None] | None,
        block: int = BLOCK,
    ) -> None:
        self.block = block  # usual number of bytes that are read and worked on together
        self._stream = stream
        self._sink = sink
        self._progress = progress
        self._digest = sha256()
        self.size = 0
        self.ended = False

    @property
    def sha256(self) -> str:
        """The digest of everything read so far."""
        return self._digest.hexdigest()

    def fill(self, data: bytes, size: int) -> bytes:
        """Return ``data`` with what follows it: ``size`` bytes, or fewer where the stream ends."""
        parts, length = [data], len(data)
        while length < size and not self.ended:
            part = self._read(size - length)
            parts.append(part)
            length += len(part)
        return b"".join(parts)

    def _read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.ended = not data
        self.size += len(data)
        self._digest.update(data)
        if self._sink and data:
            self._sink(data)
        if self._progress:
            self._progress(self.size)
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How an export starts, up to its first record."""

    shape: str  # "array", "wrapper", "lines" or "csv"
    rest: bytes  # what was read from the first record on, or from behind the "]" of an empty array
    head: bytes = b""  # wrapper: its beginning, up to the "[" of its events
    empty: bool = False  # array, wrapper: no records
    separator: Separator | None = None  # array, wrapper
    header: tuple[str, ...] = ()  # csv
    lines: int = 0  # csv: line endings of the header


def read_opening(source: Source, export_format: str) -> Opening:
    """Return how the export in ``source`` starts. Raises ``RejectedError`` where it is none."""
    data = source.fill(b"", max(source.block, len(_BOM)))
    if not data:
        raise RejectedError("export.empty-file", "export: 0 bytes")
    if export_format == "csv":
        return _csv(source, data)
    if data.startswith(_BOM):
        raise RejectedError("json.bom", "export: starts with a byte order mark")
    data = _past_white(source, data, 0)
    match data[:1]:
        case b"[":
            return _array(source, data, 0, "array")
        case b"{":
            return _object(source, data)
        case b"<":
            raise _html()
        case _:
            raise RejectedError("export.not-json", "export: starts neither with [ nor with {")


def blocks(source: Source, opening: Opening) -> Iterator[bytes]:
    """Yield the rest of the export in blocks that end, as far as can be seen, where a record ends.

    Every byte is in exactly one block. A block that ends elsewhere costs time, nothing else. Blocks
    are of the usual size or a little smaller, but for those that hold no such end.
    """
    data, size = opening.rest, source.block
    while True:
        data = source.fill(data, size)
        if source.ended:
            break
        cut = _cut(data, opening)
        if not cut and len(data) < _UNCUT * source.block:
            size *= 2
            continue
        cut = cut or len(data)
        yield data[:cut]
        data, size = data[cut:], source.block
    if data:
        yield data


def _cut(data: bytes, opening: Opening) -> int:
    if opening.shape == "csv":
        return split_csv.cut(data)
    if opening.shape == "lines":
        return data.rfind(b"\n") + 1
    return opening.separator.cut(data) if opening.separator else 0


def _past_white(source: Source, data: bytes, at: int) -> bytes:
    """Return ``data`` from ``at`` on, and what follows, without the white space it starts with."""
    data = data[skip_white(data, at) :]
    while not data and not source.ended:
        data = source.fill(b"", source.block)
        data = data[skip_white(data, 0) :]
    return data


def _object(source: Source, data: bytes) -> Opening:
    while (at := events_start(data, 0)) == -1:
        data = _more(source, data, "json.size")
    if at == -2:
        return Opening(shape="lines", rest=data)
    if data[at : at + 1] != b"[":
        raise RejectedError("export.no-events", 'export: its member "events" is no array')
    return _array(source, data, at, "wrapper")


def _array(source: Source, data: bytes, at: int, shape: str) -> Opening:
    head, rest = data[: at + 1], _past_white(source, data, at + 1)
    if rest.startswith(b"]"):
        return Opening(shape=shape, head=head, rest=rest[1:], empty=True)
    separator = None
    if rest.startswith(b"{"):
        while (
            (end := object_end(rest, 0)) < 0 and len(rest) <= MAX_EVENT_BYTES and not source.ended
        ):
            rest = source.fill(rest, 2 * len(rest))
        rest = source.fill(rest, end + KIB)  # room for what stands between two events
        separator = Separator.learn(rest, end) if end > 0 else None
    return Opening(shape=shape, head=head, rest=rest, separator=separator)


def _csv(source: Source, data: bytes) -> Opening:
    while not (start := data[:KIB].removeprefix(_BOM).lstrip()[:1]):
        if source.ended or len(data) >= KIB:
            break
        data = source.fill(data, 2 * len(data))
    if start == b"<":
        raise _html()
    if start in (b"[", b"{"):
        raise RejectedError("export.not-csv", "export: starts like JSON")
    while not (found := split_csv.records(data))[0] and not source.ended:
        data = _more(source, data, "csv.size")
    records, rest = found
    if not records and rest.count(b'"') & 1:
        raise truncated("inside the quotes of the header")
    record = records[0] if records else rest
    end = len(record) + (2 if data.startswith(b"\r\n", len(record)) else 1)
    try:
        header = header_names(record)
    except RejectedError as error:
        raise RejectedError(error.code, f"line 1: {error}") from None
    return Opening(
        shape="csv", rest=data[end:], header=header, lines=record.count(b"\n") + bool(records)
    )


def _more(source: Source, data: bytes, too_long: str) -> bytes:
    """Return twice as much, if that is there and could be one record."""
    if source.ended:
        raise truncated("inside its first record")
    if len(data) > MAX_EVENT_BYTES:
        raise too_large(too_long)
    return source.fill(data, 2 * len(data))


def truncated(where: str) -> RejectedError:
    """Return the error for an export that ends too early."""
    return RejectedError("export.truncated", f"export: ends {where}")


def _html() -> RejectedError:
    return RejectedError(
        "export.html",
        "export: starts with <, as an HTML or XML page does",
        hint="this is most likely an error or login page that was saved as the export",
    )
