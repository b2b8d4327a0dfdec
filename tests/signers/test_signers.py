"""Signers beyond key files: real agent, real token, an emulated KMS, a faithful stub of Vault.

Each signs a statement that opens, and each kind of failure has its code and shows no secret.
"""

import base64
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from evidencekit.core.dsse import open_signed, seal
from evidencekit.core.pkcs11uri import Pkcs11Uri
from evidencekit.core.publickey import ECDSA_P256, ED25519
from evidencekit.core.sshsig import NAMESPACE, sign_sshsig, verify_sshsig
from evidencekit.core.sshwire import pack
from evidencekit.edges.signers import open_signer
from evidencekit.edges.signers.agent import open_agent
from evidencekit.edges.signers.token import open_token
from evidencekit.errors import UndecidedError

PIN, TOKEN = "4711-canary-pin", "hvs.canary-token"
MODULE = "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"


def never():
    raise AssertionError("asked for a passphrase that nothing needs")


def refused(act, *secrets):
    with pytest.raises(UndecidedError) as caught:
        act()
    told = f"{caught.value!r} {caught.value} {caught.value.hint}"
    assert "\n" not in str(caught.value)
    assert not any(secret in told for secret in (*secrets, PIN, TOKEN))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.code


def run(*command, **options):
    return subprocess.run(  # noqa: S603 (our words)
        [str(word) for word in command], check=True, capture_output=True, **options
    )


def check(signer, algorithm):
    """Hold that whoever this is signs in every form that a bundle has."""
    assert signer.public_key.algorithm == algorithm
    assert open_signed(seal(b"statement", signer), signer.public_key).payload == b"statement"
    verify_sshsig(sign_sshsig(b"root", signer), b"root", signer.public_key)
    signer.public_key.verify(signer.sign(b"root"), b"root")
    foreign_tools_agree(signer, algorithm)
    assert not any(secret in repr(signer) for secret in (PIN, TOKEN))


def foreign_tools_agree(signer, algorithm):
    """Hold that openssl verifies its signature and ssh-keygen its SSHSIG; securesystemslib too."""
    fingerprint = signer.public_key.fingerprint
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "data": b"root",
            "pub.pem": signer.public_key.to_pem(),
            "sig": signer.sign(b"root"),
            "sshsig": sign_sshsig(b"root", signer),
            "allowed": f"them {signer.public_key.to_openssh()}\n".encode(),
        }
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        words = {
            ED25519: "pkeyutl -verify -pubin -inkey pub.pem -rawin -in data -sigfile sig",
            ECDSA_P256: "dgst -sha256 -verify pub.pem -signature sig data",
        }
        run("openssl", *words[algorithm].split(), cwd=folder)
        ssh = f"ssh-keygen -Y verify -f allowed -I them -n {NAMESPACE} -s sshsig"
        assert fingerprint in run(*ssh.split(), cwd=folder, input=b"root").stdout.decode()
    public = SSlibKey.from_crypto(load_pem_public_key(signer.public_key.to_pem()), fingerprint)
    Envelope.from_dict(json.loads(seal(b"{}", signer))["dsseEnvelope"]).verify([public], 1)


# -- references


def test_a_path_is_a_key_file(tmp_path):
    key = Ed25519PrivateKey.generate()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (tmp_path / "k").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    (tmp_path / "k").chmod(0o600)
    check(open_signer(str(tmp_path / "k"), never), ED25519)


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("pkcs11:", "signer.uri"),
        ("pkcs11:token=ek", "signer.uri"),
        ("pkcs11:object=a;object=b", "signer.uri"),
        ("pkcs11:object=a;colour=red", "signer.uri"),
        ("pkcs11:object=%GG", "signer.uri"),
        ("pkcs11:object=%ff", "signer.uri"),
        ("pkcs11:object=a;type=public", "signer.uri"),
        ("pkcs11:object=a\x1b", "signer.uri"),
        ("pkcs11:object=a?pin-value=1234", "signer.secret"),
        ("pkcs11:object=a?pin-source=/etc/pin", "signer.secret"),
        ("pkcs11:object=a", "signer.module"),
        ("awskms:alias/x", "signer.uri"),
        ("awskms://host/x", "signer.uri"),
        ("awskms:///", "signer.uri"),
        ("awskms:///a b", "signer.uri"),
        ("vault:", "signer.uri"),
        ("vault:a/../b", "signer.uri"),
        ("vault:a?b", "signer.uri"),
        ("vault:evidence", "signer.token"),
        ("ssh-agent:SHA256:x", "signer.unreachable"),
        ("no/such/file", "key.missing"),
    ],
)
def test_every_other_reference_is_refused_with_its_own_code(reference, code):
    assert refused(lambda: open_signer(reference, never, environment={})) == code


