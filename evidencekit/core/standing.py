"""Do these signatures count? Each by the conditions of its key, then all by the policy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evidencekit.core.dsse import Signed
from evidencekit.core.instant import NANOSECONDS, format_instant, parse_instant
from evidencekit.core.publickey import PublicKey
from evidencekit.core.report import Check, Fault, Outcome
from evidencekit.core.statement import Statement
from evidencekit.core.trusted import COMPROMISED, Policy, TrustedSigner
from evidencekit.core.visible import visible
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError

NAME = "trust"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What signatures are judged by besides the trust file."""

    at: int  # the time as of which the verdict is given
    environment: str | None  # the bundle's
    proven: Mapping[PublicKey, int]  # for a key, the time of a trusted time-stamp on its signature
    schema: str | None = None  # SHA-256 of the bundle's event schema; None: not read
    format: int = 1  # of the bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something was signed: by the signer's word, and as an authority proved."""

    claimed: int | None
    proven: int | None
    judged: int

    @property
    def told(self) -> str:
        """The time that rules go by, and whose word it is."""
        if self.proven is not None:
            return f"time-stamped {format_instant(self.proven)}"
        if self.claimed is not None:
            return f"signed {format_instant(self.claimed)} by its own word"
        return "signed at a time it does not say"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    signer: TrustedSigner
    errors: tuple[EvidenceError, ...]

    @property
    def counts(self) -> bool:
        return not self.errors

    @property
    def may_count(self) -> bool:
        return not any(isinstance(error, RejectedError) for error in self.errors)


def judge(
    signers: Sequence[TrustedSigner],
    policy: Policy,
    signed: Sequence[Signed],
    case: Circumstances,
) -> Check:
    """Return the check named ``trust``: whether signatures of enough distinct trusted keys count.

    A signature that does not count is named, and harms nobody else's.
    """
    by_key = {signer.key: signer for signer in signers}
    standings: dict[PublicKey, _Standing] = {}
    unknown = []
    for one in signed:
        if one.key not in by_key:
            told = f"{one.key.fingerprint}: signed, and is not a key you trust"
            unknown.append(RejectedError("trust.unknown-signer", told))
            continue
        moment = Moment(claimed=claimed_time(one), proven=case.proven.get(one.key), judged=case.at)
        errors = _errors(by_key[one.key], moment, case.environment)
        errors += _age_errors(by_key[one.key], moment, policy)
        before = standings[one.key].errors if one.key in standings else ()
        standings[one.key] = _Standing(signer=by_key[one.key], errors=before + errors)
    refused = broken(lambda: check_schema(policy, case), lambda: check_format(policy, case))
    if refused:
        return Check.failed(NAME, *map(Fault.from_error, refused))
    return _conclude(tuple(standings.values()), tuple(unknown), policy)


def _conclude(
    standings: tuple[_Standing, ...], unknown: tuple[EvidenceError, ...], policy: Policy
) -> Check:
    good = [standing.signer for standing in standings if standing.counts]
    hopeful = [standing.signer for standing in standings if standing.may_count]
    errors = [*unknown, *(error for standing in standings for error in standing.errors)]
    missing = lacking(good, policy)
    if missing is None:
        names = ", ".join(_called(signer) for signer in good)
        told = f"signed by {names}; {len(good)} of {policy.signatures_required} needed"
        told += "".join(f"; not counted: {error}" for error in errors)
        return Check(name=NAME, outcome=Outcome.PASS, message=told)
    outcome = Outcome.FAIL if lacking(hopeful, policy) else Outcome.UNDECIDED
    if not errors or policy.signatures_required > 1 or policy.roles_required:
        errors.append(missing)
    faults = tuple(Fault.from_error(error) for error in errors)
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Check(name=NAME, outcome=outcome, message=faults[0].message + more, faults=faults)


def _called(signer: TrustedSigner) -> str:
    """Return name and fingerprint; a key that was trusted without a name has only one of them."""
    fingerprint = signer.key.fingerprint
    return fingerprint if signer.name == fingerprint else f"{visible(signer.name)} ({fingerprint})"


def lacking(good: Sequence[TrustedSigner], policy: Policy) -> RejectedError | None:
    """Return what the policy misses in these signers, each with a key of its own."""
    if not good:
        return RejectedError("trust.unknown-signer", "no signature by a key you trust counts")
    if len(good) < policy.signatures_required:
        sides = (
            f"signatures by {len(good)} distinct keys count, {policy.signatures_required} needed"
        )
        return RejectedError("trust.threshold", sides)
    if not _cast(policy.roles_required, good):
        wanted = ", ".join(map(visible, policy.roles_required))
        return RejectedError(
            "trust.roles", f"not every role is signed for by its own key: {wanted}"
        )
    return None


