"""What the last line of a rejection says of the usual accidents: it names what was done."""

import shutil
from pathlib import Path

import pytest

from evidencekit.core.instant import parse_instant
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

SAMPLES = Path(__file__).parents[1] / "samples"
AT = parse_instant("2026-06-01T00:00:00Z")


def without(folder, where):
    for path in (folder / where).iterdir():
        path.unlink()


def with_file(folder, where):
    (folder / where).write_bytes(b"")


CASES = {
    "the export": (without, "data/export", "data/export/events.json: is listed in manifest-sha256"),
    "the signatures": (without, "signatures", "signatures: there are none in the bundle"),
    "a Mac": (with_file, ".DS_Store", "(file managers leave it: delete it, or verify the zip)"),
    "Windows": (with_file, "data/desktop.ini", "(file managers leave it: delete it, or verify"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_says_what_was_done_to_a_folder(tmp_path, name):
    change, where, expected = CASES[name]
    folder = tmp_path / "bundle"
    shutil.copytree(SAMPLES / "bundle", folder)
    change(folder, where)
    line = verify(folder, trust=trust(), at=AT, jobs=1).report.verdict_line
    assert line.startswith("rejected: ")
    assert expected in line


def test_a_flipped_bit_in_a_zip_is_damage():
    data = bytearray((SAMPLES / "bundle.zip").read_bytes())
    data[len(data) // 2] ^= 1
    line = verify(bytes(data), trust=trust(), at=AT, jobs=1).report.verdict_line
    assert "was damaged or changed since it was zipped (crc is 0x" in line


def trust():
    return Trust.from_keys([SAMPLES / "signer.pub"])
