"""The receivers' own tools over one bundle, whole and tampered: what each says, and the page of it.

.venv/bin/python tests/interop/matrix.py docs/interop.md     # writes the page anew
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from forge.bench import COSIGNER, ECDSA, PREPARER, KeyFileSigner
from forge.kinds import good
from forge.zips import zipped
from interop import stamped

from evidencekit.edges.foreign import TOOLS, Opinion, find, opinions

ROOT = Path(__file__).parents[2]
TOOLS_OF_OURS = ROOT / ".venv/tools"
NODE_MODULES = TOOLS_OF_OURS / "npm/node_modules"
PROGRAMS = (TOOLS_OF_OURS / "bin", Path(sys.executable).parent)


def with_verifiers(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment in which the tools of scripts/tools.sh are found."""
    path = os.pathsep.join([*map(str, PROGRAMS), environment.get("PATH", os.defpath)])
    return {**environment, "PATH": path}


# Tamperings, and the tools for which each is relevant: a list of hashes proves no signature, a
# signature over the statement says nothing of a file until somebody compares the digest.
FIXITY = {"sha256sum", "bagit.py", "bdbag"}
OVER_ROOT = {"openssl", "ssh-keygen", "signify", "minisign", "cosign"}
OVER_STATEMENT = {"openssl (statement)", "cosign", "@sigstore/verify", "securesystemslib"}
ALL = FIXITY | OVER_ROOT | OVER_STATEMENT


def edit_export(bundle: Path, _stem: str) -> None:
    """One blocked request becomes an allowed one."""
    _replace(bundle / "data/export/events.json", b'"block"', b'"allow"')


def edit_page(bundle: Path, _stem: str) -> None:
    """The summary says something else."""
    _replace(bundle / "data/summary.md", b"req_2", b"req_7")


def drop_file(bundle: Path, _stem: str) -> None:
    """A listed file is gone."""
    (bundle / "data/summary.md").unlink()


def edit_root(bundle: Path, _stem: str) -> None:
    """A digest in the tag manifest is another."""
    data = (bundle / "tagmanifest-sha256.txt").read_bytes()
    other = b"0" if data[:1] != b"0" else b"1"
    (bundle / "tagmanifest-sha256.txt").write_bytes(other + data[1:])


def edit_statement(bundle: Path, stem: str) -> None:
    """The signed statement counts more events than were signed."""

    def change(document: dict[str, dict[str, object]]) -> None:
        payload = base64.b64decode(str(document["dsseEnvelope"]["payload"]))
        changed = payload.replace(b'"events": 4', b'"events": 5')
        assert changed != payload
        document["dsseEnvelope"]["payload"] = base64.b64encode(changed).decode()

    _envelope(bundle, stem, change)


def flip_signatures(bundle: Path, stem: str) -> None:
    """One bit of every signature is another."""
    raw = bundle / f"{stem}.sig"
    raw.write_bytes(raw.read_bytes()[:-1] + bytes([raw.read_bytes()[-1] ^ 1]))
    ssh = (bundle / f"{stem}.sshsig").read_bytes().split(b"\n")
    blob = bytearray(base64.b64decode(b"".join(ssh[1:-2])))
    blob[-1] ^= 1
    text = base64.b64encode(blob)
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    (bundle / f"{stem}.sshsig").write_bytes(b"\n".join((ssh[0], *lines, *ssh[-2:])))

    def change(document: dict[str, dict[str, list[dict[str, str]]]]) -> None:
        one = document["dsseEnvelope"]["signatures"][0]
        data = bytearray(base64.b64decode(one["sig"]))
        data[-1] ^= 1
        one["sig"] = base64.b64encode(data).decode()

    _envelope(bundle, stem, change)


def another_key(bundle: Path, stem: str) -> None:
    """All signatures are by another key, under the name of this one."""
    from forge.bench import Made, read_folder, resigned  # noqa: PLC0415

    made = resigned(Made(base=bundle.name, members=read_folder(bundle)), COSIGNER)
    theirs = f"signatures/{COSIGNER.public_key.signer_id}"
    for kind in ("sig", "sshsig", "sigstore.json"):
        (bundle / f"{stem}.{kind}").write_bytes(made.members[f"{theirs}.{kind}"])


TAMPERINGS: dict[str, tuple[Callable[[Path, str], None], set[str]]] = {
    "export edited": (edit_export, FIXITY),
    "page edited": (edit_page, FIXITY),
    "file dropped": (drop_file, FIXITY),
    "root edited": (edit_root, FIXITY | OVER_ROOT),
    "statement edited": (edit_statement, OVER_STATEMENT),
    "signatures flipped": (flip_signatures, OVER_ROOT | OVER_STATEMENT),
    "another key": (another_key, OVER_ROOT | OVER_STATEMENT),
}


