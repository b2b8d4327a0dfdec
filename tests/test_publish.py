"""Nothing has its final name before it is whole, and nothing that has it is replaced."""

import multiprocessing
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from evidencekit.edges import place, publish
from evidencekit.edges.rawfile import OutputFile
from evidencekit.errors import UndecidedError

ROUNDS, WRITERS = 12, 8
TMPFS_HINT = "needs root and a tmpfs to fill a real disk"


def refused(action, *arguments, **options):
    with pytest.raises(UndecidedError) as caught:
        action(*arguments, **options)
    return caught.value.code


def run(command):
    return subprocess.run(command, capture_output=True, check=False)  # noqa: S603


def fill(folder, data=b"x"):
    with publish.new_folder(folder) as stage:
        (stage / "sub").mkdir()
        (stage / "sub" / "f").write_bytes(data)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def umask():
    old = os.umask(0o022)
    yield os.umask
    os.umask(old)


def test_a_file_and_a_folder_are_published_whole(tmp_path):
    publish.write_file(tmp_path / "f", b"data")
    fill(tmp_path / "d")
    assert (tmp_path / "f").read_bytes() == b"data"
    assert (tmp_path / "d" / "sub" / "f").read_bytes() == b"x"
    assert names(tmp_path) == ["d", "f"]
    assert (tmp_path / "f").stat().st_nlink == 1


def test_nothing_that_exists_is_replaced(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "fifo")
    before = names(tmp_path)
    for name in before:
        assert refused(publish.write_file, tmp_path / name, b"new") == "output.exists"
        assert refused(fill, tmp_path / name) == "output.exists"
    assert names(tmp_path) == before
    assert (tmp_path / "file").read_bytes() == b"old"


def test_force_replaces_a_regular_file_and_nothing_else(tmp_path):
    publish.write_file(tmp_path / "f", b"old")
    publish.write_file(tmp_path / "f", b"new", force=True)
    publish.write_file(tmp_path / "g", b"new", force=True)
    assert (tmp_path / "f").read_bytes() == (tmp_path / "g").read_bytes() == b"new"
    (tmp_path / "d").mkdir()
    (tmp_path / "link").symlink_to("f")
    os.mkfifo(tmp_path / "fifo")
    for name in ("d", "link", "fifo"):
        assert refused(publish.write_file, tmp_path / name, b"", force=True) == "output.exists"
    assert names(tmp_path) == ["d", "f", "fifo", "g", "link"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit, OSError])
def test_on_any_exception_nothing_is_left(tmp_path, error):
    def half_file():
        with publish.new_file(tmp_path / "f") as file:
            file.write(b"half")
            raise error

    def half_folder():
        with publish.new_folder(tmp_path / "d") as stage:
            (stage / "half").write_bytes(b"half")
            raise error

    for action in (half_file, half_folder):
        with pytest.raises(error):
            action()
    assert names(tmp_path) == []


def test_a_name_that_appears_meanwhile_is_not_replaced(tmp_path):
    def late_file():
        with publish.new_file(tmp_path / "f") as file:
            file.write(b"mine")
            (tmp_path / "f").write_bytes(b"theirs")

    def late_folder():
        with publish.new_folder(tmp_path / "d"):
            (tmp_path / "d").mkdir()

    assert refused(late_file) == refused(late_folder) == "output.exists"
    assert (tmp_path / "f").read_bytes() == b"theirs"
    assert names(tmp_path) == ["d", "f"]
    assert names(tmp_path / "d") == []


