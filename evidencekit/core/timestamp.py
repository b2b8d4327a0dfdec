"""RFC 3161 time-stamps, read so that no byte of one can change unnoticed.

What the authority's signature covers is checked by it. What it does not cover (RFC 5652: versions,
names of algorithms, certificates, status) must be the one value that goes with the rest. Only an
ECDSA signature (r, s) has a twin (r, n - s), which every verifier takes and which says the same.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from evidencekit.core import der
from evidencekit.core.authority import load_certificate
from evidencekit.core.cmssignature import SignedPart, verify
from evidencekit.core.der import Element
from evidencekit.core.instant import NANOSECONDS
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_TIMESTAMP_TOKEN_BYTES

GRANTED = 0
_HASHES = {
    "sha256": bytes.fromhex("0609608648016503040201"),
    "sha384": bytes.fromhex("0609608648016503040202"),
    "sha512": bytes.fromhex("0609608648016503040203"),
}
_SHA1 = "sha1"  # in the oldest form of ESSCertID only, beside the pinned certificate itself
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_CERTIFICATE_V1 = bytes.fromhex("060b2a864886f70d010910020c")  # RFC 2634, 5.4
_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")  # RFC 5035, 3
_NULL = der.write(der.NULL)
_TIME = re.compile(rb"(\d{14})(?:\.(\d{0,8}[1-9]))?Z")


def write_request(signature: bytes, nonce: int) -> bytes:
    """Return a TimeStampReq for these bytes: SHA-256, this nonce, and the certificate wanted."""
    digest = der.write(der.OCTETS, hashlib.sha256(signature).digest())
    algorithm = der.write(der.SEQUENCE, _HASHES["sha256"], _NULL)
    imprint = der.write(der.SEQUENCE, algorithm, digest)
    wanted = der.write(der.BOOLEAN, b"\xff")
    return der.write(der.SEQUENCE, der.write_integer(1), imprint, der.write_integer(nonce), wanted)


def plain_response(response: bytes) -> tuple[int, bytes]:
    """Return the status of a TimeStampResp, and the response in the one form that bundles keep.

    That is without the words of the status, and with the certificates in the order of DER, which
    openssl does not put them in (strict readers refuse its tokens). No signature covers either.
    Raises ``ValueError``.
    """
    status, *token = der.read(response, der.SEQUENCE).children()
    parts = status.children() if status.tag == der.SEQUENCE else ()
    if not parts or len(token) > 1:
        raise ValueError("is not a status and a token")
    number = parts[0].integer()
    plain = der.write(der.SEQUENCE, der.write_integer(number))
    return number, der.write(der.SEQUENCE, plain, *map(_with_sorted_certificates, token))


def _with_sorted_certificates(token: Element) -> bytes:
    data = der.read(_unwrapped(token, _SIGNED_DATA).content, der.SEQUENCE)
    parts = [
        der.write(part.tag, *sorted(child.raw for child in part.children()))
        if part.tag == der.CONTEXT_0
        else part.raw
        for part in data.children()
    ]
    content = der.write(der.CONTEXT_0, der.write(der.SEQUENCE, *parts))
    return der.write(der.SEQUENCE, _SIGNED_DATA, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What a time-stamp says (TSTInfo)."""

    instant: int  # genTime in nanoseconds
    nonce: int | None
    imprint_hash: str
    imprint: bytes

    @classmethod
    def from_der(cls, data: bytes) -> Self:
        """Read a TSTInfo. Raises ``ValueError``."""
        version, _policy, imprint, serial, time, *rest = der.read(data, der.SEQUENCE).children()
        if version.integer() != 1 or imprint.tag != der.SEQUENCE or time.tag != der.TIME:
            raise ValueError("is not a TSTInfo of version 1")
        serial.integer()
        algorithm, digest = imprint.children()
        name = _hash_name(algorithm)
        if digest.tag != der.OCTETS or len(digest.content) != hashlib.new(name).digest_size:
            raise ValueError(f"the imprint is not a {name}")
        nonces = [part.integer() for part in rest if part.tag == der.INTEGER]
        if len(nonces) > 1:
            raise ValueError("has several nonces")
        return cls(
            instant=_instant(time.content),
            nonce=nonces[0] if nonces else None,
            imprint_hash=name,
            imprint=digest.content,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerInfo:
    """Who says it, and the signature over its attributes (RFC 5652, 5.3)."""

    issuer: bytes  # of the signer's certificate, DER
    serial: int
    attributes: dict[bytes, Element]
    signed: SignedPart

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Read the one SignerInfo of a token. Raises ``ValueError``."""
        version, sid, digest, attributes, algorithm, signature = element.children()
        if version.integer() != 1 or sid.tag != der.SEQUENCE or signature.tag != der.OCTETS:
            raise ValueError("is not a signer info of version 1")
        if attributes.tag != der.CONTEXT_0:
            raise ValueError("has no signed attributes")
        issuer, serial = sid.children()
        return cls(
            issuer=issuer.raw,
            serial=serial.integer(),
            attributes=_attributes(attributes),
            signed=SignedPart(
                digest=_hash_name(digest),
                algorithm=algorithm.raw,
                covered=der.write(der.SET, attributes.content),
                signature=signature.content,
            ),
        )

    def certificate_hash(self) -> tuple[str, bytes]:
        """Return which certificate the signature names as its own, by hash name and digest."""
        if _CERTIFICATE_V2 in self.attributes:
            parts = self._first_certificate(_CERTIFICATE_V2)
            if parts[0].tag == der.SEQUENCE:
                return _hash_name(parts[0]), parts[1].content
            return "sha256", parts[0].content
        return _SHA1, self._first_certificate(_CERTIFICATE_V1)[0].content

    def _first_certificate(self, kind: bytes) -> tuple[Element, ...]:
        if kind not in self.attributes:
            raise ValueError("does not say which certificate signed")
        return self.attributes[kind].children()[0].children()[0].children()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One time-stamp. Whether its authority is trusted is asked elsewhere."""

    info: Info
    signer: SignerInfo
    certificates: tuple[bytes, ...]  # that came along

    @classmethod
    def from_bytes(cls, response: bytes, *, what: str = "time-stamp") -> Self:
        """Read a granted TimeStampResp.

        Raises ``RejectedError``: ``timestamp.size``, ``timestamp.status`` or ``timestamp.form``.
        """
        if len(response) > MAX_TIMESTAMP_TOKEN_BYTES:
            told = f"{len(response):,} bytes, at most {MAX_TIMESTAMP_TOKEN_BYTES:,} are read"
            raise RejectedError("timestamp.size", f"{what}: {told}")
        try:
            status, plain = plain_response(response)
            token = None if status != GRANTED else cls._from_plain(response, plain)
        except (ValueError, IndexError):  # whatever it is, it is not the DER of a token
            told = "is not a time-stamp response in strict DER"
            raise RejectedError("timestamp.form", f"{what}: {told}") from None
        if token is None:
            raise RejectedError("timestamp.status", f"{what}: status {status}, not granted")
        return token

    @classmethod
    def _from_plain(cls, response: bytes, plain: bytes) -> Self:
        if plain != response:
            raise ValueError("the status has words")
        _, content = der.read(response, der.SEQUENCE).children()
        wrapped = _unwrapped(content, _SIGNED_DATA)
        version, digests, inner, *rest = der.read(wrapped.content, der.SEQUENCE).children()
        *found, infos = rest
        signer = SignerInfo.from_element(der.read(infos.content, der.SEQUENCE))
        if version.integer() != 3 or infos.tag != der.SET or digests.tag != der.SET:
            raise ValueError("is not signed data of version 3")
        if _hash_name(der.read(digests.content, der.SEQUENCE)) != signer.signed.digest:
            raise ValueError("names another digest outside than inside")
        info = _content(inner, signer)
        return cls(info=info, signer=signer, certificates=_certificates(found))

    def check_covers(self, data: bytes, *, what: str = "time-stamp") -> None:
        """Return if this stamps ``data``; raise ``RejectedError`` ``timestamp.imprint`` if not."""
        if hashlib.new(self.info.imprint_hash, data).digest() != self.info.imprint:
            raise RejectedError("timestamp.imprint", f"{what}: stamps other bytes")

    def is_by(self, certificate: bytes, *, what: str = "time-stamp") -> bool:
        """Tell whether the token names this certificate as its signer's.

        It does so twice, by issuer and number and by hash. Raises ``RejectedError``
        ``timestamp.certificates`` where the two disagree.
        """
        name, digest = self.signer.certificate_hash()
        by_hash = hashlib.new(name, certificate, usedforsecurity=False).digest() == digest
        found = load_certificate(certificate)
        named = found.issuer.public_bytes(), found.serial_number
        if (named == (self.signer.issuer, self.signer.serial)) is not by_hash:
            told = "names one certificate by its issuer and number, and another by its hash"
            raise RejectedError("timestamp.certificates", f"{what}: {told}")
        return by_hash

    def check_signature(self, certificate: bytes, *, what: str = "time-stamp") -> None:
        """Return if the key of this certificate signed the token.

        Raises ``RejectedError``: ``timestamp.signature``.
        """
        try:
            key = load_certificate(certificate).public_key()
            verify(key, self.signer.signed)
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            told = "the authority's signature does not verify"
            raise RejectedError("timestamp.signature", f"{what}: {told}") from None


def _unwrapped(element: Element, kind: bytes) -> Element:
    """Return what a content of that type holds."""
    found, wrapped = element.children()
    if (element.tag, found.raw, wrapped.tag) != (der.SEQUENCE, kind, der.CONTEXT_0):
        raise ValueError("is content of another type")
    return wrapped


def _content(inner: Element, signer: SignerInfo) -> Info:
    """Return the TSTInfo inside, once the signed attributes hold its digest and its type."""
    data = der.read(_unwrapped(inner, _TST_INFO).content, der.OCTETS).content
    digest = der.write(der.OCTETS, hashlib.new(signer.signed.digest, data).digest())
    if signer.attributes[_MESSAGE_DIGEST].raw != digest:
        raise ValueError("holds another time-stamp than was signed")
    if signer.attributes[_CONTENT_TYPE].raw != _TST_INFO:
        raise ValueError("was not signed as a time-stamp")
    signer.certificate_hash()
    return Info.from_der(data)


def _attributes(element: Element) -> dict[bytes, Element]:
    """Return the one value of each signed attribute, by the DER of its type."""
    attributes: dict[bytes, Element] = {}
    for attribute in element.children():
        kind, values = attribute.children()
        if kind.raw in attributes or values.tag != der.SET:
            raise ValueError("an attribute is there twice, or is no set")
        (attributes[kind.raw],) = values.children()
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= set(attributes):
        raise ValueError("a signed attribute is missing")
    return attributes


def _certificates(found: Sequence[Element]) -> tuple[bytes, ...]:
    """Return the certificates that came along; revocation lists are not expected."""
    if not found:
        return ()
    (element,) = found
    if element.tag != der.CONTEXT_0:
        raise ValueError("holds something other than certificates")
    certificates = tuple(child.raw for child in element.children())
    for certificate in certificates:
        load_certificate(certificate)
    return certificates


def _hash_name(algorithm: Element) -> str:
    """Return the name of a hash; SHA-1 and MD5 have none here."""
    for name, oid in _HASHES.items():
        if algorithm.content in {oid, oid + _NULL} and algorithm.tag == der.SEQUENCE:
            return name
    raise ValueError("not SHA-256, SHA-384 or SHA-512")


def _instant(text: bytes) -> int:
    """Return the nanoseconds of a GeneralizedTime as RFC 3161 restricts it (2.4.2)."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time in its one spelling")
    moment = datetime.strptime(match[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    fraction = (match[2] or b"").ljust(9, b"0")
    return int(moment.timestamp()) * NANOSECONDS + int(fraction)
