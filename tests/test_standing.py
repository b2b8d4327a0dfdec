"""Signatures count by the conditions of their keys, and never by how often a key signed."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.dsse import Signed
from evidencekit.core.explaining import explain
from evidencekit.core.instant import format_instant, parse_instant
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.report import Outcome
from evidencekit.core.standing import Circumstances, judge
from evidencekit.core.statement import Statement
from evidencekit.core.trusted import Policy, TrustedSigner

DAY = 86_400 * 10**9
START, MIDDLE, END = (parse_instant(f"{year}-01-01T00:00:00Z") for year in (2026, 2027, 2028))
DIGEST = "0" * 64


def key(seed):
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return PublicKey(algorithm=ED25519, raw=private.public_key().public_bytes_raw())


def signed(by=1, at=MIDDLE):
    names = ("tagmanifest-sha256.txt", "data/manifest.json", "data/export/events.json")
    statement = Statement(
        subjects=dict.fromkeys(names, DIGEST),
        bundle_id="b",
        signer=key(by).fingerprint,
        window=None,
        events=0,
        tree_root=DIGEST,
        previous=None,
        signed_at=format_instant(at),
    )
    return Signed(payload=statement.to_bytes(), key=key(by), signature=b"")


def trusted(seed=1, **conditions):
    return TrustedSigner(name=f"signer {seed}", key=key(seed), **conditions)


def verdict(signers, *found, at=MIDDLE, environment=None, proven=None, **policy):
    times = {key(seed): instant for seed, instant in (proven or {}).items()}
    case = Circumstances(at=at, environment=environment, proven=times)
    check = judge(signers, Policy(**policy), found, case)
    assert check.name == "trust"
    assert bool(check.faults) is (check.outcome is not Outcome.PASS)
    return check.outcome, *[fault.code for fault in check.faults]


PASS, FAIL, UNDECIDED = (Outcome.PASS,), Outcome.FAIL, Outcome.UNDECIDED


def test_a_trusted_signature_without_conditions_counts():
    assert verdict([trusted()], signed()) == PASS


def test_no_signature_and_an_unknown_key_are_refused():
    assert verdict([trusted()]) == (FAIL, "trust.unknown-signer")
    assert verdict([trusted(2)], signed(1)) == (FAIL, "trust.unknown-signer")


@pytest.mark.parametrize(
    ("claimed", "proven", "at", "expected"),
    [
        (MIDDLE, None, MIDDLE, PASS),
        (START, None, MIDDLE, PASS),
        (START - 1, None, MIDDLE, (FAIL, "trust.validity")),
        (END, None, MIDDLE, (FAIL, "trust.validity")),
        (END - 1, None, END - 1, PASS),
        (MIDDLE, None, END, (UNDECIDED, "trust.validity")),
        (MIDDLE, None, START - 10 * 365 * DAY, PASS),  # a clock that is behind changes nothing
        (MIDDLE, MIDDLE, END + DAY, PASS),
        (MIDDLE, END, END + DAY, (FAIL, "trust.validity")),
        (MIDDLE, START - 1, MIDDLE, (FAIL, "trust.validity")),
    ],
)
def test_validity_goes_by_the_time_stamp_else_by_what_is_no_lie(claimed, proven, at, expected):
    signer = trusted(valid_from=START, valid_until=END)
    times = {} if proven is None else {1: proven}
    assert verdict([signer], signed(at=claimed), at=at, proven=times) == expected


def test_a_signing_time_that_cannot_be_read_decides_nothing():
    bad = Signed(payload=b"{}", key=key(1), signature=b"")
    assert verdict([trusted(valid_from=START)], bad) == (UNDECIDED, "trust.validity")
    assert verdict([trusted(valid_from=START)], bad, proven={1: MIDDLE}) == PASS
    assert verdict([trusted(revoked_at=START)], bad) == (FAIL, "trust.revoked")


@pytest.mark.parametrize(
    ("reason", "claimed", "proven", "expected"),
    [
        ("superseded", MIDDLE - 1, None, PASS),
        ("superseded", MIDDLE, None, (FAIL, "trust.revoked")),
        ("superseded", START, END, (FAIL, "trust.revoked")),
        ("key-compromise", START, None, (FAIL, "trust.revoked")),
        ("key-compromise", START, MIDDLE - 1, PASS),
        ("key-compromise", START, MIDDLE, (FAIL, "trust.revoked")),
    ],
)
def test_a_compromised_key_is_believed_only_before_a_time_stamp(reason, claimed, proven, expected):
    signer = trusted(revoked_at=MIDDLE, revoked_reason=reason)
    times = {} if proven is None else {1: proven}
    for at in (START, END):
        assert verdict([signer], signed(at=claimed), at=at, proven=times) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("production", PASS),
        ("staging", (FAIL, "trust.environment")),
        ("Production", (FAIL, "trust.environment")),
        (None, (FAIL, "trust.environment")),
    ],
)
def test_a_key_signs_for_its_environments_only(environment, expected):
    signer = trusted(environments=("production", "canary"))
    assert verdict([signer], signed(), environment=environment) == expected
    assert verdict([trusted()], signed(), environment=environment) == PASS


def test_every_broken_condition_is_named():
    signer = trusted(valid_until=START, revoked_at=START, environments=("production",))
    codes = ("trust.revoked", "trust.validity", "trust.environment")
    assert verdict([signer], signed()) == (FAIL, *codes)


def test_keys_are_counted_and_not_signatures():
    both = [trusted(1), trusted(2)]
    assert verdict(both, signed(1), signed(1), signatures_required=2) == (FAIL, "trust.threshold")
    assert verdict(both, signed(1), signed(2), signatures_required=2) == PASS
    bad = trusted(2, revoked_at=START)
    expected = (FAIL, "trust.revoked", "trust.threshold")
    assert verdict([trusted(1), bad], signed(1), signed(2), signatures_required=2) == expected


def test_one_key_s_faults_do_not_take_another_s_signature_away():
    signers = [trusted(1), trusted(2, revoked_at=START)]
    assert verdict(signers, signed(1), signed(2)) == PASS
    case = Circumstances(at=MIDDLE, environment=None, proven={})
    message = judge(signers, Policy(), [signed(1), signed(2)], case).message
    assert "not counted: signer 2: revoked 2026-01-01T00:00:00Z" in message


def test_what_an_undecided_signature_could_still_reach_is_undecided():
    expired = trusted(2, valid_until=END)
    both = (signed(1), signed(2))
    assert verdict([trusted(1), expired], *both, at=END, signatures_required=2)[0] is UNDECIDED
    assert verdict([trusted(1), expired], *both, at=END, signatures_required=3)[0] is FAIL
    assert verdict([trusted(1), expired], *both, at=END) == PASS


def test_each_role_needs_a_key_of_its_own():
    roles = ("preparer", "reviewer")
    alone = trusted(1, roles=roles)
    assert verdict([alone], signed(1), roles_required=roles) == (FAIL, "trust.roles")
    other = trusted(2, roles=("preparer",))
    both = (signed(1), signed(2))
    assert verdict([alone, other], *both, roles_required=roles) == PASS  # 2 prepares, 1 reviews
    neither = trusted(2, roles=("auditor",))
    assert verdict([alone, neither], *both, roles_required=roles) == (FAIL, "trust.roles")


@given(st.lists(st.integers(1, 4)), st.integers(1, 5))
def test_the_threshold_is_the_number_of_distinct_keys(seeds, required):
    signers = [trusted(seed) for seed in range(1, 5)]
    found = [signed(seed) for seed in seeds]
    outcome = verdict(signers, *found, signatures_required=required)[0]
    assert (outcome is Outcome.PASS) is (len(set(seeds)) >= required)


def test_a_hostile_name_is_made_visible():
    signer = TrustedSigner(name="\x1b[2Jme", key=key(1), revoked_at=START)
    case = Circumstances(at=MIDDLE, environment="\x1b]0;x", proven={})
    assert "\x1b" not in judge([signer], Policy(), [signed()], case).message


# -- what the policy asks besides


@pytest.mark.parametrize(
    ("claimed", "proven", "expected"),
    [
        (MIDDLE - 30 * DAY, None, PASS),
        (MIDDLE - 30 * DAY - 1, None, (FAIL, "trust.age")),
        (MIDDLE - 40 * DAY, MIDDLE - 20 * DAY, PASS),
        (MIDDLE - 20 * DAY, MIDDLE - 40 * DAY, (FAIL, "trust.age")),
    ],
)
def test_a_signature_can_be_too_old(claimed, proven, expected):
    stamped = None if proven is None else {1: proven}
    found = verdict([trusted()], signed(at=claimed), proven=stamped, maximum_age=30 * DAY)
    assert found == expected


def test_only_pinned_schemas_and_new_enough_formats_count():
    def codes(policy, **case):
        given = Circumstances(at=MIDDLE, environment=None, proven={}, **case)
        check = judge([trusted()], policy, [signed()], given)
        return check.outcome, *[fault.code for fault in check.faults]

    pinned = Policy(schemas=("a" * 64,))
    assert codes(pinned, schema="a" * 64) == PASS
    assert codes(pinned, schema="b" * 64) == (FAIL, "trust.schema")
    assert codes(pinned) == (FAIL, "trust.schema")
    assert codes(Policy(minimum_format=1)) == PASS
    assert codes(Policy(minimum_format=2)) == (FAIL, "trust.format")


def test_every_rule_is_told_and_agrees_with_the_verdict():
    signers = [
        trusted(1, environments=("production",), valid_from=START),
        trusted(2, revoked_at=START),
        trusted(3),
    ]
    case = Circumstances(at=MIDDLE, environment="production", proven={})
    policy = Policy(signatures_required=2, roles_required=(), maximum_age=DAY)
    found = explain(signers, policy, [signed(1), signed(2), signed(4)], case)
    told = {(rule.of.partition(" (")[0], rule.name): rule.outcome for rule in found}
    assert told[("signer 1", "environment")] is Outcome.PASS
    assert told[("signer 1", "maximum-age")] is Outcome.PASS
    assert told[("signer 2", "revocation")] is FAIL
    assert told[("signer 3", "signed")] is Outcome.NOT_ASKED
    assert told[(key(4).fingerprint, "known")] is FAIL
    assert told[("policy", "signatures")] is FAIL
    assert judge(signers, policy, [signed(1), signed(2), signed(4)], case).outcome is FAIL
    enough = explain(signers, Policy(), [signed(1)], case)
    assert all(rule.outcome in {Outcome.PASS, Outcome.NOT_ASKED} for rule in enough)
