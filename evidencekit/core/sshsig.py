"""SSHSIG files, byte for byte as ``ssh-keygen -Y sign -n evidencekit`` writes them.

Format: PROTOCOL.sshsig of OpenSSH. The namespace keeps a signature made for one use from another.
"""

import base64
import hashlib
import re

from evidencekit.core.publickey import ECDSA_P256, PublicKey, Signer, sign_checked
from evidencekit.core.sshwire import pack, pack_integer, unpack, unpack_integer
from evidencekit.errors import RejectedError

NAMESPACE = "evidencekit"
_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_TAIL = (NAMESPACE.encode(), b"", b"sha512")  # namespace, reserved, hash of the message
_ARMOR = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n"
)


def sign_sshsig(message: bytes, signer: Signer) -> bytes:
    """Return the text of a signature file over ``message``."""
    return _encode(signer.public_key, sign_checked(signer, _covered(message)))


def verify_sshsig(document: bytes, message: bytes, key: PublicKey, *, what: str = "sshsig") -> None:
    """Return if ``document`` is this key's signature file over ``message``, in its one form.

    Raises ``RejectedError``: ``sshsig.*`` for a file of another form, key, namespace or hash, else
    ``signature.invalid``.
    """
    try:
        signer, *tail, blob = _fields(document)
        signature = signature_from_wire(key, blob)
    except ValueError as error:
        raise RejectedError("sshsig.syntax", f"{what}: {error}") from None
    if signer != key.wire:
        raise RejectedError("sshsig.key", f"{what}: is by another key than {key.fingerprint}")
    if tuple(tail) != _TAIL:
        told = f"namespace or hash is not {NAMESPACE} and sha512"
        raise RejectedError("sshsig.namespace", f"{what}: {told}")
    key.verify(signature, _covered(message), what=what)
    if _encode(key, signature) != document:
        raise RejectedError("sshsig.form", f"{what}: is not as ssh-keygen would write it")


def _covered(message: bytes) -> bytes:
    return _MAGIC + pack(*_TAIL, hashlib.sha512(message).digest())


def _encode(key: PublicKey, signature: bytes) -> bytes:
    blob = _MAGIC + _VERSION + pack(key.wire, *_TAIL, _to_wire(key, signature))
    text = base64.b64encode(blob)
    lines = (text[at : at + 70] for at in range(0, len(text), 70))
    head, tail = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
    return b"\n".join((head, *lines, tail, b""))


def _fields(document: bytes) -> tuple[bytes, ...]:
    match = _ARMOR.fullmatch(document)
    if match is None:
        raise ValueError("is not an armored SSH signature")
    blob = base64.b64decode(match[1].replace(b"\n", b""), validate=True)
    head = _MAGIC + _VERSION
    if not blob.startswith(head):
        raise ValueError("is not an SSHSIG of version 1")
    fields = unpack(blob[len(head) :])
    if len(fields) != 5:
        raise ValueError(f"has {len(fields)} fields, expected 5")
    return fields


def _to_wire(key: PublicKey, signature: bytes) -> bytes:
    """Return the signature as SSH writes it: an ECDSA one as two integers (RFC 5656, 3.1.2)."""
    kind = unpack(key.wire)[0]
    if key.algorithm == ECDSA_P256:
        from evidencekit.core.p256 import from_der  # noqa: PLC0415  (start-up)

        signature = pack(*map(pack_integer, from_der(signature)))
    return pack(kind, signature)


def signature_from_wire(key: PublicKey, blob: bytes) -> bytes:
    """Return the signature that SSH writes like this: raw, or DER for ECDSA. Raises ``ValueError``.

    Whether it verifies is asked elsewhere.
    """
    kind, signature = _two(unpack(blob))
    if key.algorithm == ECDSA_P256 and kind == unpack(key.wire)[0]:
        from evidencekit.core.p256 import to_der  # noqa: PLC0415  (start-up)

        r, s = _two(unpack(signature))
        return to_der(unpack_integer(r), unpack_integer(s))
    return signature


def _two(strings: tuple[bytes, ...]) -> tuple[bytes, bytes]:
    if len(strings) != 2:
        raise ValueError(f"has a signature of {len(strings)} parts, expected 2")
    return strings[0], strings[1]
