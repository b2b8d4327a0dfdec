"""Trust files are read strictly, and whatever is wrong with one leaves everything undecided."""

import hashlib
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.allowedsigners import parse_allowed_signers
from evidencekit.core.instant import parse_instant
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.trusted import Policy, TrustedSigner, parse_trust
from evidencekit.core.trustlint import lint
from evidencekit.edges.trust import Trust
from evidencekit.edges.trustfile import add_authority, add_signer, revoke
from evidencekit.errors import UndecidedError


def key(seed):
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return PublicKey(algorithm=ED25519, raw=private.public_key().public_bytes_raw())


def certificate():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme TSA")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    builder = x509.CertificateBuilder(name, name, private.public_key(), 7)
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=1))
    return builder.sign(private, None).public_bytes(Encoding.PEM).decode()


ONE = f'[[signer]]\nname = "one"\nkey = "{key(1).to_openssh()}"\n'
WHOLE = f"""# whom we trust
[[signer]]
name = "Acme platform, production exports"
key = "{key(1).to_openssh("dana@acme")}"
valid-from = 2026-01-01T00:00:00Z
valid-until = 2028-01-01T02:00:00.5+02:00
revoked-at = 2027-01-01T00:00:00Z
revoked-reason = "key-compromise"
environments = ["production"]
roles = ["preparer", "responder"]

[[signer]]
name = "two"
key = '''{key(2).to_pem().decode()}'''

[[timestamp-authority]]
name = "Acme TSA"
certificate = \"\"\"
{certificate()}\"\"\"
valid-from = 2026-01-01T00:00:00Z

[policy]
signatures-required = 2
timestamp = "required"
roles-required = ["preparer"]
"""


@pytest.fixture
def write(tmp_path):
    def write(text, mode=0o644, name="trust.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    return write


def refused(act):
    with pytest.raises(UndecidedError) as caught:
        act()
    assert "\n" not in str(caught.value)
    return caught.value.code


def test_everything_that_a_file_says_is_read(write):
    path = write(WHOLE)
    trust = Trust.from_file(path)
    one, two = trust.signers
    assert one == TrustedSigner(
        name="Acme platform, production exports",
        key=key(1),
        valid_from=parse_instant("2026-01-01T00:00:00Z"),
        valid_until=parse_instant("2028-01-01T00:00:00.5Z"),
        revoked_at=parse_instant("2027-01-01T00:00:00Z"),
        revoked_reason="key-compromise",
        environments=("production",),
        roles=("preparer", "responder"),
    )
    assert two == TrustedSigner(name="two", key=key(2))
    assert trust.keys == (key(1), key(2))
    assert [authority.name for authority in trust.authorities] == ["Acme TSA"]
    assert trust.authorities[0].certificates[0].startswith(b"0\x81")
    assert trust.policy == Policy(
        signatures_required=2, roles_required=("preparer",), timestamp="required"
    )
    assert trust.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "trust.empty"),
        ("# nobody\n", "trust.empty"),
        ("[policy]\nsignatures-required = 1\n", "trust.empty"),
        ("[[signer]\n", "trust.syntax"),
        ("[" * 50_000, "trust.syntax"),
        (b"[policy]\n\xff = 1\n", "trust.syntax"),
        (ONE + ONE.replace('"one"', '"two"'), "trust.duplicate"),
        (ONE + ONE.replace(key(1).to_openssh(), key(2).to_openssh()), "trust.duplicate"),
        (ONE + "name = 'x'\n", "trust.syntax"),
        (ONE + "[more]\n", "trust.unknown-name"),
        (ONE + "environment = ['x']\n", "trust.unknown-name"),
        (ONE + "[policy]\nsignatures_required = 2\n", "trust.unknown-name"),
        (ONE.replace("[[signer]]", "[signer]"), "trust.value"),
        (ONE.replace('name = "one"\n', ""), "trust.value"),
        (ONE.replace('"one"', '""'), "trust.value"),
        (ONE.replace('"one"', "7"), "trust.value"),
        (ONE.replace("AAAA", "AAA"), "trust.key"),
        (ONE + "environments = []\n", "trust.value"),
        (ONE + "environments = 'x'\n", "trust.value"),
        (ONE + "roles = [7]\n", "trust.value"),
        (ONE + "valid-from = 2026-01-01T00:00:00\n", "trust.value"),
        (ONE + "valid-from = 2026-01-01\n", "trust.value"),
        (ONE + "valid-from = '2026-01-01T00:00:00Z'\n", "trust.value"),
        (ONE + "valid-from = 0001-01-01T00:00:00+23:59\n", "trust.value"),
        (ONE + "valid-until = 9999-12-31T23:59:59-00:01\n", "trust.value"),
        (
            ONE + "valid-from = 2026-01-01T00:00:00Z\nvalid-until = 2026-01-01T00:00:00Z\n",
            "trust.value",
        ),
        (ONE + "revoked-reason = 'superseded'\n", "trust.value"),
        (ONE + "revoked-at = 2026-01-01T00:00:00Z\nrevoked-reason = 'lost'\n", "trust.value"),
        (ONE + "[policy]\nsignatures-required = 0\n", "trust.value"),
        (ONE + "[policy]\nsignatures-required = true\n", "trust.value"),
        (ONE + "[policy]\nsignatures-required = 17\n", "trust.value"),
        (ONE + "[policy]\ntimestamp = 'maybe'\n", "trust.value"),
        (ONE + "[policy]\nmaximum-age-days = 0\n", "trust.value"),
        (ONE + "[policy]\nminimum-format = '1'\n", "trust.value"),
        (ONE + "[policy]\nschemas = ['x']\n", "trust.value"),
        (ONE + "[policy]\ntimestamp = ['optional']\n", "trust.value"),
        (ONE + "[[policy]]\ntimestamp = 'optional'\n", "trust.value"),
        (ONE + "[[timestamp-authority]]\nname = 'x'\n", "trust.value"),
        (ONE + "[[timestamp-authority]]\nname = 'x'\ncertificate = 'x'\n", "trust.certificate"),
    ],
)
def test_whatever_is_wrong_has_its_own_code(write, text, code):
    path = write(text)
    assert refused(lambda: Trust.from_file(path)) == code


