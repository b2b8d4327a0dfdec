"""The envelope opens for the key that signed it, in one form only, and for foreign verifiers."""

import base64
import contextlib
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from evidencekit.core.dsse import PAYLOAD_TYPE, Signed, encode, open_signed, pae, seal
from evidencekit.core.publickey import ECDSA_P256, ED25519, PublicKey
from evidencekit.errors import RejectedError, UndecidedError

CORPORA = Path(__file__).parents[1].parent / "shared" / "corpora" / "dsse-vectors"
PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1"}'


class Ed25519Signer:
    def __init__(self, seed):
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        raw = self._private.public_key().public_bytes_raw()
        self.public_key = PublicKey(algorithm=ED25519, raw=raw)

    def sign(self, data):
        return self._private.sign(data)


class P256Signer:
    def __init__(self):
        self._private = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
        numbers = self._private.public_key().public_numbers()
        raw = b"\4" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        self.public_key = PublicKey(algorithm=ECDSA_P256, raw=raw)

    def sign(self, data):
        return self._private.sign(data, ec.ECDSA(hashes.SHA256()))


SIGNER, OTHER = Ed25519Signer(1), Ed25519Signer(2)
KEY = SIGNER.public_key
DOCUMENT = seal(PAYLOAD, SIGNER)
STAMPED = seal(PAYLOAD, SIGNER, stamp=lambda signature: (b"one" + signature[:3], b"two"))


def refused(document, *keys):
    with pytest.raises(RejectedError) as caught:
        open_signed(document, *(keys or (KEY,)), what="x.sigstore.json")
    assert str(caught.value).startswith("x.sigstore.json: ")
    return caught.value.code


def changed(*path, value, document=DOCUMENT):
    """Return the document with one member set, added or (``...``) removed."""
    whole = json.loads(document)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return json.dumps(whole, indent=2).encode() + b"\n"


def test_pae_is_what_the_protocol_says():
    path = CORPORA / "protocol-vector.json"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    vector = json.loads(path.read_bytes())
    body = vector["serialized_body_utf8"].encode()
    assert pae(vector["payloadType"], body) == vector["pae_utf8"].encode()
    numbers = (int(vector["ecdsa_p256"][axis]).to_bytes(32, "big") for axis in "xy")
    key = PublicKey(algorithm=ECDSA_P256, raw=b"\4" + b"".join(numbers))
    raw = base64.b64decode(vector["envelope"]["signatures"][0]["sig"])
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    key.verify(encode_dss_signature(r, s), vector["pae_utf8"].encode())


def test_pae_counts_bytes_and_cannot_be_shifted():
    assert pae("ä", b"x y") == b"DSSEv1 2 \xc3\xa4 3 x y"
    assert pae("a 1", b"b") != pae("a", b"1 b")


@pytest.mark.parametrize("signer", [SIGNER, P256Signer()], ids=["ed25519", "p256"])
def test_what_was_sealed_opens_for_the_key_that_sealed_it(signer):
    document = seal(PAYLOAD, signer, stamp=lambda _: (b"token",))
    signed = open_signed(document, OTHER.public_key, signer.public_key)
    assert (signed.payload, signed.key, signed.tokens) == (PAYLOAD, signer.public_key, (b"token",))
    signer.public_key.verify(signed.signature, pae(PAYLOAD_TYPE, PAYLOAD))
    assert encode(signed) == document


@given(st.binary(), st.lists(st.binary(min_size=1, max_size=99), max_size=8, unique=True))
def test_any_payload_and_tokens_come_back(payload, tokens):
    signed = open_signed(seal(payload, SIGNER, stamp=lambda _: tuple(tokens)), KEY)
    assert (signed.payload, signed.tokens) == (payload, tuple(tokens))


def test_the_same_payload_and_key_give_the_same_bytes():
    assert seal(PAYLOAD, SIGNER) == DOCUMENT


def test_other_keys_open_nothing():
    assert refused(DOCUMENT, OTHER.public_key) == "signature.invalid"
    with pytest.raises(RejectedError) as caught:
        open_signed(DOCUMENT)
    assert caught.value.code == "signature.unknown-key"


@pytest.mark.parametrize("document", [DOCUMENT, STAMPED], ids=["plain", "stamped"])
def test_every_flipped_bit_is_refused_but_in_a_token(document):
    """Whether a token is good is the time-stamp check's question."""
    tokens = open_signed(document, KEY).tokens
    for at in range(len(document)):
        for bit in range(8):
            flipped = bytearray(document)
            flipped[at] ^= 1 << bit
            try:
                signed = open_signed(bytes(flipped), KEY)
            except RejectedError:
                continue
            assert signed.tokens != tokens, (at, bit)
            assert encode(signed) == flipped