def _replace(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def _envelope(bundle: Path, stem: str, change: Callable[..., None]) -> None:
    path = bundle / f"{stem}.sigstore.json"
    document = json.loads(path.read_bytes())
    change(document)
    path.write_bytes(json.dumps(document, indent=2).encode() + b"\n")


def unzipped(name: str, place: Path) -> Path:
    """Return the folder that ``unzip`` makes of a good bundle's zip."""
    archive = place / "bundle.zip"
    archive.write_bytes(zipped(good(name)))
    subprocess.run(  # noqa: S603
        ["unzip", "-q", str(archive), "-d", str(place)],  # noqa: S607
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return place / good(name).base


def asked(bundle: Path, signer: KeyFileSigner, scratch: Path) -> Iterator[Opinion]:
    """Yield what every tool that is here says of a bundle signed by ``signer``."""
    key = signer.public_key
    yield from opinions(bundle, [key], scratch / "keys")
    stem = bundle / f"signatures/{key.signer_id}"
    for leg in LEGS:
        if leg is MINISIGN and key.algorithm != "ed25519":
            continue
        if leg.is_here():
            yield leg.run(bundle, stem, scratch / "keys" / key.signer_id, signer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A tool that ``verify --cross`` does not run, since a receiver needs more than the bundle."""

    name: str
    program: str
    command: str
    is_here: Callable[[], bool]
    run: Callable[[Path, Path, Path, KeyFileSigner], Opinion] = field(repr=False)


def _minisign(bundle: Path, stem: Path, place: Path, signer: KeyFileSigner) -> Opinion:
    """Turn the raw signature into minisign's file; its trusted comment needs a second one."""
    signature = Path(f"{stem}.sig").read_bytes()
    number, comment = bytes(8), b"evidencekit"
    key = base64.b64encode(b"Ed" + number + signer.public_key.raw)
    (place / "minisign.pub").write_bytes(b"untrusted comment: signer\n%b\n" % key)
    lines = (
        b"untrusted comment: signature",
        base64.b64encode(b"Ed" + number + signature),
        b"trusted comment: " + comment,
        base64.b64encode(signer.sign(signature + comment)),
    )
    (place / "root.minisig").write_bytes(b"\n".join(lines) + b"\n")
    words = ["minisign", "-V", "-p", str(place / "minisign.pub"), "-x", str(place / "root.minisig")]
    return _program(
        MINISIGN, [*words, "-m", "tagmanifest-sha256.txt"], bundle, _first(["minisign", "-v"])
    )


def _sigstore_js(bundle: Path, stem: Path, place: Path, _signer: KeyFileSigner) -> Opinion:
    script = Path(__file__).with_name("sigstore.cjs")
    words = ["node", str(script), str(place / "signer.pem"), f"{stem}.sigstore.json"]
    told = json.loads((NODE_MODULES / "@sigstore/verify/package.json").read_bytes())["version"]
    return _program(SIGSTORE, words, bundle, f"{told}, node {_first(['node', '--version'])}")


def _securesystemslib(_bundle: Path, stem: Path, _place: Path, signer: KeyFileSigner) -> Opinion:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415
    from securesystemslib.dsse import Envelope  # noqa: PLC0415
    from securesystemslib.exceptions import VerificationError  # noqa: PLC0415
    from securesystemslib.signer import SSlibKey  # noqa: PLC0415

    document = json.loads(Path(f"{stem}.sigstore.json").read_bytes())["dsseEnvelope"]
    public = load_pem_public_key(signer.public_key.to_pem())
    key = SSlibKey.from_crypto(public, keyid=signer.public_key.fingerprint)  # type: ignore[arg-type]
    try:
        Envelope.from_dict(document).verify([key], 1)
        accepts, said = True, "verified"
    except VerificationError as error:
        accepts, said = False, str(error).splitlines()[0]
    return Opinion(
        tool=SECURESYSTEMSLIB.name,
        version=version("securesystemslib"),
        question="signature",
        accepts=accepts,
        said=said,
        command=SECURESYSTEMSLIB.command,
    )


def _program(leg: Leg, words: list[str], bundle: Path, told: str) -> Opinion:
    environment = {**with_verifiers(dict(os.environ)), "NODE_PATH": str(NODE_MODULES)}
    done = subprocess.run(  # noqa: S603
        words,
        cwd=bundle,
        env=environment,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    lines = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines() or [""]
    return Opinion(
        tool=leg.name,
        version=told,
        question="signature",
        accepts=done.returncode == 0,
        said=lines[-1],
        command=leg.command,
    )


def _first(words: list[str]) -> str:
    environment = with_verifiers(dict(os.environ))
    done = subprocess.run(  # noqa: S603
        words, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    return (done.stdout + done.stderr).decode().strip().splitlines()[0]


MINISIGN = Leg(
    name="minisign",
    program="minisign",
    command="minisign -V -p KEY/minisign.pub -x root.minisig -m tagmanifest-sha256.txt",
    is_here=lambda: shutil.which("minisign") is not None,
    run=_minisign,
)
SIGSTORE = Leg(
    name="@sigstore/verify",
    program="node",
    command="node tests/interop/sigstore.cjs KEY/signer.pem signatures/SIGNER.sigstore.json",
    is_here=lambda: (
        shutil.which("node") is not None and (NODE_MODULES / "@sigstore/verify").exists()
    ),
    run=_sigstore_js,
)
SECURESYSTEMSLIB = Leg(
    name="securesystemslib",
    program="python",
    command="Envelope.from_dict(dsse).verify([SSlibKey.from_crypto(key, keyid=FINGERPRINT)], 1)",
    is_here=lambda: True,
    run=_securesystemslib,
)
LEGS = (MINISIGN, SIGSTORE, SECURESYSTEMSLIB)


def missing() -> list[str]:
    """Return the tools that this machine does not have."""
    absent = [tool.name for tool in TOOLS if find(tool) is None]
    return absent + [leg.name for leg in LEGS if not leg.is_here()]


def rows(name: str, signer: KeyFileSigner) -> Iterator[tuple[str, list[Opinion]]]:
    """Yield ``whole`` and each tampering, with what every tool says of it."""
    stem = f"signatures/{signer.public_key.signer_id}"
    for case in ("whole", *TAMPERINGS):
        with tempfile.TemporaryDirectory() as scratch:
            bundle = unzipped(name, Path(scratch))
            if case != "whole":
                TAMPERINGS[case][0](bundle, stem)
            yield case, list(asked(bundle, signer, Path(scratch)))


def page() -> str:
    """Return docs/interop.md."""
    found = {name: dict(rows(name, signer)) for name, signer in SIGNED.items()}
    whole = found["json-array"]["whole"]
    lines = [HEAD, "| Tool | Version | Command |", "|---|---|---|"]
    lines += [f"| {one.tool} | {_version_of(one)} | `{one.command}` |" for one in whole]
    for name, cases in found.items():
        algorithm = SIGNED[name].public_key.algorithm
        concerned = {"whole": ALL} | {case: tools for case, (_, tools) in TAMPERINGS.items()}
        lines += ["", f"## Signed with {algorithm}", "", _table(cases, concerned)]
    lines += _stamped_section()
    if absent := missing():
        lines += ["", f"Not on the machine that wrote this page: {', '.join(absent)}."]
    return "\n".join([*lines, FOOT])


def _stamped_section() -> list[str]:
    if not stamped.is_here():
        return ["", "## Time-stamped", "", "No `openssl` here to make a time-stamp with."]
    cases = dict(stamped.rows())
    tools = [f"| {one.tool} | {_version_of(one)} | `{_command(one)}` |" for one in cases["whole"]]
    meant = [f"- **{name}**: {tamper.__doc__}" for name, tamper in stamped.CASES.items()]
    head = ["| Tool | Version | Command |", "|---|---|---|"]
    table = _table(cases, {case: {one.tool for one in found} for case, found in cases.items()})
    return ["", "## Time-stamped", "", STAMPED, *head, *tools, "", *meant, "", table]


def _command(one: Opinion) -> str:
    return re.sub(r"-attime [0-9]+", "-attime SECONDS", one.command)


def _version_of(one: Opinion) -> str:
    """Return a tool's version: what it says, or the package it came in where it says none."""
    if one.tool == "ssh-keygen":
        return _first(["ssh", "-V"]).split(",")[0]
    program = one.command.split()[0]
    noted = TOOLS_OF_OURS / f"{program}.version"
    packaged = (
        noted.read_text().strip() if noted.is_file() else _first(["dpkg-query", "-W", program])
    )
    version = packaged.split()[-1:] if packaged.startswith(program) else []
    return f"Debian {version[0]}" if version else one.version or "says none"


def _table(cases: dict[str, list[Opinion]], concerned: dict[str, set[str]]) -> str:
    tools = [one.tool for one in cases["whole"]]
    lines = [f"| | {' | '.join(tools)} |", "|---" * (len(tools) + 1) + "|"]
    for case, found in cases.items():
        said = {one.tool: one.accepts for one in found}
        cells = []
        for tool in tools:
            word = {True: "accepts", False: "refuses", None: "did not finish"}[said.get(tool)]
            cells.append(f"**{word}**" if tool in concerned[case] else word)
        lines.append(f"| {case} | {' | '.join(cells)} |")
    return "\n".join(lines)


SIGNED = {"json-array": PREPARER, "ecdsa": ECDSA}
HEAD = """# Other people's verifiers over one bundle

Written by `tests/interop/matrix.py`, which ran everything on this page: `make interop` does it
again. One zip was unpacked once, by `unzip`; every tool below was run on what came out, whole and
tampered with. The commands run inside the bundle's folder; KEY holds the signer's key in the forms
that `data/verify.txt` shows how to make.
"""
STAMPED = """The same bundle, time-stamped by an authority that `openssl ts` runs and the receiver
pins. KEY holds the token, the signature that it covers, and the authority's certificates; that
signature verifies in every case, so what is refused is the time. `verify --cross` runs the first.
"""
FOOT = """
Bold: the tampering concerns what this tool looks at, and the answer is asserted by
`tests/interop`. The rest is what it does not look at: a list of hashes knows no signer, and a
signature over the statement says nothing of a file until its digest is compared. So the tools
belong together, as `data/verify.txt` runs them, and none of them counts an event again.
"""

if __name__ == "__main__":
    os.environ.update(with_verifiers(dict(os.environ)))
    text = page()
    Path(sys.argv[1]).write_text(text) if sys.argv[1:] else sys.stdout.write(text)
