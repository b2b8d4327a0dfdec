"""A zip is of the one form, or it is refused before a member is read."""

import hashlib
import io
import json
import os
import shutil
import struct
import subprocess
import time
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import zipform
from evidencekit.core.zipcheck import check_local_header, parse_directory, parse_end
from evidencekit.core.zipform import Entry
from evidencekit.edges.container import add_members, open_bundle
from evidencekit.edges.zipread import BytesArchive, Zip
from evidencekit.edges.zipwrite import write_zip
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
BASE = "evidence-production-1"
EXPORT = "data/export/events.json"


def entries_of(data):
    return Zip(BytesArchive(data)).entries


def rebuilt(data, change):
    """Return an otherwise canonical zip whose entries ``change`` may add, drop, alter or reorder.

    It gets ``[(entry, packed bytes)]`` and returns the same; places are found anew.
    """
    pairs = change([(entry, data[entry.start : entry.end]) for entry in entries_of(data)])
    body, placed = b"", []
    for entry, packed in pairs:
        placed.append(replace(entry, offset=len(body)))
        body += zipform.local_header(placed[-1]) + packed
    return body + zipform.directory(placed)


def stored(path, content):
    crc = zlib.crc32(content)
    return Entry(path=path, crc=crc, size=len(content), packed=len(content), offset=0), content


def deflated(path, content):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    entry = Entry(
        path=path, crc=zlib.crc32(content), size=len(content), packed=len(packed), offset=0
    )
    return entry, packed


def with_member(data, *pairs):
    return rebuilt(data, lambda old: sorted([*old, *pairs], key=lambda pair: pair[0].path))


def patched(data, offset, form, *values):
    size = struct.calcsize(form)
    return data[:offset] + struct.pack(form, *values) + data[offset + size :]


def test_what_is_written_is_read_back(zipped, whole, read_all):
    assert read_all(zipped) == whole
    with open_bundle(zipped) as bundle:
        assert (bundle.form, bundle.id, bundle.faults) == ("zip", BASE, ())
        assert bundle.names == tuple(sorted(whole))


def test_the_same_members_give_the_same_bytes(zipped, whole, packed, tmp_path):
    for name, data in whole.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    from_paths = packed({name: tmp_path / name for name in reversed(whole)})
    assert packed(dict(reversed(whole.items()))) == from_paths == zipped


def test_whatever_is_accepted_is_rebuilt_to_the_same_bytes(zipped):
    assert rebuilt(zipped, lambda pairs: pairs) == zipped


def test_other_readers_see_the_same_members(zipped, whole, tmp_path):
    path = tmp_path / "b.zip"
    path.write_bytes(zipped)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        found = {info.filename: archive.read(info) for info in archive.infolist()}
        assert {info.external_attr for info in archive.infolist()} == {0o100644 << 16}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert found == {f"{BASE}/{name}": data for name, data in whole.items()}
    unzip = shutil.which("unzip")
    if not unzip:
        pytest.skip("unzip is not installed: only zipfile has read it")
    told = subprocess.run([unzip, "-t", path], capture_output=True, check=False)  # noqa: S603
    assert told.returncode == 0, told.stdout


def test_both_compressors_give_what_is_read_back(whole, read_all):
    content = whole[EXPORT]
    one = Entry(
        path=f"{BASE}/{EXPORT}", crc=zlib.crc32(content), size=len(content), packed=0, offset=0
    )
    for level in range(10):
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        data = packer.compress(content) + packer.flush()
        archive = io.BytesIO()
        write_zip(archive, BASE, whole)

        def swap(pairs, data=data):
            return [
                (replace(one, packed=len(data)), data) if entry.name == EXPORT else (entry, packed)
                for entry, packed in pairs
            ]

        assert read_all(rebuilt(archive.getvalue(), swap)) == whole


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 1 << 20, (1 << 20) + 1, 3_333_333])
@pytest.mark.parametrize("kind", ["zeros", "random"])
def test_members_of_every_size(whole, packed, read_all, size, kind):
    whole[EXPORT] = bytes(size) if kind == "zeros" else os.urandom(size)
    assert read_all(packed(whole)) == whole


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=30))
def test_a_stream_gives_the_same_bytes_in_whatever_pieces(sizes):
    content = b'{"id":"e-1"},\n' * 9_000
    file = io.BytesIO()
    write_zip(file, BASE, {EXPORT: content})
    with Zip(BytesArchive(file.getvalue())).open(EXPORT) as stream:
        found, pieces = b"", iter(sizes)
        while len(found) < len(content):
            piece = next(pieces, 70_000)
            if piece % 2:
                buffer = bytearray(piece)
                found += buffer[: stream.readinto(buffer)]
            else:
                found += stream.read(piece)
        assert found == content
        assert stream.read() == stream.read(9) == b""
        assert stream.readinto(bytearray(9)) == 0


