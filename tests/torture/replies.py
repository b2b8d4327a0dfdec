"""Good answers in every framing, and the replies that curl's authors serve to curl."""

import http.client
import io
import json
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpora" / "http-curl"


def good(body, *headers):
    lines = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n" + body


def chunks(body, size=100):
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return head + framed + b"0\r\n\r\n"


FORMS = {
    "length": good,
    "length-and-tag": lambda body: good(body, 'ETag: "v1"'),
    "chunks": chunks,
}

INDEX = json.loads((CORPUS / "index.json").read_bytes()) if CORPUS.is_dir() else []
# What curl ends with because of its own options, not because of the reply: ranges, a size limit.
ITS_OPTIONS = frozenset({33, 63})
corpus = pytest.mark.skipif(not INDEX, reason="SKIPPED: the corpus of curl's replies is not here")


class Bytes:
    """A socket that has received it all."""

    def __init__(self, data):
        self.data = data

    def makefile(self, *_args):
        return io.BytesIO(self.data)


def as_another_client_reads_it(reply):
    """Return the body by the standard library's reading of the framing, None where it has none."""
    answer = http.client.HTTPResponse(Bytes(reply))
    try:
        answer.begin()
        return answer.read()
    except (http.client.HTTPException, ValueError, OSError):
        return None


def replies(case, url):
    host = url.removeprefix("http://")
    name, _, port = host.partition(":")
    for file in case["responses"]:
        data = (CORPUS / file).read_bytes()
        yield data.replace(b"{{HOST}}", name.encode()).replace(b"{{PORT}}", port.encode())
