"""Key files: make a signing key, load one to sign with, load a public key.

No message holds a byte of a key or of a passphrase, and no exception keeps one as its cause.
"""

from __future__ import annotations

import binascii
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidencekit.core.publickey import ECDSA_P256, ED25519, PublicKey, Signer
from evidencekit.core.sshwire import pack
from evidencekit.edges.files import read_limited, shown
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_KEY_FILE_BYTES, MAX_PASSPHRASE_BYTES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

__all__ = [
    "KeyFileSigner",
    "Signer",
    "load_public_key",
    "load_signer",
    "new_key",
    "read_passphrase",
]

Passphrase = Callable[[], str]
_OTHERS = 0o077  # what group and others may do with a private key: nothing
_LINE_ENDS = {b"", b"\n"}
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_PLAIN = b"-----BEGIN PRIVATE KEY-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFileSigner:
    """Signs with a key that was read into memory: Ed25519, or ECDSA P-256 as second choice."""

    private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies what this signs."""
        if isinstance(self.private, Ed25519PrivateKey):
            return PublicKey(algorithm=ED25519, raw=self.private.public_key().public_bytes_raw())
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  (start-up)
            Encoding,
            PublicFormat,
        )

        public = self.private.public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return PublicKey(algorithm=ECDSA_P256, raw=point)

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of a pure Ed25519 signature, or an ECDSA one as DER.

        ECDSA takes its random number from key and message (RFC 6979), as Ed25519 does: the same
        bundle has the same signature, and no bad random number can give the key away.
        """
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(data)
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  (start-up)
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  (start-up)

        return self.private.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def new_key(
    path: Path, passphrase: str | None, comment: str = "", *, algorithm: str = ED25519
) -> PublicKey:
    """Make a key: ``path`` (PKCS#8 PEM, mode 0600) and ``path.pub`` (OpenSSH), both or none.

    No passphrase, or an empty one, leaves the private key readable by whoever can read the file.
    Never over an existing file: raises ``UndecidedError`` with ``output.*`` or ``key.comment``.
    """
    if not comment.isprintable():
        raise UndecidedError("key.comment", "comment: holds a line end or a control character")
    public_path = path.with_name(f"{path.name}.pub")
    for each in (path, public_path):
        if os.path.lexists(each):
            told = f"{shown(each)}: exists already, and is never overwritten"
            raise UndecidedError("output.exists", told, hint=_half(path, public_path))
    from evidencekit.edges import publish  # noqa: PLC0415  (start-up)

    signer = KeyFileSigner(private=_generate(algorithm))
    private = _encode(signer, passphrase)
    publish.write_file(path, private, mode=0o600)
    try:
        public = f"{signer.public_key.to_openssh(comment)}\n"
        publish.write_file(public_path, public.encode())
    except BaseException:
        with contextlib.suppress(OSError):  # the error in hand says more
            path.unlink()
        raise
    return signer.public_key


def _encode(signer: KeyFileSigner, passphrase: str | None) -> bytes:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  (start-up)
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return signer.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def _half(path: Path, public_path: Path) -> str | None:
    """Return what to do where a run that was killed left a private key alone."""
    if os.path.lexists(public_path):
        return None
    name = shown(path)
    return f"its public half is missing; openssl pkey -in {name} -pubout -out {name}.pub makes it"


def _generate(algorithm: str) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    if algorithm == ECDSA_P256:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  (start-up)

        return ec.generate_private_key(ec.SECP256R1())
    return Ed25519PrivateKey.generate()


def load_public_key(path: Path) -> PublicKey:
    """Return the public key of a PEM or OpenSSH file. Raises ``UndecidedError`` with ``key.*``."""
    if str(path).startswith("SHA256:") and not path.exists():
        hint = (
            "a fingerprint is not a key; ask the sender for the .pub file and compare it with this"
        )
        raise UndecidedError("key.missing", f"{shown(path)}: no such file", hint=hint)
    data = read_limited(path, limit=MAX_KEY_FILE_BYTES, family="key")
    return PublicKey.from_bytes(data, what=shown(path))


