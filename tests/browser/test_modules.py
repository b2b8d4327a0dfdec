"""The page's modules give what the Python modules of the same names give."""

import hashlib
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from evidencekit import limits, resources
from evidencekit.core import strict_json
from evidencekit.core.bundleid import derived_id
from evidencekit.core.instant import format_instant, parse_instant
from evidencekit.core.manifest import Claim, Manifest
from evidencekit.core.publickey import PublicKey
from evidencekit.core.tree import Tree, leaf_hash
from evidencekit.core.visible import visible
from evidencekit.core.window import Window
from evidencekit.errors import EvidenceError

STORED = Path(__file__).parents[1] / "bundles"
LENGTHS = [*range(131), 1_000, 4_097, 65_461, 65_462, 65_463, 65_464, 70_001]


@pytest.fixture(scope="session")
def call(node, page):
    """Call functions of the page's script, many at a time: lists of name and arguments."""
    return lambda *calls: node("modules.mjs", page, [list(one) for one in calls])


def data(value: bytes) -> dict[str, str]:
    return {"hex": value.hex()}


def test_sha256_is_right_for_every_length_and_in_pieces(call):
    texts = [bytes(n * k % 251 for k in range(n)) for n in LENGTHS]
    whole = call(*(["sha256", data(text)] for text in texts))
    assert [one["hex"] for one in whole] == [hashlib.sha256(text).hexdigest() for text in texts]
    pieces = call(*(["inPieces", data(texts[-1]), size] for size in (1, 7, 63, 64, 65, 9_999)))
    assert {one["hex"] for one in pieces} == {hashlib.sha256(texts[-1]).hexdigest()}
    prefixed = call(*(["sha256Prefixed", 1, data(text)] for text in texts))
    expected = [hashlib.sha256(b"\1" + text).hexdigest() for text in texts]
    assert [one["hex"] for one in prefixed] == expected


def test_sha256_gives_the_standards_answers(call):
    # FIPS 180-4 examples, and the million letters of NIST's.
    texts = [b"abc", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", b"a" * 1_000_000]
    assert [one["hex"] for one in call(*(["sha256", data(text)] for text in texts))] == [
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    ]


def test_crc32_is_zlibs(call):
    texts = [bytes(n) + b"\xff" * n for n in range(40)]
    assert call(*(["crc32", data(text)] for text in texts)) == [zlib.crc32(text) for text in texts]


def test_the_tree_is_rfc_9162s(call):
    for count in (0, 1, 2, 3, 7, 8, 13):
        records = [b"record %d" % n for n in range(count)]
        tree = Tree()
        for record in records:
            tree.add(leaf_hash(record))
        assert call(["treeRoot", [data(one) for one in records]]) == [data(tree.root())]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a\\b",
        "\x1b[31m",
        "\u202eabc",
        "x\u200by",
        "\U000e0041",
        "\ud800",
        "e" * 200,
        "ä中😀",
    ],
)
def test_hostile_text_becomes_visible_in_the_same_way(call, text):
    assert call(["visible", text, 80]) == [visible(text)]


DOCUMENTS = [
    b"", b" ", b"{}", b"[]", b"nul", b"null", b"true x", b"01", b"1.", b"-", b"-0", b"1e5", b"1E+2",
    b"1e999", b"NaN", b"-Infinity", b"18446744073709551615", b"18446744073709551616",
    b"-9223372036854775808", b"-9223372036854775809", b"9007199254740993", b'"\\ud800"',
    b'"\\ud83d\\ude00"', b'"\\ude00\\ud83d"', b'"\\u00e4\\n"', b'"\x01"', b'"\\x"', b'"\xff"',
    b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}', b'{"a":[{"b":1,"b":2}]}', b'{"__proto__":1}',
    b'{"a":1,}', b"[1,]", b"[1 2]", b'{"a" 1}', b"{1:2}", b"[" * 65 + b"]" * 65,
    b"[" * 64 + b"]" * 64, b'["' + b"[" * 99 + b'"]', b"\xef\xbb\xbf{}", b"{} {}", b"1e-400",
    b'{"b":1.0,"a":[true,false,null,"x"]}', b"\t\r\n [\n]", b"\x0b[]", b'"unended', b'"\\u12',
]  # fmt: skip


