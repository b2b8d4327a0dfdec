"""Bundles, good and bad, for both verifiers to judge: the Python one and the page."""

import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidencekit.collector import collect
from evidencekit.core import strict_json
from evidencekit.core.bag import tag_files
from evidencekit.core.dsse import seal
from evidencekit.core.manifest import PATH, Context
from evidencekit.core.publickey import ECDSA_P256, ED25519, PublicKey
from evidencekit.core.schema import EventSchema
from evidencekit.core.sshsig import sign_sshsig
from evidencekit.core.statement import EVIDENCE, FORMAT, write_statement
from evidencekit.core.tree import Tree, leaf_hash
from evidencekit.edges.folder import write_folder
from evidencekit.edges.render import render_pages
from evidencekit.edges.zipwrite import write_zip
from evidencekit.validation import Obtained, Plan

AT = 1_777_000_000_000_000_000  # 2026-04-24T03:06:40Z
SIGNED = "2026-04-23T00:04:11Z"
TAG = "tagmanifest-sha256.txt"
EVENTS = [
    {
        "id": f"e-{n}",
        "timestamp": f"2026-04-2{n % 3}T10:00:0{n % 10}Z",
        "verdict": "allow" if n % 4 else "block",
        "request_id": f"req_{n % 5}",
        "environment": "production",
        "note": 'quote " backslash \\ brace } bracket ] \u00e4\u4e2d',
    }
    for n in range(13)
]


class Ed25519:
    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        raw = self._key.public_key().public_bytes_raw()
        self.public_key = PublicKey(algorithm=ED25519, raw=raw)

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


class P256:
    def __init__(self) -> None:
        self._key = ec.derive_private_key(0xABCDEF, ec.SECP256R1())
        point = self._key.public_key().public_numbers()
        raw = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
        self.public_key = PublicKey(algorithm=ECDSA_P256, raw=raw)

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


ALICE, MALLORY, CAROL = Ed25519(1), Ed25519(2), P256()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    path: Path  # a zip or a folder
    keys: tuple[Path, ...] = ()
    trust: Path | None = None
    fingerprint: str = ""
    beyond: bool = False  # only what the page says it does not check tells it from a good one