def test_a_pkcs11_uri_says_which_key():
    text = "pkcs11:token=my%20token;object=s%C3%A9al;id=%01%ff;type=private?module-path=/m.so"
    assert Pkcs11Uri.from_text(text) == Pkcs11Uri(
        token="my token",  # noqa: S106 (its label)
        label="séal",
        id=b"\x01\xff",
        module="/m.so",
    )


@given(st.text())
def test_any_text_is_a_uri_or_a_coded_refusal(text):
    for each in (text, f"pkcs11:{text}", f"pkcs11:object=a;{text}", f"pkcs11:object=a?{text}"):
        try:
            Pkcs11Uri.from_text(each)
        except UndecidedError as error:
            assert error.code in {"signer.uri", "signer.secret"}  # noqa: PT017


# -- ssh-agent: the real one, and liars


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    if not (shutil.which("ssh-agent") and shutil.which("ssh-add")):
        pytest.skip("SKIPPED LOUDLY: no ssh-agent (Debian: openssh-client)")
    folder = tmp_path_factory.mktemp("agent")
    path = folder / "s"
    process = subprocess.Popen(  # noqa: S603 (our words)
        [shutil.which("ssh-agent"), "-D", "-a", path], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            if path.exists():
                break
            time.sleep(0.02)
        environment = {"SSH_AUTH_SOCK": str(path), "PATH": os.environ["PATH"]}
        for kind in ("ed25519", "ecdsa", "rsa"):
            key = str(folder / kind)
            run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key)
            run("ssh-add", "-q", key, env=environment)
        yield folder, environment
    finally:
        process.terminate()
        process.wait(10)


def fingerprint(path):
    return run("ssh-keygen", "-lf", path, text=True).stdout.split()[1]


@pytest.mark.parametrize(("kind", "algorithm"), [("ed25519", ED25519), ("ecdsa", ECDSA_P256)])
def test_the_real_agent_signs(agent, kind, algorithm):
    folder, environment = agent
    reference = f"ssh-agent:{fingerprint(folder / f'{kind}.pub')}"
    check(open_signer(reference, never, environment=environment), algorithm)


def test_a_key_that_the_agent_does_not_hold_or_no_longer_holds(agent):
    folder, environment = agent
    path = environment["SSH_AUTH_SOCK"]
    assert refused(lambda: open_agent("SHA256:other", path)) == "signer.no-key"
    assert refused(lambda: open_agent(fingerprint(folder / "rsa.pub"), path)) == "signer.no-key"
    key = str(folder / "gone")
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    run("ssh-add", "-q", key, env=environment)
    signer = open_agent(fingerprint(key), path)
    run("ssh-add", "-q", "-d", key, env=environment)
    assert refused(lambda: signer.sign(b"x")) == "signer.refused"


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WIRE = pack(b"ssh-ed25519", KEY.public_key().public_bytes_raw())


@pytest.fixture
def liar(tmp_path):
    """Return a function that starts an agent which answers each question with the next of these."""
    servers = []

    def start(*answers):
        path = str(tmp_path / f"s{len(servers)}")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        servers.append(server)

        def run():
            for answer in answers:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65_536)
                    if answer is None:
                        time.sleep(1)
                    else:
                        connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        return path

    yield start
    for server in servers:
        server.close()


