"""What the receiver gives: a fingerprint restricts keys, and never adds to them."""

import zipfile

import pytest
from catalogue import AT
from stored import BUNDLES

from evidencekit.core.publickey import PublicKey
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

GOOD = BUNDLES / "good"
CODES = {"preparer": "preparer.pub", "co-signer": "co-signer.pub", "ecdsa": "ecdsa.pub"}


def key(name):
    return BUNDLES / f"keys/{CODES[name]}"


def fingerprint(name):
    return PublicKey.from_bytes(key(name).read_bytes()).fingerprint


@pytest.fixture
def asked(node, page):
    """Ask the page's script about a stored bundle; return the report and its checks by name."""

    def ask(bundle, keys, typed):
        request = {"path": str(GOOD / bundle), "keys": [str(one) for one in keys]}
        (report,) = node("judge.mjs", page, [request | {"fingerprint": typed, "at": str(AT)}])
        return report, {one["name"]: one for one in report["checks"]}

    return ask


def codes(check):
    return check["outcome"], [fault["code"] for fault in check["faults"]]


@pytest.mark.parametrize(
    ("keys", "typed"), [("preparer", "ecdsa"), ("ecdsa", "preparer"), ("co-signer", "preparer")]
)
def test_a_key_file_with_another_fingerprint_is_never_enough(asked, keys, typed):
    """One of the two is the forger's, and nothing here can tell which."""
    report, checks = asked("json-array", [key(keys)], fingerprint(typed))
    assert report["verdict"] == "undecided"
    assert codes(checks["trust"]) == ("undecided", ["trust.fingerprint"])
    told = checks["trust"]["message"]
    assert told == (
        f"the key in {CODES[keys]} has the fingerprint {fingerprint(keys)}, "
        f"you typed {fingerprint(typed)}"
    )


def test_a_fingerprint_says_who_of_several_keys_has_to_have_signed(asked):
    keys = [key("preparer"), key("ecdsa")]
    report, checks = asked("json-array", keys, fingerprint("ecdsa"))
    assert report["verdict"] == "rejected"
    assert codes(checks["expectations"]) == ("fail", ["expectations.signer"])
    report, checks = asked("json-array", keys, fingerprint("preparer"))
    assert report["verdict"] == "accepted"
    assert codes(checks["expectations"]) == ("pass", [])


def test_the_same_key_given_twice_is_accepted_and_either_alone_is(asked):
    for keys, typed in (
        ([key("preparer")], fingerprint("preparer")),
        ([key("preparer")], ""),
        ([], fingerprint("preparer")),
    ):
        report, checks = asked("json-array", keys, typed)
        assert report["verdict"] == "accepted"
        assert ("expectations" in checks) == bool(keys and typed)


def spellings(whole, words):
    digest = whole.removeprefix("SHA256:")
    groups = " ".join(digest[at : at + 4] for at in range(0, 43, 4))
    return [
        *(digest, f"sha256:{digest}", f"Sha256: {groups}", f"SHA256: {groups}", f" {groups}\n"),
        *(f"{whole}=", " ".join(words), "-".join(words), "".join(words).upper()),
        " ".join(words).capitalize(),
    ]


@pytest.mark.parametrize("name", ["preparer", "stranger"])
def test_a_fingerprint_may_be_given_as_people_give_it(name, node, page):
    public = PublicKey.from_bytes((BUNDLES / f"keys/{name}.pub").read_bytes())
    request = {"path": str(GOOD / "json-array"), "keys": [], "at": str(AT)}
    typed = spellings(public.fingerprint, public.words)
    requests = [request | {"fingerprint": one} for one in [public.fingerprint, *typed]]
    first, *reports = node("judge.mjs", page, requests)
    assert (first["verdict"] == "accepted") == (name == "preparer")
    assert [report["checks"] for report in reports] == [first["checks"]] * len(typed)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text[:-1] + "p",  # the last character has two bits that are none
        lambda text: text.replace("+", "-").replace("/", "_") + "!",
        lambda text: text.removeprefix("SHA256:").removesuffix(text[-1]),
        lambda text: f"MD5:{text}",
        lambda _: "koguv rifos nimaf kubot",
    ],
)
def test_a_fingerprint_that_was_misread_is_refused(change, asked):
    report, checks = asked("json-array", [], change(fingerprint("preparer")))
    assert report["verdict"] == "undecided"
    assert codes(checks["trust"]) == ("undecided", ["key.fingerprint"])


def test_a_zip_that_was_packed_again_says_what_to_do_in_both(node, page, tmp_path):
    again = tmp_path / "again.zip"
    with zipfile.ZipFile(again, "w") as archive:
        for path in sorted((GOOD / "json-array").rglob("*")):
            archive.write(path, path.relative_to(GOOD))
    request = {"path": str(again), "keys": [str(key("preparer"))], "at": str(AT)}
    (report,) = node("judge.mjs", page, [request | {"fingerprint": ""}])
    found = verify(again, trust=Trust.from_keys([key("preparer")]), at=AT, jobs=1).report
    (theirs,) = [fault for one in found.checks for fault in one.faults]
    (ours,) = report["checks"][0]["faults"]
    assert ours == {"code": theirs.code, "message": theirs.message, "hint": theirs.hint}
    assert "packed it again" in ours["hint"]


def test_another_signer_is_named_by_his_own_word_and_not_as_the_one_who_is_trusted(asked):
    report, checks = asked("json-array", [key("ecdsa")], "")
    assert report["verdict"] == "rejected"
    told = checks["signature"]["faults"][0]
    assert f"signed by {fingerprint('preparer')} (its own word)" in told["message"]
    assert told["message"].endswith(f"you trust {fingerprint('ecdsa')}")
    assert "ask the signer" in told["hint"]


def test_a_file_that_is_no_key_and_a_folder_that_is_no_bundle_say_so(asked, tmp_path):
    (tmp_path / "notes.txt").write_text("Minutes\nof the meeting\n")
    _, checks = asked("json-array", [tmp_path / "notes.txt"], "")
    assert checks["trust"]["message"] == "notes.txt: is neither a public key nor a trust file"
    _, checks = asked(GOOD, [key("preparer")], "")
    assert "the folder that holds bagit.txt" in checks["container"]["faults"][0]["hint"]


def test_a_signer_without_a_name_is_not_named_twice(asked):
    _, checks = asked("json-array", [key("preparer")], "")
    assert checks["trust"]["message"] == f"signed by {fingerprint('preparer')}; 1 of 1 needed"
