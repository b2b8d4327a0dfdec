"""Sweep a good bundle: every bit, every byte, every length, and mutants by the ten thousand.

Everything is verified through the one door, with the signer trusted, and nothing may be accepted
but what is the same content in other packed bits. Run it for the figures of all of it:

    .venv/bin/python tests/torture/sweep.py            # the quick form, as in the suite
    .venv/bin/python tests/torture/sweep.py --full     # about 20 minutes
"""

import contextlib
import json
import os
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from forge import zips
from forge.bench import (
    PREPARER,
    Json,
    Made,
    forged,
    rehashed,
    resigned,
)
from forge.kinds import SMALL_SCHEMA, good, thin

from evidencekit.core.instant import parse_instant
from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges.container import open_bundle
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

AT = parse_instant("2026-06-01T00:00:00Z")
KEY = PREPARER.public_key
TRUST = Trust(signers=(TrustedSigner(name="preparer", key=KEY),))
SEED = 20260423


@dataclass(slots=True)
class Tally:
    """What one sweep found."""

    name: str
    tried: int = 0
    rejected: int = 0
    undecided: int = 0
    same_content: int = 0  # accepted: other packed bits, and every member is as it was
    accepted: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    slowest: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)

    def judge(self, what: str, bundle: bytes | Path, *, original: Made, own: bool = False) -> None:
        """Verify one changed bundle and enter how it ended."""
        begun = time.monotonic()
        self.tried += 1
        schema = None if own else SMALL_SCHEMA
        try:
            report = verify(bundle, trust=TRUST, at=AT, schema=schema, jobs=1).report
        except Exception:
            self.tracebacks.append(f"{what}: {traceback.format_exc(limit=-3)}")
            return
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)
        if report.exit_code == 1:
            self.rejected += 1
            failed = next(c for c in report.checks if c.faults and c.outcome == "fail")
            self.codes[failed.faults[0].code] += 1
        elif report.exit_code == 3:
            self.undecided += 1
        elif isinstance(bundle, bytes) and _content(bundle) == original.members:
            self.same_content += 1
        else:
            self.accepted.append(what)

    def to_json(self) -> Json:
        """Return the figures."""
        return asdict(self) | {"codes": dict(self.codes.most_common())}


def _content(data: bytes) -> dict[str, bytes]:
    with open_bundle(data) as bundle:
        return {name: bundle.open(name).readall() for name in bundle.names}


def bits(step: int) -> Tally:
    """Flip every ``step``-th bit of the zip form."""
    tally, made = Tally("every bit of the zip form flipped"), thin()
    data = zips.zipped(made)
    for bit in range(0, 8 * len(data), step):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        tally.judge(f"bit {bit}", bytes(changed), original=made)
    return tally


def folder_bytes(step: int) -> Tally:
    """Flip one bit, another for each place, in every ``step``-th byte of the folder form."""
    tally, made = Tally("every byte of the folder form flipped"), thin()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, made.base)
        for name, data in made.members.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        for name, data in made.members.items():
            for place in range(0, len(data), step):
                changed = bytearray(data)
                changed[place] ^= 1 << place % 8
                (folder / name).write_bytes(changed)
                tally.judge(f"{name} byte {place}", folder, original=made)
            (folder / name).write_bytes(data)
    return tally


def lengths(step: int) -> Tally:
    """Cut the zip form at every ``step``-th length, and each file of the folder form."""
    tally, made = Tally("every length of the zip form and of every member"), thin()
    data = zips.zipped(made)
    for length in range(0, len(data), step):
        tally.judge(f"zip cut to {length}", data[:length], original=made)
    for name, member in made.members.items():
        for length in range(0, len(member), step):
            cut = made.with_members({name: member[:length]})
            tally.judge(f"{name} cut to {length}", zips.zipped(cut), original=made)
    return tally


def mutants(count: int) -> Tally:
    """Make mutants that know the structure: headers, JSON tokens, lines, members, signed lies."""
    tally, dice = Tally("mutants"), random.Random(SEED)  # noqa: S311  (repeatable, not secret)
    makers = (_zip_fields, _members, _tokens, _lines, _rehashed_tokens, _signed_facts, _signed_says)
    for number in range(count):
        maker = makers[number % len(makers)]
        what, bundle, own = next(maker(dice))
        original = good("json-array") if own else thin()
        tally.judge(f"mutant {number} {maker.__name__} {what}", bundle, original=original, own=own)
    return tally


