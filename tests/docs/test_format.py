"""A second reader that follows docs/format.md: it finds what the manifest of the sample says.

It shares no code with the package: json, csv, hashlib and a public key are enough.
"""

import base64
import csv
import hashlib
import io
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SAMPLES = Path(__file__).parents[2] / "samples"
BUNDLE = SAMPLES / "bundle"
MANIFEST = json.loads((BUNDLE / "data/manifest.json").read_text("utf-8"))
FACTS = MANIFEST["facts"]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def records():
    """Return the records of the array, byte for byte (section 7)."""
    text, decoder = (BUNDLE / "data/export/events.json").read_text("utf-8"), json.JSONDecoder()
    found, at = [], text.index("{")
    while at >= 0:
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end].encode())
        at = text.find("{", end)
    return found


EVENTS = [json.loads(record) for record in records()]


def tree(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def ordered(values):
    counts = Counter(value for value in values if value)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


@pytest.mark.parametrize("name", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_every_line_of_a_list_is_the_digest_of_its_file(name):
    lines = (BUNDLE / name).read_text("ascii").splitlines()
    assert lines == sorted(lines, key=lambda line: line[66:])
    for line in lines:
        assert sha256((BUNDLE / line[66:]).read_bytes()) == line[:64]


def test_the_envelope_and_the_raw_signature_verify_and_name_the_root():
    key = load_pem_public_key((SAMPLES / "signer.pem").read_bytes())
    root = (BUNDLE / "tagmanifest-sha256.txt").read_bytes()
    (path,) = (BUNDLE / "signatures").glob("*.sigstore.json")
    envelope = json.loads(path.read_text("ascii"))["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    covered = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), covered)
    key.verify(path.with_name(f"{path.name[:16]}.sig").read_bytes(), root)
    statement = json.loads(payload)
    digests = {entry["name"]: entry["digest"]["sha256"] for entry in statement["subject"]}
    assert digests["tagmanifest-sha256.txt"] == sha256(root)
    assert all(sha256((BUNDLE / name).read_bytes()) == digest for name, digest in digests.items())
    assert statement["predicate"]["tree_root"] == FACTS["tree_root"]


def test_the_event_tree_is_the_one_that_is_claimed():
    leaves = [hashlib.sha256(b"\0" + record).digest() for record in records()]
    assert tree(leaves).hex() == FACTS["tree_root"]


def test_counts_and_times_are_those_that_are_claimed():
    assert len(EVENTS) == FACTS["events"]
    times = sorted(event["timestamp"] for event in EVENTS)
    assert (times[0], times[-1]) == (FACTS["first"], FACTS["last"])
    for fact, member in {
        "verdicts": "verdict",
        "config_versions": "config_version",
        "environments": "environment",
        "reason_codes": "reason_code",
        "models": "model",
        "gateways": "gateway_id",
    }.items():
        assert list(FACTS[fact].items()) == ordered(event.get(member) for event in EVENTS), fact
    assert FACTS["duplicate_ids"] == len(EVENTS) - len({event["id"] for event in EVENTS})


def test_the_timeline_is_the_one_that_is_claimed():
    line = FACTS["timeline"]
    width = line["bucket_seconds"]
    start = datetime.fromisoformat(line["start"]).timestamp() // width
    counts = {verdict: [0] * len(row) for verdict, row in line["counts"].items()}
    for event in EVENTS:
        at = datetime.fromisoformat(event["timestamp"]).timestamp() // width
        counts[event["verdict"]][int(at - start)] += 1
    assert counts == line["counts"]


def test_named_events_carry_the_named_ids():
    named = {*FACTS["request_ids"], *FACTS["escalation_ids"]}
    carrying = [
        at
        for at, event in enumerate(EVENTS)
        if {event.get("request_id"), event.get("escalation_id")} & named
    ]
    assert [event["position"] for event in FACTS["named_events"]] == carrying


def test_the_csv_sample_holds_the_same_events():
    rows = list(
        csv.DictReader(io.StringIO((SAMPLES / "export.csv").read_text("utf-8"), newline=""))
    )
    assert [row["id"] for row in rows] == [event["id"] for event in EVENTS]
    assert [row["verdict"] for row in rows] == [event["verdict"] for event in EVENTS]
