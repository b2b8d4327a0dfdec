"""Time-stamps that prove nothing, and custody records that no chain holds."""

import base64

from evidencekit.core.dsse import PAYLOAD_TYPE, pae
from forge.bench import COSIGNER, Json, Made, envelope
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


@kind("custody-signature-flipped", "custody", "signature.invalid")
def _flipped() -> Made:
    data = signed(b"{}")
    bad = envelope(COSIGNER, b"{}", bytes(64))
    assert data != bad
    return recorded(bad)