def test_every_cut_is_refused():
    for end in range(len(DOCUMENT)):
        assert refused(DOCUMENT[:end])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "envelope.signatures"),
        (None, "envelope.signatures"),
        ({}, "envelope.signatures"),
        ([None], "envelope.signatures"),
        ([{}], "envelope.signatures"),
        ([{"sig": "", "keyid": KEY.fingerprint}], "envelope.signatures"),
        ([{"sig": "AAAA"}], "envelope.signatures"),
        (json.loads(DOCUMENT)["dsseEnvelope"]["signatures"] * 2, "envelope.signatures"),
        ("AAAA", "envelope.signatures"),
    ],
)
def test_no_signature_and_several_are_none(value, code):
    assert refused(changed("dsseEnvelope", "signatures", value=value)) == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("dsseEnvelope", "signatures"), ..., "envelope.shape"),
        (("dsseEnvelope", "payload"), ..., "envelope.shape"),
        (("dsseEnvelope", "more"), 1, "envelope.shape"),
        (("more",), 1, "envelope.shape"),
        (("mediaType",), "application/json", "envelope.media-type"),
        (("mediaType",), None, "envelope.media-type"),
        (("dsseEnvelope", "payloadType"), PAYLOAD_TYPE + "x", "envelope.payload-type"),
        (("dsseEnvelope", "payloadType"), ["x"], "envelope.payload-type"),
        (("verificationMaterial",), None, "envelope.shape"),
        (("verificationMaterial", "certificate"), "x", "envelope.shape"),
        (("verificationMaterial", "tlogEntries"), [], "envelope.shape"),
        (("verificationMaterial", "publicKey", "rawBytes"), "x", "envelope.shape"),
        (("verificationMaterial", "publicKey", "hint"), "x", "envelope.key-id"),
        (("verificationMaterial", "publicKey", "hint"), None, "envelope.key-id"),
        (("dsseEnvelope", "signatures", 0, "keyid"), "x", "envelope.key-id"),
        (("dsseEnvelope", "signatures", 0, "sig"), "AA==", "signature.invalid"),
        (("dsseEnvelope", "payload"), "e30=", "signature.invalid"),
        (("verificationMaterial", "timestampVerificationData"), None, "envelope.shape"),
        (
            ("verificationMaterial", "timestampVerificationData"),
            {"rfc3161Timestamps": []},
            "envelope.shape",
        ),
    ],
)
def test_every_other_shape_is_refused_with_its_own_code(path, value, code):
    assert refused(changed(*path, value=value)) == code


def test_key_id_and_hint_that_agree_on_another_key_are_refused():
    """SIG-05: the key id is never what is trusted, but a lie in it is not accepted either."""
    document = DOCUMENT.replace(KEY.fingerprint.encode(), OTHER.public_key.fingerprint.encode())
    assert refused(document, KEY, OTHER.public_key) == "envelope.key-id"
    assert refused(document, OTHER.public_key) == "signature.invalid"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("+", "-").replace("/", "_"),
        lambda text: text.rstrip("="),
        lambda text: text[:20] + "\n" + text[20:],
        lambda text: text + "=",
        lambda text: text + "ü",
        lambda text: text[:-3] + chr(ord(text[-3]) + 1) + "==",  # bits that the padding hides
        lambda _text: 7,
    ],
    ids=["url-safe", "unpadded", "line end", "padded twice", "not ascii", "hidden bits", "number"],
)
def test_base64_has_one_spelling(change):
    payload = b"\xff\xfe\xfb" * 9 + b"\xff"
    document = seal(payload, SIGNER)
    text = json.loads(document)["dsseEnvelope"]["payload"]
    path = ("dsseEnvelope", "payload")
    assert refused(changed(*path, value=change(text), document=document)) == "envelope.base64"


def test_a_bundle_has_one_spelling():
    whole = json.loads(DOCUMENT)
    assert refused(json.dumps(whole).encode()) == "envelope.form"
    assert refused(json.dumps(whole, indent=2, sort_keys=True).encode() + b"\n") == "envelope.form"
    assert refused(DOCUMENT + b"\n") == "envelope.form"


def test_two_payloads_under_one_name_are_refused():
    document = DOCUMENT.replace(b'"payload":', b'"payload": "e30=",\n    "payload":')
    assert refused(document) == "json.duplicate-key"


