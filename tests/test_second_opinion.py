"""What other people's verifiers say is shown beside ours, and what was verified is written out."""

import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evidencekit.cli import run
from evidencekit.core.instant import parse_instant
from evidencekit.core.schema import document_faults
from evidencekit.cross import cross
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError
from evidencekit.extraction import extract
from evidencekit.verifier import verify

BUNDLES = Path(__file__).parent / "bundles"
GOOD, BAD = BUNDLES / "good/json-array.zip", BUNDLES / "bad/page-html-figure"
KEY = BUNDLES / "keys/preparer.pub"
AT = parse_instant("2026-06-01T00:00:00Z")


def verified(bundle):
    return verify(bundle, trust=Trust.from_keys([KEY]), at=AT, jobs=1)


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Return a function that puts a made-up verifier on the path, where there is no other."""
    place = tmp_path / "tools"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))

    def put(name, script):
        path = place / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        path.chmod(0o755)

    return put


def asked(verification):
    check = next(check for check in verification.report.checks if check.name == "cross")
    return verification.report.exit_code, [fault.code for fault in check.faults], check.message


def test_real_tools_agree_on_a_good_bundle():
    if not shutil.which("sha256sum") or not shutil.which("openssl"):
        pytest.skip("neither sha256sum nor openssl is here")
    code, faults, message = asked(cross(GOOD, verified(GOOD)))
    assert (code, faults) == (0, [])
    assert "sha256sum" in message
    assert "openssl" in message


def test_one_that_refuses_what_we_accept_makes_it_undecided(tools):
    tools("sha256sum", "echo 'data/summary.md: FAILED'; exit 1")
    done = cross(GOOD, verified(GOOD))
    code, faults, message = asked(done)
    assert (code, faults) == (3, ["cross.disagreement"])
    assert "sha256sum refuses" in message
    assert done.manifest is None


@pytest.mark.parametrize(("kind", "tool"), [("sig", "openssl"), ("sshsig", "ssh-keygen")])
def test_nobody_is_asked_about_a_companion_that_is_absent(kind, tool):
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not here")
    bundle = BUNDLES / f"good/without-{kind}"
    done = cross(bundle, verified(bundle))
    assert asked(done)[:2] == (0, [])
    assert tool not in {one.tool for one in done.report.second_opinions}
    assert tool in {one.tool for one in cross(GOOD, verified(GOOD)).report.second_opinions}


def test_one_that_accepts_what_we_reject_changes_nothing(tools):
    tools("sha256sum", "exit 0")
    code, faults, _ = asked(cross(BAD, verified(BAD)))
    assert (code, faults) == (1, [])


@pytest.mark.usefixtures("tools")
def test_no_tool_at_all_is_no_second_opinion():
    code, faults, _ = asked(cross(GOOD, verified(GOOD)))
    assert (code, faults) == (3, ["cross.none"])


def test_what_a_tool_prints_reaches_nobody_alive(tools, capsys):
    tools("sha256sum", r"printf 'bad \033]0;owned\007\033[2J'; exit 1")
    assert run(["verify", str(GOOD), "--key", str(KEY), "--cross", "--jobs", "1"]) == 3
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "owned" in out


def test_a_tool_gets_a_private_copy_and_a_bare_environment(tools, tmp_path, monkeypatch):
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", "canary")
    seen = tmp_path / "seen"
    tools("sha256sum", f"env > {seen}; pwd >> {seen}; rm -r data; exit 1")
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLES / "good/json-array", bundle)
    cross(bundle, verified(bundle))
    assert (bundle / "data/manifest.json").exists()
    assert "canary" not in seen.read_text()
    assert str(bundle) not in seen.read_text().splitlines()


def test_the_report_holds_each_opinion_in_its_published_form(tools, capsys):
    tools("sha256sum", "exit 0")
    words = ["verify", str(GOOD), "--key", str(KEY), "--cross", "--format", "json", "--jobs", "1"]
    assert run(words) == 0
    report = json.loads(capsys.readouterr().out)
    assert document_faults("report.v1.schema.json", report) == ()
    (opinion,) = report["second_opinions"]
    assert opinion["tool"] == "sha256sum"
    assert opinion["verdict"] == "accepts"


def test_what_was_verified_is_written_and_nothing_else(tmp_path):
    output = tmp_path / "out"
    extract(GOOD, verified(GOOD), output)
    stored = BUNDLES / "good/json-array"
    names = sorted(path.relative_to(output) for path in output.rglob("*") if path.is_file())
    assert names == sorted(p.relative_to(stored) for p in stored.rglob("*") if p.is_file())
    assert all((output / name).read_bytes() == (stored / name).read_bytes() for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_bundle_from_stdin_is_written_too(tmp_path, monkeypatch, capsys):
    piped = io.BytesIO(GOOD.read_bytes())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(piped))
    words = ["verify", "-", "--key", str(KEY), "--jobs", "1", "--extract-to", str(tmp_path / "o")]
    assert run(words) == 0
    assert (tmp_path / "o/bagit.txt").exists()
    capsys.readouterr()


@pytest.mark.parametrize("trust", [Trust.from_keys([KEY]), None])
def test_nothing_is_written_of_what_was_not_accepted(trust, tmp_path):
    bundle = BAD if trust else GOOD
    found = verify(bundle, trust=trust, at=AT, jobs=1)
    with pytest.raises(EvidenceError) as caught:
        extract(bundle, found, tmp_path / "out")
    assert caught.value.code == "verify.not-accepted"
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_bundle_that_changed_since_is_not_written(tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLES / "good/json-array", bundle)
    found = verified(bundle)
    (bundle / "data/summary.md").write_bytes(b"all is well\n")
    with pytest.raises(EvidenceError) as caught:
        extract(bundle, found, tmp_path / "out")
    assert caught.value.code == "container.changed"
    (bundle / "data/summary.md").unlink()
    with pytest.raises(EvidenceError) as caught:
        extract(bundle, found, tmp_path / "out")
    assert caught.value.code == "container.changed"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_nothing_that_is_there_is_written_over(tmp_path):
    output = tmp_path / "out"
    output.mkdir()
    with pytest.raises(EvidenceError) as caught:
        extract(GOOD, verified(GOOD), output)
    assert caught.value.code == "output.exists"


def test_two_bundles_cannot_be_written_to_one_folder(tmp_path, capsys):
    words = ["verify", str(GOOD), str(GOOD), "--key", str(KEY), "--extract-to", str(tmp_path / "o")]
    assert run(words) == 2
    capsys.readouterr()


def test_junit_says_failure_error_and_skipped(capsys):
    words = ["verify", str(GOOD), str(BAD), "no-such", "--key", str(KEY), "--format", "junit"]
    assert run(words) == 1
    suites = ElementTree.fromstring(capsys.readouterr().out)  # noqa: S314  (our own)
    good, bad, absent = suites
    assert (good.get("failures"), good.get("errors")) == ("0", "0")
    assert bad.get("failures") == "1"
    assert bad.find("testcase/failure").get("type") == "summary.differs"
    assert absent.get("errors") == "1"
    assert good.find("system-out").text == "verdict: accepted"


def test_sarif_holds_a_result_for_each_fault_and_none_for_a_good_bundle(capsys):
    words = ["verify", str(GOOD), str(BAD), "--key", str(KEY), "--format", "sarif", "--jobs", "1"]
    assert run(words) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == "2.1.0"
    (result,) = document["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("summary.differs", "error")
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.endswith("page-html-figure")


def test_that_the_pages_were_not_compared_is_always_seen(capsys):
    bundle, schema = BUNDLES / "good/older-template", BUNDLES / "small.schema.json"
    assert run(["verify", str(bundle), "--key", str(KEY), "--schema", str(schema)]) == 0
    assert "the pages were not compared" in " ".join(capsys.readouterr().out.split())
