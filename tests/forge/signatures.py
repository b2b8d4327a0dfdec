"""Signatures, envelopes and statements: taken out, swapped, replayed, malformed, or signed lies."""

import base64
import hashlib
import json
from collections.abc import Callable

from evidencekit.core.sshwire import pack
from forge.bench import (
    COSIGNER,
    ECDSA,
    EXPORT,
    MANIFEST,
    PREPARER,
    STRANGER,
    TAGMANIFEST,
    Json,
    KeyFileSigner,
    Made,
    Members,
    cosigned,
    envelope,
    forged,
    resigned,
    signature_files,
    statement_of,
)
from forge.kinds import add, kind, note, thin

STEM = f"signatures/{PREPARER.public_key.signer_id}"
CO_STEM = f"signatures/{COSIGNER.public_key.signer_id}"
SIG, ENVELOPE, SSHSIG = f"{STEM}.sig", f"{STEM}.sigstore.json", f"{STEM}.sshsig"
ORDER = 2**252 + 27742317777372353535851937790883648493  # of Ed25519's group


def with_file(name: str, change: Callable[[bytes], bytes]) -> Made:
    """Return the good bundle with a signature file changed."""
    return thin().with_members({name: change(thin().members[name])})


def another() -> Made:
    """Return another good bundle by the same key."""
    return thin("json-lines")


def their(made: Made, stem: str = STEM) -> Members:
    """Return a signer's files of a bundle."""
    return {name: data for name, data in made.members.items() if name.startswith(stem)}


def without(made: Made, *names: str) -> Made:
    """Return a bundle without members."""
    return made.with_members(dict.fromkeys(names))


NONE = dict.fromkeys((SIG, ENVELOPE, SSHSIG))
add("signatures-none", "signature", "signature.none", lambda: thin().with_members(NONE))
for _name, _gone in (("envelope-missing", (ENVELOPE,)), ("only-raw", (ENVELOPE, SSHSIG))):
    add(
        f"signature-{_name}",
        "signature",
        "signature.no-envelope",
        lambda g=_gone: without(thin(), *g),
    )


def malleable(signature: bytes) -> bytes:
    """Return the other signature that verifiers without a range check take: S plus the order."""
    number = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + number.to_bytes(32, "little")


RAW: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("flipped", lambda data: bytes([data[0] ^ 1]) + data[1:]),
    ("short", lambda data: data[:-1]),
    ("long", lambda data: data + b"\0"),
    ("empty", lambda _data: b""),
    ("zeros", lambda data: bytes(len(data))),
    ("in-hex", lambda data: data.hex().encode()),
    ("in-base64", lambda data: base64.b64encode(data) + b"\n"),
    ("s-plus-order", malleable),
    ("low-order-r", lambda _data: b"\x01" + bytes(63)),
    ("of-a-stranger", lambda _data: STRANGER.sign(thin().members[TAGMANIFEST])),
    ("of-the-checksums", lambda _data: PREPARER.sign(thin().members["manifest-sha256.txt"])),
    ("of-another-bundle", lambda _data: another().members[SIG]),
)
for _name, _change in RAW:
    add(
        f"signature-raw-{_name}",
        "signature",
        "signature.invalid",
        lambda c=_change: with_file(SIG, c),
    )


# SSHSIG.
def sshsig(
    signer: KeyFileSigner = PREPARER,
    *,
    namespace: bytes = b"evidencekit",
    algorithm: bytes = b"sha512",
    version: int = 1,
    message: bytes | None = None,
) -> bytes:
    """Return an SSH signature file in which anything may be another than ours has."""
    covered = thin().members[TAGMANIFEST] if message is None else message
    digest = hashlib.new(algorithm.decode(), covered).digest()
    tail = (namespace, b"", algorithm)
    signature = signer.sign(b"SSHSIG" + pack(*tail, digest))
    wire = pack(b"ssh-ed25519", signature)
    blob = b"SSHSIG" + version.to_bytes(4) + pack(signer.public_key.wire, *tail, wire)
    return armored(blob)


def armored(blob: bytes, width: int = 70) -> bytes:
    """Return a signature blob as text."""
    text = base64.b64encode(blob)
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    head, tail = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
    return b"\n".join((head, *lines, tail, b""))


