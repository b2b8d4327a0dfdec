"""Read the headers of a bundle's zip, each of them compared with what it must be.

Every function raises ``RejectedError``, and the code says what differs: ``container.layout``,
``.header``, ``.feature``, ``.type``, ``.zip64``, ``.size``, ``.order``, ``.duplicate``,
``.members``, ``.name``.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from evidencekit.core.names import check_name, is_large
from evidencekit.core.visible import visible
from evidencekit.core.zipform import (
    CENTRAL,
    DEFLATED,
    END,
    END64,
    FULL_32,
    LOCAL,
    LOCATOR,
    ZIP64_FROM,
    Entry,
    central_header,
    end_records,
    local_header,
)
from evidencekit.errors import RejectedError
from evidencekit.limits import (
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    MAX_NAME_BYTES,
    MAX_SMALL_MEMBER_BYTES,
)

MAX_ENDS_SIZE = END64.size + LOCATOR.size + END.size
MAX_DIRECTORY_SIZE = MAX_MEMBERS * (CENTRAL.size + 2 * MAX_NAME_BYTES + 1 + 28)
_PACKED_AGAIN = (
    "this zip is not as evidencekit wrote it: most likely somebody packed it again; unpack it and "
    "give the folder to check the content, and ask the sender for the original"
)
_MAX_RATIO = 1032  # of DEFLATE: 258 bytes from two bits


@dataclass(frozen=True, slots=True)
class _Header:
    """A kind of header: its fields, and the code that tells what a different value means."""

    kind: str
    form: struct.Struct
    fields: tuple[tuple[str, str], ...]


_COMMON = (
    ("version needed", "feature"),
    ("flags", "feature"),
    ("method", "feature"),
    ("time", "header"),
    ("date", "header"),
    ("crc", "header"),
    ("compressed size", "header"),
    ("size", "header"),
    ("name length", "header"),
    ("extra length", "feature"),
)
_LOCAL = _Header("local header", LOCAL, (("signature", "layout"), *_COMMON))
_CENTRAL = _Header(
    "central header",
    CENTRAL,
    (
        ("signature", "layout"),
        ("version made by", "header"),
        *_COMMON,
        ("comment length", "feature"),
        ("disk", "feature"),
        ("internal attributes", "header"),
        ("external attributes", "type"),
        ("offset", "layout"),
    ),
)


def parse_end(tail: bytes, total: int) -> tuple[int, int, int]:
    """Return count, size and offset of the central directory of an archive of ``total`` bytes.

    ``tail`` is the archive's last ``MAX_ENDS_SIZE`` bytes, or all of them.
    """
    if len(tail) < END.size or tail[-END.size :][:4] != b"PK\x05\x06":
        raise _fault("layout", "archive", "does not end in an end record without a comment")
    count, size, offset = END.unpack(tail[-END.size :])[4:7]
    if offset == FULL_32:
        if len(tail) < MAX_ENDS_SIZE:
            raise _fault("zip64", "end record", "says zip64, and there is no zip64 record")
        offset = END64.unpack_from(tail)[-1]
    code = "zip64" if offset >= FULL_32 else "layout"
    if offset + size >= total:
        raise _fault(code, "end record", "tells of a central directory beyond the archive's end")
    expected = end_records(count, size, offset)
    if not tail.endswith(expected):
        raise _fault(code, "end record", "is not the one that follows from its count and offset")
    if offset + size + len(expected) != total:
        sides = f"ends at {offset + size:,}, the end record begins at {total - len(expected):,}"
        raise _fault("layout", "central directory", sides)
    if not 1 <= count <= MAX_MEMBERS or size > MAX_DIRECTORY_SIZE:
        sides = f"{count:,} members in {size:,} bytes, at most {MAX_MEMBERS:,} are read"
        raise _fault("members", "central directory", sides)
    return count, size, offset


def parse_directory(data: bytes, count: int, offset: int) -> tuple[Entry, ...]:
    """Return the members that a central directory at ``offset`` lists, in their order."""
    entries: list[Entry] = []
    place = position = 0
    for _ in range(count):
        entry, position = _parse_record(data, position, place)
        _check_order(entries[-1].path if entries else "", entry.path)
        _check_size(entry)
        entries.append(entry)
        place = entry.end
    if position != len(data) or place != offset:
        sides = f"the members end at {place:,}, the central directory begins at {offset:,}"
        raise _fault("layout", "archive", sides)
    if sum(entry.size for entry in entries) > MAX_MEMBER_BYTES:
        raise _fault("size", "archive", f"its members have more than {MAX_MEMBER_BYTES:,} bytes")
    return tuple(entries)


def check_local_header(entry: Entry, data: bytes) -> None:
    """Compare what stands before a member's bytes with what must."""
    if data != (expected := local_header(entry)):
        raise _difference(_LOCAL, entry.path, data, expected)


