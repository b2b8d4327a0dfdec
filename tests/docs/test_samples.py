"""The samples are what their script makes, and no byte of the sample bundle changes unnoticed."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from evidencekit.checks import authenticity, integrity
from evidencekit.checks.case import Case
from evidencekit.cli import run
from evidencekit.core.instant import parse_instant
from evidencekit.core.names import is_large
from evidencekit.core.report import Outcome
from evidencekit.edges.container import open_bundle
from evidencekit.edges.trust import Trust
from evidencekit.examination import examine
from evidencekit.verifier import verify

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
BUNDLE = SAMPLES / "bundle"
AT = parse_instant("2026-04-24T00:00:00Z")
SMALL, STEP = 700, 97  # bytes: of larger members every 97th byte is flipped
MEMBERS = sorted(
    path.relative_to(BUNDLE).as_posix() for path in BUNDLE.rglob("*") if path.is_file()
)


@pytest.fixture(scope="module")
def trust():
    return Trust.from_file(SAMPLES / "trust.toml")


@pytest.fixture
def bundle(tmp_path):
    return Path(shutil.copytree(BUNDLE, tmp_path / "bundle"))


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_script_leaves_no_difference(tmp_path):
    script = importlib.util.spec_from_file_location("script", ROOT / "scripts/make_samples.py")
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    module.make(tmp_path)
    made, kept = contents(tmp_path), contents(SAMPLES)
    del kept["README.md"]
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


def test_folder_and_zip_hold_the_same_bundle(trust):
    found = [verify(form, trust=trust, at=AT) for form in (BUNDLE, SAMPLES / "bundle.zip")]
    folder, zipped = (result.report.subject for result in found)
    assert (folder["form"], zipped["form"]) == ("folder", "zip")
    assert {**folder, "form": "zip"} == zipped


@pytest.mark.parametrize("output", ["bundle", "bundle.zip"])
def test_the_same_input_key_and_clock_give_the_same_bytes(tmp_path, monkeypatch, output):
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1776902651")
    key = tmp_path / "signing.pem"
    assert run(["-q", "keys", "new", str(key)]) == 0
    made = []
    for number in ("first", "second"):
        (tmp_path / number).mkdir()
        path = tmp_path / number / output
        arguments = ["--from", str(SAMPLES / "export.json"), "--key", str(key), "-o", str(path)]
        assert run(["-q", "collect", *arguments]) == 0
        made.append(contents(path.parent))
    assert made[0] == made[1]


def flips(data, step):
    """Yield where, and the bytes with one bit changed there: another bit at each place."""
    for place in range(0, len(data), step):
        yield place, data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


def is_rejected(bundle, trust):
    """Tell whether a check fails that a full verification makes too; one is enough to reject."""
    with open_bundle(bundle) as opened:
        case = Case(found=examine(opened, keys=trust.keys, schema=None), trust=trust, at=AT)
    questions = (integrity.container, integrity.checksums, authenticity.signature)
    return any(question(case).outcome is Outcome.FAIL for question in questions)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_changed_byte_of_a_member_is_noticed(bundle, trust, member):
    file = bundle / member
    data = file.read_bytes()
    step = 1 if len(data) <= SMALL else 10 * STEP if is_large(member) else STEP
    for place, changed in flips(data, step):
        file.write_bytes(changed)
        assert is_rejected(bundle, trust), f"byte {place} of {member}"
    assert verify(bundle, trust=trust, at=AT).report.exit_code == 1
    file.write_bytes(data)
    assert verify(bundle, trust=trust, at=AT).report.exit_code == 0


def test_a_changed_byte_of_the_zip_is_noticed(trust):
    data = (SAMPLES / "bundle.zip").read_bytes()
    for place, changed in flips(data, 10 * STEP):
        assert verify(changed, trust=trust, at=AT, quick=True).report.exit_code == 1, place


@pytest.mark.slow
@pytest.mark.parametrize("member", MEMBERS)
def test_every_changed_byte_of_every_member_rejects(bundle, trust, member):
    file = bundle / member
    for place, changed in flips(file.read_bytes(), 1):
        file.write_bytes(changed)
        found = verify(bundle, trust=trust, at=AT, quick=True).report
        assert found.exit_code == 1, f"byte {place} of {member}"
