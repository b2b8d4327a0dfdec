"""Every place where the command line may say a foreign string again: how to make it say one."""

import json
from collections.abc import Callable

from forge import zips
from forge.bench import EVENTS, PREPARER, Json, as_array, resigned
from forge.handovers import signed
from forge.kinds import thin
from forge.signatures import ENVELOPE, with_envelope
from torture.entrances import Room
from torture.hostile import file_name

Say = Callable[[Room, str], list[object]]
MOUTHS: dict[str, Say] = {}
SLOW = {"value: job", "value: path of an address"}  # they wait for a server that is not there

# Arguments, as files may be called and as values; whatever begins with a hyphen stands behind --.
_PATHS: dict[str, Say] = {
    "verify": lambda r, s: ["verify", *r.keys, "--", s],
    "verify json": lambda r, s: ["verify", *r.keys, "--format", "json", "--", s],
    "verify junit": lambda r, s: ["verify", *r.keys, "--format", "junit", "--", s],
    "verify sarif": lambda r, s: ["verify", *r.keys, "--format", "sarif", "--", s],
    "show": lambda r, s: ["show", *r.keys, "--", s],
    "drill": lambda r, s: ["drill", *r.keys, "--", s],
    "explain": lambda r, s: ["trust", "explain", "--trust", r.trust, "--", s],
    "sign": lambda r, s: ["sign", "--key", r.key, "--trust-key", r.public[0], "--", s],
    "validate": lambda _r, s: ["validate", "--format", "json", "--", s],
    "export": lambda r, s: r.collect(f"--from={s}"),
    "receipt": lambda r, s: r.collect("--from", r.export, f"--receipt={s}"),
    "schema": lambda r, s: r.collect("--from", r.export, f"--schema={s}"),
    "attachment": lambda r, s: r.collect("--from", r.export, f"--attach={s}"),
    "previous": lambda r, s: r.collect("--from", r.export, f"--previous={s}"),
    "private key": lambda r, s: ["sign", r.bundle, f"--key={s}"],
    "public key": lambda r, s: ["verify", r.bundle, f"--key={s}"],
    "key": lambda _r, s: ["keys", "show", "--", s],
    "new key": lambda r, s: ["keys", "new", "--", r.folder / "none" / s.replace("\0", "")],
    "trust file": lambda r, s: ["verify", r.bundle, f"--trust={s}"],
    "trust add": lambda r, s: ["trust", "add", r.public[0], "--name=n", f"--trust={s}/none/none"],
    "authority": lambda r, s: [
        *("trust", "add", "--authority", "--name=n", "--trust", r.output, "--", s)
    ],
    "custody record": lambda r, s: ["verify", r.bundle, *r.keys, f"--receipt={s}"],
    "configuration": lambda r, s: [f"--config={s}", "verify", r.bundle],
    "certificates": lambda _r, s: ["preview", "--window=24h", f"--ca-file={s}"],
    "output": lambda r, s: ["show", r.shown, *r.keys, f"--output={s}/none/none"],
    "extract to": lambda r, s: ["verify", r.schema, *r.keys, f"--extract-to={s}"],
}
_VALUES: dict[str, Say] = {
    "command": lambda _r, s: [s],
    "option": lambda _r, s: ["verify", f"--{s}"],
    "choice": lambda r, s: ["verify", r.bundle, f"--format={s}"],
    "number": lambda r, s: ["verify", r.bundle, f"--jobs={s}"],
    "time": lambda r, s: ["verify", r.bundle, f"--at={s}"],
    "window": lambda _r, s: ["pull", f"--window={s}"],
    "colour": lambda _r, s: [f"--color={s}", "verify", "x"],
    "profile": lambda r, s: ["--config", r.put("empty.toml", b""), f"--profile={s}", "verify", "x"],
    "shell": lambda _r, s: ["completion", "--", s],
    "outcome": lambda r, s: ["receive", r.bundle, f"--outcome={s}", "--key", r.key],
    "next holder": lambda r, s: [
        *("release", r.bundle, f"--to={s}", "--key", r.key, "--trust-key", r.public[0])
    ],
    "revoked": lambda r, s: ["trust", "revoke", "--reason=left", "--trust", r.trust, "--", s],
    "job": lambda _r, s: [
        *("pull", "--window=24h", "--api-url=http://127.0.0.1:9", "--timeout=1", f"--job={s}")
    ],
    "address": lambda _r, s: ["preview", "--window=24h", f"--api-url={s}"],
    "part of an address": lambda _r, s: ["preview", "--window=24h", f"--api-url=http://{s}"],
    "path of an address": lambda _r, s: [
        *("pull", "--window=24h", "--timeout=1", f"--api-url=http://127.0.0.1:9/{s}?{s}")
    ],
    "signer": lambda r, s: r.judge(thin(), "--schema", r.schema, f"--signer={s}"),
    "environment": lambda r, s: r.judge(thin(), "--schema", r.schema, f"--environment={s}"),
    "named request": lambda r, s: r.collect("--from", r.export, f"--request-id={s}"),
    "named escalation": lambda r, s: r.collect("--from", r.export, f"--escalation-id={s}"),
    "named config version": lambda r, s: r.collect("--from", r.export, f"--config-version={s}"),
    "named environment": lambda r, s: r.collect("--from", r.export, f"--environment={s}"),
    "HSM": lambda r, s: ["sign", r.bundle, f"--key=pkcs11:{s}"],
    "Vault": lambda r, s: ["sign", r.bundle, f"--key=vault:{s}"],
    "agent": lambda r, s: ["sign", r.bundle, f"--key=ssh-agent:{s}"],
}