SSH: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("namespace-file", "sshsig.namespace", lambda _data: sshsig(namespace=b"file")),
    ("namespace-git", "sshsig.namespace", lambda _data: sshsig(namespace=b"git")),
    ("sha256", "sshsig.namespace", lambda _data: sshsig(algorithm=b"sha256")),
    ("version-2", "sshsig.syntax", lambda _data: sshsig(version=2)),
    ("of-a-stranger", "sshsig.key", lambda _data: sshsig(STRANGER)),
    ("of-other-bytes", "signature.invalid", lambda _data: sshsig(message=b"other")),
    ("of-another-bundle", "signature.invalid", lambda _data: another().members[SSHSIG]),
    ("cut", "sshsig.syntax", lambda data: data[:100]),
    ("empty", "sshsig.syntax", lambda _data: b""),
    ("crlf", "sshsig.syntax", lambda data: data.replace(b"\n", b"\r\n")),
    ("text-after", "sshsig.syntax", lambda data: data + b"more\n"),
    ("wide-lines", "sshsig.form", lambda data: armored(_blob(data), 76)),
    ("bytes-after", "sshsig.syntax", lambda data: armored(_blob(data) + b"\0")),
)
for _name, _code, _change in SSH:
    add(f"sshsig-{_name}", "signature", _code, lambda c=_change: with_file(SSHSIG, c))


def _blob(data: bytes) -> bytes:
    return base64.b64decode(b"".join(data.split(b"\n")[1:-2]))


# Whole signatures of others, and of other bundles.
@kind("signature-all-replayed", "signature", "statement.subject")
def _replayed() -> Made:
    return thin().with_members(their(another()))


@kind("signature-envelope-replayed", "signature", "statement.subject")
def _envelope_replayed() -> Made:
    return thin().with_members({ENVELOPE: another().members[ENVELOPE]})


@kind("co-signature-replayed", "signature", "statement.subject")
def _co_replayed() -> Made:
    return thin().with_members(their(cosigned(another(), COSIGNER), CO_STEM))


@kind("co-signature-broken", "signature", "signature.invalid")
def _co_broken() -> Made:
    made = cosigned(thin(), COSIGNER)
    return made.with_members({f"{CO_STEM}.sig": bytes(64)})


@kind("co-signature-for-the-preparer", "signature", "signature.preparer")
def _preparer_stripped() -> Made:
    return cosigned(thin(), COSIGNER).with_members(NONE)


@kind("co-signature-swapped-with-the-preparer", "signature", "signature.invalid")
def _swapped() -> Made:
    made = cosigned(thin(), COSIGNER)
    files = made.members
    swapped = {name.replace(STEM, CO_STEM): data for name, data in their(made).items()}
    swapped |= {name.replace(CO_STEM, STEM): files[name] for name in their(made, CO_STEM)}
    return made.with_members(swapped)


THRESHOLD = ("--trust", "trust/two-signatures.toml")
add(
    "co-signature-stripped",
    "trust",
    "trust.threshold",
    thin,
    arguments=THRESHOLD,
)


@kind(
    "co-signature-by-the-preparer-again",
    "signature",
    "signature.unknown-key",
    exit=1,
    arguments=THRESHOLD,
)
def _same_key_twice() -> Made:
    """One key's files a second time under another name are no second signature."""
    fake = "signatures/0123456789abcdef"
    return thin().with_members({n.replace(STEM, fake): d for n, d in their(thin()).items()})


@kind("signed-by-a-stranger", "trust", "trust.unknown-signer")
def _stranger() -> Made:
    return resigned(thin(), STRANGER)


@kind("all-made-anew-by-a-stranger", "trust", "trust.unknown-signer")
def _all_anew() -> Made:
    """Everything fits together, and only the key is another."""
    told = thin().manifest | {"signer": {"fingerprint": STRANGER.public_key.fingerprint}}
    made = forged(thin(), lambda manifest: manifest.update(told))
    return resigned(made, STRANGER)


@kind("stranger-under-the-preparers-name", "signature", "signature.invalid")
def _impostor() -> Made:
    files = their(resigned(thin(), STRANGER), "signatures/")
    other = f"signatures/{STRANGER.public_key.signer_id}"
    return thin().with_members({n.replace(other, STEM): d for n, d in files.items()})


