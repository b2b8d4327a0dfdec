"""Is the chain of hand-overs whole? Each record by itself, then each against the one before.

A record says who acted, not that the bundle was in their hands: what the chain proves is that
nobody later changed, dropped or put in a record, and that every hand-over was to the one named.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evidencekit.core.custody import Record
from evidencekit.core.dsse import Signed, claimed_signer, open_signed
from evidencekit.core.holding import Holding
from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.core.publickey import PublicKey
from evidencekit.core.report import Check, Fault
from evidencekit.core.standing import Moment, time_errors
from evidencekit.core.trusted import TrustedSigner
from evidencekit.core.visible import visible
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError
from evidencekit.limits import MAX_CLOCK_SKEW_SECONDS

NAME = "custody"
_UNKNOWN = (
    "whoever took part in a hand-over must be trusted, too, you yourself among them: name that "
    "public key as well, with one more --key or in the trust file"
)
_SKEW = MAX_CLOCK_SKEW_SECONDS * NANOSECONDS

Files = Sequence[tuple[str, bytes]]  # names and bytes of the records, in the order of their numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One record as found: what it says and who signed it, or why that cannot be told."""

    name: str
    data: bytes
    number: int  # its place in the chain
    signed: Signed | None = None
    record: Record | None = None
    error: EvidenceError | None = None

    @property
    def digest(self) -> str:
        """What the next record names this one by."""
        return hashlib.sha256(self.data).hexdigest()


def open_chain(records: Files, signers: Sequence[TrustedSigner]) -> tuple[Link, ...]:
    """Return each record, opened with the keys of the trust file."""
    return tuple(_open(number, *file, signers) for number, file in enumerate(records, 1))


def judge_chain(  # noqa: PLR0913  (each is one thing to judge by)
    records: Files,
    root: str,
    signers: Sequence[TrustedSigner],
    *,
    at: int,
    prepared_by: str | None = None,
    proven: Mapping[int, int] | None = None,
) -> Check:
    """Return the check named ``custody``, as of ``at``, for the records of the bundle of ``root``.

    ``prepared_by`` is the fingerprint of the preparer, the first holder; where it is not known, so
    is who may release first. ``proven`` holds, by number, the times of trusted time-stamps.
    """
    links = open_chain(records, signers)
    if not links:
        return Check.not_asked(NAME, "no hand-over is recorded")
    errors = chain_errors(links, root, signers, at=at, prepared_by=prepared_by, proven=proven or {})
    if not errors:
        return Check.passed(NAME, "; ".join(timeline(links, signers)))
    faults = tuple(map(Fault.from_error, errors))
    if any(isinstance(error, RejectedError) for error in errors):
        return Check.failed(NAME, *faults)
    return Check.undecided(NAME, *faults)


def chain_errors(  # noqa: PLR0913  (each is one thing to judge by)
    links: Sequence[Link],
    root: str,
    signers: Sequence[TrustedSigner],
    *,
    at: int,
    prepared_by: str | None,
    proven: Mapping[int, int],
) -> list[EvidenceError]:
    """Return all that is wrong with a chain; whoever signed an opened link is in ``signers``."""
    by_key = {signer.key: signer for signer in signers}
    existed = existed_by(len(links), proven)
    errors: list[EvidenceError] = []
    for link in links:
        errors += _own_faults(link, root, at, proven.get(link.number), by_key)
        errors += _time_faults(link, at, proven.get(link.number), existed.get(link.number), by_key)
    errors += _order_faults(links)
    errors += _holder_faults(links, prepared_by)
    return errors


def existed_by(count: int, proven: Mapping[int, int]) -> dict[int, int]:
    """Return by when each record existed at the latest, by number, where a time-stamp proves it.

    A record names the one before by its digest, so its time-stamp covers all that came before it.
    """
    known: dict[int, int] = {}
    for number in range(count, 0, -1):
        times = [at for at in (proven.get(number), known.get(number + 1)) if at is not None]
        if times:
            known[number] = min(times)
    return known


def handovers(
    links: Sequence[Link], signers: Sequence[TrustedSigner], proven: Mapping[int, int]
) -> list[dict[str, object]]:
    """Return a whole chain as JSON data, as ``subject.custody`` of a report describes it."""
    names = {signer.key.fingerprint: signer.name for signer in signers}
    existed = existed_by(len(links), proven)

    def party(fingerprint: str) -> dict[str, object]:
        name = names.get(fingerprint)
        return {"fingerprint": fingerprint, "name": None if name == fingerprint else name}

    return [
        {
            "number": link.number,
            "at": link.record.at,
            "action": link.record.action,
            "by": party(link.record.signer),
            "actor": link.record.actor,
            "role": link.record.role,
            "purpose": link.record.purpose,
            "note": link.record.note,
            "to": None if link.record.next_holder is None else party(link.record.next_holder),
            "verdict": None if link.record.report is None else link.record.report["verdict"],
            "proven_at": _instant(proven.get(link.number)),
            "existed_by": _instant(existed.get(link.number)),
            "sha256": link.digest,
        }
        for link in links
        if link.record is not None
    ]


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)


