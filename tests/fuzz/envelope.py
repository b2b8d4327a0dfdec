"""Envelopes, and the statements and custody records inside them.

Only ``json.*``, ``envelope.*``, ``signature.*``, ``statement.*`` and ``custody.*`` refusals. An
envelope that is accepted encodes to the very same bytes, and holds what Python's own ``json`` and
``base64`` find and what securesystemslib verifies, the reference of DSSE. A payload that is
accepted is written as the very same bytes, too, and says what its JSON does.
"""

import base64
import binascii
import json
import random
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from forge.bench import ECDSA, PREPARER, STRANGER, TRUSTED
from securesystemslib import dsse as reference
from securesystemslib.signer import SSlibKey

from evidencekit.core.custody import Record
from evidencekit.core.dsse import PAYLOAD_TYPE, Signed, encode, open_signed, pae, seal
from evidencekit.core.names import TAGMANIFEST
from evidencekit.core.publickey import PublicKey
from evidencekit.core.statement import Statement
from evidencekit.errors import RejectedError
from fuzz import HOME
from fuzz.jsonchange import changed_json, respelled, written
from fuzz.oracle import Inner, asked, put, spot

MAX_LEN = 8_192
KEYS = tuple(signer.public_key for signer in TRUSTED)
ENVELOPE = ("json", "envelope", "signature")
PAYLOAD = ("json", "statement", "custody")
DICTIONARY = (b"dsseEnvelope", b"payloadType", b"keyid", b"timestampVerificationData", b"\\u0073")
CORPUS = HOME.parents[1].parent / "shared/corpora/dsse-vectors"
BUNDLES = HOME.parent / "bundles" / "good"


def one_input(data: bytes) -> None:
    """Open an envelope; whatever it holds, and the input itself, is read as a payload too."""
    signed, refusal = asked(lambda: open_signed(data, *KEYS), RejectedError, ENVELOPE)
    _, other = asked(lambda: open_signed(data, *reversed(KEYS)), RejectedError, ENVELOPE)
    assert (refusal is None) is (other is None), "the order of the keys matters"
    if signed is None:
        _check_payload(data)
        return
    assert encode(signed) == data
    check_with_the_reference(signed, data)
    _, strange = asked(
        lambda: open_signed(data, STRANGER.public_key), RejectedError, ("signature",)
    )
    assert strange is not None, "a key that did not sign verifies"
    _check_payload(signed.payload)


def check_with_the_reference(signed: Signed, data: bytes) -> None:
    document = json.loads(data)
    envelope = document["dsseEnvelope"]
    tokens = document["verificationMaterial"].get("timestampVerificationData", {})
    assert signed.payload == base64.b64decode(envelope["payload"])
    assert signed.signature == base64.b64decode(envelope["signatures"][0]["sig"])
    assert list(signed.tokens) == [
        base64.b64decode(stamp["signedTimestamp"]) for stamp in tokens.get("rfc3161Timestamps", [])
    ]
    theirs = reference.Envelope.from_dict(envelope)
    assert theirs.pae() == pae(PAYLOAD_TYPE, signed.payload)
    assert theirs.verify([_their_key(signed.key)], 1)


@cache
def _their_key(key: PublicKey) -> SSlibKey:
    return SSlibKey.from_crypto(load_pem_public_key(key.to_pem()), keyid=key.fingerprint)


def _check_payload(payload: bytes) -> None:
    for kind in (Statement, Record):
        value, _ = asked(partial(kind.from_bytes, payload), RejectedError, PAYLOAD)
        if value is not None:
            assert value.to_bytes() == payload, "is accepted, and written to other bytes"
            assert kind.from_bytes(payload) == value
            _check_with_json(value, json.loads(payload))


