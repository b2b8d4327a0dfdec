"""The demo: a story that can be pasted, and an API to practise against."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evidencekit.edges.keys import load_public_key

ROOT = Path(__file__).parents[2]


@pytest.fixture
def served(tmp_path):
    """Run ``demo --serve`` until the test is done with it."""
    command = [sys.executable, "-m", "evidencekit", "demo", "--serve"]
    running = subprocess.Popen(  # noqa: S603  (our words)
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield running
    if running.poll() is None:
        running.kill()
    running.communicate()


def test_an_api_to_practise_against_runs_until_it_is_interrupted(
    served, tool, key, tmp_path, monkeypatch
):
    word, *settings = shlex.split(served.stdout.readline())
    assert word == "export"
    for setting in settings:
        monkeypatch.setenv(*setting.split("=", 1))
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", os.environ["KEEPTRUSTS_API_URL"])
    made = tool(
        "collect", "--window", "24h", "--environment", "production", "--key", key, "-o", "b"
    )
    assert made.code == 0, made.err
    assert tool("verify", "b", "--key", f"{key}.pub").code == 0
    served.send_signal(signal.SIGINT)
    out, err = served.communicate(timeout=60)
    assert (served.returncode, out) == (0, "")
    assert "Ctrl-C ends it" in err
    assert tool("preview", "--window", "24h").code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", key.name, f"{key.name}.pub"]


def test_serving_writes_nothing_so_it_takes_no_folder(tool):
    said = tool("demo", "place", "--serve")
    assert (said.code, "leave DIR out" in said.err) == (2, True)


def test_every_command_of_the_demo_can_be_pasted(tool, served, tmp_path):
    """Its API has ended by then; with the line of one that runs, each does what it did there."""
    told = tool("demo", "story").out
    assert len(told.splitlines()) < 120
    lines = re.findall(r"^\$ (.*)$", told, re.MULTILINE)
    collect = next(n for n, line in enumerate(lines) if line.startswith("evidencekit collect "))
    assert lines[collect - 1].startswith("export KEEPTRUSTS_API_URL=http://127.0.0.1:")
    lines[collect - 1] = served.stdout.readline()
    first = f'evidencekit() {{ "{sys.executable}" -m evidencekit "$@"; }}'
    (tmp_path / "again/story").mkdir(parents=True)
    script = "\n".join([first, *lines[: collect + 1]])
    done = subprocess.run(  # noqa: S603  (what the demo said)
        ["sh", "-ec", script],  # noqa: S607  (the shell that is there)
        cwd=tmp_path / "again", env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert load_public_key(tmp_path / "again/story/signing.pem.pub").fingerprint in done.stderr
    assert "story/evidence-production-" in done.stdout
