"""Six fuzz targets; README.md says what each holds and how they are run."""

from pathlib import Path
from zipfile import ZipFile

HOME = Path(__file__).parent
TARGETS = (
    "zip_container",
    "envelope",
    "json_export",
    "csv_export",
    "manifest_and_bag",
    "trust_and_keys",
)


def kept(target: str) -> list[tuple[str, bytes]]:
    """Return the inputs of a target that lie in this folder: cases, and seeds that runs found."""
    found = [(path.name, path.read_bytes()) for path in sorted(HOME.glob(f"cases/{target}/*"))]
    seeds = HOME / f"seeds/{target}.zip"
    if seeds.exists():
        with ZipFile(seeds) as archive:
            found += [(f"seed {name}", archive.read(name)) for name in archive.namelist()]
    return found