def _cast(roles: Sequence[str], signers: Sequence[TrustedSigner]) -> bool:
    """Tell whether each role can be given to another signer who has it."""
    if not roles:
        return True
    return any(
        _cast(roles[1:], [other for other in signers if other is not signer])
        for signer in signers
        if roles[0] in signer.roles
    )


def time_errors(signer: TrustedSigner, moment: Moment) -> tuple[EvidenceError, ...]:
    """Return why a signature of this moment does not count: a revocation, or the validity."""
    return broken(lambda: check_revocation(signer, moment), lambda: check_validity(signer, moment))


def _errors(
    signer: TrustedSigner, moment: Moment, environment: str | None
) -> tuple[EvidenceError, ...]:
    return time_errors(signer, moment) + broken(lambda: check_environment(signer, environment))


def broken(*rules: Callable[[], None]) -> tuple[EvidenceError, ...]:
    """Return what those of the rules raise that are not met."""
    errors: list[EvidenceError] = []
    for rule in rules:
        try:
            rule()
        except (RejectedError, UndecidedError) as error:
            errors.append(error)
    return tuple(errors)


def check_revocation(signer: TrustedSigner, moment: Moment) -> None:
    """Refuse what was signed after a revocation, and of a compromised key what may have been.

    The receiver knows of the revocation today, so it holds whatever the time judged as of.
    """
    if signer.revoked_at is None:
        return
    word = None if signer.revoked_reason == COMPROMISED else moment.claimed
    when = word if moment.proven is None else moment.proven
    if when is None or when >= signer.revoked_at:
        revoked = f"revoked {format_instant(signer.revoked_at)} ({signer.revoked_reason})"
        raise RejectedError("trust.revoked", f"{visible(signer.name)}: {revoked}, {moment.told}")


def check_validity(signer: TrustedSigner, moment: Moment) -> None:
    """Refuse what was signed outside the validity; an expired key's own word decides nothing."""
    start, end = signer.valid_from, signer.valid_until
    if start is None and end is None:
        return
    when = moment.claimed if moment.proven is None else moment.proven
    valid = f"valid from {_told(start)} until {_told(end)}"
    sides = f"{visible(signer.name)}: {valid}, {moment.told}"
    if when is None:
        raise UndecidedError("trust.validity", sides)
    if (start is not None and when < start) or (end is not None and when >= end):
        raise RejectedError("trust.validity", sides)
    if moment.proven is None and end is not None and moment.judged >= end:
        raise UndecidedError(
            "trust.validity",
            f"{sides}, judged {format_instant(moment.judged)}",
            hint="the key has expired since; only a trusted time-stamp can show that it had not",
        )


def check_environment(signer: TrustedSigner, environment: str | None) -> None:
    """Refuse a bundle of an environment that the signer may not sign for."""
    if signer.environments and environment not in signer.environments:
        allowed = ", ".join(map(visible, signer.environments))
        found = "none" if environment is None else visible(environment)
        sides = f"may sign for {allowed}, the bundle's environment is {found}"
        raise RejectedError("trust.environment", f"{visible(signer.name)}: {sides}")


def _age_errors(signer: TrustedSigner, moment: Moment, policy: Policy) -> tuple[EvidenceError, ...]:
    return broken(lambda: check_age(signer, moment, policy))


def check_age(signer: TrustedSigner, moment: Moment, policy: Policy) -> None:
    """Refuse a signature that is older than the policy allows, when it is judged."""
    if policy.maximum_age is None:
        return
    when = moment.claimed if moment.proven is None else moment.proven
    days = policy.maximum_age // (86_400 * NANOSECONDS)
    sides = f"{moment.told}, judged {format_instant(moment.judged)}, at most {days:,} days count"
    if when is None:
        raise UndecidedError("trust.age", f"{visible(signer.name)}: {sides}")
    if moment.judged - when > policy.maximum_age:
        raise RejectedError("trust.age", f"{visible(signer.name)}: {sides}")


def check_schema(policy: Policy, case: Circumstances) -> None:
    """Refuse a bundle that was made with another event schema than the policy pins."""
    if policy.schemas and case.schema not in policy.schemas:
        made, allowed = case.schema or "(not read)", ", ".join(policy.schemas)
        raise RejectedError("trust.schema", f"policy: made with schema {made}, allowed {allowed}")


def check_format(policy: Policy, case: Circumstances) -> None:
    """Refuse a bundle of an older format than the policy allows."""
    if case.format < policy.minimum_format:
        sides = f"the bundle has format {case.format}, at least {policy.minimum_format} is asked"
        raise RejectedError("trust.format", f"policy: {sides}")


def claimed_time(signed: Signed) -> int | None:
    """Return the time that the statement claims; a bad statement is another check's fault."""
    try:
        return parse_instant(Statement.from_bytes(signed.payload).signed_at)
    except RejectedError:
        return None


def _told(instant: int | None) -> str:
    return "ever" if instant is None else format_instant(instant)
