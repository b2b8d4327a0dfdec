"""Every bundle of tests/bundles is taken as it must be: the good ones, and each kind of bad one.

``tests/make_bundles.py`` writes them; ``bad/EXPECTED.json`` says of each what has to be found.
"""

import json
import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import make_bundles
import pytest
from forge.bench import EXPORT, forged, read_folder, sha256
from forge.kinds import QUERY, thin
from forge.recipes import follow

from evidencekit.cli import run
from evidencekit.core.instant import parse_instant
from evidencekit.core.schema import document_faults
from evidencekit.edges.render import TEMPLATE
from evidencekit.edges.trust import Trust
from evidencekit.verifier import show
from evidencekit.verifier import verify as verify_bundle

BUNDLES = Path(__file__).parent / "bundles"
EXPECTED = json.loads((BUNDLES / "bad/EXPECTED.json").read_bytes())
AT = "2026-06-01T00:00:00Z"
# Ways to be wrong that a receiver handles alike share a code; everything else has its own.
CHECKS = {
    "container",
    "checksums",
    "signature",
    "trust",
    "timestamp",
    "custody",
    "manifest",
    "schema",
    "facts",
    "coverage",
    "summary",
    "expectations",
}


def keys(*names):
    return [word for name in names for word in ("--key", str(BUNDLES / f"keys/{name}.pub"))]


def verify(capsys, bundle, *arguments):
    """Return the exit code and the report of one verification, which is of its published form."""
    asked = ["verify", str(bundle), "--at", AT, "--format", "json", "--jobs", "1", *arguments]
    code = run([str(word) for word in asked])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    report = json.loads(out)
    assert document_faults("report.v1.schema.json", report) == ()
    assert report["exit_code"] == code
    return code, report


def found(report):
    return {(c["name"], f["code"]) for c in report["checks"] for f in c.get("faults", ())}


@pytest.fixture
def bad(tmp_path):
    """Return where the bad bundle of a name is, made first if no repository can hold it."""

    def place(name):
        for path in (BUNDLES / "bad" / name, BUNDLES / "bad" / f"{name}.zip"):
            if path.exists():
                return path
        recipe = json.loads((BUNDLES / "bad" / f"{name}.recipe.json").read_bytes())
        return follow(recipe["steps"], BUNDLES / "good/older-template", tmp_path)

    return place


@pytest.fixture
def asked(tmp_path):
    """Return the arguments that a bad bundle is verified with."""

    def arguments(row):
        words = list(row.get("arguments", ()))
        if "--trust" in words:
            # A trust file that others may write is refused, and who checks out has any umask.
            copy = tmp_path / "trust.toml"
            shutil.copyfile(BUNDLES / words[words.index("--trust") + 1], copy)
            copy.chmod(0o600)
            words[words.index("--trust") + 1] = copy
        elif "--key" in words:
            words[words.index("--key") + 1] = BUNDLES / words[words.index("--key") + 1]
        elif "--no-key" in words:
            words.remove("--no-key")
        else:
            words += keys("preparer", "co-signer", "ecdsa")
        if row.get("schema") != "own":
            words += ["--schema", BUNDLES / "small.schema.json"]
        return words

    return arguments


GOOD = sorted(path for path in (BUNDLES / "good").iterdir() if path.name != "older-template")


@pytest.mark.parametrize("bundle", GOOD, ids=lambda path: path.name)
def test_a_good_bundle_is_accepted_by_the_keys_that_signed_it(bundle, capsys):
    code, report = verify(capsys, bundle, *keys("preparer", "co-signer", "ecdsa"))
    assert (code, report["verdict"], found(report)) == (0, "accepted", set())


def test_the_bundle_that_wrongs_are_done_to_is_good(capsys):
    schema = ("--schema", BUNDLES / "small.schema.json")
    bundle = BUNDLES / "good/older-template"
    code, report = verify(capsys, bundle, *keys("preparer"), *schema)
    assert (code, found(report)) == (0, set())


@pytest.mark.parametrize("template", ["summary-1"])
def test_a_bundle_with_pages_of_an_older_version_is_accepted_and_says_so(
    template, capsys, tmp_path
):
    """What an older version made, which this one cannot make again, stays as good as it was."""
    bundle, schema = BUNDLES.parent / f"older/{template}.zip", tmp_path / "event.schema.json"
    with zipfile.ZipFile(bundle) as opened:
        name = next(name for name in opened.namelist() if name.endswith("event.schema.json"))
        schema.write_bytes(opened.read(name))
    code, report = verify(capsys, bundle, *keys("preparer"), "--schema", schema)
    assert (code, report["verdict"], found(report)) == (0, "accepted", set())
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["summary"]["outcome"] == "not asked"
    sides = f"rendered by {template.replace('-', '/')}, this version has {TEMPLATE}"
    assert checks["summary"]["message"].startswith(f"{sides}: the pages were not compared")
    assert {c["outcome"] for n, c in checks.items() if n in ("facts", "coverage")} == {"pass"}
    trust, at = Trust.from_keys([BUNDLES / "keys/preparer.pub"]), parse_instant(AT)
    verified = verify_bundle(bundle, trust=trust, at=at, schema=schema.read_bytes(), jobs=1)
    assert report["subject"]["root"] in show(verified, "text")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bad_bundle_gets_its_own_verdict_and_code(name, bad, asked, capsys):
    row = EXPECTED[name]
    code, report = verify(capsys, bad(name), *asked(row))
    assert code == row["exit"]
    assert (row["check"], row["code"]) in found(report)