Mutant = Iterator[tuple[str, bytes, bool]]
NUMBERS = (0, 1, 7, 8, 9, 20, 45, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 2**31, 2**32 - 1, 0xFF000000)
_WHOLE = zips.whole()


def _zip_fields(dice: random.Random) -> Mutant:
    """One to three fields of headers, or a piece moved, doubled or taken out."""
    data = _WHOLE
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
    if data == _WHOLE:
        data += b"\0"
    yield "fields", data, False


def _members(dice: random.Random) -> Mutant:
    """Members swapped, renamed, dropped, filled with another's bytes; the zip is canonical."""
    made = thin()
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
    if what == "dropped" and one.endswith(("sig", ".sshsig")):
        what = "emptied"  # companions of an envelope may be absent, and nobody is told more or less
    yield f"{what} {one} {two}", zips.zipped(made.with_members(changes[what])), False


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[][{}:,]')
_WORDS = (
    *(b'""', b"null", b"true", b"0", b"-0", b"-1", b"1e999", b"NaN", b"[]", b"{}", b'"\\ud800"'),
    *(b"[[", b"}", b",", b'"x":1,', b"4.0", b"18446744073709551616", b'"\xff"', b'"\\u0000"'),
)
_DOCUMENTS = tuple(name for name in sorted(thin().members) if name.endswith(".json"))


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


def _tokens(dice: random.Random) -> Mutant:
    name = dice.choice(_DOCUMENTS)
    data = _mutated_tokens(thin().members[name], dice)
    yield f"tokens of {name}", zips.zipped(thin().with_members({name: data})), False


def _rehashed_tokens(dice: random.Random) -> Mutant:
    """The same below data/, by one who makes all checksums anew and has no key."""
    name = dice.choice([name for name in _DOCUMENTS if name.startswith("data/")])
    data = _mutated_tokens(thin().members[name], dice)
    made = thin().with_members({name: data})
    # Some manifests have nothing left that a bag could be called by.
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        made = rehashed(made)
    yield f"tokens of {name}, rehashed", zips.zipped(made), False


_TEXTS = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")


def _lines(dice: random.Random) -> Mutant:
    """Lines of the BagIt texts and of SSH signatures."""
    name = dice.choice([*_TEXTS, *(n for n in thin().members if n.endswith(".sshsig"))])
    data = thin().members[name]
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
    yield f"lines of {name}", zips.zipped(thin().with_members({name: changed})), False


_VALUES = (0, 1, -1, 5, 4.0, True, None, "", "x", [], {}, [1], {"x": 1}, "0" * 64, 2**64, "4")


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


def _signed_facts(dice: random.Random) -> Mutant:
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

    yield f"signed {what}", zips.zipped(forged(made, change)), True


def _signed_says(dice: random.Random) -> Mutant:
    """Lies in the signed statement, told by the owner of the key."""
    what = ""

    def change(document: Json) -> None:
        nonlocal what
        signed_at = document["predicate"].pop("signed_at")  # the signer's word: nothing to compute
        what = _lie(document, dice)
        if isinstance(document.get("predicate"), dict):
            document["predicate"]["signed_at"] = signed_at

    yield f"statement {what}", zips.zipped(resigned(thin(), statement=change)), False


def sweep(*, full: bool) -> list[Tally]:
    """Return the figures of all sweeps."""
    if full:
        return [bits(1), folder_bytes(1), lengths(1), mutants(21_000)]
    return [bits(97), folder_bytes(61), lengths(61), mutants(1_050)]


def main() -> None:
    """Print the figures as JSON, and exit with 1 if any is not as it must be."""
    begun = time.monotonic()
    tallies = sweep(full="--full" in sys.argv)
    # Not getrusage: what that says of a new process may be the peak of the one that started it.
    status = Path("/proc/self/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024
    figures = {"seconds": round(time.monotonic() - begun), "peak_mib": peak, "cpus": os.cpu_count()}
    document = {**figures, "sweeps": [tally.to_json() for tally in tallies]}
    sys.stdout.write(json.dumps(document, indent=1) + "\n")
    sys.exit(any(tally.accepted or tally.tracebacks for tally in tallies))


if __name__ == "__main__":
    main()
