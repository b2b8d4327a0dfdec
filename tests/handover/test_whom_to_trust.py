"""What a receiver is told who named no key, the wrong one, or a fingerprint instead of one."""

import pytest


def told(call, *words, key=None):
    """Return the exit code and all that was said, in one line of single spaces."""
    code, out, err = call(*words, key=key)
    return code, " ".join(f"{out} {err}".split())


@pytest.fixture
def alone(call, monkeypatch):
    """Return ``call`` where no trust file is named."""
    monkeypatch.delenv("EVIDENCEKIT_TRUST")
    return call


def test_without_a_key_who_signed_cannot_be_told(make, alone, people):
    bundle, own = make(), people.preparer.public_key.fingerprint
    for asked in (own, people.auditor.public_key.fingerprint, "nonsense"):
        code, said = told(alone, "verify", bundle, "--signer", asked)
        assert code == 3
        assert "signer cannot be told without a trusted key; give --key FILE" in said
        assert "verdict: undecided" in said


def test_a_signer_whose_key_was_not_given_is_untold_and_one_who_did_not_sign_is_a_no(
    make, alone, people
):
    bundle, auditor = make(), people.folder / "auditor.pem.pub"
    words = ("verify", bundle, "--key", auditor, "--format", "json", "--signer")
    code, said = told(alone, *words, people.preparer.public_key.fingerprint)
    assert "signer cannot be told" in said
    code, said = told(alone, *words, people.counsel.public_key.fingerprint)
    assert (code, "signer is nobody you trust, asked for SHA256:" in said) == (1, True)
    words = ("verify", bundle, "--key", people.folder / "preparer.pem.pub", "--signer")
    code, said = told(alone, *words, people.counsel.public_key.fingerprint)
    assert (code, "verdict: rejected: signer is SHA256:" in said) == (1, True)
    assert told(alone, *words, people.preparer.public_key.fingerprint)[0] == 0


def test_an_environment_that_is_another_is_still_a_no(make, alone):
    code, said = told(alone, "verify", make(), "--signer", "x", "--environment", "staging")
    assert (code, "environment is production, asked for staging" in said) == (1, True)


@pytest.mark.parametrize("verb", ["receive", "release"])
def test_where_key_is_the_own_one_whom_to_trust_is_trust_key(make, alone, people, verb):
    to = ("--to", people.auditor.public_key.fingerprint)
    words = ("--outcome", "insufficient") if verb == "receive" else to
    code, said = told(alone, verb, make(), *words, key="counsel")
    assert code == (0 if verb == "receive" else 3)
    assert "name the signer's public key with --trust-key" in said
    assert " --key" not in said


def test_a_fingerprint_is_no_key(make, alone, people):
    own = people.preparer.public_key.fingerprint
    code, said = told(alone, "verify", make(), "--key", own)
    assert (code, f"{own}: no such file" in said, "[key.missing]" in said) == (3, True, True)
    assert "a fingerprint is not a key; ask the sender for the .pub file" in said


def test_after_receiving_it_is_said_that_the_receivers_key_is_needed_too(make, alone, people):
    bundle, preparer = make(), people.folder / "preparer.pem.pub"
    words = ("--outcome", "accepted", "--trust-key", preparer)
    code, said = told(alone, "receive", bundle, *words, key="auditor")
    assert (code, "needs that public key, too" in said) == (0, True)
    code, said = told(alone, "verify", bundle, "--key", preparer)
    assert (code, "you yourself among them" in said) == (3, True)
    own = people.folder / "auditor.pem.pub"
    assert told(alone, "verify", bundle, "--key", preparer, "--key", own)[0] == 0
