"""A bundle as a zip, written: names sorted, headers as ``core.zipform`` has them, in one pass.

A header tells CRC and sizes, which are known only after its member was packed: so its place is left
free first, and the header is written last.
"""

import io
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from evidencekit.core.names import check_name
from evidencekit.core.zipform import DEFLATED, Entry, directory, local_header
from evidencekit.edges.rawfile import BLOCK, InputFile, shown
from evidencekit.edges.zipread import Zip
from evidencekit.errors import UndecidedError


class Packer(Protocol):
    """What ``zlib.compressobj`` returns."""

    def compress(self, data: bytes, /) -> bytes:
        """Return what can be written so far."""

    def flush(self) -> bytes:
        """Return the rest."""


def zlib_packer() -> Packer:
    """Return the compressor that every Python has."""
    return zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)


def fastest_packer() -> Packer:
    """Return ISA-L's compressor where the package ``isal`` is installed, else zlib's."""
    try:
        from isal import isal_zlib  # noqa: PLC0415  (an extra: four times as fast)
    except ImportError:
        return zlib_packer()
    packer: Packer = isal_zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer


def write_zip(
    file: BinaryIO,
    base: str,
    members: Mapping[str, bytes | Path],
    *,
    packer: Callable[[], Packer] = fastest_packer,
    advance: Callable[[int], None] | None = None,
) -> None:
    """Write a bundle as its canonical zip to a new ``file`` that can be sought in.

    A ``Path`` is read in pieces; ``advance`` gets the bytes packed so far. The same members give
    the same bytes with the same compressor.
    """
    for name in (base, *members):
        check_name(name)
    packer = _Telling(packer, advance) if advance else packer
    entries: list[Entry] = []
    for name, content in sorted(members.items()):
        offset = entries[-1].end if entries else 0
        entries.append(_write_member(file, f"{base}/{name}", content, offset, packer))
    file.write(directory(entries))


def rewrite_zip(
    file: BinaryIO, source: Zip, added: Mapping[str, bytes], replaced: Collection[str] = ()
) -> None:
    """Write the members of ``source`` and the ``added`` ones; those of the source keep their bytes.

    Raises ``UndecidedError`` ``output.exists`` where a name is taken that is not to be
    ``replaced``, and writes nothing then.
    """
    for name in added:
        check_name(name)
        if name in source.sizes and name not in replaced:
            raise UndecidedError("output.exists", f"{name}: exists already in the bundle")
    kept = {entry.name: entry for entry in source.entries}
    entries: list[Entry] = []
    for name in sorted({*kept, *added}):
        offset = entries[-1].end if entries else 0
        if name in added:
            entry = _write_member(file, f"{source.id}/{name}", added[name], offset)
        else:
            entry = _copy_member(file, source, kept[name], offset)
        entries.append(entry)
    file.write(directory(entries))


def _copy_member(file: BinaryIO, source: Zip, entry: Entry, offset: int) -> Entry:
    """Copy header and packed bytes; a local header does not tell where it stands."""
    with source.raw(entry) as stream:
        while block := stream.read(BLOCK):
            file.write(block)
    return replace(entry, offset=offset)


def _write_member(
    file: BinaryIO,
    path: str,
    content: bytes | Path,
    offset: int,
    packer: Callable[[], Packer] = fastest_packer,
) -> Entry:
    entry = Entry(path=path, crc=0, size=0, packed=0, offset=offset)
    pack = packer() if entry.method == DEFLATED else _Plain()
    if isinstance(content, bytes):
        return _write_stream(file, replace(entry, size=len(content)), io.BytesIO(content), pack)
    with InputFile(content, family="output") as reader:
        entry = _write_stream(file, replace(entry, size=reader.size), reader, pack)
        if reader.size != entry.size:
            told = f"{shown(content)}: was written while it was read"
            raise UndecidedError("output.source-changed", told)
    return entry


def _write_stream(
    file: BinaryIO, entry: Entry, reader: io.BytesIO | InputFile, packer: Packer
) -> Entry:
    """Pack as many bytes as the entry says, then write the header into the place left for it."""
    file.seek(entry.start)
    crc, packed, left = 0, 0, entry.size
    while left and (block := reader.read(min(left, BLOCK))):
        crc, left = zlib.crc32(block, crc), left - len(block)
        packed += file.write(packer.compress(block))
    packed += file.write(packer.flush())
    if left:
        raise UndecidedError("output.source-changed", f"{entry.name}: became shorter meanwhile")
    entry = replace(entry, crc=crc, packed=packed)
    file.seek(entry.offset)
    file.write(local_header(entry))
    file.seek(entry.end)
    return entry


class _Telling:
    """Packs like the packers it makes, one after the other, and tells of all bytes so far."""

    def __init__(self, make: Callable[[], Packer], advance: Callable[[int], None]) -> None:
        self._make, self._advance = make, advance
        self._packer = make()
        self._done = 0

    def __call__(self) -> Packer:
        self._packer = self._make()
        return self

    def compress(self, data: bytes, /) -> bytes:
        self._done += len(data)
        self._advance(self._done)
        return self._packer.compress(data)

    def flush(self) -> bytes:
        return self._packer.flush()


class _Plain:
    """Packs nothing: what is stored is written as it is."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""
