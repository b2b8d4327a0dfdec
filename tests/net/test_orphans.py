"""What a killed process leaves, and nobody goes on with, is removed after a week, not before."""

import fcntl
import os
from pathlib import Path

import pytest

from evidencekit.core.jobs import ExportRequest
from evidencekit.edges.partial import Places, sweep
from evidencekit.edges.pull import pull
from evidencekit.standin import StandIn

TOKEN = "canary-7f3a9c-token"
NOW = 1_776_902_651_000_000_000  # 2026-04-23T00:04:11Z
WEEK = 7 * 86_400 * 1_000_000_000
OURS = Places.of(Path("folder"), "https://api.example.com", "job_1")


@pytest.fixture
def orphan(tmp_path):
    """Leave both files of a job, last touched so long before NOW."""

    def leave(age, job="job_0", suffixes=("part", "job")):
        places = Places.of(tmp_path, "https://api.example.com", job)
        for path in (places.part, places.journal):
            if path.suffix[1:] in suffixes:
                path.write_bytes(b"[{")
                os.utime(path, ns=(NOW - age, NOW - age))
        return places

    return leave


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffixes", [("part", "job"), ("part",), ("job",)])
def test_a_week_old_pair_or_half_of_one_goes(tmp_path, orphan, suffixes):
    orphan(WEEK + 1, suffixes=suffixes)
    sweep(tmp_path, keep=OURS, now=NOW)
    assert names(tmp_path) == []


def test_a_younger_pair_stays_and_so_does_one_half_of_which_is_younger(tmp_path, orphan):
    orphan(WEEK - 1, "young")
    mixed = orphan(WEEK + 1, "mixed")
    os.utime(mixed.journal, ns=(NOW, NOW))
    sweep(tmp_path, keep=OURS, now=NOW)
    assert len(names(tmp_path)) == 4


def test_the_job_in_hand_stays_however_old(tmp_path, orphan):
    places = orphan(WEEK * 9)
    sweep(tmp_path, keep=places, now=NOW)
    assert places.kept


def test_what_another_process_holds_stays(tmp_path, orphan):
    places = orphan(WEEK * 9)
    with places.part.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        sweep(tmp_path, keep=OURS, now=NOW)
    assert places.kept
    assert places.part.exists()


def test_nothing_of_another_name_or_kind_goes(tmp_path, orphan):
    """A link, a folder, a name that is nearly ours, and the users' files: all as old as can be."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    linked, folder = orphan(0, "linked", ()), orphan(0, "folder", ())
    linked.part.symlink_to(victim)
    folder.part.mkdir()
    for name in ("export.part", ".evidencekit-1.part", f".evidencekit-{'a' * 16}.part.bak"):
        (tmp_path / name).write_bytes(b"")
    for path in tmp_path.iterdir():
        os.utime(path, ns=(0, 0), follow_symlinks=False)
    before = names(tmp_path)
    sweep(tmp_path, keep=OURS, now=NOW)
    assert names(tmp_path) == before
    assert victim.read_bytes() == b"precious"


def test_a_folder_that_cannot_be_read_is_no_error(tmp_path):
    sweep(tmp_path / "none", keep=OURS, now=NOW)


def test_the_next_pull_into_that_folder_sweeps_it(tmp_path, fake, connect, orphan):
    orphan(WEEK * 2)
    with StandIn(token=TOKEN, clock=fake.clock(), polls=0) as server:
        request = ExportRequest(format="json", window="24h")
        pull(connect(server.url), request, tmp_path / "export.json")
    assert names(tmp_path) == ["export.json"]
