"""The one way anything is written: a private temporary name, then durable, then the final name.

Nothing stands under a final name before its last byte is on disk, and nothing that stands there is
ever replaced but by ``force``, and then only one regular file by another. On any exception, an
interrupt included, the temporary name is removed; a killed process leaves a ``.evidencekit-*.tmp``,
which is no name in any bundle. Links in the folders of a path are followed, since the user named
them; the final name itself is never followed.

Errors are ``UndecidedError``: ``output.exists``, ``output.disk-full``, ``output.no-folder``,
``output.unwritable``. Modes are 0600 and 0700 while writing, then as asked for, less the umask.
"""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from evidencekit.edges.place import place, replace_file
from evidencekit.edges.rawfile import OutputFile, copy_file, let_go, move_file, output_errors
from evidencekit.errors import UndecidedError

__all__ = [
    "copy_file",
    "move_file",
    "new_file",
    "new_folder",
    "publish_file",
    "publish_folder",
    "refuse_existing",
    "staging",
    "write_file",
]

FILE_MODE, FOLDER_MODE = 0o644, 0o755


def write_file(
    path: Path,
    data: bytes,
    *,
    mode: int = FILE_MODE,
    force: bool = False,
    scratch: Path | None = None,
) -> None:
    """Publish ``data`` as a file. ``scratch`` is the folder of the temporary name, if another."""
    with new_file(path, mode=mode, force=force, scratch=scratch) as file:
        file.write(data)


@contextlib.contextmanager
def new_file(
    final: Path, *, mode: int = FILE_MODE, force: bool = False, scratch: Path | None = None
) -> Iterator[BinaryIO]:
    """Yield a file to be written and sought in; it becomes ``final`` when the block ends well."""
    if not force:
        refuse_existing(final)
    temporary = _temporary(scratch or final.parent)
    with OutputFile(temporary, known_as=final) as file:
        try:
            yield cast(BinaryIO, file)
            publish_file(file.fileno(), temporary, final, mode=mode, force=force)
            with contextlib.suppress(UndecidedError):  # all of it is on disk, under its name
                file.close()
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise


def publish_file(
    handle: int, temporary: Path, final: Path, *, mode: int = FILE_MODE, force: bool = False
) -> None:
    """Make the open file under ``temporary`` durable, then give it its final name, if free."""
    with output_errors(final):
        _settle(handle, mode & ~_umask())
        if force:
            replace_file(temporary, final)
            _sync_folder(final.parent)
        else:
            _place_durably(temporary, final)


@contextlib.contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """Yield a private folder to be filled; it becomes ``final`` when the block ends well."""
    refuse_existing(final)
    with staging(final.parent) as stage:
        yield stage
        publish_folder(stage, final)


@contextlib.contextmanager
def staging(parent: Path) -> Iterator[Path]:
    """Yield a private folder inside ``parent``; what was not published by the end is removed."""
    stage = _temporary(parent)
    with output_errors(parent):
        stage.mkdir(0o700)
    try:
        yield stage
    finally:
        for _ in range(2):  # what fails once may not fail twice
            with contextlib.suppress(OSError):  # it ignores all errors but those of close
                shutil.rmtree(stage, ignore_errors=True)


def publish_folder(stage: Path, final: Path) -> None:
    """Make everything below ``stage`` durable, then give it its final name, if that is free."""
    with output_errors(final):
        umask = _umask()
        for folder, _, files in os.walk(stage, topdown=False, onerror=_raise):
            for name in files:
                _settle_path(Path(folder, name), FILE_MODE & ~umask)
            _settle_path(Path(folder), FOLDER_MODE & ~umask)
        _place_durably(stage, final)


def _place_durably(source: Path, final: Path) -> None:
    """Give the final name; take it back where the disk does not say that it will last."""
    place(source, final)
    try:
        _sync_folder(final.parent)
    except OSError:
        final.rename(source)
        raise


def refuse_existing(final: Path) -> None:
    """Raise ``output.exists`` where anything has that name: a dangling link, an empty folder."""
    with output_errors(final):
        if os.path.lexists(final):
            raise FileExistsError(errno.EEXIST, "exists")


def _temporary(folder: Path) -> Path:
    return folder / f".evidencekit-{secrets.token_hex(8)}.tmp"


def _settle(handle: int, mode: int) -> None:
    """Give an open file or folder its mode and make it durable."""
    os.fchmod(handle, mode)
    os.fsync(handle)


def _settle_path(path: Path, mode: int) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _settle(handle, mode)
    finally:
        let_go(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that cannot do it for folders
            raise
    finally:
        let_go(handle)


def _umask() -> int:
    """Return the umask. It can only be read by setting it: for that moment, to the strictest."""
    found = os.umask(0o077)
    os.umask(found)
    return found


def _raise(error: OSError) -> None:
    raise error