def test_limits_hold_when_writing_and_when_reading():
    assert refused(b" " * (1 << 21)) == "envelope.size"
    for tokens in ((b"",), (b"x" * 65_537,), tuple(bytes([n]) for n in range(9))):
        with pytest.raises(UndecidedError):
            seal(PAYLOAD, SIGNER, stamp=lambda _, tokens=tokens: tokens)
    several = [{"signedTimestamp": "AA=="}] * 2
    path = ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps")
    assert refused(changed(*path, value=several, document=STAMPED)) == "envelope.timestamps"


def test_a_signature_over_anything_but_our_envelope_is_refused():
    """SIG-11: an SSHSIG, plain text, or a DSSE envelope of another type, all by the right key."""
    for covered in (b"SSHSIG" + PAYLOAD, PAYLOAD, base64.b64encode(PAYLOAD), pae("x/y", PAYLOAD)):
        signed = Signed(payload=PAYLOAD, key=KEY, signature=SIGNER.sign(covered))
        assert refused(encode(signed)) == "signature.invalid"


@given(st.binary(max_size=300))
def test_any_bytes_give_a_coded_refusal(data):
    with pytest.raises(RejectedError):
        open_signed(data, KEY)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
PATHS = [
    ("mediaType",),
    ("verificationMaterial",),
    ("verificationMaterial", "publicKey"),
    ("verificationMaterial", "publicKey", "hint"),
    ("verificationMaterial", "timestampVerificationData"),
    ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps"),
    ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0),
    ("dsseEnvelope",),
    ("dsseEnvelope", "payload"),
    ("dsseEnvelope", "signatures"),
    ("dsseEnvelope", "signatures", 0),
    ("dsseEnvelope", "signatures", 0, "sig"),
]


@given(st.sampled_from(PATHS), json_values)
def test_any_value_in_any_place_gives_a_coded_refusal(path, value):
    assert refused(changed(*path, value=value, document=STAMPED))


def corpus():
    if not CORPORA.exists():
        pytest.skip(f"{CORPORA} is absent")
    return [path for path in sorted(CORPORA.rglob("*")) if path.suffix in {".json", ".link"}]


def test_envelopes_of_other_projects_are_refused():
    paths = corpus()
    assert len(paths) > 8
    for path in paths:
        assert refused(path.read_bytes())


def test_keys_of_other_projects_are_keys_or_coded_refusals():
    corpus()
    for path in sorted((CORPORA / "in-toto-golang").glob("*.pub")):
        with contextlib.suppress(UndecidedError):
            PublicKey.from_bytes(path.read_bytes())


def test_the_twin_of_an_ecdsa_signature_says_the_same_and_nothing_else():
    """The one way to change an accepted envelope without the key; every verifier takes both."""
    signer = P256Signer()
    signed = open_signed(seal(PAYLOAD, signer), signer.public_key)
    r, s = decode_dss_signature(signed.signature)
    order = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
    twin = replace(signed, signature=encode_dss_signature(r, order - s))
    assert open_signed(encode(twin), signer.public_key) == twin
    for wrong in ((r, order + s), (r + order, s), (order - r, s)):
        made = replace(signed, signature=encode_dss_signature(*wrong))
        assert refused(encode(made), signer.public_key) == "signature.invalid"


def foreign(document):
    """Verify with securesystemslib, as a receiver would who has never heard of us."""
    envelope = Envelope.from_dict(json.loads(document)["dsseEnvelope"])
    public = Ed25519PublicKey.from_public_bytes(KEY.raw)
    envelope.verify([SSlibKey.from_crypto(public, keyid=KEY.fingerprint)], 1)


def test_securesystemslib_accepts_the_good_and_refuses_the_tampered():
    foreign(DOCUMENT)
    foreign(STAMPED)
    with pytest.raises(VerificationError):
        foreign(changed("dsseEnvelope", "payload", value="e30="))


def test_openssl_accepts_the_signature_with_a_shell_alone(tmp_path):
    (tmp_path / "key.pem").write_bytes(KEY.to_pem())
    (tmp_path / "envelope.json").write_bytes(DOCUMENT)
    recipe = r"""
        field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" envelope.json; }
        field payload | base64 -d > payload; field sig | base64 -d > sig
        printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(wc -c < payload)" > pae
        cat payload >> pae
        openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in pae -sigfile sig
    """
    command = ["/bin/sh", "-ec", recipe]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)  # noqa: S603 (our words)
    assert (tmp_path / "payload").read_bytes() == PAYLOAD
