"""What was typed and would count for nothing is refused, never ignored."""

import json
import shutil
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
FROM, RECEIPT = ("--from", "export.json"), ("--receipt", "export.json.receipt.json")
TIMES = ("--from-time", "2026-04-16T00:00:00Z", "--to-time", "2026-04-23T00:00:00Z")
PROFILE = """
[profile.weekly]
window = "7d"
timeout = 60
api-url = "https://api.example"
"""


@pytest.fixture
def desk(tool, key, tmp_path, monkeypatch):
    """Run collect where a week's export and its receipt lie, with a key."""
    monkeypatch.setenv("EVIDENCEKIT_KEY", str(key))
    for name in ("export.json", "export.json.receipt.json"):
        shutil.copy(SAMPLES / name, tmp_path)
    return tool


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*FROM, "--window", "7d"), "a file has no now: give --from-time and --to-time, or"),
        ((*FROM, "--window", "1h"), "a file has no now"),
        ((*FROM, *RECEIPT, "--window", "24h"), "leave it out, --receipt says which window"),
        ((*FROM, *TIMES, "--window", "1h"), "--window and --from-time/--to-time exclude each"),
        ((*FROM, "--job", "job_1"), "--job is for the API, which --from does not ask"),
        ((*FROM, "--timeout", "60"), "--timeout is for the API"),
        ((*FROM, "--api-url", "https://api.example"), "--api-url is for the API"),
        ((*FROM, "--allow-http"), "--allow-http is for the API"),
        ((*FROM, "--ca-file", "ca.pem"), "--ca-file is for the API"),
        ((*RECEIPT, "--window", "7d"), "give the file by --from"),
        (("--window", "7d", *TIMES), "--window and --from-time/--to-time exclude each"),
    ],
)
def test_what_a_file_or_the_api_would_ignore_is_a_wrong_command_line(desk, tmp_path, words, told):
    said = desk("collect", *words, "-o", "out")
    assert said.code == 2
    assert told in said.err
    assert not (tmp_path / "out").exists()


def test_it_is_refused_before_a_key_is_asked_for_its_passphrase(desk):
    said = desk("collect", *FROM, "--window", "7d", "--key", "nosuch.pem", "-o", "out")
    assert (said.code, "key.missing" in said.err) == (2, False)


def test_a_profile_and_the_environment_speak_for_all_jobs(desk, tmp_path, monkeypatch):
    """What they say of the API is not meant for a file."""
    monkeypatch.setenv("KEEPTRUSTS_API_URL", "https://api.example")
    (tmp_path / "evidencekit.toml").write_text(PROFILE)
    made = desk("--profile", "weekly", "collect", *FROM, *TIMES, "--result", "json", "-o", "out")
    assert made.code == 0, made.err
    assert json.loads(made.out)["window"]["start"] == "2026-04-16T00:00:00Z"
    assert desk("--profile", "weekly", "collect", *FROM, *RECEIPT, "-o", "second").code == 0


def test_the_format_that_is_typed_is_the_format_of_the_file(desk, tmp_path):
    """A name that says nothing is what --format is for, and a receipt may contradict it."""
    (tmp_path / "export").write_bytes((SAMPLES / "export.json").read_bytes())
    assert desk("collect", "--from", "export", "--format", "json", "-o", "out").code == 0
    as_csv = desk("collect", *FROM, "--format", "csv", "-o", "second")
    assert (as_csv.code, "export." in as_csv.err) == (1, True)
    other = desk("collect", *FROM, *RECEIPT, "--format", "csv", "-o", "second")
    assert (other.code, "receipt.format" in other.err) == (3, True)