def base_folder(entries: Sequence[Entry]) -> str:
    """Return the one folder that all members lie in."""
    base = entries[0].path.partition("/")[0]
    check_name(base)
    for entry in entries:
        if not entry.path.startswith(f"{base}/"):
            sides = f"lies outside {base}/, the folder that the archive is of"
            raise _fault("name", entry.path, sides)
    return base


def _parse_record(data: bytes, position: int, place: int) -> tuple[Entry, int]:
    """Return the member that the record at ``position`` must be about, and where the next is."""
    try:
        fields = CENTRAL.unpack_from(data, position)
    except struct.error:
        raise _fault("layout", "central directory", "is shorter than its count says") from None
    crc, packed, size, name_length = fields[7:11]
    name_at = position + CENTRAL.size
    path = data[name_at : name_at + name_length].decode("latin-1")
    if size == FULL_32:
        size, packed = _wide_sizes(data, name_at + name_length, path)
    entry = Entry(path=path, crc=crc, size=size, packed=packed, offset=place)
    expected = central_header(entry)
    actual = data[position : position + len(expected)]
    if actual != expected:
        raise _difference(_CENTRAL, path, actual, expected)
    return entry, position + len(expected)


def _wide_sizes(data: bytes, position: int, path: str) -> tuple[int, int]:
    try:
        size, packed = struct.unpack_from("<4xQQ", data, position)
    except struct.error:
        raise _fault("zip64", path, "says zip64, and has no zip64 sizes") from None
    if size < ZIP64_FROM:
        raise _fault("zip64", path, f"has zip64 sizes for {size:,} bytes, which need none")
    return int(size), int(packed)


def _check_order(before: str, path: str) -> None:
    if path == before:
        raise _fault("duplicate", path, "is there twice")
    if path < before:
        sides = f"stands after {visible(before, limit=300)}, names are sorted"
        raise _fault("order", path, sides, hint=_PACKED_AGAIN)


def _check_size(entry: Entry) -> None:
    limit = MAX_MEMBER_BYTES if is_large(entry.name) else MAX_SMALL_MEMBER_BYTES
    if entry.size > limit:
        sides = f"has {entry.size:,} bytes, at most {limit:,} are read"
        raise _fault("size", entry.path, sides)
    least, most = entry.size, entry.size
    if entry.method == DEFLATED:
        least, most = -(-entry.size // _MAX_RATIO), entry.size + (entry.size >> 8) + 64
    if not least <= entry.packed <= most:
        sides = f"{entry.packed:,} bytes cannot hold {entry.size:,}"
        raise _fault("size", entry.path, sides)


def _difference(header: _Header, path: str, actual: bytes, expected: bytes) -> RejectedError:
    """Return the fault of the first field in which two headers differ."""
    if len(actual) < header.form.size:
        return _fault("layout", path, f"{header.kind} is cut")
    values = zip(header.form.unpack_from(actual), header.form.unpack_from(expected), strict=True)
    for (field, code), (is_value, must_be) in zip(header.fields, values, strict=True):
        if is_value != must_be:
            sides = f"{field} is {is_value:#x}, must be {must_be:#x}"
            return _fault(code, path, f"{header.kind}: {sides}", hint=_PACKED_AGAIN)
    sides = f"{header.kind}: name or zip64 field is not as it must be"
    return _fault("header", path, sides, hint=_PACKED_AGAIN)


def _fault(code: str, where: str, sides: str, *, hint: str | None = None) -> RejectedError:
    return RejectedError(f"container.{code}", f"{visible(where, limit=300)}: {sides}", hint=hint)
