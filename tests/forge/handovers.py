"""Time-stamps that prove nothing, and custody records that no chain holds."""

import base64
import json
from collections.abc import Callable

from evidencekit.core import bag
from evidencekit.core.custody import Record
from evidencekit.core.dsse import PAYLOAD_TYPE, pae
from forge.bench import COSIGNER, TAGMANIFEST, Json, Made, envelope
from forge.kinds import add, kind, note, thin
from forge.signatures import ENVELOPE, STEM, with_envelope

GARBAGE = base64.b64encode(b"\x30\x03\x02\x01\x00").decode()


def stamped(*tokens: str) -> Made:
    """Return the good bundle with time-stamps in its envelope, which no signature covers."""

    def change(document: Json) -> None:
        stamps = [{"signedTimestamp": token} for token in tokens]
        note(
            document["verificationMaterial"],
            timestampVerificationData={"rfc3161Timestamps": stamps},
        )

    return with_envelope(change)


add("timestamp-garbage", "timestamp", "timestamp.form", lambda: stamped(GARBAGE))
add("timestamp-twice", "signature", "envelope.timestamps", lambda: stamped(GARBAGE, GARBAGE))
add("timestamp-empty", "signature", "envelope.timestamps", lambda: stamped(""))
add(
    "timestamp-nine",
    "signature",
    "envelope.timestamps",
    lambda: stamped(*(base64.b64encode(bytes([n + 1])).decode() for n in range(9))),
)


@kind("timestamp-file-without-one", "signature", "signature.time-stamp-copy")
def _stray() -> Made:
    return thin().with_members({f"{STEM}.tsr": b"\x30\x03\x02\x01\x00"})


def recorded(data: bytes, number: int = 1) -> Made:
    """Return the good bundle with bytes for a custody record."""
    return thin().with_members({f"custody/{number:04}.sigstore.json": data})


def signed(payload: bytes) -> bytes:
    """Return an envelope that the co-signer signed over any payload."""
    return envelope(COSIGNER, payload, COSIGNER.sign(pae(PAYLOAD_TYPE, payload)))


RECORDS: tuple[tuple[str, str, bytes], ...] = (
    ("empty", "json.syntax", b""),
    ("not-json", "json.syntax", b"received with thanks\n"),
    ("a-list", "envelope.shape", b"[]\n"),
    ("not-a-statement", "json.syntax", signed(b"received")),
    ("the-preparers-envelope", "statement.type", thin().members[ENVELOPE]),
    ("other-predicate", "statement.shape", signed(b'{"_type": "x"}')),
)
for _name, _code, _data in RECORDS:
    add(f"custody-{_name}", "custody", _code, lambda d=_data: recorded(d))
add(
    "custody-without-the-first",
    "custody",
    "statement.type",
    lambda: recorded(thin().members[ENVELOPE], number=2),
)


def record(change: Callable[[Json], object] = lambda _predicate: None) -> bytes:
    """Return the payload of a record of the good bundle, with its predicate changed."""
    digest, at = 64 * "0", "2026-04-24T00:00:00Z"
    verification = {
        "verifier": {
            "id": "urn:evidencekit:verifier:0.1.0",
            "policies": [{"name": "trust", "digest": {"sha256": digest}}],
        },
        "timeCreated": at,
        "properties": ["EVIDENCEKIT_CHECKSUMS"],
    }
    good_one = Record(
        root=bag.root(thin().members[TAGMANIFEST]),
        number=1,
        previous=None,
        action="accepted",
        signer=COSIGNER.public_key.fingerprint,
        actor="An Auditor",
        role="auditor",
        purpose=None,
        note=None,
        next_holder=None,
        report={"verdict": "accepted", "sha256": digest},
        verification=verification,
        at=at,
    )
    document = json.loads(good_one.to_bytes())
    change(document["predicate"])
    return json.dumps(document, indent=2).encode() + b"\n"


def _policy(predicate: Json) -> Json:
    return dict(predicate["verification"]["verifier"]["policies"][0])


def _with_policy(predicate: Json, **values: object) -> None:
    policy = _policy(predicate) | values
    predicate["verification"]["verifier"]["policies"] = [policy]


FORMS: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
    ("compact", "custody.form", lambda: json.dumps(json.loads(record())).encode()),
    ("crlf", "custody.form", lambda: record().replace(b"\n", b"\r\n")),
    (
        "report-reversed",
        "custody.form",
        lambda: record(lambda p: note(p, report=dict(reversed(p["report"].items())))),
    ),
    (
        "policy-reversed",
        "custody.form",
        lambda: record(
            lambda p: note(
                p["verification"]["verifier"], policies=[dict(reversed(_policy(p).items()))]
            )
        ),
    ),
    ("policy-name-a-list", "custody.value", lambda: record(lambda p: _with_policy(p, name=[]))),
    ("number-as-real", "custody.value", lambda: record(lambda p: note(p, number=1.0))),
)
for _name, _code, _payload in FORMS:
    add(f"custody-{_name}", "custody", _code, lambda b=_payload: recorded(signed(b())))


@kind("custody-signature-flipped", "custody", "signature.invalid")
def _flipped() -> Made:
    data = signed(b"{}")
    bad = envelope(COSIGNER, b"{}", bytes(64))
    assert data != bad
    return recorded(bad)