def _check_with_json(value: Statement | Record, document: dict[str, Any]) -> None:
    """Hold what was read against what Python's ``json`` finds."""
    predicate = document["predicate"]
    digests = {one["name"]: one["digest"]["sha256"] for one in document["subject"]}
    if isinstance(value, Statement):
        assert value.subjects == digests
    else:
        assert digests == {TAGMANIFEST: value.root}
    names = set(predicate) - {"format", "window"}
    assert {name: getattr(value, name) for name in names} == {n: predicate[n] for n in names}


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield the envelopes of the good bundles, and payloads bare and signed by each key."""
    for path in sorted(BUNDLES.glob("*/signatures/*.sigstore.json")):
        yield f"{path.parent.parent.name}-{path.name}", path.read_bytes()
    payload = payload_of((BUNDLES / "json-array/signatures").glob("*.sigstore.json").__next__())
    yield "statement", payload
    yield "ecdsa", seal(payload, ECDSA)
    yield "stamped", seal(payload, PREPARER, stamp=lambda _: (b"one", b"two"))
    yield "record", seal(record().to_bytes(), PREPARER)
    yield "no-statement", seal(b"{}", PREPARER)


def foreign() -> Iterator[tuple[str, bytes]]:
    """Yield envelopes of other projects; nothing where they are not there."""
    for path in sorted(CORPUS.rglob("*.json")):
        if path.stat().st_size <= MAX_LEN:
            yield path.name, path.read_bytes()


def payload_of(path) -> bytes:
    """Return what is in the envelope of a file."""
    return base64.b64decode(json.loads(path.read_bytes())["dsseEnvelope"]["payload"])


def record() -> Record:
    """Return a custody record with a value in every field that one can have."""
    digest = "0" * 64
    policies = [{"name": "trust", "digest": {"sha256": digest}}]
    return Record(
        root=digest,
        number=2,
        previous=digest,
        action="accepted",
        signer=PREPARER.public_key.fingerprint,
        actor="An Auditor",
        role="auditor",
        purpose="audit",
        note="looked at",
        next_holder=None,
        report={"verdict": "accepted", "sha256": digest},
        verification={
            "verifier": {"id": "urn:evidencekit:verifier:0.1.0", "policies": policies},
            "timeCreated": "2026-04-23T00:04:11Z",
            "properties": ["EVIDENCEKIT_CHECKSUMS"],
        },
        at="2026-04-23T00:04:11Z",
    )


def mutate(data: bytes, max_size: int, rng: random.Random, inner: Inner) -> bytes:
    """Change the payload and sign it anew, or what no signature covers, or just bytes."""
    choice = rng.random()
    if choice < 0.2:
        return inner(data, max_size)
    if choice < 0.3:
        return put(data, rng.choice(DICTIONARY), rng)
    try:
        document = json.loads(data)
        payload = base64.b64decode(document["dsseEnvelope"]["payload"])
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error):
        return _changed_payload(data, rng, inner)
    if choice < 0.4:
        return respelled(document, rng)
    if choice < 0.5:  # outside the signature, written as envelopes are
        changed = changed_json(document, rng, inner)
        return written(changed, indent=2, ascii_only=rng.random() < 0.9)
    tokens = tuple(rng.randbytes(rng.randrange(1, 9)) for _ in range(rng.choice((0, 0, 1, 2, 9))))
    signer = rng.choice((PREPARER, PREPARER, ECDSA, STRANGER))
    signature = signer.sign(pae(PAYLOAD_TYPE, payload := _changed_payload(payload, rng, inner)))
    if rng.random() < 0.2:
        signature = spot(signature, rng, inner)
    known = Signed(payload=payload, key=signer.public_key, signature=signature)
    try:
        return encode(Signed(payload=payload, key=known.key, signature=signature, tokens=tokens))
    except Exception:
        return encode(known)


def _changed_payload(payload: bytes, rng: random.Random, inner: Inner) -> bytes:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return inner(payload, MAX_LEN // 2)
    if rng.random() < 0.2:
        return spot(payload, rng, inner) if rng.random() < 0.5 else respelled(document, rng)
    changed = changed_json(document, rng, inner)
    return written(changed, indent=rng.choice((2, 2, None)))