@kind("stranger-claims-the-preparers-key", "signature", "signature.invalid")
def _claims() -> Made:
    """The envelope's key id says the preparer, the signature is a stranger's."""
    payload = json.dumps(statement_of(thin(), PREPARER)).encode()
    data = envelope(PREPARER, payload, STRANGER.sign(payload))
    return thin().with_members({ENVELOPE: data})


@kind("stranger-co-signs", "signature", "signature.unknown-key", exit=3)
def _stranger_co_signs() -> Made:
    return cosigned(thin(), STRANGER)


@kind("ecdsa-signature-not-der", "signature", "signature.invalid")
def _not_der() -> Made:
    name = f"signatures/{ECDSA.public_key.signer_id}.sig"
    made = good_ecdsa()
    data = made.members[name]
    return made.with_members({name: data[:1] + b"\x81" + data[1:]})


@kind("ecdsa-signature-flipped", "signature", "signature.invalid")
def _ecdsa_flipped() -> Made:
    name = f"signatures/{ECDSA.public_key.signer_id}.sig"
    made = good_ecdsa()
    data = made.members[name]
    return made.with_members({name: data[:-1] + bytes([data[-1] ^ 1])})


def good_ecdsa() -> Made:
    """Return the bundle that an ECDSA key signed."""
    return thin("ecdsa")


add("no-key-given", "trust", "trust.none", thin, exit=3, arguments=("--no-key",))
add(
    "trusts-another-key-only",
    "trust",
    "trust.unknown-signer",
    thin,
    arguments=("--key", "keys/stranger.pub"),
)
for _name, _code, _exit in (
    ("revoked", "trust.revoked", 1),
    ("compromised", "trust.revoked", 1),
    ("expired-before", "trust.validity", 1),
    ("not-yet-valid", "trust.validity", 1),
    ("expired-since", "trust.validity", 3),
    ("other-environment", "trust.environment", 1),
    ("role-missing", "trust.roles", 1),
):
    add(
        f"trust-{_name}",
        "trust",
        _code,
        thin,
        exit=_exit,
        arguments=("--trust", f"trust/{_name}.toml"),
    )


# Envelopes, changed by anybody.
def with_envelope(change: Callable[[Json], object]) -> Made:
    """Return the good bundle with its envelope's document changed."""

    def rewrite(data: bytes) -> bytes:
        document = json.loads(data)
        changed = change(document)
        return json.dumps(document if changed is None else changed, indent=2).encode() + b"\n"

    return with_file(ENVELOPE, rewrite)