def test_what_cannot_be_written_says_why(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert refused(publish.write_file, tmp_path / "absent" / "f", b"") == "output.no-folder"
    assert refused(publish.write_file, tmp_path / "file" / "f", b"") == "output.no-folder"
    assert refused(fill, tmp_path / "absent" / "d") == "output.no-folder"
    assert refused(publish.write_file, Path("/proc/x"), b"") in {
        "output.no-folder",
        "output.unwritable",
    }
    with pytest.raises(UndecidedError) as caught:
        publish.write_file(tmp_path / "a\x1b[31m" / "f", b"")
    assert str(caught.value).endswith("a\\x1b[31m/f: no such file or directory")
    assert refused(publish.write_file, tmp_path / ("n" * 300), b"") == "output.unwritable"


def test_modes_are_private_while_writing_and_as_asked_for_after(tmp_path, umask):
    for mask, file_mode, folder_mode in ((0o000, 0o644, 0o755), (0o077, 0o600, 0o700)):
        umask(mask)
        final = tmp_path / f"{mask:o}"
        with publish.new_file(final) as file:
            assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600
        assert stat.S_IMODE(final.stat().st_mode) == file_mode
        with publish.new_folder(tmp_path / f"d{mask:o}") as stage:
            assert stat.S_IMODE(stage.stat().st_mode) == 0o700
            (stage / "sub").mkdir(0o777)
            (stage / "sub" / "f").write_bytes(b"")
        for path in (final.parent / f"d{mask:o}", final.parent / f"d{mask:o}" / "sub"):
            assert stat.S_IMODE(path.stat().st_mode) == folder_mode
        assert stat.S_IMODE((path / "f").stat().st_mode) == file_mode
    umask(0o000)
    publish.write_file(tmp_path / "key", b"", mode=0o600)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_link_in_the_stage_is_not_published(tmp_path):
    def linked():
        with publish.new_folder(tmp_path / "d") as stage:
            (stage / "l").symlink_to("/etc/passwd")

    assert refused(linked) == "output.unwritable"
    assert names(tmp_path) == []


def test_a_planted_temporary_link_is_never_written_through(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "planted").symlink_to("target")
    assert refused(OutputFile, tmp_path / "planted") == "output.exists"
    assert (tmp_path / "target").read_bytes() == b"old"


def test_scratch_takes_the_temporary_name(tmp_path):
    (tmp_path / "bundle").mkdir()
    with publish.new_file(tmp_path / "bundle" / "f", scratch=tmp_path) as file:
        file.write(b"1")
        assert names(tmp_path / "bundle") == []
        assert len(names(tmp_path)) == 2
    assert (names(tmp_path), names(tmp_path / "bundle")) == (["bundle"], ["f"])


def test_copying_an_attachment(tmp_path):
    (tmp_path / "source").write_bytes(b"abc" * 700_000)
    os.mkfifo(tmp_path / "fifo")
    size, digest = publish.copy_file(tmp_path / "source", tmp_path / "new" / "deep" / "copy")
    assert (tmp_path / "new" / "deep" / "copy").read_bytes() == b"abc" * 700_000
    assert size == 2_100_000
    assert len(digest) == 64
    copy = tmp_path / "copy"
    assert refused(publish.copy_file, tmp_path / "absent", copy) == "attachment.missing"
    assert refused(publish.copy_file, tmp_path, copy) in {
        "attachment.not-a-file",
        "attachment.unreadable",
    }
    assert refused(publish.copy_file, tmp_path / "fifo", copy) == "attachment.not-a-file"
    assert not copy.exists()


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("way", ["renameat2", "fallback"])
def test_both_ways_of_placing_keep_what_is_there(tmp_path, kind, way):
    fallback = place.place_file_by_linking if kind == "file" else place.place_folder_by_reserving
    move = place.place if way == "renameat2" else fallback
    for name in ("one", "two"):
        source = tmp_path / name
        source.write_text(name) if kind == "file" else (source / name).mkdir(parents=True)
    move(tmp_path / "one", tmp_path / "final")
    assert not (tmp_path / "one").exists()
    with pytest.raises(FileExistsError):
        move(tmp_path / "two", tmp_path / "final")
    assert (tmp_path / "two").exists()
    found = (tmp_path / "final").read_text() if kind == "file" else names(tmp_path / "final")[0]
    assert found == "one"
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileExistsError):
        move(tmp_path / "two", tmp_path / "empty")
    assert names(tmp_path / "empty") == []


