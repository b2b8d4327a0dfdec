"""Public keys, as a receiver holds them: PEM or OpenSSH text, named by their OpenSSH fingerprint.

Ed25519 is what evidencekit makes. ECDSA P-256 with SHA-256 is for signers that cannot do Ed25519.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature as from_der
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature as to_der

from evidencekit.core import ed25519, sshwire
from evidencekit.core.proquint import proquints
from evidencekit.errors import RejectedError, UndecidedError

ED25519, ECDSA_P256 = "ed25519", "ecdsa-p256"

# SubjectPublicKeyInfo in DER is a fixed head and the key (RFC 8410, RFC 5480).
_DER_HEADS = {
    ED25519: bytes.fromhex("302a300506032b6570032100"),
    ECDSA_P256: bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"),
}
_SSH_HEADS = {ED25519: (b"ssh-ed25519",), ECDSA_P256: (b"ecdsa-sha2-nistp256", b"nistp256")}
_PEM = re.compile(
    rb"\s*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----\s*"
)
_KINDS = "an Ed25519 or ECDSA P-256 public key"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """One key that may verify. Every key that exists is a valid point with one spelling.

    ``raw`` is 32 bytes (RFC 8032) or the 65 bytes of an uncompressed P-256 point. The readers raise
    ``UndecidedError`` with ``key.*`` codes, since a key is never part of the evidence.
    """

    algorithm: str
    raw: bytes

    def __post_init__(self) -> None:
        _check_point(self.algorithm, self.raw, "public key")

    @classmethod
    def from_bytes(cls, data: bytes, *, what: str = "public key") -> Self:
        """Return the one key of a file, PEM or OpenSSH."""
        if b"PRIVATE KEY-----" in data:
            hint = "give the .pub file, and never hand the private key on"
            raise UndecidedError("key.private", f"{what}: is a private key", hint=hint)
        return (cls.from_pem if b"-----BEGIN" in data else cls.from_openssh)(data, what=what)

    @classmethod
    def from_pem(cls, data: bytes, *, what: str = "public key") -> Self:
        """Return the key of a PEM file that holds one ``PUBLIC KEY`` and nothing else."""
        if data.count(b"-----BEGIN") > 1:
            raise UndecidedError("key.many", f"{what}: holds several PEM blocks, expected one key")
        match = _PEM.fullmatch(data)
        if match is None:
            raise UndecidedError("key.type", f"{what}: is not {_KINDS} in PEM form")
        return cls.from_der(_decode(b"".join(match[1].split()), what), what=what)

    @classmethod
    def from_der(cls, der: bytes, *, what: str = "public key") -> Self:
        """Return the key of a SubjectPublicKeyInfo, as key services hand it out."""
        for algorithm, head in _DER_HEADS.items():
            if der.startswith(head):
                _check_point(algorithm, der[len(head) :], what)
                return cls(algorithm=algorithm, raw=der[len(head) :])
        raise _not_ours(der, what)

    @classmethod
    def from_openssh(cls, data: bytes, *, what: str = "public key") -> Self:
        """Return the key of one line ``ssh-ed25519 AAAA… comment``."""
        lines = [line for line in data.splitlines() if line.strip() and not line.startswith(b"#")]
        if len(lines) > 1:
            raise UndecidedError("key.many", f"{what}: holds {len(lines)} lines, expected one key")
        words = lines[0].split(None, 2) if lines else []
        if len(words) < 2:
            raise UndecidedError("key.syntax", f"{what}: is neither PEM nor OpenSSH text")
        key = cls.from_wire(_decode(words[1], what), what=what)
        if words[0] != _SSH_HEADS[key.algorithm][0]:
            raise UndecidedError("key.type", f"{what}: is not {_KINDS}")
        return key

    @classmethod
    def from_wire(cls, wire: bytes, *, what: str = "public key") -> Self:
        """Return the key that SSH writes like this in binary."""
        try:
            strings = sshwire.unpack(wire)
        except ValueError:
            raise UndecidedError("key.syntax", f"{what}: is cut or damaged") from None
        for algorithm, head in _SSH_HEADS.items():
            if strings[:-1] == head:
                _check_point(algorithm, strings[-1], what)
                return cls(algorithm=algorithm, raw=strings[-1])
        raise UndecidedError("key.type", f"{what}: is not {_KINDS}")

    @property
    def wire(self) -> bytes:
        """The key as SSH writes it in binary; fingerprints are taken over these bytes."""
        return sshwire.pack(*_SSH_HEADS[self.algorithm], self.raw)

    @property
    def fingerprint(self) -> str:
        """``SHA256:…`` as ``ssh-keygen -l`` prints it: the key id in every format of ours."""
        digest = base64.b64encode(hashlib.sha256(self.wire).digest())
        return f"SHA256:{digest.decode().rstrip('=')}"

    @property
    def signer_id(self) -> str:
        """The first 16 hex digits of that digest: signature files are named after it."""
        return hashlib.sha256(self.wire).hexdigest()[:16]

    @property
    def words(self) -> tuple[str, ...]:
        """All of that digest as 16 words, to be read out and compared on the phone."""
        return proquints(hashlib.sha256(self.wire).digest())

    def to_pem(self) -> bytes:
        """Return the key as PEM, byte for byte as openssl writes it."""
        body = base64.b64encode(_DER_HEADS[self.algorithm] + self.raw)
        lines = (body[at : at + 64] for at in range(0, len(body), 64))
        return b"\n".join((b"-----BEGIN PUBLIC KEY-----", *lines, b"-----END PUBLIC KEY-----", b""))

    def to_openssh(self, comment: str = "") -> str:
        """Return the key as one OpenSSH line, without a line end."""
        head = _SSH_HEADS[self.algorithm][0].decode()
        return f"{head} {base64.b64encode(self.wire).decode()} {comment}".rstrip()

    def verify(self, signature: bytes, data: bytes, *, what: str = "signature") -> None:
        """Return if ``signature`` is this key's over ``data``; raise ``RejectedError`` otherwise.

        An ECDSA signature is DER, and in the one DER spelling of its two numbers.
        """
        try:
            verify = {ED25519: self._verify_ed25519, ECDSA_P256: self._verify_ecdsa}
            verify[self.algorithm](signature, data)
        except (InvalidSignature, ValueError):
            told = f"{what}: not a signature by {self.fingerprint} over these bytes"
            raise RejectedError("signature.invalid", told) from None

    def _verify_ed25519(self, signature: bytes, data: bytes) -> None:
        if len(signature) != 64 or ed25519.has_low_order(signature[:32]):
            raise ValueError("a signature has 64 bytes and its R is no point of low order")
        Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)

    def _verify_ecdsa(self, signature: bytes, data: bytes) -> None:
        if to_der(*from_der(signature)) != signature:
            raise ValueError("not in the one DER form")
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.raw)
        point.verify(signature, data, ec.ECDSA(hashes.SHA256()))


class Signer(Protocol):
    """Whoever can sign: a key file, a token, a service. It is handed small byte strings only."""

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies what it signs; its fingerprint is the key id."""

    def sign(self, data: bytes) -> bytes:
        """Return a raw Ed25519 signature, or an ECDSA one as DER. Raises ``UndecidedError``."""


