"""Mutants that know the structure: headers, JSON tokens, lines, members, signed lies."""

import contextlib
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from forge import zips
from forge.bench import Json, Made, forged, make, rehashed, resigned
from forge.kinds import GOOD, QUERY, good, thin
from swept import Swept

from evidencekit.core.manifest import Previous

SEED = 20260423
SEALED, SIGNED, OWN = "sealed", "signed", "own"  # by what a mutant is judged: ``Tally.judge``

Mutant = tuple[str, bytes, str]
Maker = Callable[[Swept, random.Random], Mutant]
NUMBERS = (0, 1, 7, 8, 9, 20, 45, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 2**31, 2**32 - 1, 0xFF000000)


def _zip_fields(by: Swept, dice: random.Random) -> Mutant:
    """One to three fields of headers, or a piece moved, doubled or taken out."""
    data = by.zip
    for _ in range(dice.randint(1, 3)):
        heads = [found.start() for found in re.finditer(rb"PK(\x01\x02|\x03\x04|\x05\x06)", data)]
        if not heads or dice.random() < 0.2:
            start = dice.randrange(len(data))
            end = min(len(data), start + dice.choice((1, 2, 4, 30, 46, 22)))
            piece = dice.choice((b"", 2 * data[start:end], bytes(end - start)))
            data = data[:start] + piece + data[end:]
            continue
        place = dice.choice(heads) + dice.randrange(0, 46)
        form = dice.choice(("<B", "<H", "<I"))
        value = dice.choice(NUMBERS) & (256 ** {"<B": 1, "<H": 2, "<I": 4}[form] - 1)
        if place + 4 < len(data):
            data = zips.at(data, place, form, value)
    if data == by.zip:
        data += b"\0"
    return "fields", data, SEALED


def _members(by: Swept, dice: random.Random) -> Mutant:
    """Members swapped, renamed, dropped, filled with another's bytes; the zip is canonical."""
    made = by.made
    names = sorted(made.members)
    one, two = dice.sample(names, 2)
    changes = {
        "swapped": {one: made.members[two], two: made.members[one]},
        "dropped": {one: None},
        "copied": {one: made.members[two]},
        "emptied": {one: b""},
        "doubled": {one: 2 * made.members[one]},
        "appended": {one: made.members[one] + dice.randbytes(dice.randint(1, 9))},
        "moved": {one: None, f"data/attachments/{dice.randint(0, 99)}.bin": made.members[one]},
        "added": {f"signatures/{dice.randbytes(8).hex()}.sig": dice.randbytes(64)},
    }
    what = dice.choice(list(changes))
    return f"{what} {one} {two}", by.zipped(made.with_members(changes[what])), SEALED


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[][{}:,]')
_WORDS = (
    *(b'""', b"null", b"true", b"0", b"-0", b"-1", b"1e999", b"NaN", b"[]", b"{}", b'"\\ud800"'),
    *(b"[[", b"}", b",", b'"x":1,', b"4.0", b"18446744073709551616", b'"\xff"', b'"\\u0000"'),
)


def _mutated_tokens(data: bytes, dice: random.Random) -> bytes:
    """Replace, drop, double or swap tokens of a JSON text."""
    changed = data
    while changed == data:
        found = list(_TOKEN.finditer(data))
        one, two = sorted(dice.sample(found, 2), key=lambda token: token.start())
        before, after = data[: one.start()], data[one.end() :]
        between, rest = data[one.end() : two.start()], data[two.end() :]
        changed = dice.choice(
            (
                before + dice.choice(_WORDS) + after,
                before + after,
                before + 2 * one[0] + after,
                before + two[0] + between + one[0] + rest,
            )
        )
    return changed


def _documents(by: Swept) -> list[str]:
    return [name for name in sorted(by.made.members) if name.endswith(".json")]


def _tokens(by: Swept, dice: random.Random) -> Mutant:
    name = dice.choice(_documents(by))
    data = _mutated_tokens(by.made.members[name], dice)
    return f"tokens of {name}", by.zipped(by.made.with_members({name: data})), SEALED


def _rehashed_tokens(by: Swept, dice: random.Random) -> Mutant:
    """The same below data/, by one who makes all checksums anew and has no key."""
    name = dice.choice([name for name in _documents(by) if name.startswith("data/")])
    data = _mutated_tokens(by.made.members[name], dice)
    made = by.made.with_members({name: data})
    # Some manifests have nothing left that a bag could be called by.
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        made = rehashed(made)
    return f"tokens of {name}, rehashed", by.zipped(made), SEALED


_TEXTS = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")


