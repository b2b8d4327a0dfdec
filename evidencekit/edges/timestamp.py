"""Time-stamp authorities: ask one, and verify its tokens as the receiver pins it.

Two implementations must agree before a pinned authority's token counts: ours, which accounts for
every byte, and rfc3161-client, which knows nothing of ours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.x509 import Certificate
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from evidencekit.core.authority import check_chain, is_issued_by, load_certificate
from evidencekit.core.dsse import Stamp
from evidencekit.core.instant import format_instant
from evidencekit.core.timestamp import GRANTED, Token, plain_response, write_request
from evidencekit.core.trusted import Authority
from evidencekit.core.urls import Url
from evidencekit.core.visible import visible
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_TIMESTAMP_TOKEN_BYTES

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"

# Posts a query (of QUERY_TYPE) to a URL and returns the body of an answer that is of REPLY_TYPE.
Post = Callable[[Url, bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """A time that an authority of the receiver's vouches for."""

    authority: str
    instant: int


def stamper(urls: Sequence[str], *, post: Post, nonce: Callable[[], int]) -> Stamp:
    """Return what ``dsse.seal`` asks for time-stamps: one by each authority."""
    return lambda signature: tuple(
        request_token(url, signature, post=post, nonce=nonce()) for url in urls
    )


def request_token(url: str, signature: bytes, *, post: Post, nonce: int) -> bytes:
    """Return a response (DER) over these bytes that answers this very question.

    Raises ``UndecidedError`` with ``timestamp.*`` codes for whatever else an authority says.
    """
    try:
        asked = Url.from_text(url)
    except ValueError as error:
        raise UndecidedError("timestamp.url", f"time-stamp URL: {error}") from None
    response = post(asked, write_request(signature, nonce))
    what = visible(str(asked), limit=300)
    if len(response) > MAX_TIMESTAMP_TOKEN_BYTES:
        sides = f"{len(response):,} bytes, at most {MAX_TIMESTAMP_TOKEN_BYTES:,}"
        raise UndecidedError("timestamp.size", f"{what}: answered {sides}")
    try:
        status, plain = plain_response(response)
    except (ValueError, IndexError):
        told = "did not answer with a time-stamp response in strict DER"
        raise UndecidedError("timestamp.form", f"{what}: {told}") from None
    if status != GRANTED:
        raise UndecidedError("timestamp.status", f"{what}: refused with status {status}")
    _check_answer(plain, signature, nonce, what)
    return plain


def _check_answer(response: bytes, signature: bytes, nonce: int, what: str) -> None:
    try:
        token = Token.from_bytes(response, what=what)
        token.check_covers(signature, what=what)
        own = _own_certificate(token, what)
        if own is not None:
            token.check_signature(own, what=what)
    except RejectedError as error:  # nothing is evidence yet
        raise UndecidedError(error.code, str(error)) from None
    if own is None:
        told = "sent no certificate of its own, though it was asked to"
        raise UndecidedError("timestamp.certificate", f"{what}: {told}")
    if token.info.nonce != nonce:
        raise UndecidedError("timestamp.nonce", f"{what}: answered another question (nonce)")


def verify_token(
    response: bytes, signature: bytes, authorities: Sequence[Authority], *, what: str
) -> Stamped:
    """Return the time that a pinned authority vouches for these signature bytes to have existed.

    Everything is judged at that time, so the answer is the same for ever. Raises ``RejectedError``
    with ``timestamp.*`` codes for a token that is wrong, whoever made it, and ``UndecidedError``
    ``timestamp.unknown-authority`` for one that is right, and by nobody whom the receiver pins.
    """
    token = Token.from_bytes(response, what=what)
    token.check_covers(signature, what=what)
    for authority in authorities:
        if token.is_by(authority.certificates[0], what=what):
            _check_pinned(token, authority, what)
            _ask_for_second_opinion(response, signature, authority, what)
            return Stamped(authority=authority.name, instant=token.info.instant)
    own = _own_certificate(token, what)
    if own is not None:
        token.check_signature(own, what=what)
    _check_company(token, () if own is None else (own,), what)
    told = "is by an authority that you do not pin, so it counts as absent"
    hint = "get the authority's certificate over another channel: trust add --authority"
    raise UndecidedError("timestamp.unknown-authority", f"{what}: {told}", hint=hint)


def _own_certificate(token: Token, what: str) -> bytes | None:
    return next((found for found in token.certificates if token.is_by(found, what=what)), None)


def _check_pinned(token: Token, authority: Authority, what: str) -> None:
    token.check_signature(authority.certificates[0], what=what)
    _check_company(token, authority.certificates, what)
    chain = [load_certificate(found) for found in authority.certificates]
    instant = token.info.instant
    check_chain(chain, instant, what=what)
    start, end = authority.valid_from, authority.valid_until
    if (start is not None and instant < start) or (end is not None and instant >= end):
        told = f"{format_instant(instant)} is outside your trust in {visible(authority.name)}"
        raise RejectedError("timestamp.validity", f"{what}: {told}")


def _check_company(token: Token, known: Sequence[bytes], what: str) -> None:
    """Refuse certificates that came along, are not known and do not lengthen the known chain.

    They are never trusted, and no signature says that they belong here: others would be changes.
    """
    strangers = [load_certificate(found) for found in token.certificates if found not in known]
    top = load_certificate(known[-1]) if known else None
    while strangers:
        above = [] if top is None or _is_root(top) else strangers
        issuer = next((one for one in above if top and is_issued_by(top, one)), None)
        if issuer is None or (_is_root(issuer) and not is_issued_by(issuer, issuer)):
            told = "brings a certificate that has nothing to do with its authority"
            raise RejectedError("timestamp.certificates", f"{what}: {told}")
        strangers.remove(issuer)
        top = issuer


def _is_root(certificate: Certificate) -> bool:
    return certificate.issuer == certificate.subject


def _ask_for_second_opinion(
    response: bytes, signature: bytes, authority: Authority, what: str
) -> None:
    """Refuse what rfc3161-client refuses. It needs a chain up to a root, so it may have no say."""
    leaf, *issuers = map(load_certificate, authority.certificates)
    if not issuers or issuers[-1].issuer != issuers[-1].subject:
        return
    *between, root = issuers
    verifier = VerifierBuilder(tsa_certificate=leaf, intermediates=between, roots=[root]).build()
    try:
        verifier.verify_message(decode_timestamp_response(response), signature)
    except (VerificationError, ValueError):
        told = "another implementation (rfc3161-client) refuses it"
        raise RejectedError("timestamp.second-opinion", f"{what}: {told}") from None
