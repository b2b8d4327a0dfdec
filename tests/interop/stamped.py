"""Other people's verifiers over the time-stamp of one bundle, whole and tampered with."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from authority import Authority as Loopback
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from forge.bench import NOW, PREPARER, Json, Made, resigned
from forge.kinds import good
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from evidencekit import __version__
from evidencekit.core.dsse import Signed, encode, open_signed
from evidencekit.core.instant import NANOSECONDS
from evidencekit.core.statement import EVIDENCE
from evidencekit.core.timestamp import Token
from evidencekit.core.trusted import Authority, Policy, TrustedSigner
from evidencekit.edges.foreign import TIME, TOOLS, Opinion, Stamped, find, opinions
from evidencekit.edges.timestamp import stamper
from evidencekit.edges.trust import Trust
from evidencekit.errors import RejectedError
from evidencekit.verifier import verify

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / ".venv/tools/npm/node_modules"
STEM = f"signatures/{PREPARER.public_key.signer_id}"
ALWAYS = {"openssl ts", "openssl ts, by query", "rfc3161-client", "evidencekit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A bundle in memory, its receiver's authority, and those that tamperers ask."""

    made: Made
    own: Loopback
    other: Loopback = field(repr=False)
    expired: Loopback = field(repr=False)

    @property
    def signed(self) -> Signed:
        """What is in the envelope."""
        return open_signed(self.made.members[f"{STEM}.sigstore.json"], PREPARER.public_key)

    def with_token(self, token: bytes) -> Made:
        """Return the bundle with this time-stamp, in the envelope and beside it."""
        envelope = encode(replace(self.signed, tokens=(token,)))
        return self.made.with_members({f"{STEM}.sigstore.json": envelope, f"{STEM}.tsr": token})


def asked_of(loopback: Loopback, data: bytes) -> bytes:
    """Return what an authority gives for these bytes, as a bundle keeps it."""
    (token,) = stamper(
        ("https://tsa.example/",), post=lambda _url, query: loopback.answer(query), nonce=lambda: 7
    )(data)
    return token


@contextmanager
def bench() -> Iterator[Bench]:
    """Make a bundle, three authorities on loopback, and ask one of them for a time-stamp."""
    with ExitStack() as stack:
        loopbacks = []
        for days in ((-1, 1), (-1, 1), (-9, -8)):
            place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            loopbacks.append(Loopback(place, days=days))
            stack.callback(loopbacks[-1].close)
        own, other, expired = loopbacks
        plain = Bench(made=good("json-array"), own=own, other=other, expired=expired)
        stamped = plain.with_token(asked_of(own, plain.signed.signature))
        yield Bench(made=stamped, own=own, other=other, expired=expired)


def whole(at: Bench) -> tuple[Made, Loopback]:
    """As it was made."""
    return at.made, at.own


def another_signature(at: Bench) -> tuple[Made, Loopback]:
    """The preparer signed a later time, and kept the time-stamp of the first signature."""

    def later(statement: Json) -> None:
        statement["predicate"]["signed_at"] = NOW.replace("2026", "2027")

    anew = replace(at, made=resigned(at.made, statement=later))
    return anew.with_token(at.signed.tokens[0]), at.own


def another_token(at: Bench) -> tuple[Made, Loopback]:
    """A true time-stamp of the right authority, on other bytes."""
    return at.with_token(asked_of(at.own, b"something else")), at.own


def another_authority(at: Bench) -> tuple[Made, Loopback]:
    """A time-stamp on the right bytes, by an authority that the receiver does not know."""
    return at.with_token(asked_of(at.other, at.signed.signature)), at.own


def expired_authority(at: Bench) -> tuple[Made, Loopback]:
    """A time-stamp by the receiver's authority, after its certificate had ended."""
    return at.with_token(asked_of(at.expired, at.signed.signature)), at.expired


