"""Judge the time-stamps on signatures and custody records: what they prove, and what is missing.

Most bundles have none. So what reads them (certificates, RFC 3161) is imported for the first one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.core.report import Check, Fault, Outcome
from evidencekit.core.visible import visible
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError
from evidencekit.limits import MAX_CLOCK_SKEW_SECONDS

if TYPE_CHECKING:
    from evidencekit.core.chain import Link
    from evidencekit.core.dsse import Signed
    from evidencekit.core.publickey import PublicKey
    from evidencekit.edges.timestamp import Stamped
    from evidencekit.edges.trust import Trust

NAME = "timestamp"
_SKEW = MAX_CLOCK_SKEW_SECONDS * NANOSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """The check named ``timestamp``, and for each key the first time that is proven for it."""

    check: Check
    proven: Mapping[PublicKey, int]


def judge_tokens(
    trust: Trust, signed: Sequence[Signed], *, at: int, last_event: int | None
) -> Stamps:
    """Return the check named ``timestamp``, as of ``at``.

    A token of a pinned authority proves a time; one of an unknown authority counts as absent; one
    that is wrong rejects. ``last_event`` is the time of the last event in the export.
    """
    proven: dict[PublicKey, int] = {}
    told: list[str] = []
    errors: list[EvidenceError] = []
    absent: list[EvidenceError] = []
    for one, response in _tokens(signed):
        what = f"time-stamp on {one.key.fingerprint}"
        try:
            stamped = _verified(response, one, trust, at, last_event, what)
        except EvidenceError as error:
            is_absent = error.code == "timestamp.unknown-authority"
            (absent if is_absent else errors).append(error)
        else:
            proven[one.key] = min(stamped.instant, proven.get(one.key, stamped.instant))
            told.append(f"{format_instant(stamped.instant)} by {visible(stamped.authority)}")
    if trust.policy.timestamp == "required":
        errors += _missing(signed, proven, absent)
    return Stamps(check=_conclude(errors, absent, told), proven=proven)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStamps:
    """What is wrong with the time-stamps on custody records, and by number what they prove."""

    faults: tuple[Fault, ...]
    proven: Mapping[int, int]


def judge_records(trust: Trust, links: Sequence[Link], *, at: int) -> RecordStamps:
    """Judge the time-stamps on custody records; one of an unknown authority counts as absent."""
    faults: list[Fault] = []
    proven: dict[int, int] = {}
    for link in links:
        for one, response in _tokens(() if link.signed is None else (link.signed,)):
            what = f"{link.name}: time-stamp"
            try:
                stamped = _verified(response, one, trust, at, None, what)
            except EvidenceError as error:
                if error.code != "timestamp.unknown-authority":
                    faults.append(Fault.from_error(error))
            else:
                earliest = min(stamped.instant, proven.get(link.number, stamped.instant))
                proven[link.number] = earliest
    return RecordStamps(faults=tuple(faults), proven=proven)


def _verified(  # noqa: PLR0913, PLR0917
    response: bytes, one: Signed, trust: Trust, at: int, last_event: int | None, what: str
) -> Stamped:
    """Return the time that a token proves. Raises ``timestamp.*``."""
    from evidencekit.edges.timestamp import verify_token  # noqa: PLC0415  (x509)

    stamped = verify_token(response, one.signature, trust.authorities, what=what)
    _check_order(stamped, at, last_event, what)
    return stamped


def _tokens(signed: Sequence[Signed]) -> Iterator[tuple[Signed, bytes]]:
    return ((one, response) for one in signed for response in one.tokens)


def _missing(
    signed: Sequence[Signed], proven: Mapping[PublicKey, int], absent: Sequence[EvidenceError]
) -> Iterator[EvidenceError]:
    """Yield what a policy misses that requires a time-stamp on every signature."""
    if absent:
        yield from absent
    for one in signed:
        if one.key not in proven and not (absent and one.tokens):
            told = f"{one.key.fingerprint}: no time-stamp, your policy requires one"
            yield RejectedError("timestamp.missing", told)
    if not signed:
        yield RejectedError("timestamp.missing", "no time-stamp, your policy requires one")


def _conclude(
    errors: Sequence[EvidenceError], absent: Sequence[EvidenceError], told: Sequence[str]
) -> Check:
    if errors:
        rejected = any(isinstance(error, RejectedError) for error in errors)
        faults = tuple(Fault.from_error(error) for error in errors)
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        return Check(
            name=NAME,
            outcome=Outcome.FAIL if rejected else Outcome.UNDECIDED,
            message=faults[0].message + more,
            faults=faults,
        )
    if told:
        return Check(name=NAME, outcome=Outcome.PASS, message=f"stamped {', '.join(told)}")
    message = str(absent[0]) if absent else "no time-stamp: the signing time is the signer's word"
    return Check(name=NAME, outcome=Outcome.NOT_ASKED, message=message)


def _check_order(stamped: Stamped, at: int, last_event: int | None, what: str) -> None:
    when = format_instant(stamped.instant)
    if last_event is not None and stamped.instant + _SKEW < last_event:
        sides = f"is of {when}, the last event of {format_instant(last_event)}"
        raise RejectedError("timestamp.order", f"{what}: {sides}")
    if stamped.instant > at + _SKEW:
        sides = f"is of {when}, judged as of {format_instant(at)}"
        hint = "check this machine's clock, or --at"
        raise UndecidedError("timestamp.future", f"{what}: {sides}", hint=hint)