# ZIP-01, ZIP-03: names


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../x",
            "/etc/passwd",
            "a//b",
            "a\\b",
            "C:x",
            "a\0b",
            "~x",
            "con",
            "a.",
            "a b",
            "A",
            ".x",
        ),
        *("data/SUMMARY.md", "data/summary.md.", "data/summary.md ", "data/stra\xdfe", "data/\xe9"),
    ],
)
def test_a_member_of_another_spelling_is_refused(zipped, read_all, name):
    assert read_all(with_member(zipped, stored(f"{BASE}/{name}", b"x"))) == "container.name"


@pytest.mark.parametrize(
    "path", ["x", "../x", f"/{BASE}/x", "other/x", f"{BASE}", f"{BASE}2/x", f"./{BASE}/x"]
)
def test_a_member_outside_the_base_folder_is_refused(zipped, read_all, path):
    assert read_all(with_member(zipped, stored(path, b"x"))) == "container.name"


@pytest.mark.parametrize("base", ["", "..", "A", "a b", "con", "e."])
def test_a_base_folder_of_another_spelling_is_refused(zipped, read_all, base):
    def move(pairs):
        return [(replace(e, path=f"{base}/{e.name}"), packed) for e, packed in pairs]

    assert read_all(rebuilt(zipped, move)) == "container.name"


def test_an_unlisted_and_a_missing_member_are_both_named(zipped):
    data = with_member(zipped, stored(f"{BASE}/fetch.txt", b"http://x/ - data/x\n"))
    data = rebuilt(data, lambda pairs: [p for p in pairs if p[0].name != "bagit.txt"])
    with open_bundle(data) as bundle:
        assert [f.code for f in bundle.faults] == ["container.unlisted", "container.missing"]
        assert "fetch.txt" not in bundle.names


# ZIP-02: duplicates and order


@pytest.mark.parametrize("content", [b"# Evidence\n", b"other"])
def test_a_member_that_is_there_twice_is_refused(zipped, read_all, content):
    twice = with_member(zipped, stored(f"{BASE}/data/summary.md", content))
    assert read_all(twice) == "container.duplicate"


def test_a_member_that_only_one_of_the_two_lists_has_is_refused(zipped, read_all):
    entries = entries_of(zipped)
    entry, content = stored(f"{BASE}/z", b"x")
    local = zipform.local_header(entry) + content
    end = entries[-1].end
    assert read_all(zipped[:end] + local + zipped[end:]) == "container.layout"
    listed = [*entries, replace(entry, offset=end)]
    records = b"".join(map(zipform.central_header, listed))
    ends = zipform.end_records(len(listed), len(records), end)
    assert read_all(zipped[:end] + records + ends) == "container.layout"


def test_members_out_of_order_are_refused(zipped, read_all):
    assert read_all(rebuilt(zipped, lambda pairs: pairs[::-1])) == "container.order"


# ZIP-04: headers that differ

LOCAL_FIELDS = {
    "version": (4, "<H", 45),
    "flags": (6, "<H", 1 << 11),
    "method": (8, "<H", 8),
    "time": (10, "<H", 1),
    "date": (12, "<H", 0x5000),
    "crc": (14, "<I", 1),
    "packed": (18, "<I", 1),
    "size": (22, "<I", 1),
    "name length": (26, "<H", 1),
    "extra length": (28, "<H", 1),
    "signature": (0, "<I", 0x08074B50),
    "name": (30, "<B", ord("f")),
}


@pytest.mark.parametrize("field", LOCAL_FIELDS)
def test_a_local_header_that_differs_in_any_field_is_refused(zipped, read_all, field):
    offset, form, value = LOCAL_FIELDS[field]
    codes = {"container.header", "container.feature", "container.layout"}
    for entry in entries_of(zipped):
        changed = patched(zipped, entry.offset + offset, form, value)
        assert changed == zipped or read_all(changed) in codes


# ZIP-05: layout