# Files: what is wrong in them is named.
def _collect(room: Room, data: bytes, name: str = "said.json") -> list[object]:
    return room.collect("--from", room.put(name, data))


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _twice(_room: Room, text: str) -> bytes:
    key = _json(text)
    return b'[{"id":"e",' + key + b":1," + key + b":2}]"


def _bad_event(text: str) -> bytes:
    return _json([EVENTS[0] | {text: {text: text}, "id": [text], "timestamp": text}])


def _column(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _csv(text: str) -> bytes:
    return f"id,timestamp,verdict,{_column(text)},{_column(text)}\r\n".encode()


def _receipt(room: Room, change: Callable[[Json], object]) -> list[object]:
    document = json.loads(room.receipt.read_bytes())
    change(document)
    return room.collect("--from", room.export, "--receipt", room.put("said.json", _json(document)))


def _toml(text: str) -> str:
    """Return a TOML string; JSON's, but for what TOML takes otherwise."""
    return (
        json.dumps(text.replace("\x7f", ""), ensure_ascii=True).encode("ascii", "replace").decode()
    )


def _signed_manifest(room: Room, text: str) -> list[object]:
    """The preparer's own manifest has a member more, and checksums and signature fit."""
    from torture.entrances import DOORS  # noqa: PLC0415

    document = thin().manifest | {text: text}
    return DOORS["manifest"].come(room, _json(document))


def _stated(text: str) -> Callable[[Json], object]:
    def change(document: Json) -> None:
        document["predicate"]["bundle_id"] = text
        document["predicateType"] = text

    return change


def _hint(text: str) -> Callable[[Json], object]:
    def change(document: Json) -> None:
        document["verificationMaterial"]["publicKey"]["hint"] = text
        document["dsseEnvelope"]["signatures"][0]["keyid"] = text

    return change


def _lines(room: Room, name: str, text: str) -> list[object]:
    data = thin().members[name] + f"{'0' * 64}  {text}\n".encode()
    return room.judge(thin().with_members({name: data}))


def _folder(room: Room, text: str) -> list[object]:
    """A folder with a file more, which is called so."""
    folder = room.folder / "said.folder"
    if not folder.exists():
        for name, data in thin().members.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    for old in (folder / "data").glob("*.zip"):
        old.unlink()
    (folder / "data" / file_name(text, 0)).write_bytes(b"x")
    return ["verify", folder, *room.keys, "--schema", room.schema]


_FILES: dict[str, Say] = {
    "key twice": lambda r, s: _collect(r, _twice(r, s)),
    "event": lambda r, s: _collect(r, _bad_event(s)),
    "event, validate": lambda r, s: ["validate", r.put("said.json", _bad_event(s))],
    "ids twice": lambda r, s: _collect(r, as_array(2 * [EVENTS[0] | {"id": s}])),
    "environments": lambda r, s: [
        *_collect(r, _json([EVENTS[0] | {"environment": s}])),
        "--environment=production",
    ],
    "no export": lambda r, s: _collect(r, s.encode()),
    "no csv": lambda r, s: _collect(r, s.encode(), "said.csv"),
    "csv": lambda r, s: _collect(r, _csv(s), "said.csv"),
    "receipt's member": lambda r, s: _receipt(r, lambda d: d["query"].update({s: 1})),
    "receipt's value": lambda r, s: _receipt(r, lambda d: d["query"].update(served_by=s)),
    "receipt's window": lambda r, s: _receipt(r, lambda d: d["window"].update(start=s)),
    "reference of a schema": lambda r, s: r.collect(
        "--from", r.export, "--schema", r.put("said.json", _json({"$ref": s, s: s}))
    ),
    "pattern of a schema": lambda r, s: r.collect(
        "--from", r.export, "--schema", r.put("said.json", _json({"pattern": s, "type": s}))
    ),
    "name in a trust file": lambda r, s: [
        *("trust", "list", "--trust", r.put("said.toml", f"{_toml(s)} = 1\n".encode()))
    ],
    "signer in a trust file": lambda r, s: [
        *("trust", "list", "--trust"),
        r.put("said.toml", f"[[signer]]\nname = {_toml(s)}\nkey = {_toml(s)}\n".encode()),
    ],
    "no trust file": lambda r, s: ["trust", "list", "--trust", r.put("said.toml", s.encode())],
    "name in a profile": lambda r, s: [
        *("--config", r.put("said.toml", f"[profile.default]\n{_toml(s)} = 1\n".encode())),
        *("verify", r.bundle),
    ],
    "comment of a key": lambda r, s: [
        *("keys", "show", r.put("said.pub", f"{PREPARER.public_key.to_openssh()} {s}".encode()))
    ],
    "no key": lambda r, s: ["keys", "show", r.put("said.pub", s.encode())],
    "manifest": _signed_manifest,
    "statement": lambda r, s: r.judge(resigned(thin(), statement=_stated(s))),
    "hint": lambda r, s: r.judge(with_envelope(_hint(s))),
    "payload type": lambda r, s: r.judge(
        thin().with_members({ENVELOPE: resigned(thin(), payload_type=s).members[ENVELOPE]})
    ),
    "custody": lambda r, s: r.judge(
        thin().with_members(
            {"custody/0001.sigstore.json": signed(_json({"_type": s, "predicateType": s, s: s}))}
        )
    ),
    "checksum line": lambda r, s: _lines(r, "manifest-sha256.txt", s),
    "tag checksum line": lambda r, s: _lines(r, "tagmanifest-sha256.txt", s),
    "bag information": lambda r, s: _lines(r, "bag-info.txt", s),
    "member of a zip": lambda r, s: r.judge(
        zips.renamed(f"{thin().base}/data/{s}".encode()[:4_000].decode("latin-1"))
    ),
    "file of a folder": _folder,
}

for _kind, _table in (("path", _PATHS), ("value", _VALUES), ("file", _FILES)):
    for _name, _say in _table.items():
        MOUTHS[f"{_kind}: {_name}"] = _say