def test_json_is_read_as_strictly_and_alike(call):
    found = call(*(["readJson", data(text)] for text in DOCUMENTS))
    assert found == [_read(text) for text in DOCUMENTS]


def _read(text: bytes) -> object:
    try:
        return _marked(strict_json.loads(text))
    except EvidenceError as error:
        return {"error": error.code}


def _marked(value: object) -> object:
    if isinstance(value, float):
        return {"real": int(value) if value.is_integer() else value}
    if type(value) is int and abs(value) >= 2**53:
        return {"integer": str(value)}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    return value


def test_an_event_is_refused_for_what_the_strict_reader_refuses(call):
    objects = [b'{"x":' + text + b"}" for text in DOCUMENTS if not text.startswith(b"\xef")]
    depths = call(*(["deepest", data(text)] for text in objects))
    calls = zip(objects, depths, strict=True)
    found = call(*(["checkEvent", data(text), depth] for text, depth in calls))
    assert [isinstance(one, dict) and one["error"] for one in found] == [
        _read(text).get("error", False) for text in objects
    ]


TIMES = [
    "2026-04-23T00:04:11Z", "2026-04-23t00:04:11.5z", "2026-04-23T00:04:11.123456789999+02:00",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2016-12-31T23:59:60Z",
    "2016-12-31T23:58:60Z", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "1969-12-31T23:59:59.25Z", "2026-01-01T00:00:00-24:00", "2026-01-01 00:00:00Z",
    "0050-06-01T00:00:00Z",
]  # fmt: skip


def test_times_are_read_and_written_alike(call):
    expected = []
    for text in TIMES:
        try:
            expected.append(format_instant(parse_instant(text)))
        except ValueError:
            expected.append({"error": "SyntaxError"})
    assert call(*(["instant", text] for text in TIMES)) == expected


def test_keys_are_read_and_refused_alike(call, shop):
    wire = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
    points = [
        bytes(32),
        b"\1" + bytes(31),
        b"\xff" * 32,
        b"\2" + bytes(31),
        (2**255 - 18).to_bytes(32, "little"),
    ]
    texts = [path.read_bytes() for path in (shop.key, shop.pem, shop.other, shop.carol)]
    texts += [_line(wire + point) for point in points]
    texts += [_line(wire + bytes(31)), b"", b"hello", b"ssh-ed25519 !!!!", texts[0] * 2]
    texts += [
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
        texts[1] * 2,
        texts[1].replace(b"MC", b"MD"),
    ]
    texts += [b"# a comment\n\n" + texts[0], b"ecdsa-sha2-nistp256 " + texts[0].split()[1]]
    expected = []
    for text in texts:
        try:
            expected.append(PublicKey.from_bytes(text).fingerprint)
        except EvidenceError as error:
            expected.append({"error": error.code})
    found = call(*(["fingerprint", data(text)] for text in texts))
    assert found[:-3] == expected[:-3]
    assert [one if isinstance(one, str) else "error" in one for one in found[-3:]] == [
        one if isinstance(one, str) else "error" in one for one in expected[-3:]
    ]


def _line(wire: bytes) -> bytes:
    import base64  # noqa: PLC0415

    return b"ssh-ed25519 " + base64.b64encode(wire) + b" x\n"


