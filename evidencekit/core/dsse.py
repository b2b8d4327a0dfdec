"""The envelope: DSSE v1.0.2 with one signature, in a Sigstore bundle v0.3 with a key hint.

:func:`open_signed` is the one door: what it returns was verified, and nothing gives a payload that
was not.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from evidencekit.core import strict_json
from evidencekit.core.publickey import PublicKey, Signer, sign_checked
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_ENVELOPE_BYTES, MAX_TIMESTAMP_TOKEN_BYTES, MAX_TIMESTAMPS

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

# Takes the signature bytes, gives RFC 3161 responses (DER) over them; none: no authority was named.
Stamp = Callable[[bytes], tuple[bytes, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A payload that ``key`` signed, with the signature and the time-stamps that came with it.

    The tokens are as found: whether they prove a time is for ``edges/timestamp.py`` to judge.
    """

    payload: bytes
    key: PublicKey
    signature: bytes
    tokens: tuple[bytes, ...] = ()


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that a DSSE signature covers (protocol.md, PAE); lengths count bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, signer: Signer, *, stamp: Stamp = lambda _signature: ()) -> bytes:
    """Return the Sigstore bundle of a payload that ``signer`` signs and ``stamp`` time-stamps.

    Raises ``UndecidedError`` where the signer or the authority does not deliver.
    """
    signature = sign_checked(signer, pae(PAYLOAD_TYPE, payload))
    tokens = tuple(dict.fromkeys(stamp(signature)))
    return encode(
        Signed(payload=payload, key=signer.public_key, signature=signature, tokens=tokens)
    )


