"""Sign a bundle's root: the statement in its envelope, and two companions for common tools."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from evidencekit.core.dsse import Stamp, open_signed, seal
from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import TAGMANIFEST
from evidencekit.core.publickey import Signer, sign_checked
from evidencekit.core.sshsig import sign_sshsig
from evidencekit.core.statement import Statement
from evidencekit.errors import EvidenceError, UndecidedError

if TYPE_CHECKING:
    from pathlib import Path

    from evidencekit.examination import Examination


def unstamped(_signature: bytes) -> tuple[bytes, ...]:
    """Return no time-stamp, whatever was signed."""
    return ()


def signature_files(
    tagmanifest: bytes, manifest: Manifest, *, signer: Signer, now: int, stamp: Stamp = unstamped
) -> dict[str, bytes]:
    """Return the signer's files of ``signatures/``, by name. ``now`` is in nanoseconds."""
    statement = Statement(
        subjects={
            TAGMANIFEST: hashlib.sha256(tagmanifest).hexdigest(),
            MANIFEST: hashlib.sha256(manifest.to_bytes()).hexdigest(),
            manifest.export.path: manifest.export.sha256,
        },
        bundle_id=manifest.bundle_id,
        signer=signer.public_key.fingerprint,
        window=manifest.window.window,
        events=manifest.facts.events,
        tree_root=manifest.facts.tree_root,
        previous=manifest.previous.root if manifest.previous else None,
        signed_at=format_instant(now),
    )
    envelope = seal(statement.to_bytes(), signer, stamp=stamp)
    return _with_companions(tagmanifest, envelope, signer)


def _with_companions(tagmanifest: bytes, envelope: bytes, signer: Signer) -> dict[str, bytes]:
    stem = f"signatures/{signer.public_key.signer_id}"
    files = {
        f"{stem}.sig": sign_checked(signer, tagmanifest),
        f"{stem}.sigstore.json": envelope,
        f"{stem}.sshsig": sign_sshsig(tagmanifest, signer),
    }
    for token in open_signed(envelope, signer.public_key).tokens[:1]:
        files[f"{stem}.tsr"] = token  # for openssl ts -verify
    return files


def add_signature(
    bundle: Path, found: Examination, *, signer: Signer, now: int, stamp: Stamp = unstamped
) -> None:
    """Add one more signer's files to a bundle that was just examined; no other byte changes.

    Where a run that was killed left the envelope alone, its companions are added to it. Raises
    ``UndecidedError`` where that key has signed already or the bundle cannot be written.
    """
    if isinstance(found.manifest, EvidenceError):
        raise found.manifest
    tagmanifest = found.documents[TAGMANIFEST]
    envelope = found.documents.get(f"signatures/{signer.public_key.signer_id}.sigstore.json")
    if envelope is None:
        files = signature_files(tagmanifest, found.manifest, signer=signer, now=now, stamp=stamp)
    else:
        files = _with_companions(tagmanifest, envelope, signer)
    missing = {name: data for name, data in files.items() if name not in found.documents}
    if not missing:
        told = f"{signer.public_key.fingerprint}: has signed this bundle already"
        raise UndecidedError("signature.exists", told)
    from evidencekit.edges.container import add_members  # noqa: PLC0415  (start-up)

    add_members(bundle, missing)