def test_one_byte_anywhere_it_does_not_belong_is_refused(zipped, read_all):
    entries = entries_of(zipped)
    places = [0, len(zipped) - 22, *(entry.offset for entry in entries), entries[-1].end]
    for place in places:
        assert read_all(zipped[:place] + b"x" + zipped[place:]) == "container.layout"
    assert read_all(zipped + b"x") == "container.layout"
    comment = patched(zipped, len(zipped) - 2, "<H", 1) + b"x"
    assert read_all(comment) == "container.layout"


def test_an_archive_before_after_or_inside_another_is_refused(zipped, read_all):
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x", b"x")
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.comment = zipped[:60_000]
    for data in (other.getvalue() + zipped, zipped + other.getvalue(), zipped * 2):
        assert read_all(data) == "container.layout"
    assert isinstance(read_all(inside.getvalue()), str)


def test_every_length_but_the_whole_is_refused(zipped, read_all):
    for length in [*range(0, len(zipped), 3), *range(len(zipped) - 150, len(zipped))]:
        assert isinstance(read_all(zipped[:length]), str)


def test_every_byte_left_out_or_put_in_is_refused(zipped, read_all):
    for place in range(0, len(zipped), 3):
        for data in (zipped[:place] + zipped[place + 1 :], zipped[:place] + b"\0" + zipped[place:]):
            assert isinstance(read_all(data), str) or data == zipped


# ZIP-06: overlap


def test_two_members_of_one_body_are_refused(zipped, read_all):
    entries = list(entries_of(zipped))
    entries[1] = replace(entries[1], offset=entries[0].offset)
    end = entries[-1].end
    assert read_all(zipped[:end] + zipform.directory(entries)) == "container.layout"


# ZIP-07: zip64


def test_zip64_where_it_is_not_needed_is_refused(zipped, read_all):
    entries = entries_of(zipped)
    end = entries[-1].end
    records = b"".join(map(zipform.central_header, entries))
    large = zipform.end_records(len(entries), len(records), 1 << 33)
    small = zipform.end_records(len(entries), len(records), end)
    true = large.replace(struct.pack("<Q", 1 << 33), struct.pack("<Q", end))
    true = true.replace(
        struct.pack("<Q", (1 << 33) + len(records)), struct.pack("<Q", end + len(records))
    )
    body = zipped[:end] + records
    assert read_all(body + small) != "container.zip64"
    assert read_all(body + large) == "container.zip64"
    assert read_all(body + true) in {"container.layout", "container.zip64"}
    assert read_all(body + true[:-22] + small) == "container.layout"
    assert read_all(body + true[:56] + small) == "container.layout"
    for count in (0, 65_535, len(entries) + 1, len(entries) + 4_096):
        ends = zipform.end_records(count, len(records), end)
        assert read_all(body + ends) in {"container.layout", "container.members"}


def test_zip64_sizes_of_a_small_member_are_refused(zipped, read_all):
    entry = next(e for e in entries_of(zipped) if e.name == EXPORT)
    at = zipped.index(zipform.central_header(entry))
    record = zipform.central_header(entry)
    wide = struct.pack("<HHQQ", 1, 16, entry.size, entry.packed)
    record = patched(record, 20, "<II", 0xFFFFFFFF, 0xFFFFFFFF)
    record = patched(record, 30, "<H", 20) + wide
    end = entries_of(zipped)[-1].end
    records = zipped[end:-22].replace(zipform.central_header(entry), record)
    data = zipped[:end] + records + zipform.end_records(len(entries_of(zipped)), len(records), end)
    assert at > 0
    assert read_all(data) == "container.zip64"


LARGE = st.sampled_from(
    [0, 7, zipform.ZIP64_FROM - 1, zipform.ZIP64_FROM, 1 << 32, 1 << 36, 1 << 39]
)


@given(st.lists(LARGE, min_size=1, max_size=4))
def test_large_members_have_one_form_and_are_parsed_back(sizes):
    entries, place = [], 0
    for number, size in enumerate(sizes):
        entry = Entry(
            path=f"{BASE}/data/attachments/a{number}", crc=7, size=size, packed=size, offset=place
        )
        entries.append(entry)
        if (place := entry.end) > 1 << 40 or sum(sizes) > 1 << 40:
            return  # more than a bundle can hold
    data = zipform.directory(entries)
    count, size, offset = parse_end(data[-98:], place + len(data))
    assert (count, offset) == (len(sizes), place)
    assert parse_directory(data[:size], count, offset) == tuple(entries)
    for entry in entries:
        check_local_header(entry, zipform.local_header(entry))
        assert len(zipform.local_header(entry)) == entry.start - entry.offset


