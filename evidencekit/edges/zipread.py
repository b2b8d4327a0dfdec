"""A bundle as a zip, read: all headers once and compared, members as they are asked for."""

import os
import zlib
from collections.abc import Mapping
from typing import Protocol

from evidencekit.core.zipcheck import (
    MAX_ENDS_SIZE,
    base_folder,
    check_local_header,
    parse_directory,
    parse_end,
)
from evidencekit.core.zipform import DEFLATED, Entry
from evidencekit.edges.members import BLOCK, MemberStream, reading
from evidencekit.edges.rawfile import let_go
from evidencekit.errors import RejectedError


class Archive(Protocol):
    """Bytes that can be read at any place."""

    size: int

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset``."""

    def check_unchanged(self) -> None:
        """Raise ``container.changed`` where the archive was written to meanwhile."""

    def close(self) -> None:
        """Let go of the handle."""


class BytesArchive:
    """An archive in memory."""

    def __init__(self, data: bytes) -> None:
        self._data, self.size = data, len(data)

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset``."""
        return self._data[offset : offset + size]

    def check_unchanged(self) -> None:
        """Nobody else can write to it."""

    def close(self) -> None:
        """There is nothing to let go of."""


class FileArchive:
    """An archive in an open file, of which only the handle is used, and never its position."""

    def __init__(self, handle: int, name: str, *, owned: bool) -> None:
        self._handle, self._name, self._owned = handle, name, owned
        self._found = os.fstat(handle)
        self.size = self._found.st_size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset``."""
        with reading(self._name):
            return os.pread(self._handle, size, offset)

    def check_unchanged(self) -> None:
        """Raise ``container.changed`` where the archive was written to meanwhile."""
        # Not by ctime: that moves when a co-signer's new file takes the name of this one.
        now, then = os.fstat(self._handle), self._found
        if (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns):
            told = f"{self._name}: was written while the bundle was read"
            raise RejectedError("container.changed", told)

    def close(self) -> None:
        """Close the handle, if it was opened for this."""
        if self._owned:
            let_go(self._handle)
            self._owned = False


class Zip:
    """The members of an archive whose every header byte is as it must be."""

    form = "zip"

    def __init__(self, archive: Archive) -> None:
        """Read and compare all headers of an ``archive``, which this object owns from now on.

        Raises ``RejectedError`` ``container.*``; no member was read by then.
        """
        self._archive = archive
        try:
            self.entries = self._read_entries()
            self.id = base_folder(self.entries)
            self._by_name = {entry.name: entry for entry in self.entries}
        except BaseException:
            self.close()
            raise

    @property
    def sizes(self) -> Mapping[str, int]:
        """The size of every member, known or not."""
        return {entry.name: entry.size for entry in self.entries}

    @property
    def present(self) -> frozenset[str]:
        """Every name that is taken."""
        return frozenset(self._by_name)

    @property
    def faults(self) -> tuple[RejectedError, ...]:
        """None: an archive is of the one form, or is not read at all."""
        return ()

    def open(self, name: str) -> MemberStream:
        """Return a member's stream."""
        entry = self._by_name[name]
        return (_Inflated if entry.method == DEFLATED else _Stored)(self._archive, entry)

    def raw(self, entry: Entry) -> MemberStream:
        """Return header and packed bytes of a member, as they stand in the archive."""
        return _Range(self._archive, entry.path, entry.offset, entry.end)

    def close(self) -> None:
        """Let go of the archive."""
        self._archive.close()

    def _read_entries(self) -> tuple[Entry, ...]:
        total = self._archive.size
        tail = self._exactly(max(0, total - MAX_ENDS_SIZE), min(total, MAX_ENDS_SIZE))
        if self._archive.read_at(0, 2) != b"PK" and b"PK\x05\x06" not in tail:
            told = "the file is not a zip; a bundle is a folder or a zip"
            raise RejectedError("container.not-a-bundle", told)
        count, size, offset = parse_end(tail, total)
        entries = parse_directory(self._exactly(offset, size), count, offset)
        for entry in entries:
            check_local_header(entry, self._exactly(entry.offset, entry.start - entry.offset))
        return entries

    def _exactly(self, offset: int, size: int) -> bytes:
        with _Range(self._archive, "archive", offset, offset + size) as stream:
            return stream.readall()


class _Range(MemberStream):
    """The bytes of an archive from one place to another."""

    def __init__(self, archive: Archive, name: str, start: int, end: int) -> None:
        super().__init__(name, end - start)
        self._archive, self._at = archive, start

    def _fetch(self, limit: int) -> bytes:
        data = self._archive.read_at(self._at, limit)
        self._at += len(data)
        return data

    def _finish(self) -> None:
        self._archive.check_unchanged()


class _Checked(MemberStream):
    """A member of an archive: what was read must have the CRC of its header."""

    def __init__(self, archive: Archive, entry: Entry) -> None:
        super().__init__(entry.name, entry.size)
        self._packed = _Range(archive, entry.name, entry.start, entry.end)
        self._crc, self._crc_so_far = entry.crc, 0

    def _fetch(self, limit: int) -> bytes:
        data = self._unpack(limit)
        self._crc_so_far = zlib.crc32(data, self._crc_so_far)
        return data

    def _unpack(self, limit: int) -> bytes:
        raise NotImplementedError

    def _finish(self) -> None:
        if self._crc_so_far != self._crc:
            sides = f"crc is {self._crc_so_far:#010x}, the header says {self._crc:#010x}"
            raise self._fault("crc", f"was damaged or changed since it was zipped ({sides})")


class _Stored(_Checked):
    def _unpack(self, limit: int) -> bytes:
        return self._packed.read(limit)


class _Inflated(_Checked):
    """Inflates as much as is asked for, and never more than one byte beyond the size promised."""

    def __init__(self, archive: Archive, entry: Entry) -> None:
        super().__init__(archive, entry)
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._waiting = b""  # packed bytes that were read and not yet inflated

    def _unpack(self, limit: int) -> bytes:
        while not self._inflater.eof:
            packed = self._waiting or self._packed.read(BLOCK)
            try:
                data = self._inflater.decompress(packed, limit)
            except zlib.error:
                raise self._fault("deflate", "its packed bytes are damaged") from None
            self._waiting = self._inflater.unconsumed_tail
            if data or not (packed or self._inflater.eof):
                return data
        return b""

    def _count(self, read: int) -> None:
        if self._left and not read:
            raise self._fault("size", f"inflates to {self._left:,} bytes less than {self.size:,}")
        super()._count(read)

    def _finish(self) -> None:
        super()._finish()
        if self._unpack(1):
            raise self._fault("size", f"inflates to more than {self.size:,} bytes")
        over = len(self._inflater.unused_data) + len(self._packed.read(1))
        if not self._inflater.eof or over:
            raise self._fault("deflate", "its packed bytes do not end where the header says")
        self._packed.close()