def listed(*blobs):
    body = len(blobs).to_bytes(4) + b"".join(pack(blob, b"comment") for blob in blobs)
    return pack(b"\x0c" + body)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "signer.wrong"),
        (b"\0\0", "signer.wrong"),
        (bytes(4), "signer.wrong"),
        (b"\xff" * 4, "signer.wrong"),
        (pack(b"\x05"), "signer.refused"),
        (pack(b"\x0c" + bytes(3) + b"\x02" + pack(WIRE, b"c")), "signer.wrong"),
        (pack(b"\x0c" + bytes(3) + b"\x01" + pack(WIRE)[:-1]), "signer.wrong"),
        (listed(), "signer.no-key"),
        (listed(WIRE[:-1], b"", b"junk"), "signer.no-key"),
        (None, "signer.late"),
    ],
)
def test_an_agent_that_answers_wrongly_or_not_at_all_is_given_up(liar, answer, code):
    path = liar(answer)
    assert refused(lambda: open_agent("SHA256:x", path, seconds=0.2)) == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (pack(b"\x0e"), "signer.wrong"),
        (pack(b"\x0e" + pack(b"cut")[:-1]), "signer.wrong"),
        (pack(b"\x0e" + pack(pack(b"ssh-ed25519"))), "signer.wrong"),
        (pack(b"\x0e" + pack(pack(b"ssh-ed25519", bytes(64)))), "signer.wrong"),
        (pack(b"\x0e" + pack(pack(b"ssh-ed25519", KEY.sign(b"other")))), "signer.wrong"),
        (pack(b"\x05"), "signer.refused"),
    ],
)
def test_a_signature_of_an_agent_is_verified_before_use(liar, answer, code):
    name = open_agent.__globals__["PublicKey"].from_wire(WIRE).fingerprint
    path = liar(listed(WIRE), answer)
    signer = open_signer(f"ssh-agent:{name}", never, environment={"SSH_AUTH_SOCK": path})
    assert refused(lambda: signer.sign(b"x")) == code


# -- PKCS #11: SoftHSM


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    pytest.importorskip("pkcs11", reason="SKIPPED LOUDLY: no python-pkcs11 (extra pkcs11)")
    if not (Path(MODULE).exists() and shutil.which("pkcs11-tool")):
        pytest.skip("SKIPPED LOUDLY: no SoftHSM (Debian: softhsm2 opensc)")
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    config = f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n"
    (folder / "conf").write_text(config)
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    make = ["softhsm2-util", "--init-token", "--free", "--label", "ek"]
    run(*make, "--pin", PIN, "--so-pin", "5678")
    tool = ["pkcs11-tool", "--module", MODULE, "-l", "--pin", PIN, "--token-label", "ek"]
    for kind, label, number in (
        ("EC:edwards25519", "ed", "01"),
        ("EC:prime256v1", "p256", "02"),
        ("EC:secp384r1", "p384", "03"),
        ("EC:edwards25519", "twin", "04"),
        ("EC:edwards25519", "twin", "05"),
    ):
        words = ["--keypairgen", "--key-type", kind, "--label", label, "--id", number]
        run(*tool, *words)
    yield {"EVIDENCEKIT_PKCS11_PIN": PIN, "EVIDENCEKIT_PKCS11_MODULE": MODULE}
    del os.environ["SOFTHSM2_CONF"]


@pytest.mark.parametrize(("name", "algorithm"), [("ed", ED25519), ("p256", ECDSA_P256)])
def test_a_token_signs(token, name, algorithm):
    check(open_signer(f"pkcs11:token=ek;object={name}", never, environment=token), algorithm)


@pytest.mark.usefixtures("token")
def test_the_pin_is_asked_where_no_variable_holds_it():
    uri = f"pkcs11:token=ek;id=%01?module-path={MODULE}"
    check(open_signer(uri, lambda: PIN, environment={}), ED25519)


@pytest.mark.parametrize(
    ("uri", "changes", "code"),
    [
        ("pkcs11:token=ek;object=ed", {"EVIDENCEKIT_PKCS11_PIN": "wrong"}, "signer.pin"),
        ("pkcs11:token=other;object=ed", {}, "signer.key"),
        ("pkcs11:token=ek;object=none", {}, "signer.key"),
        ("pkcs11:token=ek;object=twin", {}, "signer.key"),
        ("pkcs11:token=ek;object=p384", {}, "signer.key"),
        ("pkcs11:token=ek;object=ed?module-path=/no/such.so", {}, "signer.module"),
        ("pkcs11:token=ek;object=ed?module-path=/etc/passwd", {}, "signer.module"),
    ],
)
def test_what_is_wrong_with_a_token_has_its_own_code(token, uri, changes, code):
    assert refused(lambda: open_signer(uri, never, environment=token | changes), "wrong") == code


