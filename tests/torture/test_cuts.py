"""A body that ends early, at every offset; and replies from curl's own test suite."""

import http.client
import io
import json
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpora" / "http-curl"
OFFSETS = 1_000


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


def cut(torture, whole, offset, *, lasting):
    """Pull where the download's answer is cut, for ever or once; return the outcome, checked."""
    server = torture.api(
        lambda at, _request, n: (
            (whole[:offset] if lasting or n == 0 else whole) if at == "download" else None
        )
    )
    outcome = torture.pull(server.url, read=4.0, answer=5.0)  # nothing here is late
    server.close()
    torture.check(outcome)
    assert (outcome.error is not None) is lasting
    return outcome


FORMS = {
    "length": good,
    "length-and-tag": lambda body: good(body, 'ETag: "v1"'),
    "chunks": chunks,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_ends_early_for_ever_gives_no_file(torture, form):
    """NET-14, quick: some thirty offsets over the whole answer, status line and headers too."""
    whole = FORMS[form](torture.body)
    for offset in range(0, len(whole), len(whole) // 33):
        cut(torture, whole, offset, lasting=True)


@pytest.mark.slow
@pytest.mark.parametrize("lasting", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_a_body_cut_at_each_of_a_thousand_offsets(torture, form, lasting):
    """NET-14: for ever, no file; once, and tried again, the whole file."""
    whole = FORMS[form](torture.body)
    start = whole.index(b"\r\n\r\n") + 4
    assert len(whole) - start > OFFSETS
    for offset in range(start, start + OFFSETS):
        cut(torture, whole, offset, lasting=lasting)


# NET-31: what curl's authors serve to curl

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


@corpus
def test_the_corpus_is_whole():
    assert len(INDEX) == 129


@corpus
@pytest.mark.parametrize("form", ["json", pytest.param("csv", marks=pytest.mark.slow)])
@pytest.mark.parametrize("position", ["create", "status", "download"])
@pytest.mark.parametrize("part", range(4))
def test_replies_that_curl_is_tested_with(torture, form, position, part):
    """What arrives is what another client reads too, or nothing; and nothing where curl fails."""
    for case in INDEX[part::4]:
        server = torture.api(lambda *_: None)
        found, served = [*replies(case, server.url)], []

        def script(at, _request, n, found=found, served=served):
            if at != position:
                return None
            served.append(found[min(n, len(found) - 1)])
            return served[-1]

        server.script = script
        outcome = torture.pull(server.url, form=form)
        server.close()
        if outcome.error is not None or position != "download":
            torture.check(outcome)
        else:
            assert as_another_client_reads_it(served[-1]) in {outcome.data, None}, case["test"]
            assert case["curl_exit"] in {0} | ITS_OPTIONS, case["test"]
