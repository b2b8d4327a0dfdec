"""Other projects' archives, bags, envelopes, signatures and keys, through the command line.

None of them is a bundle of ours, so none may be accepted, and nothing may come of any.
"""

import io
import json
import re
import warnings
import zipfile
from types import SimpleNamespace

import pytest
from forge import zips
from forge.bench import PREPARER, envelope, statement_of
from forge.handovers import recorded
from forge.kinds import thin
from forge.signatures import ENVELOPE
from test_publickey import FOURTEEN, forms
from torture import doors
from torture.entrances import AT, BUNDLES, Room

from evidencekit.core.dsse import MEDIA_TYPE
from evidencekit.core.publickey import ED25519, PublicKey

REFUSED = re.compile(r"([a-z]+\.not-accepted|container\.[a-z0-9-]+)")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("EVIDENCEKIT_TRUST", raising=False)
        patch.setenv("EVIDENCEKIT_KEY_PASSPHRASE", "")
        patch.chdir(folder)
        yield Room(folder)


@pytest.fixture(scope="module")
def measured():
    measured = doors.Measured({"EVIDENCEKIT_KEY_PASSPHRASE": ""})
    yield measured
    measured.close()


def refused(room, command, path, call=doors.call, **how):
    """Run a command on what is no bundle; hold that it says so and that nothing was written."""
    before = doors.left(room.folder)
    said = call(*command(room, path), **how).check()
    assert said.code == 1, (path.name, said.out + said.err)
    assert any(map(REFUSED.fullmatch, said.codes)), (path.name, said.codes)
    assert doors.left(room.folder) == before, path.name
    return said


# Archives


def warehouse():
    folder = doors.corpus("zip-warehouse")
    cases = json.loads((folder / "expected.json").read_bytes())
    assert len(cases) == 45
    return {case["file"]: (folder / case["file"]).read_bytes() for case in cases}


def go_archives():
    """Yield an archive of the names, as they stand there, of every text archive of Go's rules."""
    folder = doors.corpus("zip-go-module-rules") / "testdata"
    for file in sorted(folder.rglob("*.txt")):
        names = re.findall(rb"^-- (.+) --\r?$", file.read_bytes(), re.MULTILINE)
        made = io.BytesIO()
        with warnings.catch_warnings(), zipfile.ZipFile(made, "w") as archive:
            warnings.simplefilter("ignore")  # a name twice is what some of them are about
            for name in names:
                archive.writestr(name.decode("utf-8", "backslashreplace"), b"package x\n")
        yield f"{file.parent.name}/{file.name}", made.getvalue()


def archives(step):
    found = {**warehouse(), **dict(go_archives())}
    assert len(found) == 45 + 54
    return doors.every(step, list(found.items()), 3)


