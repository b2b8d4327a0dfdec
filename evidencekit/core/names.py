"""Names: how a member of a bundle may be spelled, and which names a bundle holds.

One portable spelling (lower-case ASCII) and a closed world: what is not named here is no part of
a bundle, and so no name is a folder of another. Nothing is ever normalised or repaired.
"""

import base64
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from evidencekit.core.visible import visible
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_CUSTODY_RECORDS, MAX_NAME_BYTES, MAX_SIGNERS

BAGIT, BAG_INFO = "bagit.txt", "bag-info.txt"
CHECKSUMS, TAGMANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
MANIFEST = "data/manifest.json"
EXPORTS = ("data/export/events.csv", "data/export/events.json")  # exactly one of them
SCHEMA = "data/schema/event.schema.json"
SUMMARY_HTML, SUMMARY_MD = "data/summary.html", "data/summary.md"
VERIFY_TXT = "data/verify.txt"
ATTACHMENTS = "data/attachments/"

TAG_FILES = (BAG_INFO, BAGIT, CHECKSUMS)  # what the tag manifest lists
REQUIRED = frozenset(
    {*TAG_FILES, TAGMANIFEST, MANIFEST, SCHEMA, SUMMARY_HTML, SUMMARY_MD, VERIFY_TXT}
)
FOLDERS = frozenset(
    {"data", "data/attachments", "data/export", "data/schema", "signatures", "custody"}
)

_PART = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}
)
_LEFT = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_LEFT_HINT = " (file managers leave it: delete it, or verify the zip)"
_SIGNATURE = re.compile(r"signatures/([0-9a-f]{16})\.(sigstore\.json|sig|sshsig|tsr)", re.ASCII)
_CUSTODY = re.compile(r"custody/([0-9]{4})\.sigstore\.json", re.ASCII)
_MAX_ATTACHMENT_NAME = 100


def check_name(name: str) -> None:
    """Raise ``RejectedError`` ``container.name`` unless ``name`` is spelled as a member's path is.

    Parts of ``[a-z0-9][a-z0-9._-]*`` joined by ``/``; none ends in a dot or is a device on Windows.
    """
    reason = _misspelling(name)
    if reason:
        raise RejectedError("container.name", f"{visible(name, limit=300)}: {reason}")


def _misspelling(name: str) -> str | None:
    if len(name) > MAX_NAME_BYTES:
        return f"is {len(name):,} characters long, a name has at most {MAX_NAME_BYTES}"
    for part in name.split("/"):
        if not _PART.fullmatch(part):
            return "is not made of lower-case letters, digits, dots, hyphens and underscores"
        if part.endswith("."):
            return "has a part that ends in a dot, which some systems drop"
        if part.partition(".")[0] in _DEVICES:
            return "has a part that is a device on Windows"
    return None


def is_known(name: str) -> bool:
    """Say whether a bundle may hold a member of this name."""
    if name in REQUIRED or name in EXPORTS:
        return True
    if name.startswith(ATTACHMENTS):
        return "/" not in name.removeprefix(ATTACHMENTS) and _misspelling(name) is None
    return signature_parts(name) is not None or custody_number(name) is not None


def is_large(name: str) -> bool:
    """Say whether a member is read in pieces: the export and attachments, of any size."""
    return name in EXPORTS or name.startswith(ATTACHMENTS)


def signature_parts(name: str) -> tuple[str, str] | None:
    """Return signer and kind of a signature file: 16 digits, and ``sigstore.json``, ``sig``, ..."""
    found = _SIGNATURE.fullmatch(name)
    return (found[1], found[2]) if found else None


def signer_id(fingerprint: str) -> str:
    """Return the 16 hex digits that a signer's files are named after, for a ``SHA256:…`` text."""
    return base64.b64decode(f"{fingerprint.removeprefix('SHA256:')}=").hex()[:16]


def custody_number(name: str) -> int | None:
    """Return the number of a custody record, from 1; None where the name is not one's."""
    found = _CUSTODY.fullmatch(name)
    number = int(found[1]) if found else 0
    return number if 1 <= number <= MAX_CUSTODY_RECORDS else None


def closed_world(names: Collection[str]) -> tuple[RejectedError, ...]:
    """Return every fault of a bundle that holds ``names``: misspelled, unlisted, missing.

    Codes: ``container.name``, ``container.unlisted``, ``container.missing``, ``container.members``.
    """
    return (*_strangers(names), *_missing(frozenset(names)), *_too_many(names))


def _strangers(names: Iterable[str]) -> Iterator[RejectedError]:
    for name in sorted(names):
        shown, reason = visible(name, limit=300), _misspelling(name)
        last = name.rpartition("/")[2]
        left = _LEFT_HINT if last in _LEFT or last.startswith("._") else ""
        if reason:
            yield RejectedError("container.name", f"{shown}: {reason}{left}")
        elif not is_known(name):
            told = f"{shown}: is not a name that a bundle holds{left}"
            yield RejectedError("container.unlisted", told)


def _missing(names: frozenset[str]) -> Iterator[RejectedError]:
    for name in sorted(REQUIRED - names):
        yield RejectedError("container.missing", f"{name}: is not there, and every bundle has it")
    exports = [name for name in EXPORTS if name in names]
    if not exports:
        yield RejectedError(
            "container.missing", "data/export: holds neither events.json nor events.csv"
        )
    if len(exports) > 1:
        yield RejectedError(
            "container.unlisted", "data/export: holds two exports, a bundle has one"
        )


def _too_many(names: Iterable[str]) -> Iterator[RejectedError]:
    signers = {parts[0] for parts in map(signature_parts, names) if parts}
    if len(signers) > MAX_SIGNERS:
        told = f"signatures: {len(signers):,} signers, at most {MAX_SIGNERS} are read"
        yield RejectedError("container.members", told)


def safe_name(original: str, *, taken: Collection[str] = ()) -> str:
    """Return a portable name for an attachment that is not among ``taken``.

    ``Incident Report.pdf`` becomes ``incident-report.pdf``, a second one ``incident-report-2.pdf``.
    """
    ascii_only = unicodedata.normalize("NFKD", original).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9._]+", "-", ascii_only.lower())
    stem, dot, suffix = plain.strip("._-").rpartition(".")
    stem, suffix = (stem, f".{suffix[:16]}") if dot and stem else (suffix, "")
    stem = stem[:_MAX_ATTACHMENT_NAME].strip("._-") or "attachment"
    if stem.partition(".")[0] in _DEVICES:
        stem = f"file-{stem}"
    name, count = stem + suffix.rstrip("._-"), 1
    while name in taken:
        count += 1
        name = f"{stem}-{count}{suffix.rstrip('._-')}"
    return name
