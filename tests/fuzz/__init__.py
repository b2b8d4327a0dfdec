"""Six fuzz targets; README.md says what each holds and how they are run."""

from pathlib import Path

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
    """Return the inputs of a target that lie in this folder: seeds and cases, by name."""
    paths = [*HOME.glob(f"seeds/{target}/*"), *HOME.glob(f"cases/{target}/*")]
    return [(f"{path.parent.parent.name}/{path.name}", path.read_bytes()) for path in sorted(paths)]
