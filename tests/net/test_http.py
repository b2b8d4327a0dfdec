"""TLS as a browser would judge it, and no way to switch it off."""

import datetime
import ipaddress
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from evidencekit.core.jobs import ExportRequest
from evidencekit.errors import UndecidedError

REQUEST = ExportRequest(format="json", window="24h")


def certificate(folder, *, address="127.0.0.1", days=1, subject="stand-in"):
    """Write a self-signed certificate and its key; return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - datetime.timedelta(days=30))
        .not_valid_after(end)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    return paths


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append(self.headers["Authorization"])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args):
        pass


class TlsServer(HTTPServer):
    def handle_error(self, *_args):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(cert, key):
        server = TlsServer(("127.0.0.1", 0), Handler)
        server.seen = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_our_own_authority_is_trusted_where_it_is_named(tmp_path, serve, connect):
    cert, key = certificate(tmp_path)
    server = serve(cert, key)
    api = connect(f"https://127.0.0.1:{server.server_port}", ca_file=cert)
    assert api.preview(REQUEST) == {}
    assert server.seen == ["Bearer canary-7f3a9c-token"]


@pytest.mark.parametrize(
    ("faulty", "ours", "why"),
    [
        ({}, False, "self-signed"),
        ({"address": "127.0.0.2"}, True, "mismatch"),
        ({"days": -1}, True, "expired"),
    ],
)
def test_a_certificate_that_is_not_right_ends_it_before_the_token_is_sent(
    tmp_path, serve, connect, faulty, ours, why
):
    """NET-13: unknown authority, wrong name, expired."""
    cert, key = certificate(tmp_path, **faulty)
    server = serve(cert, key)
    options = {"ca_file": cert} if ours else {}
    api = connect(f"https://127.0.0.1:{server.server_port}", **options)
    with pytest.raises(UndecidedError) as caught:
        api.preview(REQUEST)
    assert caught.value.code == "api.tls"
    assert why in str(caught.value)
    assert server.seen == []
