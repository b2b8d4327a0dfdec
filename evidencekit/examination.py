"""Read a bundle once, in an order that is safe, and keep everything that judging it needs.

Each part is the value that was found or the error that stood in its place; nothing is judged here.
The bytes that are hashed are the bytes that are parsed: every member is opened and read once.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evidencekit.core import bag
from evidencekit.core.dsse import Signed, open_signed
from evidencekit.core.facts import Survey
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import SCHEMA, is_large, signature_parts
from evidencekit.core.publickey import PublicKey
from evidencekit.core.schema import EventSchema
from evidencekit.core.sshsig import verify_sshsig
from evidencekit.core.survey import Question
from evidencekit.edges.container import Bundle
from evidencekit.edges.pool import survey_stream
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError

CHUNK = 1 << 20
TAGMANIFEST, CHECKSUMS = "tagmanifest-sha256.txt", "manifest-sha256.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFile:
    """One file of ``signatures/``, and what opening it with the trusted keys gave."""

    name: str
    opened: Signed | PublicKey | EvidenceError  # Signed for DSSE, the key for .sig and .sshsig


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything one reading of a bundle gave."""

    form: str
    bundle_id: str
    faults: tuple[RejectedError, ...]  # of the container
    documents: Mapping[str, bytes]  # every member but the export and the attachments
    digests: Mapping[str, str | EvidenceError]  # SHA-256 of every member, recomputed
    listed: Mapping[str, str] | EvidenceError  # manifest-sha256.txt
    tagged: Mapping[str, str] | EvidenceError  # tagmanifest-sha256.txt
    signatures: tuple[SignatureFile, ...]
    manifest: Manifest | EvidenceError
    schema: EventSchema | EvidenceError  # what events are judged by
    survey: Survey | EvidenceError | None  # None: not asked for, or nothing to ask with

    @property
    def root(self) -> str | None:
        """SHA-256 of the tag manifest, which every signature covers."""
        found = self.digests.get(TAGMANIFEST)
        return found if isinstance(found, str) else None


def examine(
    bundle: Bundle,
    *,
    keys: Sequence[PublicKey],
    schema: EventSchema | None,
    quick: bool,
    jobs: int | None,
    progress: Callable[[int], None] | None,
) -> Examination:
    """Read every member of an opened bundle once. ``schema`` None: our own, if the bundle names it."""
    documents, digests = _read_small(bundle)
    listed, tagged = _parsed(documents, CHECKSUMS), _parsed(documents, TAGMANIFEST)
    manifest = _manifest(documents, digests, listed, tagged)
    judged_by = _schema(schema, manifest, documents)
    survey: Survey | EvidenceError | None = None
    for name in filter(is_large, bundle.names):
        found = None
        if isinstance(manifest, Manifest) and name == manifest.export.path and not quick:
            found = _survey(bundle, manifest, judged_by, jobs=jobs, progress=progress)
            survey = found
        if isinstance(found, Survey):
            digests[name] = found.sha256
        else:
            digests[name] = _hash(bundle, name, progress)
    return Examination(
        form=bundle.form,
        bundle_id=bundle.id,
        faults=bundle.faults,
        documents=documents,
        digests=digests,
        listed=listed,
        tagged=tagged,
        signatures=_signatures(documents, keys),
        manifest=manifest,
        schema=judged_by,
        survey=survey,
    )


def _read_small(bundle: Bundle) -> tuple[dict[str, bytes], dict[str, str | EvidenceError]]:
    documents: dict[str, bytes] = {}
    digests: dict[str, str | EvidenceError] = {}
    for name in bundle.names:
        if is_large(name):
            continue
        try:
            documents[name] = bundle.read(name)
        except EvidenceError as error:
            digests[name] = error
        else:
            digests[name] = hashlib.sha256(documents[name]).hexdigest()
    return documents, digests


def _parsed(documents: Mapping[str, bytes], name: str) -> Mapping[str, str] | EvidenceError:
    if name not in documents:
        return RejectedError("checksums.missing", f"{name}: missing or not readable")
    try:
        return bag.parse_checksums(documents[name], name)
    except RejectedError as error:
        return error


