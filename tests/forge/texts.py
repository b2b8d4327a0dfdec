"""Checksums and BagIt texts: each wrong is sealed by the preparer's key, to stand alone."""

import hashlib
from collections.abc import Callable

from evidencekit.core.bag import checksums
from forge.bench import CHECKSUMS, EXPORT, PREPARER, TAGMANIFEST, Made, resigned
from forge.kinds import add, kind, thin

Change = Callable[[bytes], bytes]


def tagged(made: Made) -> Made:
    """Return it with the tag manifest made anew over the tag files as they stand."""
    names = ("bag-info.txt", "bagit.txt", CHECKSUMS)
    digests = {name: hashlib.sha256(made.members[name]).hexdigest() for name in names}
    return made.with_members({TAGMANIFEST: checksums(digests)})


def listed(change: Change) -> Made:
    """Return a bundle with another ``manifest-sha256.txt``, sealed."""
    return resigned(tagged(thin().with_members({CHECKSUMS: change(thin().members[CHECKSUMS])})))


def rooted(change: Change) -> Made:
    """Return a bundle with another tag manifest, sealed."""
    return resigned(thin().with_members({TAGMANIFEST: change(thin().members[TAGMANIFEST])}))


def told(name: str, change: Change) -> Made:
    """Return a bundle with another BagIt text, sealed."""
    return resigned(tagged(thin().with_members({name: change(thin().members[name])})))


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    """Return a change of a text's lines."""
    return lambda data: b"\n".join([*change(data.split(b"\n")[:-1]), b""])


A_LINE = 64 * b"0" + b"  "
SYNTAX: tuple[tuple[str, str, Change], ...] = (
    ("upper-case-digest", "checksums.syntax", lines(lambda ls: [ls[0].upper(), *ls[1:]])),
    ("crlf", "checksums.syntax", lambda data: data.replace(b"\n", b"\r\n")),
    ("comment", "checksums.syntax", lines(lambda ls: [b"# made by hand", *ls])),
    ("binary-mark", "checksums.syntax", lines(lambda ls: [ls[0].replace(b"  ", b" *"), *ls[1:]])),
    ("one-space", "checksums.syntax", lines(lambda ls: [ls[0].replace(b"  ", b" "), *ls[1:]])),
    ("three-spaces", "checksums.syntax", lines(lambda ls: [ls[0].replace(b"  ", b"   "), *ls[1:]])),
    ("no-final-newline", "checksums.syntax", lambda data: data[:-1]),
    ("empty-line", "checksums.syntax", lambda data: data + b"\n"),
    ("line-twice", "checksums.syntax", lines(lambda ls: [ls[0], *ls])),
    ("not-sorted", "checksums.syntax", lines(lambda ls: ls[::-1])),
    ("short-digest", "checksums.syntax", lines(lambda ls: [ls[0][32:], *ls[1:]])),
    ("not-ascii", "checksums.syntax", lambda data: data + A_LINE + "data/é\n".encode()),
    ("bom", "checksums.syntax", lambda data: b"\xef\xbb\xbf" + data),
    ("nul", "checksums.syntax", lambda data: data[:-1] + b"\0\n"),
    ("traversal", "container.name", lines(lambda ls: [*ls, A_LINE + b"data/../../evil"])),
    ("absolute", "container.name", lines(lambda ls: [A_LINE + b"/etc/evil", *ls])),
    ("percent", "container.name", lines(lambda ls: [*ls, A_LINE + b"data/a%0Ab"])),
    ("absent-file", "checksums.missing", lines(lambda ls: [*ls, A_LINE + b"zzz.txt"])),
    ("line-missing", "checksums.unlisted", lines(lambda ls: ls[1:])),
    ("empty", "checksums.unlisted", lambda _data: b""),
    (
        "lists-itself",
        "checksums.missing",
        lines(lambda ls: [*ls, A_LINE + b"tagmanifest-sha256.txt"]),
    ),
    ("digest-of-another", "checksums.mismatch", lines(lambda ls: [A_LINE + ls[0][66:], *ls[1:]])),
)
for _name, _code, _change in SYNTAX:
    add(f"checksums-{_name}", "checksums", _code, lambda c=_change: listed(c))
    if _name not in ("traversal", "percent"):
        add(f"tag-checksums-{_name}", "checksums", _code, lambda c=_change: rooted(c))
