"""A bundle, folder or zip, through one door: strict on the way in, canonical on the way out.

A bundle is read where it lies and nothing is written. Every member is opened through a handle, the
bytes that are hashed are the bytes that are parsed, and nothing is ever repaired.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from evidencekit.core.names import closed_world, is_known
from evidencekit.core.visible import visible
from evidencekit.edges.folder import Folder
from evidencekit.edges.members import BLOCK, MemberStream, Source
from evidencekit.edges.rawfile import let_go
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_SMALL_MEMBER_BYTES

if TYPE_CHECKING:
    from evidencekit.edges.zipread import BytesArchive, FileArchive

_IN_MEMORY = 64 << 20  # of a bundle that comes through a pipe; more goes to a nameless file


class Bundle:
    """An open bundle: which members there are, and the bytes of each.

    ``names`` are the members that a bundle can have and that can be read, sorted; ``present`` is
    every name that is taken; ``faults`` is all that is wrong with what is there or is not.
    """

    def __init__(self, source: Source) -> None:
        """Take an opened ``source``, which this object owns from now on."""
        self._source, self._sizes = source, source.sizes
        self._read: dict[str, bytes] = {}
        self.form, self.id = source.form, source.id
        self.names = tuple(sorted(filter(is_known, self._sizes)))
        self.present = source.present
        self.faults = (*source.faults, *closed_world(self.present))
        if not any(map(is_known, self.present)):
            self.close()
            told = f"{visible(self.id, limit=300)}: holds nothing that a bundle is made of"
            raise RejectedError("container.not-a-bundle", told)

    def size(self, name: str) -> int:
        """Return a member's size."""
        return self._sizes[name]

    def open(self, name: str) -> MemberStream:
        """Return a member as a stream, whose last read raises if the member is not whole."""
        return self._source.open(name)

    def read(self, name: str) -> bytes:
        """Return a small member's bytes; they are read once, whoever asks and how often."""
        if name not in self._read:
            if self.size(name) > MAX_SMALL_MEMBER_BYTES:
                sides = f"{self.size(name):,} bytes, at most {MAX_SMALL_MEMBER_BYTES:,} are read"
                raise RejectedError("container.size", f"{name}: {sides}")
            with self.open(name) as stream:
                self._read[name] = stream.readall()
        return self._read[name]

    def close(self) -> None:
        """Let go of every handle."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_bundle(bundle: Path | BinaryIO | bytes) -> Bundle:
    """Open a bundle: a folder or a zip by path (links are followed), or a zip as file or bytes.

    Raises ``RejectedError``: ``container.*`` where it cannot be read as a bundle, and
    ``container.not-a-bundle`` where it is none. Raises ``UndecidedError``: ``container.unreadable``
    where it cannot be opened. Faults that leave the rest readable are in ``.faults`` instead.
    """
    if isinstance(bundle, Path):
        return Bundle(_from_path(bundle))
    from evidencekit.edges.zipread import BytesArchive, Zip  # noqa: PLC0415  (start-up)

    return Bundle(Zip(BytesArchive(bundle) if isinstance(bundle, bytes) else _from_file(bundle)))


def add_members(bundle: Path, files: dict[str, bytes]) -> None:
    """Add files of ``signatures/`` or ``custody/`` to a bundle; no byte of another member changes.

    Whoever reads meanwhile sees the bundle as it was or as it is, and of two writers of one name
    one is refused. Raises ``UndecidedError`` ``output.*``, or what is wrong with the bundle.
    """
    from evidencekit.edges.extend import add_to_folder, add_to_zip  # noqa: PLC0415  (start-up)

    path, form = _writable(bundle, files)
    (add_to_folder if form == "folder" else add_to_zip)(path, files)


def replace_members(bundle: Path, files: dict[str, bytes], expected: dict[str, str]) -> None:
    """Put ``files`` of ``signatures/`` into a bundle, over those that have an ``expected`` SHA-256.

    No byte of another member changes. Raises ``UndecidedError`` ``output.changed`` where a member
    is no longer what it was, else as :func:`add_members`.
    """
    from evidencekit.edges.extend import (  # noqa: PLC0415  (start-up)
        replace_in_folder,
        replace_in_zip,
    )

    path, form = _writable(bundle, set(files) - set(expected))
    (replace_in_folder if form == "folder" else replace_in_zip)(path, files, expected)


def _writable(bundle: Path, names: Collection[str]) -> tuple[Path, str]:
    """Return path and form of a bundle without faults, in which these names are free."""
    path = _real(bundle)
    with open_bundle(path) as opened:
        taken = sorted(opened.present & set(names))
        faults = (*opened.faults, *closed_world({*opened.present, *names}))
    if taken:
        raise UndecidedError("output.exists", f"{taken[0]}: exists already in the bundle")
    if faults:
        raise faults[0]
    return path, opened.form


def _from_path(path: Path) -> Source:
    shown = visible(str(path), limit=300)
    try:
        # Non-blocking: opening a FIFO would wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        told = f"{shown}: {(error.strerror or 'cannot be opened').lower()}"
        raise UndecidedError("container.unreadable", told) from None
    except ValueError:  # a NUL in the path
        raise _no_path(path) from None
    mode = os.fstat(handle).st_mode
    if stat.S_ISDIR(mode):
        return Folder(handle, _real(path).name)
    if stat.S_ISREG(mode):
        from evidencekit.edges.zipread import FileArchive, Zip  # noqa: PLC0415  (start-up)

        return Zip(FileArchive(handle, str(path), owned=True))
    let_go(handle)
    raise RejectedError("container.not-a-bundle", f"{shown}: is neither a folder nor a zip")


def _real(path: Path) -> Path:
    """Return a path without links, as far as it exists."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a NUL in the path
        raise _no_path(path) from None


def _no_path(path: Path) -> UndecidedError:
    return UndecidedError("container.unreadable", f"{visible(str(path), limit=300)}: is not a path")


def _from_file(file: BinaryIO) -> BytesArchive | FileArchive:
    """Return the archive in an open file; what comes through a pipe is kept to be read at will."""
    from evidencekit.edges.zipread import BytesArchive, FileArchive  # noqa: PLC0415  (start-up)

    try:
        handle = file.fileno()
    except OSError:  # a file in memory
        return BytesArchive(file.read())
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return FileArchive(handle, "bundle", owned=False)
    import shutil  # noqa: PLC0415  (start-up)
    import tempfile  # noqa: PLC0415  (start-up)

    try:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
            shutil.copyfileobj(file, spool, BLOCK)
            size = spool.tell()
            spool.seek(0)
            if size <= _IN_MEMORY:
                return BytesArchive(spool.read())
            return FileArchive(os.dup(spool.fileno()), "bundle", owned=True)
    except OSError as error:
        told = f"bundle: {(error.strerror or 'cannot be read').lower()}"
        raise UndecidedError("container.unreadable", told) from None
