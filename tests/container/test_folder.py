"""A folder is read through handles: no link, no special file, no name that is not listed."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from evidencekit.edges import publish
from evidencekit.edges.container import open_bundle
from evidencekit.edges.folder import write_folder
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_MEMBERS

KEY = "0123456789abcdef"


def codes(folder):
    with open_bundle(folder) as bundle:
        return [fault.code for fault in bundle.faults]


def test_what_is_written_is_read_back(folder, whole, read_all):
    assert read_all(folder) == whole
    with open_bundle(folder) as bundle:
        assert (bundle.form, bundle.id, bundle.faults) == ("folder", folder.name, ())


def test_folder_and_zip_hold_the_same(folder, packed, whole, read_all):
    assert read_all(folder) == read_all(packed(whole))


# BAG-01


def test_the_receivers_tools_accept_the_folder(folder):
    bagit = [sys.executable, "-W", "ignore", "-m", "bagit", "--validate", "--quiet", folder]
    told = subprocess.run(bagit, capture_output=True, check=False)  # noqa: S603
    assert told.returncode == 0, told.stderr
    sha256sum = shutil.which("sha256sum")
    if not sha256sum:
        pytest.skip("sha256sum is not installed: only bagit has checked it")
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        command = [sha256sum, "-c", "--strict", "--quiet", name]
        told = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603
        assert told.returncode == 0, told.stdout


# DIR-01


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("extra.txt", "container.unlisted"),
        ("fetch.txt", "container.unlisted"),
        ("data/extra", "container.unlisted"),
        ("data/export/events.json.bak", "container.unlisted"),
        (".DS_Store", "container.name"),
        ("data/.hidden", "container.name"),
        ("signatures/README.md", "container.name"),
        ("data/attachments/Thumbs.db", "container.name"),
        (os.fsdecode(b"data/\xff\xfe"), "container.name"),
        ("data/line\nend", "container.name"),
    ],
)
def test_any_file_more_is_named(folder, name, code):
    (folder / name).write_bytes(b"")
    with open_bundle(folder) as bundle:
        (fault,) = bundle.faults
        assert fault.code == code
        assert name not in bundle.names
        assert name in str(fault) or "\\" in str(fault)


@pytest.mark.parametrize(
    "name",
    ["x", "data/x", "data/attachments/x", "signatures/x", ".git", "custody", "data/export/a/b"],
)
def test_any_folder_more_is_named_even_an_empty_one(folder, name):
    (folder / name).mkdir(parents=True)
    assert codes(folder) == ["container.unlisted"]


def test_any_file_less_is_named(folder, whole):
    optional = ("data/attachments/", "signatures/")
    for name, data in whole.items():
        (folder / name).unlink()
        faults = codes(folder)
        if name.startswith("signatures/"):
            assert faults == []
        elif name.startswith(optional):
            assert faults == ["container.unlisted"]  # the folder that is empty now
        else:
            assert "container.missing" in faults
        (folder / name).write_bytes(data)
    assert codes(folder) == []


def test_a_folder_of_something_else_is_no_bundle(tmp_path, read_all):
    (tmp_path / "empty").mkdir()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    for name in ("empty", "photos"):
        assert read_all(tmp_path / name) == "container.not-a-bundle"


# DIR-02


@pytest.mark.parametrize("name", ["bagit.txt", "data/export/events.json", f"signatures/{KEY}.sig"])
@pytest.mark.parametrize(
    "kind", ["inside", "outside", "dangling", "loop", "fifo", "socket", "hard link", "folder"]
)
def test_a_member_that_is_no_file_of_its_own_is_refused(folder, tmp_path, name, kind):
    path, original = folder / name, tmp_path / "original"
    path.rename(original)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        cwd = os.open(".", os.O_RDONLY)
        os.chdir(path.parent)  # the name of a socket is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
        os.fchdir(cwd)
        os.close(cwd)
    elif kind == "hard link":
        os.link(original, path)
    elif kind == "folder":
        path.mkdir()
    else:
        targets = {"inside": "bag-info.txt", "outside": original, "dangling": "nowhere"}
        path.symlink_to(targets.get(kind, path.name))
    with open_bundle(folder) as bundle:
        found = [fault.code for fault in bundle.faults]
        assert name not in bundle.names
    if kind == "folder":
        assert "container.unlisted" in found
    else:
        assert found == ["container.type"]


@pytest.mark.parametrize("name", ["data", "data/export", "signatures"])
def test_a_folder_that_is_a_link_is_not_entered(folder, tmp_path, name):
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    found = codes(folder)
    assert found[0] == "container.type"
    with open_bundle(folder) as bundle:
        assert not [member for member in bundle.names if member.startswith(f"{name}/")]


# DIR-03


@pytest.mark.parametrize("name", ["data/manifest.json", "data/export/events.json"])
def test_a_member_that_changes_while_the_bundle_is_read_is_refused(folder, tmp_path, name):
    def written(path):
        path.write_bytes(b"other")

    def grown(path):
        with path.open("ab") as file:
            file.write(b"x")

    def replaced(path):
        (tmp_path / "new").write_bytes(path.read_bytes())
        (tmp_path / "new").rename(path)

    def linked(path):
        path.rename(tmp_path / "moved")
        path.symlink_to(tmp_path / "moved")

    def gone(path):
        path.unlink(missing_ok=True)

    for change in (written, grown, replaced, linked, gone):
        original = (folder / name).read_bytes()
        with open_bundle(folder) as bundle:
            change(folder / name)
            with pytest.raises(RejectedError) as caught:
                bundle.open(name).readall()
        assert caught.value.code == "container.changed"
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_bytes(original)


def test_a_member_that_changes_in_the_middle_is_refused_at_the_end(folder):
    path = folder / "data/export/events.json"
    path.write_bytes(bytes(100_000))
    for change in (
        lambda: os.truncate(path, 50_000),
        lambda: path.write_bytes(bytes(100_000)),
        lambda: path.write_bytes(bytes(200_000)),
    ):
        with open_bundle(folder) as bundle, bundle.open("data/export/events.json") as stream:
            stream.read(10)
            change()
            with pytest.raises(RejectedError) as caught:
                stream.readall()
        assert caught.value.code == "container.changed"
        path.write_bytes(bytes(100_000))


def test_a_folder_swapped_for_a_link_to_it_is_read_through_the_old_handle(folder, whole, tmp_path):
    with open_bundle(folder) as bundle:
        (folder / "data").rename(tmp_path / "moved")
        (folder / "data").symlink_to("/etc")
        assert bundle.read("data/manifest.json") == whole["data/manifest.json"]


def test_what_is_read_is_one_version_while_another_process_swaps(folder, tmp_path):
    name, stop = "data/manifest.json", threading.Event()
    versions = [b"a" * 5_000, b"b" * 5_000]
    (folder / name).write_bytes(versions[0])

    def swap():
        count = 0
        while not stop.is_set():
            count += 1
            (tmp_path / "new").write_bytes(versions[count % 2])
            (tmp_path / "new").rename(folder / name)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        seen = set()
        for _ in range(300):
            try:
                with open_bundle(folder) as bundle:
                    seen |= {fault.code for fault in bundle.faults}
                    if name in bundle.names:
                        seen.add(bundle.read(name))
                        assert bundle.read(name) is bundle.read(name)
            except RejectedError as error:
                seen.add(error.code)
    finally:
        stop.set()
        swapper.join()
    moments = {"container.changed", "container.missing", "container.type"}
    assert seen <= {*versions, *moments}


# limits and places


def test_more_members_than_anybody_needs_are_refused(folder, read_all):
    for number in range(MAX_MEMBERS):
        (folder / "data" / "attachments" / f"{number}").touch()
    assert read_all(folder) == "container.members"


def test_a_member_that_is_too_large_is_refused_unread(folder, read_all):
    os.truncate(folder / "data/summary.html", 17 << 20)
    assert read_all(folder) == "container.size"


@pytest.fixture
def open_to_all(whole):
    """A bundle in a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)
        with publish.new_folder(Path(parent) / "b") as stage:
            write_folder(stage, whole)
        yield Path(parent) / "b"