def _dsse(change: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda document: change(document["dsseEnvelope"])


def _first(change: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda document: change(document["dsseEnvelope"]["signatures"][0])


def _named(document: Json, fingerprint: str) -> None:
    note(document["verificationMaterial"]["publicKey"], hint=fingerprint)
    note(document["dsseEnvelope"]["signatures"][0], keyid=fingerprint)


def _payload(change: Callable[[str], str]) -> Callable[[Json], object]:
    return _dsse(lambda dsse: note(dsse, payload=change(dsse["payload"])))


def _other_payload() -> str:
    payload = json.dumps(statement_of(another(), PREPARER), indent=2).encode() + b"\n"
    return base64.b64encode(payload).decode()


ENVELOPES: tuple[tuple[str, str, Callable[[Json], object]], ...] = (
    (
        "media-type-0-2",
        "envelope.media-type",
        lambda d: note(d, mediaType="application/vnd.dev.sigstore.bundle+json;version=0.2"),
    ),
    (
        "payload-type",
        "envelope.payload-type",
        _dsse(lambda d: note(d, payloadType="application/json")),
    ),
    ("payload-of-another-bundle", "signature.invalid", _payload(lambda _text: _other_payload())),
    ("signatures-empty", "envelope.signatures", _dsse(lambda d: note(d, signatures=[]))),
    ("signatures-null", "envelope.signatures", _dsse(lambda d: note(d, signatures=None))),
    ("signatures-missing", "envelope.shape", _dsse(lambda d: d.pop("signatures") and None)),
    ("signatures-object", "envelope.signatures", _dsse(lambda d: note(d, signatures={}))),
    ("signatures-of-null", "envelope.signatures", _dsse(lambda d: note(d, signatures=[None]))),
    ("signatures-of-nothing", "envelope.signatures", _dsse(lambda d: note(d, signatures=[{}]))),
    (
        "signatures-two",
        "envelope.signatures",
        _dsse(lambda d: note(d, signatures=2 * d["signatures"])),
    ),
    ("signature-empty", "envelope.signatures", _first(lambda s: note(s, sig=""))),
    (
        "signature-malleated",
        "signature.invalid",
        _first(
            lambda s: note(s, sig=base64.b64encode(malleable(base64.b64decode(s["sig"]))).decode())
        ),
    ),
    ("signature-number", "envelope.base64", _first(lambda s: note(s, sig=7))),
    ("key-id-missing", "envelope.signatures", _first(lambda s: s.pop("keyid") and None)),
    (
        "key-id-other",
        "envelope.key-id",
        _first(lambda s: note(s, keyid=COSIGNER.public_key.fingerprint)),
    ),
    (
        "key-id-and-hint-other",
        "envelope.key-id",
        lambda d: _named(d, "SHA256:x"),
    ),
    (
        "certificate",
        "envelope.shape",
        lambda d: note(d["verificationMaterial"], x509CertificateChain={}),
    ),
    ("log-entries", "envelope.shape", lambda d: note(d["verificationMaterial"], tlogEntries=[])),
    ("field-more", "envelope.shape", lambda d: note(d, comment="looks fine")),
    ("message-signature", "envelope.shape", lambda d: note(d, messageSignature={})),
    ("list", "envelope.shape", lambda d: [d]),
    ("payload-url-safe", "envelope.base64", _payload(lambda text: text[:-4] + "-_==")),
    ("payload-unpadded", "envelope.base64", _payload(lambda text: text.rstrip("=") + "A")),
    ("payload-newline", "envelope.base64", _payload(lambda text: text[:76] + "\n" + text[76:])),
    ("payload-not-text", "envelope.base64", _payload(lambda _text: 7)),  # type: ignore[arg-type,return-value]
    (
        "stamps-empty",
        "envelope.shape",
        lambda d: note(
            d["verificationMaterial"], timestampVerificationData={"rfc3161Timestamps": []}
        ),
    ),
    (
        "stamps-null",
        "envelope.shape",
        lambda d: note(
            d["verificationMaterial"], timestampVerificationData={"rfc3161Timestamps": None}
        ),
    ),
)
for _name, _code, _envelope in ENVELOPES:
    add(f"envelope-{_name}", "signature", _code, lambda c=_envelope: with_envelope(c))

TEXTS: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("compact", "envelope.form", lambda data: json.dumps(json.loads(data)).encode()),
    ("no-final-newline", "envelope.form", lambda data: data[:-1]),
    (
        "keys-in-another-order",
        "envelope.form",
        lambda data: (
            json.dumps(dict(reversed(json.loads(data).items())), indent=2).encode() + b"\n"
        ),
    ),
    ("escaped", "envelope.form", lambda data: data.replace(b"SHA256", b"\\u0053HA256")),
    ("white-space-after", "envelope.form", lambda data: data + b" \n"),
    (
        "two-payloads",
        "json.duplicate-key",
        lambda data: data.replace(b'"payload":', b'"payload": "e30=", "payload":'),
    ),
    ("bom", "json.bom", lambda data: b"\xef\xbb\xbf" + data),
    ("utf-16", "json.encoding", lambda data: data.decode().encode("utf-16")),
    ("cut", "json.syntax", lambda data: data[:-20]),
    ("empty", "json.syntax", lambda _data: b""),
    ("two-documents", "json.trailing", lambda data: data + data),
    ("not-a-number", "json.number", lambda data: data.replace(b'"sig": "', b'"sig": NaN, "x": "')),
    ("deep", "json.depth", lambda _data: b"[" * 1000 + b"]" * 1000),
    (
        "surrogate",
        "json.surrogate",
        lambda data: data.replace(b'"payload": "', b'"payload": "\\ud800'),
    ),
)
for _name, _code, _text in TEXTS:
    add(f"envelope-{_name}", "signature", _code, lambda c=_text: with_file(ENVELOPE, c))


# Statements: signed by the preparer's own key, and still not to be taken.
def stated(change: Callable[[Json], object]) -> Made:
    """Return a bundle whose signed statement is another."""
    return resigned(thin(), statement=change)


def _predicate(**values: object) -> Callable[[Json], object]:
    return lambda document: note(document["predicate"], **values)


def _digest(name: str, digest: object) -> Callable[[Json], object]:
    def change(document: Json) -> None:
        for subject in document["subject"]:
            if subject["name"] == name:
                subject["digest"] = digest

    return change


ZEROS = {"sha256": 64 * "0"}
STATEMENTS: tuple[tuple[str, str, Callable[[Json], object]], ...] = (
    ("type-0-1", "statement.type", lambda d: note(d, _type="https://in-toto.io/Statement/v0.1")),
    (
        "predicate-type",
        "statement.type",
        lambda d: note(d, predicateType="urn:evidencekit:evidence:v2"),
    ),
    (
        "predicate-type-of-custody",
        "statement.type",
        lambda d: note(d, predicateType="urn:evidencekit:custody:v1"),
    ),
    ("format-2", "statement.version", _predicate(format="evidencekit-bundle/2")),
    ("format-0", "statement.version", _predicate(format="evidencekit-bundle/0")),
    ("format-number", "statement.version", _predicate(format=1)),
    ("format-missing", "statement.version", lambda d: d["predicate"].pop("format") and None),
    ("root-missing", "statement.subject", lambda d: note(d, subject=d["subject"][:2])),
    (
        "subject-more",
        "statement.subject",
        lambda d: d["subject"].append({"name": "bagit.txt", "digest": ZEROS}),
    ),
    ("subjects-empty", "statement.subject", lambda d: note(d, subject=[])),
    ("subject-twice", "statement.subject", lambda d: d["subject"].append(d["subject"][0])),
    ("subject-unnamed", "statement.subject", lambda d: d["subject"][0].pop("name") and None),
    (
        "subjects-1025",
        "statement.subject",
        lambda d: note(d, subject=[{"name": f"f{n}", "digest": ZEROS} for n in range(1025)]),
    ),
    ("digest-of-the-root", "statement.subject", _digest(TAGMANIFEST, ZEROS)),
    ("digest-of-the-manifest", "statement.subject", _digest(MANIFEST, ZEROS)),
    ("digest-of-the-export", "statement.subject", _digest(EXPORT, ZEROS)),
    ("digest-upper-case", "statement.subject", _digest(EXPORT, {"sha256": 64 * "A"})),
    ("digest-short", "statement.subject", _digest(EXPORT, {"sha256": 63 * "0"})),
    ("digest-md5", "statement.subject", _digest(EXPORT, {"md5": 32 * "0"})),
    ("digest-and-md5", "statement.subject", _digest(EXPORT, {**ZEROS, "md5": 32 * "0"})),
    ("digest-empty", "statement.subject", _digest(EXPORT, {})),
    (
        "export-csv",
        "statement.subject",
        lambda d: note(d["subject"][0], name="data/export/events.csv"),
    ),
    ("signer-other", "statement.signer", _predicate(signer=COSIGNER.public_key.fingerprint)),
    ("signer-malformed", "statement.value", _predicate(signer="SHA256:short")),
    ("bundle-id-other", "statement.claim", _predicate(bundle_id="evidence-staging-1")),
    ("bundle-id-a-path", "statement.value", _predicate(bundle_id="../evidence")),
    (
        "window-moved",
        "statement.claim",
        _predicate(window={"start": "2026-04-15T00:00:00Z", "end": "2026-04-23T00:00:00Z"}),
    ),
    ("window-dropped", "statement.claim", _predicate(window=None)),
    (
        "window-reversed",
        "statement.value",
        _predicate(window={"start": "2026-04-23T00:00:00Z", "end": "2026-04-16T00:00:00Z"}),
    ),
    (
        "window-local-time",
        "statement.value",
        _predicate(window={"start": "2026-04-16T02:00:00+02:00", "end": "2026-04-23T00:00:00Z"}),
    ),
    ("events-more", "statement.claim", _predicate(events=5)),
    ("events-text", "statement.value", _predicate(events="4")),
    ("events-real", "statement.value", _predicate(events=4.0)),
    ("events-negative", "statement.value", _predicate(events=-1)),
    ("events-true", "statement.value", _predicate(events=True)),
    ("tree-root-other", "statement.claim", _predicate(tree_root=64 * "0")),
    ("previous-other", "statement.claim", _predicate(previous=64 * "0")),
    ("signed-at-local", "statement.value", _predicate(signed_at="2026-04-23T02:04:11+02:00")),
    ("signed-at-nonsense", "statement.value", _predicate(signed_at="yesterday")),
    ("signed-at-february-30", "statement.value", _predicate(signed_at="2026-02-30T00:00:00Z")),
    ("signed-at-null", "statement.value", _predicate(signed_at=None)),
    ("predicate-field-more", "statement.shape", _predicate(certified=True)),
    ("predicate-field-missing", "statement.shape", lambda d: d["predicate"].pop("events") and None),
    ("predicate-null", "statement.shape", lambda d: note(d, predicate=None)),
    ("field-more", "statement.shape", lambda d: note(d, comment="looks fine")),
    ("list", "statement.shape", lambda d: [d]),
)
for _name, _code, _change in STATEMENTS:
    _check = "manifest" if _code == "statement.claim" else "signature"
    add(f"statement-{_name}", _check, _code, lambda c=_change: stated(c))


def _subjects_reversed(data: bytes) -> bytes:
    document = json.loads(data)
    document["subject"].reverse()
    return json.dumps(document, indent=2).encode() + b"\n"


PAYLOADS: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("empty", "json.syntax", lambda _data: b""),
    ("not-json", "json.syntax", lambda _data: b"all is well\n"),
    ("not-utf-8", "json.encoding", lambda data: data.replace(b"evidence", b"\xff", 1)),
    ("bom", "json.bom", lambda data: b"\xef\xbb\xbf" + data),
    (
        "two-predicates",
        "json.duplicate-key",
        lambda data: data.replace(b'"predicate":', b'"predicate": {}, "predicate":'),
    ),
    ("trailing", "json.trailing", lambda data: data + b"{}"),
    ("infinity", "json.number", lambda data: data.replace(b'"events": 4', b'"events": Infinity')),
    ("huge-number", "json.number", lambda data: data.replace(b'"events": 4', b'"events": 1e999')),
    (
        "digits",
        "json.number",
        lambda data: data.replace(b'"events": 4', b'"events": 4' + 4300 * b"0"),
    ),
    ("deep", "json.depth", lambda _data: b"[" * 65 + b"]" * 65),
    ("surrogate", "json.surrogate", lambda data: data.replace(b'"evidence-', b'"\\udc00evidence-')),
    ("compact", "statement.form", lambda data: json.dumps(json.loads(data)).encode()),
    ("no-final-newline", "statement.form", lambda data: data[:-1]),
    ("escaped", "statement.form", lambda data: data.replace(b'"evidence-', b'"\\u0065vidence-')),
    (
        "order",
        "statement.form",
        lambda data: (
            json.dumps(dict(reversed(json.loads(data).items())), indent=2).encode() + b"\n"
        ),
    ),
    ("subjects-reversed", "statement.form", _subjects_reversed),
)
for _name, _code, _data in PAYLOADS:
    add(
        f"statement-bytes-{_name}",
        "signature",
        _code,
        lambda c=_data: resigned(thin(), payload=c),
    )
add(
    "statement-signed-as-another-type",
    "signature",
    "envelope.payload-type",
    lambda: resigned(thin(), payload_type="application/vnd.example+json"),
)


@kind("statement-signed-without-its-type", "signature", "signature.invalid")
def _raw_payload() -> Made:
    """A signature over the bare payload, as some implementations of DSSE made it."""
    payload = json.dumps(statement_of(thin(), PREPARER), indent=2).encode() + b"\n"
    return thin().with_members({ENVELOPE: envelope(PREPARER, payload, PREPARER.sign(payload))})


@kind("statement-signed-for-a-co-signer", "signature", "statement.signer")
def _for_another() -> Made:
    """The co-signer signs a statement that says the preparer is the signer."""
    payload = json.dumps(statement_of(thin(), PREPARER), indent=2).encode() + b"\n"
    return thin().with_members(signature_files(thin(), COSIGNER, payload))


@kind("two-statements-that-differ", "manifest", "statement.claim")
def _differing() -> Made:
    """Preparer and co-signer say different numbers of events."""
    document = statement_of(thin(), COSIGNER)
    document["predicate"]["events"] = 40
    payload = json.dumps(document, indent=2).encode() + b"\n"
    return thin().with_members(signature_files(thin(), COSIGNER, payload))
