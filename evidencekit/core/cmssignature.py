"""The signature inside a time-stamp (RFC 5652, 5.4): ECDSA, or RSA with PKCS #1 v1.5."""

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature as from_der
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature as to_der

from evidencekit.core import der

_ECDSA = {
    "sha256": bytes.fromhex("06082a8648ce3d040302"),
    "sha384": bytes.fromhex("06082a8648ce3d040303"),
    "sha512": bytes.fromhex("06082a8648ce3d040304"),
}
_RSA = bytes.fromhex("06092a864886f70d010101")
_RSA_WITH = {
    "sha256": bytes.fromhex("06092a864886f70d01010b"),
    "sha384": bytes.fromhex("06092a864886f70d01010c"),
    "sha512": bytes.fromhex("06092a864886f70d01010d"),
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_MIN_RSA_BITS = 2_048


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart:
    """A signature, what it covers, and by which algorithms."""

    digest: str
    algorithm: bytes  # DER; covered by nothing, so it must be the one that goes with key and digest
    covered: bytes
    signature: bytes


def verify(key: object, part: SignedPart) -> None:
    """Return if this key signed. Raises ``InvalidSignature`` or ``ValueError``."""
    algorithm = _HASHES[part.digest]
    if isinstance(key, ec.EllipticCurvePublicKey):
        _check_name(part, der.write(der.SEQUENCE, _ECDSA[part.digest]))
        if to_der(*from_der(part.signature)) != part.signature:
            raise ValueError("not in the one DER form")
        key.verify(part.signature, part.covered, ec.ECDSA(algorithm))
    elif isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS:
        null = der.write(der.NULL)
        names = (der.write(der.SEQUENCE, oid, null) for oid in (_RSA, _RSA_WITH[part.digest]))
        _check_name(part, *names)
        key.verify(part.signature, part.covered, padding.PKCS1v15(), algorithm)
    else:
        raise ValueError("not a key that time-stamps are accepted from")


def _check_name(part: SignedPart, *names: bytes) -> None:
    if part.algorithm not in names:
        raise ValueError("names another signature algorithm than it uses")
