"""An export on its way: a file under a hidden name, and a journal that lets a later run go on.

Both lie in one folder, named after API and job: ``.evidencekit-<16 hex digits>.part`` and ``.job``.
They are gone when the export has its name, and when nothing could go on with them. A process that
was killed leaves them, for whoever goes on with the job; a week later :func:`sweep` removes them.
"""

import contextlib
import fcntl
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from evidencekit.core.instant import NANOSECONDS
from evidencekit.core.journal import HeldBytes, Journal
from evidencekit.core.visible import visible
from evidencekit.edges import publish
from evidencekit.edges.download import Held
from evidencekit.edges.files import read_limited
from evidencekit.edges.http import PassingError
from evidencekit.edges.rawfile import BLOCK, OutputFile, output_errors
from evidencekit.errors import UndecidedError

# After these, the same job may well deliver in a later run.
_LATER = frozenset({"api.job-late", "api.unauthorized", "api.forbidden", "output.exists"})

_NAME = re.compile(r"(\.evidencekit-[0-9a-f]{16})\.(?:part|job)")
_ORPHANED = 7 * 86_400 * NANOSECONDS  # export jobs do not live longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the two files of one job lie."""

    part: Path
    journal: Path

    @classmethod
    def of(cls, folder: Path, api_url: str, job_id: str) -> "Places":
        """Return the places of a job in ``folder``."""
        name = hashlib.sha256(f"{api_url}\n{job_id}".encode()).hexdigest()[:16]
        return cls.named(folder, f".evidencekit-{name}")

    @classmethod
    def named(cls, folder: Path, stem: str) -> "Places":
        """Return the places that share a name up to its suffix."""
        return cls(part=folder / f"{stem}.part", journal=folder / f"{stem}.job")

    def read(self) -> Journal | None:
        """Return what an earlier run noted; None where there is nothing to read."""
        try:
            return Journal.from_bytes(read_limited(self.journal))
        except (UndecidedError, ValueError):
            return None

    @property
    def kept(self) -> bool:
        """Whether there is something to go on with."""
        return self.journal.is_file()

    def remove(self) -> None:
        """Remove both."""
        for path in (self.part, self.journal):
            with contextlib.suppress(OSError):
                path.unlink()


def sweep(folder: Path, *, keep: Places, now: int) -> None:
    """Remove what killed processes left in ``folder``, nobody touched for a week and nobody holds.

    ``keep`` are the places of the job in hand, ``now`` is in nanoseconds since the epoch. Only
    regular files of our names go. Raises nothing: what cannot be removed stays.
    """
    stems: set[str] = set()
    with contextlib.suppress(OSError):
        stems = {match[1] for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))}
    for places in (Places.named(folder, stem) for stem in stems):
        if places != keep:
            _remove_orphan(places, now - _ORPHANED)


def _remove_orphan(places: Places, before: int) -> None:
    """Remove both files if neither is younger, and no process writes the part."""
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        found = [path for path in (places.part, places.journal) if os.path.lexists(path)]
        for status in (path.lstat() for path in found):
            if not stat.S_ISREG(status.st_mode) or status.st_mtime_ns >= before:
                return
        if places.part in found:
            handle = os.open(places.part, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        places.remove()


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """The file that is being written, and how much of it is certain."""

    file: BinaryIO
    held: Held


@contextlib.contextmanager
def partial(journal: Journal, places: Places, final: Path, *, force: bool) -> Iterator[Partial]:
    """Yield the file of a job, with what an earlier run left in it; it ends up as ``final``.

    ``journal`` says what was noted, or is to be noted. Where the block ends badly, the file stays
    if a later run may go on with it. Raises ``UndecidedError``: ``output.*``.
    """
    with _opened(places.part, final) as file:
        with output_errors(final):
            held = _restored(file, journal.held)
        held.save = lambda: _note(file, held, journal, places)
        try:
            held.save()
            yield Partial(file=file, held=held)
            publish.publish_file(file.fileno(), places.part, final, force=force)
        except BaseException as error:
            _keep_or_remove(error, held, places)
            raise
    places.remove()


def _keep_or_remove(error: BaseException, held: Held, places: Places) -> None:
    if _worth_keeping(error):
        with contextlib.suppress(UndecidedError):  # the last note is good enough
            held.save()
    else:
        places.remove()


class _PartFile(OutputFile):
    """As :class:`OutputFile`, but one that exists is gone on with."""

    def __init__(self, path: Path, *, known_as: Path) -> None:
        self._known_as = known_as
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with output_errors(known_as):
            io.FileIO.__init__(self, os.open(path, flags, 0o600), "r+b")


@contextlib.contextmanager
def _opened(path: Path, final: Path) -> Iterator[BinaryIO]:
    """Yield the file under ``path``, ours alone."""
    with _PartFile(path, known_as=final) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = os.path.samestat(os.fstat(file.fileno()), path.lstat())
        except OSError:
            ours = False  # held by another process, which may have finished just now
        if not ours:
            told = f"{visible(str(final.parent), limit=300)}: this job is being downloaded here"
            raise UndecidedError("output.busy", told, hint="wait for the other process to end")
        yield cast(BinaryIO, file)


def _restored(file: BinaryIO, noted: HeldBytes | None) -> Held:
    """Return what of the file can be relied on: what was noted, if its hash still says so."""
    held = Held()
    if noted is None or os.fstat(file.fileno()).st_size < noted.size:
        return held
    left = noted.size
    file.seek(0)
    while left and (block := file.read(min(left, BLOCK))):
        held.digest.update(block)
        left -= len(block)
    if left or held.digest.hexdigest() != noted.sha256:
        held.restart()
        return held
    held.etag, held.total, held.size, held.begun = noted.etag, noted.total, noted.size, True
    return held


def _note(file: BinaryIO, held: Held, journal: Journal, places: Places) -> None:
    """Make the bytes durable, then the note that says they are."""
    certain = None
    if held.etag is not None and held.begun:
        with output_errors(places.part):
            os.fsync(file.fileno())
        certain = HeldBytes(
            etag=held.etag, total=held.total, size=held.size, sha256=held.digest.hexdigest()
        )
    noted = replace(journal, held=certain).to_bytes()
    publish.write_file(places.journal, noted, mode=0o600, force=True)


def _worth_keeping(error: BaseException) -> bool:
    if isinstance(error, UndecidedError):
        return isinstance(error, PassingError) or error.code in _LATER
    return not isinstance(error, Exception)  # an interrupt, an exit
