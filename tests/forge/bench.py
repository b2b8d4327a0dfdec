"""The forger's bench: good bundles from the real collector, and the means to take them apart.

A forger here may hold the preparer's own key: then every digest, page and signature is made anew
over the lie, and only what a receiver recomputes can tell.
"""

import base64
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidencekit.collector import collect
from evidencekit.core import bag
from evidencekit.core.bundleid import derived_id
from evidencekit.core.dsse import MEDIA_TYPE, PAYLOAD_TYPE, pae
from evidencekit.core.instant import parse_instant
from evidencekit.core.manifest import Claim, Context, Manifest, Previous
from evidencekit.core.query import Query
from evidencekit.core.schema import EventSchema
from evidencekit.core.sshsig import sign_sshsig
from evidencekit.core.statement import EVIDENCE, FORMAT, TYPE
from evidencekit.core.window import Window
from evidencekit.edges.keys import KeyFileSigner
from evidencekit.edges.render import render_pages
from evidencekit.errors import EvidenceError
from evidencekit.validation import Obtained, Plan

Members = dict[str, bytes]
Json = dict[str, Any]

NOW = "2026-04-23T00:04:11Z"
START, END = "2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z"
MANIFEST, TAGMANIFEST, CHECKSUMS = "data/manifest.json", bag.TAGMANIFEST, bag.CHECKSUMS
EXPORT, CSV = "data/export/events.json", "data/export/events.csv"
OUTSIDE = ("signatures/", "custody/")


def _seed(name: str) -> bytes:
    """Return 32 bytes that everybody can make: these keys guard nothing but tests."""
    return hashlib.sha256(f"evidencekit tests, {name}".encode()).digest()


def _ed25519(name: str) -> KeyFileSigner:
    return KeyFileSigner(private=Ed25519PrivateKey.from_private_bytes(_seed(name)))


def _ecdsa(name: str) -> KeyFileSigner:
    number = int.from_bytes(_seed(name)) % (2**256 - 2**224) + 1
    return KeyFileSigner(private=ec.derive_private_key(number, ec.SECP256R1()))


PREPARER, COSIGNER, STRANGER = _ed25519("preparer"), _ed25519("co-signer"), _ed25519("stranger")
ECDSA = _ecdsa("ecdsa")
TRUSTED = (PREPARER, COSIGNER, ECDSA)  # what a receiver of these bundles trusts


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A bundle in memory: its base folder's name and its members."""

    base: str
    members: Members = field(default_factory=dict)

    def with_members(self, members: Mapping[str, bytes | None]) -> "Made":
        """Return it with members put in, or taken out where they are None."""
        merged = {**self.members, **members}
        kept = {name: data for name, data in merged.items() if data is not None}
        return Made(base=self.base, members=kept)

    @property
    def manifest(self) -> Json:
        """The manifest's document."""
        return dict(json.loads(self.members[MANIFEST]))


def event(number: int, verdict: str, **more: object) -> Json:
    """Return one event of the environment, version and window that the good bundles are of."""
    return {
        "id": f"evt-{number}",
        "timestamp": f"2026-04-16T08:00:0{number}Z",
        "verdict": verdict,
        "reason_code": "all_policies_passed" if verdict == "allow" else "pii_detected",
        "request_id": f"req_{number}",
        "escalation_id": f"esc_{number}" if verdict == "escalate" else None,
        "environment": "production",
        "config_version": "0.2.0",
        "model": "gpt-4o",
        **more,
    }


EVENTS = [event(1, "allow"), event(2, "block"), event(3, "redact"), event(4, "escalate")]


def as_array(events: list[Json]) -> bytes:
    """Return an export as the API writes it."""
    return json.dumps(events, indent=1).encode() + b"\n"


