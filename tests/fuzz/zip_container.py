"""The zip container, read from raw bytes.

Only ``container.*`` refusals; and whatever is accepted is rebuilt from five values a member to the
very same bytes, and says the same to two other readers: Python's ``zipfile``, which goes by the
central directory, and one that goes from local header to local header.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from evidencekit.core import zipform
from evidencekit.core.names import check_name
from evidencekit.core.zipform import CENTRAL, LOCAL, Entry
from evidencekit.edges.container import open_bundle
from evidencekit.edges.zipread import BytesArchive, Zip
from evidencekit.errors import RejectedError
from fuzz import HOME
from fuzz.oracle import Inner, asked, put, spot

MAX_LEN = 4_096
CORPUS = HOME.parents[1].parent / "shared/corpora/zip-warehouse"
NAMES = ("bagit.txt", "data/manifest.json", "data/export/events.json", "data/attachments/a.txt")
PARTS = (b"../", b"/", b"\\", b"con", b".", b"~1", b"A", b"\xc3\xa9", b"\0", b" ", b"x" * 200)
DICTIONARY = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\x08", b"\xff" * 4)
Member = tuple[str, bytes]


def one_input(data: bytes) -> None:
    """Read one archive in every way there is."""
    found, refusal = asked(lambda: _read(data, None), RejectedError, ("container",))
    bundle, _ = asked(lambda: open_bundle(data), RejectedError, ("container",))
    if bundle is not None:
        assert all(fault.code.startswith("container.") for fault in bundle.faults)
    again, other = asked(lambda: _read(data, 1 + len(data) % 61), RejectedError, ("container",))
    assert again == found, "small reads give other bytes"
    assert (refusal and refusal.code) == (other and other.code), "small reads give another code"
    if found is not None:
        check_rebuilt(Zip(BytesArchive(data)).entries, data)
    if found is not None and _is_spelled_right(found):
        assert found == by_central_directory(data), "zipfile reads something else"
        assert found == from_front_to_back(data), "a reader of local headers reads something else"


def _read(data: bytes, step: int | None) -> list[Member]:
    archive = Zip(BytesArchive(data))
    found = []
    for entry in archive.entries:
        stream = archive.open(entry.name)
        content = (
            stream.readall() if step is None else b"".join(iter(partial(stream.read, step), b""))
        )
        found.append((entry.path, content))
        assert len(found[-1][1]) == entry.size
    return found


def _is_spelled_right(found: list[Member]) -> bool:
    """Tell whether a bundle may hold such names; other readers make other names of the rest."""
    try:
        for path, _ in found:
            check_name(path)
    except RejectedError:
        return False
    return True


def check_rebuilt(entries: Iterable[Entry], data: bytes) -> None:
    """Hold an archive against the one that is made of its entries and packed bytes."""
    entries = tuple(entries)
    body = b"".join(
        zipform.local_header(entry) + data[entry.start : entry.end] for entry in entries
    )
    assert body + zipform.directory(entries) == data, "is accepted, and rebuilt to other bytes"


def by_central_directory(data: bytes) -> list[Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert not archive.comment
        for info in archive.infolist():
            assert not info.is_dir()
            assert info.external_attr >> 16 == 0o100644
            assert info.orig_filename == info.filename
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def from_front_to_back(data: bytes) -> list[Member]:
    found, at = [], 0
    while data[at : at + 4] == b"PK\3\4":
        method, packed, size, name, extra = struct.unpack_from("<8xH8xIIHH", data, at)
        start = at + LOCAL.size + name + extra
        body = data[start : start + packed]
        content = zlib.decompress(body, -15) if method == zipform.DEFLATED else body
        assert len(content) == size
        found.append((data[at + LOCAL.size :][:name].decode("ascii"), content))
        at = start + packed
    assert data[at : at + 4] == b"PK\1\2"
    return found


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield small archives that are accepted."""
    texts = {name: name.encode() * 3 for name in NAMES}
    yield "one", assemble([pack("b/bagit.txt", b"BagIt\n")])
    yield "empty-member", assemble([pack("b/bagit.txt", b"")])
    yield "four", assemble([pack(f"b/{name}", texts[name]) for name in sorted(texts)])
    for level in (0, 1, 9):
        member = pack("b/data/export/events.json", b"[{}]" * 40, level)
        yield f"deflate-{level}", assemble([member])
    two = [pack("b/data/attachments/a", b"a" * 300), pack("b/data/attachments/b", b"")]
    yield "attachments", assemble(two)
    yield "not-a-zip", b"PK"


