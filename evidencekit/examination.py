"""Read a bundle once, in an order that is safe, and keep everything that judging it needs.

Each part is the value that was found or the error that stood in its place; nothing is judged here.
The bytes that are hashed are the bytes that are parsed: every member is opened and read once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evidencekit.core import bag
from evidencekit.core.facts import Survey
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import CHECKSUMS, SCHEMA, TAGMANIFEST, is_large
from evidencekit.core.publickey import PublicKey
from evidencekit.core.schema import EventSchema
from evidencekit.core.signaturefile import SignatureFile, open_signatures
from evidencekit.edges.cluster import Jobs
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError
from evidencekit.progress import Progress, counter

if TYPE_CHECKING:
    from evidencekit.edges.container import Bundle

CHUNK = 1 << 20
_READING = "verifying"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything one reading of a bundle gave."""

    form: str
    bundle_id: str
    faults: tuple[RejectedError, ...]  # of the container
    documents: Mapping[str, bytes]  # every member but the export and the attachments
    sizes: Mapping[str, int]  # of every member, in bytes
    digests: Mapping[str, str | EvidenceError]  # SHA-256 of every member, recomputed
    listed: Mapping[str, str] | EvidenceError  # manifest-sha256.txt
    tagged: Mapping[str, str] | EvidenceError  # tagmanifest-sha256.txt
    signatures: tuple[SignatureFile, ...]
    manifest: Manifest | EvidenceError
    survey: Survey | EvidenceError | None  # None: not asked for, or nothing to ask with

    @property
    def root(self) -> str | None:
        """SHA-256 of the tag manifest, which every signature covers."""
        found = self.digests.get(TAGMANIFEST)
        return found if isinstance(found, str) else None


def examine(  # noqa: PLR0913
    bundle: Bundle,
    *,
    keys: Sequence[PublicKey],
    schema: EventSchema | None,
    jobs: Jobs | None = None,
    leaves: Callable[[bytes], object] | None = None,
    progress: Progress | None = None,
    thorough: bool = False,
) -> Examination:
    """Read every member of an opened bundle once.

    ``keys`` are all that signatures are tried with. Events are judged by ``schema``; none are
    examined without. ``leaves`` gets the leaf digests of the event tree, in order; ``progress`` the
    bytes of the large members, read and in all. ``thorough`` parses and judges each event.
    """
    documents, digests = _read_small(bundle)
    listed, tagged = _parsed(documents, CHECKSUMS), _parsed(documents, TAGMANIFEST)
    manifest = _manifest(documents, digests, listed, tagged)
    how: dict[str, Any] = {"jobs": jobs, "leaves": leaves, "thorough": thorough}
    survey = _survey(bundle, manifest, documents, schema, progress, **how)
    digests |= _digest(manifest, survey)
    digests |= _hash_others(bundle, digests, progress)
    return Examination(
        form=bundle.form,
        bundle_id=bundle.id,
        faults=bundle.faults,
        documents=documents,
        sizes=dict(zip(bundle.names, map(bundle.size, bundle.names), strict=True)),
        digests=digests,
        listed=listed,
        tagged=tagged,
        signatures=open_signatures(documents, keys),
        manifest=manifest,
        survey=survey,
    )


def _digest(
    manifest: Manifest | EvidenceError, survey: Survey | EvidenceError | None
) -> dict[str, str]:
    """Return the digest that came with a survey, which read the export to its last byte."""
    if isinstance(manifest, Manifest) and isinstance(survey, Survey):
        return {manifest.export.path: survey.sha256}
    return {}


def _read_small(bundle: Bundle) -> tuple[dict[str, bytes], dict[str, str | EvidenceError]]:
    documents: dict[str, bytes] = {}
    digests: dict[str, str | EvidenceError] = {}
    for name in bundle.names:
        if is_large(name):
            continue
        try:
            documents[name] = bundle.read(name)
        except RejectedError as error:  # a disk that fails is no fault of the evidence: it ends
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
    try:
        for name, lists, table in (
            (CHECKSUMS, TAGMANIFEST, tagged),
            (MANIFEST, CHECKSUMS, listed),
        ):
            if isinstance(table, EvidenceError):
                raise table
            if name not in documents:
                raise RejectedError("manifest.missing", f"{name}: missing or not readable")
            if table.get(name) != digests[name]:
                raise RejectedError("checksums.mismatch", f"{name}: is not what {lists} lists")
        return Manifest.from_bytes(documents[MANIFEST])
    except EvidenceError as error:
        return error


def _schema(
    judged_by: EventSchema, manifest: Manifest | EvidenceError, documents: Mapping[str, bytes]
) -> EventSchema | EvidenceError:
    """Return the receiver's schema if the bundle was made with it; a bundle never judges itself."""
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
    manifest: Manifest | EvidenceError,
    documents: Mapping[str, bytes],
    schema: EventSchema | None,
    progress: Progress | None,
    **how: Any,
) -> Survey | EvidenceError | None:
    """Survey the export, if there is a schema to judge it by and a manifest that describes it.

    ``how`` is what ``survey_stream`` takes besides.
    """
    if schema is None or not isinstance(manifest, Manifest):
        return None
    from evidencekit.core.survey import Question  # noqa: PLC0415  (not for --quick)
    from evidencekit.edges.surveying import survey_stream  # noqa: PLC0415  (not for --quick)

    judged_by = _schema(schema, manifest, documents)
    export = manifest.export
    question = Question.about(export.format, manifest.window, manifest.context)
    try:
        if isinstance(judged_by, EvidenceError):
            raise judged_by
        if export.path not in bundle.names:
            raise RejectedError("container.missing", f"{export.path}: is not there")
        size = bundle.size(export.path)
        with bundle.open(export.path) as stream:
            advance = counter(progress, _READING, _total(bundle))
            how |= {"schema": judged_by, "size": size, "progress": advance}
            return survey_stream(stream, question, **how)
    except EvidenceError as error:
        return error


def _total(bundle: Bundle) -> int:
    return sum(bundle.size(name) for name in bundle.names if is_large(name))


def _hash_others(
    bundle: Bundle, known: Mapping[str, str | EvidenceError], progress: Progress | None
) -> dict[str, str | EvidenceError]:
    """Return the digest of every large member that has none yet."""
    found: dict[str, str | EvidenceError] = {}
    total = _total(bundle)
    done = sum(bundle.size(name) for name in known if is_large(name))
    for name in bundle.names:
        if name not in known:
            found[name] = _hash(bundle, name, counter(progress, _READING, total, before=done))
            done += bundle.size(name)
    return found


def _hash(bundle: Bundle, name: str, advance: Callable[[int], None] | None) -> str | EvidenceError:
    digest, done = hashlib.sha256(), 0
    try:
        with bundle.open(name) as stream:
            while block := stream.read(CHUNK):
                digest.update(block)
                done += len(block)
                if advance:
                    advance(done)
    except EvidenceError as error:
        return error
    return digest.hexdigest()
