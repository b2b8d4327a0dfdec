"""Why a verdict is what it is: every rule of the trust file, one by one, with what it met.

The rules are those that the verdict goes by, asked again one at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evidencekit.core.dsse import Signed
from evidencekit.core.instant import format_instant
from evidencekit.core.report import Outcome
from evidencekit.core.standing import (
    Circumstances,
    Moment,
    broken,
    check_age,
    check_environment,
    check_format,
    check_revocation,
    check_schema,
    check_validity,
    claimed_time,
    lacking,
)
from evidencekit.core.trusted import Policy, TrustedSigner
from evidencekit.core.visible import visible
from evidencekit.errors import RejectedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: of whom, which, how it ended, and a sentence that says why."""

    of: str
    name: str
    outcome: Outcome
    told: str

    def to_json(self) -> dict[str, str]:
        """Return the rule as JSON data."""
        return {
            "of": self.of,
            "rule": self.name,
            "outcome": str(self.outcome),
            "message": self.told,
        }


def explain(
    signers: Sequence[TrustedSigner],
    policy: Policy,
    signed: Sequence[Signed],
    case: Circumstances,
) -> tuple[Rule, ...]:
    """Return every rule about every signer and signature, then those of the policy."""
    by_key = {one.key: one for one in signed}
    rules: list[Rule] = []
    good: list[TrustedSigner] = []
    for signer in signers:
        found = tuple(_of_signer(signer, by_key.get(signer.key), policy, case))
        rules += found
        if all(rule.outcome is Outcome.PASS for rule in found):
            good.append(signer)
    known = {signer.key for signer in signers}
    for one in signed:
        if one.key not in known:
            told = "signed, and is not a key you trust"
            rules.append(
                Rule(of=one.key.fingerprint, name="known", outcome=Outcome.FAIL, told=told)
            )
    return (*rules, *_of_policy(policy, good, case))


def _of_signer(
    signer: TrustedSigner, signed: Signed | None, policy: Policy, case: Circumstances
) -> Iterator[Rule]:
    of = f"{visible(signer.name)} ({signer.key.fingerprint})"
    if signed is None:
        yield Rule(of=of, name="signed", outcome=Outcome.NOT_ASKED, told="did not sign this bundle")
        return
    moment = Moment(
        claimed=claimed_time(signed), proven=case.proven.get(signer.key), judged=case.at
    )
    yield Rule(of=of, name="signed", outcome=Outcome.PASS, told=moment.told)
    yield _rule(of, "revocation", "not revoked then", lambda: check_revocation(signer, moment))
    yield _rule(of, "validity", _window(signer), lambda: check_validity(signer, moment))
    allowed = ", ".join(map(visible, signer.environments)) or "any"
    told = f"may sign for {allowed}; the bundle's is {_word(case.environment)}"
    yield _rule(of, "environment", told, lambda: check_environment(signer, case.environment))
    if policy.maximum_age is not None:
        told = "young enough for the policy"
        yield _rule(of, "maximum-age", told, lambda: check_age(signer, moment, policy))


def _of_policy(
    policy: Policy, good: Sequence[TrustedSigner], case: Circumstances
) -> Iterator[Rule]:
    needed = f"{len(good)} signatures count, {policy.signatures_required} needed"
    if policy.roles_required:
        needed += f"; roles: {', '.join(map(visible, policy.roles_required))}"

    def enough() -> None:
        missing = lacking(good, policy)
        if missing is not None:
            raise missing

    yield _rule("policy", "signatures", needed, enough)
    stamps = f"{policy.timestamp}; {len(case.proven)} signatures have a proven time"
    is_short = policy.timestamp == "required" and not case.proven
    outcome = Outcome.FAIL if is_short else Outcome.PASS
    yield Rule(of="policy", name="timestamp", outcome=outcome, told=stamps)
    if policy.schemas:
        told = "made with a schema that you allow"
        yield _rule("policy", "schemas", told, lambda: check_schema(policy, case))
    told = f"format {case.format}, at least {policy.minimum_format} is asked"
    yield _rule("policy", "minimum-format", told, lambda: check_format(policy, case))


def _rule(of: str, name: str, passed: str, check: Callable[[], None]) -> Rule:
    errors = broken(check)
    if not errors:
        return Rule(of=of, name=name, outcome=Outcome.PASS, told=passed)
    rejected = isinstance(errors[0], RejectedError)
    outcome = Outcome.FAIL if rejected else Outcome.UNDECIDED
    return Rule(of=of, name=name, outcome=outcome, told=f"{errors[0]} [{errors[0].code}]")


def _window(signer: TrustedSigner) -> str:
    times = ("from", signer.valid_from), ("until", signer.valid_until)
    said = [f"{word} {format_instant(at)}" for word, at in times if at is not None]
    return f"valid {' '.join(said)}" if said else "valid at any time"


def _word(text: str | None) -> str:
    return "not declared" if text is None else visible(text)
