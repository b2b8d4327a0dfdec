"""A signature is added without any other byte changing, whoever else reads or writes meanwhile."""

import multiprocessing
import os
import stat

import pytest

from evidencekit.core import zipform
from evidencekit.edges.container import add_members
from evidencekit.edges.zipread import BytesArchive, Zip
from evidencekit.errors import EvidenceError, UndecidedError
from evidencekit.limits import MAX_SIGNERS

OTHER = "f" * 16
ADDED = {
    f"signatures/{OTHER}.sig": b"y" * 64,
    f"signatures/{OTHER}.sigstore.json": b"{}",
    "custody/0001.sigstore.json": b"{}",
}


@pytest.fixture(params=["folder", "zip"])
def bundle(request, tmp_path, folder, packed, whole):
    if request.param == "folder":
        return folder
    path = tmp_path / "b.zip"
    path.write_bytes(packed(whole))
    path.chmod(0o600)
    return path


def refused(bundle, files):
    with pytest.raises(EvidenceError) as caught:
        add_members(bundle, files)
    return caught.value.code


def test_members_are_added_and_no_other_byte_changes(bundle, whole, read_all, tmp_path):
    around = sorted(path.name for path in tmp_path.iterdir())
    add_members(bundle, ADDED)
    assert read_all(bundle) == {**whole, **ADDED}
    add_members(bundle, {"custody/0002.sigstore.json": b"{}"})
    assert read_all(bundle) == {**whole, **ADDED, "custody/0002.sigstore.json": b"{}"}
    assert sorted(path.name for path in tmp_path.iterdir()) == around


def test_a_zip_keeps_the_packed_bytes_the_form_and_the_mode(tmp_path, packed, whole):
    path = tmp_path / "b.zip"
    path.write_bytes(packed(whole))
    path.chmod(0o600)
    before = path.read_bytes()
    add_members(path, ADDED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == packed({**whole, **ADDED})
    kept = {
        entry.name: before[entry.start : entry.end] for entry in Zip(BytesArchive(before)).entries
    }
    after = path.read_bytes()
    for entry in Zip(BytesArchive(after)).entries:
        assert after[entry.start : entry.end] == kept.get(entry.name, ADDED.get(entry.name))
        assert entry.method in (zipform.STORED, zipform.DEFLATED)


def test_a_name_that_is_taken_is_refused_and_nothing_changes(bundle, whole, read_all):
    taken = next(name for name in whole if name.startswith("signatures/"))
    assert refused(bundle, {**ADDED, taken: b"new"}) == "output.exists"
    assert read_all(bundle) == whole


def test_what_would_break_the_bundle_is_refused(bundle, whole, read_all):
    assert refused(bundle, {"signatures/x.sig": b""}) == "container.unlisted"
    assert refused(bundle, {"../x": b""}) == "container.name"
    many = {f"signatures/{number:016x}.sig": b"" for number in range(MAX_SIGNERS + 1)}
    assert refused(bundle, many) == "container.members"
    assert read_all(bundle) == whole


def test_a_bundle_that_is_broken_is_not_added_to(folder, tmp_path):
    (folder / "bagit.txt").unlink()
    assert refused(folder, ADDED) == "container.missing"
    (tmp_path / "b.zip").write_bytes(b"")
    assert refused(tmp_path / "b.zip", ADDED) == "container.not-a-bundle"
    assert refused(tmp_path / "absent", ADDED) == "container.unreadable"


def test_a_bundle_is_added_to_through_a_link(bundle, tmp_path, read_all, whole):
    (tmp_path / "link").symlink_to(bundle)
    add_members(tmp_path / "link", ADDED)
    assert (tmp_path / "link").is_symlink()
    assert read_all(bundle) == {**whole, **ADDED}


def _sign(bundle, number, same, results):
    name = f"signatures/{0 if same else number + 1:016x}.sigstore.json"
    try:
        add_members(bundle, {name: b"%d" % number})
        results.put(number)
    except UndecidedError as error:
        results.put(error.code)


def _race(bundle, same, writers=6):
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    processes = [
        context.Process(target=_sign, args=(bundle, number, same, results))
        for number in range(writers)
    ]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    return found


def test_of_many_writers_of_one_name_one_wins(bundle, read_all):
    found = _race(bundle, same=True)
    (winner,) = [result for result in found if result != "output.exists"]
    assert read_all(bundle)[f"signatures/{0:016x}.sigstore.json"] == b"%d" % winner


def test_no_signature_is_lost_when_many_sign_at_once(bundle, read_all):
    assert sorted(_race(bundle, same=False)) == list(range(6))
    found = read_all(bundle)
    for number in range(6):
        assert found[f"signatures/{number + 1:016x}.sigstore.json"] == b"%d" % number


def test_a_reader_sees_the_bundle_as_it_was_or_as_it_is(bundle, read_all, whole):
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_add_ten, args=(bundle,))
    process.start()
    seen = set()
    while process.is_alive():
        found = read_all(bundle)
        seen.add(found if isinstance(found, str) else len(found) - len(whole))
    process.join()
    assert seen <= set(range(11))
    assert len(read_all(bundle)) == len(whole) + 10


def _add_ten(bundle):
    for number in range(1, 11):
        add_members(bundle, {f"signatures/{number:016x}.sigstore.json": b"{}"})
    os._exit(0)
