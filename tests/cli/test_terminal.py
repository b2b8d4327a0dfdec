"""What people see: reports at 40, 80 and 120 columns, with and without colour, and progress.

The reports are compared with ``terminal/NAME-COLUMNS.txt``; ``REWRITE=1`` writes them anew, to be
looked at.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidencekit.cli import hints
from evidencekit.cli.console import Console

pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed: make setup")

ROOT = Path(__file__).parents[2]
SEEN = Path(__file__).parent / "terminal"
AT = ("--at", "2026-04-24T00:00:00Z")
KEY = ("--key", "signer.pem")
SCREENS = {
    "accepted": ("verify", "bundle", *KEY, *AT),
    "rejected": ("verify", "tampered", *KEY, *AT),
    "undecided": ("verify", "bundle", *AT),
    "unreadable": ("verify", "nosuch", *AT),
    "error": ("verify", "bundle", "--trust", "nosuch.toml"),
    "usage": ("collect", "--from", "export.json"),
    "trusted": ("trust", "list", "--trust", "trust.toml"),
    "key": ("keys", "show", "signer.pem"),
    "validated": ("validate", "export.json", "--request-id", "req_nosuch"),
}
STYLE = re.compile(r"\x1b\[[0-9;]*m")
BAR = """
import sys, time
from evidencekit.cli.bars import Bar
from evidencekit.cli.console import Console
color = Console(color=sys.argv[2]).coloured(sys.stderr)
with Bar("asking", color=color, waits=sys.argv[1] == "waits", patience=0) as bar:
    if sys.argv[1] == "waits":
        while bar._drawn is None:
            time.sleep(0.01)
    bar.tell("verifying", 50_000_000, 100_000_000)
    bar._drawn[0].refresh()
print("done")
"""


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(ROOT / "samples/bundle", tmp_path / "bundle")
    shutil.copytree(ROOT / "samples/bundle", tmp_path / "tampered")
    for name in ("signer.pem", "trust.toml"):
        shutil.copy(ROOT / "samples" / name, tmp_path)
    (tmp_path / "trust.toml").chmod(0o600)
    export = tmp_path / "tampered/data/export/events.json"
    shutil.copy(export, tmp_path / "export.json")
    export.write_bytes(export.read_bytes().replace(b'"verdict": "block"', b'"verdict": "allow"', 1))
    return tmp_path


def shown(folder, words, columns=80, **environment):
    """Run Python in a terminal of that width, and return what comes on it."""
    settings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        **environment,
    }
    size = {"dimensions": (100, columns), "encoding": "utf-8", "timeout": 120}
    child = pexpect.spawn(sys.executable, list(words), cwd=folder, env=settings, **size)
    child.expect(pexpect.EOF)
    child.close()
    return child.before.replace("\r\n", "\n")


def tool(folder, words, columns=80, options=("--no-progress",), **environment):
    return shown(folder, ("-m", "evidencekit", *options, *words), columns, **environment)


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_the_one_that_was_looked_at(name, columns, desk):
    seen, path = STYLE.sub("", tool(desk, SCREENS[name], columns)), SEEN / f"{name}-{columns}.txt"
    if os.environ.get("REWRITE"):
        SEEN.mkdir(exist_ok=True)
        path.write_text(seen, "utf-8")
    assert seen == path.read_text("utf-8")


def test_a_report_fits_into_its_terminal_and_the_verdict_comes_last():
    for name, verdict in (("accepted", "accepted"), ("rejected", "rejected: data/export")):
        for columns in (40, 80, 120):
            text = (SEEN / f"{name}-{columns}.txt").read_text("utf-8")
            assert max(map(len, text.splitlines())) <= columns
            last = text.rstrip().rpartition("\n\n")[2]
            assert " ".join(last.split()).startswith(f"verdict: {verdict}")


def test_a_digest_stays_in_one_piece_from_80_columns_on(desk):
    for name in ("accepted", "rejected"):
        whole = tool(desk, SCREENS[name], 400)
        text = (SEEN / f"{name}-80.txt").read_text("utf-8")
        assert set(re.findall(r"[0-9a-f]{64}", whole)) == set(re.findall(r"[0-9a-f]{64}", text))


def test_colour_is_where_it_is_wanted_and_nowhere_else(desk):
    assert "\x1b[32m" in tool(desk, SCREENS["accepted"])
    assert "\x1b[31m" in tool(desk, SCREENS["rejected"])
    plain = STYLE.sub("", tool(desk, SCREENS["accepted"]))
    never = ("--no-progress", "--color", "never")
    assert tool(desk, SCREENS["accepted"], NO_COLOR="1") == plain
    assert tool(desk, SCREENS["accepted"], TERM="dumb") == plain
    assert tool(desk, SCREENS["accepted"], options=never) == plain


def test_a_pipe_gets_the_same_sentences_each_on_one_line(desk):
    command = [sys.executable, "-m", "evidencekit", *SCREENS["rejected"]]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603
        command, cwd=desk, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "\n\n" not in done.stdout
    seen = STYLE.sub("", tool(desk, SCREENS["rejected"]))
    assert done.stdout.split() == seen.split()


@pytest.mark.parametrize("kind", ["tells", "waits"])
def test_a_bar_is_drawn_and_gone_when_done(kind, tmp_path):
    for columns, told in ((80, "50.0/100.0 MB"), (40, "50%")):
        screen = shown(tmp_path, ("-c", BAR, kind, "auto"), columns)
        assert "verifying" in screen
        assert told in STYLE.sub("", screen)
        assert screen.endswith("\x1b[2Kdone\n"), "the line of the bar is erased last"
        lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", screen))
        assert max(map(len, lines)) <= columns
    assert "\x1b[36m" in shown(tmp_path, ("-c", BAR, kind, "auto"))
    assert "\x1b[36m" not in shown(tmp_path, ("-c", BAR, kind, "auto"), NO_COLOR="1")
    assert "\x1b[36m" not in shown(tmp_path, ("-c", BAR, kind, "never"))


def test_nothing_is_drawn_for_what_is_done_at_once_nor_where_nobody_looks(desk, capfd):
    quick = tool(desk, SCREENS["accepted"], options=())
    assert STYLE.sub("", quick) == (SEEN / "accepted-80.txt").read_text("utf-8")
    with Console().watch("asking", waits=True) as progress:
        progress("verifying", 1, 2)
    assert capfd.readouterr().err == ""


DRAWING = "from evidencekit.cli.console import Console; print(Console({}).drawing)"


@pytest.mark.parametrize(
    ("asked", "term", "drawing"),
    [
        ("", "xterm", True),
        ("quiet=True", "xterm", False),
        ("progress=False", "xterm", False),
        ("", "dumb", False),
    ],
)
def test_quiet_dumb_and_no_progress_draw_nothing(asked, term, drawing, tmp_path):
    assert shown(tmp_path, ("-c", DRAWING.format(asked)), TERM=term) == f"{drawing}\n"


def test_hints_are_for_codes_that_exist():
    known = (ROOT / "docs/reference/codes.md").read_text("utf-8")
    missing = [code for code in hints._CODES if f"| `{code}` |" not in known]
    assert missing == []
    assert hints.hint_for("export.missing") == hints._ENDINGS["missing"]
    assert hints.hint_for("checksums.mismatch") is None