def _manifest(
    documents: Mapping[str, bytes],
    digests: Mapping[str, str | EvidenceError],
    listed: Mapping[str, str] | EvidenceError,
    tagged: Mapping[str, str] | EvidenceError,
) -> Manifest | EvidenceError:
    """Parse the manifest, once the chain of digests from the root to it holds."""
    if isinstance(listed, EvidenceError):
        return listed
    if isinstance(tagged, EvidenceError):
        return tagged
    if tagged.get(CHECKSUMS) != digests[CHECKSUMS]:
        return RejectedError("checksums.mismatch", f"{CHECKSUMS}: is not what {TAGMANIFEST} lists")
    if MANIFEST not in documents:
        return RejectedError("manifest.missing", f"{MANIFEST}: missing or not readable")
    if listed.get(MANIFEST) != digests[MANIFEST]:
        return RejectedError("checksums.mismatch", f"{MANIFEST}: is not what {CHECKSUMS} lists")
    try:
        return Manifest.from_bytes(documents[MANIFEST])
    except RejectedError as error:
        return error


def _schema(
    given: EventSchema | None, manifest: Manifest | EvidenceError, documents: Mapping[str, bytes]
) -> EventSchema | EvidenceError:
    """Return the receiver's schema if the bundle was made with it; a bundle never judges itself."""
    judged_by = given or EventSchema.own()
    if isinstance(manifest, EvidenceError):
        return manifest
    if manifest.schema.sha256 == judged_by.sha256 and documents.get(SCHEMA) == judged_by.data:
        return judged_by
    sides = f"the bundle's schema has sha256 {manifest.schema.sha256}, yours {judged_by.sha256}"
    return UndecidedError(
        "schema.unknown",
        f"{SCHEMA}: {sides}",
        hint="read the bundle's schema; if it is the one you expect, name it with --schema",
    )


def _survey(
    bundle: Bundle,
    manifest: Manifest,
    schema: EventSchema | EvidenceError,
    *,
    jobs: int | None,
    progress: Callable[[int], None] | None,
) -> Survey | EvidenceError:
    question = Question(
        format=manifest.export.format,
        window=manifest.window.window,
        request_ids=manifest.context.request_ids,
        escalation_ids=manifest.context.escalation_ids,
    )
    if isinstance(schema, EvidenceError):
        return schema
    try:
        with bundle.open(manifest.export.path) as stream:
            return survey_stream(stream, question, schema=schema, jobs=jobs, progress=progress)
    except EvidenceError as error:
        return error


def _hash(bundle: Bundle, name: str, progress: Callable[[int], None] | None) -> str | EvidenceError:
    digest, done = hashlib.sha256(), 0
    try:
        with bundle.open(name) as stream:
            while block := stream.read(CHUNK):
                digest.update(block)
                done += len(block)
                if progress:
                    progress(done)
    except EvidenceError as error:
        return error
    return digest.hexdigest()


def _signatures(
    documents: Mapping[str, bytes], keys: Sequence[PublicKey]
) -> tuple[SignatureFile, ...]:
    names = [name for name in documents if name.startswith("signatures/")]
    return tuple(SignatureFile(name=name, opened=_open(name, documents, keys)) for name in names)


def _open(
    name: str, documents: Mapping[str, bytes], keys: Sequence[PublicKey]
) -> Signed | PublicKey | EvidenceError:
    """Open one signature file with the trusted key that its name stands for."""
    signer_id, kind = signature_parts(name)
    if not keys:
        return UndecidedError("trust.none", f"{name}: no trusted key was given")
    try:
        key = _key(name, signer_id, keys)
        covered = documents.get(TAGMANIFEST, b"")
        if kind == "sigstore.json":
            return open_signed(documents[name], key, what=name)
        if kind == "sig":
            key.verify(documents[name], covered, what=name)
        else:
            verify_sshsig(documents[name], covered, key, what=name)
    except EvidenceError as error:
        return error
    return key


def _key(name: str, signer_id: str, keys: Sequence[PublicKey]) -> PublicKey:
    for key in keys:
        if key.signer_id == signer_id:
            return key
    known = ", ".join(key.fingerprint for key in keys)
    raise UndecidedError("signature.unknown-key", f"{name}: not by a key you trust ({known})")