TRUST_FILES = {
    '# c\r\n[[signer]]\r\nname = "a\\u00e4\\t" # why\r\n[[signer]]\nname = \'b\\\'\n'
    "[policy]\nn = 2": {
        "signer": [{"name": "aä\t"}, {"name": "b\\"}],
        "policy": {"n": 2},
    },
    '[a]\nb = """\nx\\\n   y\n"""\nc = [ "1", # one\n "2", ]\nd = 2026-01-01T01:00:00+01:00\n': {
        "a": {"b": "xy\n", "c": ["1", "2"], "d": {"time": "2026-01-01T00:00:00Z"}}
    },
    "[a]\nb = '''\nx''y'''\ne = true\n": {"a": {"b": "x''y", "e": True}},
    "": {},
    **dict.fromkeys(
        [
            "[a]\nb = 1\nb = 2", "[a]\n[a]", "[a]\n[[a]]", "[a.b]", "a.b = 1", "[a]\nb = {c = 1}",
            "[a]\nb = 1.5", "[a]\nb = 01", "[a]\nb = 'x", '[a]\nb = "\\q"', "[a]\nb = 1 c = 2",
            "[a]\nb", "[a] x", "[a]\nb = \n", '[a]\nb = "x\ny"', "[a]\nb = [1 2]", "[a]\nb = 0x1",
            '[a]\nb = "\\ud800"', "[a]\nb = 2026-02-30T00:00:00Z", '[a]\nb = ""c',
            "[a]\nb = \"x\x01\"",
        ],
        "trust.syntax",
    ),
}  # fmt: skip


def test_a_trust_file_is_read_in_its_simple_form_and_refused_in_any_other(call):
    found = call(*(["readToml", data(text.encode()), "t"] for text in TRUST_FILES))
    expected = [{"error": v} if isinstance(v, str) else v for v in TRUST_FILES.values()]
    assert found == expected


def test_the_limits_are_those_of_the_python_table(call):
    (found,) = call(["limits"])
    assert found == {name: getattr(limits, name) for name in found}


def test_the_manifests_schema_has_no_keyword_that_the_page_does_not_know(call, shop):
    schema = json.loads(resources.schema("manifest.v1.schema.json"))
    assert call(["judged", schema, data(shop.members["data/manifest.json"])]) == [[]]
    assert call(["judged", {"type": "object", "if": {}}, data(b"{}")]) == [{"error": "Error"}]


def test_numbers_of_a_signature_have_one_spelling(call):
    good = bytes.fromhex("3006020101020200ff")
    (numbers,) = call(["fromDer", data(good)])
    assert numbers == [{"integer": "1"}, {"integer": "255"}]
    for wrong in ("3006020101020100", "30060201810201ff", "3007020101020200ff00", "3102"):
        (found,) = call(["fromDer", data(bytes.fromhex(wrong))])
        assert found is None or wrong == "3006020101020100"


WINDOW = {"start": "2026-04-16T00:00:00Z", "end": "2026-04-23T00:00:00.125Z"}
SCOPES = [
    *(None, "", "production", "Prod EU/1", "--", "\u65e5\u672c", "\u212a\u0130x", "a" * 39 + "-bc"),
    *("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z\n", "\u0662026-01-01T00:00:00Z"),
]


@pytest.mark.parametrize("window", [WINDOW, None])
@pytest.mark.parametrize("times", [("2026-04-16T08:00:01.5Z", "some day"), (None, None)])
def test_a_bundle_id_follows_from_the_same_things(call, window, times):
    made = Manifest.from_bytes((STORED / "good/json-array/data/manifest.json").read_bytes())
    asked, expected = [], []
    for scope in SCOPES:
        claim = Claim(
            requested=None, window=window and Window.from_times(*window.values()), basis=""
        )
        manifest = replace(
            made,
            context=replace(made.context, environment=scope),
            window=claim,
            facts=replace(made.facts, first=times[0], last=times[1]),
        )
        expected.append(derived_id(manifest))
        told = {"sha256": made.export.sha256, "received_as": made.export.received_as}
        facts = {"first": times[0], "last": times[1]}
        given = {"context": {"environment": scope}, "facts": facts, "span": window, "export": told}
        asked.append(["derivedId", given | {"signer": made.signer, "createdAt": made.created_at}])
    assert call(*asked) == expected
    assert derived_id(made) == made.bundle_id