@pytest.mark.parametrize("step", [25, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("door", BUNDLES)
def test_no_foreign_archive_is_a_bundle_to_any_command(room, door, step):
    for name, data in archives(step):
        said = refused(room, BUNDLES[door], room.put("foreign.zip", data))
        if door == "verify":
            assert said.reason.startswith("container."), name


MORE = pytest.mark.parametrize("more", [(), ("--cross",), ("--extract-to", "made")])


@MORE
@pytest.mark.parametrize("step", [33, pytest.param(1, marks=pytest.mark.slow)])
def test_no_foreign_archive_on_stdin(room, step, more):
    for _name, data in archives(step):
        path = room.put("foreign.zip", data)
        refused(room, lambda _r, _p: ["verify", "-", *room.keys, *more], path, stdin=data)


@MORE
@pytest.mark.parametrize("step", [99, pytest.param(9, marks=pytest.mark.slow)])
def test_time_and_memory_of_processes(room, measured, step, more):
    for _name, data in archives(step):
        path = room.put("foreign.zip", data)
        refused(
            room, lambda _r, _p: ["verify", "-", *room.keys, *more], path, measured.call, stdin=path
        )


def go_names():
    folder = doors.corpus("zip-go-module-rules") / "testdata"
    texts = "\n".join(file.read_text("latin-1") for file in folder.rglob("*.txt"))
    unclean = re.findall(
        r"^(\S+): (?:file path is not clean|go\.mod files must)", texts, re.MULTILINE
    )
    return sorted({*unclean, *re.findall(r'malformed file path "([^"]+)"', texts)})


def test_names_that_go_refuses_in_a_zip_that_is_ours_in_all_else(room):
    """Transplanted: a member is called so in both headers, and nothing else is wrong."""
    names = go_names()
    assert len(names) >= 5
    for name in names:
        bundle = room.put("foreign.zip", zips.renamed(f"{thin().base}/data/attachments/{name}"))
        for door in ("verify", "show", "extract"):
            assert "container.name" in refused(room, BUNDLES[door], bundle).codes, name


# Bags


def bags():
    folder = doors.corpus("bagit-conformance")
    return sorted({file.parent for file in folder.rglob("bagit.txt")} | invalid_bags(folder))


def invalid_bags(folder):
    """Some bags are wrong in that they have no bagit.txt."""
    return {bag for kind in folder.glob("v*/*") for bag in kind.iterdir() if bag.is_dir()}


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("door", BUNDLES)
def test_no_bag_of_the_conformance_suite_is_a_bundle(room, door, step):
    found = bags()
    assert len(found) >= 46
    for bag in doors.every(step, found, list(BUNDLES).index(door)):
        before = doors.left(bag)
        refused(room, BUNDLES[door], bag)
        assert doors.left(bag) == before


# Envelopes


def envelopes():
    folder = doors.corpus("dsse-vectors")
    kept = (f for f in sorted(folder.rglob("*")) if f.is_file() and "LICENCE" not in f.name)
    found = {file.name: file.read_bytes() for file in kept if file.suffix not in {".md", ".pub"}}
    assert len(found) >= 13
    return found


def ours(data):
    """Return a DSSE envelope inside the bundle format that ours have, so that it can be opened."""
    document = json.loads(data or b"{}")
    document = document.get("dsseEnvelope", document)
    if "payload" not in document:
        return None
    fingerprint = PREPARER.public_key.fingerprint
    signatures = [{**one, "keyid": fingerprint} for one in document["signatures"][:1]]
    return json.dumps({
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": fingerprint}},
        "dsseEnvelope": {**document, "signatures": signatures},
    }).encode()  # fmt: skip


def test_no_envelope_of_another_format_signs_a_bundle(room):
    wrapped = 0
    for name, data in envelopes().items():
        forms = [data, ours(data)] if name != "protocol-vector.json" else [data]
        wrapped += sum(form is not None for form in forms[1:])
        for form in filter(None, forms):
            for made in (thin().with_members({ENVELOPE: form}), recorded(form)):
                said = doors.call(*room.judge(made)).check()
                assert said.code == 1, name
                assert said.reason.partition(".")[0] in {"envelope", "signature"}, (
                    name,
                    said.reason,
                )
            back = room.judge(
                thin(), "--schema", room.schema, "--receipt", room.put("back.json", form)
            )
            assert doors.call(*back).check().code == 1
    assert wrapped >= 8


def test_the_keys_of_another_project_are_ours_to_name_or_are_refused(room):
    folder = doors.corpus("dsse-vectors") / "in-toto-golang"
    keys = sorted(folder.glob("*.pub"))
    assert len(keys) == 5
    for key in keys:
        shown = doors.call("keys", "show", key).check()
        added = doors.call("trust", "add", key, "--name", "n", "--trust", room.output).check()
        assert shown.code == added.code, key.name
        assert f"{shown.code} {shown.reason}" in {"0 None", "3 key.type"}, key.name
        assert room.output.exists() is (added.code == 0)
        room.output.unlink(missing_ok=True)
        judged = doors.call("verify", room.bundle, "--key", key, "--at", AT).check()
        assert judged.code in {1, 3}, key.name


# Keys and signatures


def wycheproof():
    document = json.loads((doors.corpus("ed25519-wycheproof") / "ed25519_test.json").read_bytes())
    for group in document["testGroups"]:
        for test in group["tests"]:
            raw = bytes.fromhex(group["publicKey"]["pk"])
            yield PublicKey(algorithm=ED25519, raw=raw), bytes.fromhex(test["sig"])


def replayed(key, signature):
    """Return the good bundle, signed with one signature that was made over something else."""
    bare = thin().with_members({n: None for n in thin().members if n.startswith("signatures/")})
    who = SimpleNamespace(public_key=key)
    payload = json.dumps(statement_of(bare, who)).encode()
    stem = f"signatures/{key.signer_id}"
    files = {f"{stem}.sigstore.json": envelope(who, payload, signature), f"{stem}.sig": signature}
    return zips.zipped(bare.with_members(files))


@pytest.mark.parametrize("step", [19, pytest.param(1, marks=pytest.mark.slow)])
def test_no_wycheproof_signature_signs_a_bundle_and_its_keys_can_be_named(room, step):
    vectors = list(wycheproof())
    assert len(vectors) == 151
    for key, signature in doors.every(step, vectors):
        path = room.put("replayed.zip", replayed(key, signature))
        public = room.put("vector.pub", key.to_openssh().encode())
        trust = room.folder / "vector.toml"
        trust.unlink(missing_ok=True)
        added = doors.call("trust", "add", public, "--name", "vector", "--trust", trust).check()
        assert (added.code, added.out.split()[0]) == (0, key.fingerprint)
        for named in (["--key", public], ["--trust", trust]):
            asked = ["verify", path, "--schema", room.schema, "--at", AT, "--format", "json"]
            said = doors.call(*asked, *named).check()
            assert said.code == 1
            assert said.codes & {"signature.invalid", "signature.size", "envelope.signature"}


@pytest.mark.parametrize("raw", FOURTEEN, ids=bytes.hex)
def test_keys_of_low_order_are_refused_by_every_command_that_takes_a_key(room, raw):
    for number, form in enumerate(forms(raw)):
        path = room.put(f"low-{number}.pub", form)
        for asked in (
            ["verify", room.bundle, "--key", path],
            ["show", room.bundle, "--key", path],
            ["drill", room.bundle, "--key", path],
            ["keys", "show", path],
            ["trust", "add", path, "--name", "n", "--trust", room.output],
        ):
            said = doors.call(*asked).check()
            assert f"{said.code} {said.reason}" == "3 key.low-order"
            assert not room.output.exists()
    trust = room.put(
        "low.toml", f'[[signer]]\nname = "n"\nkey = "{form.decode().strip()}"\n'.encode()
    )
    for asked in (["verify", room.bundle, "--trust", trust], ["trust", "list", "--trust", trust]):
        said = doors.call(*asked).check()
        assert said.code == 3
        assert said.reason in {"trust.key", "key.low-order"}, said.err


def test_the_bundle_that_all_this_is_held_against_is_accepted(room):
    asked = ["verify", room.bundle, *room.keys, "--schema", room.schema, "--at", AT]
    assert doors.call(*asked).check().code == 0
    quick = doors.call("verify", room.bundle, "--trust", room.trust, "--at", AT, "--quick").check()
    assert quick.code == 0