def _lines(by: Swept, dice: random.Random) -> Mutant:
    """Lines of the BagIt texts and of SSH signatures."""
    name = dice.choice([*_TEXTS, *(n for n in by.made.members if n.endswith(".sshsig"))])
    data = by.made.members[name]
    changed = data
    while changed == data:
        lines = data.split(b"\n")
        place = dice.randrange(len(lines))
        line = lines[place]
        lines[place : place + 1] = dice.choice(
            (
                [],
                [line, line],
                [line + dice.choice((b"\r", b" ", b"\t", b"\0", b"#"))],
                [b" " + line],
                [line.upper()],
                [line[: len(line) // 2]],
                [line, b"# comment"],
                [dice.randbytes(8).hex().encode() + line[16:]],
            )
        )
        if dice.random() < 0.1:
            dice.shuffle(lines)
        changed = b"\n".join(lines)
    return f"lines of {name}", by.zipped(by.made.with_members({name: changed})), SEALED


_VALUES = (0, 1, -1, 5, 4.0, True, None, "", "x", [], {}, [1], {"x": 1}, "0" * 64, 2**64, "4")


_TIMES = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")
LIES = (*_VALUES, 2**53, -(2**63), "\ud7ff" * 3, *_TIMES)
# What the preparer alone knows: how and when the export was obtained, what is declared in words,
# what the bundle before was (which the receiver has), and names of what others name by a digest.
WORD = re.compile(
    r"created_at|schema\.id|tool\.version|previous\b|query\.response\.content_length is None"
    r"|query\.(?!response\.content_length|preview)|window\.(requested|basis)|export\.received_as"
    r"|context\.(incident|purpose|prepared_by|limitations)|attachments\.\d+\.original_name"
)
Path = tuple[str | int, ...]


def lies() -> list[tuple[Path, object]]:
    """Return each value of a good manifest, by its path, with each other value that it might be."""
    manifest = _telling_all().manifest
    return [
        (path, lie)
        for path, value in _values(manifest)
        for lie in LIES
        if json.dumps(lie) != json.dumps(value) and path not in {("signer",), ("bundle_id",)}
    ]


def _values(document: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    keys = document if isinstance(document, dict) else range(len(document))  # type: ignore[arg-type]
    for key in keys:
        value = document[key]  # type: ignore[index]
        yield (*path, key), value
        if isinstance(value, dict | list):
            yield from _values(value, (*path, key))


def told(by: Swept, path: Path, lie: object) -> bytes:
    """Return the zip in which the preparer signed this lie, pages and all."""

    def change(manifest: Json) -> None:
        parent: object = manifest
        for key in path[:-1]:
            parent = parent[key]  # type: ignore[index]
        parent[path[-1]] = lie  # type: ignore[index]

    return by.zipped(forged(_telling_all(), change))


@cache
def _telling_all() -> Made:
    """Return a good bundle whose manifest leaves nothing out that it may hold."""
    previous = Previous(bundle_id="evidence-production-1", root="ab" * 32)
    order = replace(GOOD["attachments"], query=QUERY, previous=previous)
    return make(order)


def _leaf(document: object, dice: random.Random) -> tuple[Json | list[object], str | int]:
    """Return a container and the key of one of its values, at any depth."""
    while True:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))  # type: ignore[arg-type]
        key = dice.choice(keys)
        value = document[key]  # type: ignore[index]
        if not isinstance(value, dict | list) or not value or dice.random() < 0.2:
            return document, key  # type: ignore[return-value]
        document = value


def _lie(document: object, dice: random.Random) -> str:
    """Change one value to another one, or take it out, and say which."""
    parent, key = _leaf(document, dice)
    was = json.dumps(parent[key])  # type: ignore[index]
    if dice.random() < 0.15:
        del parent[key]  # type: ignore[arg-type]
        return f"{key} taken out"
    values = [value for value in _VALUES if json.dumps(value) != was]
    parent[key] = dice.choice(values)  # type: ignore[index]
    return f"{key}: {was} to {parent[key]!r}"  # type: ignore[index]


def _signed_facts(by: Swept, dice: random.Random) -> Mutant:
    """Lies in what a receiver computes again, told by the owner of the key, pages and all."""
    made, what = good("json-array"), ""

    def change(manifest: Json) -> None:
        nonlocal what
        part = dice.choice(("facts", "facts", "facts", "checks", "export"))
        # Under which name an export was received is the preparer's word, and nothing to compute.
        target = (
            {k: v for k, v in manifest[part].items() if k != "received_as"}
            if part == "export"
            else manifest[part]
        )
        what = f"{part}.{_lie(target, dice)}"
        if part == "export":
            manifest[part] = target | {"received_as": manifest[part]["received_as"]}

    forgery = forged(made, change)
    return f"signed {what}", by.zipped(forgery), OWN


def _signed_says(by: Swept, dice: random.Random) -> Mutant:
    """Lies in the signed statement, told by the owner of the key."""
    what = ""

    def change(document: Json) -> None:
        nonlocal what
        signed_at = document["predicate"].pop("signed_at")  # the signer's word: nothing to compute
        what = _lie(document, dice)
        if isinstance(document.get("predicate"), dict):
            document["predicate"]["signed_at"] = signed_at

    forgery = resigned(thin(), statement=change)
    return f"statement {what}", by.zipped(forgery), SIGNED


_MAKERS: tuple[Maker, ...] = (
    *(_zip_fields, _members, _tokens, _lines),
    *(_rehashed_tokens, _signed_facts, _signed_says),
)


def mutant(by: Swept, number: int) -> Mutant:
    """Return what the mutant of this number is, its zip, and by what it is judged."""
    maker = _MAKERS[number % len(_MAKERS)]
    what, bundle, judged_by = maker(by, random.Random(f"{SEED} {number}"))  # noqa: S311 (no secret)
    return f"{maker.__name__} {what}", bundle, judged_by
