"""Wrong zips: every field of every header, the layout, the names and the packed bytes."""

import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from evidencekit.core import zipform
from evidencekit.core.zipform import CENTRAL, END, END64, LOCAL, LOCATOR, Entry
from forge.bench import EXPORT, Made
from forge.kinds import add, kind, thin

Packed = tuple[Entry, bytes]
SUMMARY = "data/summary.md"


def deflate(data: bytes) -> bytes:
    """Return DEFLATE that no two libraries write differently: stored blocks."""
    packer = zlib.compressobj(0, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def packed(path: str, data: bytes) -> Packed:
    """Return a member as it stands in a zip; ``path`` with the base folder."""
    entry = Entry(path=path, crc=zlib.crc32(data), size=len(data), packed=len(data), offset=0)
    if entry.method == zipform.DEFLATED:
        body = deflate(data)
        return replace(entry, packed=len(body)), body
    return entry, data


def parts(made: Made) -> list[Packed]:
    """Return the members of a bundle as they stand in its zip."""
    return [packed(f"{made.base}/{name}", made.members[name]) for name in sorted(made.members)]


def assemble(pairs: Iterable[Packed]) -> bytes:
    """Return a zip of these members, in this order, with every header in its one form."""
    body, placed = b"", []
    for entry, data in pairs:
        placed.append(replace(entry, offset=len(body)))
        body += zipform.local_header(placed[-1]) + data
    return body + zipform.directory(placed)


def zipped(made: Made) -> bytes:
    """Return the canonical zip of a bundle."""
    return assemble(parts(made))


def whole() -> bytes:
    """Return the good zip that wrongs are done to."""
    return zipped(thin())


def at(data: bytes, place: int, form: str, value: int) -> bytes:
    """Return bytes with one number of them replaced."""
    return data[:place] + struct.pack(form, value) + data[place + struct.calcsize(form) :]


def places(data: bytes, name: str = SUMMARY) -> tuple[int, int]:
    """Return where local and central header of a member are."""
    path = f"/{name}".encode()
    local, central = data.index(path), data.rindex(path)
    base = thin().base.encode()
    return local - len(base) - LOCAL.size, central - len(base) - CENTRAL.size


def in_local(place: int, form: str, value: int, name: str = SUMMARY) -> bytes:
    """Return the good zip with a field of a local header replaced."""
    data = whole()
    return at(data, places(data, name)[0] + place, form, value)


def in_central(place: int, form: str, value: int, name: str = SUMMARY) -> bytes:
    """Return the good zip with a field of a central header replaced."""
    data = whole()
    return at(data, places(data, name)[1] + place, form, value)


def in_both(local: int, central: int, form: str, value: int, name: str = SUMMARY) -> bytes:
    """Return the good zip with a field replaced alike in both headers."""
    data = whole()
    first, second = places(data, name)
    return at(at(data, first + local, form, value), second + central, form, value)


def in_end(place: int, form: str, value: int) -> bytes:
    """Return the good zip with a field of its end record replaced."""
    data = whole()
    return at(data, len(data) - END.size + place, form, value)


def renamed(new: str, name: str = SUMMARY) -> bytes:
    """Return the good zip with a member's path replaced in both headers, and sorted again."""
    base = thin().base

    def one(pair: Packed) -> Packed:
        entry, data = pair
        return (replace(entry, path=new), data) if entry.path == f"{base}/{name}" else pair

    return assemble(sorted(map(one, parts(thin())), key=lambda pair: pair[0].path))


def changed(name: str, change: Callable[[Entry, bytes], Packed]) -> bytes:
    """Return the good zip with one member changed in header and packed bytes."""
    path = f"{thin().base}/{name}"
    return assemble(change(*pair) if pair[0].path == path else pair for pair in parts(thin()))


LOCAL_FIELDS = (
    ("version", 4, "<H", 45, "feature"),
    ("flags", 6, "<H", 0x800, "feature"),
    ("method", 8, "<H", 8, "feature"),
    ("time", 10, "<H", 1, "header"),
    ("date", 12, "<H", 0x22, "header"),
    ("crc", 14, "<I", 1, "header"),
    ("packed-size", 18, "<I", 1, "header"),
    ("size", 22, "<I", 1, "header"),
    ("name-length", 26, "<H", 3, "header"),
    ("extra-length", 28, "<H", 4, "feature"),
)
for _name, _place, _form, _value, _code in LOCAL_FIELDS:
    add(
        f"zip-local-{_name}",
        "container",
        f"container.{_code}",
        lambda p=_place, f=_form, v=_value: in_local(p, f, v),
    )
add("zip-local-signature", "container", "container.layout", lambda: in_local(0, "<I", 0x04034B51))
add("zip-local-name", "container", "container.header", lambda: in_local(LOCAL.size, "<B", 0x66))

CENTRAL_FIELDS = (
    ("signature", 0, "<I", 0x02014B51, "layout"),
    ("made-by", 4, "<H", 0x0014, "header"),
    ("comment", 32, "<H", 1, "feature"),
    ("disk", 34, "<H", 1, "feature"),
    ("internal-attributes", 36, "<H", 1, "header"),
    ("mode-link", 38, "<I", 0o120777 << 16, "type"),
    ("mode-folder", 38, "<I", 0o040755 << 16, "type"),
    ("mode-fifo", 38, "<I", 0o010644 << 16, "type"),
    ("mode-device", 38, "<I", 0o020644 << 16, "type"),
    ("mode-set-uid", 38, "<I", 0o104755 << 16, "type"),
    ("mode-0777", 38, "<I", 0o100777 << 16, "type"),
    ("offset", 42, "<I", 7, "layout"),
)
for _name, _place, _form, _value, _code in CENTRAL_FIELDS:
    add(
        f"zip-central-{_name}",
        "container",
        f"container.{_code}",
        lambda p=_place, f=_form, v=_value: in_central(p, f, v),
    )
for _name, _value in (
    ("encrypted", 1),
    ("data-descriptor", 8),
    ("utf8-names", 0x800),
    ("masked", 0x2000),
):
    add(
        f"zip-flag-{_name}",
        "container",
        "container.feature",
        lambda v=_value: in_both(6, 8, "<H", v),
    )
for _value in (9, 12, 14, 93, 95, 99):
    add(
        f"zip-method-{_value}",
        "container",
        "container.feature",
        lambda v=_value: in_both(8, 10, "<H", v),
    )
add(
    "zip-export-stored",
    "container",
    "container.feature",
    lambda: in_both(8, 10, "<H", 0, EXPORT),
)


@kind("zip-extra-field", "container", "container.feature")
def _extra_field() -> bytes:
    """A Unicode path in both headers, which some readers take for the name."""
    extra = struct.pack("<HHBI", 0x7075, 9, 1, 0) + b"evil"
    body, records = b"", b""
    pairs = parts(thin())
    for entry, data in pairs:
        placed = replace(entry, offset=len(body))
        local, central = zipform.local_header(placed), zipform.central_header(placed)
        if entry.name == SUMMARY:
            local = at(local, 28, "<H", len(extra)) + extra
            central = at(central, 30, "<H", len(extra)) + extra
        body += local + data
        records += central
    return body + records + zipform.end_records(len(pairs), len(records), len(body))


# Layout.
def _spliced(place: Callable[[bytes], int], insert: bytes) -> bytes:
    data = whole()
    where = place(data)
    return data[:where] + insert + data[where:]


def _directory(data: bytes) -> int:
    return int(END.unpack(data[-END.size :])[6])


add("zip-byte-before", "container", "container.layout", lambda: b"\n" + whole())
add("zip-byte-after", "container", "container.layout", lambda: whole() + b"\n")
add(
    "zip-byte-between-members",
    "container",
    "container.layout",
    lambda: _spliced(lambda data: places(data)[0], b"\0"),
)
add(
    "zip-byte-before-directory",
    "container",
    "container.layout",
    lambda: _spliced(_directory, b"\0"),
)
add(
    "zip-byte-after-directory",
    "container",
    "container.layout",
    lambda: _spliced(lambda data: len(data) - END.size, b"\0"),
)
add("zip-comment", "container", "container.layout", lambda: in_end(20, "<H", 4) + b"note")
add("zip-after-another", "container", "container.layout", lambda: whole() + whole())
add("zip-in-a-comment", "container", "container.layout", lambda: in_end(20, "<H", 9) + whole())
add("zip-after-a-script", "container", "container.layout", lambda: b"#!/bin/sh\n" + whole())
add("zip-cut-in-the-end", "container", "container.layout", lambda: whole()[:-1])
add("zip-cut-in-the-middle", "container", "container.layout", lambda: whole()[: len(whole()) // 2])
add("zip-without-an-end", "container", "container.layout", lambda: whole()[: -END.size])
add("zip-empty", "container", "container.members", lambda: END.pack(0x06054B50, *[0] * 7))
add("file-empty", "container", "container.not-a-bundle", lambda: b"")
add("file-not-a-zip", "container", "container.not-a-bundle", lambda: b"%PDF-1.4\n%%EOF\n")
add("zip-end-disk", "container", "container.layout", lambda: in_end(4, "<H", 1))
add("zip-end-count-low", "container", "container.layout", lambda: in_end(8, "<I", 0x000B000B))
add("zip-end-count-high", "container", "container.layout", lambda: in_end(8, "<I", 0x00200020))
add("zip-end-counts-differ", "container", "container.layout", lambda: in_end(8, "<H", 5))
add("zip-end-size", "container", "container.layout", lambda: in_end(12, "<I", 9))
add("zip-end-offset", "container", "container.layout", lambda: in_end(16, "<I", 9))


@kind("zip-members-overlap", "container", "container.layout")
def _overlap() -> bytes:
    """Two names over the same bytes, as a bomb has them: the second one's header is the first's."""
    pairs = parts(thin())
    summary = next(pair for pair in pairs if pair[0].name == SUMMARY)
    index = pairs.index(summary)
    body, records, start = b"", b"", 0
    for number, (entry, data) in enumerate(pairs):
        if number == index + 1:
            twin = replace(summary[0], path=entry.path, offset=start)
            records += zipform.central_header(twin)
            continue
        start = len(body)
        placed = replace(entry, offset=start)
        body += zipform.local_header(placed) + data
        records += zipform.central_header(placed)
    return body + records + zipform.end_records(len(pairs), len(records), len(body))


# zip64.
add("zip64-end-without-record", "container", "container.zip64", lambda: in_end(16, "<I", 2**32 - 1))
add("zip64-sizes-absent", "container", "container.zip64", lambda: in_central(24, "<I", 2**32 - 1))
LAST = "tagmanifest-sha256.txt"  # its record ends the directory: nothing follows it
add(
    "zip64-sizes-absent-at-the-end",
    "container",
    "container.zip64",
    lambda: in_central(24, "<I", 2**32 - 1, LAST),
)


@kind("zip-member-of-17-mebibytes", "container", "container.size")
def _too_large() -> bytes:
    """A page that says to have 17 MiB, which are read into memory nowhere."""
    data = in_central(20, "<I", 17 << 20)
    return at(data, places(data)[1] + 24, "<I", 17 << 20)


@kind("zip64-not-needed", "container", "container.layout")
def _zip64_not_needed() -> bytes:
    data = whole()
    count, size, offset = END.unpack(data[-END.size :])[4:7]
    record = END64.pack(0x06064B50, 44, 0x032D, 45, 0, 0, count, count, size, offset)
    record += LOCATOR.pack(0x07064B50, 0, offset + size, 1)
    return data[: -END.size] + record + data[-END.size :]


@kind("zip64-locator-elsewhere", "container", "container.layout")
def _zip64_elsewhere() -> bytes:
    data = _zip64_not_needed()
    data = at(data, len(data) - END.size + 16, "<I", 2**32 - 1)
    return at(data, len(data) - END.size - LOCATOR.size + 8, "<Q", 1)


# Order, duplicates, names.
@kind("zip-member-twice", "container", "container.duplicate")
def _twice() -> bytes:
    pairs = parts(thin())
    return assemble(sorted([*pairs, pairs[3]], key=lambda pair: pair[0].path))


@kind("zip-member-twice-differing", "container", "container.duplicate")
def _twice_differing() -> bytes:
    pairs = parts(thin())
    other = packed(pairs[3][0].path, b"[]")
    return assemble(sorted([*pairs, other], key=lambda pair: pair[0].path))


add(
    "zip-members-out-of-order",
    "container",
    "container.order",
    lambda: assemble(reversed(parts(thin()))),
)
NAMES = (
    ("dot-dot", "{base}/../evil"),
    ("dot", "{base}/./evil"),
    ("double-slash", "{base}//evil"),
    ("backslash", "{base}/data\\evil"),
    ("drive", "{base}/c:evil"),
    ("nul", "{base}/data/evil\0.md"),
    ("newline", "{base}/data/evil\n.md"),
    ("escape", "{base}/data/\x1b[2jevil.md"),
    ("upper-case", "{base}/data/Summary.md"),
    ("not-ascii", "{base}/data/\xe9vil.md"),
    ("tilde", "{base}/~evil"),
    ("final-dot", "{base}/data/summary.md."),
    ("final-space", "{base}/data/summary.md "),
    ("device", "{base}/data/con.md"),
    ("dot-file", "{base}/.evil"),
    ("folder-entry", "{base}/data/evil/"),
    ("too-long", "{base}/data/" + 300 * "a"),
)
for _name, _path in NAMES:
    add(
        f"zip-name-{_name}",
        "container",
        "container.name",
        lambda p=_path: renamed(p.format(base=thin().base)),
    )
add("zip-name-absolute", "container", "container.name", lambda: renamed("/etc/evil"))
add("zip-name-outside", "container", "container.name", lambda: renamed("evil"))
add("zip-two-folders", "container", "container.name", lambda: renamed("zzz/evil.md"))
add(
    "zip-file-and-folder",
    "container",
    "container.unlisted",
    lambda: renamed(f"{thin().base}/data/manifest.json/evil"),
)
add(
    "zip-folder-misspelled",
    "container",
    "container.name",
    lambda: zipped(Made(base="Evidence", members=thin().members)),
)
add(
    "zip-folder-renamed",
    "manifest",
    "manifest.bundle-id",
    lambda: zipped(Made(base="evidence-staging-1", members=thin().members)),
)


# Packed bytes.
def _with_crc(entry: Entry, data: bytes) -> Packed:
    return replace(entry, crc=entry.crc ^ 1), data


def _flipped(place: int) -> Callable[[Entry, bytes], Packed]:
    def change(entry: Entry, data: bytes) -> Packed:
        return entry, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    return change


def _longer(entry: Entry, data: bytes) -> Packed:
    return replace(entry, packed=entry.packed + 1), data + b"\0"


def _short_by_one(entry: Entry, data: bytes) -> Packed:
    return replace(entry, size=entry.size - 1, crc=zlib.crc32(thin().members[EXPORT][:-1])), data


def _promises(size: int) -> Callable[[Entry, bytes], Packed]:
    return lambda entry, data: (replace(entry, size=size), data)


SIGNATURE = next(name for name in thin().members if name.endswith(".sig"))
add("zip-crc-of-a-page", "checksums", "container.crc", lambda: changed(SUMMARY, _with_crc))
add("zip-crc-of-the-export", "checksums", "container.crc", lambda: changed(EXPORT, _with_crc))
add(
    "zip-crc-of-the-root",
    "checksums",
    "container.crc",
    lambda: changed("tagmanifest-sha256.txt", _with_crc),
)
add("zip-crc-of-a-signature", "checksums", "container.crc", lambda: changed(SIGNATURE, _with_crc))
add(
    "zip-byte-of-a-signature", "checksums", "container.crc", lambda: changed(SIGNATURE, _flipped(9))
)
add("zip-byte-of-a-page", "checksums", "container.crc", lambda: changed(SUMMARY, _flipped(9)))
add("zip-deflate-damaged", "checksums", "container.deflate", lambda: changed(EXPORT, _flipped(2)))
add("zip-deflate-longer", "checksums", "container.deflate", lambda: changed(EXPORT, _longer))
add("zip-inflates-to-more", "checksums", "container.size", lambda: changed(EXPORT, _short_by_one))
add("zip-inflates-to-less", "checksums", "container.size", lambda: changed(EXPORT, _promises(9999)))
add(
    "zip-promises-a-gibibyte",
    "container",
    "container.size",
    lambda: changed(EXPORT, _promises(1 << 30)),
)
add(
    "zip-page-of-a-gibibyte",
    "container",
    "container.size",
    lambda: changed(SUMMARY, _promises(1 << 30)),
)


@kind("zip-bomb", "checksums", "container.size")
def _bomb() -> bytes:
    """A kibibyte promised, a mebibyte held: read to the first byte beyond the promise."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(bytes(1 << 20)) + packer.flush()
    promised = len(body)

    def change(entry: Entry, _data: bytes) -> Packed:
        crc = zlib.crc32(bytes(promised))
        return replace(entry, size=promised, packed=promised, crc=crc), body

    return changed(EXPORT, change)