def foreign() -> Iterator[tuple[str, bytes]]:
    """Yield the archives of Warehouse; nothing where they are not there."""
    for path in sorted(CORPUS.rglob("*.*")):
        if path.is_file() and path.stat().st_size <= MAX_LEN:
            yield path.name, path.read_bytes()


def pack(path: str, content: bytes, level: int = 6) -> tuple[Entry, bytes]:
    """Return a member with right values and its packed bytes; its place is not known yet."""
    entry = Entry(path=path, crc=zlib.crc32(content), size=len(content), packed=0, offset=0)
    body = content
    if entry.method == zipform.DEFLATED:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        body = packer.compress(content) + packer.flush()
    return replace(entry, packed=len(body)), body


def assemble(members: list[tuple[Entry, bytes]]) -> bytes:
    """Return an archive of the one form with these members."""
    body, placed = b"", []
    for entry, packed in members:
        placed.append(replace(entry, offset=len(body), packed=len(packed)))
        body += zipform.local_header(placed[-1]) + packed
    return body + zipform.directory(placed)


def mutate(data: bytes, max_size: int, rng: random.Random, inner: Inner) -> bytes:
    """Change what checksums and places would hide from a change of bytes; or just bytes."""
    try:
        archive = Zip(BytesArchive(data))
        members = [(e, data[e.start : e.end]) for e in archive.entries]
    except RejectedError:
        return spot(data, rng, inner) if rng.random() < 0.5 else inner(data, max_size)
    if rng.random() < 0.4:
        return _fields(data, rng) if rng.random() < 0.6 else spot(data, rng, inner)
    at = rng.randrange(len(members))
    members[at : at + 1] = _changed(*members[at], rng, inner)
    if rng.random() < 0.7:
        members.sort(key=lambda member: member[0].path)
    return assemble(members[:8] or [pack("b/bagit.txt", b"")])


def _changed(
    entry: Entry, body: bytes, rng: random.Random, inner: Inner
) -> list[tuple[Entry, bytes]]:
    """Return what stands in a member's place: headers are right again, or nearly."""
    match rng.randrange(8):
        case 0:
            return []
        case 1:
            return [(entry, body), (entry, body)]
        case 2:
            return [(entry, body), pack(f"b/{rng.choice(NAMES)}", inner(body, 200))]
        case 3:
            path = put(entry.path.encode("latin-1"), rng.choice(PARTS), rng)
            return [(replace(entry, path=path.decode("latin-1")), body)]
        case 4:  # other packed bytes, under the CRC and size of what they hold
            packed = inner(body, len(body) + 32)
            return [(_measured(entry, packed), packed)]
        case 5:
            values = {rng.choice(("crc", "size")): rng.choice((0, 1, entry.size ^ 1, 0xFF00_0000))}
            return [(replace(entry, **values), body)]
        case 6:
            content = spot(body if entry.method == zipform.STORED else b"[{}]", rng, inner)
            return [pack(entry.path, content, rng.randrange(10))]
        case _:
            return [(entry, body), pack(f"b/data/attachments/{rng.randrange(9)}", b"x")]


def _measured(entry: Entry, packed: bytes) -> Entry:
    content = packed
    if entry.method == zipform.DEFLATED:
        inflater = zlib.decompressobj(-15)
        try:
            content = inflater.decompress(packed, 1 << 16)
        except zlib.error:
            return entry
    return replace(entry, crc=zlib.crc32(content), size=len(content), packed=len(packed))


def _fields(data: bytes, rng: random.Random) -> bytes:
    """Return an archive with one header field changed, in one header or in both of a member."""
    entries = Zip(BytesArchive(data)).entries
    entry = rng.choice(entries)
    central = data.rindex(entry.path.encode("latin-1")) - CENTRAL.size
    place = rng.randrange(4, LOCAL.size)
    value = rng.choice((0, 1, 8, 20, 45, 0x80, 0xFF, rng.randrange(256)))
    changed = bytearray(data)
    which = rng.randrange(4)
    if which != 1:
        changed[entry.offset + place] = value
    if which != 0:
        changed[central + (place + 2 if which < 3 else rng.randrange(CENTRAL.size))] = value
    return bytes(changed)