def sign_checked(signer: Signer, data: bytes) -> bytes:
    """Return the signer's signature once it verifies; a signer may be remote and wrong."""
    signature = signer.sign(data)
    try:
        signer.public_key.verify(signature, data)
    except RejectedError:
        told = (
            f"signer {signer.public_key.fingerprint}: gave a signature that its key does not verify"
        )
        raise UndecidedError("signer.wrong", told) from None
    return signature


def _check_point(algorithm: str, raw: bytes, what: str) -> None:
    if algorithm == ECDSA_P256:
        _check_p256(raw, what)
    elif algorithm != ED25519:
        raise UndecidedError("key.type", f"{what}: is not {_KINDS}")
    elif len(raw) != ed25519.SIZE:
        sides = f"an Ed25519 key has {ed25519.SIZE} bytes, this one {len(raw)}"
        raise UndecidedError("key.size", f"{what}: {sides}")
    elif ed25519.has_low_order(raw):
        told = "is a point of low order, under which forged signatures verify"
        raise UndecidedError("key.low-order", f"{what}: {told}")
    elif not ed25519.is_canonical(raw):
        raise UndecidedError("key.not-canonical", f"{what}: is a second spelling of another key")
    elif not ed25519.is_on_curve(raw):
        raise UndecidedError("key.not-a-point", f"{what}: is no point of the curve")


def _check_p256(raw: bytes, what: str) -> None:
    if len(raw) != 65 or raw[0] != 4:
        raise UndecidedError("key.size", f"{what}: a P-256 key is 65 bytes, uncompressed")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        raise UndecidedError("key.not-a-point", f"{what}: is no point of the curve") from None


def _decode(text: bytes, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise UndecidedError("key.syntax", f"{what}: is cut or damaged (base64)") from None


def _not_ours(der: bytes, what: str) -> UndecidedError:
    """Tell another kind of key from no key at all."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  (start-up)
        load_der_public_key,
    )

    try:
        load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return UndecidedError("key.syntax", f"{what}: is cut or damaged (DER)")
    return UndecidedError("key.type", f"{what}: is a public key, but not {_KINDS}")