def test_all_that_a_policy_can_ask_is_read(write):
    digest = "ab" * 32
    text = f"[policy]\nmaximum-age-days = 400\nminimum-format = 1\nschemas = ['{digest}']\n"
    policy = Trust.from_file(write(ONE + text)).policy
    assert policy == Policy(maximum_age=400 * 86_400 * 10**9, schemas=(digest,))


def test_a_private_key_in_the_file_is_refused_and_not_shown(write):
    pem = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"
    path = write(f"[[signer]]\nname = 'x'\nkey = '''{pem}'''\n")
    with pytest.raises(UndecidedError) as caught:
        Trust.from_file(path)
    assert caught.value.code == "trust.key"
    assert "canary" not in f"{caught.value!r}{caught.value}{caught.value.hint}"


IDENTITY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def test_the_identity_key_cannot_be_planted_by_hand(write):
    """KEY-08: with it as a trusted key, one fixed signature would verify for every message."""
    path = write(f'[[signer]]\nname = "x"\nkey = "{IDENTITY}"\n')
    with pytest.raises(UndecidedError, match="low order"):
        Trust.from_file(path)
    with pytest.raises(UndecidedError, match="low order"):
        Trust.from_file(write(f"x {IDENTITY}\n", name="allowed_signers"))


def test_a_file_that_others_may_write_or_that_is_none_is_refused(write, tmp_path):
    for mode in (0o664, 0o646, 0o666):
        path = write(ONE, mode)
        assert refused(lambda path=path: Trust.from_file(path)) == "trust.too-open"
    os.mkfifo(tmp_path / "fifo")
    assert refused(lambda: Trust.from_file(tmp_path / "absent")) == "trust.missing"
    assert refused(lambda: Trust.from_file(tmp_path / "fifo")) == "trust.not-a-file"
    assert refused(lambda: Trust.from_file(write(b"#" * (4 << 20) + b"#"))) == "trust.size"


def test_nobody_is_not_a_trust():
    assert refused(lambda: Trust(signers=())) == "trust.empty"
    assert refused(lambda: Trust.from_keys([])) == "trust.empty"


