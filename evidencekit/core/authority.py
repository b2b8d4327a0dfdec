"""Whether a pinned authority's certificate may stamp, at the time of the stamp (RFC 3161, 2.3)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from warnings import catch_warnings, simplefilter

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from evidencekit.core.instant import NANOSECONDS
from evidencekit.errors import RejectedError

Chain = Sequence[x509.Certificate]


def load_certificate(data: bytes) -> x509.Certificate:
    """Return a certificate whose names, number and times can be read. Raises ``ValueError``.

    What the library only warns of (it breaks RFC 5280) is refused.
    """
    with catch_warnings():
        simplefilter("error", UserWarning)
        try:
            certificate = x509.load_der_x509_certificate(data)
            # The library reads these when they are asked for.
            _ = certificate.subject, certificate.issuer, certificate.serial_number
            _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        except (x509.InvalidVersion, TypeError, UserWarning):
            raise ValueError("not a certificate as RFC 5280 has them") from None
    return certificate


def read_pem(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates of a PEM file as DER, in its order. Raises ``ValueError``."""
    found = tuple(one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(data))
    for one in found:
        load_certificate(one)
    return found


def check_chain(chain: Chain, instant: int, *, what: str) -> None:
    """Return if the first certificate may stamp and the rest stood behind it at ``instant``.

    Raises ``RejectedError``: ``timestamp.purpose`` or ``timestamp.chain``.
    """
    if not _may_stamp(chain[0]):
        told = "the authority's certificate is not for time-stamps, critically and only"
        raise RejectedError("timestamp.purpose", f"{what}: {told}")
    moment = datetime.fromtimestamp(instant // NANOSECONDS, UTC)
    for certificate in chain:
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            told = "a certificate of the authority was not valid at the time of the stamp"
            raise RejectedError("timestamp.chain", f"{what}: {told}")
    for issued, issuer in pairwise(chain):
        if not (is_issued_by(issued, issuer) and _may_issue(issuer)):
            told = "a certificate of the authority is not issued by the one after it"
            raise RejectedError("timestamp.chain", f"{what}: {told}")


def is_issued_by(issued: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether ``issuer`` signed ``issued``, with a hash that still means something."""
    try:
        if isinstance(issued.signature_hash_algorithm, SHA1 | MD5):
            return False
        issued.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _may_stamp(certificate: x509.Certificate) -> bool:
    if _is_authority(certificate):
        return False
    try:
        purpose = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return purpose.critical and list(purpose.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _may_issue(certificate: x509.Certificate) -> bool:
    if not _is_authority(certificate):
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return usage.key_cert_sign


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return found.value.ca
