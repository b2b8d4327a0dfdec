"""What a receiver holds: trust files, allowed signers, public keys; and SSHSIG files and tokens.

A trust file, a list of allowed signers or a key leaves things undecided, with ``trust.*`` and
``key.*`` codes; what is accepted is written by a simple writer of this file and reads back as the
same, its doubts (``trust check``) can be told, and a key is the one that the cryptography library
reads. A signature file that is accepted is the one that signing gives, or holds what that library
verifies; a token that is accepted has no byte that does not follow from its parts, and says to
rfc3161-client what it says to us.
"""

import base64
import binascii
import json
import random
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
    load_ssh_public_key,
)
from forge.bench import ECDSA, PREPARER
from rfc3161_client import decode_timestamp_response

from evidencekit.core.allowedsigners import parse_allowed_signers
from evidencekit.core.instant import NANOSECONDS, parse_instant
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.sshsig import sign_sshsig, verify_sshsig
from evidencekit.core.sshwire import pack, unpack
from evidencekit.core.timestamp import Token, plain_response
from evidencekit.core.trusted import Authority, Parts, Policy, TrustedSigner, parse_trust
from evidencekit.core.trustlint import lint
from evidencekit.edges.timestamp import verify_token
from evidencekit.errors import RejectedError, UndecidedError
from fuzz import HOME, tokens
from fuzz.oracle import Inner, asked, put, spot

MAX_LEN = 4_096
MESSAGE = b"the root\n"
NOW = parse_instant("2026-04-23T00:00:00Z")
CORPUS = HOME.parents[1].parent / "shared/corpora/rfc3161-client"
DAY = 86_400 * NANOSECONDS
DICTIONARY = (
    *(b"[[signer]]\n", b"[[timestamp-authority]]\n", b"[policy]\n", b'name = "a"\n', b'key = "'),
    *(b"valid-from = 0001-01-01T00:00:00+23:59\n", b"valid-until = 9999-12-31T23:59:59-23:59\n"),
    *(b"revoked-at = 2026-01-01T00:00:00Z\n", b'revoked-reason = "key-compromise"\n', b'"""'),
    *(b"signatures-required = 2\n", b'roles-required = ["a"]\n', b'timestamp = "required"\n'),
    *(b"maximum-age-days = 1\n", b"\\u202e", b"\\U00110000", b"[[a]]", b"{a={}}", b"nan", b"1e9"),
    *(b'namespaces="evidencekit" ', b'valid-after="20260101Z" ', b"cert-authority ", b"*,!a"),
    *(b"ssh-ed25519 ", b"ecdsa-sha2-nistp256 ", b"-----BEGIN PUBLIC KEY-----\n", b"\r\n", b"="),
    b"-----BEGIN PRIVATE KEY-----",
)
NAMES = (b"valid-from", b"valid-until", b"revoked-at", b"roles", b"name", b"key", b"minimum-format")
VALUES = (
    *(b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59", b"2026-01-01T00:00:00Z"),
    *(b"2026-01-01", b"07:32:00", b"1979-05-27T07:32:00", b"0", b"1", b"16", b"17", b"-1", b"1e3"),
    *(
        b'""',
        b'"a"',
        b"'a'",
        b'"required"',
        b'"left"',
        b"[]",
        b'["a"]',
        b'["a", 1]',
        b"{}",
        b"true",
    ),
    *(b'"\\u202e"', b'"\\n"', b"nan", b"1" * 5_000, b"[" * 1_500, b'["' + b"0" * 64 + b'"]'),
)


def one_input(data: bytes) -> None:
    """Read the input as each of the files that it might be."""
    _key(data)
    if data[:1] in (b"\x30", b"\0"):
        _key_in_der(data)
        _token(data)
        return
    for signer in (PREPARER, ECDSA):
        _sshsig(data, signer.public_key)
    _trust(data)
    _allowed_signers(data)


def _key(data: bytes) -> None:
    key, _ = asked(lambda: PublicKey.from_bytes(data), UndecidedError, ("key",))
    if key is None:
        return
    _is_the_same(key)
    if b"-----BEGIN" in data:
        # Which line ends a file has and where one is empty, ours does not mind.
        lines = [line for line in data.splitlines() if line.strip()]
        theirs = load_pem_public_key(b"\n".join([*lines, b""]))
    else:
        lines = [line for line in data.splitlines() if line.strip() and not line.startswith(b"#")]
        theirs = load_ssh_public_key(b" ".join(lines[0].split()[:2]))
    pem = theirs.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert pem == key.to_pem(), "another key to the cryptography library"


def _is_the_same(key: PublicKey) -> None:
    assert PublicKey.from_bytes(key.to_pem()) == key
    assert PublicKey.from_bytes(key.to_openssh("a comment").encode()) == key
    assert PublicKey.from_wire(key.wire) == key


def _key_in_der(data: bytes) -> None:
    key, _ = asked(lambda: PublicKey.from_der(data), UndecidedError, ("key",))
    if key is not None:
        _is_the_same(key)
        pem = load_der_public_key(data).public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        assert pem == key.to_pem()
    key, _ = asked(lambda: PublicKey.from_wire(data), UndecidedError, ("key",))
    if key is not None:
        assert key.wire == data


def _sshsig(data: bytes, key: PublicKey) -> None:
    _, refusal = asked(
        lambda: verify_sshsig(data, MESSAGE, key), RejectedError, ("sshsig", "signature")
    )
    if refusal is None and key.algorithm == ED25519:
        assert data == sign_sshsig(MESSAGE, PREPARER), "a second form of one signature"


def _trust(data: bytes) -> None:
    found, _ = asked(lambda: parse_trust(data), UndecidedError, ("trust", "key"))
    if found is None:
        return
    signers, authorities, policy = found
    document = tomllib.loads(data.decode())
    assert len(signers) == len(document["signer"])
    assert len(authorities) == len(document.get("timestamp-authority", []))
    for at in (NOW, NOW - 300 * 365 * DAY, NOW + 300 * 365 * DAY):
        assert all(isinstance(told, str) for told in lint(signers, authorities, policy, at=at))
    assert parse_trust(_toml(found).encode()) == found, "reads back as something else"


def _toml(parts: Parts) -> str:
    signers, authorities, policy = parts
    blocks = [_block("[[signer]]", _of_signer(signer)) for signer in signers]
    blocks += [_block("[[timestamp-authority]]", _of_authority(one)) for one in authorities]
    return "\n".join([*blocks, _block("[policy]", _of_policy(policy))])


def _block(head: str, values: dict[str, str | None]) -> str:
    lines = (f"{name} = {value}" for name, value in values.items() if value is not None)
    return "\n".join((head, *lines, ""))


def _of_signer(signer: TrustedSigner) -> dict[str, str | None]:
    revoked = signer.revoked_at is not None
    return {
        "name": _text(signer.name),
        "key": _text(signer.key.to_openssh()),
        "valid-from": _time(signer.valid_from),
        "valid-until": _time(signer.valid_until),
        "revoked-at": _time(signer.revoked_at),
        "revoked-reason": _text(signer.revoked_reason) if revoked else None,
        "environments": _texts(signer.environments),
        "roles": _texts(signer.roles),
    }


def _of_authority(authority: Authority) -> dict[str, str | None]:
    pem = b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(one) + b"-----END CERTIFICATE-----\n"
        for one in authority.certificates
    )
    return {
        "name": _text(authority.name),
        "certificate": _text(pem.decode()),
        "valid-from": _time(authority.valid_from),
        "valid-until": _time(authority.valid_until),
    }


