"""Keys are read strictly, named as ssh-keygen names them, and verify as the policy says."""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import sshwire
from evidencekit.core.publickey import ECDSA_P256, ED25519, PublicKey, sign_checked
from evidencekit.errors import RejectedError, UndecidedError

CORPORA = Path(__file__).parents[1].parent / "shared" / "corpora"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PublicKey(algorithm=ED25519, raw=PRIVATE.public_key().public_bytes_raw())
P256 = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
IDENTITY = b"\1" + bytes(31)
ORDER = 2**252 + 27742317777372353535851937790883648493


def pem(public):
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, info)


def openssh(public):
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)


def refused(data):
    with pytest.raises(UndecidedError) as caught:
        PublicKey.from_bytes(data, what="signer.pub")
    assert str(caught.value).startswith("signer.pub: ")
    return caught.value.code


@pytest.mark.parametrize("private", [PRIVATE, P256], ids=["ed25519", "p256"])
def test_pem_and_openssh_are_read_and_written_as_the_library_does(private):
    public = private.public_key()
    key = PublicKey.from_bytes(pem(public))
    assert key == PublicKey.from_bytes(openssh(public) + b" a comment\n")
    assert key.to_pem() == pem(public)
    assert key.to_openssh() == openssh(public).decode()
    assert key.to_openssh("a comment") == openssh(public).decode() + " a comment"


@pytest.mark.parametrize("private", [PRIVATE, P256], ids=["ed25519", "p256"])
def test_the_fingerprint_is_what_ssh_keygen_prints(private, tmp_path):
    path = tmp_path / "key.pub"
    path.write_bytes(openssh(private.public_key()))
    command = ["ssh-keygen", "-lf", path]
    printed = subprocess.check_output(command, text=True)  # noqa: S603 (fixed words)
    key = PublicKey.from_bytes(path.read_bytes())
    assert key.fingerprint == printed.split()[1]
    digest = base64.b64decode(key.fingerprint.removeprefix("SHA256:") + "=")
    assert key.signer_id == digest.hex()[:16]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "key.syntax"),
        (b"\0\xff\n", "key.syntax"),
        (b"ssh-ed25519", "key.syntax"),
        (b"ssh-ed25519 AAAA*", "key.syntax"),
        (KEY.to_openssh().encode()[:-8], "key.syntax"),
        (KEY.to_openssh().encode() * 2, "key.syntax"),
        ((KEY.to_openssh() + "\n" + KEY.to_openssh()).encode(), "key.many"),
        (KEY.to_pem() * 2, "key.many"),
        (KEY.to_pem() + b"trailing", "key.type"),
        (KEY.to_pem().replace(b"PUBLIC KEY", b"CERTIFICATE"), "key.type"),
        (KEY.to_pem().replace(b"MCow", b"MC=w"), "key.syntax"),
        (b"ssh-rsa " + KEY.to_openssh().encode().split()[1], "key.type"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "key.private"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\n", "key.private"),
        (pem(x25519.X25519PrivateKey.generate().public_key()), "key.type"),
        (pem(ec.generate_private_key(ec.SECP384R1()).public_key()), "key.type"),
        (openssh(ec.generate_private_key(ec.SECP384R1()).public_key()), "key.type"),
    ],
)
def test_what_is_not_one_key_of_ours_is_refused_with_its_own_code(data, code):
    assert refused(data) == code


def test_rsa_keys_are_refused():
    public = rsa.generate_private_key(65537, 2048).public_key()
    assert refused(pem(public)) == "key.type"
    assert refused(openssh(public)) == "key.type"


def forms(raw):
    yield KEY.to_pem().replace(
        base64.b64encode(bytes.fromhex("302a300506032b6570032100") + KEY.raw),
        base64.b64encode(bytes.fromhex("302a300506032b6570032100") + raw),
    )
    yield b"ssh-ed25519 " + base64.b64encode(sshwire.pack(b"ssh-ed25519", raw))


P = 2**255 - 19
LOW = (0, 1, P - 1, P, P + 1)
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
FOURTEEN = [
    (y | sign << 255).to_bytes(32, "little")
    for y in (*LOW, int.from_bytes(ORDER_8, "little"), P - int.from_bytes(ORDER_8, "little"))
    for sign in (0, 1)
]


