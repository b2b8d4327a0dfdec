"""Credentials and redirects: what the API's own origin may see, nobody else may (NET-01..08)."""

import socket

import pytest

CANARY = "canary"


def can_serve(host):
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, 0), family=family).close()
    except OSError:
        return False
    return True


# How the Location names the other server; {port} is its port, {api} that of the API.
TARGETS = {
    "another-port": "http://127.0.0.1:{port}/f",
    "another-name": "http://localhost:{port}/f",
    "another-address": "http://127.0.0.2:{port}/f",
    "another-version": "http://[::1]:{port}/f",
    "wrapped-address": "http://[::ffff:127.0.0.1]:{port}/f",
    "without-scheme": "//127.0.0.1:{port}/f",
    "upper-case": "HTTP://LOCALHOST:{port}/f",
    "trailing-dot": "http://localhost.:{port}/f",
    "same-port-other-name": "http://localhost:{api}/elsewhere",
    "user-info": "http://canary-user:canary-pass@127.0.0.1:{port}/f",
    "with-fragment": "http://127.0.0.1:{port}/f?x=1#canary-fragment",
    "there-and-back": "http://127.0.0.1:{port}/back",
}
REFUSED = frozenset({"user-info", "wrapped-address", "trailing-dot"})
FOLLOWED = frozenset(
    {"another-port", "another-address", "without-scheme", "with-fragment", "there-and-back"}
)  # the others depend on how this machine resolves localhost
CARRIERS = ("bearer", "cookie", "netrc", "proxy", "referer", "challenge")


@pytest.fixture
def carriers(monkeypatch, tmp_path):
    """Put credentials wherever a client might find them, and return what the API says with them."""

    def arm(carrier, ports):
        names = ("127.0.0.1", "127.0.0.2", "localhost", "::1")
        if carrier == "netrc":
            lines = [f"machine {name} login canary password canary-netrc" for name in names]
            (tmp_path / ".netrc").write_text("\n".join(lines))
            monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
            monkeypatch.setenv("HOME", str(tmp_path))
        if carrier == "proxy":
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, f"http://canary:canary-proxy@127.0.0.1:{ports[0]}")
        return {
            "cookie": "Set-Cookie: session=canary-cookie; Domain=127.0.0.1; Path=/",
            "challenge": 'WWW-Authenticate: Basic realm="canary"',
            "referer": "Referrer-Policy: unsafe-url",
        }.get(carrier, "X-Nothing: at all")

    return arm


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("status", [302, pytest.param(307, marks=pytest.mark.slow)])
def test_no_credential_goes_with_a_redirect(torture, carriers, target, carrier, status):
    """12 targets, 6 carriers: the other server sees none, the API only before it redirects."""
    text = TARGETS[target]
    host = {"another-address": "127.0.0.2", "another-version": "::1"}.get(target, "127.0.0.1")
    if not can_serve(host):
        pytest.skip(f"SKIPPED: this machine has no {host}")
    back = target == "there-and-back"

    def store(_at, request, _n):
        if b"/back" in request.partition(b"\r\n")[0]:
            home = f"Location: {api.url}/home".encode()
            return b"HTTP/1.1 302 Go\r\nContent-Length: 0\r\n" + home + b"\r\n\r\n"
        return None  # the export

    def script(at, request, _n):
        line = request.partition(b"\r\n")[0]
        if at != "download" or b"/home" in line or b"/elsewhere" in line:
            return None
        place = text.format(port=other.port, api=api.port)
        lines = [f"HTTP/1.1 {status} Go", f"Location: {place}", said, "Content-Length: 0"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    other = torture.api(store, host=host)
    api = torture.api(script)
    said = carriers(carrier, (other.port,))
    outcome = torture.pull(api.url, read=4.0, answer=5.0)  # nothing here is late
    torture.check(outcome)
    if target in REFUSED:
        assert outcome.error.code == "api.redirect"
    elif target in FOLLOWED:
        assert outcome.error is None
    seen = [request for _, request in other.seen]
    assert back or all(b"Referer" not in request for request in seen)
    assert not [request for request in seen if CANARY.encode() in request]
    away = [r for _, r in api.seen if b"/home" in r or b"/elsewhere" in r]
    assert not [request for request in away if CANARY.encode() in request]
    first = [r for _, r in api.seen if b"/download" in r.partition(b"\r\n")[0]]
    assert all(r.count(b"canary") == 1 for r in first), "the token, once, and nothing else"