# ZIP-08, ZIP-09: features and types

CENTRAL_FEATURES = [
    *((8, "<H", 1 << bit) for bit in range(16)),
    *((10, "<H", method) for method in (1, 8, 9, 12, 14, 93, 95, 98, 99)),
    *((30, "<H", 4), (32, "<H", 1), (34, "<H", 1), (6, "<H", 10), (6, "<H", 63)),
]


@pytest.mark.parametrize(("offset", "form", "value"), CENTRAL_FEATURES)
def test_every_feature_that_is_not_needed_is_refused(zipped, read_all, offset, form, value):
    at = entries_of(zipped)[-1].end
    at = zipped.index(b"PK\x01\x02", at + 46)  # bagit.txt or the like: stored
    assert read_all(patched(zipped, at + offset, form, value)) == "container.feature"


@pytest.mark.parametrize(
    "mode", [0, 0o120777, 0o040755, 0o010644, 0o020644, 0o060644, 0o104644, 0o100777, 0o100600]
)
def test_every_type_but_a_regular_file_of_one_mode_is_refused(zipped, read_all, mode):
    at = entries_of(zipped)[-1].end
    assert read_all(patched(zipped, at + 38, "<I", mode << 16)) == "container.type"


# ZIP-10: sizes


def test_sizes_that_lie_are_refused_and_bounded(zipped, read_all):
    bomb = deflated(f"{BASE}/data/attachments/z", bytes(1 << 24))
    small = (replace(bomb[0], size=10_000_000), bomb[1])
    assert read_all(with_member(zipped, small)) == "container.crc"
    same_crc = (replace(small[0], crc=zlib.crc32(bytes(10_000_000))), bomb[1])
    assert read_all(with_member(zipped, same_crc)) == "container.size"
    tiny = (replace(bomb[0], size=10, crc=zlib.crc32(bytes(10))), bomb[1])
    assert read_all(with_member(zipped, tiny)) == "container.size"
    huge = (replace(bomb[0], size=1 << 30), bomb[1])
    assert read_all(with_member(zipped, huge)) == "container.size"
    longer = (replace(bomb[0], size=(1 << 24) + 9), bomb[1])
    assert read_all(with_member(zipped, longer)) == "container.size"
    large = stored(f"{BASE}/data/summary.txt", b"")
    large = (replace(large[0], size=17 << 20, packed=17 << 20), bytes(17 << 20))
    assert read_all(with_member(zipped, large)) == "container.size"


def test_a_deflate_stream_must_end_where_its_member_ends(zipped, read_all):
    entry, packed = deflated(f"{BASE}/data/attachments/z", b"content " * 99)
    for more in (b"x", packed, b"\x03\x00"):
        longer = (replace(entry, packed=len(packed) + len(more)), packed + more)
        assert read_all(with_member(zipped, longer)) == "container.deflate"
    for less in range(1, len(packed)):
        cut = (replace(entry, packed=len(packed) - less), packed[:-less])
        assert read_all(with_member(zipped, cut)) in {"container.deflate", "container.size"}
    damaged = (entry, b"\xff" + packed[1:])
    assert read_all(with_member(zipped, damaged)) == "container.deflate"


def test_ten_thousand_members_are_refused_unread(zipped, read_all):
    many = [stored(f"{BASE}/data/attachments/{number:05}", b"") for number in range(10_000)]
    start = time.monotonic()
    assert read_all(with_member(zipped, *many)) == "container.members"
    assert time.monotonic() - start < 10


def test_an_archive_inside_is_only_bytes(whole, packed, read_all, zipped):
    whole["data/attachments/inner.zip"] = zipped
    assert read_all(packed(whole))["data/attachments/inner.zip"] == zipped


# ZIP-11


def test_a_member_that_is_also_a_folder_is_refused(zipped, read_all):
    nested = stored(f"{BASE}/data/summary.md/x", b"")
    assert read_all(with_member(zipped, nested)) == "container.unlisted"
    directory = stored(f"{BASE}/data/", b"")
    assert read_all(with_member(zipped, directory)) == "container.name"
    assert read_all(with_member(zipped, stored(f"{BASE}/", b""))) == "container.name"


