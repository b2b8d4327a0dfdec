"""Both verifiers judge the same chains of custody records."""

import hashlib
import json

import pytest
from catalogue import ALICE, AT, CAROL, MALLORY, TAG

from evidencekit.core.custody import CUSTODY, FORMAT
from evidencekit.core.dsse import seal
from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.core.statement import write_statement
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

RESULT = {
    "verifier": {"id": "urn:evidencekit:verifier:0.1.0", "policies": []},
    "timeCreated": "2026-04-23T01:00:00Z",
    "properties": ["EVIDENCEKIT_CONTAINER"],
}
VERIFIED = {"report": {"verdict": "accepted", "sha256": "ef" * 32}, "verification": RESULT}
UNVERIFIED = {"report": None, "verification": None}
POLICY = {"name": "trust", "digest": {"sha256": "ab" * 32}}


def to(signer):
    return {"action": "released", "next_holder": signer.public_key.fingerprint} | UNVERIFIED


def chain(root, *steps):
    """Return records by name, each after the one before; a step is a signer and what it changes."""
    files, before = {}, None
    for number, (signer, changes) in enumerate(steps, 1):
        predicate = {
            "format": FORMAT,
            "number": number,
            "previous": before,
            "action": "accepted",
            "signer": signer.public_key.fingerprint,
            "actor": "Dana",
            "role": None,
            "purpose": None,
            "note": None,
            "next_holder": None,
            **VERIFIED,
            "at": format_instant(AT - 3600 * NANOSECONDS + number * NANOSECONDS),
        } | changes
        subjects = predicate.pop("subjects", {TAG: root})
        predicate = {name: value for name, value in predicate.items() if value != "absent"}
        data = seal(write_statement(subjects, CUSTODY, predicate), signer)
        files[f"custody/{number:04}.sigstore.json"] = data
        before = hashlib.sha256(data).hexdigest()
    return files


A, B, C = ALICE, MALLORY, CAROL
CHAINS = {
    "one": [(B, {})],
    "by-hand": [(A, to(B)), (B, {}), (B, to(C)), (C, {"actor": None})],
    "looked-again": [(A, to(B)), (B, {"action": "insufficient"} | UNVERIFIED), (B, {})],
    "rejected": [(B, {"action": "rejected"})],
    "with-a-policy": [(B, {"verification": RESULT | {"verifier": {
        "id": "urn:evidencekit:verifier:1", "policies": [POLICY]}}})],
    "other-root": [(B, {"subjects": {TAG: "ab" * 32}})],
    "other-subject": [(B, {"subjects": {"data/manifest.json": "ab" * 32}})],
    "other-signer": [(B, {"signer": C.public_key.fingerprint})],
    "other-number": [(B, {"number": 2, "previous": "ab" * 32})],
    "forked": [(A, to(B)), (B, {"previous": None, "number": 1})],
    "cut": [(A, to(B)), (B, {"previous": "ab" * 32})],
    "back-in-time": [(A, to(B)), (B, {"at": "2026-04-23T02:00:00Z"})],
    "not-holder": [(B, to(C))],
    "not-named": [(A, to(B)), (C, {})],
    "to-nobody": [(B, {}), (C, {})],
    "future": [(B, {"at": "2027-01-01T00:00:00Z"})],
    "role": [(B, {"role": "auditor"})],
    "number-0": [(B, {"number": 0})],
    "number-real": [(B, {"number": 1.0})],
    "number-true": [(B, {"number": True})],
    "action": [(B, {"action": "seen"})],
    "unverified": [(B, UNVERIFIED)],
    "half-verified": [(B, {"report": None})],
    "verdict": [(B, {"report": {"verdict": "undecided", "sha256": "ef" * 32}})],
    "verdict-none": [(B, {"report": {"verdict": "fine", "sha256": "ef" * 32}})],
    "property": [(B, {"verification": RESULT | {"properties": ["fine"]}})],
    "verifier": [(B, {"verification": RESULT | {"verifier": {"id": "x", "policies": []}}})],
    "policy": [(B, {"verification": RESULT | {"verifier": {
        "id": "urn:evidencekit:verifier:1", "policies": [POLICY | {"name": "mine"}]}}})],
    "next-holder": [(B, {"next_holder": C.public_key.fingerprint})],
    "release-to-nobody": [(A, to(B) | {"next_holder": None})],
    "white-text": [(B, {"note": " \u2003\t"})],
    "long-text": [(B, {"note": "\U0001f600" * 2001})],
    "text": [(B, {"note": "\U0001f600" * 2000})],
    "version": [(B, {"format": "evidencekit-custody/2"})],
    "member-more": [(B, {"more": 1})],
    "member-less": [(B, {"note": "absent"})],
    "time": [(B, {"at": "2026-04-23T02:00:00+00:00"})],
}  # fmt: skip
KEYS = ("key", "other", "carol")


@pytest.fixture(scope="module")
def handed(shop):
    """Return zips by the name of their chain, and the keys that the receiver trusts."""
    root = hashlib.sha256(shop.members[TAG]).hexdigest()
    all_keys = [getattr(shop, name) for name in KEYS]
    found = {}
    for name, steps in CHAINS.items():
        path = shop.zipped(f"handed-{name}", shop.members | chain(root, *steps))
        found[name] = (path, all_keys)
    found["stranger"] = (found["one"][0], all_keys[:1])
    found["nobody"] = (found["one"][0], [])
    for name, change in {"flipped": b"AAAA", "empty": b"", "braces": b"{}"}.items():
        record = change * 9
        members = shop.members | {"custody/0001.sigstore.json": record}
        found[name] = (shop.zipped(f"handed-{name}", members), all_keys)
    first = chain(root, *CHAINS["by-hand"])
    del first["custody/0002.sigstore.json"]
    found["dropped"] = (shop.zipped("handed-dropped", shop.members | first), all_keys)
    lines = f'roles = ["counsel"]\nrevoked-at = {format_instant(AT - 7200 * NANOSECONDS)}'
    trust = shop.folder / "roles.toml"
    signers = [("A", A, ""), ("B", B, lines)]
    trust.write_text("".join(
        f'[[signer]]\nname = "{n}"\nkey = "{k.public_key.to_openssh()}"\n{more}\n'
        for n, k, more in signers
    ))  # fmt: skip
    trust.chmod(0o600)
    found["roles"] = (found["role"][0], [trust])
    return found


def test_the_page_and_python_say_the_same_of_every_chain(handed, node, page):
    asked = [
        {"path": str(path), "keys": list(map(str, keys)), "fingerprint": "", "at": str(AT)}
        for path, keys in handed.values()
    ]
    codes, differing = set(), []
    for (name, (path, keys)), report in zip(
        handed.items(), node("judge.mjs", page, asked), strict=True
    ):
        is_file = keys and keys[0].suffix == ".toml"
        trust = Trust.from_file(keys[0]) if is_file else Trust.from_keys(keys) if keys else None
        python = verify(path, trust=trust, at=AT, jobs=1).report
        (expected,) = [check for check in python.checks if check.name == "custody"]
        (found,) = [check for check in report["checks"] if check["name"] == "custody"]
        ours = found["outcome"], [fault["code"] for fault in found["faults"]]
        theirs = str(expected.outcome), [fault.code for fault in expected.faults]
        codes |= set(theirs[1])
        is_same_line = theirs[0] != "pass" or found["message"] == expected.message
        if ours != theirs or report["verdict"] != python.verdict or not is_same_line:
            differing.append((name, ours, theirs))
    assert json.dumps(differing, indent=1) == "[]"
    assert len([code for code in codes if code.startswith("custody.")]) >= 10
