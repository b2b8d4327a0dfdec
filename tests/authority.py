"""A real time-stamp authority on loopback: ``openssl ts`` behind HTTP."""

import http.server
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PEM = serialization.Encoding.PEM


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
    """``openssl ts`` behind HTTP; ``lie`` is called with a good answer and says what to send.

    Its certificates are valid in ``days`` counted from now.
    """

    def __init__(self, folder, *, days=(-1, 1)):
        self.folder, self.lie, self.asked = folder, None, 0
        now = datetime.now(UTC)
        span = tuple(now + timedelta(days=day) for day in days)
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
