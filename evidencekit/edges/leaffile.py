"""The leaf digests of an event tree, in a file beside the bundle: 32 bytes an event, in order.

A bundle holds nothing that format 1 does not name, so the file never lies in one. It is written
while the export is surveyed, under a temporary name, and gets its own only if it is kept.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from evidencekit.core.names import BAGIT
from evidencekit.edges.rawfile import shown
from evidencekit.errors import UndecidedError


class LeafFile:
    """Where leaf digests go; ``write`` is None where nobody asked for them."""

    def __init__(self, write: Callable[[bytes], object] | None) -> None:
        self.write = write
        self.is_kept = False

    def keep(self) -> None:
        """Say that what was written is the tree of the bundle, so that the file gets its name."""
        self.is_kept = True


class _UnwantedError(Exception):
    """Ends the writing of a file that nobody keeps."""


@contextlib.contextmanager
def new_leaf_file(path: Path | None) -> Iterator[LeafFile]:
    """Yield where to write; the file is at ``path`` afterwards if it was kept, and else nothing is.

    Raises ``UndecidedError`` ``output.*``, before any work if the name is taken.
    """
    if path is None:
        yield LeafFile(None)
        return
    from evidencekit.edges import publish  # noqa: PLC0415  (start-up: few ask for leaves)

    refuse_leaves(path)
    with contextlib.suppress(_UnwantedError), publish.new_file(path) as file:
        leaves = LeafFile(file.write)
        yield leaves
        if not leaves.is_kept:
            raise _UnwantedError


def refuse_leaves(path: Path, bundle: Path | None = None) -> None:
    """Raise ``output.*`` where no leaf digests could be written to ``path``.

    ``bundle`` is the name that a bundle is going to have.
    """
    from evidencekit.edges import publish  # noqa: PLC0415  (start-up)

    publish.refuse_existing(path)
    real = Path(os.path.realpath(path))
    bundles = [folder for folder in real.parents if os.path.lexists(folder / BAGIT)]
    if bundles or (bundle is not None and real == Path(os.path.realpath(bundle))):
        told = f"{shown(path)}: lies in a bundle, which holds nothing but what its format names"
        raise UndecidedError("output.in-bundle", told, hint="name a file beside the bundle")
    if not real.parent.is_dir():
        raise UndecidedError("output.no-folder", f"{shown(path.parent)}: no such folder")
