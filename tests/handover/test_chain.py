"""Custody records: what one says, and every way in which a chain of them can be wrong."""

import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.chain import existed_by, judge_chain, open_chain, timeline
from evidencekit.core.custody import Record, verification_of
from evidencekit.core.dsse import seal
from evidencekit.core.instant import NANOSECONDS, format_instant, parse_instant
from evidencekit.core.report import Check, Outcome, Report
from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges.keys import KeyFileSigner
from evidencekit.errors import RejectedError, UndecidedError

ROOT = "ab" * 32
NOW = parse_instant("2026-04-18T12:00:00Z")
A, B, C, D = (
    KeyFileSigner(private=Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in range(4)
)
TRUSTED = tuple(
    TrustedSigner(name=name, key=signer.public_key)
    for name, signer in (("Acme", A), ("Audit", B), ("Counsel", C))
)
PASSED = Report(
    checks=(Check.passed("container", "whole"),),
    judged_at="2026-04-18T12:00:00Z",
    tool_version="0.1.0",
    basis={"schema_sha256": "cd" * 32, "trust_sha256": None},
)
LATER = format_instant(NOW + 200 * NANOSECONDS)
REPORT, RESULT = verification_of(PASSED, "ef" * 32)


def name_of(signer):
    return signer.public_key.fingerprint


def record(number=1, action="accepted", by=B, **changes):
    values = {
        "root": ROOT,
        "number": number,
        "previous": None,
        "action": action,
        "signer": name_of(by),
        "actor": "Dana",
        "role": None,
        "purpose": None,
        "note": None,
        "next_holder": None,
        "report": REPORT,
        "verification": RESULT,
        "at": format_instant(NOW + number * NANOSECONDS),
    }
    return Record(**(values | changes))


def chain(*steps):
    """Return files of steps ``(signer, action, changes)``, each after the one before."""
    files = []
    for number, (signer, action, changes) in enumerate(steps, 1):
        digest = hashlib.sha256(files[-1][1]).hexdigest() if files else None
        one = record(number, action, signer, **({"previous": digest} | changes))
        files.append((f"custody/{number:04}.sigstore.json", seal(one.to_bytes(), signer)))
    return tuple(files)


def to(signer):
    return {"next_holder": name_of(signer)}


def judged(files, signers=TRUSTED, at=NOW + 60 * NANOSECONDS, **more):
    check = judge_chain(files, ROOT, signers, at=at, prepared_by=name_of(A), **more)
    assert all("\n" not in fault.message for fault in check.faults)
    return check.outcome, [fault.code for fault in check.faults]


GOOD = chain(
    (A, "released", to(B)), (B, "accepted", {}), (B, "released", to(C)), (C, "accepted", {})
)


def test_a_whole_chain_passes_and_is_told_as_a_timeline():
    check = judge_chain(GOOD, ROOT, TRUSTED, at=NOW + 60 * NANOSECONDS, prepared_by=name_of(A))
    assert check.outcome is Outcome.PASS
    lines = timeline(open_chain(GOOD, TRUSTED), TRUSTED)
    assert check.message == "; ".join(lines)
    assert lines[0] == "1. 2026-04-18T12:00:01Z released to Audit by Acme (Dana)"
    assert lines[3] == "4. 2026-04-18T12:00:04Z accepted by Counsel (Dana)"


def test_no_record_is_not_asked():
    assert judged(()) == (Outcome.NOT_ASKED, [])


def test_a_record_says_the_same_after_reading():
    for action, changes in (("accepted", {}), ("released", to(B)), ("rejected", {"note": "bad"})):
        one = record(action=action, **changes)
        assert Record.from_bytes(one.to_bytes()) == one
        assert Record.from_bytes(one.to_bytes()).to_bytes() == one.to_bytes()


def test_a_verification_is_a_simple_verification_result():
    assert RESULT == {
        "verifier": {
            "id": "urn:evidencekit:verifier:0.1.0",
            "policies": [{"name": "schema", "digest": {"sha256": "cd" * 32}}],
        },
        "timeCreated": "2026-04-18T12:00:00Z",
        "properties": ["EVIDENCEKIT_CONTAINER"],
    }
    assert REPORT == {"verdict": "accepted", "sha256": "ef" * 32}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"action": "certified"}, "custody.value"),
        ({"number": 0}, "custody.value"),
        ({"number": True}, "custody.value"),
        ({"number": 2}, "custody.value"),
        ({"previous": "x"}, "custody.value"),
        ({"signer": "SHA256:x"}, "custody.value"),
        ({"actor": ""}, "custody.value"),
        ({"actor": " "}, "custody.value"),
        ({"note": "x" * 2_001}, "custody.value"),
        ({"note": 7}, "custody.value"),
        ({"action": "released"}, "custody.value"),
        ({"next_holder": "SHA256:" + "a" * 43}, "custody.value"),
        ({"at": "2026-04-18T12:00:00+00:00"}, "custody.value"),
        ({"report": None}, "custody.value"),
        ({"report": {"verdict": "rejected", "sha256": "ef" * 32}}, "custody.value"),
        ({"report": {"verdict": "fine", "sha256": "ef" * 32}}, "custody.value"),
        ({"verification": {"verifier": {}}}, "custody.value"),
        ({"verification": RESULT | {"properties": ["CERTIFIED"]}}, "custody.value"),
        ({"verification": RESULT | {"extra": 1}}, "custody.value"),
        ({"verification": RESULT | {"verifier": {"id": "urn:x", "policies": []}}}, "custody.value"),
    ],
)
def test_what_a_record_cannot_say_is_refused_reading_and_writing(changes, code):
    wrong = record(**changes)
    with pytest.raises(RejectedError) as caught:
        Record.from_bytes(wrong.to_bytes())
    assert caught.value.code == code
    with pytest.raises(UndecidedError):
        wrong.check_writable()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d["predicate"].update(format="evidencekit-custody/2"), "custody.version"),
        (lambda d: d["predicate"].update(extra=1), "custody.shape"),
        (lambda d: d["predicate"].pop("note"), "custody.shape"),
        (lambda d: d["subject"][0].update(name="other"), "custody.shape"),
        (lambda d: d.update(predicateType="urn:evidencekit:evidence:v1"), "statement.type"),
    ],
)
def test_another_shape_is_refused(change, code):
    document = json.loads(record().to_bytes())
    change(document)
    with pytest.raises(RejectedError) as caught:
        Record.from_bytes(json.dumps(document).encode())
    assert caught.value.code == code


