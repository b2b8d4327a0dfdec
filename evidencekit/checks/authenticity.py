"""Authenticity and time: whose signatures these are, and when they were made."""

from collections.abc import Mapping, Sequence
from typing import Any

from evidencekit.checks.case import Case
from evidencekit.comparison import statement_faults
from evidencekit.core.manifest import Manifest
from evidencekit.core.report import Check, Fault
from evidencekit.core.standing import Circumstances, judge
from evidencekit.errors import EvidenceError, RejectedError

_TRUST_HINT = (
    "name the signer's public key with --key, or a trust file with --trust; "
    "get the key from the signer over another channel, never from the bundle"
)


def signature(case: Case) -> Check:
    """Does every signature file verify over this root, and its statement name these bytes?"""
    found = case.found
    if not found.signatures:
        told = "signatures: there are none in the bundle"
        return Check.failed("signature", Fault(code="signature.none", message=told))
    errors = [s.opened for s in found.signatures if isinstance(s.opened, EvidenceError)]
    faults = [Fault.from_error(error) for error in errors if isinstance(error, RejectedError)]
    for signed in case.signed:
        faults += statement_faults(found, signed)
    faults += _preparer_faults(case)
    if faults:
        return Check.failed("signature", *faults)
    if case.trust is None:
        told = "no trusted key was given, so no signature was checked"
        return Check.undecided("signature", Fault(code="trust.none", message=told))
    if errors:
        return Check.undecided("signature", *map(Fault.from_error, errors))
    signers = ", ".join(map(_forms_told, signature_forms(case)))
    told = f"{len(found.signatures)} signature files verify over the root, by {signers}"
    return Check.passed("signature", told)


def signature_forms(case: Case) -> list[dict[str, Any]]:
    """Return for each signer which files there are, by their endings, and which are absent.

    Only the envelope must be there: its companions say the same to other tools, and no signature
    covers that there are any. So a missing one is told, and is no fault.
    """
    forms = []
    for signed in sorted(case.signed, key=lambda signed: signed.key.fingerprint):
        stem, there = f"signatures/{signed.key.signer_id}", case.found.documents
        wanted = ["sigstore.json", "sig", "sshsig", *(["tsr"] if signed.tokens else [])]
        present = [kind for kind in wanted if f"{stem}.{kind}" in there]
        absent = [kind for kind in wanted if kind not in present]
        forms.append({"signer": signed.key.fingerprint, "present": present, "absent": absent})
    return forms


def _forms_told(forms: Mapping[str, Any]) -> str:
    absent = f"; without {_dotted(forms['absent'])}" if forms["absent"] else ""
    return f"{forms['signer']} ({_dotted(forms['present'])}{absent})"


def _dotted(kinds: Sequence[str]) -> str:
    return ", ".join(f".{kind}" for kind in kinds)


def _preparer_faults(case: Case) -> list[Fault]:
    """Return the fault that the preparer's own signature was taken out of the bundle."""
    claimed = case.found.manifest
    if not isinstance(claimed, Manifest):
        return []
    if any(claimed.signer_id == file.signer_id for file in case.found.signatures):
        return []
    told = f"signatures: hold none of {claimed.signer}, who prepared the bundle"
    return [Fault(code="signature.preparer", message=told)]


def trust(case: Case) -> Check:
    """Did keys that the receiver trusts sign, and may they for this environment and time?"""
    if case.trust is None:
        told = "nothing trusted was given: whose signature it is cannot be told"
        return Check.undecided("trust", Fault(code="trust.none", message=told, hint=_TRUST_HINT))
    return judge(case.trust.signers, case.trust.policy, case.signed, circumstances(case))


def circumstances(case: Case) -> Circumstances:
    """Return what the signatures are judged by besides the trust file."""
    claimed = case.found.manifest
    environment, schema = None, None
    if isinstance(claimed, Manifest):
        environment, schema = claimed.context.environment, claimed.schema.sha256
    proven = {} if case.stamps is None else case.stamps.proven
    return Circumstances(at=case.at, environment=environment, proven=proven, schema=schema)


def timestamp(case: Case) -> Check:
    """Is there a time that somebody other than the signer vouches for?"""
    if case.stamps is None:
        return Check.not_asked("timestamp", "nothing trusted was given, so no time was checked")
    return case.stamps.check
