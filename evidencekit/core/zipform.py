"""The one form of a bundle's zip: every byte but the members' own follows from five values each.

A reader takes those values (name, CRC, two sizes, place) from the central directory, writes every
header anew from them, and compares: one that differs anywhere is refused, so there is nothing left
that two readers could understand in two ways. ``docs/format-zip.md`` is the specification.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from evidencekit.core.names import is_large

STORED, DEFLATED = 0, 8
ZIP64_FROM = 0xFF00_0000  # the size from which it has zip64 sizes; DEFLATE may add up to 16 MiB
FULL_32 = 0xFFFF_FFFF  # stands in a field whose value is in the zip64 one
_PLAIN, _ZIP64, _MADE_BY = 20, 45, 0x032D  # versions: 2.0; 4.5; 4.5 on Unix
_DATE = 0x0021  # 1980-01-01, the first date there is; the time is 00:00:00
_REGULAR_0644 = 0o100644 << 16

LOCAL = struct.Struct("<IHHHHHIIIHH")
CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
END64 = struct.Struct("<IQHHIIQQQQ")
LOCATOR = struct.Struct("<IIQI")
END = struct.Struct("<IHHHHIIH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One member: its path with the base folder, and the values that its headers are made of."""

    path: str  # one character for each byte, so that a foreign name is rebuilt as it was
    crc: int
    size: int
    packed: int  # the size inside the archive
    offset: int  # of its local header

    @property
    def name(self) -> str:
        """The path below the base folder."""
        return self.path.partition("/")[2]

    @property
    def method(self) -> int:
        """What is read in pieces is compressed, everything else is stored as it is."""
        return method_of(self.name)

    @property
    def start(self) -> int:
        """Where the member's bytes begin."""
        return self.offset + LOCAL.size + len(self.path) + (20 if self.size >= ZIP64_FROM else 0)

    @property
    def end(self) -> int:
        """Where the next local header begins, or the central directory."""
        return self.start + self.packed


def method_of(name: str) -> int:
    """Return the method that a member of this name has."""
    return DEFLATED if is_large(name) else STORED


def local_header(entry: Entry) -> bytes:
    """Return what stands before a member's bytes."""
    values = (0x04034B50, *_common(entry, extra=20 if entry.size >= ZIP64_FROM else 0))
    extra = b""
    if entry.size >= ZIP64_FROM:
        extra = struct.pack("<HHQQ", 1, 16, entry.size, entry.packed)
    return LOCAL.pack(*values) + entry.path.encode("latin-1") + extra


def central_header(entry: Entry) -> bytes:
    """Return a member's record in the central directory."""
    wide = [entry.size, entry.packed] if entry.size >= ZIP64_FROM else []
    wide += [entry.offset] if entry.offset >= FULL_32 else []
    extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    attributes = (0, 0, 0, _REGULAR_0644)
    values = (*_common(entry, extra=len(extra)), *attributes, min(entry.offset, FULL_32))
    return CENTRAL.pack(0x02014B50, _MADE_BY, *values) + entry.path.encode("latin-1") + extra


def _common(entry: Entry, *, extra: int) -> tuple[int, ...]:
    sizes = (entry.packed, entry.size)
    if entry.size >= ZIP64_FROM:
        sizes = (FULL_32, FULL_32)
    version = _ZIP64 if extra else _PLAIN
    return (version, 0, entry.method, 0, _DATE, entry.crc, *sizes, len(entry.path), extra)


def end_records(count: int, size: int, offset: int) -> bytes:
    """Return what stands after a central directory of that many records and bytes at ``offset``."""
    before = b""
    if offset >= FULL_32:
        length = END64.size - 12
        values = (length, _MADE_BY, _ZIP64, 0, 0, count, count, size, offset)
        before = END64.pack(0x06064B50, *values)
        before += LOCATOR.pack(0x07064B50, 0, offset + size, 1)
    shown = min(offset, FULL_32)
    return before + END.pack(0x06054B50, 0, 0, count, count, size, shown, 0)


def directory(entries: Sequence[Entry]) -> bytes:
    """Return everything after the last member's bytes."""
    records = b"".join(map(central_header, entries))
    return records + end_records(len(entries), len(records), entries[-1].end)
