"""Sign a bundle's root: the statement in its envelope, and two companions for tools people already own."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from evidencekit.core.dsse import seal
from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import TAGMANIFEST
from evidencekit.core.sshsig import sign_sshsig
from evidencekit.core.statement import Statement
from evidencekit.edges import publish
from evidencekit.edges.container import rewrite_zip
from evidencekit.edges.keys import Signer
from evidencekit.errors import EvidenceError, UndecidedError
from evidencekit.examination import Examination

# Takes the signature bytes and returns RFC 3161 tokens (DER) over them; none where no authority was named.
Stamp = Callable[[bytes], tuple[bytes, ...]]


def signature_files(
    tagmanifest: bytes, manifest_bytes: bytes, manifest: Manifest, *, signer: Signer, now: int, stamp: Stamp
) -> dict[str, bytes]:
    """Return the signer's three files of ``signatures/``, by name."""
    statement = Statement(
        subjects={
            TAGMANIFEST: hashlib.sha256(tagmanifest).hexdigest(),
            MANIFEST: hashlib.sha256(manifest_bytes).hexdigest(),
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
    stem = f"signatures/{signer.public_key.signer_id}"
    return {
        f"{stem}.sig": signer.sign(tagmanifest),
        f"{stem}.sigstore.json": seal(statement.to_bytes(), signer, stamp=stamp),
        f"{stem}.sshsig": sign_sshsig(tagmanifest, signer),
    }


def add_signature(
    bundle: Path, found: Examination, *, signer: Signer, now: int, stamp: Stamp = lambda _signature: ()
) -> None:
    """Add one more signer's files to a bundle that was just examined; no other byte changes.

    Raises ``UndecidedError`` where that key has signed already or the bundle cannot be written.
    """
    if isinstance(found.manifest, EvidenceError):
        raise found.manifest
    files = signature_files(
        found.documents[TAGMANIFEST],
        found.documents[MANIFEST],
        found.manifest,
        signer=signer,
        now=now,
        stamp=stamp,
    )
    if any(name in found.documents for name in files):
        shown = signer.public_key.fingerprint
        raise UndecidedError("signature.exists", f"{shown} has signed this bundle already")
    _add(bundle, found.form, files)


def _add(bundle: Path, form: str, files: Mapping[str, bytes]) -> None:
    if form == "zip":
        rewrite_zip(bundle, files)
        return
    # The envelope goes first: a bundle with an envelope and no companions is whole, the reverse is not.
    for name in sorted(files, key=lambda name: not name.endswith(".sigstore.json")):
        publish.write_file(bundle / name, files[name])
