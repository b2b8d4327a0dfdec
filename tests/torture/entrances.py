"""Every door that a JSON document comes in by, on the command line: what to call for which bytes.

A door's patterns are of an exit code and a code: of what is no JSON, and of JSON that is not what
belongs there.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from forge import zips
from forge.bench import (
    EVENTS,
    MANIFEST,
    NOW,
    PREPARER,
    TRUSTED,
    Json,
    Made,
    as_array,
    resigned,
)
from forge.handovers import recorded, signed
from forge.kinds import QUERY, SMALL_SCHEMA, good, thin
from forge.manifests import export, schema
from forge.signatures import ENVELOPE

from evidencekit.core.bag import tag_files
from evidencekit.core.manifest import Claim
from evidencekit.core.receipt import Receipt, ReceivedFile
from evidencekit.core.trusted import TrustedSigner
from evidencekit.core.window import Window
from evidencekit.edges.trustfile import add_signer

AT = "2026-06-01T00:00:00Z"
EVENT, OTHER = (json.dumps(event).encode() for event in EVENTS[:2])
CUT = r"1 (json\.|export\.truncated)"  # no JSON, or a bracket that never ends
EXPORT = r"1 (json|export)\."
NO_EVENT = rf"{EXPORT}|1 (schema\.invalid-events|coverage\.empty|facts\.mismatch)"
NO_CSV = r"1 (csv|export|coverage)\."
SCHEMA = r"3 schema\.invalid|3 verify\.not-accepted|0 None"  # an object is a schema, mostly
NO_BUNDLE = r"1 (container\.not-a-bundle|[a-z]+\.not-accepted)"
TRUST, KEY = r"3 trust\.(syntax|unknown-name|empty)", r"3 key\.(syntax|many|size)"
FAR = "https://127.0.0.1:9"  # nobody is asked before the bundle is judged


class Room:
    """A folder with a good key, export, receipt, schema and bundle, and a place for what comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = self.put("signing.pem", _private_key())
        self.key.chmod(0o600)
        self.public = [
            self.put(f"{number}.pub", signer.public_key.to_pem())
            for number, signer in enumerate(TRUSTED)
        ]
        self.export = self.put("good.json", as_array(EVENTS))
        self.receipt = self.put("good.receipt.json", _receipt().to_bytes())
        self.schema = self.put("small.schema.json", SMALL_SCHEMA)
        self.bundle = self.put("good.zip", zips.zipped(thin()))
        self.shown = self.put("shown.zip", zips.zipped(good("json-array")))  # by our own schema
        self.trust = folder / "trust.toml"
        for number, signer in enumerate(TRUSTED):
            add_signer(self.trust, TrustedSigner(name=f"no. {number}", key=signer.public_key))
        self.output = folder / "made"

    def put(self, name: str, data: bytes) -> Path:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_bytes(data)
        return path

    def clear(self) -> None:
        """Take away what a command made, which some strings do not keep it from."""
        if self.output.is_dir():
            shutil.rmtree(self.output)
        self.output.unlink(missing_ok=True)

    @property
    def keys(self) -> list[object]:
        """The options that name the keys of the good bundles."""
        return [word for path in self.public for word in ("--key", path)]

    def judge(self, made: Made | bytes, *more: object) -> list[object]:
        """Return the command that verifies a bundle, its own schema named."""
        data = made if isinstance(made, bytes) else zips.zipped(made)
        asked = ["verify", self.put("bundle.zip", data), "--at", AT, "--format", "json"]
        return [*asked, "--jobs", "1", *self.keys, *(more or ("--schema", self.schema))]

    def collect(self, *more: object) -> list[object]:
        """Return the command that collects into a place that must stay empty on refusal."""
        return ["collect", "--key", self.key, "--jobs", "1", "-o", self.output, *more]


def _private_key() -> bytes:
    return PREPARER.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _receipt() -> Receipt:
    window = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
    data = as_array(EVENTS)
    file = ReceivedFile(
        file="good.json", format="json", size=len(data), sha256=sha256(data).hexdigest()
    )
    claim = Claim(requested="7d", window=window, basis="as the API states it")
    return Receipt(tool_version="0.1.0", window=claim, query=QUERY, export=file)


