"""Swap what a bundle is made of for another bundle's, in every way, until told to stop.

    python swapper.py BUNDLE ONE OTHER SCRATCH COUNTER SEED

ONE and OTHER hold the two bundles that BUNDLE is swapped between: folders, or files for a zip. The
first 8 bytes of COUNTER count the swaps; a file COUNTER.stop ends them. Uses no module of ours.
"""

import mmap
import os
import random
import shutil
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path


class Swapper:
    """Puts one version or the other in the place of a file or folder."""

    def __init__(self, bundle: Path, versions: tuple[Path, Path], scratch: Path) -> None:
        self.bundle, self.versions, self.scratch, self.made = bundle, versions, scratch, 0

    def copy(self, name: str, version: int) -> Path:
        """Return a new copy of a version's file or folder, outside the bundle."""
        self.made += 1
        path = self.scratch / f"{self.made}"
        source = self.versions[version] / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, path)
        return path

    def renamed(self, name: str, version: int) -> None:
        """Another file in its place, in one step."""
        self.copy(name, version).rename(self.bundle / name)

    def written(self, name: str, version: int) -> None:
        """The same file, written over."""
        data = (self.versions[version] / name).read_bytes()
        with (self.bundle / name).open("r+b") as file:
            file.write(data)
            file.truncate()

    def linked(self, name: str, version: int) -> None:
        """A link to another file."""
        self.made += 1
        path = self.scratch / f"{self.made}"
        path.symlink_to(self.versions[version] / name)
        path.rename(self.bundle / name)

    def hard_linked(self, name: str, version: int) -> None:
        """Another name of a file that lies elsewhere."""
        copy = self.copy(name, version)
        self.made += 1
        os.link(copy, self.scratch / f"{self.made}")
        copy.rename(self.bundle / name)

    def moved(self, name: str, version: int) -> None:
        """Gone, and then another one there: the only way for a folder that holds something."""
        copy, place = self.copy(name, version), self.bundle / name
        self.made += 1
        place.rename(self.scratch / f"{self.made}")
        copy.rename(place)


def main() -> None:
    """Swap one thing, wait for a moment, put the first version back, wait again."""
    bundle, one, other, scratch, counter = map(Path, sys.argv[1:6])
    dice = random.Random(sys.argv[6])  # noqa: S311  (repeatable, not secret)
    swapper, count = Swapper(bundle, (one, other), scratch), 0
    files = [path.relative_to(one).as_posix() for path in one.rglob("*") if path.is_file()] or [""]
    folders = [name for name in ("data", "data/export", "signatures") if (one / name).is_dir()]
    ways: list[Callable[[str, int], None]] = [swapper.renamed, swapper.written]
    ways += [swapper.linked, swapper.hard_linked] if folders else []
    with counter.open("r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
        while not counter.with_suffix(".stop").exists():
            way = dice.choice([*ways, swapper.moved] if folders else ways)
            name = dice.choice(folders if way == swapper.moved else files)
            back = swapper.moved if way == swapper.moved else swapper.renamed
            for version, how in ((1, way), (0, back)):
                how(name, version)
                count += 1
                shared[:] = struct.pack("<Q", count)
                time.sleep(dice.random() ** 2 * 0.008)
            for path in scratch.iterdir():
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    main()