def load_signer(path: Path, passphrase: Passphrase | None = None) -> KeyFileSigner:
    """Return the signer of a private key file, PKCS#8 PEM or OpenSSH: Ed25519, or ECDSA P-256.

    ``passphrase`` is asked only if the key has one. A file that others may read is refused.
    Raises ``UndecidedError`` with ``key.*`` codes.
    """
    name = shown(path)
    _check_form(read_limited(path, limit=MAX_KEY_FILE_BYTES, family="key"), name)
    data = read_limited(path, limit=MAX_KEY_FILE_BYTES, family="key", refused_mode=_OTHERS)
    _check_form(data, name)
    password = None
    if _is_encrypted(data):
        if passphrase is None:
            raise UndecidedError("key.passphrase", f"{name}: needs a passphrase")
        password = passphrase().encode()
        if not password:
            told = f"{name}: needs a passphrase, and the one that was given is empty"
            raise UndecidedError("key.passphrase", told)
    private = _decode(data, password, name)
    if isinstance(private, Ed25519PrivateKey):
        return KeyFileSigner(private=private)
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  (start-up)

    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name == "secp256r1":
        return KeyFileSigner(private=private)
    hint = "make one with: evidencekit keys new PATH"
    raise UndecidedError("key.type", f"{name}: is not an Ed25519 or ECDSA P-256 key", hint=hint)


def read_passphrase(number: int) -> str:
    """Return the first line that an open file descriptor gives, without its end.

    Nothing behind that line is read: it may be meant for somebody else. Raises ``UndecidedError``
    ``key.passphrase-fd``, which says nothing of what was read.
    """
    name, line = f"descriptor {number}", bytearray()
    try:
        while len(line) <= MAX_PASSPHRASE_BYTES and (byte := os.read(number, 1)) not in _LINE_ENDS:
            line += byte
        text = line.removesuffix(b"\r").decode()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UndecidedError("key.passphrase-fd", f"{name}: {reason}") from None
    except UnicodeDecodeError:
        raise UndecidedError("key.passphrase-fd", f"{name}: is not UTF-8 text") from None
    if len(line) > MAX_PASSPHRASE_BYTES:
        told = f"the line is longer than {MAX_PASSPHRASE_BYTES:,} bytes"
        raise UndecidedError("key.passphrase-fd", f"{name}: {told}")
    return text


def _check_form(data: bytes, name: str) -> None:
    blocks = data.count(b"-----BEGIN ")
    if blocks > 1:
        raise UndecidedError("key.many", f"{name}: holds {blocks} PEM blocks, expected one key")
    if b"-----BEGIN PUBLIC KEY" in data or data.startswith((b"ssh-", b"ecdsa-")):
        hint = "the private key is the file without .pub"
        raise UndecidedError("key.public", f"{name}: is a public key", hint=hint)
    if not any(head in data for head in (_OPENSSH, _ENCRYPTED, _PLAIN)):
        code = "key.type" if blocks else "key.syntax"
        raise UndecidedError(code, f"{name}: is not a private key in PKCS#8 PEM or OpenSSH form")


def _is_encrypted(data: bytes) -> bool:
    if _OPENSSH not in data:
        return _ENCRYPTED in data
    body = data.partition(_OPENSSH)[2].partition(b"-----END")[0]
    try:
        blob = binascii.a2b_base64(body)
    except binascii.Error:
        return False  # the reader will say that it is damaged
    return not blob.startswith(b"openssh-key-v1\0" + pack(b"none"))


def _decode(data: bytes, password: bytes | None, name: str) -> object:
    """Return the private key. What the library says is dropped: it may quote the file."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  (start-up)
        load_pem_private_key,
        load_ssh_private_key,
    )

    load = load_ssh_private_key if _OPENSSH in data else load_pem_private_key
    try:
        return load(data, password)
    except UnsupportedAlgorithm as error:
        raise _unsupported(name, needs_bcrypt="bcrypt" in str(error)) from None
    except (ValueError, TypeError):
        if password is not None:
            told = f"{name}: wrong passphrase, or the file is damaged"
            raise UndecidedError("key.passphrase", told) from None
        raise UndecidedError("key.syntax", f"{name}: is cut or damaged") from None


def _unsupported(name: str, *, needs_bcrypt: bool) -> UndecidedError:
    if not needs_bcrypt:
        return UndecidedError("key.type", f"{name}: is of a kind that is not supported")
    hint = "pip install 'evidencekit[ssh]', or convert a copy: ssh-keygen -p -m PKCS8 -f COPY"
    told = f"{name}: an OpenSSH key with a passphrase needs the bcrypt package"
    return UndecidedError("key.needs-bcrypt", told, hint=hint)
