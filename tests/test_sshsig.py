"""Signature files are ssh-keygen's, both ways, and have one form."""

import base64
import subprocess

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.publickey import PublicKey
from evidencekit.core.sshsig import sign_sshsig, verify_sshsig
from evidencekit.errors import RejectedError

MESSAGE = b"0" * 64 + b"  bagit.txt\n"
ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256 = ec.derive_private_key(3**150, ec.SECP256R1())


class LocalSigner:
    def __init__(self, private):
        self._private = private
        form = serialization.PublicFormat.OpenSSH
        encoding = serialization.Encoding.OpenSSH
        self.public_key = PublicKey.from_openssh(private.public_key().public_bytes(encoding, form))

    def sign(self, data):
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._private.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._private.sign(data)


SIGNER = LocalSigner(ED25519)
KEY = SIGNER.public_key
DOCUMENT = sign_sshsig(MESSAGE, SIGNER)


def ssh_keygen(*arguments, message=b""):
    command = ["ssh-keygen", *map(str, arguments)]
    return subprocess.run(command, input=message, capture_output=True, check=False)  # noqa: S603


def refused(document, message=MESSAGE, key=KEY):
    with pytest.raises(RejectedError, match=r"^x\.sshsig: ") as caught:
        verify_sshsig(document, message, key, what="x.sshsig")
    return caught.value.code


def write_private(path, private):
    kind = serialization.PrivateFormat.OpenSSH
    no = serialization.NoEncryption()
    path.write_bytes(private.private_bytes(serialization.Encoding.PEM, kind, no))
    path.chmod(0o600)


def test_the_file_is_byte_for_byte_what_ssh_keygen_writes(tmp_path):
    write_private(tmp_path / "key", ED25519)
    (tmp_path / "m").write_bytes(MESSAGE)
    ssh_keygen("-Y", "sign", "-n", "evidencekit", "-f", tmp_path / "key", tmp_path / "m")
    assert (tmp_path / "m.sig").read_bytes() == DOCUMENT


@pytest.mark.parametrize("private", [ED25519, P256], ids=["ed25519", "p256"])
def test_ssh_keygen_verifies_ours_and_we_verify_its(private, tmp_path):
    signer = LocalSigner(private)
    for _ in range(20 if private is P256 else 1):  # ECDSA integers of several lengths
        document = sign_sshsig(MESSAGE, signer)
        verify_sshsig(document, MESSAGE, signer.public_key)
    (tmp_path / "s").write_bytes(document)
    allowed = tmp_path / "allowed_signers"
    allowed.write_text(f'me namespaces="evidencekit" {signer.public_key.to_openssh()}\n')
    verify = ("-Y", "verify", "-f", allowed, "-I", "me", "-s", tmp_path / "s", "-n")
    assert ssh_keygen(*verify, "evidencekit", message=MESSAGE).returncode == 0
    assert ssh_keygen(*verify, "evidencekit", message=MESSAGE + b"x").returncode == 255
    assert ssh_keygen(*verify, "file", message=MESSAGE).returncode == 255

    write_private(tmp_path / "key", private)
    (tmp_path / "m").write_bytes(MESSAGE)
    ssh_keygen("-Y", "sign", "-n", "evidencekit", "-f", tmp_path / "key", tmp_path / "m")
    verify_sshsig((tmp_path / "m.sig").read_bytes(), MESSAGE, signer.public_key)


@pytest.mark.parametrize("options", [("-n", "file"), ("-n", "evidencekit", "-O", "hashalg=sha256")])
def test_another_namespace_or_hash_is_refused(options, tmp_path):
    write_private(tmp_path / "key", ED25519)
    (tmp_path / "m").write_bytes(MESSAGE)
    made = ssh_keygen("-Y", "sign", *options, "-f", tmp_path / "key", tmp_path / "m")
    assert made.returncode == 0
    assert refused((tmp_path / "m.sig").read_bytes()) == "sshsig.namespace"


def test_another_key_and_another_message_are_refused():
    other = LocalSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert refused(DOCUMENT, key=other.public_key) == "sshsig.key"
    assert refused(DOCUMENT, key=LocalSigner(P256).public_key) in {"sshsig.key", "sshsig.syntax"}
    assert refused(DOCUMENT, message=MESSAGE + b" ") == "signature.invalid"


def test_a_raw_signature_dressed_as_a_file_is_refused():
    """The three things a key signs never pass for one another: PAE, root and SSHSIG differ."""
    good = base64.b64decode(b"".join(DOCUMENT.splitlines()[1:-1]))
    body = base64.b64encode(good[:-64] + ED25519.sign(MESSAGE))
    lines = [body[at : at + 70] for at in range(0, len(body), 70)]
    text = b"\n".join((DOCUMENT.splitlines()[0], *lines, DOCUMENT.splitlines()[-1], b""))
    assert refused(text) == "signature.invalid"


def test_every_flipped_bit_and_every_cut_is_refused():
    for at in range(len(DOCUMENT)):
        assert refused(DOCUMENT[:at])
        for bit in range(8):
            flipped = bytearray(DOCUMENT)
            flipped[at] ^= 1 << bit
            assert refused(bytes(flipped))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b"\n",
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.rstrip(b"\n"),
        lambda text: b"\n" + text,
        lambda text: text.replace(b"\n", b"", 2).replace(b"-----U", b"-----\nU"),
    ],
)
def test_a_second_spelling_is_refused(change):
    assert refused(change(DOCUMENT)) in {"sshsig.syntax", "sshsig.form"}


@given(st.binary(max_size=200))
def test_any_bytes_give_a_coded_refusal(data):
    head, *_, tail = DOCUMENT.splitlines()
    assert refused(data)
    assert refused(b"\n".join((head, base64.b64encode(data), tail, b"")))
    assert refused(b"\n".join((head, base64.b64encode(b"SSHSIG\0\0\0\1" + data), tail, b"")))
