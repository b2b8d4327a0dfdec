"""The main job over real sockets: pull, validate, bundle, sign, verify, show."""

import json
import shutil
import subprocess
import sys

import pytest

from evidencekit.core.schema import document_faults
from evidencekit.edges.publish import write_file

MANNERS = [
    pytest.param({}, id="redirect-and-status"),
    pytest.param({"storage": False}, id="direct"),
    pytest.param({"status_endpoint": False}, id="no-status"),
    pytest.param({"storage": False, "status_endpoint": False}, id="direct-no-status"),
]
SHAPES = [("json", "array"), ("json", "wrapper"), ("json", "lines"), ("csv", "array")]


@pytest.mark.parametrize("manners", MANNERS)
@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("fmt", ["json", "csv"])
def test_an_export_becomes_an_accepted_bundle(tool, api, key, manners, form, fmt):
    api(**manners)
    output = "out.zip" if form == "zip" else "out"
    asked = ("--window", "24h", "--format", fmt, "--environment", "production")
    made = tool("collect", *asked, "--key", key, "-o", output)
    assert (made.code, made.out) == (0, f"{output}\n")
    verified = tool("verify", output, "--key", f"{key}.pub", "--format", "json")
    assert verified.code == 0
    assert verified.report["verdict"] == "accepted"
    assert verified.report["subject"]["form"] == form
    assert document_faults("report.v1.schema.json", verified.report) == ()
    shown = tool("show", output, "--key", f"{key}.pub")
    assert shown.code == 0
    assert "Evidence: production" in shown.out


@pytest.mark.parametrize(("fmt", "shape"), SHAPES)
def test_every_shape_of_an_export_is_bundled_with_its_receipt(tool, api, key, tmp_path, fmt, shape):
    api(shape=shape)
    pulled = tool("pull", "--window", "24h", "--format", fmt, "-o", f"export.{fmt}")
    assert pulled.code == 0
    receipt = ("--receipt", f"export.{fmt}.receipt.json")
    made = tool("collect", "--from", f"export.{fmt}", *receipt, "--key", key, "-o", "out")
    assert made.code == 0, made.err
    manifest = json.loads(tool("show", "out", "--key", f"{key}.pub", "--format", "json").out)
    assert manifest["export"]["shape"] == ("csv" if fmt == "csv" else shape)
    assert manifest["query"]["job_id"] == "job_000001"
    assert document_faults("manifest.v1.schema.json", manifest) == ()
    sheet = json.loads((tmp_path / receipt[1]).read_bytes())
    assert document_faults("receipt.v1.schema.json", sheet) == ()


def test_without_a_receipt_how_it_was_obtained_is_not_recorded(tool, api, key):
    api()
    tool("pull", "--window", "24h", "-o", "export.json")
    tool("collect", "--from", "export.json", "--key", key, "-o", "out")
    shown = tool("show", "out", "--key", f"{key}.pub")
    assert "not recorded" in shown.out


def test_the_exported_bytes_stay_as_they_came(tool, api, key, tmp_path):
    standin = api()
    tool("collect", "--window", "24h", "--key", key, "-o", "out")
    (job,) = standin.jobs.values()
    assert (tmp_path / "out/data/export/events.json").read_bytes() == job.file


def test_a_bundle_goes_into_a_folder_under_its_id(tool, api, key, tmp_path):
    api()
    (tmp_path / "bundles").mkdir()
    made = tool("collect", "--window", "24h", "--key", key, "-o", "bundles", "--result", "json")
    line = json.loads(made.out)
    assert line["bundle"] == f"bundles/{line['bundle_id']}"
    assert tool("verify", line["bundle"], "--key", f"{key}.pub").code == 0
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == [line["bundle_id"]]


@pytest.mark.parametrize("output", ["out", "out.zip"])
def test_the_same_input_key_and_clock_give_the_same_bytes(
    tool, api, key, tmp_path, monkeypatch, contents, output
):
    api()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1776902651")
    tool("pull", "--window", "24h", "-o", "export.json")
    found = []
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        tool("collect", "--from", "export.json", "--key", key, "-o", f"{place}/{output}")
        found.append(contents(tmp_path / place))
    assert found[0] == found[1] != {}


def test_folder_and_zip_have_the_same_root(tool, api, key, monkeypatch):
    api()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1776902651")
    tool("pull", "--window", "24h", "-o", "export.json")
    roots = set()
    for output in ("out", "out.zip"):
        made = tool(
            "collect", "--from", "export.json", "--key", key, "-o", output, "--result", "json"
        )
        roots.add(json.loads(made.out)["root"])
    assert len(roots) == 1


def test_without_a_key_nobody_can_tell(tool, api, key):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", "out")
    verified = tool("verify", "out")
    assert verified.code == 3
    assert verified.out.splitlines()[-1].startswith("verdict: undecided")


def test_a_key_that_did_not_sign_rejects(tool, api, key):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", "out")
    tool("keys", "new", "other.pem")
    assert tool("verify", "out", "--key", "other.pem.pub").code == 1


def test_the_worst_verdict_of_many_is_the_exit_code(tool, api, key, tmp_path):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", "good")
    shutil.copytree(tmp_path / "good", tmp_path / "bad")
    write_file(tmp_path / "bad/data/verify.txt", b"trust me", force=True)
    assert tool("verify", "good", "bad", "--key", f"{key}.pub").code == 1
    assert tool("verify", "good", "absent", "--key", f"{key}.pub").code == 3
    assert tool("verify", "good", "good", "--key", f"{key}.pub").code == 0


