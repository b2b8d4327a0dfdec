"""Certificates that are wrong in one way each, from an authority of our own (NET-11, NET-13)."""

import datetime
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import trustme

from evidencekit.core.jobs import ExportRequest, Job
from evidencekit.edges.pull import pull
from evidencekit.errors import UndecidedError

REQUEST = ExportRequest(format="json", window="24h")
BODY = b'[{"id": "evt_1"}]'
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, self.headers["Authorization"]))
        status, headers, body = self.server.answers.get(self.path.partition("?")[0], (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_args):
        pass


class Server(HTTPServer):
    def handle_error(self, *_args):
        pass


ANSWERS = {
    "/v1/exports/preview": (200, {}, b'{"events": 1}'),
    "/v1/exports/jobs": (201, {}, b'{"id": "j"}'),
    "/v1/exports/jobs/j": (200, {}, b'{"id": "j", "status": "completed"}'),
    "/v1/exports/jobs/j/download": (200, {"Content-Type": "application/json"}, BODY),
}


@pytest.fixture(scope="module")
def ca():
    return trustme.CA()


@pytest.fixture
def trusted(ca, tmp_path):
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def serve():
    servers = []

    def start(certificate=None, *, version=None, ciphers=None):
        server = Server(("127.0.0.1", 0), Handler)
        server.seen, server.answers = [], dict(ANSWERS)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            if ciphers:
                context.set_ciphers(ciphers)
            if version:
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = version
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_pull_over_tls_from_an_authority_of_our_own(tmp_path, ca, trusted, serve, connect):
    server = serve(ca.issue_cert("127.0.0.1"))
    api = connect(f"https://127.0.0.1:{server.server_port}", ca_file=trusted)
    pulled = pull(api, REQUEST, tmp_path / "e.json")
    assert (tmp_path / "e.json").read_bytes() == BODY
    assert pulled.query.api_url == f"https://127.0.0.1:{server.server_port}"


def wrong_name(ca):
    return ca.issue_cert("127.0.0.2")


def name_without_address(ca):
    return ca.issue_cert("localhost")


def only_a_common_name(ca):
    return ca.issue_cert("other.example", common_name="127.0.0.1")


def expired(ca):
    return ca.issue_cert("127.0.0.1", not_before=NOW - 9 * DAY, not_after=NOW - DAY)


def not_yet_valid(ca):
    return ca.issue_cert("127.0.0.1", not_before=NOW + DAY, not_after=NOW + 9 * DAY)


def unknown_authority(_ca):
    return trustme.CA().issue_cert("127.0.0.1")


def authority_of_the_same_name(ca):
    """One that calls itself what ours does, with another key."""
    del ca
    return trustme.CA(organization_name="trustme").issue_cert("127.0.0.1")


@pytest.mark.parametrize(
    "fault",
    [
        wrong_name,
        name_without_address,
        only_a_common_name,
        expired,
        not_yet_valid,
        unknown_authority,
        authority_of_the_same_name,
    ],
)
def test_a_certificate_that_is_wrong_ends_it_before_the_token_is_sent(
    tmp_path, ca, trusted, serve, connect, fault
):
    """NET-13."""
    server = serve(fault(ca))
    api = connect(f"https://127.0.0.1:{server.server_port}", ca_file=trusted)
    with pytest.raises(UndecidedError) as caught:
        pull(api, REQUEST, tmp_path / "e.json")
    assert caught.value.code == "api.tls"
    assert "certificate is not trusted" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert server.seen == []
    assert not (tmp_path / "e.json").exists()


def test_an_intermediate_authority_that_is_sent_along_is_followed(ca, trusted, serve, connect):
    server = serve(ca.create_child_ca().issue_cert("127.0.0.1"))
    api = connect(f"https://127.0.0.1:{server.server_port}", ca_file=trusted)
    assert api.preview(REQUEST) == {"events": 1}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_old_tls_is_refused(ca, trusted, serve, connect):
    """NET-13: TLS 1.1, which the server could speak."""
    server = serve(
        ca.issue_cert("127.0.0.1"), version=ssl.TLSVersion.TLSv1_1, ciphers="ALL:@SECLEVEL=0"
    )
    api = connect(f"https://127.0.0.1:{server.server_port}", ca_file=trusted)
    with pytest.raises(UndecidedError) as caught:
        api.preview(REQUEST)
    assert caught.value.code == "api.tls"
    assert server.seen == []


def test_an_api_that_speaks_no_tls_is_named(serve, connect):
    server = serve()
    with pytest.raises(UndecidedError) as caught:
        connect(f"https://127.0.0.1:{server.server_port}").preview(REQUEST)
    assert caught.value.code == "api.tls"
    assert server.seen == []


def test_a_redirect_from_https_to_http_is_refused(tmp_path, ca, trusted, serve, connect):
    """NET-11: the storage would be reached in the clear."""
    plain = serve()
    server = serve(ca.issue_cert("127.0.0.1"))
    place = f"http://127.0.0.1:{plain.server_port}/f"
    server.answers["/v1/exports/jobs/j/download"] = (302, {"Location": place}, b"")
    api = connect(f"https://127.0.0.1:{server.server_port}", ca_file=trusted)
    with pytest.raises(UndecidedError) as caught:
        pull(api, REQUEST, tmp_path / "e.json")
    assert caught.value.code == "api.redirect"
    assert "from https to http" in str(caught.value)
    assert plain.seen == []


def test_storage_with_a_wrong_certificate_is_not_asked(tmp_path, ca, trusted, serve, connect):
    storage = serve(unknown_authority(ca))
    server = serve(ca.issue_cert("127.0.0.1"))
    place = f"https://127.0.0.1:{storage.server_port}/f?X-Amz-Signature=deadbeefcafe"
    server.answers["/v1/exports/jobs/j/download"] = (302, {"Location": place}, b"")
    api = connect(f"https://127.0.0.1:{server.server_port}", ca_file=trusted)
    with pytest.raises(UndecidedError) as caught:
        pull(api, REQUEST, tmp_path / "e.json", job=Job(id="j"))
    assert caught.value.code == "api.tls"
    assert "deadbeef" not in str(caught.value)
    assert storage.seen == []


def test_nothing_switches_the_checking_off(connect, monkeypatch):
    for name in ("PYTHONHTTPSVERIFY", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, "0" if name.startswith("PYTHON") else "/dev/null")
    context = connect("https://api.example.com").http.tls
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
