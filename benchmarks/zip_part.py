"""Write a bundle's folder as our zip, and do nothing else: what ``zip -1 -r`` is compared with.

python benchmarks/zip_part.py FOLDER OUTPUT [zlib]
"""

import sys
from pathlib import Path

from evidencekit.edges.zipwrite import fastest_packer, write_zip, zlib_packer


def main() -> None:
    """Write what the arguments ask for; with ``zlib``, as where ISA-L is not installed."""
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    found = (path for path in folder.rglob("*") if path.is_file())
    members = {path.relative_to(folder).as_posix(): path for path in found}
    packer = zlib_packer if sys.argv[3:] == ["zlib"] else fastest_packer
    with output.open("xb+") as file:
        write_zip(file, folder.name, members, packer=packer)


if __name__ == "__main__":
    main()