@pytest.mark.parametrize("raw", FOURTEEN, ids=bytes.hex)
def test_the_fourteen_keys_of_low_order_are_refused_in_both_forms(raw):
    assert {refused(form) for form in forms(raw)} == {"key.low-order"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (KEY.raw[:31], "key.size"),
        (KEY.raw + b"\0", "key.size"),
        (b"", "key.size"),
        ((P + 2).to_bytes(32, "little"), "key.not-canonical"),
        (b"\xff" * 32, "key.not-canonical"),
        ((2).to_bytes(32, "little"), "key.not-a-point"),
    ],
)
def test_other_bytes_that_are_no_key_are_refused_in_both_forms(raw, code):
    assert {refused(form) for form in forms(raw)} == {code}
    with pytest.raises(UndecidedError):
        PublicKey(algorithm=ED25519, raw=raw)


def test_a_p256_key_is_an_uncompressed_point_of_the_curve():
    for raw in (b"\4" + bytes(64), b"\4" * 64, b"\2" + bytes(32)):
        with pytest.raises(UndecidedError):
            PublicKey(algorithm=ECDSA_P256, raw=raw)
    with pytest.raises(UndecidedError):
        PublicKey(algorithm="rsa", raw=KEY.raw)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_key_or_a_coded_refusal(data):
    for head in (b"", b"ssh-ed25519 ", b"-----BEGIN PUBLIC KEY-----\n"):
        with pytest.raises(UndecidedError, match=r"^public key: "):
            PublicKey.from_bytes(head + data)


def wycheproof():
    path = CORPORA / "ed25519-wycheproof" / "ed25519_test.json"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    for group in json.loads(path.read_bytes())["testGroups"]:
        for test in group["tests"]:
            yield group["publicKey"]["pk"], test


def test_wycheproof_vectors_get_the_verdict_they_name():
    count = 0
    for raw, test in wycheproof():
        count += 1
        key = PublicKey(algorithm=ED25519, raw=bytes.fromhex(raw))
        signature, data = bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"])
        if test["result"] == "valid":
            key.verify(signature, data)
        else:
            assert rejects(key, signature, data), test
    assert count == 151


def rejects(key, signature, data):
    with pytest.raises(RejectedError, match="not a signature by SHA256:") as caught:
        key.verify(signature, data)
    return caught.value.code == "signature.invalid"


def test_a_signature_whose_r_has_low_order_is_refused():
    for point in FOURTEEN:
        assert rejects(KEY, point + bytes(32), b"any")


def test_adding_the_group_order_to_s_gives_no_second_signature():
    signature = PRIVATE.sign(b"data")
    shifted = int.from_bytes(signature[32:], "little") + ORDER
    assert rejects(KEY, signature[:32] + shifted.to_bytes(32, "little"), b"data")


@given(st.integers(0, 64 * 8 - 1))
def test_no_flipped_bit_verifies(bit):
    signature = bytearray(PRIVATE.sign(b"data"))
    signature[bit // 8] ^= 1 << bit % 8
    assert rejects(KEY, bytes(signature), b"data")


def test_p256_verifies_der_signatures_and_nothing_else():
    key = PublicKey.from_bytes(pem(P256.public_key()))
    signature = P256.sign(b"data", ec.ECDSA(hashes.SHA256()))
    key.verify(signature, b"data")
    assert rejects(key, signature, b"other")
    assert rejects(key, signature + b"\0", b"data")
    assert rejects(key, b"", b"data")
    assert rejects(key, PRIVATE.sign(b"data"), b"data")
    assert rejects(key, P256.sign(b"data", ec.ECDSA(hashes.SHA512())), b"data")


class Wrong:
    public_key = KEY

    def sign(self, data):
        return PRIVATE.sign(data + b"x")


def test_a_signer_that_answers_wrongly_is_found_out():
    with pytest.raises(UndecidedError) as caught:
        sign_checked(Wrong(), b"data")
    assert caught.value.code == "signer.wrong"


@given(st.lists(st.binary(max_size=9)))
def test_wire_strings_round_trip(strings):
    packed = sshwire.pack(*strings)
    assert sshwire.unpack(packed) == tuple(strings)
    if packed:
        with pytest.raises(ValueError, match="cut"):
            sshwire.unpack(packed[:-1] if strings[-1] else packed + b"\0")


@given(st.integers(1, 2**256))
def test_wire_integers_round_trip_and_have_one_spelling(number):
    packed = sshwire.pack_integer(number)
    assert sshwire.unpack_integer(packed) == number
    with pytest.raises(ValueError, match="shortest"):
        sshwire.unpack_integer(b"\0" + packed)
