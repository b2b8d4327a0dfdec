"""``trust`` and ``keys show`` on the command line: what is written, printed and refused."""

import json
import threading

import pytest

from evidencekit.cli import run
from evidencekit.core.proquint import proquints
from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges.keys import load_public_key, new_key
from evidencekit.edges.trust import Trust
from evidencekit.edges.trustfile import add_signer, revoke


@pytest.fixture
def key(tmp_path):
    new_key(tmp_path / "k.pem", None)
    return tmp_path / "k.pem.pub"


@pytest.fixture
def call(capsys):
    def call(*words):
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_proquints_are_those_of_the_paper():
    assert proquints(bytes([127, 0, 0, 1])) == ("lusab", "babad")
    assert proquints(bytes([63, 84, 220, 193])) == ("gutih", "tugad")
    with pytest.raises(ValueError, match="odd"):
        proquints(b"abc")


def test_every_two_bytes_have_a_word_of_their_own():
    assert len({proquints(n.to_bytes(2)) for n in range(1 << 16)}) == 1 << 16


def test_a_key_is_added_listed_and_revoked(call, key, tmp_path):
    file = tmp_path / "trust.toml"
    public = load_public_key(key)
    code, out, err = call(
        *("trust", "add", key, "--trust", file, "--name", "Acme", "--environment", "production"),
        *("--role", "preparer", "--valid-from", "2026-01-01T00:00:00Z"),
    )
    assert (code, out.split("\n")[0]) == (0, public.fingerprint)
    assert " ".join(public.words) in out
    assert "another channel" in err
    code, out, _ = call("trust", "list", "--trust", file, "--format", "json")
    (signer,) = json.loads(out)["signers"]
    assert code == 0
    assert (signer["environments"], signer["roles"]) == (["production"], ["preparer"])
    assert signer["valid_from"] == "2026-01-01T00:00:00Z"
    code, out, _ = call(
        *("trust", "revoke", "Acme", "--trust", file, "--reason", "key-compromise"),
        *("--at", "2026-02-01T00:00:00Z"),
    )
    assert (code, out.strip()) == (0, public.fingerprint)
    code, out, _ = call("trust", "list", "--trust", file)
    assert " ".join(load_public_key(key).words) in out, "words to read out are never cut"
    assert "revoked reason       key-compromise" in out
    code, out, _ = call("trust", "lint", "--trust", file)
    assert (code, "revoked 2026-02-01T00:00:00Z" in out) == (0, True)


def test_hostile_names_stay_text(call, key, tmp_path):
    file = tmp_path / "trust.toml"
    call("trust", "add", key, "--trust", file, "--name", "evil\x1b[2J\u202e")
    for command in (("list",), ("lint",)):
        code, out, _ = call("trust", *command, "--trust", file)
        assert code == 0
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_a_trust_file_that_cannot_be_read_is_undecided(call, tmp_path):
    for command in (("list",), ("lint",), ("revoke", "x", "--reason", "left")):
        code, out, err = call("trust", *command, "--trust", tmp_path / "none")
        assert (code, out) == (3, "")
        assert "[trust.missing]" in err


def test_conditions_of_signers_are_not_taken_for_an_authority(call, key, tmp_path):
    words = ("--authority", "--name", "x", "--role", "preparer", "--trust", tmp_path / "t")
    code, _, _ = call("trust", "add", key, *words)
    assert code == 2


@pytest.mark.usefixtures("key")
def test_a_file_that_is_no_key_leaves_no_trust_file(call, tmp_path):
    file = tmp_path / "trust.toml"
    code, _, err = call("trust", "add", tmp_path / "k.pem", "--trust", file, "--name", "x")
    assert (code, file.exists()) == (3, False)
    assert "[key.private]" in err


def test_two_writers_at_once_lose_nothing(tmp_path):
    file = tmp_path / "trust.toml"
    keys = [new_key(tmp_path / f"k{n}", None) for n in range(12)]
    add_signer(file, TrustedSigner(name="first", key=keys[0]))
    failures = []

    def add(n):
        try:
            add_signer(file, TrustedSigner(name=f"n{n}", key=keys[n]))
            revoke(file, f"n{n}", at=10**18, reason="left")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=(n,)) for n in range(1, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    signers = Trust.from_file(file).signers
    assert {s.name for s in signers} == {"first", *(f"n{n}" for n in range(1, 12))}
    assert sum(s.revoked_at is not None for s in signers) == 11
    assert [p.name for p in tmp_path.glob(".evidencekit-*")] == []


def test_a_linked_trust_file_is_edited_where_it_is(tmp_path):
    target, link = tmp_path / "real.toml", tmp_path / "trust.toml"
    one, two = (new_key(tmp_path / f"k{n}", None) for n in range(2))
    add_signer(target, TrustedSigner(name="one", key=one))
    link.symlink_to(target)
    add_signer(link, TrustedSigner(name="two", key=two))
    assert link.is_symlink()
    assert [s.name for s in Trust.from_file(target).signers] == ["one", "two"]


def test_a_key_is_shown_with_words_and_a_code_to_scan(call, key):
    public = load_public_key(key)
    code, out, _ = call("keys", "show", key, "--qr")
    assert code == 0
    assert public.fingerprint in out
    assert all(word in out for word in public.words)
    assert "▄▄▄▄▄" in out
    assert "\x1b" not in out
    assert "▄" not in call("keys", "show", key)[1]
