"""What ``evidencekit trust`` prints, and how its options become entries of the trust file."""

import hashlib
import json
from pathlib import Path

from evidencekit.core.explaining import Rule
from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.core.report import Report
from evidencekit.core.trusted import Authority, Policy, TrustedSigner
from evidencekit.core.visible import visible
from evidencekit.core.wording import listing as words
from evidencekit.edges import trustfile
from evidencekit.edges.keys import load_public_key
from evidencekit.edges.trust import Trust

LABEL = 23  # columns before the value of a line of a listing
_DAY = 86_400 * NANOSECONDS


def add_signer(  # noqa: PLR0913  (one argument for each condition)
    trust: Path,
    path: Path,
    name: str,
    environments: tuple[str, ...],
    roles: tuple[str, ...],
    *,
    valid_from: int | None,
    valid_until: int | None,
) -> tuple[str, ...]:
    """Write a signer into the trust file; return what its owner is to confirm."""
    key = load_public_key(path)
    signer = TrustedSigner(
        name=name,
        key=key,
        valid_from=valid_from,
        valid_until=valid_until,
        environments=environments,
        roles=roles,
    )
    trustfile.add_signer(trust, signer)
    return key.fingerprint, " ".join(key.words)


def add_authority(
    trust: Path, path: Path, name: str, *, valid_from: int | None, valid_until: int | None
) -> tuple[str, ...]:
    """Write an authority into the trust file; return the digests of its certificates."""
    authority = trustfile.add_authority(
        trust, name, path, valid_from=valid_from, valid_until=valid_until
    )
    return tuple(map(_digest, authority.certificates))


def listing(trust: Trust, fmt: str) -> str:
    """Return everything that the trust file says, for people or as JSON."""
    signers = [_signer(signer) for signer in trust.signers]
    authorities = [_authority(authority) for authority in trust.authorities]
    policy = _policy(trust.policy)
    if fmt == "json":
        document = {
            "signers": signers,
            "timestamp_authorities": authorities,
            "policy": policy,
            "sha256": trust.sha256,
        }
        return json.dumps(document, indent=2) + "\n"
    blocks = [_block("signer", entry) for entry in signers]
    blocks += [_block("timestamp-authority", entry) for entry in authorities]
    return "\n".join([*blocks, _block("policy", policy)])


def explained(rules: tuple[Rule, ...], report: Report, fmt: str) -> str:
    """Return the rules, then every check that did not pass, then the verdict."""
    open_checks = [check for check in report.checks if check.faults]
    if fmt == "json":
        document = {
            "rules": [rule.to_json() for rule in rules],
            "checks": [check.to_json() for check in open_checks],
            "verdict": str(report.verdict),
        }
        return json.dumps(document, indent=2) + "\n"
    lines: list[str] = []
    for before, rule in zip((None, *rules), rules, strict=False):
        if before is None or before.of != rule.of:
            lines.append(rule.of)
        lines.append(f"  {rule.outcome:<10} {rule.name:<15} {rule.told}")
    for check in open_checks:
        lines.append(f"check {check.name}: {check.outcome}")
        lines += [f"  {fault.message} [{fault.code}]" for fault in check.faults]
    return "\n".join([*lines, f"verdict: {report.verdict_line}", ""])


def _signer(signer: TrustedSigner) -> dict[str, object]:
    revoked = {} if signer.revoked_at is None else {"revoked_reason": signer.revoked_reason}
    return {
        "name": signer.name,
        "fingerprint": signer.key.fingerprint,
        "words": " ".join(signer.key.words),
        "algorithm": signer.key.algorithm,
        **_times(signer),
        "revoked_at": _instant(signer.revoked_at),
        **revoked,
        "environments": list(signer.environments),
        "roles": list(signer.roles),
    }


def _authority(authority: Authority) -> dict[str, object]:
    digests = list(map(_digest, authority.certificates))
    return {"name": authority.name, "certificates_sha256": digests, **_times(authority)}


def _policy(policy: Policy) -> dict[str, object]:
    return {
        "signatures_required": policy.signatures_required,
        "roles_required": list(policy.roles_required),
        "timestamp": policy.timestamp,
        "maximum_age_days": None if policy.maximum_age is None else policy.maximum_age // _DAY,
        "minimum_format": policy.minimum_format,
        "schemas": list(policy.schemas),
    }


def _times(entry: TrustedSigner | Authority) -> dict[str, object]:
    return {"valid_from": _instant(entry.valid_from), "valid_until": _instant(entry.valid_until)}


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)


def _digest(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest()


def _block(kind: str, entry: dict[str, object]) -> str:
    lines = [kind]
    for name, value in entry.items():
        if isinstance(value, list):
            text = words(value) if value else None
        else:
            text = None if value is None else visible(str(value), limit=300)  # 16 words are 95
        if text is not None:
            lines.append(f"  {name.replace('_', ' '):<20} {text}")
    return "\n".join([*lines, ""])
