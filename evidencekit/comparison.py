"""Compare what was found with what is claimed; every difference is a fault with both sides."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from evidencekit.core.bag import BagInfo, check_bagit_txt
from evidencekit.core.bundleid import derived_id
from evidencekit.core.dsse import Signed
from evidencekit.core.facts import Survey
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import BAG_INFO, BAGIT, CHECKSUMS, SCHEMA, TAG_FILES, TAGMANIFEST
from evidencekit.core.report import Fault
from evidencekit.core.statement import Statement
from evidencekit.core.visible import visible
from evidencekit.errors import EvidenceError, RejectedError
from evidencekit.examination import Examination

_TABLES = (CHECKSUMS, TAGMANIFEST)


def digest_faults(found: Examination) -> Iterator[Fault]:
    """Yield every member that is not listed, is listed and absent, or has another SHA-256."""
    for name, table in zip(_TABLES, (found.listed, found.tagged), strict=True):
        if isinstance(table, EvidenceError):
            yield Fault.from_error(table)
            continue
        covered = {member for member in found.digests if _covers(name, member)}
        for member in sorted(covered - set(table)):
            yield _fault("checksums.unlisted", member, f"is not listed in {name}")
        for member in sorted(set(table) - covered):
            yield _fault("checksums.missing", member, f"is listed in {name}, and absent")
        for member in sorted(covered & set(table)):
            yield from _digest_fault(found.digests[member], member, table[member])
    for member, digest in sorted(found.digests.items()):  # what no table lists must be whole too
        if isinstance(digest, RejectedError) and not any(_covers(t, member) for t in _TABLES):
            yield Fault.from_error(digest)


def _covers(table: str, member: str) -> bool:
    return member.startswith("data/") if table == CHECKSUMS else member in TAG_FILES


def _digest_fault(digest: str | EvidenceError, member: str, listed: str) -> Iterator[Fault]:
    if isinstance(digest, RejectedError):
        yield Fault.from_error(digest)
    elif isinstance(digest, str) and digest != listed:
        yield _fault("checksums.mismatch", member, f"sha256 is {digest}, listed is {listed}")


def bag_faults(found: Examination) -> Iterator[Fault]:
    """Yield what is wrong with the two BagIt texts: they have one form, and count the payload."""
    documents = found.documents
    try:
        if BAGIT in documents:
            check_bagit_txt(documents[BAGIT])
        if BAG_INFO in documents:
            info = BagInfo.from_bytes(documents[BAG_INFO])
            yield from _oxum_fault(found, info)
    except RejectedError as error:
        yield Fault.from_error(error)


def _oxum_fault(found: Examination, info: BagInfo) -> Iterator[Fault]:
    sizes = [size for name, size in found.sizes.items() if name.startswith("data/")]
    if (info.octets, info.streams) != (sum(sizes), len(sizes)):
        said = f"{info.octets:,} bytes in {info.streams:,} files"
        sides = f"counts {said}, there are {sum(sizes):,} in {len(sizes):,}"
        yield _fault("bag.oxum", BAG_INFO, sides)


def statement_faults(found: Examination, signed: Signed) -> Iterator[Fault]:
    """Yield every subject of a signed statement that is not in this bundle as it says."""
    try:
        statement = Statement.from_bytes(signed.payload)
    except RejectedError as error:
        yield Fault.from_error(error)
        return
    if statement.signer != signed.key.fingerprint:
        sides = f"signed by {signed.key.fingerprint}, but says {visible(statement.signer)}"
        yield _fault("statement.signer", "statement", sides)
    for name, digest in statement.subjects.items():
        if found.digests.get(name) != digest:
            sides = f"sha256 is {found.digests.get(name, 'absent')}, signed is {digest}"
            yield _fault("statement.subject", name, sides)


def manifest_faults(found: Examination, manifest: Manifest) -> Iterator[Fault]:
    """Yield everything in which the manifest and the members differ."""
    yield from _identity_faults(found, manifest)
    claimed = {file.path: file.sha256 for file in manifest.files}
    claimed[SCHEMA] = manifest.schema.sha256
    for name, digest in sorted(claimed.items()):
        if found.digests.get(name) != digest:
            yield _fault("manifest.digest", name, "sha256 is not what the manifest says")
    twice = Counter(file.path for file in manifest.files)
    for name in sorted(name for name, times in twice.items() if times > 1):
        yield _fault("manifest.twice", name, f"is described {twice[name]} times in the manifest")
    for file in manifest.files:
        size = found.sizes.get(file.path)
        if size not in (None, file.size):
            sides = f"has {size:,} bytes, the manifest says {file.size:,}"
            yield _fault("manifest.size", file.path, sides)
    yield from _length_fault(manifest)
    described = ("data/attachments/", "data/export/")
    for name in sorted(name for name in found.digests if name.startswith(described)):
        if name not in claimed:
            yield _fault("manifest.unlisted", name, "is not described by the manifest")


def _identity_faults(found: Examination, manifest: Manifest) -> Iterator[Fault]:
    """Yield where the bundle calls itself something else than its manifest does."""
    if found.form == "zip" and found.bundle_id != manifest.bundle_id:
        base = visible(found.bundle_id, limit=200)
        called = f"is {base}, the manifest says {manifest.bundle_id}"
        yield _fault("manifest.bundle-id", "base folder", called)
    yield from _id_fault(manifest)
    try:
        info = BagInfo.from_bytes(found.documents.get(BAG_INFO, b""))
    except RejectedError:
        return  # bag_faults names it
    agent = f"evidencekit {manifest.tool_version}"
    said = (info.identifier, info.date, info.agent)
    if said != (manifest.bundle_id, manifest.created_at[:10], agent):
        yield _fault("manifest.bag-info", BAG_INFO, "says otherwise than the manifest")
    if manifest.export.format != manifest.export.path.rpartition(".")[2]:
        sides = f"is called {manifest.export.format} in the manifest"
        yield _fault("manifest.format", manifest.export.path, sides)


def _id_fault(manifest: Manifest) -> Iterator[Fault]:
    """Yield that the bundle is called by what is not in its manifest."""
    derived = derived_id(manifest)
    if manifest.bundle_id != derived:
        sides = f"bundle_id is {manifest.bundle_id}, what it says besides gives {derived}"
        yield _fault("manifest.derived-id", MANIFEST, sides)


def _length_fault(manifest: Manifest) -> Iterator[Fault]:
    """Yield that the answer had another length than the export, which is what came, unchanged.

    Nothing is said where the answer had no length, or something was done to its bytes.
    """
    query = manifest.query
    length = None if query is None or query.transformations else query.response.content_length
    if length not in {None, manifest.export.size}:
        sides = f"has {manifest.export.size:,} bytes, the answer that carried it {length:,}"
        yield _fault("manifest.content-length", manifest.export.path, sides)


def claims_faults(manifest: Manifest, signed: Signed) -> Iterator[Fault]:
    """Yield what the signed predicate says otherwise than the manifest."""
    try:
        statement = Statement.from_bytes(signed.payload)
    except RejectedError:
        return  # statement_faults names it
    for name, said, expected in (
        ("bundle_id", statement.bundle_id, manifest.bundle_id),
        ("window", statement.window, manifest.window.window),
        ("events", statement.events, manifest.facts.events),
        ("tree_root", statement.tree_root, manifest.facts.tree_root),
        ("previous", statement.previous, manifest.previous.root if manifest.previous else None),
    ):
        if said != expected:
            sides = f"{name} is {_short(said)}, the manifest says {_short(expected)}"
            yield _fault("statement.claim", "statement", sides)


def facts_faults(manifest: Manifest, survey: Survey) -> Iterator[Fault]:
    """Yield every claimed fact that a fresh survey does not find."""
    said, seen = asdict(manifest.facts), asdict(survey.facts)
    export = asdict(manifest.export)
    of_file = ("shape", "size", "sha256", "header")
    said |= {name: export[name] for name in of_file}
    seen |= {name: getattr(survey, name) for name in of_file}
    said["invalid_events"] = manifest.schema.invalid_events
    seen["invalid_events"] = survey.invalid_events
    for name, value in seen.items():
        if not _same(said[name], value):
            yield _fault("facts.mismatch", MANIFEST, _difference(name, said[name], value))


def _same(said: Any, seen: Any) -> bool:
    """Compare two facts to the last number: 1.0 is not 1, and a map of counts has an order."""
    if isinstance(said, Mapping) and isinstance(seen, Mapping):
        return list(said) == list(seen) and all(_same(said[name], seen[name]) for name in seen)
    if isinstance(said, tuple) and isinstance(seen, tuple):
        return len(said) == len(seen) and all(map(_same, said, seen))
    return type(said) is type(seen) and bool(said == seen)


def _difference(name: str, said: Any, seen: Any) -> str:
    """Return both sides of a fact, or of the first part of it that differs."""
    if isinstance(said, Mapping) and isinstance(seen, Mapping) and set(said) == set(seen):
        for part in seen:
            if not _same(said[part], seen[part]):
                return _difference(f"{name}.{part}", said[part], seen[part])
    if isinstance(said, tuple) and isinstance(seen, tuple) and len(said) == len(seen):
        for at, (one, other) in enumerate(zip(said, seen, strict=True)):
            if not _same(one, other):
                return _difference(f"{name}[{at}]", one, other)
    return f"{visible(name, limit=100)} is {_short(said)}, the export gives {_short(seen)}"


def _short(value: object) -> str:
    return visible(_worded(value), limit=100)


def _worded(value: object) -> str:
    """Return a fact as people write it: counts after their names, lists by their length."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_worded(inner)}" for name, inner in value.items()) or "empty"
    if isinstance(value, tuple):
        return f"({len(value)} values)"
    return "absent" if value is None else str(value)


def _fault(code: str, where: str, sides: str) -> Fault:
    return Fault(code=code, message=f"{visible(where, limit=300)}: {sides}")