def timeline(links: Sequence[Link], signers: Sequence[TrustedSigner]) -> tuple[str, ...]:
    """Return one line for each record that could be read: when, who, what, to whom."""
    names = {signer.key.fingerprint: visible(signer.name) for signer in signers}
    return tuple(
        _line(link.number, link.record, names) for link in links if link.record is not None
    )


def _line(number: int, record: Record, names: Mapping[str, str]) -> str:
    who = names.get(record.signer, record.signer)
    actor = "" if record.actor is None else f" ({visible(record.actor)})"
    to = (
        ""
        if record.next_holder is None
        else f" to {names.get(record.next_holder, record.next_holder)}"
    )
    return f"{number}. {record.at} {record.action}{to} by {who}{actor}"


def _open(number: int, name: str, data: bytes, signers: Sequence[TrustedSigner]) -> Link:
    keys = {signer.key.fingerprint: signer.key for signer in signers}
    try:
        said = claimed_signer(data, what=name)
        if said not in keys:
            told = f"is signed by {said}, who is not in your trust file"
            raise UndecidedError("custody.unknown-key", f"{name}: {told}", hint=_UNKNOWN)
        signed = open_signed(data, keys[said], what=name)
        record = Record.from_bytes(signed.payload, what=name)
    except EvidenceError as error:
        return Link(name=name, data=data, number=number, error=error)
    return Link(name=name, data=data, number=number, signed=signed, record=record)


def _own_faults(
    link: Link,
    root: str,
    at: int,
    proven: int | None,
    by_key: Mapping[PublicKey, TrustedSigner],
) -> Iterator[EvidenceError]:
    """Yield what is wrong with one record, whatever the others say."""
    if link.error is not None:
        yield link.error
    if link.record is None or link.signed is None:
        return
    record, key = link.record, link.signed.key
    if record.root != root:
        yield _fault("root", link, f"is about the root {record.root}, this bundle's is {root}")
    if record.signer != key.fingerprint:
        yield _fault("signer", link, f"names {record.signer}, and {key.fingerprint} signed it")
    signer = by_key[key]
    if record.role is not None and signer.roles and record.role not in signer.roles:
        allowed = ", ".join(map(visible, signer.roles))
        yield _fault("role", link, f"acts as {visible(record.role)}, may act as {allowed}")
    if record.instant > at + _SKEW:
        sides = f"is of {record.at}, judged as of {format_instant(at)}"
        hint = "check this machine's clock, or --at"
        yield UndecidedError("custody.future", f"{link.name}: {sides}", hint=hint)
    if proven is not None and abs(record.instant - proven) > _SKEW:
        sides = f"says {record.at}, its time-stamp is of {format_instant(proven)}"
        yield _fault("time", link, sides)


def _time_faults(
    link: Link,
    at: int,
    proven: int | None,
    existed: int | None,
    by_key: Mapping[PublicKey, TrustedSigner],
) -> tuple[EvidenceError, ...]:
    """Return why a record's time does not count: by its own time-stamp, else by its word.

    That it existed before a later one was stamped can only speak for it: it may be much older.
    """
    if link.record is None or link.signed is None:
        return ()
    signer = by_key[link.signed.key]
    moment = Moment(claimed=link.record.instant, proven=proven, judged=at)
    errors = time_errors(signer, moment)
    if not errors or proven is not None or existed is None:
        return errors
    return errors if time_errors(signer, replace(moment, proven=existed)) else ()


def _order_faults(links: Sequence[Link]) -> Iterator[EvidenceError]:
    """Yield where numbers, digests and times do not follow one another."""
    digests: dict[str | None, int] = {None: 0}
    latest: Record | None = None
    for before, link in zip((None, *links), links, strict=False):
        record = link.record
        if record is not None:
            if record.number != link.number:
                yield _fault("order", link, f"says it is record {record.number}, not {link.number}")
            expected = None if before is None else before.digest
            if record.previous != expected:
                yield _broken(link, record, digests)
            if latest is not None and record.instant < latest.instant:
                yield _fault("time", link, f"is of {record.at}, the one before of {latest.at}")
            latest = record
        digests[link.digest] = link.number


def _broken(link: Link, record: Record, digests: Mapping[str | None, int]) -> RejectedError:
    """Tell two records on one ground from one on a ground that is not here."""
    place = digests.get(record.previous)
    if place is None:
        told = "follows a record that is not in this bundle: one was changed, or taken out"
        return _fault("chain", link, told)
    what = "the beginning" if place == 0 else f"record {place}"
    return _fault("fork", link, f"follows {what}, which another record follows already")


def _holder_faults(links: Sequence[Link], prepared_by: str | None) -> Iterator[EvidenceError]:
    """Yield where somebody acts who does not hold the bundle and was not named to."""
    now = Holding(holder=prepared_by)
    for link in links:
        if link.record is None:
            return
        told = now.against(link.record)
        if told is not None:
            yield _fault("holder", link, told)
        now = now.after(link.record)


def _fault(what: str, link: Link, told: str) -> RejectedError:
    return RejectedError(f"custody.{what}", f"{link.name}: {told}")
