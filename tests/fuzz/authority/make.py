"""Write root.der and tsa.der: the time-stamp authority of the fuzz targets, made once.

Its keys are numbers that everybody can make, and guard nothing but tests.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = Path(__file__).parent
ROOT_KEY, TSA_KEY = (ec.derive_private_key(3**150 + n, ec.SECP256R1()) for n in range(2))


def _certificate(name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> bytes:
    subject, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, "Test Root")
    )
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), 1 if ca else 7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2049, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(ROOT_KEY, hashes.SHA256()).public_bytes(Encoding.DER)


if __name__ == "__main__":
    sys.stdout.write(
        "the authority is made anew: every token in seeds/ and cases/ is a stranger's now\n"
    )
    (FOLDER / "root.der").write_bytes(_certificate("Test Root", ROOT_KEY, ca=True))
    (FOLDER / "tsa.der").write_bytes(_certificate("Test TSA", TSA_KEY, ca=False))