add(
    "tag-checksums-lists-a-signature",
    "checksums",
    "checksums.missing",
    lambda: rooted(
        lines(lambda ls: [*ls, A_LINE + f"signatures/{PREPARER.public_key.signer_id}.sig".encode()])
    ),
)
add(
    "tag-checksums-lists-the-export",
    "checksums",
    "checksums.missing",
    lambda: rooted(lines(lambda ls: [ls[0], ls[1], A_LINE + EXPORT.encode(), ls[2]])),
)

BAGIT: tuple[tuple[str, Change], ...] = (
    ("version-0-97", lambda data: data.replace(b"1.0", b"0.97")),
    ("encoding", lambda data: data.replace(b"UTF-8", b"UTF-16")),
    ("bom", lambda data: b"\xef\xbb\xbf" + data),
    ("crlf", lambda data: data.replace(b"\n", b"\r\n")),
    ("third-line", lambda data: data + b"More: x\n"),
    ("empty", lambda _data: b""),
)
for _name, _change in BAGIT:
    add(f"bagit-{_name}", "checksums", "bag.declaration", lambda c=_change: told("bagit.txt", c))
INFO: tuple[tuple[str, str, str, Change], ...] = (
    ("line-missing", "checksums", "bag.info", lines(lambda ls: ls[1:])),
    ("line-more", "checksums", "bag.info", lambda data: data + b"Contact-Name: Mallory\n"),
    ("order", "checksums", "bag.info", lines(lambda ls: ls[::-1])),
    ("folded", "checksums", "bag.info", lambda data: data.replace(b": ", b":\n  ", 1)),
    ("not-utf-8", "checksums", "bag.info", lambda data: data.replace(b"kit", b"\xff\xfe", 1)),
    ("escape", "checksums", "bag.info", lambda data: data.replace(b"kit", b"\x1b[2J", 1)),
    ("oxum-bytes", "checksums", "bag.oxum", lambda data: data.replace(b"Oxum: ", b"Oxum: 1")),
    ("oxum-files", "checksums", "bag.oxum", lambda data: data.replace(b".6\n", b".7\n")),
    ("oxum-leading-zero", "checksums", "bag.info", lambda d: d.replace(b"Oxum: ", b"Oxum: 0")),
    (
        "identifier",
        "manifest",
        "manifest.bag-info",
        lambda d: d.replace(b"-production-", b"-staging-"),
    ),
    ("date", "manifest", "manifest.bag-info", lambda d: d.replace(b"2026-04-23", b"2025-04-23")),
    ("agent", "manifest", "manifest.bag-info", lambda d: d.replace(b"evidencekit", b"notepad")),
)
for _name, _check, _code, _change in INFO:
    add(f"bag-info-{_name}", _check, _code, lambda c=_change: told("bag-info.txt", c))


# Changed by somebody without a key: nothing is made anew, or the checksums only.
EDITED = (
    ("export", EXPORT),
    ("manifest", "data/manifest.json"),
    ("page", "data/summary.md"),
    ("html-page", "data/summary.html"),
    ("schema", "data/schema/event.schema.json"),
    ("verify-text", "data/verify.txt"),
    ("bag-info", "bag-info.txt"),
    ("checksums", CHECKSUMS),
)
for _name, _member in EDITED:
    add(
        f"edited-{_name}",
        "checksums",
        "checksums.mismatch",
        lambda m=_member: thin().with_members({m: edited(thin().members[m])}),
    )


def edited(data: bytes) -> bytes:
    """Return text with one letter or digit changed, far from its ends, so that it stays text."""
    middle = len(data) // 2
    place = next(n for n in range(middle, len(data)) if data[n : n + 1].isalnum())
    other = b"1" if data[place : place + 1] != b"1" else b"2"
    return data[:place] + other + data[place + 1 :]


@kind("edited-tag-checksums", "checksums", "checksums.mismatch")
def _edited_root() -> Made:
    data = thin().members[TAGMANIFEST]
    return thin().with_members({TAGMANIFEST: data.replace(data[:4], b"0000", 1)})


def block_becomes_allow(made: Made) -> Made:
    """Return it with its one blocked request allowed."""
    data = made.members[EXPORT].replace(b'"block"', b'"allow"')
    return made.with_members({EXPORT: data})


@kind("rehashed-without-a-key", "signature", "signature.invalid")
def _rehashed() -> Made:
    from forge.bench import rehashed  # noqa: PLC0415

    return rehashed(block_becomes_allow(thin()))


@kind("event-dropped-and-rehashed", "signature", "signature.invalid")
def _dropped() -> Made:
    from forge.bench import EVENTS, as_array, rehashed  # noqa: PLC0415

    return rehashed(thin().with_members({EXPORT: as_array(EVENTS[:-1])}))