# ZIP-12


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit >> 3] ^= 1 << (bit & 7)
    return bytes(changed)


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="all"), pytest.param(11, id="some")]
)
def test_no_flipped_bit_changes_what_is_read(zipped, whole, read_all, step):
    """Only padding inside a DEFLATE member may differ, and then the content is the same."""
    packed = [range(e.start, e.end) for e in entries_of(zipped) if e.method == zipform.DEFLATED]
    same = 0
    for bit in range(0, len(zipped) * 8, step):
        found = read_all(flipped(zipped, bit))
        if not isinstance(found, str):
            assert any(bit >> 3 in span for span in packed)
            assert found == whole
            same += 1
    assert same <= 14  # at most 7 bits of padding at the end of each of two members


# ZIP-14, ZIP-15


def test_no_foreign_zip_is_accepted(read_all):
    if not CORPORA.is_dir():
        pytest.skip("the corpora are not beside this checkout")
    expected = json.loads((CORPORA / "zip-warehouse" / "expected.json").read_text())
    foreign = [CORPORA / "zip-warehouse" / case["file"] for case in expected]
    assert len(foreign) == 45
    for path in foreign:
        for source in (path, path.read_bytes()):
            found = read_all(source)
            assert isinstance(found, str), path
            assert found.startswith("container."), path


@given(st.binary(max_size=200))
def test_no_bytes_make_a_traceback(data):
    for tail in (data, b"PK\x03\x04" + data, data + zipform.end_records(1, 46, len(data))):
        with pytest.raises(RejectedError):
            open_bundle(tail)


def test_what_is_no_bundle_is_told_from_what_cannot_be_read(tmp_path, read_all):
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_bytes(b"hello")
    (tmp_path / "x.zip").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(5 << 30)
    for name in ("empty", "text", "x.zip", "fifo", "sparse"):
        assert read_all(tmp_path / name) == "container.not-a-bundle", name
    (tmp_path / "loop").symlink_to("loop")
    for name in ("absent", "text/x", "n" * 300, "loop", "a\0b"):
        path = tmp_path / name
        with pytest.raises(UndecidedError):
            add_members(path, {})
        with pytest.raises(UndecidedError) as caught:
            open_bundle(path)
        assert caught.value.code == "container.unreadable"


def test_a_zip_is_read_from_a_file_a_pipe_and_memory(tmp_path, zipped, whole, read_all):
    path = tmp_path / "b.zip"
    path.write_bytes(zipped)
    assert read_all(path) == read_all(io.BytesIO(zipped)) == whole
    with path.open("rb") as file:
        file.read(7)
        assert read_all(file) == whole
        assert not file.closed
    reader, writer = os.pipe()
    os.write(writer, zipped)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert read_all(pipe) == whole


def test_a_zip_that_is_written_while_it_is_read_is_refused(tmp_path, zipped):
    path = tmp_path / "b.zip"
    path.write_bytes(zipped)
    with open_bundle(path) as bundle:
        bundle.read("bagit.txt")
        os.utime(path, ns=(1, 1))
        for name in ("data/manifest.json", EXPORT):
            with pytest.raises(RejectedError) as caught:
                bundle.open(name).readall()
            assert caught.value.code == "container.changed"
        path.write_bytes(zipped[:50])
        with pytest.raises(EvidenceError):
            bundle.open(EXPORT).readall()


@pytest.mark.slow
def test_a_member_of_more_than_four_gigabytes(tmp_path, whole):
    with (tmp_path / "export").open("wb") as file:
        file.truncate((4 << 30) + 12_345)
    digest = hashlib.sha256()
    with (tmp_path / "b.zip").open("wb") as file:
        write_zip(file, BASE, {**whole, EXPORT: tmp_path / "export"})
    with open_bundle(tmp_path / "b.zip") as bundle, bundle.open(EXPORT) as stream:
        assert bundle.faults == ()
        assert bundle.size(EXPORT) == (4 << 30) + 12_345
        while block := stream.read(1 << 20):
            digest.update(block)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.getinfo(f"{BASE}/{EXPORT}").file_size == (4 << 30) + 12_345
        assert archive.read(f"{BASE}/data/summary.md") == whole["data/summary.md"]
    unzip = shutil.which("unzip")
    if unzip:
        told = subprocess.run(  # noqa: S603
            [unzip, "-tq", tmp_path / "b.zip"], capture_output=True, check=False
        )
        assert told.returncode == 0
