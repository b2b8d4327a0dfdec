import json

import pytest

from evidencekit.core.manifest import Claim
from evidencekit.core.query import Query
from evidencekit.core.receipt import Receipt, ReceivedFile
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError

QUERY = {
    "api_url": "https://api.example.com",
    "request": {"format": "json", "time_window": "7d"},
    "job_id": "job_abc123",
    "created_at": "2026-04-23T00:00:00Z",
    "completed_at": "2026-04-23T00:04:00Z",
    "downloaded_at": "2026-04-23T00:04:02.500Z",
    "preview": None,
    "served_by": "https://bucket.s3.example/exports/job_abc123.json",
    "response": {
        "status": 200,
        "content_type": None,
        "content_length": None,
        "etag": None,
        "date": None,
    },
    "clock": {"offset_seconds": None},
    "transformations": [],
}
RECEIPT = Receipt(
    tool_version="0.1.0",
    window=Claim(
        requested="7d",
        window=Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z"),
        basis="relative to the server's Date header when the job was created",
    ),
    query=Query.from_json(QUERY),
    export=ReceivedFile(file="export.json", format="json", size=17, sha256="0" * 64),
)


def changed(**parts) -> bytes:
    return json.dumps(RECEIPT.to_json() | parts).encode()


def test_a_receipt_reads_back_as_it_was_written():
    """Reading validates against schemas/receipt.v1.schema.json."""
    assert Receipt.from_bytes(RECEIPT.to_bytes()) == RECEIPT
    assert RECEIPT.to_bytes() == RECEIPT.to_bytes()


@pytest.mark.parametrize(
    "parts",
    [
        {"format": "evidencekit-receipt/2"},
        {"further": 1},
        {"export": {}},
        {"query": None},
        {"query": QUERY | {"served_by": "https://host/a?X-Amz-Signature=secret"}},
        {"query": QUERY | {"transformations": ["sorted"]}},
        {"query": QUERY | {"downloaded_at": "2026-13-23T00:04:02Z"}},
        {
            "window": {
                "requested": "7d",
                "start": "2026-04-23T00:00:00Z",
                "end": "2026-04-16T00:00:00Z",
                "basis": "",
            }
        },
    ],
)
def test_a_receipt_of_another_form_is_rejected(parts):
    with pytest.raises(RejectedError) as caught:
        Receipt.from_bytes(changed(**parts))
    assert caught.value.code in {"receipt.schema", "receipt.value"}


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"null", b'"x"'])
def test_what_is_no_receipt_is_rejected(data):
    with pytest.raises(RejectedError):
        Receipt.from_bytes(data)


@pytest.mark.parametrize(("length", "fits"), [(17, True), (None, True), (16, False), (0, False)])
def test_the_answer_had_the_length_of_the_export(length, fits):
    query = QUERY | {"response": QUERY["response"] | {"content_length": length}}
    if fits:
        assert Receipt.from_bytes(changed(query=query)).query.response.content_length == length
        return
    with pytest.raises(RejectedError) as caught:
        Receipt.from_bytes(changed(query=query))
    assert caught.value.code == "receipt.value"
    assert "17 bytes" in str(caught.value)