def _write(kind, final, number, gate, wins):
    gate.wait()
    try:
        if kind == "folder":
            fill(final, b"%d" % number * 10_000)
        else:
            publish.write_file(final, b"%d" % number * 10_000)
        wins.put(number)
    except UndecidedError as error:
        wins.put(error.code)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_of_many_writers_of_one_name_one_wins_and_the_others_say_so(tmp_path, kind):
    context = multiprocessing.get_context("fork")
    for round_number in range(ROUNDS):
        final, wins = tmp_path / str(round_number), context.Queue()
        gate = context.Barrier(WRITERS)
        writers = [
            context.Process(target=_write, args=(kind, final, number, gate, wins))
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        results = [wins.get(timeout=30) for _ in writers]
        for writer in writers:
            writer.join()
        (winner,) = [result for result in results if result != "output.exists"]
        found = final if kind == "file" else final / "sub" / "f"
        assert found.read_bytes() == b"%d" % winner * 10_000
    assert len(names(tmp_path)) == ROUNDS


def _limited(action):
    """Run ``action`` in a child process that may write files of 64 KiB at most."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
        try:
            action()
            code = "written"
        except UndecidedError as error:
            code = error.code
        os.write(writer, code.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as file:
        return file.read()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_file_that_finds_no_room_leaves_nothing(tmp_path):
    (tmp_path / "source").write_bytes(bytes(100_000))
    before = names(tmp_path)

    def in_pieces():
        with publish.new_file(tmp_path / "p") as file:
            for _ in range(100):
                file.write(bytes(1_000))

    def copied():
        with publish.new_folder(tmp_path / "d") as stage:
            publish.copy_file(tmp_path / "source", stage / "c")

    for action in (lambda: publish.write_file(tmp_path / "f", bytes(100_000)), in_pieces, copied):
        assert _limited(action) == "output.disk-full"
        assert names(tmp_path) == before


@pytest.fixture
def full_disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip(TMPFS_HINT)
    mount = tmp_path / "disk"
    mount.mkdir()
    done = run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)],
    )
    if done.returncode:
        pytest.skip(TMPFS_HINT)
    yield mount
    assert run(["umount", str(mount)]).returncode == 0


def test_a_full_disk_leaves_older_files_and_no_new_name(full_disk):
    publish.write_file(full_disk / "older", b"kept" * 1_000)
    for kib in (61, 64, 100):
        assert refused(publish.write_file, full_disk / "f", bytes(kib << 10)) == "output.disk-full"
        with pytest.raises(OSError, match="No space"):
            fill(full_disk / "d", bytes(kib << 10))
        assert names(full_disk) == ["older"]
    assert (full_disk / "older").read_bytes() == b"kept" * 1_000
    publish.write_file(full_disk / "f", bytes(32 << 10))


def test_a_killed_writer_leaves_no_final_name(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from evidencekit.edges import publish\n"
        f"with publish.new_file(Path({str(tmp_path)!r}, 'f')) as file:\n"
        "    file.write(b'half'); print('ready', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGKILL)
    (left,) = names(tmp_path)
    assert left.startswith(".evidencekit-")
    publish.write_file(tmp_path / "f", b"whole")
    assert (tmp_path / "f").read_bytes() == b"whole"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_everything_is_durable_before_it_is_named(tmp_path, kind):
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is not installed: the order of system calls is not proven here")
    body = (
        "publish.write_file(at / 'final', b'1')"
        if kind == "file"
        else "w = publish.new_folder(at / 'final')\n"
        "with w as stage: (stage / 'sub').mkdir(); (stage / 'sub' / 'f').write_bytes(b'1')"
    )
    script = (
        "from pathlib import Path; from evidencekit.edges import publish\n"
        f"at = Path({str(tmp_path)!r})\n{body}\n"
    )
    log = tmp_path / "log"
    calls = "fsync,rename,renameat,renameat2,link,linkat,unlink"
    done = run(
        [strace, "-y", "-o", str(log), "-e", f"trace={calls}", sys.executable, "-c", script],
    )
    if done.returncode:
        pytest.skip("strace cannot trace here: the order of system calls is not proven")
    trace = [line for line in log.read_text().splitlines() if str(tmp_path) in line]
    kinds = [line.partition("(")[0] for line in trace]
    expected = ["fsync"] * (1 if kind == "file" else 3) + ["renameat2", "fsync"]
    assert kinds == expected
    assert trace[-1].count(".tmp") == 0
