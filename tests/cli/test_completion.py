"""What a shell is told to offer, and what bash, zsh and fish make of it when someone types."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidencekit.cli import cli
from evidencekit.cli.completing import LineComplete

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SIGNER = "SHA256:aP60rJYCbC2ya/9P2XYbajWeqJsAb3SjlQnWKTtmO5o"
PROFILES = """
[profile.production]
environment = "production"
key = "keys/production.pem"
trust = "trust.toml"

[profile.staging]
environment = "staging"
key = "ssh-agent:SHA256:abc"
"""
HEAVY = ("cryptography", "httpx", "httpcore", "jinja2", "jsonschema_rs", "orjson", "rich", "dask")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with one of everything; the key is a pipe, on which whoever opens it waits."""
    folder = tmp_path / "desk"
    shutil.copytree(SAMPLES / "bundle", folder / "my evidence")
    shutil.copytree(SAMPLES / "bundle", folder / "archive/april")
    shutil.copy(SAMPLES / "trust.toml", folder)
    os.mkfifo(folder / "signing.pem")
    for name in ("signing.pem.pub", "evidence.zip", "export.json", "export.json.receipt.json"):
        (folder / name).touch()
    (folder / "evidencekit.toml").write_text(PROFILES)
    monkeypatch.chdir(folder)
    for name in ("EVIDENCEKIT_TRUST", "EVIDENCEKIT_CONFIG", "EVIDENCEKIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def offered(desk, monkeypatch):  # noqa: ARG001  (where it is asked)
    """Return a function: what is offered behind a line, by value, with type and help."""

    def ask(line):
        monkeypatch.setenv("COMP_LINE", f"evidencekit {line}")
        answer = LineComplete(cli, {}, "evidencekit", "_EVIDENCEKIT_COMPLETE").complete()
        rows = [row.split("\t") for row in answer.splitlines()]
        return {row[1] if len(row) > 1 else "": (row[0], *row[2:]) for row in rows}

    return ask


def test_commands_and_options_come_with_what_they_do(offered):
    assert offered("ver") == {
        "verify": ("plain", "Verify bundles: report and verdict."),
        "verifier": ("plain", "Write verify.html, the offline verifier for a browser."),
    }
    assert list(offered("trust ")) == ["add", "explain", "lint", "list", "revoke"]
    assert offered("verify --tru")["--trust"][1].startswith("Trust file")


def test_bundles_are_zips_and_folders_that_are_one(offered):
    found = offered("verify ")
    assert found == dict.fromkeys(("archive/", "evidence.zip", "my evidence"), ("path",))
    assert list(offered("verify archive/")) == ["archive/april"]
    assert list(offered("verify my\\ ev")) == ["my evidence"]
    assert list(offered('show "my ev')) == ["my evidence"]
    assert next(iter(offered("collect --previous "))) == "latest"
    assert "my evidence" in offered("collect --previous my")


def test_a_signing_key_is_known_by_its_public_half_and_not_opened(offered):
    found = offered("collect --key ")
    assert found["signing.pem"] == ("path",)
    assert "signing.pem.pub" not in found
    assert {"pkcs11:", "awskms:///", "vault:", "ssh-agent:SHA256:"} <= set(found)
    assert {"keys/production.pem", "ssh-agent:SHA256:abc"} <= set(found)
    assert list(offered("collect --key ssh-agent:SHA256:a")) == ["ssh-agent:SHA256:abc"]


def test_public_keys_trust_files_exports_and_receipts_are_known_by_their_names(offered):
    assert [name for name in offered("verify --key ") if name[-1] != "/"] == ["signing.pem.pub"]
    assert [name for name in offered("verify --trust ") if name[-1] != "/"] == ["trust.toml"]
    assert [name for name in offered("validate ") if name[-1] != "/"] == ["export.json"]
    receipts = [name for name in offered("collect --receipt ") if name[-1] != "/"]
    assert receipts == ["export.json.receipt.json"]


def test_profiles_and_what_they_and_the_trust_file_name_are_offered(offered):
    assert offered("--profile ") == {
        "production": ("plain", "production"),
        "staging": ("plain", "staging"),
    }
    assert list(offered("collect --environment ")) == ["production", "staging"]
    assert list(offered("verify --trust trust.toml --environment p")) == ["production"]
    assert offered("verify --signer ")[SIGNER][1].startswith("Acme platform")
    assert list(offered("trust revoke --trust trust.toml SHA256:aP")) == [SIGNER]


def test_profiles_are_those_that_the_command_would_read(offered, desk, monkeypatch):
    monkeypatch.chdir(desk / "archive")
    assert offered("--profile ") == {}
    assert list(offered("--config ../evidencekit.toml --profile st")) == ["staging"]
    assert "../keys/production.pem" in offered("--config ../evidencekit.toml collect --key ")
    monkeypatch.setenv("EVIDENCEKIT_CONFIG", "../evidencekit.toml")
    assert list(offered("--profile st")) == ["staging"]


def test_values_of_options_are_offered(offered):
    assert list(offered("verify --format ")) == ["text", "json", "junit", "sarif"]
    assert list(offered("verify --format=js")) == ["json"]
    assert list(offered("collect --window ")) == ["1h", "6h", "24h", "7d", "30d"]


def test_the_shell_offers_its_own_files_where_none_of_the_kind_is_there(offered, desk):
    for line in ("verify nosuch/", "verify ~/", "verify --trust export", "collect --attach "):
        assert [kind for kind, *_ in offered(line).values()] == ["file"], line
    (desk / "crowd").mkdir()
    for number in range(5_001):
        (desk / f"crowd/{number}.zip").touch()
    assert [kind for kind, *_ in offered("verify crowd/").values()] == ["file"]


@pytest.mark.parametrize(
    "text",
    ["[profile", "profile = 1", "profile.x = 1", '[profile.x]\nkey = ["a"]', "\x00", "é" * 600_000],
)
def test_what_cannot_be_read_offers_nothing_and_says_nothing(offered, desk, text):
    (desk / "evidencekit.toml").write_text(text, "utf-8")
    (desk / "trust.toml").write_text(text.replace("profile", "signer"), "utf-8")
    assert set(offered("--profile ")) <= {"x"}
    for line in ("collect --environment ", "verify --trust trust.toml --signer "):
        assert offered(line) == {}
    assert "signing.pem" in offered("collect --key ")


def test_a_pipe_is_not_waited_for_and_odd_names_are_left_out(offered, desk):
    (desk / "evidencekit.toml").unlink()
    os.mkfifo(desk / "evidencekit.toml")
    assert offered("--profile ") == {}
    (desk / "two\nlines.zip").touch()
    (desk / "tab\there.zip").touch()
    Path(os.fsdecode(os.fsencode(desk) + b"/\xff.zip")).touch()
    assert list(offered("verify ")) == ["archive/", "evidence.zip", "my evidence"]


@pytest.mark.parametrize(
    "line", ["", "verify --trust trust.toml --signer ", "collect --key ", "nosuch ", "verify '"]
)
@pytest.mark.usefixtures("desk")
def test_completing_imports_nothing_heavy_and_prints_no_error(line):
    script = (
        "import sys; from evidencekit.cli import run\n"
        "try: run([])\n"
        "except SystemExit as end: code = end.code\n"
        f"print('heavy:', [m for m in {HEAVY!r} if m in sys.modules], code)"
    )
    told = {"_EVIDENCEKIT_COMPLETE": "line_complete", "COMP_LINE": f"evidencekit {line}"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script], env={**os.environ, **told}, capture_output=True, check=True
    )
    assert done.stderr == b""
    assert done.stdout.endswith(b"heavy: [] 0\n")


