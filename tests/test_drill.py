"""A drill tampers with copies in every way, and says which verifier notices."""

import json
from pathlib import Path

import pytest
from forge.bench import read_folder

from evidencekit.cli import run
from evidencekit.core.tamperings import TAMPERINGS
from evidencekit.drill import OURS, WHOLE, drill
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError

BUNDLES = Path(__file__).parent / "bundles"
GOOD, KEY = BUNDLES / "good/json-array", BUNDLES / "keys/preparer.pub"
AT = 1_780_000_000_000_000_000
# What may be absent, and is told: nobody's signature covers that there are companions.
DROPPED = {"raw signature dropped": ("sig",), "SSH signature dropped": ("sshsig",)}


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """No other verifier is on this machine."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", ["json-array", "json-array.zip", "csv", "co-signed", "ecdsa"])
def test_ours_notices_every_tampering_and_lets_the_whole_bundle_pass(name):
    keys = [BUNDLES / f"keys/{key}.pub" for key in ("preparer", "co-signer", "ecdsa")]
    rows = drill(BUNDLES / "good" / name, trust=Trust.from_keys(keys), at=AT)
    assert (rows[0].tampering, rows[0].noticed[OURS], rows[0].code) == (WHOLE, False, None)
    absent = {row.tampering: row.absent for row in rows[1:] if not row.noticed[OURS]}
    assert absent == DROPPED
    assert all(row.is_told for row in rows[1:])
    assert len(rows) == len(TAMPERINGS) + 2


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("kind", ["sig", "sshsig"])
def test_what_a_bundle_does_not_have_is_not_tampered_with(kind):
    rows = drill(BUNDLES / f"good/without-{kind}", trust=Trust.from_keys([KEY]), at=AT)
    assert len(rows) == len(TAMPERINGS)
    assert rows[0].absent == (kind,)
    assert all(row.is_told for row in rows[1:])


@pytest.mark.usefixtures("alone")
def test_the_bundle_itself_is_not_touched(tmp_path):
    before = read_folder(GOOD)
    drill(GOOD, trust=Trust.from_keys([KEY]), at=AT)
    assert read_folder(GOOD) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("alone")
def test_a_bundle_that_is_not_accepted_is_no_bundle_to_drill_with():
    with pytest.raises(EvidenceError) as caught:
        drill(BUNDLES / "bad/page-html-figure", trust=Trust.from_keys([KEY]), at=AT)
    assert caught.value.code == "verify.not-accepted"


def test_the_table_has_a_column_for_each_tool(tmp_path, monkeypatch, capsys):
    tool = tmp_path / "sha256sum"
    tool.write_text("#!/bin/sh\nexit 0\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["drill", str(GOOD), "--key", str(KEY), "--at", "2026-06-01T00:00:00Z"]
    assert run(words) == 0
    told = capsys.readouterr().out
    assert "┌ sha256sum" in told
    told_of = f"evidencekit notices {len(TAMPERINGS) - 1} of {len(TAMPERINGS) + 1}"
    assert f"{told_of}, and says of 2 what is absent" in told
    assert f"sha256sum notices 0 of {len(TAMPERINGS) + 1}" in told
    assert run([*words, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert all((row["noticed"]["evidencekit"] and row["code"]) or row["absent"] for row in rows[1:])


def test_a_drill_needs_somebody_to_trust(capsys):
    assert run(["drill", str(GOOD)]) == 2
    capsys.readouterr()