@pytest.mark.usefixtures("token")
def test_a_token_that_does_not_answer_in_time_is_given_up():
    uri = Pkcs11Uri.from_text("pkcs11:token=ek;object=ed")
    assert refused(lambda: open_token(uri, MODULE, lambda: PIN, seconds=0)) == "signer.late"


# -- AWS KMS: the emulator ministack


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def kms(tmp_path_factory):
    boto3 = pytest.importorskip("boto3", reason="SKIPPED LOUDLY: no boto3 (extra aws)")
    command = os.environ.get("EVIDENCEKIT_TEST_MINISTACK") or shutil.which("ministack")
    if command is None:
        pytest.skip("SKIPPED LOUDLY: no ministack (pip install ministack cryptography, own venv)")
    port, folder = free_port(), tmp_path_factory.mktemp("kms")
    settings = {
        "AWS_ENDPOINT_URL_KMS": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "canary",
        "AWS_SECRET_ACCESS_KEY": "canary-secret",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    patch = pytest.MonkeyPatch()
    for name, value in settings.items():
        patch.setenv(name, value)
    server = {**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 (our words)
            [command], stdout=log, stderr=log, env=server, cwd=folder
        )
    try:
        client = boto3.client("kms")
        for _ in range(100):
            try:
                client.list_keys()
                break
            except Exception:
                time.sleep(0.2)
        yield client
    finally:
        process.terminate()
        process.wait(10)
        patch.undo()


@pytest.mark.parametrize(
    ("spec", "algorithm"), [("ECC_NIST_EDWARDS25519", ED25519), ("ECC_NIST_P256", ECDSA_P256)]
)
def test_kms_signs(kms, spec, algorithm):
    key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{algorithm}", TargetKeyId=key["KeyId"])
    for name in (key["KeyId"], key["Arn"], f"alias/{algorithm}"):
        check(open_signer(f"awskms:///{name}", never, environment={}), algorithm)


def test_what_is_wrong_with_a_kms_key_has_its_own_code(kms):
    assert refused(lambda: open_signer("awskms:///alias/none", never)) == "signer.refused"
    wide = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    assert refused(lambda: open_signer(f"awskms:///{wide}", never)) == "key.type"
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    signer = open_signer(f"awskms:///{key}", never)
    assert refused(lambda: signer.sign(bytes(4_097))) == "signer.size"


@pytest.mark.usefixtures("kms")
def test_a_kms_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    code = refused(lambda: open_signer("awskms:///x", never), "canary-secret")
    assert code == "signer.unreachable"


# -- Vault: a stub, since no server of either kind is in reach; its answers are as Vault's API
# documentation shows them (transit: read key, sign data)

P256 = ec.derive_private_key(5, ec.SECP256R1())


def b64(data):
    return base64.b64encode(data).decode()


def vault_keys():
    pem = P256.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    ed = {"name": "ed25519", "public_key": b64(KEY.public_key().public_bytes_raw())}
    return {
        "ed": {"type": "ed25519", "latest_version": 2, "keys": {"1": ed, "2": ed}},
        "p256": {
            "type": "ecdsa-p256",
            "latest_version": 1,
            "keys": {"1": {"name": "P-256", "public_key": pem.decode()}},
        },
        "rsa": {"type": "rsa-2048", "latest_version": 1, "keys": {"1": {"public_key": "x"}}},
        "derived": {"type": "ed25519", "derived": True, "latest_version": 1, "keys": {"1": ed}},
        "empty": {"type": "ed25519", "latest_version": 3, "keys": {}},
        "text": {"type": "ed25519", "latest_version": 1, "keys": {"1": {"public_key": "%"}}},
        "low": {
            "type": "ed25519",
            "latest_version": 1,
            "keys": {"1": {"public_key": b64(b"\x01" + bytes(31))}},
        },
    }


class Vault(http.server.BaseHTTPRequestHandler):
    answer = None  # what to say instead of the truth: status and body
    seen: list = []  # noqa: RUF012

    def do_GET(self):
        name = self.path.removeprefix("/v1/transit/keys/")
        self._say({"data": found} if (found := vault_keys().get(name)) else None)

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = self.path.removeprefix("/v1/transit/sign/")
        data = base64.b64decode(question["input"])
        if name == "p256":
            assert question["hash_algorithm"] == "sha2-256"
            assert question["marshaling_algorithm"] == "asn1"
            signature = P256.sign(data, ec.ECDSA(hashes.SHA256()))
        else:
            signature = KEY.sign(data)
        self._say({"data": {"signature": f"vault:v{question['key_version']}:{b64(signature)}"}})
        self.seen.append((self.path, self.headers["X-Vault-Namespace"]))

    def _say(self, document):
        if self.headers["X-Vault-Token"] != TOKEN:
            status, body = 403, b'{"errors":["permission denied"]}'
        elif document is None:
            status, body = 404, b'{"errors":[]}'
        else:
            status, body = 200, json.dumps(document).encode()
        if self.command == "POST" and self.answer is not None:
            status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


@pytest.fixture
def vault():
    Vault.answer, Vault.seen = None, []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Vault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"VAULT_ADDR": f"http://127.0.0.1:{server.server_port}", "VAULT_TOKEN": TOKEN}
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("name", "algorithm"), [("ed", ED25519), ("p256", ECDSA_P256)])
def test_a_vault_as_documented_signs(vault, name, algorithm):
    named = vault | {"VAULT_NAMESPACE": "team"}
    check(open_signer(f"vault:{name}", never, environment=named), algorithm)
    check(open_signer(f"vault:transit/{name}", never, environment=vault), algorithm)
    assert Vault.seen[0] == (f"/v1/transit/sign/{name}", "team")
    assert Vault.seen[-1] == (f"/v1/transit/sign/{name}", None)


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("none", {}, "signer.refused"),
        ("ed", {"VAULT_TOKEN": "hvs.other"}, "signer.refused"),
        ("ed", {"VAULT_TOKEN": "with space"}, "signer.token"),
        ("ed", {"VAULT_ADDR": "ftp://x"}, "signer.address"),
        ("ed", {"VAULT_ADDR": "http://127.0.0.1:1"}, "signer.unreachable"),
        ("ed", {"VAULT_CACERT": "/no/such.pem"}, "signer.ca-file"),
        ("rsa", {}, "signer.key"),
        ("derived", {}, "signer.key"),
        ("empty", {}, "signer.wrong"),
        ("text", {}, "signer.wrong"),
        ("low", {}, "key.low-order"),
    ],
)
def test_what_is_wrong_with_a_vault_has_its_own_code(vault, name, changes, code):
    secret = changes.get("VAULT_TOKEN", "with space")
    act = lambda: open_signer(f"vault:{name}", never, environment=vault | changes)  # noqa: E731
    assert refused(act, secret) == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, b"{}"), "signer.wrong"),
        ((200, b"<html>"), "signer.wrong"),
        (
            (200, b'{"data":{"signature":"vault:v1:%s"}}' % b64(KEY.sign(b"x")).encode()),
            "signer.wrong",
        ),
        ((200, b'{"data":{"signature":"vault:v2:%%"}}'), "signer.wrong"),
        ((200, b'{"data":{"signature":"vault:v2:%s"}}' % b64(bytes(64)).encode()), "signer.wrong"),
        ((200, b'{"data":{"signature":7}}'), "signer.wrong"),
        ((307, b""), "signer.refused"),
        ((503, b'{"errors":["sealed hvs.canary-token"]}'), "signer.refused"),
        ((200, b" " * (2 << 20)), "signer.too-long"),
    ],
)
def test_a_signature_of_a_vault_is_verified_before_use(vault, answer, code):
    signer = open_signer("vault:ed", never, environment=vault)
    Vault.answer = answer
    assert refused(lambda: signer.sign(b"x")) == code


# -- without the extras


@pytest.mark.parametrize(
    ("module", "reference", "extra"),
    [("boto3", "awskms:///x", "aws"), ("pkcs11", "pkcs11:object=x?module-path=/x", "pkcs11")],
)
def test_without_an_extra_it_says_what_to_install(module, reference, extra):
    program = (
        "import sys; sys.modules[sys.argv[1]] = None\n"
        "from evidencekit.edges.signers import open_signer\n"
        "from evidencekit.errors import UndecidedError\n"
        "try: open_signer(sys.argv[2], lambda: 'x', environment={})\n"
        "except UndecidedError as e: print(e.code, e.hint)\n"
    )
    words = [sys.executable, "-c", program, module, reference]
    told = run(*words, text=True).stdout
    assert told == f"signer.needs-package pip install 'evidencekit[{extra}]'\n"