def encode(signed: Signed) -> bytes:
    """Return the one form of a Sigstore bundle with this content."""
    if not _are_allowed(signed.tokens):
        raise UndecidedError("timestamp.limit", "envelope: too many time-stamps, or one too large")
    material: dict[str, object] = {"publicKey": {"hint": signed.key.fingerprint}}
    if signed.tokens:
        stamps = [{"signedTimestamp": _base64(token)} for token in signed.tokens]
        material["timestampVerificationData"] = {"rfc3161Timestamps": stamps}
    document = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": material,
        "dsseEnvelope": {
            "payload": _base64(signed.payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": _base64(signed.signature), "keyid": signed.key.fingerprint}],
        },
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def open_signed(document: bytes, *keys: PublicKey, what: str = "envelope") -> Signed:
    """Return what one of ``keys`` signed, out of the bytes of a Sigstore bundle.

    The key id only says which key to try first. There is one form of a bundle with a given content,
    and any other bytes are refused: nothing in the file can change and leave it accepted, but for
    an ECDSA signature (r, s), whose twin (r, n - s) verifies wherever it does and says the same.
    Raises ``RejectedError`` with ``json.*``, ``envelope.*`` or ``signature.*`` codes.
    """
    if len(document) > MAX_ENVELOPE_BYTES:
        sides = f"{len(document):,} bytes, at most {MAX_ENVELOPE_BYTES:,} are read"
        raise RejectedError("envelope.size", f"{what}: {sides}")
    payload, signature, hint, tokens = _parse(strict_json.loads(document, what=what), what)
    key = _who_signed(payload, signature, hint, keys, what)
    signed = Signed(payload=payload, key=key, signature=signature, tokens=tokens)
    if hint != key.fingerprint:
        told = f"is signed by {key.fingerprint}, its key id says otherwise"
        raise RejectedError("envelope.key-id", f"{what}: {told}")
    if encode(signed) != document:
        told = "is not in the one form that a bundle with this content has"
        raise RejectedError("envelope.form", f"{what}: {told}")
    return signed


def claimed_signer(document: bytes, *, what: str = "envelope") -> str:
    """Return the key id of a Sigstore bundle, which says only which key to try.

    Raises ``RejectedError`` as :func:`open_signed` does.
    """
    if len(document) > MAX_ENVELOPE_BYTES:
        raise RejectedError("envelope.size", f"{what}: {len(document):,} bytes are too many")
    return _parse(strict_json.loads(document, what=what), what)[2]


def _who_signed(
    payload: bytes, signature: bytes, hint: str, keys: tuple[PublicKey, ...], what: str
) -> PublicKey:
    covered = pae(PAYLOAD_TYPE, payload)
    refusal = RejectedError("signature.unknown-key", f"{what}: there is no key to try")
    for key in sorted(keys, key=lambda key: key.fingerprint != hint):
        try:
            key.verify(signature, covered, what=what)
        except RejectedError as error:
            refusal = error
        else:
            return key
    raise refusal


def _parse(document: object, what: str) -> tuple[bytes, bytes, str, tuple[bytes, ...]]:
    """Return payload, signature, key id and tokens, none of which is verified."""
    bundle = _members(document, ("mediaType", "verificationMaterial", "dsseEnvelope"), what)
    _same(bundle["mediaType"], MEDIA_TYPE, "envelope.media-type", what)
    found = bundle["verificationMaterial"]
    stamped = isinstance(found, dict) and "timestampVerificationData" in found
    names = ("publicKey", "timestampVerificationData") if stamped else ("publicKey",)
    material = _members(found, names, what)
    tokens = _tokens(material["timestampVerificationData"], what) if stamped else ()
    hint = _members(material["publicKey"], ("hint",), what)["hint"]
    envelope = _members(bundle["dsseEnvelope"], ("payload", "payloadType", "signatures"), what)
    _same(envelope["payloadType"], PAYLOAD_TYPE, "envelope.payload-type", what)
    signature, key_id = _signature(envelope["signatures"], what)
    _same(key_id, hint, "envelope.key-id", what)
    return _unbase64(envelope["payload"], what), signature, key_id, tokens


def _signature(value: object, what: str) -> tuple[bytes, str]:
    """Return the one signature and its key id: none, several or an empty one are no signature."""
    if isinstance(value, list) and len(value) == 1:
        entry = _members(value[0], ("sig", "keyid"), what, code="envelope.signatures")
        if entry["sig"] and isinstance(entry["keyid"], str):
            return _unbase64(entry["sig"], what), entry["keyid"]
    raise RejectedError("envelope.signatures", f"{what}: expected exactly one signature")


def _tokens(value: object, what: str) -> tuple[bytes, ...]:
    stamps = _members(value, ("rfc3161Timestamps",), what)["rfc3161Timestamps"]
    if not isinstance(stamps, list) or not stamps:
        raise RejectedError("envelope.shape", f"{what}: expected a list of time-stamps")
    entries = (_members(stamp, ("signedTimestamp",), what) for stamp in stamps)
    tokens = tuple(_unbase64(entry["signedTimestamp"], what) for entry in entries)
    if not _are_allowed(tokens):
        told = "a time-stamp is empty, too large or there twice, or there are too many"
        raise RejectedError("envelope.timestamps", f"{what}: {told}")
    return tokens


def _are_allowed(tokens: tuple[bytes, ...]) -> bool:
    sizes = all(0 < len(token) <= MAX_TIMESTAMP_TOKEN_BYTES for token in tokens)
    return sizes and len(set(tokens)) == len(tokens) <= MAX_TIMESTAMPS


def _members(
    value: object, names: tuple[str, ...], what: str, *, code: str = "envelope.shape"
) -> dict[str, object]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise RejectedError(code, f"{what}: expected an object of {', '.join(names)}, and no more")
    return value


def _same(found: object, expected: object, code: str, what: str) -> None:
    if not isinstance(found, str) or found != expected:
        name = code.removeprefix("envelope.")
        raise RejectedError(code, f"{what}: {name} is not the one it must be")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: object, what: str) -> bytes:
    """Decode standard padded base64 in its one spelling."""
    if isinstance(text, str) and text.isascii():
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:
            data = b""
        if _base64(data) == text:
            return data
    raise RejectedError("envelope.base64", f"{what}: a value is not padded standard base64")
