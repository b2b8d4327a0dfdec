"""A series: the bundles of one recurring export, each naming the root of the one before it."""

from pathlib import Path

from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest, Previous
from evidencekit.core.visible import visible
from evidencekit.edges.container import open_bundle
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError
from evidencekit.verifier import verify


def previous_of(bundle: Path, *, trust: Trust, at: int) -> Previous:
    """Return id and root of a bundle that a new one is to follow, once it is accepted.

    Every hash and signature is checked, and no event. Raises ``RejectedError`` or
    ``UndecidedError`` ``previous.not-accepted`` with the verdict.
    """
    verified = verify(bundle, trust=trust, at=at, quick=True)
    if verified.manifest is None:
        told = f"{visible(str(bundle), limit=300)}: {verified.report.verdict_line}"
        raise verified.report.refusal("previous.not-accepted", told)
    root = str(verified.report.subject["root"])
    return Previous(bundle_id=verified.manifest.bundle_id, root=root)


def latest(folder: Path, *, environment: str | None) -> Path | None:
    """Return the bundle in ``folder`` that says it was created last; None where there is none.

    Only bundles of that environment are of the series. Nothing is verified here.
    """
    found = [
        (manifest.created_at, manifest.bundle_id, path)
        for path in sorted(folder.glob("evidence-*"))
        if (manifest := _manifest(path)) and manifest.context.environment == environment
    ]
    return max(found)[-1] if found else None


def _manifest(bundle: Path) -> Manifest | None:
    """Return what a bundle says of itself; None for what cannot be read as one."""
    try:
        with open_bundle(bundle) as opened:
            return Manifest.from_bytes(opened.read(MANIFEST)) if MANIFEST in opened.names else None
    except EvidenceError:
        return None