FORGED = {
    "the first record is cut off": (GOOD[1:], "custody.order"),
    "a record in the middle is cut out": ((GOOD[0], *GOOD[2:]), "custody.order"),
    "two records change places": ((GOOD[1], GOOD[0], *GOOD[2:]), "custody.order"),
    "a record is there twice": ((GOOD[0], GOOD[0], *GOOD[1:]), "custody.order"),
    "another root": (chain((B, "accepted", {"root": "00" * 32})), "custody.root"),
    "another signer": (chain((B, "accepted", {"signer": name_of(C)})), "custody.signer"),
    "a fork": (
        chain((B, "accepted", {}), (B, "released", to(C)), (B, "released", to(A)))[:2]
        + chain(
            (B, "accepted", {}),
            (B, "released", {} | to(C)),
            (
                B,
                "released",
                to(A) | {"previous": hashlib.sha256(chain((B, "accepted", {}))[0][1]).hexdigest()},
            ),
        )[2:],
        "custody.fork",
    ),
    "a record that follows nothing known": (
        chain((B, "accepted", {}), (B, "released", to(C) | {"previous": "11" * 32})),
        "custody.chain",
    ),
    "times run backwards": (
        chain((B, "accepted", {}), (B, "released", to(C) | {"at": format_instant(NOW)})),
        "custody.time",
    ),
    "received by somebody else": (
        chain((A, "released", to(B)), (C, "accepted", {})),
        "custody.holder",
    ),
    "released by who does not hold it": (chain((B, "released", to(C))), "custody.holder"),
    "received though nobody released it": (
        chain((B, "accepted", {}), (C, "accepted", {})),
        "custody.holder",
    ),
    "released again by who gave it away": (
        chain((A, "released", to(B)), (B, "accepted", {}), (A, "released", to(C))),
        "custody.holder",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_every_forged_chain_is_rejected_with_its_own_code(name):
    files, code = FORGED[name]
    outcome, codes = judged(files)
    assert outcome is Outcome.FAIL
    assert code in codes


def test_who_does_not_accept_leaves_it_with_its_holder_and_may_look_again():
    files = chain(
        (A, "released", to(B)),
        (B, "insufficient", {}),
        (B, "accepted", {}),
        (B, "released", to(C)),
        (C, "rejected", {}),
        (B, "released", to(A)),
        (A, "accepted", {}),
    )
    assert judged(files) == (Outcome.PASS, [])


def test_the_first_receiver_needs_no_release():
    assert judged(chain((B, "accepted", {}))) == (Outcome.PASS, [])


def test_a_stranger_s_record_is_undecided_and_nothing_in_it_is_believed():
    files = chain((A, "released", to(D)), (D, "accepted", {}))
    assert judged(files) == (Outcome.UNDECIDED, ["custody.unknown-key"])


def test_a_record_from_the_future_is_undecided():
    assert judged(GOOD, at=NOW - 301 * NANOSECONDS)[1] == ["custody.future"] * 4
    assert judged(GOOD, at=NOW - 290 * NANOSECONDS)[0] is Outcome.PASS


def test_a_revoked_key_hands_nothing_over():
    revoked = replace(TRUSTED[1], revoked_at=NOW)
    outcome, codes = judged(GOOD, (TRUSTED[0], revoked, TRUSTED[2]))
    assert (outcome, set(codes)) == (Outcome.FAIL, {"trust.revoked"})
    lost = replace(revoked, revoked_at=NOW + 50 * NANOSECONDS, revoked_reason="key-compromise")
    assert set(judged(GOOD, (TRUSTED[0], lost, TRUSTED[2]))[1]) == {"trust.revoked"}
    proven = {n: NOW + n * NANOSECONDS for n in range(1, 5)}
    assert judged(GOOD, (TRUSTED[0], lost, TRUSTED[2]), proven=proven) == (Outcome.PASS, [])


def test_a_later_stamp_proves_that_what_came_before_existed():
    """The last record names the one before by its digest, and so on: its stamp covers all."""
    lost = replace(TRUSTED[1], revoked_at=NOW + 50 * NANOSECONDS, revoked_reason="key-compromise")
    trusted = (TRUSTED[0], lost, TRUSTED[2])
    stamped = NOW + 4 * NANOSECONDS
    assert judged(GOOD, trusted, proven={4: stamped}) == (Outcome.PASS, [])
    assert existed_by(4, {4: stamped}) == dict.fromkeys(range(1, 5), stamped)
    assert existed_by(4, {2: stamped}) == dict.fromkeys((1, 2), stamped)
    assert set(judged(GOOD, trusted, proven={2: NOW + 2 * NANOSECONDS})[1]) == {"trust.revoked"}


def test_a_later_stamp_takes_nothing_away_from_what_came_before():
    ended = replace(TRUSTED[1], valid_until=NOW + 10 * NANOSECONDS)
    files = chain((B, "accepted", {}), (B, "released", to(C)), (C, "accepted", {"at": LATER}))
    late = {3: NOW + 200 * NANOSECONDS}
    signers = (TRUSTED[0], ended, TRUSTED[2])
    judge = {"at": NOW + 200 * NANOSECONDS, "proven": late}
    assert set(judged(files, signers, **judge)[1]) == {"trust.validity"}  # by its word, long ago
    assert judged(files, signers, **judge)[0] is Outcome.UNDECIDED  # and not a rejection
    assert judged(files, signers, at=NOW + 5 * NANOSECONDS, proven=late)[0] is Outcome.PASS


def test_a_role_that_the_key_has_not_is_refused():
    auditor = replace(TRUSTED[1], roles=("auditor",))
    files = chain((B, "accepted", {"role": "regulator"}))
    assert judged(files, (auditor,)) == (Outcome.FAIL, ["custody.role"])
    assert judged(chain((B, "accepted", {"role": "auditor"})), (auditor,))[0] is Outcome.PASS


def test_a_time_that_its_stamp_contradicts_is_refused():
    files = chain((B, "accepted", {}))
    assert judged(files, proven={1: NOW + 300 * NANOSECONDS})[0] is Outcome.PASS
    outcome = judged(files, proven={1: NOW + 302 * NANOSECONDS})
    assert outcome == (Outcome.FAIL, ["custody.time"])


def test_every_flipped_byte_of_a_record_is_refused():
    data = GOOD[1][1]
    for at in range(0, len(data), 3):
        changed = bytearray(data)
        changed[at] ^= 1
        files = (GOOD[0], (GOOD[1][0], bytes(changed)), *GOOD[2:])
        assert judged(files)[0] in {Outcome.FAIL, Outcome.UNDECIDED}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_coded_refusal(data):
    outcome, codes = judged((("custody/0001.sigstore.json", data),))
    assert outcome is Outcome.FAIL
    assert all("." in code for code in codes)