def test_keys_are_trusted_without_conditions_and_each_once(write):
    a = write(key(1).to_pem(), name="a")
    b = write(key(1).to_openssh("x"), name="b")
    c = write(key(2).to_openssh(), name="c")
    trust = Trust.from_keys([a, b, c])
    assert trust.keys == (key(1), key(2))
    assert trust.signers[0] == TrustedSigner(name=key(1).fingerprint, key=key(1))
    assert trust.sha256 is None


def test_a_key_on_the_command_line_lifts_no_condition_of_the_file(write):
    trust = Trust.from_file(write(ONE + 'environments = ["production"]\n'))
    more = trust.with_keys([write(key(n).to_openssh(), name=f"k{n}") for n in (1, 2)])
    assert more.keys == (key(1), key(2))
    assert more.signers[0].environments == ("production",)
    assert more.sha256 == trust.sha256


OPTIONS = 'namespaces="file,evidence*",valid-after="20260101Z",valid-before="20280101120000Z"'
ALLOWED = f"""# comment

dana@acme,dana@home {key(1).to_openssh()} Dana Reyes
"ops team" {OPTIONS} {key(2).to_openssh()}
git@acme namespaces="git" {key(3).to_openssh()}
"""


def test_allowed_signers_are_read(write):
    one, two = Trust.from_file(write(ALLOWED, name="allowed_signers")).signers
    assert one == TrustedSigner(name="dana@acme,dana@home", key=key(1))
    assert two == TrustedSigner(
        name="ops team",
        key=key(2),
        valid_from=parse_instant("2026-01-01T00:00:00Z"),
        valid_until=parse_instant("2028-01-01T12:00:00Z"),
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f'git namespaces="git" {key(1).to_openssh()}', "trust.empty"),
        (f'x namespaces="!file,*" {key(1).to_openssh()}', "trust.value"),
        (f"x cert-authority {key(1).to_openssh()}", "trust.unknown-name"),
        (f'x valid-after="20260101" {key(1).to_openssh()}', "trust.value"),
        (f'x valid-after="20261301Z" {key(1).to_openssh()}', "trust.value"),
        (f'x touch-required="x" {key(1).to_openssh()}', "trust.unknown-name"),
        (key(1).to_openssh(), "trust.syntax"),
        ("x ssh-ed25519", "trust.syntax"),
        ("x ssh-ed25519 AAAA", "trust.key"),
        ("x ssh-rsa AAAA", "trust.key"),
        ("just words", "trust.syntax"),
        (b"x \xff", "trust.syntax"),
        (f"x {key(1).to_openssh()}\ny {key(1).to_openssh()}", "trust.duplicate"),
    ],
)
def test_allowed_signers_that_cannot_be_said_in_our_terms_are_refused(write, line, code):
    path = write(line, name="allowed_signers")
    assert refused(lambda: Trust.from_file(path)) == code


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_code(data):
    for parse in (parse_trust, parse_allowed_signers):
        with pytest.raises(UndecidedError, match=r"^trust file"):
            parse(data)


SIGNER = TrustedSigner(
    name='Dana "D" Reyes, ünïcode \\ [[signer]]',
    key=key(3),
    valid_from=parse_instant("2026-01-01T00:00:00Z"),
    valid_until=parse_instant("2027-01-01T00:00:00.25Z"),
    environments=("production", "a b"),
    roles=("reviewer",),
)


def test_what_was_added_is_read_back_and_the_rest_is_left_alone(write, tmp_path):
    path = write(WHOLE)
    before = Trust.from_file(path)
    add_signer(path, SIGNER)
    assert Trust.from_file(path).signers == (*before.signers, SIGNER)
    assert path.read_text().startswith(WHOLE)
    fresh = tmp_path / "fresh.toml"
    add_signer(fresh, SIGNER)
    assert Trust.from_file(fresh).signers == (SIGNER,)
    assert not fresh.stat().st_mode & 0o022


def test_nothing_is_added_twice_or_to_a_file_that_does_not_parse(write):
    path = write(WHOLE)
    assert (
        refused(lambda: add_signer(path, TrustedSigner(name="x", key=key(1)))) == "trust.duplicate"
    )
    assert (
        refused(lambda: add_signer(path, TrustedSigner(name="two", key=key(4))))
        == "trust.duplicate"
    )
    assert path.read_text() == WHOLE
    broken = write("[[signer\n", name="broken")
    assert refused(lambda: add_signer(broken, SIGNER)) == "trust.syntax"
    allowed = write(ALLOWED, name="allowed_signers")
    assert refused(lambda: add_signer(allowed, SIGNER)) == "trust.syntax"
    assert allowed.read_text() == ALLOWED


