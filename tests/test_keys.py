"""Key files are made once and whole, loaded strictly, and leak into no message."""

import os
import stat
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from evidencekit.core.publickey import ECDSA_P256
from evidencekit.core.sshsig import sign_sshsig
from evidencekit.edges.keys import KeyFileSigner, load_public_key, load_signer, new_key
from evidencekit.errors import UndecidedError

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = KeyFileSigner(private=PRIVATE)
PASSPHRASE = "canary-passphrase"


def pkcs8(private, passphrase=None):
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def run(*command, **options):
    return subprocess.run(  # noqa: S603 (our own words)
        [str(word) for word in command], capture_output=True, check=True, **options
    )


@pytest.fixture
def write(tmp_path):
    def write(data, mode=0o600, name="key.pem"):
        path = tmp_path / name
        path.write_bytes(data)
        path.chmod(mode)
        return path

    return write


def refused(path, passphrase=None):
    with pytest.raises(UndecidedError) as caught:
        load_signer(path, passphrase)
    assert "\n" not in str(caught.value)
    assert PASSPHRASE not in f"{caught.value!r} {caught.value} {caught.value.hint}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.code


def ask():
    return PASSPHRASE


def never():
    raise AssertionError("asked for a passphrase that nothing needs")


def test_a_new_key_signs_and_its_public_half_verifies(tmp_path):
    path = tmp_path / "signing.pem"
    public = new_key(path, None, "dana@acme")
    signer = load_signer(path, never)
    public.verify(signer.sign(b"data"), b"data")
    assert signer.public_key == public == load_public_key(tmp_path / "signing.pem.pub")
    line = (tmp_path / "signing.pem.pub").read_text()
    assert line == f"{public.to_openssh()} dana@acme\n"
    printed = run("ssh-keygen", "-lf", f"{path}.pub", text=True).stdout
    assert printed.split()[1] == public.fingerprint


def test_openssl_verifies_what_a_new_key_signs(tmp_path):
    path = tmp_path / "k"
    public = new_key(path, None)
    (tmp_path / "data").write_bytes(b"root")
    (tmp_path / "sig").write_bytes(load_signer(path).sign(b"root"))
    (tmp_path / "pub.pem").write_bytes(public.to_pem())
    verify = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pub.pem", "-rawin")
    run(*verify, "-in", "data", "-sigfile", "sig", cwd=tmp_path)
    assert run("openssl", "pkey", "-in", path, "-pubout").stdout == public.to_pem()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_the_private_half_is_mode_0600_whatever_the_umask(tmp_path, mask):
    before = os.umask(mask)
    try:
        new_key(tmp_path / "k", None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    assert not stat.S_IMODE((tmp_path / "k.pub").stat().st_mode) & 0o022


def test_a_passphrase_protects_the_key_and_is_asked_only_then(tmp_path):
    public = new_key(tmp_path / "k", PASSPHRASE)
    assert b"ENCRYPTED PRIVATE KEY" in (tmp_path / "k").read_bytes()
    assert load_signer(tmp_path / "k", ask).public_key == public
    assert refused(tmp_path / "k") == "key.passphrase"
    assert refused(tmp_path / "k", lambda: "wrong") == "key.passphrase"
    assert refused(tmp_path / "k", lambda: "") == "key.passphrase"
    new_key(tmp_path / "empty", "")
    load_signer(tmp_path / "empty", never)


def existing(kind, path):
    if kind == "file":
        path.write_bytes(b"old")
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere")


@pytest.mark.parametrize("kind", ["file", "folder", "fifo", "dangling link"])
@pytest.mark.parametrize("name", ["k", "k.pub"])
def test_nothing_that_exists_is_overwritten_and_no_half_is_left(tmp_path, name, kind):
    existing(kind, tmp_path / name)
    before = (tmp_path / name).lstat()
    with pytest.raises(UndecidedError) as caught:
        new_key(tmp_path / "k", None)
    assert caught.value.code == "output.exists"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).lstat().st_ino == before.st_ino


def test_a_public_half_that_cannot_be_written_takes_the_private_half_back(tmp_path):
    longest = os.pathconf(tmp_path, "PC_NAME_MAX")
    with pytest.raises(UndecidedError):
        new_key(tmp_path / ("k" * longest), None)  # room for the name, not for .pub after it
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_one_line(tmp_path):
    with pytest.raises(UndecidedError):
        new_key(tmp_path / "absent" / "k", None)


def test_a_comment_cannot_add_a_line(tmp_path):
    with pytest.raises(UndecidedError) as caught:
        new_key(tmp_path / "k", None, "a\nssh-ed25519 AAAA")
    assert caught.value.code == "key.comment"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_keys_of_ssh_keygen_are_loaded(tmp_path, passphrase):
    path = tmp_path / "id"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "c", "-f", path)
    signer = load_signer(path, ask if passphrase else never)
    assert signer.public_key == load_public_key(tmp_path / "id.pub")
    if passphrase:
        assert refused(path) == "key.passphrase"
        assert refused(path, lambda: "wrong") == "key.passphrase"


def test_keys_of_openssl_are_loaded(tmp_path):
    path = tmp_path / "key.pem"
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", path)
    path.chmod(0o600)
    load_signer(path, never)
    locked = tmp_path / "locked.pem"
    given = f"pass:{PASSPHRASE}"
    run("openssl", "pkcs8", "-topk8", "-in", path, "-out", locked, "-passout", given)
    locked.chmod(0o600)
    assert load_signer(locked, ask).public_key == load_signer(path).public_key


