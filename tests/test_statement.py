"""Statements come back as they were written, and every other statement is refused by name."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.statement import EVIDENCE, Statement, read_statement, write_statement
from evidencekit.core.window import Window
from evidencekit.errors import RejectedError

DIGEST = "0123456789abcdef" * 4
STATEMENT = Statement(
    subjects={
        "data/export/events.json": DIGEST,
        "data/manifest.json": DIGEST[::-1],
        "tagmanifest-sha256.txt": "0" * 64,
    },
    bundle_id="evidence-production-20260416t000000z-20260423t000000z-4f2a9c1e",
    signer="SHA256:" + "A" * 43,
    window=Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z"),
    events=12_904,
    tree_root=DIGEST,
    previous=None,
    signed_at="2026-04-23T00:04:11Z",
)
GOOD = json.loads(STATEMENT.to_bytes())


def refused(document):
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(RejectedError, match=r"^statement: ") as caught:
        Statement.from_bytes(payload)
    return caught.value.code


def test_the_format_is_the_documented_one():
    assert {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "data/export/events.json", "digest": {"sha256": DIGEST}},
            {"name": "data/manifest.json", "digest": {"sha256": DIGEST[::-1]}},
            {"name": "tagmanifest-sha256.txt", "digest": {"sha256": "0" * 64}},
        ],
        "predicateType": "urn:evidencekit:evidence:v1",
        "predicate": {
            "format": "evidencekit-bundle/1",
            "bundle_id": STATEMENT.bundle_id,
            "signer": STATEMENT.signer,
            "window": {"start": "2026-04-16T00:00:00Z", "end": "2026-04-23T00:00:00Z"},
            "events": 12904,
            "tree_root": DIGEST,
            "previous": None,
            "signed_at": "2026-04-23T00:04:11Z",
        },
    } == GOOD


instants = st.integers(0, 2**61)


@given(instants, instants, st.integers(0, 2**64 - 1), st.booleans(), st.booleans())
def test_what_was_written_is_read(start, end, events, dated, csv):
    window = Window(start=min(start, end), end=max(start, end) + 1) if dated else None
    statement = replace(STATEMENT, window=window, events=events, previous=DIGEST)
    if csv:
        renamed = {
            name.replace(".json", ".csv") if "events" in name else name: digest
            for name, digest in STATEMENT.subjects.items()
        }
        statement = replace(statement, subjects=renamed)
    assert Statement.from_bytes(statement.to_bytes()) == statement


@pytest.mark.parametrize("payload", [b"", b"\xff", b"{", b"[]", b"null", b"7", b'{"a":1,"a":1}'])
def test_what_is_no_statement_is_refused(payload):
    assert refused(payload).partition(".")[0] in {"json", "statement"}


@pytest.mark.parametrize("name", ["_type", "subject", "predicateType", "predicate"])
def test_every_member_is_needed_and_no_other_is_allowed(name):
    assert refused({key: value for key, value in GOOD.items() if key != name}) == "statement.shape"
    assert refused(GOOD | {"more": 1}) == "statement.shape"


def test_types_are_compared_exactly():
    for name in ("_type", "predicateType"):
        for value in (GOOD[name] + "x", GOOD[name].upper(), "", None, [GOOD[name]]):
            assert refused(GOOD | {name: value}) == "statement.type"


@pytest.mark.parametrize(
    "value", ["evidencekit-bundle/0", "evidencekit-bundle/2", "1.0", 1, 1e0, None]
)
def test_another_format_version_has_no_weaker_path(value):
    assert (
        refused(GOOD | {"predicate": GOOD["predicate"] | {"format": value}}) == "statement.version"
    )
    assert refused(GOOD | {"predicate": {"events": 1}}) == "statement.version"
    assert refused(GOOD | {"predicate": [1]}) == "statement.shape"


def digest(**digests):
    return [{"name": "data/manifest.json", "digest": digests}, *GOOD["subject"][::2]]


@pytest.mark.parametrize(
    "subjects",
    [
        [],
        None,
        {},
        [None],
        GOOD["subject"][:2],
        [*GOOD["subject"], {"name": "data/summary.html", "digest": {"sha256": DIGEST}}],
        [*GOOD["subject"], GOOD["subject"][0]],
        [*GOOD["subject"], {"name": "data/export/events.csv", "digest": {"sha256": DIGEST}}],
        [{**subject, "more": 1} for subject in GOOD["subject"]],
        [{"digest": subject["digest"]} for subject in GOOD["subject"]],
        [{"name": 7, "digest": subject["digest"]} for subject in GOOD["subject"]],
        [
            {"name": f"../{subject['name']}", "digest": subject["digest"]}
            for subject in GOOD["subject"]
        ],
        digest(),
        digest(sha256=""),
        digest(sha256=None),
        digest(sha256=DIGEST.upper()),
        digest(sha256=DIGEST[:-1]),
        digest(sha256=DIGEST + "\n"),
        digest(md5=DIGEST[:32]),
        digest(sha256=DIGEST, sha512=DIGEST * 2),
        [{"name": f"n{n}", "digest": {"sha256": DIGEST}} for n in range(1_025)],
    ],
)
def test_subjects_are_three_names_with_one_sha256_each(subjects):
    assert refused(GOOD | {"subject": subjects}) == "statement.subject"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bundle_id", ""),
        ("bundle_id", "../x"),
        ("bundle_id", "A"),
        ("bundle_id", "a" * 201),
        ("bundle_id", None),
        ("signer", "SHA256:"),
        ("signer", "SHA256:" + "A" * 43 + "="),
        ("signer", 7),
        ("window", {}),
        ("window", {"start": "2026-04-16T00:00:00Z"}),
        ("window", {"start": "2026-04-16T00:00:00Z", "end": "2026-04-16T00:00:00Z"}),
        ("window", {"start": "2026-04-16T00:00:00+00:00", "end": "2026-04-17T00:00:00Z"}),
        ("window", {"start": "2026-04-16T00:00:00.000Z", "end": "2026-04-17T00:00:00Z"}),
        ("window", "7d"),
        ("events", -1),
        ("events", True),
        ("events", 1.5),
        ("events", "1"),
        ("tree_root", None),
        ("tree_root", DIGEST.upper()),
        ("previous", ""),
        ("previous", False),
        ("signed_at", "2026-04-23"),
        ("signed_at", "2026-04-23T02:04:11+02:00"),
        ("signed_at", None),
    ],
)
def test_every_value_of_the_predicate_is_held_to_its_kind(name, value):
    predicate = GOOD["predicate"] | {name: value}
    assert refused(GOOD | {"predicate": predicate}) == "statement.value"


@pytest.mark.parametrize("name", [name for name in GOOD["predicate"] if name != "format"])
def test_the_predicate_is_a_closed_object(name):
    predicate = {key: value for key, value in GOOD["predicate"].items() if key != name}
    assert refused(GOOD | {"predicate": predicate}) == "statement.shape"
    assert refused(GOOD | {"predicate": GOOD["predicate"] | {"more": 1}}) == "statement.shape"


def test_statements_of_another_type_use_the_same_reader_and_never_pass_for_evidence():
    payload = write_statement(
        {"tagmanifest-sha256.txt": DIGEST}, "urn:evidencekit:other:v1", {"a": 1}
    )
    subjects, predicate = read_statement(payload, "urn:evidencekit:other:v1")
    assert (subjects, predicate) == ({"tagmanifest-sha256.txt": DIGEST}, {"a": 1})
    assert refused(payload) == "statement.type"
    with pytest.raises(RejectedError):
        read_statement(STATEMENT.to_bytes(), "urn:evidencekit:other:v1")
    assert read_statement(STATEMENT.to_bytes(), EVIDENCE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.sampled_from([*GOOD, *GOOD["predicate"]]), json_values)
def test_any_value_in_any_place_is_read_or_refused_with_a_code(name, value):
    document = GOOD | {name: value}
    if name in GOOD["predicate"]:
        document = GOOD | {"predicate": GOOD["predicate"] | {name: value}}
    try:
        statement = Statement.from_bytes(json.dumps(document).encode())
    except RejectedError:
        return
    assert json.loads(statement.to_bytes()) == document