def as_another_user(action):
    """Return what ``action`` returns, or the code of its refusal, in a process without rights."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        try:
            told = action()
        except UndecidedError as error:
            told = error.code
        os.write(writer, str(told).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as file:
        return file.read()


def test_what_may_not_be_read_is_undecided(open_to_all):
    def count():
        with open_bundle(open_to_all) as bundle:
            return sum(len(bundle.read(name)) > 0 for name in bundle.names)

    assert int(as_another_user(count)) > 10
    for name in ("bagit.txt", "data/export", "."):
        mode = (open_to_all / name).stat().st_mode
        (open_to_all / name).chmod(0)
        assert as_another_user(count) == "container.unreadable"
        (open_to_all / name).chmod(mode)


@pytest.mark.parametrize("place", ["with space", "line\nend", "-x", os.fsdecode(b"\xff\xfe")])
def test_a_bundle_is_read_wherever_it_lies(folder, tmp_path, read_all, whole, monkeypatch, place):
    (tmp_path / place).mkdir()
    shutil.move(folder, tmp_path / place / folder.name)
    assert read_all(tmp_path / place / folder.name) == whole
    (tmp_path / "link").symlink_to(tmp_path / place / folder.name)
    with open_bundle(tmp_path / "link") as bundle:
        assert bundle.id == folder.name
    monkeypatch.chdir(tmp_path / place / folder.name)
    with open_bundle(Path()) as bundle:
        assert (bundle.id, bundle.faults) == (folder.name, ())


def test_reading_writes_nothing_and_leaves_no_handle(folder, tmp_path, packed, whole, read_all):
    (tmp_path / "b.zip").write_bytes(packed(whole))
    (tmp_path / "bad.zip").write_bytes(packed(whole)[:-1])
    (tmp_path / "none").mkdir()
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("this system does not list the handles of a process")
    before = sorted(tmp_path.rglob("*")), len([*handles.iterdir()])
    for _ in range(10):
        for name in (folder.name, "b.zip", "bad.zip", "none", "absent"):
            read_all(tmp_path / name)
    assert (sorted(tmp_path.rglob("*")), len([*handles.iterdir()])) == before


def test_a_read_only_medium_will_do(folder, tmp_path, read_all, whole):
    mount = tmp_path / "mnt"
    mount.mkdir()
    command = ["mount", "-o", "bind,ro", folder.parent, mount]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("needs root and bind mounts")
    try:
        assert read_all(mount / folder.name) == whole
    finally:
        subprocess.run(["umount", mount], check=True)  # noqa: S603, S607