def as_lines(events: list[Json]) -> bytes:
    """Return an export as JSON Lines."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in events)


def as_wrapper(events: list[Json]) -> bytes:
    """Return an export inside an object."""
    return json.dumps({"events": events}).encode()


def as_csv(events: list[Json]) -> bytes:
    """Return an export as CSV; none of these values needs a quote."""
    names = list(EVENTS[0])
    rows = [names, *[["" if one[n] is None else one[n] for n in names] for one in events]]
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one good bundle is made of."""

    export: bytes = as_array(EVENTS)
    format: str = "json"
    environment: str | None = "production"
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    allowances: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ("req_2", "req_3")
    escalation_ids: tuple[str, ...] = ("esc_4",)
    previous: Previous | None = None
    query: Query | None = None
    cosigned: bool = False
    signer: KeyFileSigner = PREPARER
    schema: bytes | None = None  # None: our own


def make(order: Order) -> Made:
    """Return a good bundle, by the collector that makes everybody's."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        export = place / f"export.{order.format}"
        export.write_bytes(order.export)
        for name, data in order.attachments.items():
            (place / name).write_bytes(data)
        window = Window.from_times(START, END)
        claim = Claim(requested="7d", window=window, basis="as declared when collecting")
        obtained = Obtained(
            path=export,
            format=order.format,
            received_as=export.name,
            query=order.query,
            claim=claim,
        )
        plan = Plan(
            context=_context(order),
            allowances=order.allowances,
            previous=order.previous,
            judged_by=schema_of(order),
            attachments=tuple(place / name for name in order.attachments),
        )
        now = parse_instant(NOW)
        done = collect(obtained, plan, signer=order.signer, output=place / "b", now=now, jobs=1)
        made = Made(base=done.manifest.bundle_id, members=read_folder(place / "b"))
    return cosigned(made, COSIGNER) if order.cosigned else made


def schema_of(order: Order) -> EventSchema:
    """Return what the events of an order are judged by."""
    return EventSchema.own() if order.schema is None else EventSchema.from_bytes(order.schema)


def _context(order: Order) -> Context:
    versions = ("0.2.0",) if order.environment and order.export != as_array([]) else ()
    return Context(
        environment=order.environment,
        config_versions=versions,
        request_ids=order.request_ids,
        escalation_ids=order.escalation_ids,
        incident="INC-4711",
        purpose="quarterly access review",
        prepared_by="Dana Reyes, Platform",
        limitations=("sampled gateways are not part of the export",),
    )


def read_folder(folder: Path) -> Members:
    """Return every file below a folder, by its path inside."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def rehashed(made: Made) -> Made:
    """Return it with every checksum made anew over what it holds, and no signature renewed."""
    payload = {n: d for n, d in made.members.items() if n.startswith("data/")}
    sizes = {name: len(data) for name, data in payload.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in payload.items()}
    told = _told(made)
    tags = bag.tag_files(told["bundle_id"], told["created_at"], _version(told), sizes, digests)
    return made.with_members(tags)


def _told(made: Made) -> Json:
    """Return what the manifest says, or what a good one would where it cannot be read."""
    told: Json = {"bundle_id": made.base, "created_at": NOW, "tool": {"version": "0.1.0"}}
    try:
        document = made.manifest
    except (KeyError, ValueError):
        return told
    alike = {n: v for n, v in document.items() if n in told and type(v) is type(told[n])}
    return {**told, **alike}


def _version(told: Json) -> str:
    return str(told["tool"].get("version"))


def rewritten(made: Made, manifest: Json, *, pages: bool = True) -> Made:
    """Return it with another manifest, in its one form, and the pages it renders to."""
    members = {MANIFEST: dumps(manifest)}
    if pages:
        members |= render_pages(manifest)
    return made.with_members(members)


def dumps(document: Json) -> bytes:
    """Return a document in the one form of ours."""
    from evidencekit.core import strict_json  # noqa: PLC0415

    return strict_json.dumps(document)