Come = Callable[[Room, bytes], list[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in for a document."""

    name: str
    come: Come
    no_json: str
    json: str
    stdin: bool = False  # the document itself comes there


def _manifest(room: Room, data: bytes) -> list[object]:
    """Any bytes for a manifest, below checksums and a signature that fit them."""
    payload = {n: d for n, d in thin().members.items() if n.startswith("data/")} | {MANIFEST: data}
    sizes = {name: len(content) for name, content in payload.items()}
    digests = {name: sha256(content).hexdigest() for name, content in payload.items()}
    tags = tag_files(thin().base, NOW, "0.1.0", sizes, digests)

    def subjects(document: Json) -> None:
        for subject in document["subject"]:
            if subject["name"] == MANIFEST:
                subject["digest"]["sha256"] = digests[MANIFEST]

    made = resigned(thin().with_members(tags), statement=subjects)
    return room.judge(made.with_members({MANIFEST: data}))


def _pinned(room: Room, data: bytes) -> list[object]:
    """The bundle brings a schema that the receiver's trust file pins by its digest."""
    text = room.trust.read_text().partition("[policy]")[0]
    trust = f'{text}\n[policy]\nschemas = ["{sha256(data).hexdigest()}"]\n'
    pinning = room.put("pinning.toml", trust.encode())
    bundle = room.put("bundle.zip", zips.zipped(schema(data)))
    return ["verify", bundle, "--at", AT, "--format", "json", "--trust", pinning]


def _named(room: Room, data: bytes) -> list[object]:
    """The bundle brings a schema, and the receiver names the very same one."""
    return room.judge(schema(data), "--schema", room.put("their.schema.json", data))


def _whole(room: Room, data: bytes) -> Path:
    return room.put("events.json", data)


def _array(room: Room, data: bytes) -> Path:
    return room.put("events.json", b"[" + OTHER + b",\n" + EVENT[:-1] + b',"x":' + data + b"}]")


def _lines(room: Room, data: bytes) -> Path:
    return room.put("events.jsonl", OTHER + b"\n" + EVENT[:-1] + b',"x":' + data + b"}\n")


def _wrapper(room: Room, data: bytes) -> Path:
    return room.put("events.json", b'{"events":[' + EVENT[:-1] + b',"x":' + data + b"}]}")


def _line(room: Room, data: bytes) -> Path:
    return room.put("events.jsonl", OTHER + b"\n" + data + b"\n")


def to(room: Room) -> list[object]:
    """Return the option that names a trust file which is not there yet."""
    return ["--trust", room.output]


DOORS: dict[str, Door] = {}


def _door(name: str, come: Come, no_json: str, json: str, *, stdin: bool = False) -> None:
    assert name not in DOORS, name
    DOORS[name] = Door(name=name, come=come, no_json=no_json, json=json, stdin=stdin)


# Inside a bundle that its owner signed, so that nothing before this document is at fault.
_door("manifest", _manifest, r"1 json\.", r"1 manifest\.")
_door(
    "statement",
    lambda r, d: r.judge(resigned(thin(), payload=lambda _: d)),
    r"1 json\.",
    r"1 statement\.",
)
_door("envelope", lambda r, d: r.judge(thin().with_members({ENVELOPE: d})), r"1 json\.", r"1 env")
_door("custody record", lambda r, d: r.judge(recorded(d)), r"1 json\.", r"1 envelope\.")
_door("custody", lambda r, d: r.judge(recorded(signed(d))), r"1 json\.", r"1 (statement|cus)")
_door("export inside", lambda r, d: r.judge(export(d)), EXPORT, NO_EVENT)
_door("schema inside", lambda r, d: r.judge(schema(d)), "3 schema.unknown", "3 schema.unknown")
_door("schema pinned", _pinned, "3 schema.unknown", "3 schema.unknown")
_door("schema named", _named, r"3 schema\.invalid", SCHEMA)
_door(
    "record returned",
    lambda r, d: r.judge(thin(), "--schema", r.schema, "--receipt", r.put("back.json", d)),
    r"1 json\.",
    r"1 envelope\.",
)
_door(
    "record returned, signed",
    lambda r, d: r.judge(thin(), "--schema", r.schema, "--receipt", r.put("back.json", signed(d))),
    r"1 json\.",
    r"1 (statement|custody)\.",
)

# As an export, whole or as part of one.
for _name, _make in {"array": _array, "lines": _lines, "wrapper": _wrapper}.items():
    _door(f"value, {_name}, validate", lambda r, d, m=_make: ["validate", m(r, d)], CUT, "0 None")
    _door(
        f"value, {_name}, collect",
        lambda r, d, m=_make: r.collect("--from", m(r, d)),
        CUT,
        "0 None",
    )
_door("event, lines", lambda r, d: r.collect("--from", _line(r, d)), EXPORT, NO_EVENT)
_door("export, validate", lambda r, d: ["validate", _whole(r, d)], EXPORT, NO_EVENT)
_door("export, collect", lambda r, d: r.collect("--from", _whole(r, d)), EXPORT, NO_EVENT)
_door(
    "export, unnamed",
    lambda r, d: r.collect("--from", r.put("events", d)),
    f"{EXPORT}|3 export.format",
    f"{NO_EVENT}|3 export.format",
)
_door("export, csv", lambda r, d: ["validate", r.put("events.csv", d)], NO_CSV, NO_CSV)

# What stands beside an export.
_door(
    "receipt",
    lambda r, d: r.collect("--from", r.export, "--receipt", r.put("x.receipt.json", d)),
    r"1 json\.",
    r"1 receipt\.",
)
for _name, _command in {
    "collect": lambda r: r.collect("--from", r.export),
    "validate": lambda r: ["validate", r.export],
    "verify": lambda r: r.judge(thin(), "--quick"),
    "drill": lambda r: ["drill", r.bundle, *r.keys],
}.items():
    _door(
        f"schema, {_name}",
        lambda r, d, c=_command: [*c(r), "--schema", r.put("their.schema.json", d)],
        r"3 schema\.invalid",
        SCHEMA,
    )

# As the bundle itself: every command that takes one, by its path.
BUNDLES: dict[str, Callable[[Room, Path], list[object]]] = {
    "verify": lambda r, path: ["verify", path, *r.keys, "--format", "json"],
    "cross": lambda r, path: ["verify", path, *r.keys, "--cross", "--at", AT],
    "extract": lambda r, path: ["verify", path, *r.keys, "--extract-to", r.output],
    "show": lambda r, path: ["show", path, *r.keys],
    "drill": lambda r, path: ["drill", path, *r.keys],
    "explain": lambda r, path: ["trust", "explain", path, "--trust", r.trust],
    "receive": lambda r, path: [
        *("receive", path, "--outcome", "accepted", "--key", r.key),
        *("--trust-key", r.public[0], "-o", r.output),
    ],
    "release": lambda r, path: [
        *("release", path, "--to", PREPARER.public_key.fingerprint, "--key", r.key),
        *("--trust-key", r.public[0], "-o", r.output),
    ],
    "sign": lambda r, path: ["sign", path, "--key", r.key, "--trust-key", r.public[0]],
    "timestamp": lambda r, path: ["timestamp", path, *r.keys, "--timestamp-url", FAR],
    "renew": lambda r, path: ["renew", path, *r.keys, "--timestamp-url", FAR],
    "previous": lambda r, path: r.collect("--from", r.export, "--previous", path),
}
for _name, _command in BUNDLES.items():
    _door(
        f"bundle, {_name}",
        lambda r, d, c=_command: c(r, r.put("bundle.zip", d)),
        NO_BUNDLE,
        NO_BUNDLE,
    )
_door(
    "bundle, stdin",
    lambda r, _d: ["verify", "-", *r.keys, "--format", "json"],
    NO_BUNDLE,
    NO_BUNDLE,
    stdin=True,
)
# What names people and keys is no JSON at all.
for _name, _code, _command in (
    ("trust file", TRUST, lambda r, path: ["verify", r.bundle, "--trust", path]),
    ("trust list", TRUST, lambda _r, path: ["trust", "list", "--trust", path]),
    ("trust lint", TRUST, lambda _r, path: ["trust", "lint", "--trust", path]),
    (
        "trust add to",
        TRUST,
        lambda r, path: ["trust", "add", r.public[0], "--name", "n", "--trust", path],
    ),
    ("trust add", KEY, lambda r, path: ["trust", "add", path, "--name", "n", *to(r)]),
    (
        "authority",
        r"3 trust\.(certificate|size)",
        lambda r, path: ["trust", "add", path, "--authority", "--name", "n", *to(r)],
    ),
    ("public key", KEY, lambda r, path: ["verify", r.bundle, "--key", path]),
    ("key show", KEY, lambda _r, path: ["keys", "show", path]),
    (
        "private key",
        KEY,
        lambda r, path: ["collect", "--from", r.export, "--key", path, "-o", r.output],
    ),
    (
        "profile",
        r"3 config\.",
        lambda r, path: ["--config", path, "--profile", "p", "verify", r.bundle],
    ),
    (
        "identifiers",
        r"1 coverage\.missing-id|2 None",
        lambda r, path: r.collect("--from", r.export, "--request-id", f"@{path}"),
    ),
):
    _door(_name, lambda r, d, c=_command: c(r, r.put("given", d)), _code, _code)