STARTED = {
    "bash": (
        ["--norc", "--noprofile"],
        'show() { printf "<%s>" "$@"; echo "|"; }; source ./script; echo rea"dy"',
    ),
    "zsh": (
        ["-f"],
        'show() { printf "<%s>" "$@"; echo "|" }; autoload -Uz compinit; compinit -u;'
        ' source ./script; echo rea"dy"',
    ),
    "fish": (
        ["--no-config"],
        'function show; printf "<%s>" $argv; echo "|"; end; source ./script; echo rea"dy"',
    ),
}
TYPED = {
    "verify evid": "<verify><evidence.zip>",
    "verify my": "<verify><my evidence",
    "verify archive/a": "<verify><archive/april",
    "verify --format=ju": "<verify><--format=junit>",
    "collect --key pk": "<collect><--key><pkcs11:>",
    "collect --key sig": "<collect><--key><signing.pem>",
    "collect --environment st": "<collect><--environment><staging>",
    "--profile pro": "<--profile><production>",
    "verify --trust trust.toml --signer SHA256:aP": f"<--signer><{SIGNER}>",
    "collect --attach evidencekit.": "<collect><--attach><evidencekit.toml>",
    "trust revo": "<trust><revoke>",
}


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request, desk, tmp_path):
    """Start a shell at the desk, with the script that ``completion`` prints for it."""
    pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed: make setup")
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed: make tools")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/evidencekit"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m evidencekit "$@"\n')
    command.chmod(0o755)
    environment = {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "LANG": "C.UTF-8",
    }
    script = subprocess.run(  # noqa: S603
        [command, "completion", request.param], env=environment, capture_output=True, check=True
    )
    (desk / "script").write_bytes(script.stdout)
    arguments, first = STARTED[request.param]
    size = {"dimensions": (60, 200), "encoding": "utf-8", "timeout": 60}
    child = pexpect.spawn(request.param, arguments, env=environment, cwd=desk, **size)
    child.sendline(first)
    child.expect("ready")
    yield child
    child.close(force=True)


def completed(shell, typed):
    shell.send(f"evidencekit {typed}\t")
    shell.send("\x01show \r")  # to the beginning of the line: show the words instead
    shell.expect(r"<evidencekit>(<[^\r\n]*>)\|")
    return shell.match[1]


def test_a_shell_completes_what_is_typed(shell):
    for typed, expected in TYPED.items():
        # A busy fish now and then takes the next key before it is done with the tab.
        words = next((w for _ in range(3) if expected in (w := completed(shell, typed))), None)
        assert words, f"{typed}: {shell.match[1]}"
