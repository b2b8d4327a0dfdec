"""Key and signature in the forms that other people's tools want them in."""

import base64
import json
import ssl
from collections.abc import Sequence
from pathlib import Path

from evidencekit.core.dsse import PAYLOAD_TYPE, pae
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.sshsig import NAMESPACE

_KEY_NUMBER = bytes(8)  # signify compares it in both files; any will do


def write_material(folder: Path, key: PublicKey, place: Path) -> None:
    """Write a key's files and those of its signature in the bundle's ``folder`` into ``place``.

    ``signer.pem``, ``signer.pub``, ``allowed_signers``; ``statement.pae`` and ``.sig``; for an
    Ed25519 key ``signify.pub`` and ``.sig``. What cannot be read becomes an empty file, which no
    tool accepts.
    """
    place.mkdir(parents=True)
    (place / "signer.pem").write_bytes(key.to_pem())
    (place / "signer.pub").write_text(f"{key.to_openssh()}\n")
    allowed = f'signer namespaces="{NAMESPACE}" {key.to_openssh()}\n'
    (place / "allowed_signers").write_text(allowed)
    stem = folder / f"signatures/{key.signer_id}"
    payload, signature = _statement(stem.with_suffix(".sigstore.json"))
    (place / "statement.pae").write_bytes(pae(PAYLOAD_TYPE, payload))
    (place / "statement.sig").write_bytes(signature)
    if key.algorithm == ED25519:
        raw = stem.with_suffix(".sig")
        signed = raw.read_bytes() if raw.is_file() else b""
        (place / "signify.pub").write_bytes(_signify("signify public key", key.raw))
        (place / "signify.sig").write_bytes(_signify("verify with signify.pub", signed))


def write_stamp(token: bytes, signature: bytes, certificates: Sequence[bytes], stem: Path) -> None:
    """Write a time-stamp beside ``stem``: ``.tsr``, ``.data`` that it covers, and two of ``.pem``.

    The last of the authority's certificates (DER) is ``.anchor.pem``, all of them ``.chain.pem``.
    """
    stem.with_suffix(".tsr").write_bytes(token)
    stem.with_suffix(".data").write_bytes(signature)
    pems = [ssl.DER_cert_to_PEM_cert(one) for one in certificates]
    stem.with_suffix(".anchor.pem").write_text(pems[-1])
    stem.with_suffix(".chain.pem").write_text("".join(pems))


def _signify(comment: str, data: bytes) -> bytes:
    """Return a file as signify writes it: a comment, and base64 of key number and data."""
    text = base64.b64encode(b"Ed" + _KEY_NUMBER + data)
    return b"untrusted comment: %b\n%b\n" % (comment.encode(), text)


def _statement(envelope: Path) -> tuple[bytes, bytes]:
    """Return payload and signature of an envelope, as any JSON reader finds them."""
    try:
        dsse = json.loads(envelope.read_bytes())["dsseEnvelope"]
        payload = base64.b64decode(dsse["payload"])
        return payload, base64.b64decode(dsse["signatures"][0]["sig"])
    except (OSError, ValueError, LookupError, TypeError):
        return b"", b""
