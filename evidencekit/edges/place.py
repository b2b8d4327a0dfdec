"""Give a finished file or folder its final name, never in the place of something else.

``rename`` replaces a file, and an empty folder, without a word. So the kernel is asked to rename
only if the name is free (``renameat2`` with ``RENAME_NOREPLACE``: one step, nothing in between).
Where kernel or file system cannot, a file is linked under its name, and a folder is renamed onto an
empty one that was made to reserve the name; a crash between those two steps leaves a second link
or an empty folder, neither of which is ever taken for a bundle.

Each function raises ``FileExistsError`` where the name is taken, else ``OSError``.
"""

import ctypes
import errno
import os
import stat
from pathlib import Path

_AT_FDCWD, _RENAME_NOREPLACE = -100, 1  # Linux
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR})
_libc = ctypes.CDLL(None, use_errno=True)


def place(source: Path, final: Path) -> None:
    """Move a file or folder to ``final``, on the same file system, if that name is free."""
    if rename_if_free(source, final):
        return
    if source.is_dir():
        place_folder_by_reserving(source, final)
    else:
        place_file_by_linking(source, final)


def replace_file(source: Path, final: Path) -> None:
    """Move a file to ``final``, over a regular file if one is there, and over nothing else."""
    try:
        mode = os.lstat(final).st_mode
    except FileNotFoundError:
        place(source, final)
        return
    if not stat.S_ISREG(mode):
        raise FileExistsError(errno.EEXIST, "is not a regular file", str(final))
    source.rename(final)


def rename_if_free(source: Path, final: Path) -> bool:
    """Rename in one step if ``final`` is free; return False where this system cannot say so."""
    rename = getattr(_libc, "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(source), os.fsencode(final)
    if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_NOREPLACE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(final))


def place_file_by_linking(source: Path, final: Path) -> None:
    """Link, then unlink: ``link`` never replaces. Without links, reserve the name and rename."""
    try:
        os.link(source, final, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        source.rename(final)
    else:
        source.unlink()


def place_folder_by_reserving(source: Path, final: Path) -> None:
    """Make an empty folder of that name and rename onto it, which works only while it is empty."""
    final.mkdir(0o700)
    try:
        source.rename(final)
    except OSError as error:
        if error.errno in _TAKEN:
            raise FileExistsError(errno.EEXIST, "appeared meanwhile", str(final)) from None
        final.rmdir()
        raise