def resigned(
    made: Made,
    *signers: KeyFileSigner,
    statement: Callable[[Json], object] | None = None,
    payload: Callable[[bytes], bytes] | None = None,
    payload_type: str = PAYLOAD_TYPE,
) -> Made:
    """Return it signed anew by ``signers`` (the preparer), over checksums as they stand.

    ``statement`` changes the statement's document in place, or returns another; ``payload`` changes
    its bytes. Both are signed as they are then.
    """
    bare = {name: None for name in made.members if name.startswith("signatures/")}
    made = made.with_members(bare)
    for signer in signers or (PREPARER,):
        document = statement_of(made, signer)
        changed = statement(document) if statement else None
        data = json.dumps(document if changed is None else changed, indent=2).encode() + b"\n"
        data = payload(data) if payload else data
        made = made.with_members(signature_files(made, signer, data, payload_type))
    return made


def statement_of(made: Made, signer: KeyFileSigner) -> Json:
    """Return the statement that an honest signer of this bundle would sign, as a document."""
    told, members = made.manifest, made.members
    export = next(name for name in members if name.startswith("data/export/"))
    subjects = sorted((TAGMANIFEST, MANIFEST, export))
    window, previous = told.get("window"), told.get("previous")
    window = window if isinstance(window, dict) else {}
    facts = told["facts"] if isinstance(told.get("facts"), dict) else {}
    times = {"start": window.get("start"), "end": window.get("end")}
    return {
        "_type": TYPE,
        "subject": [{"name": n, "digest": {"sha256": sha256(members[n])}} for n in subjects],
        "predicateType": EVIDENCE,
        "predicate": {
            "format": FORMAT,
            "bundle_id": told.get("bundle_id"),
            "signer": signer.public_key.fingerprint,
            "window": times if times["start"] and times["end"] else None,
            "events": facts.get("events"),
            "tree_root": facts.get("tree_root"),
            "previous": previous.get("root") if isinstance(previous, dict) else None,
            "signed_at": NOW,
        },
    }


def signature_files(
    made: Made, signer: KeyFileSigner, payload: bytes, payload_type: str = PAYLOAD_TYPE
) -> Members:
    """Return a signer's three files over a bundle's root and a payload."""
    root, stem = made.members[TAGMANIFEST], f"signatures/{signer.public_key.signer_id}"
    signature = signer.sign(pae(payload_type, payload))
    return {
        f"{stem}.sig": signer.sign(root),
        f"{stem}.sigstore.json": envelope(signer, payload, signature, payload_type),
        f"{stem}.sshsig": sign_sshsig(root, signer),
    }


def envelope(
    signer: KeyFileSigner, payload: bytes, signature: bytes, payload_type: str = PAYLOAD_TYPE
) -> bytes:
    """Return the bytes of a Sigstore bundle, whatever its payload."""
    fingerprint = signer.public_key.fingerprint
    entry = {"sig": base64.b64encode(signature).decode(), "keyid": fingerprint}
    document = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": fingerprint}},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [entry],
        },
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def cosigned(made: Made, signer: KeyFileSigner) -> Made:
    """Return it with one more signer's files."""
    payload = json.dumps(statement_of(made, signer), indent=2).encode() + b"\n"
    return made.with_members(signature_files(made, signer, payload))


def forged(made: Made, change: Callable[[Json], object], *, pages: bool = True) -> Made:
    """Return it with a lie in the manifest, and everything else made to fit: by the key's owner."""
    manifest = made.manifest
    change(manifest)
    made = _fitted(made, manifest)
    try:
        return resigned(rehashed(rewritten(made, manifest, pages=pages)))
    except Exception:
        # No page can be rendered of such a manifest, whatever stops it; the old ones stay.
        return resigned(rehashed(rewritten(made, manifest, pages=False)))


def _fitted(made: Made, manifest: Json) -> Made:
    """Make id and promised length fit a lie that is not about them, and return the bundle's base.

    Either would tell on the lie. What is no manifest at all is left as it is.
    """
    try:
        told = Manifest.from_bytes(dumps(manifest))
    except EvidenceError:
        return made
    query, before = manifest["query"], made.manifest
    if query is not None and query == before["query"]:
        query["response"]["content_length"] = told.export.size
    if manifest["bundle_id"] != before["bundle_id"]:
        return made
    manifest["bundle_id"] = derived_id(told)
    return Made(base=manifest["bundle_id"], members=made.members)


def sha256(data: bytes) -> str:
    """Return a SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
