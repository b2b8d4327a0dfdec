"""What is odd about a trust file that can be read: nothing here changes a verdict."""

from collections.abc import Iterator, Sequence

from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.core.trusted import Authority, Policy, TrustedSigner
from evidencekit.core.visible import visible

_SOON = 30 * 86_400 * NANOSECONDS


def lint(
    signers: Sequence[TrustedSigner],
    authorities: Sequence[Authority],
    policy: Policy,
    *,
    at: int,
) -> tuple[str, ...]:
    """Return one sentence for each thing that its owner may want to know, as of ``at``."""
    found = [*_policy(signers, authorities, policy)]
    entries: list[TrustedSigner | Authority] = [*signers, *authorities]
    for entry in entries:
        found += _period(entry, at)
    for signer in signers:
        if signer.revoked_at is not None:
            told = f"revoked {format_instant(signer.revoked_at)} ({signer.revoked_reason})"
            found.append(f"{visible(signer.name)}: {told}")
        elif not signer.environments:
            found.append(f"{visible(signer.name)}: may sign for any environment")
    return tuple(found)


def _policy(
    signers: Sequence[TrustedSigner], authorities: Sequence[Authority], policy: Policy
) -> Iterator[str]:
    usable = [signer for signer in signers if signer.revoked_at is None]
    if policy.signatures_required > len(usable):
        yield f"policy: {policy.signatures_required} signatures required of {len(usable)} keys"
    for role in policy.roles_required:
        if not any(role in signer.roles for signer in usable):
            yield f"policy: role {visible(role)} is required, and nobody has it"
    if policy.timestamp == "required" and not authorities:
        yield "policy: a time-stamp is required, and no authority is named"


def _period(entry: TrustedSigner | Authority, at: int) -> Iterator[str]:
    name, start, end = visible(entry.name), entry.valid_from, entry.valid_until
    if start is not None and at < start:
        yield f"{name}: not valid before {format_instant(start)}"
    if end is not None and at >= end:
        yield f"{name}: not valid since {format_instant(end)}"
    elif end is not None and at >= end - _SOON:
        yield f"{name}: valid until {format_instant(end)} only"
