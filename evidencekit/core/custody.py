"""One hand-over of a bundle: what a custody record says, as an in-toto statement over the root.

What the holder's own verification found goes in as an in-toto Simple Verification Result v0.2: the
verifier, the policies it judged by, and the properties that passed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from evidencekit.core.instant import parse_instant
from evidencekit.core.names import TAGMANIFEST
from evidencekit.core.report import Outcome, Report, Verdict
from evidencekit.core.statement import (
    is_fingerprint,
    is_optional_sha256,
    is_sha256,
    is_utc,
    read_statement,
    write_statement,
)
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_CUSTODY_RECORDS, MAX_CUSTODY_TEXT_CHARS

CUSTODY = "urn:evidencekit:custody:v1"
FORMAT = "evidencekit-custody/1"
RELEASED = "released"
OUTCOMES = ("accepted", "rejected", "insufficient")  # of receiving
_VERIFIER = re.compile(r"urn:evidencekit:verifier:[0-9A-Za-z.+-]{1,64}", re.ASCII)
_PROPERTY = re.compile(r"EVIDENCEKIT_[A-Z]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one holder signed. One that was read is of this format and this shape exactly."""

    root: str  # SHA-256 of the tag manifest, in hex
    number: int  # from 1
    previous: str | None  # SHA-256 of the record before, as a file
    action: str  # one of OUTCOMES, or RELEASED
    signer: str  # fingerprint of the actor's key
    actor: str | None  # who acted, in words
    role: str | None
    purpose: str | None
    note: str | None
    next_holder: str | None  # fingerprint of whom it is released to; of a release only
    report: Mapping[str, object] | None  # verdict and digest; None where nothing was verified
    verification: Mapping[str, object] | None  # a Simple Verification Result v0.2
    at: str  # the actor's word, RFC 3339 UTC

    @classmethod
    def from_bytes(cls, payload: bytes, *, what: str = "custody record") -> Self:
        """Read a verified payload. Raises ``RejectedError``: ``json.*``, ``statement.*``,
        ``custody.version``, ``custody.shape``, ``custody.value`` or ``custody.form``.
        """  # noqa: D205
        subjects, predicate = read_statement(payload, CUSTODY)
        if predicate.get("format") != FORMAT:
            told = f"format is not {FORMAT}, the only one this version reads"
            raise _fault("version", what, told)
        if set(subjects) != {TAGMANIFEST} or set(predicate) != {"format", *_FIELDS}:
            raise _fault("shape", what, f"does not hold exactly {', '.join(_FIELDS)}")
        for name, is_valid in _FIELDS.items():
            if not is_valid(predicate[name]):
                raise _fault("value", what, f"{name} is not a value that it can have")
        values = {name: predicate[name] for name in _FIELDS}
        record = cls(root=subjects[TAGMANIFEST], **values)
        record._check_together(what)
        if record.to_bytes() != payload:
            raise _fault("form", what, "is not in the one form that a record with this content has")
        return record

    def to_bytes(self) -> bytes:
        """Return the payload; the same record gives the same bytes."""
        predicate: dict[str, object] = {"format": FORMAT}
        predicate |= {name: _in_order(getattr(self, name), _ORDERS.get(name)) for name in _FIELDS}
        return write_statement({TAGMANIFEST: self.root}, CUSTODY, predicate)

    def check_writable(self) -> None:
        """Return if this record reads back; raise ``UndecidedError`` ``custody.value`` if not."""
        try:
            self.from_bytes(self.to_bytes())
        except RejectedError as error:
            raise UndecidedError(error.code, str(error)) from None

    @property
    def instant(self) -> int:
        """The actor's time in nanoseconds."""
        return parse_instant(self.at)

    def _check_together(self, what: str) -> None:
        """Hold what no single field says: a release names a holder, an acceptance was verified."""
        if (self.action == RELEASED) is not (self.next_holder is not None):
            raise _fault("value", what, "a release names the next holder, and nothing else does")
        if (self.number == 1) is not (self.previous is None):
            raise _fault("value", what, "every record but the first names the one before")
        if (self.report is None) is not (self.verification is None):
            raise _fault("value", what, "report and verification are there together or not at all")
        verdict = None if self.report is None else self.report["verdict"]
        if self.action == "accepted" and verdict != Verdict.ACCEPTED:
            raise _fault("value", what, "says accepted, and its verification does not")


