"""Every fault that a wire, an API or a proxy is known for, by name."""

import gzip
import socket
import struct
import time
import zlib

PHASES = ("preview", "create", "status", "download")
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
JSON = b'[{"id": "evt_1"}]'
CANARY = b"X-Amz-Signature=canary-deadbeef"


def head(*lines, status=b"200 OK", body=b""):
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", body])


def sized(body, *lines, status=b"200 OK", kind=b"application/json"):
    length = b"Content-Length: %d" % len(body)
    return head(b"Content-Type: " + kind, length, *lines, status=status, body=body)


def chunked(body, *lines):
    return head(b"Content-Type: application/json", b"Transfer-Encoding: chunked", *lines, body=body)


def hang(first=b""):
    def act(connection):
        connection.sendall(first)
        time.sleep(0.7)

    return act


def drip(first, piece):
    def act(connection):
        connection.sendall(first)
        for _ in range(150):
            connection.sendall(piece)
            time.sleep(0.01)

    return act


def flood(first, piece, times=4_000):
    def act(connection):
        connection.sendall(first)
        for _ in range(times):
            connection.sendall(piece)

    return act


def rst(first=b""):
    def act(connection):
        connection.sendall(first)
        time.sleep(0.005)
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()

    return act


def bomb():
    return gzip.compress(bytes(64 << 20), 9)


