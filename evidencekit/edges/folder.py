"""A bundle as a folder: read through handles that no link can turn aside, written file by file."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidencekit.core.names import FOLDERS, check_name, is_large
from evidencekit.core.visible import visible
from evidencekit.edges.members import MemberStream, reading
from evidencekit.edges.rawfile import OutputFile, copy_file, let_go, make_folder
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_MEMBER_BYTES, MAX_MEMBERS, MAX_SMALL_MEMBER_BYTES

# A link is not followed, a FIFO is not waited for, a child process inherits nothing.
_SAFELY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Folder:
    """The members of a folder, found in one walk and opened by handle.

    Only folders that a bundle can have are entered, each through the handle of the one above it.
    What is no regular file with one name is a fault and never opened.
    """

    form = "folder"

    def __init__(self, handle: int, name: str) -> None:
        """Walk the folder of an open ``handle``, which this object owns from now on."""
        self.id = name
        self._folders = {"": handle}
        self._found: dict[str, os.stat_result] = {}
        self._present: set[str] = set()
        self._faults: list[RejectedError] = []
        try:
            self._walk("")
            self._check_sizes()
        except BaseException:
            self.close()
            raise

    @property
    def sizes(self) -> Mapping[str, int]:
        """The size of every regular file, known or not."""
        return {name: found.st_size for name, found in self._found.items()}

    @property
    def present(self) -> frozenset[str]:
        """Every name that is taken by something other than a folder, a link included."""
        return frozenset(self._present)

    @property
    def faults(self) -> tuple[RejectedError, ...]:
        """Links, special files, folders that are unknown or empty."""
        return tuple(self._faults)

    def open(self, name: str) -> MemberStream:
        """Open the very file that the walk found. Raises ``container.changed`` if it is another."""
        folder, _, last = name.rpartition("/")
        with reading(name):
            handle = os.open(last, _SAFELY, dir_fd=self._folders[folder])
        return _FileStream(handle, name, self._found[name])

    def close(self) -> None:
        """Close the handles of all folders; streams that are open stay so."""
        while self._folders:
            let_go(self._folders.popitem()[1])

    def _walk(self, folder: str) -> None:
        with reading(folder or self.id), os.scandir(self._folders[folder]) as entries:
            empty = True
            for entry in entries:
                empty = False
                self._take(f"{folder}/{entry.name}".lstrip("/"), entry)
        if empty and folder:
            self._faults.append(_fault("unlisted", f"{folder}/", "is an empty folder"))

    def _take(self, name: str, entry: os.DirEntry[str]) -> None:
        found = entry.stat(follow_symlinks=False)
        if not stat.S_ISDIR(found.st_mode):
            self._present.add(name)
        fault = _fault_of(name, found)
        if fault:
            self._faults.append(fault)
        elif stat.S_ISDIR(found.st_mode):
            parent, _, last = name.rpartition("/")
            flags = _SAFELY | os.O_DIRECTORY
            self._folders[name] = os.open(last, flags, dir_fd=self._folders[parent])
            self._walk(name)
        else:
            self._found[name] = found
        if len(self._found) + len(self._faults) > MAX_MEMBERS:
            raise _fault("members", self.id, f"holds more than {MAX_MEMBERS:,} members")

    def _check_sizes(self) -> None:
        for name, size in self.sizes.items():
            limit = MAX_MEMBER_BYTES if is_large(name) else MAX_SMALL_MEMBER_BYTES
            if size > limit:
                raise _fault("size", name, f"has {size:,} bytes, at most {limit:,} are read")
        if sum(self.sizes.values()) > MAX_MEMBER_BYTES:
            raise _fault("size", self.id, f"holds more than {MAX_MEMBER_BYTES:,} bytes")


class _FileStream(MemberStream):
    def __init__(self, handle: int, name: str, found: os.stat_result) -> None:
        super().__init__(name, found.st_size)
        self._handle, self._identity = handle, _identity(found)
        try:
            self._finish()
        except BaseException:
            self.close()
            raise

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")[: self._left]
        if not view or self._ended:
            return super().readinto(buffer)
        with reading(self.name):
            read = os.readv(self._handle, [view])
        self._count(read)
        return read

    def _fetch(self, limit: int) -> bytes:
        with reading(self.name):
            return os.read(self._handle, limit)

    def _finish(self) -> None:
        """Raise unless it is still the file that the walk found, untouched since."""
        if _identity(os.fstat(self._handle)) != self._identity:
            raise self._fault("changed", "was written or replaced while the bundle was read")

    def close(self) -> None:
        if not self.closed:
            let_go(self._handle)
        super().close()


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _fault_of(name: str, found: os.stat_result) -> RejectedError | None:
    if stat.S_ISDIR(found.st_mode):
        if name in FOLDERS:
            return None
        return _fault("unlisted", f"{name}/", "is a folder that no bundle has")
    if not stat.S_ISREG(found.st_mode):
        return _fault("type", name, "is a link or a special file, not a regular one")
    if found.st_nlink != 1:
        return _fault("type", name, f"has {found.st_nlink} names: what is written to one is in all")
    return None


def _fault(code: str, where: str, sides: str) -> RejectedError:
    return RejectedError(f"container.{code}", f"{visible(where, limit=300)}: {sides}")


def write_folder(folder: Path, members: Mapping[str, bytes | Path]) -> None:
    """Write members below a private folder, which :mod:`publish` then makes durable and names."""
    for name, content in sorted(members.items()):
        check_name(name)
        path = folder / name
        if isinstance(content, Path):
            copy_file(content, path, family="output")
            continue
        make_folder(path.parent)
        with OutputFile(path) as file:
            file.write(content)