def altered_imprint(at: Bench) -> tuple[Made, Loopback]:
    """A true time-stamp on other bytes, with the digest of the right ones written into it."""
    others, data = b"something else", at.signed.signature
    token = asked_of(at.own, others)
    was, now = hashlib.sha256(others).digest(), hashlib.sha256(data).digest()
    assert was in token
    return at.with_token(token.replace(was, now)), at.own


def flipped_token(at: Bench) -> tuple[Made, Loopback]:
    """The last bit of the authority's signature is another."""
    token = at.signed.tokens[0]
    return at.with_token(token[:-1] + bytes([token[-1] ^ 1])), at.own


CASES: dict[str, Callable[[Bench], tuple[Made, Loopback]]] = {
    "whole": whole,
    "another signature": another_signature,
    "another token": another_token,
    "another authority": another_authority,
    "authority expired": expired_authority,
    "imprint altered": altered_imprint,
    "token's signature flipped": flipped_token,
}


def asked(made: Made, pinned: Loopback, scratch: Path) -> Iterator[Opinion]:
    """Yield what every tool that is here says of the time-stamp, by the pinned authority."""
    folder = scratch / made.base
    for name, data in made.members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    signed = open_signed(made.members[f"{STEM}.sigstore.json"], PREPARER.public_key)
    one = Stamped(
        key=signed.key,
        signature=signed.signature,
        token=signed.tokens[0],
        certificates=certificates(pinned),
        instant=_instant(signed.tokens[0]),
    )
    keys = scratch / "keys"
    yield from (found for found in opinions(folder, [], keys, [one]) if found.question == TIME)
    yield from _by_query(keys)
    yield _rfc3161_client(one)
    yield from _sigstore(folder, keys, one)
    yield _ours(folder, one)


def _instant(token: bytes) -> int:
    """Return the time in a token; where we do not even read it, now, when all of them were made."""
    try:
        return Token.from_bytes(token).info.instant
    except RejectedError:
        return int(time.time()) * NANOSECONDS


def certificates(loopback: Loopback) -> tuple[bytes, ...]:
    """Return an authority's certificates as DER, its own first."""
    found = x509.load_pem_x509_certificates((loopback.folder / "chain.pem").read_bytes())
    return tuple(one.public_bytes(Encoding.DER) for one in found)


def _by_query(keys: Path) -> Iterator[Opinion]:
    """Ask openssl the other way: make the query again, and verify the answer against it."""
    tool = next(tool for tool in TOOLS if tool.name == "openssl ts")
    program, stem = find(tool), "time-stamp-1"
    if program is None:
        return
    query = ["ts", "-query", "-data", f"{stem}.data", "-sha256", "-no_nonce", "-out", "query.tsq"]
    answer = ["ts", "-verify", "-in", f"{stem}.tsr", "-queryfile", "query.tsq"]
    answer += ["-CAfile", f"{stem}.anchor.pem", "-untrusted", f"{stem}.chain.pem"]
    _run([program, *query], keys)
    code, said = _run([program, *answer], keys)
    yield Opinion(
        tool="openssl ts, by query",
        version=_run([program, "version"], keys)[1],
        question=TIME,
        accepts=code == 0,
        said=said,
        command=f"openssl {' '.join(query)} && openssl {' '.join(answer)}",
    )


def _run(words: list[str], place: Path) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603
        words,
        cwd=place,
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    lines = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines() or [""]
    return done.returncode, lines[0]


def _rfc3161_client(one: Stamped) -> Opinion:
    leaf, *_, root = map(x509.load_der_x509_certificate, one.certificates)
    verifier = VerifierBuilder(tsa_certificate=leaf, roots=[root]).build()
    try:
        verifier.verify_message(decode_timestamp_response(one.token), one.signature)
        accepts, said = True, "verified"
    except (VerificationError, ValueError) as error:
        accepts, said = False, str(error)
    return Opinion(
        tool="rfc3161-client",
        version=version("rfc3161-client"),
        question=TIME,
        accepts=accepts,
        said=said,
        command="VerifierBuilder(tsa_certificate=leaf, roots=[root]).build()"
        ".verify_message(decode_timestamp_response(token), signature)",
    )


