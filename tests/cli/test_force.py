"""An output that exists: the hint names --force where a command has it, and only there."""

import shutil
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
TRUSTED = ("--key", SAMPLES / "signer.pub", "--at", "2026-04-24T00:00:00Z")
FORCE, OTHER = "name another path; --force overwrites this one", "name another path"
COMMANDS = {
    "show": (("show", SAMPLES / "bundle", *TRUSTED, "-o", "taken"), FORCE),
    "verifier": (("verifier", "-o", "taken"), FORCE),
    "pull": (("pull", "--window", "24h", "-o", "taken"), FORCE),
    "collect": (("collect", "--from", "e.json", "--key", "signing.pem", "-o", "taken"), OTHER),
    "verify": (("verify", SAMPLES / "bundle", *TRUSTED, "--extract-to", "taken"), OTHER),
}


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_hint_is_one_that_the_command_can_follow(tool, api, tmp_path, command):
    api()
    words, hint = COMMANDS[command]
    shutil.copy(SAMPLES / "export.json", tmp_path / "e.json")
    (tmp_path / "taken").write_text("older")
    said = tool(*words)
    assert said.code == 3
    assert "[output.exists]" in said.err
    assert said.err.splitlines()[-1] == f"evidencekit: hint: {hint}"
    assert (tmp_path / "taken").read_text() == "older"
    if hint is FORCE:
        assert tool(*words, "--force").code == 0
        assert (tmp_path / "taken").read_text() != "older"


def test_who_has_said_force_already_is_not_told_to(tool, tmp_path):
    """A folder is never overwritten."""
    (tmp_path / "taken").mkdir()
    said = tool("verifier", "-o", "taken", "--force")
    assert said.code == 3
    assert "--force" not in said.err


def test_a_receipt_in_the_way_of_a_pull_is_told_the_same(tool, api, tmp_path):
    api()
    (tmp_path / "week.json.receipt.json").write_text("older")
    said = tool("pull", "--window", "24h", "-o", "week.json")
    assert (said.code, FORCE in said.err) == (3, True)


def test_no_verdict_is_given_where_nothing_can_be_extracted(tool, tmp_path):
    """It said accepted, and then ended with 3."""
    (tmp_path / "taken").mkdir()
    said = tool("verify", SAMPLES / "bundle", *TRUSTED, "--extract-to", "taken")
    assert (said.code, said.out) == (3, "")
    assert said.err.count("\n") == 2
