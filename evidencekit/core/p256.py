"""ECDSA P-256 with SHA-256, for signers that cannot do Ed25519; imported where one is met."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature as from_der
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature as to_der

__all__ = ["check_point", "from_der", "to_der", "verify"]


def check_point(raw: bytes) -> None:
    """Return if these 65 bytes are a point of the curve, uncompressed; else ``ValueError``."""
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def verify(raw: bytes, signature: bytes, data: bytes) -> None:
    """Return if this point's key made the DER ``signature``; else ``ValueError``."""
    if to_der(*from_der(signature)) != signature:
        raise ValueError("not in the one DER form")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    try:
        point.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise ValueError("not its signature") from None
