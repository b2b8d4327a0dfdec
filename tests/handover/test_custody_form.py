"""The custody form: a chain as a table, in the report and on every page that show writes."""

import json
import re

import pytest

from evidencekit.core.schema import document_faults
from evidencekit.edges.container import add_members
from evidencekit.edges.trustfile import add_authority

HOSTILE = "</td><script>alert(1)</script> \x1b[2J\u202e| **x** \n# y"
COLUMNS = ("No.", "When", "Who", "Role", "What", "To whom", "Purpose and note", "Proven time")


@pytest.fixture
def handed_over(make, call, tsa, trust, people):
    """Return a bundle with four records: the third is stamped, and a note is hostile."""
    bundle = make()
    add_authority(trust, "TSA", tsa.folder / "chain.pem")
    auditor, counsel = (people.signers[who].public_key for who in ("auditor", "counsel"))
    steps = (
        ("release", "--to", auditor.fingerprint, "--note", "sealed bag 7", "preparer"),
        ("receive", "--outcome", "accepted", "--purpose", "audit", "--role", "auditor", "auditor"),
        ("release", "--to", counsel.fingerprint, "--timestamp-url", tsa.url, "auditor"),
        ("receive", "--outcome", "insufficient", "--note", HOSTILE, "counsel"),
    )
    for verb, option, value, *more, who in steps:
        code, _, err = call(verb, bundle, option, value, "--actor", f"{who}'s hand", *more, key=who)
        assert code == 0, err
    return bundle


def custody(call, bundle, *words):
    code, out, _ = call("verify", bundle, "--format", "json", *words)
    report = json.loads(out)
    assert document_faults("report.v1.schema.json", report) == ()
    return code, report["subject"].get("custody")


def test_the_report_holds_the_chain(handed_over, call, people):
    code, rows = custody(call, handed_over)
    assert code == 0
    assert [row["action"] for row in rows] == ["released", "accepted", "released", "insufficient"]
    assert [row["by"]["name"] for row in rows] == ["preparer", "auditor", "auditor", "counsel"]
    assert rows[0]["to"] == {
        "fingerprint": people.auditor.public_key.fingerprint,
        "name": "auditor",
    }
    assert [row["proven_at"] is not None for row in rows] == [False, False, True, False]
    stamped = rows[2]["proven_at"]
    assert [row["existed_by"] for row in rows] == [stamped, stamped, stamped, None]
    assert (rows[3]["note"], rows[1]["verdict"]) == (HOSTILE, "accepted")


@pytest.mark.parametrize("fmt", ["text", "html", "markdown"])
def test_every_page_shows_every_hand_over(handed_over, call, people, fmt):
    code, page, err = call("show", handed_over, "--format", fmt)
    assert code == 0, err
    plain = page if fmt != "text" else re.sub(r"\s+", " ", page)
    shown = plain.replace("&#39;", "'").replace("\\", "")
    assert "hand-overs" in shown.lower()
    for column in COLUMNS:
        assert column in shown
    for who in ("auditor", "counsel"):
        assert f"{who}'s hand" in shown
    for word in ("sealed bag 7", "insufficient", "released", people.counsel.public_key.fingerprint):
        assert word in shown
    assert "4 hand-overs recorded, listed below" in shown


@pytest.mark.parametrize("fmt", ["text", "html", "markdown"])
def test_hostile_words_are_made_visible(handed_over, call, fmt):
    _, page, _ = call("show", handed_over, "--format", fmt)
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert fmt == "text" or "<script>" not in page
    assert "x1b" in page
    assert "\n# y" not in page
    if fmt == "markdown":
        assert "**x**" not in page


def test_the_page_inside_stays_and_another_bundle_has_no_form(handed_over, call, make):
    code, rows = custody(call, make("plain"))
    assert (code, rows) == (0, None)
    _, page, _ = call("show", make("plain2"), "--format", "markdown")
    assert "Purpose and note" not in page
    assert "0 hand-overs recorded" in page.replace("\\", "")
    checks = json.loads(call("verify", handed_over, "--format", "json")[1])["checks"]
    assert {c["name"]: c["outcome"] for c in checks}["summary"] == "pass"


def test_a_receipt_that_came_back_is_in_the_form(make, call, tmp_path):
    bundle, receipt = make(), tmp_path / "receipt.sigstore.json"
    assert call("receive", bundle, "--outcome", "accepted", "-o", receipt, key="auditor")[0] == 0
    assert custody(call, bundle)[1] is None
    code, rows = custody(call, bundle, "--receipt", receipt)
    assert (code, [row["action"] for row in rows]) == (0, ["accepted"])


def test_a_broken_chain_is_not_in_the_report(make, call):
    bundle = make()
    call("receive", bundle, "--outcome", "accepted", key="auditor")
    record = bundle.with_name("record.sigstore.json")
    assert (
        call("receive", make("twin"), "--outcome", "rejected", "-o", record, key="auditor")[0] == 0
    )
    add_members(bundle, {"custody/0002.sigstore.json": record.read_bytes()})  # no command does it
    code, rows = custody(call, bundle)
    assert (code, rows) == (1, None)
    assert call("show", bundle)[0] == 1