class Workshop:
    """Makes bundles in a folder; whatever is changed is sealed again, as a lying signer would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = self._write("alice.pub", ALICE.public_key.to_openssh("alice").encode() + b"\n")
        self.pem = self._write("alice.pem", ALICE.public_key.to_pem())
        self.other = self._write("mallory.pub", MALLORY.public_key.to_openssh().encode() + b"\n")
        self.carol = self._write("carol.pub", CAROL.public_key.to_openssh().encode() + b"\n")
        self.members = self.collected(json.dumps(EVENTS, ensure_ascii=False).encode(), "json")

    def _write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def collected(self, export: bytes, fmt: str, **plan: object) -> dict[str, bytes]:
        """Return the members of a bundle that the collector makes, by name."""
        source = self._write(f"export-{hashlib.sha256(export).hexdigest()[:8]}.{fmt}", export)
        context = Context(environment="production", purpose="a test", prepared_by="Dana Reyes")
        made = collect(
            Obtained(path=source, format=fmt, received_as="export"),
            Plan(context=context, **plan),
            signer=ALICE,
            output=self.folder / source.stem,
            now=AT - 97_389 * 10**9,
            jobs=1,
        )
        paths = (path for path in made.path.rglob("*") if path.is_file())
        return {path.relative_to(made.path).as_posix(): path.read_bytes() for path in paths}

    def manifest(self) -> dict[str, object]:
        return json.loads(self.members[PATH])

    def sealed(self, manifest: dict, changed: dict[str, bytes | None], key=ALICE, **lies):
        """Return members sealed anew around a manifest and changed payload; ``lies`` are claims."""
        payload = {n: d for n, d in self.members.items() if n.startswith("data/")}
        payload |= _pages(manifest)
        payload |= {n: d for n, d in changed.items() if n.startswith("data/")}
        payload = {n: d for n, d in payload.items() if d is not None}
        if PATH not in changed:
            payload[PATH] = strict_json.dumps(manifest)
        sizes = {n: len(d) for n, d in payload.items()}
        digests = {n: hashlib.sha256(d).hexdigest() for n, d in payload.items()}
        version = manifest["tool"]["version"]
        tags = tag_files(manifest["bundle_id"], manifest["created_at"], version, sizes, digests)
        tags |= {n: d for n, d in changed.items() if n in tags}
        return payload | tags | self.signatures(manifest, payload | tags, key, **lies)

    def signatures(self, manifest, members, key, **lies) -> dict[str, bytes]:
        names = (TAG, PATH, manifest["export"]["path"])
        subjects = {n: hashlib.sha256(members[n]).hexdigest() for n in names}
        window = manifest["window"]
        predicate = {
            "format": FORMAT,
            "bundle_id": manifest["bundle_id"],
            "signer": key.public_key.fingerprint,
            "window": {k: window[k] for k in ("start", "end")} if window["start"] else None,
            "events": manifest["facts"]["events"],
            "tree_root": manifest["facts"]["tree_root"],
            "previous": None,
            "signed_at": SIGNED,
        } | lies
        stem = f"signatures/{key.public_key.signer_id}"
        payload = write_statement(subjects, EVIDENCE, predicate)
        stamp = lies.pop("stamp", lambda _signature: ())
        return {
            f"{stem}.sig": key.sign(members[TAG]),
            f"{stem}.sigstore.json": seal(payload, key, stamp=stamp),
            f"{stem}.sshsig": sign_sshsig(members[TAG], key),
        }

    def with_export(self, export: bytes, records: list[bytes] | None = None, **facts):
        """Return members around another export whose digest, size and facts are as they must be."""
        manifest = self.manifest()
        digest = hashlib.sha256(export).hexdigest()
        manifest["export"] |= {"size": len(export), "sha256": digest}
        if records is not None:
            tree = Tree()
            for record in records:
                tree.add(leaf_hash(record))
            manifest["facts"] |= {"events": len(records), "tree_root": tree.root().hex()}
        manifest["facts"] |= facts
        return self.sealed(manifest, {"data/export/events.json": export})

    def zipped(self, name: str, members: dict[str, bytes], base: str | None = None) -> Path:
        file = io.BytesIO()
        write_zip(file, base or json.loads(members[PATH])["bundle_id"], members)
        return self._write(f"{name}.zip", file.getvalue())

    def foldered(self, name: str, members: dict[str, bytes]) -> Path:
        path = self.folder / name
        path.mkdir()
        write_folder(path, members)
        return path

    def bytes_changed(self, name: str, source: Path, change: Callable[[bytearray], None]) -> Path:
        data = bytearray(source.read_bytes())
        change(data)
        return self._write(f"{name}.zip", bytes(data))

    def trust(self, name: str, *lines: str, key=ALICE, policy: str = "") -> Path:
        head = ["[[signer]]", 'name = "Alice"', f'key = "{key.public_key.to_openssh()}"']
        return self._write(f"{name}.toml", "\n".join([*head, *lines, policy, ""]).encode())


def good(shop: Workshop) -> Iterator[Case]:
    """Yield bundles that the Python verifier accepts."""
    key = (shop.key,)
    whole = shop.zipped("whole", shop.members)
    yield Case(name="array", path=whole, keys=key)
    yield Case(name="pem", path=whole, keys=(shop.pem,))
    yield Case(name="folder", path=shop.foldered("unpacked", shop.members), keys=key)
    yield Case(name="fingerprint", path=whole, fingerprint=ALICE.public_key.fingerprint)
    lines = b"\n".join(json.dumps(event).encode() for event in EVENTS) + b"\n"
    tight = json.dumps({"n": 1, "events": EVENTS, "more": [1.5]}, separators=(",", ":")).encode()
    rows = [",".join(EVENTS[0])] + [",".join(map(_cell, event.values())) for event in EVENTS]
    csv = "\r\n".join(rows).encode()
    for name, export, fmt in (
        ("lines", lines, "json"),
        ("wrapper", tight, "json"),
        ("indented", json.dumps(EVENTS, indent=3).encode(), "json"),
        ("csv", b"\xef\xbb\xbf" + csv + b"\r\n", "csv"),
        ("csv-no-end", csv, "csv"),
    ):
        yield Case(name=name, path=shop.zipped(name, shop.collected(export, fmt)), keys=key)
    empty = shop.collected(b"[ ]", "json", allowances=("empty",))
    yield Case(name="empty", path=shop.zipped("empty", empty), keys=key)
    many = [event | {"id": f"m-{n}"} for n, event in enumerate(EVENTS * 3_000)]
    large = shop.collected(json.dumps(many).encode(), "json", attachments=(shop.pem,))
    yield Case(name="large", path=shop.zipped("large", large), keys=key)
    more = shop.members | shop.signatures(shop.manifest(), shop.members, CAROL)
    both = shop.zipped("two-signers", more)
    yield Case(name="two-signers", path=both, keys=(shop.key, shop.carol))
    odd = json.dumps(EVENTS[0]).encode()[:-1] + (
        b', "a":18446744073709551615, "b":1e-400, "1":-0, "__proto__":"\\u003a\\ud83d\\ude00"}'
    )
    odd = b"[ " + odd + b" ]"
    yield Case(name="odd-numbers", path=shop.zipped("odd", shop.collected(odd, "json")), keys=key)
    for name, lines in {
        "valid": ["valid-from = 2026-01-01T00:00:00Z", "valid-until = 2027-01-01T01:00:00+01:00"],
        "environment": ['environments = ["staging", "production"] # both', "roles = ['preparer']"],
        "superseded": ["revoked-at = 2026-04-24T00:00:00Z", 'revoked-reason = "superseded"'],
        "age": ["[policy]", "maximum-age-days = 2"],
        "format": ["[policy]", "minimum-format = 1"],
        "schemas": ["[policy]", f"schemas = ['{'ab' * 32}', '{EventSchema.own().sha256}']"],
    }.items():
        yield Case(name=f"trust-{name}", path=whole, trust=shop.trust(name, *lines))


def bad(shop: Workshop) -> Iterator[Case]:
    """Yield bundles that the Python verifier does not accept."""
    key, whole = (shop.key,), shop.folder / "whole.zip"
    yield Case(name="nobody", path=whole)
    yield Case(name="other-key", path=whole, keys=(shop.other,))
    yield Case(name="unknown-cosigner", path=shop.folder / "two-signers.zip", keys=key)
    yield Case(name="other-fingerprint", path=whole, fingerprint=MALLORY.public_key.fingerprint)
    for name, lines in {
        "compromised": ["revoked-at = 2026-05-24T00:00:00Z", 'revoked-reason = "key-compromise"'],
        "expired": ["valid-until = 2026-04-24T00:00:00Z"],
        "not-yet": ["valid-from = 2026-04-24T00:00:00Z"],
        "elsewhere": ['environments = ["staging"]'],
        "threshold": ["[policy]", "signatures-required = 2"],
        "roles": ["[policy]", 'roles-required = ["witness"]'],
        "aged": ["[policy]", "maximum-age-days = 1"],
        "age-and-role": ["[policy]", "maximum-age-days = 1", "roles-required = ['witness']"],
        "age-of-none": ["[policy]", "maximum-age-days = 0"],
        "age-of-text": ["[policy]", "maximum-age-days = '2'"],
        "age-too-large": ["[policy]", "maximum-age-days = 36501"],
        "format-to-come": ["[policy]", "minimum-format = 2"],
        "format-of-none": ["[policy]", "minimum-format = 0"],
        "other-schemas": ["[policy]", f"schemas = ['{'ab' * 32}']", "minimum-format = 2"],
        "schemas-of-none": ["[policy]", "schemas = []"],
        "schemas-in-capitals": ["[policy]", f"schemas = ['{'AB' * 32}']"],
        "policy-word": ["[policy]", "maximum-age = 1"],
        "unknown-word": ["colour = 'red'"],
        "local-time": ["valid-from = 2026-01-01T00:00:00"],
        "syntax": ["valid-from ="],
    }.items():
        yield Case(name=f"trust-{name}", path=whole, trust=shop.trust(f"bad-{name}", *lines))
    name = shop.manifest()["bundle_id"]
    torn = shop.zipped("torn-manifest", shop.members | {PATH: b"{}"}, base=name)
    pinned = shop.trust("pinned", "[policy]", f"schemas = ['{EventSchema.own().sha256}']")
    yield Case(name="trust-schema-unread", path=torn, trust=pinned)
    yield from _other_members(shop, key)
    yield from _other_manifests(shop, key)
    yield from _other_exports(shop, key)
    yield from _other_archives(shop, key, whole)


def _other_members(shop: Workshop, key) -> Iterator[Case]:
    stem = f"signatures/{ALICE.public_key.signer_id}"
    envelope = json.loads(shop.members[f"{stem}.sigstore.json"])
    forged = MALLORY.sign(shop.members[TAG])
    changes = {
        "export-changed": {"data/export/events.json": b"[]"},
        "summary-changed": {"data/summary.html": b"<!doctype html>"},
        "schema-changed": {"data/schema/event.schema.json": b"{}"},
        "checksums-changed": {"manifest-sha256.txt": b"0" * 64 + b"  data/x\n"},
        "checksums-unsorted": {"manifest-sha256.txt": _swapped(shop.members)},
        "root-changed": {TAG: shop.members[TAG] + b"\n"},
        "bagit-changed": {"bagit.txt": b"BagIt-Version: 0.97\n"},
        "stranger": {"data/readme.txt": b"hello"},
        "attachment-unlisted": {"data/attachments/a.txt": b"hello"},
        "custody": {"custody/0001.sigstore.json": b"{}"},
        "no-summary": {"data/summary.md": None},
        "two-exports": {"data/export/events.csv": b"id\n1\n"},
        "unsigned": {f"{stem}.{kind}": None for kind in ("sig", "sshsig", "sigstore.json")},
        "no-envelope": {f"{stem}.sigstore.json": None},
        "sig-forged": {f"{stem}.sig": forged},
        "sig-short": {f"{stem}.sig": b"short"},
        "sshsig-other-key": {f"{stem}.sshsig": sign_sshsig(shop.members[TAG], MALLORY)},
        "sshsig-cut": {f"{stem}.sshsig": shop.members[f"{stem}.sshsig"][:-40]},
        "envelope-spelled": {f"{stem}.sigstore.json": json.dumps(envelope).encode()},
        "envelope-twice": {f"{stem}.sigstore.json": b'{"a":1,"a":2}'},
        "envelope-not-json": {f"{stem}.sigstore.json": b"{"},
        "tsr-stray": {f"{stem}.tsr": b"0"},
    }
    for name, change in changes.items():
        members = {n: d for n, d in (shop.members | change).items() if d is not None}
        yield Case(name=name, path=shop.zipped(name, members), keys=key)
    folder = shop.foldered("hidden-file", shop.members)
    (folder / ".DS_Store").write_bytes(b"x")
    yield Case(name="hidden-file", path=folder, keys=key)
    folder = shop.foldered("upper", shop.members)
    (folder / "data/attachments").mkdir()
    (folder / "data/attachments/Report.PDF").write_bytes(b"x")
    yield Case(name="upper-case", path=folder, keys=key)
    folder = shop.foldered("other-folder", shop.members)
    (folder / "extra").mkdir()
    (folder / "extra/a.txt").write_bytes(b"x")
    yield Case(name="other-folder", path=folder, keys=key)


def _other_manifests(shop: Workshop, key) -> Iterator[Case]:
    other = "evidence-other-1"
    nothing = "0" * 64

    def changed(name: str, change: Callable[[dict], object], **lies: object) -> Case:
        manifest = shop.manifest()
        change(manifest)
        return Case(name=name, path=shop.zipped(name, shop.sealed(manifest, {}, **lies)), keys=key)

    yield changed("resealed", _kept)
    yield changed("unknown-member", lambda m: m.update(extra=1))
    yield changed("wrong-type", lambda m: m["facts"].update(events="13"))
    yield changed("real-count", lambda m: m["facts"].update(duplicate_ids=-1))
    yield changed("impossible-time", lambda m: m.update(created_at="2026-02-30T00:00:00Z"))
    yield changed("backward-window", lambda m: m["window"].update(
        start="2026-04-24T00:00:00Z", end="2026-04-23T00:00:00Z"), window=None)  # fmt: skip
    yield changed("query", lambda m: m.update(query={"api_url": "x"}))
    yield changed("other-digest", lambda m: m["export"].update(sha256=nothing))
    yield changed("other-size", lambda m: m["export"].update(size=1))
    yield changed("other-shape", lambda m: m["export"].update(shape="lines"))
    ghost = {"path": "data/attachments/a", "size": 1, "sha256": nothing, "original_name": "a"}
    yield changed("ghost-attachment", lambda m: m["attachments"].append(ghost))
    yield changed("more-events", lambda m: m["facts"].update(events=14))
    yield changed("other-tree", lambda m: m["facts"].update(tree_root=nothing))
    yield changed("says-invalid", lambda m: m["schema"].update(invalid_events=1))
    yield changed("statement-events", _kept, events=14)
    yield changed("statement-signer", _kept, signer=MALLORY.public_key.fingerprint)
    yield changed("statement-shape", _kept, more=1)
    yield changed("statement-value", _kept, signed_at="yesterday")
    yield changed("statement-window", _kept, window={
        "start": "2026-04-22T00:00:00Z", "end": "2026-04-23T00:00:00Z"})  # fmt: skip
    members = shop.sealed(shop.manifest(), {})
    yield Case(name="renamed", path=shop.zipped("renamed", members, base=other), keys=key)
    members = shop.sealed(shop.manifest(), {}, key=MALLORY)
    yield Case(name="not-the-preparer", path=shop.zipped("np", members), keys=(shop.other,))
    members = shop.sealed(shop.manifest(), {"data/schema/event.schema.json": b"{}"})
    yield Case(name="schema-digest", path=shop.zipped("sd", members), keys=key)
    manifest = shop.manifest()
    manifest["schema"]["sha256"] = hashlib.sha256(b"{}").hexdigest()
    members = shop.sealed(manifest, {"data/schema/event.schema.json": b"{}"})
    yield Case(name="own-schema", path=shop.zipped("own-schema", members), keys=key)
    lie = changed("lie", lambda m: m["facts"]["verdicts"].update(block=1))
    yield Case(name="lying-verdicts", path=lie.path, keys=key)
    members = shop.sealed(shop.manifest(), {"data/summary.html": b"<!doctype html>"})
    yield Case(name="other-summary", path=shop.zipped("os", members), keys=key, beyond=True)


def _other_exports(shop: Workshop, key) -> Iterator[Case]:
    first = b'{"id":"e-1"}'
    deep = b'{"a":' + b"[" * 70 + b"]" * 70 + b"}"
    exports = {
        "nothing": b"", "spaces": b"  ", "not-json": b"hello", "html": b"<html>",
        "byte-order-mark": b"\xef\xbb\xbf[]", "no-events": b'{"events":{}}',
        "truncated": b'[{"id":"e-1"},{"id"', "unclosed": b'[{"id":"e-1"}', "trailing": b"[{}] x",
        "two-arrays": b"[{}][{}]", "number": b'[{"id":"e-1"},7]', "comma": b'[{"id":"e-1"},]',
        "missing-comma": b'[{"id":"e-1"} {"id":"e-2"}]', "twice": b'[{"id":"a","id":"b"}]',
        "nested-twice": b'[{"a":[{"b":1,"b":1}]}]', "big": b'[{"a":18446744073709551616}]',
        "bigger": b'[{"a":18446744073709552000}]', "huge": b'[{"a": 1e999}]', "nan": b'[{"a":NaN}]',
        "half-a-pair": b'[{"a":"\\ud800"}]', "not-utf8": b'[{"a":"\xff"}]',
        "deep": b"[" + deep + b"]",
        "control": b'[{"a":"\x01"}]', "escape": b'[{"a":"\\x"}]', "mismatch": b'[{"a":[}]}]',
        "lines-cut": first + b'\n{"id":"e-2"', "lines-array": first + b"\n[1]\n",
        "lines-syntax": first + b"\nhello\n", "wrapper-cut": b'{"events":[{}]',
        "wrapper-trailing": b'{"events":[{}]} {}', "wrapper-twice": b'{"events":[{}],"a":1,"a":2}',
        "wrapper-syntax": b'{"events":[{}],}', "escaped-key": b'{"\\u0065vents":[{}],"events":[]}',
    }  # fmt: skip
    for name, export in exports.items():
        members = shop.with_export(export)
        yield Case(name=f"export-{name}", path=shop.zipped(f"x-{name}", members), keys=key)
    tables = {
        "ragged": b"id,a\n1\n", "quote": b'id,a\n1,b"c\n', "return": b"id,a\n1,b\rc\n",
        "open": b'id,a\n1,"b\n', "nul": b"id,a\n1,\x00\n", "latin": b"id,a\n1,\xff\n",
        "header": b"id,id\n1,2\n", "nameless": b"id,\n1,2\n", "json": b"[]",
        "behind": b'id\n"a"b\n',
        "blank": b"id,a\n\n", "open-header": b'id,"a\n1,2\n',
    }  # fmt: skip
    for name, export in tables.items():
        manifest = shop.manifest()
        manifest["export"] |= {
            "path": "data/export/events.csv",
            "format": "csv",
            "shape": "csv",
            "header": ["id", "a"],
            "size": len(export),
            "sha256": hashlib.sha256(export).hexdigest(),
        }
        change = {"data/export/events.csv": export, "data/export/events.json": None}
        members = shop.sealed(manifest, change)
        yield Case(name=f"csv-{name}", path=shop.zipped(f"c-{name}", members), keys=key)


def _other_archives(shop: Workshop, key, whole: Path) -> Iterator[Case]:
    data = whole.read_bytes()
    directory = data.index(b"PK\x01\x02")
    export = data.index(b"data/export/events.json") + len("data/export/events.json")
    summary = data.index(b"<!doctype html>")

    def put(at: int, value: bytes) -> Callable[[bytearray], None]:
        return lambda found: found.__setitem__(slice(at, at + len(value)), value)

    changes: dict[str, Callable[[bytearray], None]] = {
        "stored-byte": put(summary, b"<!DOCTYPE"),
        "deflate-byte": put(export + 20, b"\xff\xff\xff\xff"),
        "local-time": put(10, b"\x01"),
        "local-method": put(8, b"\x08"),
        "flags": put(directory + 8, b"\x01"),
        "directory-crc": put(directory + 16, b"\x00\x01"),
        "link": put(directory + 38, b"\xff\xa1"[::-1]),
        "comment": lambda found: found.extend(b"comment"),
        "front": lambda found: found.__setitem__(slice(0, 0), b"x"),
        "cut": lambda found: found.__delitem__(slice(-1, None)),
        "upper-name": put(30, b"E"),
        "not-a-zip": lambda found: found.__setitem__(slice(0, None), b"hello"),
        "nothing": lambda found: found.clear(),
    }
    for name, change in changes.items():
        path = shop.bytes_changed(f"z-{name}", whole, change)
        yield Case(name=f"zip-{name}", path=path, keys=key)
    for name, change in {
        "longer": lambda packed: packed + b"\x00\x00",
        "shorter": lambda packed: packed[:-3],
    }.items():
        path = shop._write(f"z-{name}.zip", _packed_otherwise(shop.members, change))
        yield Case(name=f"zip-{name}", path=path, keys=key)


def _packed_otherwise(members: dict[str, bytes], change: Callable[[bytes], bytes]) -> bytes:
    """Return a zip of right headers whose export is packed in a wrong way."""
    from evidencekit.core.zipform import Entry, directory, local_header  # noqa: PLC0415

    base = json.loads(members[PATH])["bundle_id"]
    entries, data = [], b""
    for name, content in sorted(members.items()):
        packed = content
        if name.startswith("data/export/"):
            packer = zlib.compressobj(1, zlib.DEFLATED, -15)
            packed = change(packer.compress(content) + packer.flush())
        entry = Entry(
            path=f"{base}/{name}",
            crc=zlib.crc32(content),
            size=len(content),
            packed=len(packed),
            offset=len(data),
        )
        entries.append(entry)
        data += local_header(entry) + packed
    return data + directory(entries)


def _pages(manifest: dict) -> dict[str, bytes]:
    """Return the pages of a manifest, or those of a good one where it cannot be rendered."""
    try:
        return render_pages(manifest)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return {}


def _kept(_manifest: dict) -> None:
    """Change nothing."""


def _cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _swapped(members: dict[str, bytes]) -> bytes:
    first, second, *rest = members["manifest-sha256.txt"].splitlines(keepends=True)
    return b"".join([second, first, *rest])
