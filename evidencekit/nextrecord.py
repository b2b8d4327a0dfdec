"""Would a chain of custody hold with one record more? Asked before that record is signed.

A record that breaks the chain cannot be taken back out of a bundle that was handed on.
"""

from typing import Any

from evidencekit.core.chain import Link, chain_errors, open_chain
from evidencekit.core.custody import RELEASED, Record
from evidencekit.core.dsse import Signed
from evidencekit.core.holding import Holding, holding
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import custody_number
from evidencekit.core.publickey import PublicKey
from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges.stamps import judge_records
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError, UndecidedError
from evidencekit.verifier import Verification


def refuse_unfit(
    record: Record, verified: Verification, key: PublicKey, *, now: int, what: str
) -> None:
    """Raise ``UndecidedError`` ``custody.*`` where the chain would break by this record of ``key``.

    It is judged as :func:`evidencekit.verifier.verify` would judge it, by the same trust; what is
    wrong with the chain already is no reason. ``key`` itself counts as known.
    """
    found, known = verified.examination, _known(verified.trust, key)
    if found is None:
        return
    names = sorted(filter(custody_number, found.documents))
    links = open_chain([(name, found.documents[name]) for name in names], known)
    stamps = None if verified.trust is None else judge_records(verified.trust, links, at=now)
    proven = {} if stamps is None else stamps.proven
    preparer = found.manifest.signer if isinstance(found.manifest, Manifest) else None

    def errors(chain: tuple[Link, ...]) -> list[EvidenceError]:
        how: dict[str, Any] = {"at": now, "prepared_by": preparer, "proven": proven}
        return chain_errors(chain, record.root, known, **how)

    readable = [link.record for link in links if link.record is not None]
    if len(readable) == len(links):
        _refuse_holder(record, holding(readable, preparer), what)
    signed = Signed(payload=record.to_bytes(), key=key, signature=b"")
    last = Link(name=what, data=b"", number=len(links) + 1, signed=signed, record=record)
    before = set(map(str, errors(links)))
    for error in errors((*links, last)):
        if str(error) not in before:
            told = f"the record would break the chain: {str(error).removeprefix(f'{what}: ')}"
            told = f"{what}: {told}; nothing was written"
            raise UndecidedError(error.code, told, hint=error.hint)


def _known(trust: Trust | None, key: PublicKey) -> tuple[TrustedSigner, ...]:
    """Return whom the trust file knows, and ``key``."""
    known = () if trust is None else tuple(trust.signers)
    if any(signer.key == key for signer in known):
        return known
    return (*known, TrustedSigner(name=key.fingerprint, key=key))


def _refuse_holder(record: Record, there: Holding, what: str) -> None:
    """Refuse who cannot act now, with what to do about it."""
    who, holder, named = record.signer, there.holder, there.named
    if record.next_holder == who and holder == who and named in {None, who}:
        told = f"you hold it already ({who})"
        raise _refused(what, told, "release it to the fingerprint of whoever receives it next")
    if there.against(record) is None:
        return
    if named not in {None, who}:
        hint = f"it was released to {named}; receive with that key"
    elif named == who or there.is_first:
        hint = 'run "evidencekit receive" first'
    else:
        hint = f"its holder must name you first: evidencekit release --to {who}"
    whose = f"{holder} holds it" if record.action == RELEASED or named is None else _to(named)
    raise _refused(what, f"{whose}, not you ({who})", hint)


def _to(named: str) -> str:
    return f"it was released to {named}"


def _refused(what: str, told: str, hint: str) -> UndecidedError:
    return UndecidedError("custody.holder", f"{what}: {told}; nothing was written", hint=hint)
