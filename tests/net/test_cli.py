"""The commands that talk to the API, as a person or cron runs them: output, codes, order."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from evidencekit import cli
from evidencekit.cli.profiles import defaults
from evidencekit.core.receipt import Receipt
from evidencekit.errors import UndecidedError
from evidencekit.standin import StandIn

TOKEN = "canary-7f3a9c-token"
SECRET = "X-Amz-Signature=deadbeef"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder, and no environment of ours."""
    for name in list(os.environ):
        if name.startswith(("KEEPTRUSTS_", "EVIDENCEKIT_", "SOURCE_DATE_EPOCH")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server(here, monkeypatch):
    assert not list(here.iterdir())
    with StandIn(token=TOKEN, polls=0) as standin:
        monkeypatch.setenv("KEEPTRUSTS_API_URL", standin.url)
        monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", TOKEN)
        yield standin


@pytest.fixture
def run(capsys):
    """Run a command line; return its code, stdout and stderr, in none of which is a secret."""

    def call(*arguments):
        code = cli.run(list(arguments))
        out, err = capsys.readouterr()
        assert "canary" not in out + err
        assert SECRET not in out + err
        assert "Traceback" not in err
        return code, out, err

    return call


def test_pull_writes_export_and_receipt_and_prints_the_path(server, run, here):
    code, out, err = run("pull", "--window", "24h")
    assert code == 0
    path = here / out.strip()
    assert err == f"wrote {path.name}.receipt.json\n"
    (job,) = server.jobs.values()
    assert path.read_bytes() == job.file
    receipt = Receipt.from_bytes((here / f"{path.name}.receipt.json").read_bytes())
    assert receipt.export.file == path.name
    assert receipt.query.job_id == job.id


@pytest.mark.usefixtures("server")
def test_pull_has_one_line_for_programs(run):
    code, out, _ = run("-q", "pull", "--window", "1h", "--result", "json", "-o", "e.json")
    line = json.loads(out)
    assert code == 0
    assert out.count("\n") == 1
    assert line["export"] == "e.json"
    assert line["receipt"] == "e.json.receipt.json"
    assert line["job_id"] == "job_000001"
    assert line["previewed_events"] > 0


@pytest.mark.usefixtures("server")
def test_pull_into_a_folder_takes_a_name_with_the_time(run, here):
    (here / "exports").mkdir()
    code, out, _ = run("pull", "--window", "1h", "--format", "csv", "-o", "exports")
    assert code == 0
    assert out.startswith("exports/export-")
    assert out.endswith("Z.csv\n")


def test_pull_overwrites_only_with_force(server, run, here):
    (here / "e.json").write_text("older")
    code, _, err = run("pull", "--window", "1h", "-o", "e.json")
    assert (code, server.requests) == (3, [])
    assert "output.exists" in err
    assert run("pull", "--window", "1h", "-o", "e.json", "--force")[0] == 0
    (here / "f.json.receipt.json").write_text("older")
    assert run("pull", "--window", "1h", "-o", "f.json")[0] == 3
    assert not (here / "f.json").exists()


def test_preview_tells_the_count_and_creates_nothing(server, run):
    code, out, _ = run("preview", "--window", "24h")
    assert code == 0
    assert out.startswith("24h: ")
    assert " events\n" in out
    code, out, _ = run("preview", "--window", "24h", "--format", "json")
    assert json.loads(out)["events"] > 0
    assert server.jobs == {}


def test_what_the_api_says_is_made_visible(server, run):
    def hostile(exchange):
        exchange.send_json(200, {"\x1b[2J": "\x1b]0;owned\x07", "n": [1, "\u202e"]})
        return True

    server.fault = hostile
    code, out, _ = run("preview", "--window", "24h")
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "does not state" in out


@pytest.mark.parametrize("command", ["pull", "preview"])
@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--from-time", "2026-04-01T00:00:00Z"],
        ["--to-time", "2026-04-01T00:00:00Z"],
        ["--window", "1h", "--from-time", "2026-04-01T00:00:00Z"],
        ["--window", "1h", "--from-time", "2026-04-01T00:00:00Z", "--to-time",
         "2026-04-02T00:00:00Z"],
        ["--from-time", "2026-04-02T00:00:00Z", "--to-time", "2026-04-01T00:00:00Z"],
        ["--window", "1 fortnight"],
        ["--window", "1h", "--no-such-option"],
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_2_and_asks_nobody(server, run, command, options):
    code, out, err = run(command, *options)
    assert (code, out, server.requests) == (2, "", [])
    assert err.startswith("Usage:")


@pytest.mark.parametrize("value", ["", "two words", "new\nline", "caf\u00e9"])
def test_a_token_that_cannot_be_sent_is_3_and_not_echoed(server, run, monkeypatch, value):
    """SEC-05."""
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", value + "canary" if value else value)
    code, _, err = run("pull", "--window", "1h")
    assert code == 3
    assert "api.token" in err
    assert server.requests == []


@pytest.mark.usefixtures("server")
def test_no_token_at_all_says_where_it_belongs(run, monkeypatch):
    monkeypatch.delenv("KEEPTRUSTS_API_TOKEN")
    code, _, err = run("pull", "--window", "1h")
    assert code == 3
    assert "KEEPTRUSTS_API_TOKEN" in err


def test_no_option_takes_a_secret(run):
    for command in ("pull", "preview"):
        code, out, _ = run(command, "--help")
        assert code == 0
        assert "KEEPTRUSTS_API_TOKEN" in out
        assert "--token" not in out


def test_an_api_that_does_not_deliver_is_3_with_one_line(server, run, here):
    server.fault = lambda exchange: exchange.send_json(500, {"error": "x"}) or True
    code, out, err = run("pull", "--window", "1h", "--timeout", "2")
    assert (code, out) == (3, "")
    assert err.startswith("evidencekit: error: http://127.0.0.1:")
    assert list(here.iterdir()) == []


@pytest.mark.usefixtures("here")
def test_plain_http_to_elsewhere_is_3(run, monkeypatch):
    monkeypatch.setenv("KEEPTRUSTS_API_TOKEN", TOKEN)
    code, _, err = run("pull", "--window", "1h", "--api-url", "http://api.example.com")
    assert code == 3
    assert "--allow-http" in err


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 429, 500, 503])
def test_nothing_secret_is_said_however_talkative(server, run, status):
    """SEC-01, SEC-02: the server echoes the token and the link, and we are asked to say more."""

    def echo(exchange):
        told = exchange.headers.get("Authorization", "") + " " + SECRET if status != 200 else TOKEN
        place = f"{server.storage_url}/f?{SECRET}"
        exchange.send_json(status, {"error": told, "id": TOKEN}, Location=place, Retry_After="0")
        return True

    server.fault = echo
    pulling, previewing = ("-vvv", "pull", "--timeout", "1"), ("-q", "preview")
    passing = {429, 500, 503}  # a preview is tried again for a while
    for arguments in (pulling,) if status in passing else (pulling, previewing):
        code, out, err = run(*arguments, "--window", "1h")
        assert code == 3 or (status, arguments[-1]) == (200, "preview")
        assert "deadbeef" not in out + err


