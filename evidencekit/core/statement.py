"""The statement: what a signer says of a bundle, as an in-toto Statement v1.

Its subjects are the tag manifest (the root), the manifest and the export, never one per file; its
predicate repeats what a receiver must not lose: which bundle, whose, which window, how many events.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from evidencekit.core import strict_json
from evidencekit.core.instant import format_instant, parse_instant
from evidencekit.core.visible import visible
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_INTEGER, MAX_NAME_BYTES

TYPE = "https://in-toto.io/Statement/v1"
EVIDENCE = "urn:evidencekit:evidence:v1"
FORMAT = "evidencekit-bundle/1"
_WHAT = "statement"
_SUBJECTS = (
    {"tagmanifest-sha256.txt", "data/manifest.json", "data/export/events.json"},
    {"tagmanifest-sha256.txt", "data/manifest.json", "data/export/events.csv"},
)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII)
_BUNDLE_ID = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a preparer signs. One that was read is of this format and this shape exactly."""

    subjects: Mapping[str, str]  # name: SHA-256 in hex
    bundle_id: str
    signer: str  # fingerprint of the key, so that no other key can claim the signature
    window: Window | None
    events: int
    tree_root: str
    previous: str | None  # root of the bundle before this one
    signed_at: str  # the signer's word, RFC 3339 UTC

    @classmethod
    def from_bytes(cls, payload: bytes) -> Self:
        """Read a verified payload. Raises ``RejectedError``: ``json.*`` or ``statement.*``."""
        subjects, predicate = read_statement(payload, EVIDENCE)
        if predicate.get("format") != FORMAT:
            raise _fault("version", f"format is not {FORMAT}, the only one this version reads")
        if set(subjects) not in _SUBJECTS:
            told = "subjects are not the tag manifest, the manifest and the export"
            raise _fault("subject", told)
        if set(predicate) != {"format", *_FIELDS}:
            raise _fault("shape", f"the predicate does not hold exactly {', '.join(_FIELDS)}")
        for name, is_valid in _FIELDS.items():
            if not is_valid(predicate[name]):
                raise _fault("value", f"predicate.{name} is not a value that it can have")
        values = {name: predicate[name] for name in _FIELDS} | {"window": _window(predicate)}
        statement = cls(subjects=subjects, **values)
        if statement.to_bytes() != payload:
            raise _fault("form", "is not in the one form that a statement with this content has")
        return statement

    def to_bytes(self) -> bytes:
        """Return the payload; the same statement gives the same bytes."""
        predicate: dict[str, object] = {"format": FORMAT}
        predicate |= {name: getattr(self, name) for name in _FIELDS}
        if self.window is not None:
            start, end = format_instant(self.window.start), format_instant(self.window.end)
            predicate["window"] = {"start": start, "end": end}
        return write_statement(self.subjects, EVIDENCE, predicate)


def write_statement(
    subjects: Mapping[str, str], predicate_type: str, predicate: Mapping[str, object]
) -> bytes:
    """Return an in-toto statement over files of these names and SHA-256 digests."""
    document = {
        "_type": TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": subjects[name]}} for name in sorted(subjects)
        ],
        "predicateType": predicate_type,
        "predicate": dict(predicate),
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def read_statement(payload: bytes, predicate_type: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the subjects and the predicate of a verified payload of exactly this type."""
    document = strict_json.loads(payload, what=_WHAT)
    names = {"_type", "subject", "predicateType", "predicate"}
    if not isinstance(document, dict) or set(document) != names:
        raise _fault("shape", "is not an in-toto statement")
    if document["_type"] != TYPE:
        raise _fault("type", f"_type is not {TYPE}")
    if document["predicateType"] != predicate_type:
        raise _fault("type", f"predicate type is not {predicate_type}")
    predicate = document["predicate"]
    if not isinstance(predicate, dict):
        raise _fault("shape", "the predicate is not an object")
    return _subjects(document["subject"]), predicate


def _subjects(value: object) -> dict[str, str]:
    subjects: dict[str, str] = {}
    for subject in value if isinstance(value, list) else ():
        if not isinstance(subject, dict) or set(subject) != {"name", "digest"}:
            raise _fault("subject", "a subject is not a name and a digest")
        name, digest = subject["name"], subject["digest"]
        if not isinstance(name, str) or name in subjects:
            raise _fault("subject", "a subject has no name, or that of another")
        if not isinstance(digest, dict) or set(digest) != {"sha256"}:
            raise _fault("subject", f"{visible(name)} has not exactly a sha256 digest")
        if not is_sha256(digest["sha256"]):
            raise _fault("subject", f"{visible(name)} has a sha256 that is not 64 hex digits")
        subjects[name] = digest["sha256"]
    if not subjects:
        raise _fault("subject", "names no subject")
    return subjects


def is_sha256(value: object) -> bool:
    """Tell whether this is a SHA-256 in hex."""
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def is_fingerprint(value: object) -> bool:
    """Tell whether this is a ``SHA256:…`` fingerprint."""
    return isinstance(value, str) and _FINGERPRINT.fullmatch(value) is not None


def _is_bundle_id(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= MAX_NAME_BYTES
        and _BUNDLE_ID.fullmatch(value) is not None
    )


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER


def is_utc(value: object) -> bool:
    """Tell whether this is an instant in the one spelling that :func:`format_instant` gives."""
    try:
        return isinstance(value, str) and format_instant(parse_instant(value)) == value
    except ValueError:
        return False


def _is_window(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or set(value) != {"start", "end"}:
        return False
    if not is_utc(value["start"]) or not is_utc(value["end"]):
        return False
    return parse_instant(value["start"]) < parse_instant(value["end"])


def is_optional_sha256(value: object) -> bool:
    """Tell whether this is a SHA-256 in hex, or None."""
    return value is None or is_sha256(value)


_FIELDS = {
    "bundle_id": _is_bundle_id,
    "signer": is_fingerprint,
    "window": _is_window,
    "events": _is_count,
    "tree_root": is_sha256,
    "previous": is_optional_sha256,
    "signed_at": is_utc,
}


def _window(predicate: Mapping[str, object]) -> Window | None:
    window = predicate["window"]
    return Window.from_times(window["start"], window["end"]) if isinstance(window, dict) else None


def _fault(what: str, told: str) -> RejectedError:
    return RejectedError(f"statement.{what}", f"{_WHAT}: {told}")
