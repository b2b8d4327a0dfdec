"""Write out what was verified, and nothing else: every byte is hashed again as it is written."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from evidencekit.edges import publish
from evidencekit.edges.container import Bundle, open_bundle
from evidencekit.edges.rawfile import OutputFile, make_folder
from evidencekit.errors import EvidenceError, RejectedError
from evidencekit.examination import CHUNK
from evidencekit.progress import Progress
from evidencekit.verifier import Verification


def extract(
    bundle: Path | BinaryIO | bytes,
    verified: Verification,
    output: Path,
    *,
    progress: Progress | None = None,
) -> None:
    """Publish the members of an accepted bundle as a new folder ``output``.

    ``bundle`` is opened again, and each member must have the SHA-256 that verifying found. Raises
    the report's verdict where it was not accepted, ``container.changed`` where the bundle is no
    longer what was verified, and ``output.*``; nothing is at ``output`` then.
    """
    report, found = verified.report, verified.examination
    if verified.manifest is None or found is None:
        told = f"bundle: {report.verdict_line}; nothing is written"
        raise report.refusal("verify.not-accepted", told)
    publish.refuse_existing(output)
    with open_bundle(bundle) as opened, publish.staging(output.parent) as stage:
        if set(opened.names) != set(found.digests):
            raise RejectedError("container.changed", f"{opened.id}: has other members by now")
        copy_members(opened, found.digests, stage, progress)
        publish.publish_folder(stage, output)


def copy_members(
    opened: Bundle,
    digests: Mapping[str, str | EvidenceError],
    folder: Path,
    progress: Progress | None = None,
) -> None:
    """Write every member that could be read below ``folder``, with the bytes that were hashed."""
    done, total = 0, sum(map(opened.size, opened.names))
    for name, expected in digests.items():
        if isinstance(expected, EvidenceError) or name not in opened.names:
            continue
        make_folder((folder / name).parent)
        digest = hashlib.sha256()
        with opened.open(name) as stream, OutputFile(folder / name) as file:
            while block := stream.read(CHUNK):
                digest.update(block)
                file.write(block)
                done += len(block)
                if progress:
                    progress("copying", done, total)
        if digest.hexdigest() != expected:
            told = f"sha256 is {digest.hexdigest()}, verified was {expected}"
            raise RejectedError("container.changed", f"{name}: {told}")
