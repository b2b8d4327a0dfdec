"""Other people's verifiers: which of them this machine has, and what each says of a bundle.

None of them is ours, and none gets more than a private copy: no shell, no input, a bare
environment, and no network where the system can take it away. What they print is foreign text.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evidencekit.core.instant import NANOSECONDS
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.sshsig import NAMESPACE
from evidencekit.core.statement import EVIDENCE
from evidencekit.core.visible import visible
from evidencekit.edges.material import write_material, write_stamp

_NUMBER = re.compile(r"[0-9]\.[0-9]")
_SECONDS = 120  # for one of them
_CHARS = 200  # of what it said
_CUT_OFF = ("--map-root-user", "--net", "--")
FIXITY, SIGNATURE, TIME = "checksums", "signature", "timestamp"  # our check of the same question


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One verifier: the program, how it tells its version, and the question it answers."""

    name: str
    program: str
    question: str
    command: tuple[str, ...]  # {signer}: 16 hex digits; {key}: the folder of the key's files
    version: tuple[str, ...] = ()
    brand: str = ""  # in what it says its version is: others of the name know other options
    only: str | None = None  # an algorithm; None: any
    reads: str = ""  # the companion of the envelope that it judges, by its ending
    digest: bool = False  # needs -digest sha256 for ECDSA


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one verifier said."""

    tool: str
    version: str
    question: str
    accepts: bool | None  # None: it did not finish
    said: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """A time-stamp on a signature, with the authority that the receiver pins for it."""

    key: PublicKey  # that signed
    signature: bytes
    token: bytes  # TimeStampResp (RFC 3161), DER
    certificates: tuple[bytes, ...]  # of the authority, DER, its own first, then its issuers
    instant: int  # what the token says, in nanoseconds since the epoch


_OPENSSL = ("pkeyutl", "-verify", "-pubin", "-inkey", "{key}/signer.pem", "-rawin")
TOOLS = (
    Tool(
        name="sha256sum",
        program="sha256sum",
        question=FIXITY,
        command=("-c", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"),
        version=("--version",),
    ),
    Tool(
        name="bagit.py",
        program="bagit.py",
        question=FIXITY,
        command=("--validate", "."),
        version=("--version",),
    ),
    Tool(
        name="bdbag",
        program="bdbag",
        question=FIXITY,
        command=("--validate", "full", "."),
        version=("--version",),
    ),
    Tool(
        name="openssl",
        program="openssl",
        question=SIGNATURE,
        command=(
            *_OPENSSL,
            *("-in", "tagmanifest-sha256.txt", "-sigfile", "signatures/{signer}.sig"),
        ),
        version=("version",),
        brand="OpenSSL",
        reads="sig",
        digest=True,
    ),
    Tool(
        name="openssl (statement)",
        program="openssl",
        question=SIGNATURE,
        command=(*_OPENSSL, "-in", "{key}/statement.pae", "-sigfile", "{key}/statement.sig"),
        version=("version",),
        brand="OpenSSL",
        digest=True,
    ),
    Tool(
        name="ssh-keygen",
        program="ssh-keygen",
        question=SIGNATURE,
        command=(
            *("-Y", "verify", "-f", "{key}/allowed_signers", "-I", "signer", "-n", NAMESPACE),
            *("-s", "signatures/{signer}.sshsig"),
        ),
        reads="sshsig",
    ),
    Tool(
        name="signify",
        program="signify-openbsd",
        question=SIGNATURE,
        command=(
            *("-V", "-p", "{key}/signify.pub", "-x", "{key}/signify.sig"),
            *("-m", "tagmanifest-sha256.txt"),
        ),
        only=ED25519,
        reads="sig",
    ),
    Tool(
        name="cosign",
        program="cosign",
        question=SIGNATURE,
        command=(
            *("verify-blob-attestation", "--key", "{key}/signer.pem"),
            *("--bundle", "signatures/{signer}.sigstore.json", "--insecure-ignore-tlog"),
            *("--type", EVIDENCE, "tagmanifest-sha256.txt"),
        ),
        version=("version",),
    ),
    Tool(
        name="openssl ts",
        program="openssl",
        question=TIME,
        # The pinned chain is all it trusts, as of the time that is stamped: RFC 3161, 4.3.
        command=(
            *("ts", "-verify", "-in", "{stamp}.tsr", "-data", "{stamp}.data", "-attime", "{at}"),
            *("-partial_chain", "-CAfile", "{stamp}.anchor.pem", "-untrusted", "{stamp}.chain.pem"),
        ),
        version=("version",),
        brand="OpenSSL",
    ),
)


def find(tool: Tool) -> str | None:
    """Return where a verifier is on this machine, or None."""
    return shutil.which(tool.program)


def opinions(
    folder: Path,
    keys: Sequence[PublicKey],
    scratch: Path,
    stamps: Sequence[Stamped] = (),
    *,
    absent: bool = True,
) -> Iterator[Opinion]:
    """Run every verifier that is here over a bundle's ``folder``, which is a private copy.

    Those that judge signatures run once for each of ``keys``, which signed, and those that judge
    time-stamps once for each of ``stamps``. ``scratch`` is a private folder for the forms in which
    they want all that. ``absent`` asks about companions of an envelope that are not there, too.
    """
    ran = {
        kind: [tool for tool in TOOLS if tool.question == kind and _is_here(tool)]
        for kind in (FIXITY, SIGNATURE, TIME)
    }
    yield from (_ask(tool, folder, scratch) for tool in ran[FIXITY])
    for key in keys:
        place = scratch / key.signer_id
        write_material(folder, key, place)
        for tool in ran[SIGNATURE]:
            there = (folder / f"signatures/{key.signer_id}.{tool.reads}").exists()
            if tool.only in (None, key.algorithm) and (absent or there or not tool.reads):
                yield _ask(tool, folder, place, key)
    for number, one in enumerate(stamps, 1):
        stem = scratch / f"time-stamp-{number}"
        write_stamp(one.token, one.signature, one.certificates, stem)
        seconds = one.instant // NANOSECONDS
        for tool in ran[TIME]:
            yield _ask(tool, folder, scratch, one.key, stamp=stem.name, at=seconds)


def _is_here(tool: Tool) -> bool:
    program = find(tool)
    return program is not None and tool.brand in _version(program, tool.version)


def _ask(
    tool: Tool, folder: Path, place: Path, key: PublicKey | None = None, **values: object
) -> Opinion:
    """Run one; ``values`` are those of its command that are not the signer's own."""
    signer = "" if key is None else key.signer_id
    words = [_filled(word, place, signer, values) for word in tool.command]
    if tool.digest and key is not None and key.algorithm != ED25519:
        words += ["-digest", "sha256"]
    program = str(find(tool))
    # ssh-keygen reads what is signed from its input, and nobody else reads anything.
    source = folder / "tagmanifest-sha256.txt" if tool.program == "ssh-keygen" else Path(os.devnull)
    code, said = _run([*_cut_off(), program, *words], folder, place, source)
    shown = [_filled(word, Path("KEY"), signer, values) for word in tool.command]
    return Opinion(
        tool=tool.name,
        version=_version(program, tool.version),
        question=tool.question,
        accepts=None if code is None else code == 0,
        said=said,
        command=" ".join([tool.program, *shown]),
    )