def test_a_zip_is_verified_from_standard_input(tool, api, key, tmp_path):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", "out.zip")
    command = [sys.executable, "-m", "evidencekit", "verify", "-", "--key", f"{key}.pub"]
    with (tmp_path / "out.zip").open("rb") as stdin:
        done = subprocess.run(command, stdin=stdin, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout
    piped = subprocess.run(  # noqa: S603
        command, input=(tmp_path / "out.zip").read_bytes(), capture_output=True, check=False
    )
    assert piped.returncode == 0, piped.stdout


@pytest.mark.parametrize("output", ["out", "out.zip"])
def test_a_second_signer_changes_no_other_byte(tool, api, key, output):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", output)
    tool("keys", "new", "second.pem")
    signed = tool("sign", output, "--key", "second.pem", "--trust-key", f"{key}.pub")
    assert signed.code == 0, signed.err
    keys = ("--key", f"{key}.pub", "--key", "second.pem.pub")
    verified = tool("verify", output, *keys, "--format", "json")
    assert verified.code == 0
    assert len(verified.report["subject"]["signers"]) == 2
    again = tool("sign", output, "--key", "second.pem", *("--trust-key", f"{key}.pub"))
    assert again.code == 3  # its verdict is undecided: the second signer is unknown now
    assert tool("verify", output, "--key", f"{key}.pub").code == 3


def test_what_the_caller_expects_is_held_against_the_bundle(tool, api, key):
    api()
    tool("collect", "--window", "24h", "--environment", "production", "--key", key, "-o", "out")
    trusted = ("--key", f"{key}.pub")
    assert tool("verify", "out", *trusted, "--environment", "production").code == 0
    said = tool("verify", "out", *trusted, "--environment", "staging", "--format", "json")
    assert said.code == 1
    faults = [fault["code"] for check in said.report["checks"] for fault in check.get("faults", ())]
    assert faults == ["expectations.environment"]
    window = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert tool("verify", "out", *trusted, "--window", *window).code == 1
    assert tool("verify", "out", *trusted, "--signer", "SHA256:" + "A" * 43).code == 1


def test_quick_says_that_no_event_was_examined(tool, api, key):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", "out")
    said = tool("verify", "out", "--key", f"{key}.pub", "--quick")
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith("verdict: accepted (quick")


def test_judging_as_of_a_time_gives_the_same_bytes(tool, api, key):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", "out")
    at = ("--at", "2030-01-01T00:00:00Z", "--format", "json")
    first = tool("verify", "out", "--key", f"{key}.pub", *at)
    assert first.out == tool("verify", "out", "--key", f"{key}.pub", *at).out
    assert first.report["judged_at"] == "2030-01-01T00:00:00Z"


def test_named_ids_are_found_and_listed(tool, api, key):
    standin = api(per_day=400)
    tool("pull", "--window", "24h", "-o", "export.json")
    (job,) = standin.jobs.values()
    events = json.loads(job.file)
    asked = events[0]["request_id"]
    escalation = next(event["escalation_id"] for event in events if event.get("escalation_id"))
    ids = ("--request-id", asked, "--escalation-id", escalation)
    assert tool("collect", "--from", "export.json", *ids, "--key", key, "-o", "out").code == 0
    manifest = json.loads(tool("show", "out", "--key", f"{key}.pub", "--format", "json").out)
    assert manifest["facts"]["request_ids"] == {asked: 1}
    assert [event["request_id"] for event in manifest["facts"]["named_events"]].count(asked) == 1


def test_a_series_names_the_bundle_before(tool, api, key, tmp_path, monkeypatch):
    api()
    (tmp_path / "bundles").mkdir()
    roots = []
    for day in range(3):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1776902651 + day * 86_400))
        tool("pull", "--window", "24h", "-o", f"export-{day}.json")
        made = tool(
            "collect", "--from", f"export-{day}.json", "--previous", "latest", "--key", key,
            "-o", "bundles", "--result", "json",
        )  # fmt: skip
        assert made.code == 0, made.err
        line = json.loads(made.out)
        assert line["previous"] == (roots[-1] if roots else None)
        roots.append(line["root"])


def test_attachments_are_in_the_bundle_under_portable_names(tool, api, key, tmp_path):
    api()
    (tmp_path / "Incident Report.PDF").write_bytes(b"%PDF-1.7")
    attach = ("--attach", "Incident Report.PDF")
    assert tool("collect", "--window", "24h", *attach, "--key", key, "-o", "out").code == 0
    assert (tmp_path / "out/data/attachments/incident-report.pdf").read_bytes() == b"%PDF-1.7"
    assert tool("verify", "out", "--key", f"{key}.pub").code == 0


def test_show_shows_nothing_of_a_bundle_that_is_not_accepted(tool, api, key, tmp_path):
    api()
    tool("collect", "--window", "24h", "--key", key, "-o", "out")
    (tmp_path / "out/data/summary.html").write_text("<p>all is well</p>")
    shown = tool("show", "out", "--key", f"{key}.pub", "--format", "html", "-o", "page.html")
    assert (shown.code, shown.out) == (1, "")
    assert "summary.differs" in shown.err
    assert not (tmp_path / "page.html").exists()


def test_the_demo_tells_the_whole_story(tool, tmp_path):
    told = tool("demo", "story")
    assert told.code == 0
    assert "verdict: accepted" in told.out
    assert "verdict: rejected" in told.out
    assert (tmp_path / "story/summary.html").is_file()
    assert tool("demo", "story").code == 0  # the next free name
    assert (tmp_path / "story-2/summary.html").is_file()