def test_a_job_is_gone_on_with(server, run, here):
    assert run("pull", "--window", "1h", "-o", "a.json")[0] == 0
    assert run("pull", "--window", "1h", "--job", "job_000001", "-o", "b.json")[0] == 0
    assert (here / "a.json").read_bytes() == (here / "b.json").read_bytes()
    assert len(server.jobs) == 1
    assert run("pull", "--window", "1h", "--job", "..")[0] == 2
    assert run("pull", "--window", "1h", "--job", "job_9")[0] == 3


def test_ctrl_c_says_how_to_go_on(server, here):
    server.polls = 10_000
    command = [sys.executable, "-m", "evidencekit", "pull", "--window", "1h", "-o", "e.json"]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 20
        while not any(path.endswith("/job_000001") for _, _, path, _ in list(server.requests)):
            assert time.monotonic() < deadline, process.poll()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert "run the same again with --job job_000001" in err
    assert "Traceback" not in err
    server.jobs["job_000001"].polls = 0
    again = subprocess.run(  # noqa: S603
        [*command, "--job", "job_000001"], capture_output=True, text=True, check=False
    )
    assert (again.returncode, again.stdout) == (0, "e.json\n")
    assert sorted(p.name for p in here.iterdir()) == ["e.json", "e.json.receipt.json"]


def test_a_terminal_sees_what_is_going_on(server):
    """On a pseudo-terminal: the job's state is drawn on stderr, and the result alone on stdout."""
    controller, terminal = os.openpty()
    command = [sys.executable, "-m", "evidencekit", "pull", "--window", "1h", "-o", "e.json"]
    server.polls = 2
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=terminal, env=environment
    ) as process:
        os.close(terminal)
        drawn = b""
        try:
            while block := os.read(controller, 65_536):
                drawn += block
        except OSError:  # the other end is closed
            pass
        out = process.stdout.read()
    os.close(controller)
    assert out == b"e.json\n"
    assert b"queued" in drawn
    assert b"canary" not in drawn


# profiles