WIRE = {
    "closes-at-once": b"",
    "resets-at-once": rst(),
    "resets-in-the-headers": rst(OK),
    "resets-in-the-body": rst(OK + b"Content-Length: 99\r\n\r\n["),
    "one-byte": b"H",
    "half-a-status-line": b"HTTP/1.1 20",
    "half-the-headers": OK,
    "speaks-ssh": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "speaks-smtp": b"220 mail ESMTP ready\r\n",
    "speaks-tls": b"\x15\x03\x01\x00\x02\x02\x46",
    "speaks-http-0.9": JSON,
    "speaks-http-2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64",
    "speaks-icy": b"ICY 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "speaks-nonsense": bytes(range(256)) * 4,
    "speaks-http-9": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status-is-letters": b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\n{}",
    "status-is-huge": b"HTTP/1.1 99999 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status-is-negative": b"HTTP/1.1 -200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status-is-missing": b"HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    "status-is-zero": b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\n{}",
    "escapes-in-the-reason": sized(b"{}", status=b"500 \x1b[2J\x07owned"),
}
HEADERS = {
    "header-without-colon": head(b"nonsense", b"Content-Length: 2", body=b"{}"),
    "header-with-nul": head(b"X: a\x00b", b"Content-Length: 2", body=b"{}"),
    "header-with-bare-cr": head(b"X: a\rContent-Length: 99", b"Content-Length: 2", body=b"{}"),
    "header-with-space-before-colon": head(b"Content-Length : 2", body=b"{}"),
    "header-folded": head(b"X: a", b" Content-Length: 9", b"Content-Length: 2", body=b"{}"),
    "header-without-name": head(b": x", b"Content-Length: 2", body=b"{}"),
    "header-of-200-kib": head(b"X: " + b"a" * 200_000, b"Content-Length: 2", body=b"{}"),
    "ten-thousand-headers": head(*[b"X-%d: y" % n for n in range(10_000)], body=b"{}"),
    "length-negative": head(b"Content-Length: -1", body=JSON),
    "length-in-letters": head(b"Content-Length: 1e3", body=JSON),
    "length-in-hex": head(b"Content-Length: 0x11", body=JSON),
    "length-with-plus": head(b"Content-Length: +17", body=JSON),
    "length-empty": head(b"Content-Length:", body=JSON),
    "length-a-list": head(b"Content-Length: 44, 6", body=JSON),
    "length-twice": head(b"Content-Length: 17", b"Content-Length: 5", body=JSON),
    "length-of-40-digits": head(b"Content-Length: " + b"9" * 40, body=JSON),
    "length-of-two-terabytes": head(b"Content-Length: 2199023255552", body=JSON),
    "length-and-chunks": chunked(b"11\r\n" + JSON + b"\r\n0\r\n\r\n", b"Content-Length: 17"),
    "chunked-twice": head(
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    ),
    "transfer-encoding-unknown": head(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "transfer-encoding-identity": head(b"Transfer-Encoding: identity", body=JSON),
    "two-types": sized(JSON, b"Content-Type: text/html"),
    "two-encodings": sized(JSON, b"Content-Encoding: gzip", b"Content-Encoding: br"),
}
BODIES = {
    "body-shorter-than-promised": head(b"Content-Length: 9000", body=JSON),
    "body-ends-where-the-connection-does": head(
        b"Content-Type: application/json", b"Connection: close", body=JSON[:9]
    ),
    "chunk-cut": chunked(b"400\r\n" + JSON),
    "chunks-without-end": chunked(b"11\r\n" + JSON + b"\r\n"),
    "chunk-size-not-hex": chunked(b"zz\r\n" + JSON + b"\r\n0\r\n\r\n"),
    "chunk-size-huge": chunked(b"F" * 40 + b"\r\n" + JSON),
    "chunk-size-negative": chunked(b"-11\r\n" + JSON + b"\r\n0\r\n\r\n"),
    "chunk-longer-than-said": chunked(b"5\r\n" + JSON + b"\r\n0\r\n\r\n"),
    "chunk-extension-of-100-kib": chunked(b"11;" + b"x" * 100_000 + b"\r\n" + JSON),
    "chunk-trailer-cut": chunked(b"11\r\n" + JSON + b"\r\n0\r\nX: y"),
    "gzip": sized(gzip.compress(JSON), b"Content-Encoding: gzip"),
    "gzip-cut": sized(gzip.compress(JSON)[:-6], b"Content-Encoding: gzip"),
    "gzip-twice": sized(gzip.compress(JSON) * 2, b"Content-Encoding: gzip"),
    "gzip-unannounced": sized(gzip.compress(JSON)),
    "gzip-bomb": sized(bomb(), b"Content-Encoding: gzip"),
    "deflate": sized(zlib.compress(JSON), b"Content-Encoding: deflate"),
    "brotli": sized(b"\x8b\x03\x80abc\x03", b"Content-Encoding: br"),
    "encoding-none": sized(JSON, b"Content-Encoding: none"),
    "empty": sized(b""),
    "white-space": sized(b" \r\n\t "),
    "html": sized(b"<!doctype html><title>Sign in</title>", kind=b"text/html"),
    "html-called-json": sized(b"<html>maintenance</html>"),
    "xml-error-that-echoes-the-link": sized(
        b"<Error><Code>AccessDenied</Code><Resource>/f?" + CANARY + b"</Resource></Error>",
        status=b"403 Forbidden", kind=b"application/xml",
    ),
    "error-with-status-200": sized(b'{"error": {"message": "canary-7f3a9c-token expired"}}'),
    "error-that-echoes-the-token": sized(
        b'{"error": "canary-7f3a9c-token is revoked \\u001b[2J"}', status=b"400 Bad Request"
    ),
    "json-string": sized(b'"text"'),
    "json-cut": sized(b'{"id": "job_1", "status": "comp'),
    "json-nan": sized(b"NaN"),
    "utf-16": sized('[{"id": "evt_1"}]'.encode("utf-16")),
    "nul-bytes": sized(bytes(100)),
}  # fmt: skip
REDIRECTS = {
    "redirect-without-location": sized(b"", status=b"302 Found"),
    "redirect-with-two-locations": sized(
        b"", b"Location: /a", b"Location: /b", status=b"302 Found"
    ),
    "redirect-to-itself": sized(
        b"", b"Location: /v1/exports/jobs/job_1/download", status=b"302 Found"
    ),
    "redirect-to-a-file": sized(b"", b"Location: file:///etc/passwd", status=b"302 Found"),
    "redirect-to-metadata": sized(b"", b"Location: http://169.254.169.254/", status=b"307 T"),
    "redirect-to-credentials": sized(b"", b"Location: http://u:canary@127.0.0.1/", status=b"308 P"),
    "redirect-to-nobody": sized(b"", b"Location: http://127.0.0.1:9/", status=b"303 See"),
    "redirect-with-a-space": sized(b"", b"Location: /a b?" + CANARY, status=b"301 Moved"),
    "redirect-not-usable": sized(b"", b"Location: https://[::1", status=b"302 Found"),
    "redirect-multiple-choices": sized(b"", b"Location: /a", status=b"300 Multiple"),
    "not-modified": head(status=b"304 Not Modified"),
}
STATUSES = {
    f"status-{status}": sized(b'{"error": "no"}', status=f"{status} Status".encode())
    for status in (
        *(201, 202, 203, 206, 226, 299, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411),
        *(412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 499),
        *(500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 520, 599, 600, 700, 999),
    )
} | {
    "status-204": head(status=b"204 No Content"),
    "status-205": head(b"Content-Length: 0", status=b"205 Reset Content"),
    "status-101": head(b"Upgrade: websocket", b"Connection: upgrade", status=b"101 Switching"),
    "busy-for-an-hour": sized(b"{}", b"Retry-After: 3600", status=b"503 Busy"),
    "busy-for-ever": sized(b"{}", b"Retry-After: " + b"9" * 30, status=b"429 Slow"),
    "busy-until-last-year": sized(
        b"{}", b"Retry-After: Wed, 23 Apr 2025 00:00:00 GMT", status=b"429 Slow"
    ),
    "busy-for-nonsense": sized(b"{}", b"Retry-After: -5 soon", status=b"503 Busy"),
}  # fmt: skip
SLOW = {
    "silent": hang(),
    "silent-in-the-status-line": hang(b"HTTP/1.1 2"),
    "silent-in-the-headers": hang(OK),
    "silent-in-the-body": hang(OK + b"Content-Length: 99\r\n\r\n["),
    "silent-after-continue": hang(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drips-headers": drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "drips-a-body": drip(OK + b"Content-Length: 9000\r\n\r\n[", b" "),
    "drips-chunks": drip(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n", b"1\r\n \r\n"),
    "continues-for-ever": drip(b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"),
    "headers-for-ever": flood(b"HTTP/1.1 200 OK\r\n", b"X-Pad: " + b"y" * 1_000 + b"\r\n"),
    "trailers-for-ever": flood(
        OK + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + JSON + b"\r\n0\r\n", b"X: y\r\n" * 50
    ),
    "flood-of-blanks": flood(OK + b"Content-Length: 99999999\r\n\r\n", b" " * 65_536, 200),
}
# Answers that are whole and framed as they should be: the bytes are what was sent, and whether they
# are an export is for the survey to say.
WHOLE = {"header-folded": b"{}", "json-cut": BODIES["json-cut"].partition(b"\r\n\r\n")[2]}
KINDS = WIRE | HEADERS | BODIES | REDIRECTS | STATUSES | SLOW
