"""Bad input: one clear line with a code, the right exit code, nothing half written."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from evidencekit.edges.keys import new_key

EVENT = {
    "id": "e1",
    "timestamp": "2026-04-20T10:00:00Z",
    "verdict": "allow",
    "gateway_id": "gw_1",
}


def export(tmp_path, *events, name="export.json"):
    path = tmp_path / name
    path.write_text(json.dumps(list(events)))
    return path


def is_one_line(said, code):
    """Hold that an error is one line that ends in its code, perhaps with details and a hint."""
    lines = said.err.splitlines()
    errors = [line for line in lines if line.startswith("evidencekit: error: ")]
    assert len(errors) == 1, said.err
    assert errors[0].endswith(f"[{code}]")
    others = [line for line in lines if not line.startswith(("evidencekit: ", "  "))]
    assert others == []
    assert "Traceback" not in said.err


@pytest.fixture
def refuses(tool, key, tmp_path):
    """Collect from a file, and hold that nothing was made of it."""

    def call(path, exit_code, code, *options):
        before = sorted(item.name for item in tmp_path.iterdir())
        said = tool("collect", "--from", path, "--key", key, "-o", "out", *options)
        assert said.code == exit_code, said.err
        is_one_line(said, code)
        assert sorted(item.name for item in tmp_path.iterdir()) == before
        return said

    return call


def test_a_refused_token(tool, api, key, tmp_path, monkeypatch):
    api()
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", "wrong-token")
    said = tool("collect", "--window", "24h", "--key", key, "-o", "out")
    assert said.code == 3
    is_one_line(said, "api.unauthorized")
    assert "wrong-token" not in said.err + said.out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["signing.pem", "signing.pem.pub"]


def test_no_token(tool, key):
    said = tool("collect", "--window", "24h", "--key", key, "-o", "out")
    assert said.code == 3
    is_one_line(said, "api.token")


@pytest.mark.parametrize("window", ["", "5", "1y", "-1h", "24 h", "yesterday"])
def test_an_unknown_window_is_a_wrong_command_line(tool, api, key, window):
    api()
    said = tool("collect", "--window", window, "--key", key, "-o", "out")
    assert said.code == 2
    assert "1h, 6h, 24h, 7d" in said.err


def test_no_window_at_all(tool, api, key):
    api()
    said = tool("collect", "--key", key, "-o", "out")
    assert said.code == 2
    assert "--window" in said.err


def test_an_empty_export(refuses, tool, key, tmp_path):
    path = export(tmp_path)
    refuses(path, 1, "coverage.empty")
    said = tool("collect", "--from", path, "--key", key, "-o", "out", "--allow-empty")
    assert said.code == 0
    verified = tool("verify", "out", "--key", f"{key}.pub")
    assert verified.code == 0


def test_html_instead_of_json(refuses, tmp_path):
    path = tmp_path / "export.json"
    path.write_text("<!doctype html><title>Sign in</title>")
    refuses(path, 1, "export.html")


@pytest.mark.parametrize("cut", [1, 20, 80, 100])
def test_truncated_json(refuses, tmp_path, cut):
    path = export(tmp_path, EVENT, EVENT | {"id": "e2"})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - cut])
    refuses(path, 1, "export.truncated")


def test_truncated_csv(refuses, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text('id,timestamp,verdict\ne1,2026-04-20T10:00:00Z,"allo')
    refuses(path, 1, "export.truncated")


def test_events_that_break_the_schema_are_named_without_their_values(refuses, tmp_path):
    broken = [EVENT | {"id": f"e{n}", "timestamp": "SECRET-VALUE"} for n in range(30)]
    said = refuses(export(tmp_path, *broken), 1, "schema.invalid-events")
    assert "30 of 30 events break the schema" in said.err
    assert "event 0 at /timestamp" in said.err
    assert said.err.count("at /timestamp") == 20
    assert "SECRET-VALUE" not in said.err


def test_an_event_outside_the_window(refuses, tmp_path):
    window = ("--from-time", "2026-04-21T00:00:00Z", "--to-time", "2026-04-22T00:00:00Z")
    said = refuses(export(tmp_path, EVENT), 1, "coverage.outside-window", *window)
    assert "1 of 1 events lie outside" in said.err


def test_a_named_id_that_is_missing(refuses, tool, key, tmp_path):
    path = export(tmp_path, EVENT | {"request_id": "req_1"})
    said = refuses(path, 1, "coverage.missing-id", "--request-id", "req_1", "--request-id", "req_2")
    assert "missing: req_2" in said.err
    allowed = ("--request-id", "req_2", "--allow-missing-ids")
    assert tool("collect", "--from", path, "--key", key, "-o", "out", *allowed).code == 0
    manifest = json.loads(tool("show", "out", "--key", f"{key}.pub", "--format", "json").out)
    assert manifest["allowances"] == ["missing-ids"]
    assert manifest["facts"]["request_ids"] == {"req_2": 0}


def test_another_environment_than_the_events_name(refuses, tmp_path):
    path = export(tmp_path, EVENT | {"environment": "staging"})
    refuses(path, 1, "coverage.environment", "--environment", "production")


def test_duplicate_event_ids(refuses, tmp_path):
    refuses(export(tmp_path, EVENT, EVENT), 1, "coverage.duplicate-ids")


def test_an_export_that_changed_since_its_receipt(tool, api, key, tmp_path):
    api()
    tool("pull", "--window", "24h", "-o", "export.json")
    data = (tmp_path / "export.json").read_bytes()
    (tmp_path / "export.json").write_bytes(data.replace(b"allow", b"block", 1))
    receipt = ("--receipt", "export.json.receipt.json")
    said = tool("collect", "--from", "export.json", *receipt, "--key", key, "-o", "out")
    assert said.code == 1
    is_one_line(said, "export.changed")


def test_an_export_that_is_not_there(refuses, tmp_path):
    refuses(tmp_path / "absent.json", 3, "export.missing")
    (tmp_path / "folder.json").mkdir()
    refuses(tmp_path / "folder.json", 3, "export.not-a-file")


def key_files(tmp_path):
    open_key = tmp_path / "open.pem"
    new_key(open_key, None)
    open_key.chmod(0o644)
    locked = tmp_path / "locked.pem"
    new_key(locked, "correct horse")
    rsa = tmp_path / "rsa.pem"
    subprocess.run(  # noqa: S603
        ["openssl", "genrsa", "-out", rsa, "2048"],  # noqa: S607
        check=True,
        capture_output=True,
    )
    rsa.chmod(0o600)
    return {
        "key.missing": tmp_path / "absent.pem",
        "key.too-open": open_key,
        "key.passphrase": locked,
        "key.public": tmp_path / "locked.pem.pub",
        "key.type": rsa,
    }


@pytest.mark.parametrize(
    "code", ["key.missing", "key.too-open", "key.passphrase", "key.public", "key.type"]
)
def test_a_key_that_cannot_sign(tool, tmp_path, monkeypatch, code):
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "wrong battery")
    files = key_files(tmp_path)
    path = export(tmp_path, EVENT)
    said = tool("collect", "--from", path, "--key", files[code], "-o", "out")
    assert said.code == 3
    is_one_line(said, code)
    assert "wrong battery" not in said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("out.zip", "file"),
        ("out.zip", "folder"),
        ("out.zip", "link"),
        ("out", "file"),
        ("out", "link"),
    ],
)
def test_an_output_that_exists_is_never_overwritten(tool, key, tmp_path, make, name):
    target = tmp_path / name
    if make == "file":
        target.write_text("older bundle")
    elif make == "folder":
        target.mkdir()
    else:
        target.symlink_to("nowhere")
    path = export(tmp_path, EVENT)
    said = tool("collect", "--from", path, "--key", key, "-o", name)
    assert said.code == 3
    is_one_line(said, "output.exists")
    assert make != "file" or target.read_text() == "older bundle"


def test_an_output_whose_folder_is_not_there(tool, key, tmp_path):
    path = export(tmp_path, EVENT)
    said = tool("collect", "--from", path, "--key", key, "-o", "no/such/out")
    assert said.code == 3
    is_one_line(said, "output.no-folder")


@pytest.mark.usefixtures("tool")
def test_an_interrupted_collect_leaves_nothing(api, key, tmp_path):
    standin = api(polls=10_000)  # a job that never ends
    command = [sys.executable, "-m", "evidencekit", "collect", "--window", "24h"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--key", key, "-o", "out"], stderr=subprocess.PIPE, text=True, env=os.environ
    )
    while not any(job.asked for job in standin.jobs.values()):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted; nothing was published" in err
    assert "--job job_000001" in err
    left = sorted(p.name for p in tmp_path.iterdir() if p.suffix not in {".job", ".part"})
    assert left == ["signing.pem", "signing.pem.pub"]  # and what going on with the job needs


def test_what_is_no_bundle_is_told_from_what_cannot_be_read(tool, key, tmp_path):
    (tmp_path / "text").write_text("hello")
    trusted = ("--key", f"{key}.pub")
    assert tool("verify", "text", *trusted).code == 1
    assert tool("verify", "absent", *trusted).code == 3


def test_a_trust_file_that_cannot_be_read_is_undecided(tool, tmp_path):
    (tmp_path / "trust.toml").write_text("[[signer]")
    said = tool("verify", "anything", "--trust", "trust.toml")
    assert said.code == 3
    is_one_line(said, "trust.syntax")


def test_a_path_that_is_not_utf8_is_told_in_every_form_of_report(tool, tmp_path):
    path = os.fsdecode(b"evidence-\xff.zip")
    (tmp_path / path).write_bytes(b"no bundle")
    for fmt in ("text", "json", "junit", "sarif"):
        said = tool("verify", path, "--format", fmt)
        assert said.code == 1
        assert "Traceback" not in said.err
        if fmt == "json":
            assert said.report["bundle"] == "evidence-\\udcff.zip"


def test_a_file_of_identifiers_that_holds_none_is_a_wrong_command_line(tool, key, tmp_path):
    """Else nothing would be looked for, and the manifest would say that nobody asked."""
    path = export(tmp_path, EVENT)
    (tmp_path / "ids.txt").write_text("\n \n")
    said = tool("collect", "--from", path, "--key", key, "-o", "out", "--request-id", "@ids.txt")
    assert said.code == 2
    assert "ids.txt: holds no identifier" in said.err
    assert not (tmp_path / "out").exists()


def test_validate_says_the_code_of_what_failed(tool, tmp_path):
    said = tool("validate", export(tmp_path, EVENT, EVENT))
    assert said.code == 1
    line = next(one for one in said.out.splitlines() if one.startswith("fail"))
    assert line.endswith("[coverage.duplicate-ids]")


def test_talk_about_files_hides_nothing(tool, key, tmp_path):
    name = "page\x1b[2K\u202e\nevidencekit: accepted.html"
    path = export(tmp_path, EVENT)
    assert tool("collect", "--from", path, "--key", key, "-o", "b").code == 0
    said = tool("show", "b", "--key", f"{key}.pub", "--format", "html", "-o", name)
    assert said.code == 0
    assert said.err == "wrote page\\x1b[2K\\u202e\\x0aevidencekit: accepted.html\n"