def test_the_catalogue_is_whole_and_its_codes_are_many():
    stored = {
        path.name.removesuffix(".recipe.json").removesuffix(".zip")
        for path in (BUNDLES / "bad").iterdir()
    }
    assert stored - {"EXPECTED.json"} == set(EXPECTED)
    assert len(EXPECTED) >= 150
    assert {row["check"] for row in EXPECTED.values()} >= CHECKS
    assert len({row["code"] for row in EXPECTED.values()}) >= 80
    assert Counter(row["exit"] for row in EXPECTED.values()).keys() == {1, 3}


@pytest.mark.slow
def test_the_bundles_are_those_that_the_script_writes(tmp_path):
    make_bundles.write(tmp_path)
    written, stored = read_folder(tmp_path), read_folder(BUNDLES)
    assert sorted(written) == sorted(stored)
    assert [name for name in stored if written[name] != stored[name]] == []


@pytest.mark.parametrize("kind", ["sig", "sshsig"])
def test_a_companion_that_is_absent_is_told_and_no_fault(kind, capsys):
    bundle = BUNDLES / f"good/without-{kind}"
    code, report = verify(capsys, bundle, *keys("preparer"))
    (forms,) = report["subject"]["signatures"]
    assert (code, forms["absent"]) == (0, [kind])
    assert sorted([*forms["present"], kind]) == ["sig", "sigstore.json", "sshsig"]
    (told,) = [one["message"] for one in report["checks"] if one["name"] == "signature"]
    assert f"; without .{kind})" in told
    assert run(["verify", str(bundle), "--at", AT, "--jobs", "1", *keys("preparer")]) == 0
    assert f"without .{kind})" in " ".join(capsys.readouterr().out.split())


def test_of_each_signer_it_is_told_which_files_there_are(capsys):
    _, report = verify(capsys, BUNDLES / "good/co-signed", *keys("preparer", "co-signer"))
    found = report["subject"]["signatures"]
    assert [one["signer"] for one in found] == report["subject"]["signers"]
    assert {tuple(one["present"]) for one in found} == {("sigstore.json", "sig", "sshsig")}
    assert [one["absent"] for one in found] == [[], []]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"response": replace(QUERY.response, etag='"2"')}, 1),
        ({"response": replace(QUERY.response, content_length=None)}, 0),
        ({"response": QUERY.response, "transformations": ("decompressed",)}, 0),
    ],
)
def test_a_length_is_compared_only_with_bytes_that_are_as_they_came(query, code, tmp_path, capsys):
    """Of an export that is two bytes longer than the answer said; everything else fits it."""
    made = thin()
    export = made.members[EXPORT] + b"\n\n"

    def change(manifest):
        manifest["export"] |= {"size": len(export), "sha256": sha256(export)}
        manifest["query"] = replace(QUERY, **query).to_json()

    forgery = forged(made.with_members({EXPORT: export}), change, pages=False)
    for name, data in forgery.members.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    schema = ("--schema", str(BUNDLES / "small.schema.json"))
    found_code, report = verify(capsys, tmp_path, *keys("preparer"), *schema)
    assert found_code == code
    assert found(report) == ({("manifest", "manifest.content-length")} if code else set())


def test_every_fault_is_reported_and_not_the_first_alone(capsys, tmp_path):
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLES / "good/json-array", bundle)
    (bundle / "notes.txt").write_bytes(b"x")
    (bundle / "data/summary.md").write_bytes(b"all is well\n")
    (bundle / "bagit.txt").unlink()
    (bundle / "bag-info.txt").write_bytes(b"Contact-Name: Mallory\n")
    export = bundle / "data/export/events.json"
    export.write_bytes(export.read_bytes().replace(b'"block"', b'"allow"'))
    code, report = verify(capsys, bundle, *keys("preparer"))
    assert code == 1
    assert found(report) >= {
        ("container", "container.unlisted"),
        ("container", "container.missing"),
        ("checksums", "checksums.missing"),
        ("checksums", "checksums.mismatch"),
        ("checksums", "bag.info"),
        ("signature", "statement.subject"),
        ("manifest", "manifest.digest"),
        ("summary", "summary.differs"),
        ("facts", "facts.mismatch"),
    }


def test_many_bundles_in_one_call_get_the_worst_verdict(capsys):
    good, bad_one = BUNDLES / "good/csv", BUNDLES / "bad/page-html-figure"
    assert run(["verify", str(good), str(bad_one), "--at", AT, *keys("preparer")]) == 1
    assert run(["verify", str(good), str(good), "--at", AT, *keys("preparer")]) == 0
    assert run(["verify", str(good), str(good), "--at", AT, *keys("preparer", "stranger")]) == 0
    assert run(["verify", str(good), "no-such-bundle", "--at", AT, *keys("preparer")]) == 3
    assert run(["verify", str(good), "no-such", str(bad_one), "--at", AT, *keys("preparer")]) == 1
    capsys.readouterr()


def test_sentences_that_no_version_here_compares_are_not_shown_as_facts(tmp_path, capsys):
    def lie(manifest):
        for check in manifest["checks"]:
            check["message"] = "certified complete by everybody"

    lying = forged(thin(), lie, pages=False)
    for name, data in lying.members.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    schema = ("--schema", str(BUNDLES / "small.schema.json"))
    code, _ = verify(capsys, tmp_path, *keys("preparer"), *schema)
    assert code == 0, "another version may have worded its checks otherwise"
    report = verify_bundle(
        tmp_path,
        trust=Trust.from_keys([BUNDLES / "keys/preparer.pub"]),
        at=1_780_000_000_000_000_000,
        schema=(BUNDLES / "small.schema.json").read_bytes(),
        jobs=1,
    )
    for fmt in ("text", "markdown", "html"):
        assert "certified" not in show(report, fmt)
    assert "certified" in show(report, "json")
