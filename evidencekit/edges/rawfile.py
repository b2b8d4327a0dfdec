"""Raw files that speak of the path a user knows, and let only our own errors out."""

import contextlib
import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evidencekit.core.visible import visible
from evidencekit.errors import UndecidedError

BLOCK = 1 << 20
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY})
_WHAT = {errno.ENOENT: "missing", errno.ENOTDIR: "missing", errno.EISDIR: "not-a-file"}
_NO_FOLDER = frozenset({errno.ENOENT, errno.ENOTDIR})


@contextlib.contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Let ``output.exists``, ``.disk-full``, ``.no-folder``, ``.unwritable`` out, nothing else."""
    try:
        yield
    except OSError as error:
        if error.errno in _TAKEN:
            told = f"{shown(path)}: exists already, and is never overwritten"
            raise UndecidedError("output.exists", told) from None
        told = f"{shown(path)}: {reason(error)}"
        if error.errno in _FULL:
            hint = "make room, then run it again"
            raise UndecidedError("output.disk-full", told, hint=hint) from None
        code = "output.no-folder" if error.errno in _NO_FOLDER else "output.unwritable"
        raise UndecidedError(code, told) from None


class OutputFile(io.FileIO):
    """A new file, mode 0600, whose every ``write`` writes all of it or raises ``output.*``."""

    def __init__(self, path: Path, *, known_as: Path | None = None) -> None:
        self._known_as = known_as or path
        with output_errors(self._known_as):
            super().__init__(os.open(path, _NEW, 0o600), "r+b")

    def write(self, data: Any, /) -> int:
        """Write every byte of ``data``; a disk that fills up in the middle is an error."""
        view, done = memoryview(data).cast("B"), 0
        with output_errors(self._known_as):
            while done < len(view):
                done += super().write(view[done:]) or 0
        return done

    def close(self) -> None:
        """Close; a write that fails only now counts as one that failed."""
        with output_errors(self._known_as):
            super().close()


class InputFile(io.FileIO):
    """A regular file that a user named, links followed, opened without waiting on anything.

    Raises ``UndecidedError``: ``<family>.missing``, ``.unreadable``, ``.not-a-file``.
    """

    def __init__(self, path: Path, *, family: str) -> None:
        self._path, self._family = path, family
        with self._errors():
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
            super().__init__(os.open(path, flags), "rb")
        if not stat.S_ISREG(os.fstat(self.fileno()).st_mode):
            self.close()
            raise UndecidedError(f"{family}.not-a-file", f"{shown(path)}: is not a regular file")

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to ``size`` bytes."""
        with self._errors():
            return super().read(size) or b""

    def close(self) -> None:
        """Close; what was read stays read, whatever closing says."""
        with contextlib.suppress(OSError):
            super().close()

    @property
    def size(self) -> int:
        """The size at this moment."""
        return os.fstat(self.fileno()).st_size

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            what = _WHAT.get(error.errno or 0, "unreadable")
            told = f"{shown(self._path)}: {reason(error)}"
            raise UndecidedError(f"{self._family}.{what}", told) from None


def let_go(handle: int) -> None:
    """Close a handle through which nothing was written; whatever closing says, nothing is lost."""
    with contextlib.suppress(OSError):
        os.close(handle)


def copy_file(source: Path, target: Path, *, family: str = "attachment") -> tuple[int, str]:
    """Copy a file that a user named to a new one; return its size and SHA-256.

    Raises ``UndecidedError``: ``<family>.*`` of :class:`InputFile`, or ``output.*``.
    """
    digest, size = hashlib.sha256(), 0
    with InputFile(source, family=family) as reader:
        make_folder(target.parent)
        with OutputFile(target) as writer:
            while block := reader.read(BLOCK):
                digest.update(block)
                size += writer.write(block)
    return size, digest.hexdigest()


def move_file(source: Path, target: Path) -> None:
    """Move a private file to a name that nobody else knows. Raises ``output.*``."""
    make_folder(target.parent)
    with output_errors(target):
        source.rename(target)


def make_folder(folder: Path) -> None:
    """Make a private folder, and those above it, unless they exist."""
    with output_errors(folder):
        folder.mkdir(0o700, parents=True, exist_ok=True)


def shown(path: Path) -> str:
    """Return a path as it may be printed."""
    return visible(str(path), limit=300)


def reason(error: OSError) -> str:
    """Return what the system says is wrong, in our manner."""
    return (error.strerror or "unknown error").lower()
