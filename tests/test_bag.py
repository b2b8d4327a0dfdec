"""BagIt's texts have one form; any other text is refused."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import bag
from evidencekit.core.bag import BagInfo, check_bagit_txt, checksums, parse_checksums, tag_files
from evidencekit.errors import RejectedError

A, B = "a" * 64, "0123456789abcdef" * 4
GOOD = f"{A}  data/a\n{B}  data/b.json\n"
DIGESTS = st.dictionaries(
    st.from_regex(r"[a-z0-9][a-z0-9_-]{2,9}x(/[a-z0-9]{4,5})?", fullmatch=True),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
)


def result(action, *arguments):
    """Return what ``action`` returns, or the code of its refusal."""
    try:
        return action(*arguments)
    except RejectedError as error:
        return error.code


def refused(text):
    return result(parse_checksums, text if isinstance(text, bytes) else text.encode())


@given(DIGESTS)
def test_what_is_written_is_read_back(digests):
    assert parse_checksums(checksums(digests)) == digests


def test_the_form_is_that_of_sha256sum():
    assert checksums({"data/b.json": B, "data/a": A}) == GOOD.encode()


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.removesuffix("\n"),
        GOOD + "\n",
        "\n" + GOOD,
        "# comment\n" + GOOD,
        "\ufeff" + GOOD,
        GOOD.replace(A, A.upper()),
        GOOD.replace(A, A[1:]),
        GOOD.replace(A, A + "a"),
        GOOD.replace("  data/a", " data/a"),
        GOOD.replace("  data/a", "\tdata/a"),
        GOOD.replace("  data/a", " *data/a"),
        "\\" + GOOD,
        "".join(reversed(GOOD.splitlines(keepends=True))),
        GOOD + GOOD.splitlines(keepends=True)[1],
        GOOD.replace(f"{B}  data/b.json", f"{B}  data/a"),
        GOOD.replace("data/a", ""),
        GOOD.replace("data/a", "data/ä"),
        GOOD.encode("utf-16"),
        GOOD + "\0",
        GOOD.replace("\n", "\x0b"),
        GOOD.replace("\n", "\x85").encode("latin-1"),
    ],
)
def test_any_other_form_is_refused(text):
    assert refused(text) == "checksums.syntax"


@pytest.mark.parametrize("name", ["../a", "/a", "~/a", "data/%0a", "data/A", "c:\\a", "*data/a"])
def test_a_name_that_no_member_has_is_refused(name):
    assert refused(GOOD.replace("data/a", name)) == "container.name"


def test_every_changed_byte_gives_another_table_or_is_refused():
    good, data = parse_checksums(GOOD.encode()), GOOD.encode()
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            found = result(parse_checksums, bytes(changed))
            assert found in ("checksums.syntax", "container.name") or found != good


def test_the_tag_files_and_the_root():
    files = tag_files("evidence-1", "2026-04-23T00:04:11Z", "0.1.0", {"data/a": 7}, {"data/a": A})
    assert files["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert files["bag-info.txt"] == (
        b"External-Identifier: evidence-1\nBagging-Date: 2026-04-23\n"
        b"Bag-Software-Agent: evidencekit 0.1.0\nPayload-Oxum: 7.1\n"
    )
    tagged = parse_checksums(files["tagmanifest-sha256.txt"])
    assert list(tagged) == ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"]
    for name, digest in tagged.items():
        assert digest == hashlib.sha256(files[name]).hexdigest()
    root = hashlib.sha256(files["tagmanifest-sha256.txt"]).hexdigest()
    assert bag.root(files["tagmanifest-sha256.txt"]) == root


def test_bag_info_is_read_in_its_one_form_only():
    info = BagInfo(
        identifier="e-1", date="2026-04-23", agent="evidencekit 0.1.0", octets=7, streams=1
    )
    data = info.to_bytes()
    assert BagInfo.from_bytes(data) == info
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            found = result(BagInfo.from_bytes, bytes(changed))
            assert found == "bag.info" or (found != info and found.to_bytes() == changed)
    for text in (data + b"\n", data * 2, b"", data[:-1], data.replace(b": ", b":  ")):
        with pytest.raises(RejectedError):
            BagInfo.from_bytes(text)


def test_the_declaration_is_two_lines():
    check_bagit_txt(bag.BAGIT_TXT)
    for text in (b"\xef\xbb\xbf" + bag.BAGIT_TXT, bag.BAGIT_TXT.replace(b"1.0", b"0.97"), b""):
        with pytest.raises(RejectedError) as caught:
            check_bagit_txt(text)
        assert caught.value.code == "bag.declaration"
