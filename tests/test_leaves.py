"""Leaf digests beside a bundle: written whole or not at all, and every event proves itself."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from forge.bench import as_csv, as_lines, event

from evidencekit.cli import run
from evidencekit.core.instant import parse_instant
from evidencekit.core.tree import inclusion_of_file, leaf_hash, tree_of_file, verify_inclusion
from evidencekit.edges.keys import new_key
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError
from evidencekit.verifier import verify

BUNDLES = Path(__file__).parent / "bundles"
GOOD, BAD = BUNDLES / "good/json-array", BUNDLES / "bad/page-html-figure"
KEY = BUNDLES / "keys/preparer.pub"
AT = parse_instant("2026-06-01T00:00:00Z")
SIZES = [0, 1, 2, 3, 7, 8, 1000]


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")


@pytest.fixture
def call(capsys, tmp_path):
    new_key(tmp_path / "k.pem", None, "test")

    def called(*arguments: object) -> tuple[int, str]:
        code = run([str(argument) for argument in arguments])
        return code, capsys.readouterr().err

    return called


def collect(call, export: str, *more: object) -> tuple[int, str]:
    words = ("--from", export, "--key", "k.pem", "--allow-empty", "--jobs", "1")
    return call("collect", *words, "-o", "b", *more)


def some(count: int, verdict: str) -> list[dict]:
    times = (f"2026-04-16T08:{at // 60:02}:{at % 60:02}Z" for at in range(count))
    return [event(number, verdict, timestamp=time) for number, time in enumerate(times)]


def tree_root(bundle: str = "b") -> bytes:
    facts = json.loads(Path(bundle, "data/manifest.json").read_bytes())["facts"]
    return bytes.fromhex(facts["tree_root"])


def left_over() -> list[str]:
    return [path.name for path in Path().rglob("*.tmp")]


def written(records: list[bytes]) -> None:
    Path("e.json").write_bytes(b"[" + b", ".join(records) + b"]")


@pytest.mark.parametrize("size", SIZES)
def test_every_event_proves_itself_against_the_signed_root(call, size):
    records = [json.dumps(one).encode() for one in some(size, "allow")]
    written(records)
    assert collect(call, "e.json", "--leaves", "b.leaves")[0] == 0
    assert call("verify", "b", "--key", "k.pem.pub", "--leaves", "again.leaves")[0] == 0
    file, root = Path("b.leaves").read_bytes(), tree_root()
    assert Path("again.leaves").read_bytes() == file
    assert file == b"".join(map(leaf_hash, records))
    assert tree_of_file([file]).root() == root
    for index in {*range(min(size, 8)), *range(size)[-3:], *range(size)[500:503]}:
        proof = inclusion_of_file([file], size, index)
        assert proof.root == root
        assert verify_inclusion(leaf_hash(records[index]), index, size, proof.path, root)
        other = leaf_hash(records[index].replace(b"allow", b"block", 1))
        assert not verify_inclusion(other, index, size, proof.path, root)


@pytest.mark.parametrize(("name", "form"), [("e.json", as_lines), ("e.csv", as_csv)])
def test_every_shape_has_its_leaves(call, name, form):
    Path(name).write_bytes(form(some(40, "block")))
    assert collect(call, name, "--leaves", "one")[0] == 0
    assert call("verify", "b", "--key", "k.pem.pub", "--leaves", "two")[0] == 0
    assert Path("one").read_bytes() == Path("two").read_bytes()
    assert tree_of_file([Path("one").read_bytes()]).root() == tree_root()


def test_a_zip_gives_the_same_leaves_as_its_folder(call):
    zipped = BUNDLES / "good/json-array.zip"
    for bundle, name in ((GOOD, "one"), (zipped, "two")):
        assert (
            call("verify", bundle, "--key", KEY, "--at", "2026-06-01T00:00:00Z", "--leaves", name)[
                0
            ]
            == 0
        )
    assert Path("one").read_bytes() == Path("two").read_bytes()


def test_a_failed_collect_leaves_none(call):
    written([b'{"id": 7}'])
    code, said = collect(call, "e.json", "--leaves", "l")
    assert (code, "schema.invalid-events" in said) == (1, True)
    assert not Path("l").exists()
    assert left_over() == []


def test_a_rejected_bundle_has_none(tmp_path):
    found = verify(BAD, trust=Trust.from_keys([KEY]), at=AT, jobs=1, leaves=tmp_path / "l")
    assert found.report.exit_code == 1
    assert not (tmp_path / "l").exists()
    assert left_over() == []


def test_another_tree_than_the_signed_one_is_never_written(tmp_path):
    shutil.copytree(GOOD, "b")
    export = Path("b/data/export/events.json")
    export.write_bytes(export.read_bytes().replace(b"allow", b"block", 1))
    found = verify(Path("b"), trust=Trust.from_keys([KEY]), at=AT, jobs=1, leaves=tmp_path / "l")
    assert found.report.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_whom_nobody_trusts_may_still_have_the_tree_that_is_claimed(tmp_path):
    found = verify(GOOD, trust=None, at=AT, jobs=1, leaves=tmp_path / "l")
    assert found.report.exit_code == 3
    assert tree_of_file([Path("l").read_bytes()]).root() == tree_root(str(GOOD))


def test_events_that_were_not_examined_give_no_leaves(tmp_path):
    draft = "https://json-schema.org/draft/2020-12/schema"
    schema = json.dumps({"$schema": draft, "$id": "urn:x", "type": "object"}).encode()
    trust = Trust.from_keys([KEY])
    found = verify(GOOD, trust=trust, at=AT, jobs=1, schema=schema, leaves=tmp_path / "l")
    assert found.report.exit_code == 3
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="quick"):
        verify(GOOD, trust=trust, at=AT, quick=True, leaves=tmp_path / "l")


def test_options_that_do_not_go_together_are_a_wrong_command_line(call):
    assert call("verify", GOOD, "--key", KEY, "--quick", "--leaves", "l")[0] == 2
    assert call("verify", GOOD, GOOD, "--key", KEY, "--leaves", "l")[0] == 2
    assert not Path("l").exists()


@pytest.mark.parametrize(
    ("leaves", "code"),
    [
        ("taken", "output.exists"),
        ("dangling", "output.exists"),
        ("nowhere/l", "output.no-folder"),
        ("b", "output.in-bundle"),
        ("sub/../b", "output.in-bundle"),
        ("other/l", "output.in-bundle"),
        ("other/data/l", "output.in-bundle"),
        ("link/l", "output.in-bundle"),
    ],
)
def test_a_name_that_is_taken_or_in_a_bundle_is_refused_before_any_work(call, leaves, code):
    Path("taken").write_bytes(b"mine")
    Path("dangling").symlink_to("nothing")
    Path("sub").mkdir()
    shutil.copytree(GOOD, "other")
    Path("link").symlink_to("other/data")
    ended, said = collect(call, "no-such-export.json", "--leaves", leaves)
    assert (ended, f"[{code}]" in said) == (3, True), said
    assert Path("taken").read_bytes() == b"mine"
    assert not Path("b").exists()


def test_a_full_disk_is_told_and_leaves_no_part_of_them():
    verifying = [sys.executable, "-B", "-m", "evidencekit", "verify", GOOD, "--key", KEY]
    words = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *map(str, verifying), "--leaves", "l"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 3, ran.stderr
    assert "output.disk-full" in ran.stdout + ran.stderr
    assert list(Path().iterdir()) == []


def test_a_bundle_stays_closed():
    shutil.copytree(GOOD, "b")
    trust = Trust.from_keys([KEY])
    for inside in ("b/l", "b/data/l", "b/signatures/l"):
        with pytest.raises(EvidenceError) as refused:
            verify(Path("b"), trust=trust, at=AT, jobs=1, leaves=Path(inside))
        assert refused.value.code == "output.in-bundle"
    assert verify(Path("b"), trust=trust, at=AT, jobs=1).report.exit_code == 0