TOML = """
[profile.production]
api-url = "{url}"
window = "6h"
format = "csv"
environment = "production"
key = "keys/signing.pem"
timestamp-url = "https://tsa.example.com"
output = "bundles"
"""


@pytest.fixture
def profile(server, here, monkeypatch):
    monkeypatch.delenv("KEEPTRUSTS_API_URL")
    (here / "evidencekit.toml").write_text(TOML.format(url=server.url))


@pytest.mark.usefixtures("profile")
def test_a_profile_gives_defaults(server, run):
    code, out, _ = run("--profile", "production", "pull")
    assert code == 0
    assert out.endswith(".csv\n")
    (job,) = server.jobs.values()
    assert job.window.end - job.window.start == 6 * 3_600 * 10**9


@pytest.mark.usefixtures("profile")
def test_a_flag_wins_over_the_environment_and_that_over_the_profile(server, run, monkeypatch):
    assert run("--profile", "production", "pull", "--window", "1h", "--format", "json")[0] == 0
    (job,) = server.jobs.values()
    assert (job.format, job.window.end - job.window.start) == ("json", 3_600 * 10**9)
    asked = len(server.requests)
    monkeypatch.setenv("KEEPTRUSTS_API_URL", "http://127.0.0.1:9")
    code, _, err = run("--profile", "production", "pull", "--timeout", "1")
    assert (code, len(server.requests)) == (3, asked)
    assert "127.0.0.1:9" in err
    assert run("--profile", "production", "preview", "--api-url", server.url)[0] == 0


@pytest.mark.usefixtures("profile")
def test_times_on_the_command_line_win_over_a_window_in_the_profile(server, run):
    times = ["--from-time", "2026-04-01T00:00:00Z", "--to-time", "2026-04-01T01:00:00Z"]
    assert run("--profile", "production", "pull", *times)[0] == 0
    (job,) = server.jobs.values()
    assert str(job.window) == "2026-04-01T00:00:00Z to 2026-04-01T01:00:00Z"


@pytest.mark.usefixtures("profile")
def test_the_profile_may_come_from_the_environment(run, monkeypatch):
    monkeypatch.setenv("EVIDENCEKIT_PROFILE", "production")
    assert run("pull")[0] == 0


def test_paths_in_a_profile_are_relative_to_its_file(tmp_path):
    path = tmp_path / "evidencekit.toml"
    path.write_text(TOML)
    found = defaults(str(path), "production")
    assert found["collect"]["signing_key"] == str(tmp_path / "keys/signing.pem")
    assert found["collect"]["output"] == str(tmp_path / "bundles")
    assert found["collect"]["timestamp_url"] == ("https://tsa.example.com",)
    assert found["sign"]["signing_key"] == str(tmp_path / "keys/signing.pem")
    assert "output" not in found["pull"]
    assert defaults(str(path), None) == {}
    path.write_text("[profile.default]\nwindow = '7d'\n")
    assert defaults(str(path), None)["pull"] == {"window": "7d"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "config.missing"),
        ("[profile.other]", "config.profile"),
        ("", "config.profile"),
        ("[profile.production", "config.toml"),
        ("[profile.production]\nwindow = '1h'\nwindow = '2h'", "config.toml"),
        ("[profile.production]\napi_url = 'x'", "config.unknown"),
        ("[profile.production]\ntoken = 'canary'", "config.unknown"),
        ("[profile.production]\nKEEPTRUSTS_API_TOKEN = 'canary'", "config.unknown"),
        ("[profile.production]\nwindow = 7", "config.value"),
        ("[profile.production]\ntimeout = true", "config.value"),
        ("[profile.production]\nkey = ['a']", "config.value"),
        ("profile = 1", "config.unknown"),
        ("[profile]\nproduction = 1", "config.profile"),
        ("other = 1\n[profile.production]", "config.unknown"),
        ("a = " + "[" * 5_000, "config.toml"),
    ],
)
def test_a_profile_that_is_not_right_is_said_to_be_so(here, text, code):
    if text is not None:
        (here / "evidencekit.toml").write_text(text)
    with pytest.raises(UndecidedError) as caught:
        defaults(None, "production")
    assert caught.value.code == code
    assert "canary" not in str(caught.value) + str(caught.value.hint)


def test_bytes_that_are_no_text_are_no_toml(here):
    (here / "evidencekit.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UndecidedError) as caught:
        defaults(None, "production")
    assert caught.value.code == "config.toml"


@pytest.mark.usefixtures("profile")
def test_a_wrong_value_in_a_profile_names_the_option(run, here):
    (here / "evidencekit.toml").write_text("[profile.production]\nwindow = 'soon'\n")
    code, _, err = run("--profile", "production", "pull")
    assert code == 2
    assert "--window" in err