def _filled(word: str, place: Path, signer: str, values: Mapping[str, object]) -> str:
    stamp = f"{place}/{values.get('stamp')}"
    return word.format(key=place, signer=signer, stamp=stamp, at=values.get("at"))


def _run(words: list[str], folder: Path, home: Path, source: Path) -> tuple[int | None, str]:
    """Return exit code and last line of a program; None where it did not run or not finish."""
    home.mkdir(parents=True, exist_ok=True)
    try:
        with source.open("rb") as stdin:
            done = subprocess.run(  # noqa: S603  (a list of words, none of them from the bundle)
                words,
                cwd=folder,
                env=_bare(home),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, visible(type(error).__name__)
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines() or [""]
    return done.returncode, visible(lines[-1], limit=_CHARS)


def _bare(home: Path) -> dict[str, str]:
    """Return the environment of a foreign program: nothing of ours but where programs are."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "HOME": str(home), "TMPDIR": str(home)}


@cache
def _cut_off() -> tuple[str, ...]:
    """Return what starts a program without any network, where the system lets us."""
    unshare, nothing = shutil.which("unshare"), shutil.which("true")
    if unshare is None or nothing is None:
        return ()
    words = (unshare, *_CUT_OFF)
    done = subprocess.run([*words, nothing], capture_output=True, check=False)  # noqa: S603
    return words if done.returncode == 0 else ()


@cache
def _version(program: str, words: tuple[str, ...]) -> str:
    """Return what a program says its version is, in one line; signify and ssh-keygen have none."""
    if not words:
        return ""
    done = subprocess.run(  # noqa: S603
        [*_cut_off(), program, *words],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=_bare(Path(os.devnull)),
    )
    lines = (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()
    told = [line for line in lines if _NUMBER.search(line)]
    named = [line for line in lines if line.startswith("GitVersion")] or told  # cosign's own
    return visible(named[0].strip(), limit=80) if named else ""