def verification_of(report: Report, digest: str) -> tuple[dict[str, object], dict[str, object]]:
    """Return ``report`` and ``verification`` of a record. ``digest``: of the report's JSON."""
    policies = [
        {"name": name.removesuffix("_sha256"), "digest": {"sha256": value}}
        for name, value in sorted(report.basis.items())
        if value is not None and name.endswith("_sha256")
    ]
    passed = [check.name for check in report.checks if check.outcome is Outcome.PASS]
    verifier = f"urn:evidencekit:verifier:{report.tool_version}"
    result: dict[str, object] = {
        "verifier": {"id": verifier, "policies": policies},
        "timeCreated": report.judged_at,
        "properties": [f"EVIDENCEKIT_{name.upper()}" for name in passed],
    }
    return {"verdict": str(report.verdict), "sha256": digest}, result


def _in_order(value: Any, order: Any) -> Any:
    """Return a value with the members of its objects in their order; strange ones stay as is."""
    if isinstance(value, list):
        return [_in_order(item, order) for item in value]
    if isinstance(order, Mapping) and isinstance(value, Mapping) and set(value) == set(order):
        return {name: _in_order(value[name], inner) for name, inner in order.items()}
    return value


def _is_number(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_CUSTODY_RECORDS


def _is_optional_text(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= MAX_CUSTODY_TEXT_CHARS


def _is_optional_fingerprint(value: object) -> bool:
    return value is None or is_fingerprint(value)


def _is_report(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or set(value) != {"verdict", "sha256"}:
        return False
    return value["verdict"] in list(Verdict) and is_sha256(value["sha256"])


def _is_verification(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or set(value) != {"verifier", "timeCreated", "properties"}:
        return False
    return _is_verifier(value["verifier"]) and is_utc(value["timeCreated"]) and _all(
        value["properties"], lambda text: isinstance(text, str) and _PROPERTY.fullmatch(text)
    )  # fmt: skip


def _is_verifier(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"id", "policies"}:
        return False
    is_ours = isinstance(value["id"], str) and _VERIFIER.fullmatch(value["id"]) is not None
    return is_ours and _all(value["policies"], _is_policy)


def _is_policy(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"name", "digest"}:
        return False
    digest = value["digest"]
    known = value["name"] in ("schema", "trust")  # no set: the name may be of any type
    return known and isinstance(digest, dict) and set(digest) == {"sha256"} and is_sha256(
        digest["sha256"]
    )  # fmt: skip


def _all(value: object, is_valid: Callable[[Any], object]) -> bool:
    return isinstance(value, list) and len(value) <= 64 and all(map(is_valid, value))


def _is_action(value: object) -> bool:
    return isinstance(value, str) and value in {*OUTCOMES, RELEASED}


_FIELDS: Mapping[str, Callable[[object], bool]] = {
    "number": _is_number,
    "previous": is_optional_sha256,
    "action": _is_action,
    "signer": is_fingerprint,
    "actor": _is_optional_text,
    "role": _is_optional_text,
    "purpose": _is_optional_text,
    "note": _is_optional_text,
    "next_holder": _is_optional_fingerprint,
    "report": _is_report,
    "verification": _is_verification,
    "at": is_utc,
}


# The members of objects inside a field, in their order; a list is of objects that are alike.
_ORDERS: Mapping[str, object] = {
    "report": {"verdict": None, "sha256": None},
    "verification": {
        "verifier": {"id": None, "policies": {"name": None, "digest": None}},
        "timeCreated": None,
        "properties": None,
    },
}


def _fault(what: str, where: str, told: str) -> RejectedError:
    return RejectedError(f"custody.{what}", f"{where}: {told}")
