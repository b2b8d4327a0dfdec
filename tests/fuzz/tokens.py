"""Time-stamps, made by hand from parts, by an authority whose keys everybody can make."""

import random
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from evidencekit.core import der
from evidencekit.core.der import Element
from evidencekit.core.trusted import Authority
from fuzz import HOME
from fuzz.oracle import Inner, spot

DATA = b"the 64 bytes of a signature"
TSA_KEY = ec.derive_private_key(3**150 + 1, ec.SECP256R1())
TSA, ROOT = ((HOME / f"authority/{name}.der").read_bytes() for name in ("tsa", "root"))
PINNED = Authority(name="Test TSA", certificates=(TSA, ROOT))
NULL = der.write(der.NULL)
SHA256 = der.write(der.SEQUENCE, bytes.fromhex("0609608648016503040201"), NULL)
ECDSA = der.write(der.SEQUENCE, bytes.fromhex("06082a8648ce3d040302"))
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
DIGEST = bytes.fromhex("06092a864886f70d010904")
CERTIFICATE = bytes.fromhex("060b2a864886f70d010910022f")
POLICY = bytes.fromhex("06042a030401")
CONSTRUCTED = 0x20


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE of the parts."""
    return der.write(der.SEQUENCE, *parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a granted token is made of; every other byte follows."""

    info: bytes  # TSTInfo, whole
    covered: bytes  # the signed attributes, one after another
    signature: bytes
    certificates: bytes

    @classmethod
    def of(cls, response: bytes) -> Self:
        """Return the parts of a response. Raises ``ValueError`` where it is not built like one."""
        _, token = der.read(response, der.SEQUENCE).children()
        data = der.read(token.children()[1].content, der.SEQUENCE).children()
        (wrapped,) = data[2].children()[1].children()
        certificates = data[3].content if data[3].tag == der.CONTEXT_0 else b""
        signer = data[-1].children()[0].children()
        return cls(
            info=wrapped.content,
            covered=signer[3].content,
            signature=signer[-1].content,
            certificates=certificates,
        )

    def written(self) -> bytes:
        """Return the one response with these parts."""
        own = x509.load_der_x509_certificate(TSA)
        signer = sequence(
            der.write_integer(1),
            sequence(own.issuer.public_bytes(), der.write_integer(own.serial_number)),
            SHA256,
            der.write(der.CONTEXT_0, self.covered),
            ECDSA,
            der.write(der.OCTETS, self.signature),
        )
        content = sequence(
            der.write_integer(3),
            der.write(der.SET, SHA256),
            sequence(TST_INFO, der.write(der.CONTEXT_0, der.write(der.OCTETS, self.info))),
            der.write(der.CONTEXT_0, self.certificates) if self.certificates else b"",
            der.write(der.SET, signer),
        )
        token = sequence(SIGNED_DATA, der.write(der.CONTEXT_0, content))
        return sequence(sequence(der.write_integer(0)), token)

    def signed(self) -> Self:
        """Return these parts with a right digest of the info, signed by the authority."""
        values = {
            CONTENT_TYPE: TST_INFO,
            DIGEST: der.write(der.OCTETS, sha256(self.info).digest()),
            CERTIFICATE: sequence(sequence(sequence(der.write(der.OCTETS, sha256(TSA).digest())))),
        }
        written = [sequence(kind, der.write(der.SET, value)) for kind, value in values.items()]
        return replace(
            self, covered=b"".join(sorted(written, key=lambda one: (len(one), one)))
        ).under()

    def under(self) -> Self:
        """Return these parts under the authority's signature, whatever they are."""
        scheme = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        return replace(self, signature=TSA_KEY.sign(der.write(der.SET, self.covered), scheme))


def good(time: bytes = b"20260423000000Z", *more: bytes, certificates: bytes = TSA) -> bytes:
    """Return a good token over ``DATA``."""
    imprint = sequence(SHA256, der.write(der.OCTETS, sha256(DATA).digest()))
    fixed = (der.write_integer(1), POLICY, imprint, der.write_integer(9))
    info = sequence(*fixed, der.write(der.TIME, time), *(more or (der.write_integer(5),)))
    return (
        Parts(info=info, covered=b"", signature=b"", certificates=certificates).signed().written()
    )


def mutate_token(data: bytes, rng: random.Random, inner: Inner) -> bytes:
    """Change one element and write the lengths anew; or a part, and sign it anew."""
    try:
        parts = Parts.of(data)
    except (ValueError, IndexError):
        return _changed(data, rng, inner)
    match rng.randrange(5):
        case 0:
            return replace(parts, info=_changed(parts.info, rng, inner)).signed().written()
        case 1:
            return replace(parts, covered=_changed(parts.covered, rng, inner)).under().written()
        case 2:
            other = rng.choice((b"", TSA, ROOT, TSA + ROOT, ROOT + TSA, TSA + TSA, TSA[:-1]))
            return replace(parts, certificates=other).written()
        case 3:
            return replace(parts, signature=spot(parts.signature, rng, inner)).written()
        case _:
            return _changed(data, rng, inner)


def _changed(data: bytes, rng: random.Random, inner: Inner) -> bytes:
    """Return some elements with one of them changed, at any depth."""
    try:
        elements = list(der.read(der.write(der.SEQUENCE, data), der.SEQUENCE).children())
    except ValueError:
        return spot(data, rng, inner)
    if not elements:
        return inner(data, 16)
    at = rng.randrange(len(elements))
    found = [element.raw for element in elements]
    found[at : at + 1] = _instead(elements[at], rng, inner)
    return b"".join(found)


def _instead(element: Element, rng: random.Random, inner: Inner) -> list[bytes]:
    if element.tag & CONSTRUCTED and rng.random() < 0.85:
        return [der.write(element.tag, _changed(element.content, rng, inner))]
    tags = (element.tag, 0x01, 0x02, 0x04, 0x05, 0x06, 0x17, 0x18, 0x30, 0x31, 0x80, 0xA0, 0xA1)
    match rng.randrange(6):
        case 0:
            return []
        case 1:
            return [element.raw, element.raw]
        case 2:
            return [der.write(rng.choice(tags), element.content)]
        case 3:
            return [element.raw, der.write(rng.choice(tags), rng.randbytes(rng.randrange(4)))]
        case _:
            return [der.write(element.tag, inner(element.content, len(element.content) + 8))]
