"""What folder and zip have in common: named members, each a stream that ends as promised."""

import contextlib
import errno
import io
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from evidencekit.core.visible import visible
from evidencekit.errors import RejectedError, UndecidedError

BLOCK = 1 << 20
_SWAPPED = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EISDIR})


class MemberStream(io.RawIOBase):
    """One member's bytes, from front to end, once.

    Whatever does not add up at the end (size, CRC, a file that changed) is raised by the very call
    that returns the last byte, so that nobody who read all bytes can have missed it.
    """

    def __init__(self, name: str, size: int) -> None:
        super().__init__()
        self.name, self.size = visible(name, limit=300), size
        self._left, self._ended = size, False

    def readable(self) -> bool:
        """Return True: that is all it can do."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to ``size`` bytes; none are left when it returns none."""
        if size is None or size < 0:
            return self.readall()
        if self._ended or size == 0:
            return b""
        data = self._fetch(min(size, self._left)) if self._left else b""
        self._count(len(data))
        return data

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer`` from the front and return how many bytes there were."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Return everything that is left."""
        return b"".join(iter(lambda: self.read(BLOCK), b""))

    @abstractmethod
    def _fetch(self, limit: int) -> bytes:
        """Return 1 to ``limit`` bytes, or none where there are no more."""

    @abstractmethod
    def _finish(self) -> None:
        """Raise unless the member ends here, and as promised."""

    def _count(self, read: int) -> None:
        self._left -= read
        if self._left and not read:
            raise self._fault("changed", f"ends {self._left:,} bytes early, of {self.size:,}")
        if not self._left:
            self._ended = True
            self._finish()

    def _fault(self, code: str, sides: str) -> RejectedError:
        return RejectedError(f"container.{code}", f"{self.name}: {sides}")


@contextlib.contextmanager
def reading(name: str) -> Iterator[None]:
    """Let ``container.changed`` out where something else is there now, else ``.unreadable``."""
    try:
        yield
    except OSError as error:
        shown = visible(name, limit=300)
        if error.errno in _SWAPPED:
            told = f"{shown}: was put in another's place while the bundle was read"
            raise RejectedError("container.changed", told) from None
        told = f"{shown}: {(error.strerror or 'unknown error').lower()}"
        raise UndecidedError("container.unreadable", told) from None


class Source(Protocol):
    """The members that lie in a folder or a zip, by name, whatever their names are."""

    @property
    def form(self) -> str:
        """``folder`` or ``zip``."""

    @property
    def id(self) -> str:
        """The name of the base folder."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """The size of every member that can be opened."""

    @property
    def present(self) -> frozenset[str]:
        """Every name that is taken, by whatever."""

    @property
    def faults(self) -> tuple[RejectedError, ...]:
        """What is wrong, and yet does not keep the rest from being read."""

    def open(self, name: str) -> MemberStream:
        """Return a member's stream."""

    def close(self) -> None:
        """Let go of every handle."""