def test_without_bcrypt_an_encrypted_openssh_key_says_what_to_install(tmp_path):
    path = tmp_path / "id"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", path)
    script = """
import sys
sys.modules["bcrypt"] = None
from pathlib import Path
from evidencekit.edges.keys import load_signer
from evidencekit.errors import UndecidedError
try:
    load_signer(Path(sys.argv[1]), lambda: sys.argv[2])
except UndecidedError as error:
    print(error.code, error.hint)
"""
    printed = run(sys.executable, "-c", script, path, PASSPHRASE, text=True).stdout
    assert printed.startswith("key.needs-bcrypt pip install")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o601])
def test_a_key_that_others_can_reach_is_refused_with_what_to_do(write, mode):
    path = write(pkcs8(PRIVATE), mode)
    assert refused(path) == "key.too-open"
    with pytest.raises(UndecidedError) as caught:
        load_signer(path)
    assert caught.value.hint == f"chmod 600 {path}"


def test_a_link_to_a_key_is_followed_and_its_target_judged(write, tmp_path):
    path = write(pkcs8(PRIVATE), 0o644)
    link = tmp_path / "link"
    link.symlink_to(path)
    assert refused(link) == "key.too-open"
    path.chmod(0o400)
    assert load_signer(link).public_key == SIGNER.public_key


def test_other_kinds_of_key_are_refused(write):
    kinds = (
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        x25519.X25519PrivateKey.generate(),
    )
    for private in kinds:
        assert refused(write(pkcs8(private))) == "key.type"
    old = kinds[0].private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert refused(write(old)) == "key.type"


def test_every_cut_of_a_key_file_is_refused(write):
    whole = pkcs8(PRIVATE)
    for end in range(len(whole.rstrip()) - 1):
        assert refused(write(whole[:end])) in {"key.syntax", "key.type"}, end


def test_every_cut_of_an_encrypted_openssh_key_is_refused(tmp_path, write):
    path = tmp_path / "id"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-a", "1", "-f", path)
    whole = path.read_bytes()
    for end in range(0, len(whole.rstrip()) - 1, 7):
        assert refused(write(whole[:end]), ask).startswith("key."), end


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "key.syntax"),
        (b"canary", "key.syntax"),
        (SIGNER.public_key.to_pem(), "key.public"),
        (SIGNER.public_key.to_openssh().encode(), "key.public"),
        (pkcs8(PRIVATE) * 2, "key.many"),
        (pkcs8(PRIVATE) + SIGNER.public_key.to_pem(), "key.many"),
        (b"x" * 65_537, "key.size"),
    ],
)
def test_what_is_no_private_key_is_refused_with_its_own_code(write, data, code):
    assert refused(write(data)) == code


def test_missing_files_and_folders_are_refused(tmp_path):
    assert refused(tmp_path / "absent") == "key.missing"
    assert refused(tmp_path) in {"key.not-a-file", "key.unreadable"}
    with pytest.raises(UndecidedError, match="no such file"):
        load_public_key(tmp_path / "absent")


def test_a_private_key_is_not_taken_for_a_public_one(write):
    with pytest.raises(UndecidedError) as caught:
        load_public_key(write(pkcs8(PRIVATE)))
    assert caught.value.code == "key.private"


def test_a_signer_does_not_print_its_key():
    assert "private" not in repr(SIGNER).lower().replace("keyfilesigner", "")


# -- ECDSA P-256, the second algorithm


def test_a_p256_key_is_made_signs_the_same_each_time_and_openssl_verifies(tmp_path):
    public = new_key(tmp_path / "k", None, algorithm=ECDSA_P256)
    signer = load_signer(tmp_path / "k")
    assert signer.public_key == public == load_public_key(tmp_path / "k.pub")
    assert public.to_openssh().startswith("ecdsa-sha2-nistp256 ")
    signature = signer.sign(b"root")
    assert signature == signer.sign(b"root")
    public.verify(signature, b"root")
    (tmp_path / "pub.pem").write_bytes(public.to_pem())
    (tmp_path / "sig").write_bytes(signature)
    (tmp_path / "data").write_bytes(b"root")
    words = ("dgst", "-sha256", "-verify", "pub.pem", "-signature", "sig", "data")
    assert b"Verified OK" in run("openssl", *words, cwd=tmp_path).stdout


def test_p256_keys_of_ssh_keygen_are_loaded_and_it_verifies_our_sshsig(tmp_path):
    run("ssh-keygen", "-q", "-t", "ecdsa", "-b", "256", "-N", "", "-f", tmp_path / "k")
    signer = load_signer(tmp_path / "k")
    assert signer.public_key == load_public_key(tmp_path / "k.pub")
    (tmp_path / "sig").write_bytes(sign_sshsig(b"root", signer))
    (tmp_path / "allowed").write_text(f"me {signer.public_key.to_openssh()}\n")
    words = ("-Y", "verify", "-f", "allowed", "-I", "me", "-n", "evidencekit", "-s", "sig")
    assert b"Good" in run("ssh-keygen", *words, cwd=tmp_path, input=b"root").stdout
