"""A verdict as of a time is the same bytes wherever and whenever it is given."""

import json
import os
import subprocess
import sys

import pytest

from evidencekit import __version__
from evidencekit.core.schema import EventSchema
from evidencekit.edges.trustfile import add_authority

AT = "2036-01-01T00:00:00Z"
HERE = {
    "PATH": os.defpath,
    "PYTHONHASHSEED": "0",
    "LC_ALL": "C",
    "TZ": "UTC",
    "HOME": "/",
}
THERE = {
    "PATH": os.defpath,
    "PYTHONHASHSEED": "4711",
    "LC_ALL": "tr_TR.UTF-8",
    "LANG": "ar_EG.UTF-8",
    "TZ": "Asia/Kathmandu",
    "COLUMNS": "40",
    "FORCE_COLOR": "1",
    "PYTHONUTF8": "1",
    "PYTHONOPTIMIZE": "1",
    "SOURCE_DATE_EPOCH": "1",
}


def judged(folder, environment, *words, umask="022", jobs="1"):
    """Return what verify prints in a process of its own, in this folder."""
    script = f'umask {umask}; exec "$0" -m evidencekit "$@"'
    command = ["sh", "-c", script, sys.executable, "verify", "evidence.zip", "--at", AT]
    command += ["--format", "json", "--trust", "trust.toml", "--jobs", jobs, *words]
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True)  # noqa: S603 (our words)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def two_places(make, call, tsa, trust, tmp_path):
    """Return two folders that hold the same bundle, receipt and trust file, and nothing alike."""
    bundle, receipt = make(), tmp_path / "receipt.json"
    add_authority(trust, "TSA", tsa.folder / "chain.pem")
    assert call("timestamp", bundle, "--timestamp-url", tsa.url)[0] == 0
    assert call("receive", bundle, "--outcome", "accepted", key="auditor")[0] == 0
    words = (
        "--outcome",
        "insufficient",
        "-o",
        receipt,
        "--note",
        "\u00e4\u0130\u2602",
        "--timestamp-url",
    )
    assert call("receive", bundle, *words, tsa.url, key="auditor")[0] == 0
    places = tmp_path / "here", tmp_path / "there" / "d\u00e9ep \u2602" / "er"
    for place, mode in zip(places, (0o644, 0o600), strict=True):
        place.mkdir(parents=True)
        for source, name in ((bundle, "evidence.zip"), (trust, "trust.toml"), (receipt, "r.json")):
            (place / name).write_bytes(source.read_bytes())
            (place / name).chmod(mode)
            os.utime(place / name, (mode, mode))
    return places


def test_no_circumstance_changes_a_byte(two_places):
    here, there = two_places
    first = judged(here, HERE, "--receipt", "r.json")
    second = judged(there, THERE, "--receipt", "r.json", umask="077", jobs="2")
    assert first[0] == 0, first
    assert first[:2] == second[:2]
    assert b"\x1b" not in second[1]


def test_a_rejection_is_the_same_bytes_too(two_places):
    here, there = two_places
    for place in two_places:
        data = bytearray((place / "evidence.zip").read_bytes())
        data[len(data) // 2] ^= 1
        (place / "evidence.zip").write_bytes(data)
    first, second = judged(here, HERE), judged(there, THERE, umask="077", jobs="2")
    assert first[:2] == second[:2]
    assert first[0] == 1


def test_it_says_what_it_was_judged_by(two_places):
    here, there = two_places
    report = json.loads(judged(here, HERE)[1])
    assert report["tool"] == {"name": "evidencekit", "version": __version__}
    assert report["judged_at"] == AT
    assert report["basis"]["schema_sha256"] == EventSchema.own().sha256
    before = report["basis"]["trust_sha256"]
    (there / "trust.toml").write_text((there / "trust.toml").read_text() + "# a comment\n")
    assert json.loads(judged(there, THERE)[1])["basis"]["trust_sha256"] != before


def test_the_path_is_in_one_member_only(two_places):
    """Named another way, only ``bundle`` differs: the path as it was given."""
    here, _ = two_places
    reports = []
    for name in ("evidence.zip", "./evidence.zip", str(here / "evidence.zip")):
        command = [sys.executable, "-m", "evidencekit", "verify", name, "--at", AT]
        command += ["--format", "json", "--trust", "trust.toml"]
        done = subprocess.run(command, cwd=here, env=HERE, check=True, capture_output=True)  # noqa: S603 (our words)
        reports.append(json.loads(done.stdout) | {"bundle": ""})
    assert reports[0] == reports[1] == reports[2]
