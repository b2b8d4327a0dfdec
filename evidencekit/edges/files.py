"""Read small files that people name: regular, of bounded size, without hanging on anything."""

import os
import stat
from pathlib import Path

from evidencekit.core.visible import visible
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_DOCUMENT_BYTES


def read_limited(
    path: Path, *, limit: int = MAX_DOCUMENT_BYTES, family: str = "file", refused_mode: int = 0
) -> bytes:
    """Return the bytes of a regular file; links are followed, since the user named the path.

    Raises ``UndecidedError``: ``<family>.missing``, ``.unreadable``, ``.not-a-file``, ``.size``,
    and ``.too-open`` where a permission bit of ``refused_mode`` is set.
    """
    name = shown(path)
    try:
        # Non-blocking: opening a FIFO would wait for ever. What is checked is what is read.
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123
            _check_mode(os.fstat(file.fileno()).st_mode, refused_mode, name, family)
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise UndecidedError(f"{family}.missing", f"{name}: no such file") from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UndecidedError(f"{family}.unreadable", f"{name}: {reason}") from None
    except ValueError:  # a NUL in the path
        raise UndecidedError(f"{family}.missing", f"{name}: is not a path") from None
    if len(data) > limit:
        told = f"is larger than {limit:,} bytes, the most that is read"
        raise UndecidedError(f"{family}.size", f"{name}: {told}")
    return data


def shown(path: Path) -> str:
    """Return a path as it may be printed."""
    return visible(str(path), limit=300)


def _check_mode(mode: int, refused: int, name: str, family: str) -> None:
    if not stat.S_ISREG(mode):
        raise UndecidedError(f"{family}.not-a-file", f"{name}: is not a regular file")
    if mode & refused:
        told = f"{name}: has mode {mode & 0o777:04o}, which lets others in"
        hint = f"chmod {mode & 0o777 & ~refused:o} {name}"
        raise UndecidedError(f"{family}.too-open", told, hint=hint)