@pytest.mark.parametrize("name", ["a\nb", "\x7f", "\x1b[2J", "\u202e", "tab\t"])
def test_any_name_comes_back(write, name):
    path = write(WHOLE)
    add_signer(path, TrustedSigner(name=name, key=key(5)))
    assert Trust.from_file(path).signers[-1].name == name
    assert all(char.isprintable() for char in path.read_text().replace("\n", ""))


@pytest.mark.parametrize("which", ["two", key(2).fingerprint])
def test_a_revocation_goes_into_the_block_of_its_key(write, which):
    path = write(WHOLE)
    instant = parse_instant("2027-06-01T12:00:00Z")
    wanted = revoke(path, which, at=instant + 123_456_789, reason="superseded")
    after = Trust.from_file(path)
    assert after.signers[1] == wanted
    assert (wanted.revoked_at, wanted.revoked_reason) == (instant, "superseded")
    assert after.signers[0] == parse_trust(WHOLE.encode())[0][0]
    added = 'revoked-at = 2027-06-01T12:00:00Z\nrevoked-reason = "superseded"\n'
    assert path.read_text().replace(added, "") == WHOLE
    assert refused(lambda: revoke(path, which, at=instant, reason="left")) == "trust.revoked"


def test_a_revocation_that_cannot_be_written_changes_nothing(write):
    inline = f'signer = [{{name = "x", key = "{key(1).to_openssh()}"}}]\n'
    path = write(f"[policy]\n[[signer]]\nname='y'\nkey='{key(2).to_openssh()}'\n")
    before = path.read_bytes()
    assert refused(lambda: revoke(path, "z", at=0, reason="left")) == "trust.unknown-name"
    assert refused(lambda: revoke(path, "y", at=0, reason="nonsense")) == "trust.value"
    assert path.read_bytes() == before
    other = ONE.replace(key(1).to_openssh(), key(2).to_openssh())
    name = "'''x\n[[signer]]\n'''"  # looks like a block of its own
    fake = write(f"[[signer]]\nname = {name}\nkey = '{key(1).to_openssh()}'\n{other}")
    before = fake.read_bytes()
    assert refused(lambda: revoke(fake, "one", at=0, reason="left")) == "trust.edit"
    assert fake.read_bytes() == before
    assert refused(lambda: revoke(write(inline), "x", at=0, reason="left")) == "trust.syntax"


def test_an_authority_is_added_with_its_certificate(write):
    path = write(ONE)
    authority = add_authority(path, "Acme TSA", write(certificate(), name="tsa.pem"))
    assert Trust.from_file(path).authorities == (authority,)
    empty = write("nothing", name="empty.pem")
    assert refused(lambda: add_authority(path, "x", empty)) == "trust.certificate"


def test_lint_names_what_its_owner_may_want_to_know():
    signers, authorities, policy = parse_trust(WHOLE.encode())
    told = lint(signers, authorities, policy, at=parse_instant("2027-12-20T00:00:00Z"))
    assert told == (
        "policy: 2 signatures required of 1 keys",
        "policy: role preparer is required, and nobody has it",
        "Acme platform, production exports: valid until 2028-01-01T00:00:00.500Z only",
        "Acme platform, production exports: revoked 2027-01-01T00:00:00Z (key-compromise)",
        "two: may sign for any environment",
    )
    told = lint(signers[:1], (), policy, at=parse_instant("2029-01-01T00:00:00Z"))
    assert "policy: a time-stamp is required, and no authority is named" in told
    assert any("not valid since 2028" in line for line in told)
    told = lint(signers, authorities, policy, at=0)
    assert any(line == "Acme TSA: not valid before 2026-01-01T00:00:00Z" for line in told)


def test_an_edit_leaves_the_mode_of_the_file(write):
    path = write(ONE, 0o600)
    add_signer(path, SIGNER)
    assert path.stat().st_mode & 0o777 == 0o600
