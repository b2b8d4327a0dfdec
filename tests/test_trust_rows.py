"""What the threat catalogue asks of keys, signatures and writers, where no other test holds it.

docs/reliability-trust.md says for every row of the catalogue where it is tested.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from forge.bench import EVENTS, PREPARER, Order, as_array, event, forged, make, resigned
from test_ed25519 import LOW_ORDER, P, add, decode

from evidencekit.collector import collect
from evidencekit.core.instant import parse_instant
from evidencekit.core.manifest import Context
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.trusted import Policy, TrustedSigner
from evidencekit.edges import publish
from evidencekit.edges.container import add_members
from evidencekit.edges.folder import write_folder
from evidencekit.edges.keys import load_public_key, load_signer, new_key
from evidencekit.edges.lock import locked
from evidencekit.edges.trust import Trust
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.validation import Obtained, Plan
from evidencekit.verifier import verify

BAD = Path(__file__).parent / "bundles/bad/EXPECTED.json"
AT = parse_instant("2026-06-01T00:00:00Z")
TRUST = Trust(signers=(TrustedSigner(name="preparer", key=PREPARER.public_key),))

# Rows that are bundles of tests/bundles/bad, each rejected with the code beside it.
ROWS = {
    "SIG-01": {
        "envelope-payload-type": "envelope.payload-type",
        "statement-signed-as-another-type": "envelope.payload-type",
        "statement-predicate-type": "statement.type",
        "statement-predicate-type-of-custody": "statement.type",
    },
    "SIG-02": {"envelope-two-payloads": "json.duplicate-key"},
    "SIG-03": {
        "envelope-signatures-empty": "envelope.signatures",
        "envelope-signatures-null": "envelope.signatures",
        "envelope-signatures-missing": "envelope.shape",
        "envelope-signatures-object": "envelope.signatures",
        "envelope-signatures-of-null": "envelope.signatures",
        "envelope-signatures-of-nothing": "envelope.signatures",
        "envelope-signature-empty": "envelope.signatures",
    },
    "SIG-05": {
        "envelope-key-id-missing": "envelope.signatures",
        "envelope-key-id-other": "envelope.key-id",
        "envelope-key-id-and-hint-other": "envelope.key-id",
    },
    "SIG-06": {
        "statement-bytes-not-json": "json.syntax",
        "statement-list": "statement.shape",
        "statement-bytes-empty": "json.syntax",
        "statement-bytes-not-utf-8": "json.encoding",
    },
    "SIG-07": {
        "statement-digest-of-the-root": "statement.subject",
        "statement-root-missing": "statement.subject",
        "statement-subject-more": "statement.subject",
        "statement-digest-empty": "statement.subject",
        "statement-digest-upper-case": "statement.subject",
        "statement-digest-short": "statement.subject",
        "statement-digest-md5": "statement.subject",
    },
    "SIG-08": {
        "signature-all-replayed": "statement.subject",
        "signature-envelope-replayed": "statement.subject",
        "signature-raw-of-another-bundle": "signature.invalid",
        "sshsig-of-another-bundle": "signature.invalid",
    },
    "SIG-11": {
        "sshsig-namespace-git": "sshsig.namespace",
        "sshsig-namespace-file": "sshsig.namespace",
        "statement-signed-without-its-type": "signature.invalid",
        "signature-raw-of-the-checksums": "signature.invalid",
    },
    "SIG-12": {
        "envelope-payload-url-safe": "envelope.base64",
        "envelope-payload-unpadded": "envelope.base64",
        "envelope-payload-newline": "envelope.base64",
    },
    "SIG-14": {"co-signature-replayed": "statement.subject"},
    "SIG-15": {
        "statement-subjects-1025": "statement.subject",
        "envelope-of-a-mebibyte": "envelope.size",
        "statement-bytes-deep": "json.depth",
    },
    "KEY-02": {"all-made-anew-by-a-stranger": "trust.unknown-signer"},
    "KEY-04": {
        "trust-expired-before": "trust.validity",
        "trust-not-yet-valid": "trust.validity",
        "trust-revoked": "trust.revoked",
        "trust-compromised": "trust.revoked",
    },
    "KEY-07": {
        "signature-raw-s-plus-order": "signature.invalid",
        "envelope-signature-malleated": "signature.invalid",
    },
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_bad_bundles_is_there_whole(row):
    expected = json.loads(BAD.read_bytes())
    for name, code in ROWS[row].items():
        assert (expected[name]["exit"], expected[name]["code"]) == (1, code), name


def codes(made, tmp_path, trust=TRUST):
    """Return the exit code, and every code that a bundle in memory meets."""
    folder = tmp_path / made.base
    folder.mkdir()
    write_folder(folder, made.members)
    report = verify(folder, trust=trust, at=AT, jobs=1).report
    return report.exit_code, {fault.code for check in report.checks for fault in check.faults}


# -- SIG-10: another format version has no weaker path


@pytest.mark.parametrize(
    "version",
    [
        "evidencekit-bundle/0",
        "evidencekit-bundle/2",
        "evidencekit-bundle/1.0",
        "1.0",
        "1",
        1,
        1.0,
        None,
        "",
        True,
    ],
)
def test_SIG_10_a_signed_statement_of_another_version_is_rejected(version, tmp_path):  # noqa: N802
    made = resigned(make(Order()), statement=lambda d: d["predicate"].update(format=version))
    exit_code, found = codes(made, tmp_path)
    assert (exit_code, "statement.version" in found) == (1, True)


def test_SIG_10_a_number_in_another_spelling_is_no_version(tmp_path):  # noqa: N802
    def spelled(payload):
        assert payload.count(b'"evidencekit-bundle/1"') == 1
        return payload.replace(b'"evidencekit-bundle/1"', b"1e0")

    exit_code, found = codes(resigned(make(Order()), payload=spelled), tmp_path)
    assert exit_code == 1
    assert found & {"statement.version", "json.number"}


@pytest.mark.parametrize(
    "version", ["evidencekit-manifest/0", "evidencekit-manifest/2", "evidencekit-manifest/1.0", 1]
)
def test_SIG_10_a_manifest_of_another_version_is_rejected(version, tmp_path):  # noqa: N802
    made = forged(make(Order()), lambda m: m.update(format=version))
    exit_code, found = codes(made, tmp_path)
    assert (exit_code, "manifest.schema" in found) == (1, True)


def test_SIG_10_a_receiver_may_ask_for_a_later_format(tmp_path):  # noqa: N802
    strict = Trust(signers=TRUST.signers, policy=Policy(minimum_format=2))
    assert codes(make(Order()), tmp_path, strict) == (1, {"trust.format"})


# -- KEY-03: a trust file that cannot be relied on decides nothing

SIGNER = f'[[signer]]\nname = "p"\nkey = "{PREPARER.public_key.to_openssh()}"\n'


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ("", 0o644, "trust.empty"),
        ("# nobody\n", 0o644, "trust.empty"),
        (SIGNER, 0o666, "trust.too-open"),
        (SIGNER, 0o664, "trust.too-open"),
        (SIGNER[:-3], 0o644, "trust.syntax"),
        ("[[signer", 0o644, "trust.syntax"),
        (f"{SIGNER}colour = 7\n", 0o644, "trust.unknown-name"),
        (SIGNER.replace("ssh-ed25519", "-----BEGIN PRIVATE KEY-----"), 0o644, "trust.key"),
    ],
)
def test_KEY_03_a_trust_file_that_is_none_is_undecided(tmp_path, text, mode, code):  # noqa: N802
    path = tmp_path / "trust.toml"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(UndecidedError) as caught:
        Trust.from_file(path)
    assert caught.value.code == code


# -- KEY-06: vectors of points that are low, mixed or spelled twice

ORDER = 2**252 + 27742317777372353535851937790883648493
BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
TORSION = sorted({(x % P, y) for x, y in map(decode, LOW_ORDER)})
MESSAGES = b"", b"root"


def times(number, point):
    total = (0, 1)
    while number:
        total = add(total, point) if number & 1 else total
        point, number = add(point, point), number >> 1
    return total


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def points(secret):
    """Yield bytes, torsion and secret: 14 of low order, then 8 of mixed order or of none."""
    for encoded in LOW_ORDER:
        yield encoded, decode(encoded), 0
    for torsion in TORSION:
        yield encode(add(times(secret, BASE), torsion)), torsion, secret


def vectors():
    """Yield key, message, signature and whether the equation without cofactor holds."""
    nonces = list(points(31_337))
    for key, of_key, secret in points(4_711):
        for nonce, of_nonce, chosen in nonces:
            for message in MESSAGES:
                digest = hashlib.sha512(nonce + key + message).digest()
                challenge = int.from_bytes(digest, "little") % ORDER
                proof = (chosen + challenge * secret) % ORDER
                rest = add(of_nonce, times(challenge % 8, of_key))
                yield key, message, nonce + proof.to_bytes(32, "little"), rest == (0, 1)


def test_KEY_06_nine_hundred_vectors_of_odd_points_get_the_verdict_of_the_policy():  # noqa: N802
    """No key and no R of low order; else the equation of RFC 8032 without the cofactor."""
    verdicts = {"refused key": 0, "low R": 0, "valid": 0, "invalid": 0}
    for raw, message, signature, holds in vectors():
        if raw in LOW_ORDER:
            with pytest.raises(UndecidedError, match="low order"):
                PublicKey(algorithm=ED25519, raw=raw)
            verdicts["refused key"] += 1
            continue
        key, low = PublicKey(algorithm=ED25519, raw=raw), signature[:32] in LOW_ORDER
        if holds and not low:
            key.verify(signature, message)
        else:
            with pytest.raises(RejectedError):
                key.verify(signature, message)
        verdicts["low R" if low else "valid" if holds else "invalid"] += 1
    assert sum(verdicts.values()) == 968  # with 151 of Wycheproof: 1,119
    assert verdicts["refused key"] == 616
    assert verdicts["low R"] == 224
    assert verdicts["valid"] > 8
    assert verdicts["invalid"] > 8


# -- KEY-09: two at once


def _new_key(path, gate, results):
    gate.wait()
    try:
        results.put(new_key(path, None).fingerprint)
    except UndecidedError as error:
        results.put(error.code)


def race(target, arguments):
    context = multiprocessing.get_context("fork")
    gate, results = context.Barrier(len(arguments)), context.Queue()
    processes = [context.Process(target=target, args=(*one, gate, results)) for one in arguments]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    return found


def test_KEY_09_of_many_who_make_a_key_at_once_one_does(tmp_path):  # noqa: N802
    for number in range(10):
        path = tmp_path / f"k{number}.pem"
        found = race(_new_key, [(path,)] * 6)
        (winner,) = [one for one in found if one != "output.exists"]
        assert load_public_key(path.with_name(f"{path.name}.pub")).fingerprint == winner
        assert load_signer(path).public_key.fingerprint == winner
    assert len(list(tmp_path.iterdir())) == 20


# -- CON: many at once


def _collect(archive, export, number, gate, results):
    gate.wait()
    obtained = Obtained(path=export, format="json", received_as="events.json")
    plan = Plan(context=Context(purpose=f"run {number}"))
    made = collect(obtained, plan, signer=PREPARER, output=archive, now=AT, jobs=1)
    results.put(made.path.name)


def test_CON_02_eight_writers_fill_one_archive(tmp_path):  # noqa: N802
    archive, exports = tmp_path / "archive", [tmp_path / f"{number}.json" for number in range(8)]
    archive.mkdir()
    for number, export in enumerate(exports):
        export.write_bytes(as_array([event(1, "allow", model=f"model {number}")]))
    names = race(_collect, [(archive, *one) for one in zip(exports, range(8), strict=True)])
    assert sorted(path.name for path in archive.iterdir()) == sorted(set(names))
    assert len(set(names)) == 8
    for path in archive.iterdir():
        assert verify(path, trust=TRUST, at=AT, jobs=1).report.exit_code == 0


def test_CON_03_a_killed_holder_leaves_no_lock(tmp_path):  # noqa: N802
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(b"any file will do")
    script = (
        "import sys, time; from pathlib import Path; from evidencekit.edges.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(bundle)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 (our words)
        assert process.stdout.readline() == b"held\n"
        process.send_signal(signal.SIGKILL)
        started = time.monotonic()
        with locked(bundle):
            assert time.monotonic() - started < 5


def _publish_in_turn(path, versions):
    while True:
        for data in versions:
            publish.write_file(path, data, force=True)


def test_CON_04_who_verifies_meanwhile_sees_the_old_or_the_new(tmp_path):  # noqa: N802
    rounds = int(os.environ.get("EVIDENCEKIT_READS", "200"))
    versions, roots = [], set()
    for purpose in ("old", "new"):
        export = tmp_path / "export.json"
        export.write_bytes(as_array(EVENTS))
        obtained = Obtained(path=export, format="json", received_as="events.json")
        plan = Plan(context=Context(purpose=purpose))
        output = tmp_path / f"{purpose}.zip"
        roots.add(collect(obtained, plan, signer=PREPARER, output=output, now=AT, jobs=1).root)
        versions.append(output.read_bytes())
    path, seen = tmp_path / "b.zip", set()
    path.write_bytes(versions[0])
    process = multiprocessing.get_context("fork").Process(
        target=_publish_in_turn, args=(path, versions)
    )
    process.start()
    try:
        for _ in range(rounds):
            report = verify(path, trust=TRUST, at=AT, quick=True).report
            assert report.exit_code == 0
            seen.add(report.subject["root"])
    finally:
        process.kill()
        process.join()
    assert seen == roots


def test_CON_05_what_two_write_at_once_is_never_merged(tmp_path):  # noqa: N802
    """One name, two writers: one is written and the other is told so, in a folder and a zip."""
    made = make(Order())
    folder = tmp_path / made.base
    folder.mkdir()
    write_folder(folder, made.members)
    add_members(folder, {"custody/0001.sigstore.json": b"first"})
    with pytest.raises(UndecidedError) as caught:
        add_members(folder, {"custody/0001.sigstore.json": b"second"})
    assert caught.value.code == "output.exists"
    assert (folder / "custody/0001.sigstore.json").read_bytes() == b"first"
