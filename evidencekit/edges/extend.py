"""Add a signature or a custody record to a bundle that others may be reading, or adding to."""

import contextlib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from evidencekit.edges import publish
from evidencekit.edges.folder import write_folder
from evidencekit.edges.lock import locked
from evidencekit.edges.rawfile import output_errors
from evidencekit.edges.zipread import FileArchive, Zip
from evidencekit.edges.zipwrite import rewrite_zip
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_SMALL_MEMBER_BYTES


def add_to_folder(bundle: Path, files: Mapping[str, bytes]) -> None:
    """Add files to a bundle's folder, each in one step; envelopes first.

    A bundle with an envelope and no companion is whole, and the reverse is not. A folder that is
    missing appears with its files in it, since an empty one would be a fault.
    """
    scratch = _scratch(bundle)
    for folder in sorted({name.rpartition("/")[0] for name in files}):
        inside = {name: data for name, data in files.items() if name.startswith(f"{folder}/")}
        if not (bundle / folder).exists():
            with publish.staging(scratch) as stage:
                write_folder(stage, inside)
                publish.publish_folder(stage / folder, bundle / folder)
            continue
        for name in sorted(inside, key=lambda name: not name.endswith(".sigstore.json")):
            publish.write_file(bundle / name, inside[name], scratch=scratch)


def replace_in_folder(
    bundle: Path, files: Mapping[str, bytes], expected: Mapping[str, str]
) -> None:
    """Replace files that still have the ``expected`` SHA-256, then add the other ones."""
    for name, digest in expected.items():
        with locked(bundle / name) as handle:
            with os.fdopen(os.dup(handle), "rb") as file:
                _check_unchanged(name, file.read(MAX_SMALL_MEMBER_BYTES + 1), digest)
            scratch = _scratch(bundle)
            publish.write_file(bundle / name, files[name], force=True, scratch=scratch)
    add_to_folder(bundle, {name: data for name, data in files.items() if name not in expected})


def replace_in_zip(bundle: Path, files: Mapping[str, bytes], expected: Mapping[str, str]) -> None:
    """Write a zip anew in which members that have the ``expected`` SHA-256 are other ones."""
    with (
        locked(bundle) as handle,
        contextlib.closing(Zip(FileArchive(handle, str(bundle), owned=False))) as source,
        publish.new_file(bundle, mode=os.fstat(handle).st_mode & 0o777, force=True) as file,
    ):
        for name, digest in expected.items():
            with source.open(name) as stream:
                _check_unchanged(name, stream.readall(), digest)
        rewrite_zip(file, source, files, expected)


def _check_unchanged(name: str, data: bytes, digest: str) -> None:
    if hashlib.sha256(data).hexdigest() != digest:
        told = "was changed by somebody else meanwhile; nothing is overwritten"
        raise UndecidedError("output.changed", f"{name}: {told}", hint="run it again")


def _scratch(bundle: Path) -> Path:
    """Return where temporary names stand: beside the bundle, so that no reader finds one in it."""
    beside = bundle.parent
    with output_errors(bundle):
        same_device = beside.stat().st_dev == bundle.stat().st_dev
    return beside if same_device and os.access(beside, os.W_OK) else bundle


def add_to_zip(bundle: Path, files: Mapping[str, bytes]) -> None:
    """Add files to a bundle's zip: it is written anew beside the old one, then takes its place."""
    with (
        locked(bundle) as handle,
        contextlib.closing(Zip(FileArchive(handle, str(bundle), owned=False))) as source,
        publish.new_file(bundle, mode=os.fstat(handle).st_mode & 0o777, force=True) as file,
    ):
        rewrite_zip(file, source, files)