def _sigstore(folder: Path, keys: Path, one: Stamped) -> Iterator[Opinion]:
    """Ask cosign and sigstore-js for a verified time-stamp, by a trusted root with one authority.

    The key's signature verifies in every case: what they refuse here is the time.
    """
    chain = [{"rawBytes": base64.b64encode(each).decode()} for each in one.certificates]
    authority = {
        "subject": {"organization": "tsa", "commonName": "TSA"},
        "uri": "https://tsa.example",
        "certChain": {"certificates": chain},
        "validFor": {"start": "2000-01-01T00:00:00Z"},
    }
    root = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}
    root |= {"tlogs": [], "certificateAuthorities": [], "ctlogs": []}
    root |= {"timestampAuthorities": [authority]}
    (keys / "trusted_root.json").write_text(json.dumps(root))
    (keys / "signer.pem").write_bytes(one.key.to_pem())
    for name, (words, told) in _sigstore_tools().items():
        shown = [word.format(key="KEY", stem=STEM) for word in words]
        code, said = _run([word.format(key=keys, stem=STEM) for word in words], folder)
        yield Opinion(
            tool=name,
            version=told,
            question=TIME,
            accepts=code == 0,
            said=said,
            command=" ".join(shown).replace(f"{ROOT}/", ""),
        )


def _sigstore_tools() -> dict[str, tuple[list[str], str]]:
    """Return command and version of those two, where they are here."""
    found = {}
    if shutil.which("cosign"):
        words = ["cosign", "verify-blob-attestation", "--key", "{key}/signer.pem"]
        words += ["--bundle", "{stem}.sigstore.json", "--insecure-ignore-tlog", "--type", EVIDENCE]
        words += ["--use-signed-timestamps", "--trusted-root", "{key}/trusted_root.json"]
        noted = NODE_MODULES.parents[1] / "cosign.version"
        told = noted.read_text().split()[-1] if noted.is_file() else "as installed"
        found["cosign"] = ([*words, "tagmanifest-sha256.txt"], f"Debian {told}")
    package = NODE_MODULES / "@sigstore/verify/package.json"
    if shutil.which("node") and package.exists():
        script = Path(__file__).with_name("sigstore.cjs").relative_to(ROOT)
        words = ["node", str(ROOT / script), "{key}/signer.pem", "{stem}.sigstore.json"]
        told = json.loads(package.read_bytes())["version"]
        found["@sigstore/verify"] = ([*words, "{key}/trusted_root.json"], told)
    return found


def _ours(folder: Path, one: Stamped) -> Opinion:
    authority = Authority(name="tsa", certificates=one.certificates)
    trust = Trust(
        signers=(TrustedSigner(name="preparer", key=one.key),),
        authorities=(authority,),
        policy=Policy(timestamp="required"),
    )
    report = verify(folder, trust=trust, at=one.instant + NANOSECONDS, jobs=1).report
    found = next(check for check in report.checks if check.name == TIME)
    return Opinion(
        tool="evidencekit",
        version=__version__,
        question=TIME,
        accepts=report.exit_code == 0,
        said=found.message,
        command="evidencekit verify . --trust trust.toml",
    )


def is_here() -> bool:
    """Tell whether there is an ``openssl`` to make a time-stamp with."""
    return shutil.which("openssl") is not None


def rows() -> Iterator[tuple[str, list[Opinion]]]:
    """Yield each case, with what every tool says of it."""
    with bench() as at:
        for case, tamper in CASES.items():
            with tempfile.TemporaryDirectory() as scratch:
                yield case, list(asked(*tamper(at), Path(scratch)))
