"""A real bundle, the keys of those who handle it, and a time-stamp authority on loopback."""

import http.server
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from evidencekit.cli import run
from evidencekit.collector import collect
from evidencekit.core.instant import parse_instant
from evidencekit.core.manifest import Context
from evidencekit.core.trusted import TrustedSigner
from evidencekit.core.window import Window
from evidencekit.edges.keys import load_signer, new_key
from evidencekit.edges.trustfile import add_signer
from evidencekit.standin.events import events, to_json
from evidencekit.validation import Obtained, Plan

START, END = "2026-04-16T00:00:00Z", "2026-04-17T00:00:00Z"
PEM = serialization.Encoding.PEM


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """Return a folder of keys, and the signer of each: one of the four uses ECDSA P-256."""
    folder = tmp_path_factory.mktemp("people")
    algorithms = {"preparer": "ed25519", "auditor": "ed25519", "counsel": "ecdsa-p256"}
    signers = {}
    for name, algorithm in {**algorithms, "stranger": "ed25519"}.items():
        new_key(folder / f"{name}.pem", None, algorithm=algorithm)
        signers[name] = load_signer(folder / f"{name}.pem")
    return SimpleNamespace(folder=folder, signers=signers, **signers)


@pytest.fixture(scope="session")
def export(tmp_path_factory):
    window = Window.from_times(START, END)
    path = tmp_path_factory.mktemp("export") / "events.json"
    made = to_json(events(window, per_day=48), shape="array", job_id="job_1", window=window)
    path.write_bytes(made)
    return path


def _certificate(name, key, issuer=None, *, span):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(span[0])
        .not_valid_after(span[1])
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


class Authority:
    """``openssl ts`` behind HTTP; ``lie`` is called with a good answer and says what to send."""

    def __init__(self, folder):
        self.folder, self.lie, self.asked = folder, None, 0
        now = datetime.now(UTC)
        span = now - timedelta(days=1), now + timedelta(days=1)
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root = _certificate("Root", root_key, span=span)
        own = _certificate("TSA", key, (root, root_key), span=span)
        chain = own.public_bytes(PEM) + root.public_bytes(PEM)
        (folder / "chain.pem").write_bytes(chain)
        (folder / "root.pem").write_bytes(root.public_bytes(PEM))
        (folder / "tsa.pem").write_bytes(own.public_bytes(PEM))
        pkcs8, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (folder / "tsa.key").write_bytes(key.private_bytes(PEM, pkcs8, none))
        (folder / "serial").write_text("01")
        (folder / "tsa.cnf").write_text(
            "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_cert = tsa.pem\n"
            "signer_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\n"
            "digests = sha256\ness_cert_id_alg = sha256\n"
        )
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def openssl(self, *words):
        command = [shutil.which("openssl"), "ts", *map(str, words)]
        return subprocess.run(  # noqa: S603 (our words)
            command, cwd=self.folder, check=True, capture_output=True
        )

    def answer(self, query):
        self.asked += 1
        (self.folder / "q").write_bytes(query)
        self.openssl("-reply", "-config", "tsa.cnf", "-queryfile", "q", "-out", "r")
        return (self.folder / "r").read_bytes()

    def _handler(self):
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                status, kind = 200, "application/timestamp-reply"
                body = authority.answer(query)
                if authority.lie is not None:
                    status, kind, body = authority.lie(body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words):
                pass

        return Handler


@pytest.fixture
def tsa(tmp_path):
    folder = tmp_path / "tsa"
    folder.mkdir()
    authority = Authority(folder)
    yield authority
    authority.close()


@pytest.fixture
def at():
    return parse_instant("2026-04-18T12:00:00Z")


@pytest.fixture
def make(tmp_path, people, export, at):
    def make(name="bundle.zip", *, signer=None, purpose=None):
        obtained = Obtained(path=export, format="json", received_as="events.json")
        plan = Plan(context=Context(environment="production", purpose=purpose))
        signer = signer or people.preparer
        return collect(obtained, plan, signer=signer, output=tmp_path / name, now=at).path

    return make


@pytest.fixture
def trust(tmp_path, people):
    path = tmp_path / "trust.toml"
    for name, signer in people.signers.items():
        if name != "stranger":
            add_signer(path, TrustedSigner(name=name, key=signer.public_key, roles=(name,)))
    return path


@pytest.fixture
def call(capsys, monkeypatch, people, trust):
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
    monkeypatch.setenv("EVIDENCEKIT_TRUST", str(trust))

    def call(*words, key=None):
        named = () if key is None else ("--key", people.folder / f"{key}.pem")
        code = run([str(word) for word in (*words, *named)])
        out, err = capsys.readouterr()
        return code, out, err

    return call