def _of_policy(policy: Policy) -> dict[str, str | None]:
    age = policy.maximum_age
    return {
        "signatures-required": str(policy.signatures_required),
        "roles-required": _texts(policy.roles_required),
        "timestamp": _text(policy.timestamp),
        "maximum-age-days": None if age is None else str(age // DAY),
        "minimum-format": str(policy.minimum_format),
        "schemas": _texts(policy.schemas),
    }


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(texts: tuple[str, ...]) -> str | None:
    return f"[{', '.join(map(_text, texts))}]" if texts else None


def _time(instant: int | None) -> str | None:
    if instant is None:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant // 1_000)
    return moment.isoformat()


def _allowed_signers(data: bytes) -> None:
    found, _ = asked(lambda: parse_allowed_signers(data), UndecidedError, ("trust", "key"))
    if found is None:
        return
    lines = (
        f'"{one.name}" namespaces="evidencekit"{_option("after", one.valid_from)}'
        f"{_option('before', one.valid_until)} {one.key.to_openssh()}"
        for one in found
    )
    assert parse_allowed_signers("\n".join(lines).encode()) == found, "reads back as something else"
    assert lint(found, (), Policy(), at=NOW) is not None


def _option(name: str, instant: int | None) -> str:
    text = re.sub(r"\D", "", (_time(instant) or "").partition("+")[0])
    return f',valid-{name}="{text}Z"' if text else ""


def _token(data: bytes) -> None:
    def call() -> Any:
        try:
            return verify_token(data, tokens.DATA, (tokens.PINNED,), what="time-stamp")
        except UndecidedError as error:
            if error.code == "timestamp.unknown-authority":
                return None  # right, and by nobody who is pinned
            raise

    stamped, _ = asked(call, RejectedError, ("timestamp",))
    read, _ = asked(lambda: Token.from_bytes(data), RejectedError, ("timestamp",))
    if read is not None:
        assert plain_response(data) == (0, data)
    if stamped is not None:
        assert tokens.Parts.of(data).written() == data, "a byte follows from nothing"
        theirs = decode_timestamp_response(data).tst_info
        whole = (theirs.gen_time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
        assert whole == stamped.instant // NANOSECONDS  # theirs has no fractions
        assert theirs.message_imprint.message == read.info.imprint
        assert theirs.nonce == read.info.nonce


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield keys, trust files, signature files and tokens."""
    for name, signer in (("ed25519", PREPARER), ("ecdsa", ECDSA)):
        key = signer.public_key
        yield f"{name}.pem", key.to_pem()
        yield f"{name}.pub", f"# comment\n{key.to_openssh('a@b')}\n".encode()
        yield f"{name}.sshsig", sign_sshsig(MESSAGE, signer)
        yield f"{name}.allowed", f'a@b,*@c valid-after="20260101Z" {key.to_openssh()} x\n'.encode()
        yield f"{name}.der", binascii.a2b_base64(b"".join(key.to_pem().splitlines()[1:-1]))
        yield f"{name}.wire", key.wire
    yield "everything.toml", _toml(_everything()).encode()
    for path in sorted((HOME.parent / "bundles/trust").glob("*.toml")):
        yield path.name, path.read_bytes()
    yield "token", tokens.good()
    yield "token-fraction", tokens.good(b"20260423000000.123456789Z", certificates=b"")
    yield "token-company", tokens.good(certificates=b"".join(sorted((tokens.TSA, tokens.ROOT))))


def foreign() -> Iterator[tuple[str, bytes]]:
    """Yield the tokens of other projects; nothing where they are not there."""
    for path in sorted(CORPUS.rglob("*.tsr")):
        yield path.name, path.read_bytes()[:MAX_LEN]


def _everything() -> Parts:
    """Return a trust file's values with each that there can be."""
    signer = TrustedSigner(
        name="a",
        key=PREPARER.public_key,
        valid_from=NOW,
        valid_until=NOW + DAY,
        revoked_at=NOW,
        revoked_reason="left",
        environments=("production",),
        roles=("preparer", "reviewer"),
    )
    other = TrustedSigner(name="b", key=ECDSA.public_key)
    policy = Policy(
        signatures_required=2,
        roles_required=("preparer",),
        timestamp="required",
        maximum_age=DAY,
        schemas=("0" * 64,),
    )
    return (signer, other), (tokens.PINNED,), policy


def mutate(data: bytes, max_size: int, rng: random.Random, inner: Inner) -> bytes:
    """Change a token's or a signature file's parts under right lengths, or just bytes."""
    choice = rng.random()
    if data[:1] == b"\x30" and choice < 0.8:
        return tokens.mutate_token(data, rng, inner)
    if data.startswith(b"-----BEGIN SSH") and choice < 0.7:
        return _other_sshsig(data, rng, inner)
    if b" = " in data and choice < 0.5:
        return _other_value(data, rng, inner)
    if choice < 0.7:
        return put(data, rng.choice(DICTIONARY), rng)
    return spot(data, rng, inner) if choice < 0.85 else inner(data, max_size)


def _other_value(data: bytes, rng: random.Random, inner: Inner) -> bytes:
    """Give a name of a TOML file another value, or take, double or move a line."""
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    name, equals, value = lines[at].partition(b" = ")
    match rng.randrange(6) if equals else 5:
        case 0 | 1:
            lines[at] = name + equals + rng.choice(VALUES)
        case 2:
            lines[at] = name + equals + spot(value, rng, inner)
        case 3:
            lines[at : at + 1] = rng.choice(([], [lines[at]] * 2, [b"#", lines[at]]))
        case 4:
            lines[at] = rng.choice(NAMES) + equals + value
        case _:
            lines[at:at] = rng.choice(([lines[rng.randrange(len(lines))]], lines[:4]))
    return b"\n".join(lines)


def _other_sshsig(data: bytes, rng: random.Random, inner: Inner) -> bytes:
    """Change a field of the blob in the armor, and wrap it again."""
    try:
        blob = base64.b64decode(b"".join(data.splitlines()[1:-1]), validate=True)
        fields = list(unpack(blob[10:]))
    except ValueError:
        return spot(data, rng, inner)
    if fields:
        at = rng.randrange(len(fields))
        fields[at] = rng.choice((fields[at], b"", spot(fields[at], rng, inner)))
    text = base64.b64encode(blob[:10] + pack(*fields))
    width = rng.choice((70, 70, 70, 76, 64))
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    head, tail = data.splitlines()[:1], data.splitlines()[-1:]
    return b"\n".join((*head, *lines, *tail, b""))
