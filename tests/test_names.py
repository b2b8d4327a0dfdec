"""One spelling, and a closed world of names."""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import names
from evidencekit.core.names import check_name, closed_world, is_known, is_large, safe_name
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_NAME_BYTES, MAX_SIGNERS

CORPORA = Path(__file__).parents[1].parent / "shared" / "corpora"
KEY = "0123456789abcdef"
WHOLE = [*names.REQUIRED, "data/export/events.json", f"signatures/{KEY}.sigstore.json"]


def codes(found):
    return [fault.code for fault in closed_world(found)]


def refused(name):
    with pytest.raises(RejectedError) as caught:
        check_name(name)
    return caught.value.code == "container.name"


def test_every_name_of_the_closed_world_is_spelled_right():
    for name in [*WHOLE, "custody/0001.sigstore.json", "data/attachments/incident-report.pdf"]:
        check_name(name)
        assert is_known(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "../a",
            "./a",
            "a/.",
            "a/..",
            "~",
            "~x",
        ),
        *(
            "A",
            "a/B",
            "a b",
            "a\\b",
            "c:a",
            "c:\\a",
            "\\\\host\\a",
            "a\0",
            "a\n",
            "\n",
            "a\r",
            "a%0a",
        ),
        *(
            "a.",
            "a./b",
            "a..",
            ".a",
            "-a",
            "_a",
            "a/.b",
            "a ",
            " a",
            "a:b",
            "a*",
            "a?",
            "a|b",
            "a<",
        ),
        *(
            "con",
            "nul",
            "aux.txt",
            "prn.tar.gz",
            "com0",
            "com1",
            "lpt9",
            "a/con",
            "con/a",
            "a/nul.x",
        ),
        *("ä", "stra\u00dfe", "e\u0301", "\uff41", "a\u202eb", "\u0130", "K", "a\udcff", "²", "٣"),
        *("a" * (MAX_NAME_BYTES + 1), "/".join(["a"] * MAX_NAME_BYTES)),
    ],
)
def test_any_other_spelling_is_refused_and_never_normalised(name):
    assert refused(name)
    assert codes([*WHOLE, name]) == ["container.name"]
    assert not is_known(f"data/attachments/{name}") or "/" not in name


@given(st.text(max_size=20))
def test_no_text_is_accepted_that_is_not_of_the_rule(name):
    legal = re.fullmatch(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*", name, re.ASCII)
    with contextlib.suppress(RejectedError):
        check_name(name)
        assert legal
        assert name == name.lower() == name.strip()


def test_names_that_go_refuses_are_refused():
    if not CORPORA.is_dir():
        pytest.skip("the corpora are not beside this checkout")
    stated = set()
    for path in (CORPORA / "zip-go-module-rules").rglob("*.txt"):
        text = path.read_text("latin-1")
        stated |= set(re.findall(r'malformed file path "([^"]+)"', text))
        stated |= set(re.findall(r"^(\S+): file path is not clean", text, re.MULTILINE))
    assert len(stated) >= 3
    assert all(refused(name) for name in stated)


def test_a_whole_bundle_has_no_fault():
    assert codes(WHOLE) == []
    assert codes([*WHOLE, *(f"signatures/{KEY}.{kind}" for kind in ("sig", "sshsig", "tsr"))]) == []
    assert codes([*WHOLE, "custody/0001.sigstore.json", "custody/1000.sigstore.json"]) == []


@pytest.mark.parametrize("name", [*sorted(names.REQUIRED), "data/export/events.json"])
def test_each_name_that_is_missing_is_named(name):
    (fault,) = closed_world([other for other in WHOLE if other != name])
    assert fault.code == "container.missing"
    assert str(fault).startswith(name.removesuffix("/events.json"))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "fetch.txt",
            "readme",
            "data",
            "signatures",
            "data/manifest.json/x",
            "data/export/x.json",
        ),
        *("manifest-sha512.txt", "data/attachments", "data/attachments/a/b", "data/export/events"),
        *("signatures/x.sig", f"signatures/{KEY}", f"signatures/{KEY}.sigstore.json.bak"),
        *(f"signatures/{KEY}0.sig", f"signatures/{KEY[1:]}.sig", f"signatures/g{KEY[1:]}.sig"),
        *(
            "custody/0000.sigstore.json",
            "custody/1001.sigstore.json",
            "custody/00001.sigstore.json",
        ),
        *("custody/1.sigstore.json", "custody/0001.sig", f"custody/{KEY}.sigstore.json"),
    ],
)
def test_each_name_that_is_unlisted_is_named(name):
    assert not is_known(name)
    (fault,) = closed_world([*WHOLE, name])
    assert (fault.code, str(fault).split(":")[0]) == ("container.unlisted", name)


def test_all_faults_are_reported_not_the_first():
    found = [*WHOLE, "fetch.txt", "UP", "data/export/events.csv"]
    found.remove("bagit.txt")
    assert codes(found) == [
        "container.name",
        "container.unlisted",
        "container.missing",
        "container.unlisted",
    ]


def test_more_signers_than_anybody_needs_are_a_fault():
    signers = [f"signatures/{number:016x}.sig" for number in range(MAX_SIGNERS + 1)]
    assert codes([*WHOLE, *signers]) == ["container.members"]


@given(st.text(alphabet="abcs/.-0123456789", max_size=40), st.sampled_from(WHOLE))
def test_no_known_name_is_a_folder_of_another(tail, name):
    assert not is_known(f"{name}/{tail}")


def test_what_is_read_in_pieces():
    large = [name for name in [*WHOLE, "data/attachments/a"] if is_large(name)]
    assert large == ["data/export/events.json", "data/attachments/a"]


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("Incident Report.pdf", "incident-report.pdf"),
        ("report", "report"),
        ("Überblick (final)_v2.PDF", "uberblick-final-_v2.pdf"),
        ("../../etc/passwd", "etc-passwd"),
        (".bashrc", "bashrc"),
        ("CON.txt", "file-con.txt"),
        ("nul", "file-nul"),
        ("日本語", "attachment"),
        ("日本語.pdf", "pdf"),
        ("", "attachment"),
        ("...", "attachment"),
        ("a.", "a"),
        ("archive.tar.gz", "archive.tar.gz"),
    ],
)
def test_an_attachment_gets_a_portable_name(original, expected):
    assert safe_name(original) == expected


@given(st.lists(st.text(max_size=300), max_size=6))
def test_attachments_never_share_a_name_and_are_always_legal(originals):
    taken: list[str] = []
    for original in originals:
        name = safe_name(original, taken=taken)
        assert name not in taken
        assert is_known(f"data/attachments/{name}")
        taken.append(name)


def test_signature_parts_and_custody_numbers():
    assert names.signature_parts(f"signatures/{KEY}.sigstore.json") == (KEY, "sigstore.json")
    assert names.signature_parts("signatures/x.sig") is None
    assert names.custody_number("custody/0042.sigstore.json") == 42
    assert names.custody_number("custody/٤٢٤٢.sigstore.json") is None
