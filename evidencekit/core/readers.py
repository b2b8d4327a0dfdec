"""Read the records of one block in groups: exact bytes and parsed events, proved to be those."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evidencekit.core import split_csv
from evidencekit.core.accept import Filter
from evidencekit.core.cells import Cells
from evidencekit.core.events import Columns
from evidencekit.core.parse import are_strict, parse_some, parse_strictly
from evidencekit.core.split_json import Separator, object_end, skip_white
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_EVENT_BYTES

GROUP = 64  # events parsed, judged and dropped together: they fit the processor's cache
Group = tuple[list[bytes], list[Any] | Columns]  # what valid events say, if that is known already


@dataclass(slots=True)
class Cursor:
    """How far a block has been read."""

    at: int = 0  # where the next record starts
    line: int = 0  # csv: line endings before it
    closed: bool = False  # array: its "]" has been read


def array(
    data: bytes, cursor: Cursor, separator: Separator | None, quick: Filter
) -> Iterator[Group]:
    """Yield the elements of an array from where one starts, each used with what follows it."""
    while not cursor.closed:
        if separator and len(data) <= MAX_EVENT_BYTES:
            yield from _guessed(data, cursor, separator, quick)
        record = _exact(data, cursor)
        if record is None:
            return
        yield [record], [parse_strictly(record)]


def _guessed(data: bytes, cursor: Cursor, separator: Separator, quick: Filter) -> Iterator[Group]:
    """Yield elements as long as guessing where they end goes well."""
    starts = cursor.at == 0  # behind a wrong guess, most of a block would be tried in vain again
    cursor.at = skip_white(data, cursor.at)  # not part of the record, though the parser takes it
    end = separator.end(data)
    if starts and (found := quick.block(data, cursor.at, end)):
        cursor.at = end
        yield found
    while pieces := separator.pieces(data, cursor.at, GROUP):
        if found := quick.group(pieces):
            cursor.at += separator.length(pieces)
            yield found
            continue
        events = parse_some(pieces)
        proved = pieces[: len(events)]
        cursor.at += separator.length(proved)
        yield from _strict(proved, events)
        if len(events) < len(pieces):
            return


def _strict(records: list[bytes], events: list[Any]) -> Iterator[Group]:
    """Yield what orjson parsed, if that is strict; else one by one, up to the one at fault."""
    if are_strict(records, events):
        yield records, events
    else:
        for record in records:
            yield [record], [parse_strictly(record)]


def _exact(data: bytes, cursor: Cursor) -> bytes | None:
    """Return the next element of an array, or None where the block ends before it."""
    cursor.at = start = skip_white(data, cursor.at)
    if start == len(data):
        return None
    _refuse_non_event(data, start)
    end = object_end(data, start)
    behind = skip_white(data, end)
    if end < 0 or behind == len(data):
        return None
    if end - start > MAX_EVENT_BYTES:
        raise too_large("json.size")
    if data[behind] not in b",]":
        raise RejectedError("json.syntax", "neither a comma nor a bracket behind it")
    cursor.at, cursor.closed = behind + 1, data[behind] == ord("]")
    return data[start:end]


def _refuse_non_event(data: bytes, at: int) -> None:
    start = data[at : at + 1]
    if start == b"{":
        return
    if start in b'["-0123456789tfn':
        raise RejectedError("export.not-an-event", "not a JSON object")
    raise RejectedError("json.syntax", "not JSON")


def lines(data: bytes, cursor: Cursor, quick: Filter, *, last: bool) -> Iterator[Group]:
    """Yield the records of JSON Lines; no JSON string holds a raw line feed, so each ends one.

    Lines of white space alone are no records.
    """
    whole = data.rfind(b"\n") + 1  # bytes of the lines that have ended
    if len(data) <= MAX_EVENT_BYTES and (found := quick.block(data, 0, whole)):
        cursor.at = whole
        yield found
    end = len(data) if last else whole
    records = [line.strip(b" \t\r") for line in data[cursor.at : end].split(b"\n")]
    records = [record for record in records if record]
    cut_off = last and not data.endswith(b"\n") and bool(records) and _is_cut(records[-1])
    if cut_off:
        del records[-1]
    group = GROUP if len(data) <= MAX_EVENT_BYTES else 1
    for at in range(0, len(records), group):
        yield from _lines(records[at : at + group], quick)
    if cut_off:
        raise RejectedError("export.truncated", "the export ends inside it")
    cursor.at = end


def _is_cut(record: bytes) -> bool:
    return record.startswith(b"{") and object_end(record, 0) < 0


def _lines(records: list[bytes], quick: Filter) -> Iterator[Group]:
    if len(records) == 1 and len(records[0]) > MAX_EVENT_BYTES:
        raise too_large("json.size")
    if found := quick.group(records):
        yield found
        return
    events = parse_some(records)
    if len(events) == len(records) and set(map(type, events)) == {dict}:
        yield from _strict(records, events)
        return
    for record in records:
        _refuse_non_event(record, 0)
        yield [record], [parse_strictly(record)]


def csv(data: bytes, cursor: Cursor, cells: Cells, quick: Filter, *, last: bool) -> Iterator[Group]:
    """Yield the records of CSV text, without their line endings."""
    whole = data.rfind(b"\n") + 1
    if len(data) <= MAX_EVENT_BYTES and (found := quick.block(data, 0, whole)):
        cursor.at = whole
        cursor.line = data.count(b"\n", 0, cursor.at)
        yield found
    records, rest = split_csv.records(data[cursor.at :])
    cut_off = last and bool(rest.count(b'"') & 1)
    if last and rest and not cut_off:
        records.append(rest)
        rest = b""
    group = GROUP if len(data) <= MAX_EVENT_BYTES else 1
    for at in range(0, len(records), group):
        yield from _rows(records[at : at + group], cursor, cells, quick)
    if cut_off:
        raise RejectedError("export.truncated", "the export ends inside quotes")
    cursor.at = len(data) - len(rest)


def _rows(records: list[bytes], cursor: Cursor, cells: Cells, quick: Filter) -> Iterator[Group]:
    if len(records) == 1 and len(records[0]) > MAX_EVENT_BYTES:
        raise too_large("csv.size")
    try:
        found = quick.group(records) or (records, cells.events(records))
    except RejectedError:
        if len(records) == 1:
            raise
        for record in records:
            yield from _rows([record], cursor, cells, quick)
    else:
        yield found
        cursor.line += len(records) + sum([record.count(b"\n") for record in records])


def too_large(code: str) -> RejectedError:
    """Return the error for a record that is too large."""
    return RejectedError(code, f"larger than {MAX_EVENT_BYTES:,} bytes")
