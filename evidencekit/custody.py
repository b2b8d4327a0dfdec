"""Hand a bundle over: release it to somebody, or receive it, as one signed record more.

Nothing but the record is written. Of two records made at once on one bundle, one is refused.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from evidencekit.core import strict_json
from evidencekit.core.custody import RELEASED, Record, verification_of
from evidencekit.core.dsse import Stamp, seal
from evidencekit.core.instant import format_instant
from evidencekit.core.names import custody_number
from evidencekit.core.publickey import Signer
from evidencekit.core.report import Report
from evidencekit.edges.container import add_members
from evidencekit.errors import RejectedError
from evidencekit.examination import Examination
from evidencekit.nextrecord import refuse_unfit
from evidencekit.signing import unstamped
from evidencekit.verifier import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the one who acts has to say; each may be left out."""

    actor: str | None = None
    role: str | None = None
    purpose: str | None = None
    note: str | None = None


def report_document(verified: Verification) -> bytes:
    """Return the report whose digest goes into a record: under the bundle's id, on any machine."""
    found = _found(verified)
    return strict_json.dumps(verified.report.to_json(found.bundle_id))


def receive(  # noqa: PLR0913  (each is one decision of the caller)
    verified: Verification,
    outcome: str,
    *,
    signer: Signer,
    now: int,
    words: Words | None = None,
    stamp: Stamp = unstamped,
    what: str = "bundle",
) -> bytes:
    """Return a signed record that the bundle was received: accepted, rejected or insufficient.

    What was just verified goes in: verdict, digest of the report, what passed. ``accepted`` needs
    an accepted verdict; else raises it as ``custody.not-accepted``. Raises ``UndecidedError``
    ``custody.*`` where the record would break the chain, such as ``custody.holder``, and
    ``signer.*``; nothing is written. ``what`` is how errors name the bundle.
    """
    if outcome == "accepted" and verified.report.exit_code:
        _refuse(verified.report, what)
    record = _next(verified, outcome, signer, now, words)
    refuse_unfit(record, verified, signer.public_key, now=now, what=what)
    return seal(record.to_bytes(), signer, stamp=stamp)


def release(  # noqa: PLR0913  (each is one decision of the caller)
    verified: Verification,
    next_holder: str,
    *,
    signer: Signer,
    now: int,
    words: Words | None = None,
    stamp: Stamp = unstamped,
    what: str = "bundle",
) -> bytes:
    """Return a signed record that the bundle is released to the key of this fingerprint.

    Raises as :func:`receive` does.
    """
    if verified.report.exit_code:
        _refuse(verified.report, what)
    record = _next(verified, RELEASED, signer, now, words, next_holder)
    refuse_unfit(record, verified, signer.public_key, now=now, what=what)
    return seal(record.to_bytes(), signer, stamp=stamp)


def add_record(bundle: Path, verified: Verification, record: bytes) -> str:
    """Write a record into the bundle that was verified, and return its name there.

    Raises ``UndecidedError`` ``output.exists`` where another was written meanwhile.
    """
    name = _name(_count(_found(verified)) + 1)
    add_members(bundle, {name: record})
    return name


def _next(  # noqa: PLR0913, PLR0917  (a record has that many parts)
    verified: Verification,
    action: str,
    signer: Signer,
    now: int,
    words: Words | None,
    next_holder: str | None = None,
) -> Record:
    found, said = _found(verified), words or Words()
    count = _count(found)
    last = found.digests[_name(count)] if count else None
    digest = hashlib.sha256(report_document(verified)).hexdigest()
    report, verification = verification_of(verified.report, digest)
    record = Record(
        root=found.root or "",
        number=count + 1,
        previous=last if isinstance(last, str) else None,
        action=action,
        signer=signer.public_key.fingerprint,
        actor=said.actor,
        role=said.role,
        purpose=said.purpose,
        note=said.note,
        next_holder=next_holder,
        report=report,
        verification=verification,
        at=format_instant(now),
    )
    record.check_writable()
    return record


def _name(number: int) -> str:
    return f"custody/{number:04}.sigstore.json"


def _count(found: Examination) -> int:
    """Return how many records there are, which are numbered without a gap."""
    numbers = sorted(filter(None, map(custody_number, found.documents)))
    if numbers != list(range(1, len(numbers) + 1)):
        told = f"custody: {len(numbers)} records, and the last has number {numbers[-1]}"
        raise RejectedError("custody.order", told)
    return len(numbers)


def _found(verified: Verification) -> Examination:
    found = verified.examination
    if found is None or found.root is None:
        told = f"bundle: {verified.report.verdict_line}; there is no root to make a record about"
        raise RejectedError("custody.no-root", told)
    return found


def _refuse(report: Report, what: str) -> None:
    told = "only an accepted bundle can be released, or received as accepted; nothing was written"
    hint = f"it is {report.verdict_line}"
    raise report.refusal("custody.not-accepted", f"{what}: {told}", hint=hint)
