"""Time-stamps: an authority of openssl's is believed when pinned, and no forgery ever is."""

import hashlib
import json
import os
import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import der
from evidencekit.core.dsse import Signed
from evidencekit.core.instant import NANOSECONDS, parse_instant
from evidencekit.core.publickey import ED25519, PublicKey
from evidencekit.core.report import Outcome
from evidencekit.core.timestamp import Token, plain_response, write_request
from evidencekit.core.trusted import Authority, Policy, TrustedSigner, certificates
from evidencekit.edges.stamps import judge_tokens
from evidencekit.edges.timestamp import request_token, stamper, verify_token
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError

CORPORA = Path(__file__).parents[1].parent / "shared" / "corpora" / "rfc3161-client"
DATA = b"the 64 bytes of a signature"
NOW = parse_instant("2026-04-23T00:00:00Z")
WHEN = datetime(2026, 4, 23, tzinfo=UTC)
SHA256, SHA1 = (bytes.fromhex(h) for h in ("0609608648016503040201", "06052b0e03021a"))
ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")
RSA_ANY = bytes.fromhex("06092a864886f70d010101")
NULL = der.write(der.NULL)
OIDS = {
    name: bytes.fromhex(text)
    for name, text in {
        "signed data": "06092a864886f70d010702",
        "time-stamp": "060b2a864886f70d0109100104",
        "content type": "06092a864886f70d010903",
        "digest": "06092a864886f70d010904",
        "certificate": "060b2a864886f70d010910022f",
        "old certificate": "060b2a864886f70d010910020c",
        "policy": "06042a030401",
    }.items()
}


def sequence(*parts):
    return der.write(der.SEQUENCE, *parts)


def a_set(*parts):
    return der.write(der.SET, *parts)


def issue(name, key, issuer=None, **changes):
    """Return a certificate: a root without an issuer, else one that may stamp."""
    by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    settings = {
        "start": WHEN - timedelta(days=1),
        "end": WHEN + timedelta(days=1),
        "ca": issuer is None,
        "purposes": [ExtendedKeyUsageOID.TIME_STAMPING],
        "critical": True,
        "hash": hashes.SHA256(),
        "serial": 7 if issuer else 1,
    } | changes
    builder = (
        x509.CertificateBuilder()
        .subject_name(by)
        .issuer_name(issuer[0].subject if issuer else by)
        .public_key(key.public_key())
        .serial_number(settings["serial"])
        .not_valid_before(settings["start"])
        .not_valid_after(settings["end"])
        .add_extension(x509.BasicConstraints(ca=settings["ca"], path_length=None), critical=True)
    )
    if issuer and settings["purposes"]:
        usage = x509.ExtendedKeyUsage(settings["purposes"])
        builder = builder.add_extension(usage, critical=settings["critical"])
    return builder.sign(issuer[1] if issuer else key, settings["hash"])


def raw(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


ROOT_KEY, TSA_KEY, EVIL_KEY = (ec.derive_private_key(3**150 + n, ec.SECP256R1()) for n in range(3))
ROOT = issue("Test Root", ROOT_KEY)
TSA = issue("Test TSA", TSA_KEY, (ROOT, ROOT_KEY))
PINNED = Authority(name="Test TSA", certificates=(raw(TSA), raw(ROOT)))
SELF_SIGNED = issue("Test TSA", EVIL_KEY, (TSA, EVIL_KEY))


def sign(key, data):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def forge(**changes):
    """Return a TimeStampResp made by hand; each change is one part written otherwise."""
    c = {
        "status": sequence(der.write_integer(0)),
        "data": DATA,
        "hash": "sha256",
        "hash_oid": SHA256,
        "imprint": None,
        "time": b"20260423000000Z",
        "nonce": der.write_integer(5),
        "info_version": 1,
        "more_info": b"",
        "key": TSA_KEY,
        "certificate": TSA,
        "named": None,  # the certificate that the token says signed it
        "hashed": None,
        "company": None,
        "attributes": [],
        "drop": (),
        "content_type": OIDS["time-stamp"],
        "digest": None,
        "digest_oid": SHA256,
        "outer_oid": SHA256,
        "algorithm": sequence(ECDSA_SHA256),
        "signature": None,
        "version": 3,
        "signer_version": 1,
        "after": b"",
        "infos": 1,
        "tail": b"",
    } | changes
    imprint = c["imprint"] or hashlib.new(c["hash"], c["data"]).digest()
    info = sequence(
        der.write_integer(c["info_version"]),
        OIDS["policy"],
        sequence(sequence(c["hash_oid"], NULL), der.write(der.OCTETS, imprint)),
        der.write_integer(9),
        der.write(der.TIME, c["time"]),
        c["nonce"],
        c["more_info"],
    )
    named, hashed = c["named"] or c["certificate"], c["hashed"] or c["named"] or c["certificate"]
    digest = c["digest"] or hashlib.sha256(info).digest()
    ess = sequence(der.write(der.OCTETS, hashlib.sha256(raw(hashed)).digest()))
    attributes = {
        "content type": c["content_type"],
        "digest": der.write(der.OCTETS, digest),
        "certificate": sequence(sequence(ess)),
    }
    written = [sequence(OIDS[n], a_set(v)) for n, v in attributes.items() if n not in c["drop"]]
    covered = b"".join(sorted([*written, *c["attributes"]], key=lambda one: (len(one), one)))
    signature = c["signature"] or sign(c["key"], a_set(covered))
    issuer = named.issuer.public_bytes()
    signer = sequence(
        der.write_integer(c["signer_version"]),
        sequence(issuer, der.write_integer(named.serial_number)),
        sequence(c["digest_oid"], NULL),
        der.write(der.CONTEXT_0, covered),
        c["algorithm"],
        der.write(der.OCTETS, signature),
        c["after"],
    )
    company = [raw(c["certificate"])] if c["company"] is None else c["company"]
    content = sequence(
        der.write_integer(c["version"]),
        a_set(sequence(c["outer_oid"], NULL)),
        sequence(OIDS["time-stamp"], der.write(der.CONTEXT_0, der.write(der.OCTETS, info))),
        der.write(der.CONTEXT_0, *company) if company else b"",
        a_set(*[signer] * c["infos"]),
    )
    token = sequence(OIDS["signed data"], der.write(der.CONTEXT_0, content))
    return sequence(c["status"], token) + c["tail"]


def verified(response, *authorities, data=DATA):
    return verify_token(response, data, authorities or (PINNED,), what="time-stamp")


def refused(response, *authorities, data=DATA):
    with pytest.raises(EvidenceError) as caught:
        verified(response, *authorities, data=data)
    assert str(caught.value).startswith("time-stamp: ")
    assert isinstance(caught.value, RejectedError) is (
        caught.value.code != "timestamp.unknown-authority"
    )
    return caught.value.code


def alone(certificate, *issuers, **window):
    chain = (raw(certificate), *map(raw, issuers))
    return Authority(name="Test TSA", certificates=chain, **window)


def test_a_token_of_a_pinned_authority_gives_its_time():
    stamped = verified(forge())
    assert (stamped.authority, stamped.instant) == ("Test TSA", NOW)
    assert verified(forge(), alone(TSA)) == stamped
    assert verified(forge(company=[]), PINNED) == stamped
    both = sorted([raw(ROOT), raw(TSA)])
    assert verified(forge(company=both)) == stamped
    assert verified(forge(company=both), alone(TSA)) == stamped
    assert verified(forge(time=b"20260423000000.25Z")).instant == NOW + NANOSECONDS // 4


def other(name="Other TSA", **changes):
    return issue(name, EVIL_KEY, (ROOT, ROOT_KEY), **{"serial": 8, **changes})


SMALL_RSA = rsa.generate_private_key(65537, 1024)  # noqa: S505 (it is to be refused)
RSA_KEY = rsa.generate_private_key(65537, 2048)
OLD_ESS = sequence(OIDS["old certificate"], a_set(sequence(sequence(sequence(
    der.write(der.OCTETS, hashlib.sha1(raw(TSA)).digest())  # noqa: S324 (RFC 2634)
)))))  # fmt: skip

FORGERIES = {
    "another signature stamped": ({"data": b"other"}, "imprint"),
    "imprint of other bytes": ({"imprint": b"\0" * 32}, "imprint"),
    "imprint by SHA-1": ({"hash": "sha1", "hash_oid": SHA1}, "form"),
    "imprint by MD5": ({"hash": "md5", "hash_oid": bytes.fromhex("06082a864886f70d0205")}, "form"),
    "imprint of the wrong length": ({"hash": "sha512"}, "form"),
    "signed by another key": ({"key": EVIL_KEY}, "signature"),
    "signature of zeros": ({"signature": b"\0" * 70}, "signature"),
    "self-signed authority that names the pinned one": (
        {"key": EVIL_KEY, "certificate": SELF_SIGNED, "named": TSA},
        "signature",
    ),
    "pinned by number, other by hash": (
        {"hashed": other(serial=7), "key": EVIL_KEY},
        "certificates",
    ),
    "pinned by hash, other by number": (
        {"named": other(), "hashed": TSA, "key": EVIL_KEY},
        "certificates",
    ),
    "a stranger in its company": (
        {"company": sorted([raw(TSA), raw(SELF_SIGNED)])},
        "certificates",
    ),
    "another certificate of the pinned root": (
        {"company": sorted([raw(TSA), raw(issue("Test Root", ROOT_KEY, serial=9))])},
        "certificates",
    ),
    "certificates out of order": (
        {"company": sorted([raw(TSA), raw(ROOT)], reverse=True)},
        "form",
    ),
    "damaged certificate in its company": (
        {"company": [raw(TSA)[:-1] + bytes([raw(TSA)[-1] ^ 1])]},
        "certificates",
    ),
    "no certificate but bytes": ({"company": [sequence(NULL)]}, "form"),
    "digest of another info": ({"digest": b"\0" * 32}, "form"),
    "signed as other content": ({"content_type": OIDS["signed data"]}, "form"),
    "no content type": ({"drop": ("content type",)}, "form"),
    "no digest": ({"drop": ("digest",)}, "form"),
    "no certificate named": ({"drop": ("certificate",)}, "form"),
    "an attribute twice": (
        {"attributes": [sequence(OIDS["content type"], a_set(OIDS["time-stamp"]))]},
        "form",
    ),
    "another digest outside": ({"outer_oid": bytes.fromhex("0609608648016503040202")}, "form"),
    "SHA-1 digest": ({"digest_oid": SHA1, "outer_oid": SHA1}, "form"),
    "another algorithm named": ({"algorithm": sequence(RSA_ANY, NULL)}, "signature"),
    "unsigned attributes": ({"after": der.write(der.CONTEXT_1, sequence(NULL))}, "form"),
    "no signer": ({"infos": 0}, "form"),
    "two signers": ({"infos": 2}, "form"),
    "version 1": ({"version": 1}, "form"),
    "signer version 3": ({"signer_version": 3}, "form"),
    "info version 2": ({"info_version": 2}, "form"),
    "two nonces": ({"more_info": der.write_integer(6)}, "form"),
    "time without zone": ({"time": b"20260423000000"}, "form"),
    "time with offset": ({"time": b"20260423000000+0000"}, "form"),
    "time with a trailing zero": ({"time": b"20260423000000.50Z"}, "form"),
    "impossible time": ({"time": b"20260231000000Z"}, "form"),
    "bytes after the response": ({"tail": b"\0"}, "form"),
    "a second response": ({"tail": sequence(NULL)}, "form"),
    "words in the status": (
        {"status": sequence(der.write_integer(0), sequence(der.write(0x0C, b"fine")))},
        "form",
    ),
    **{
        f"status {number}": ({"status": sequence(der.write_integer(number))}, "status")
        for number in (1, 2, 3, 4, 5, -1, 256)
    },
}


@pytest.mark.parametrize("name", FORGERIES)
def test_no_forged_token_is_believed(name):
    changes, what = FORGERIES[name]
    assert refused(forge(**changes)) == f"timestamp.{what}"


def test_there_are_thirty_forgeries_and_more():
    assert len(FORGERIES) >= 30


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"purposes": []}, "purpose"),
        ({"critical": False}, "purpose"),
        ({"purposes": [ExtendedKeyUsageOID.SERVER_AUTH]}, "purpose"),
        (
            {"purposes": [ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.SERVER_AUTH]},
            "purpose",
        ),
        ({"ca": True}, "purpose"),
        ({"end": WHEN - timedelta(seconds=1)}, "chain"),
        ({"start": WHEN + timedelta(seconds=1)}, "chain"),
    ],
)
def test_a_certificate_that_may_not_stamp_is_refused_even_when_pinned(changes, what):
    certificate = other(**changes)
    token = forge(key=EVIL_KEY, certificate=certificate)
    for authority in (alone(certificate, ROOT), alone(certificate)):
        assert refused(token, authority) == f"timestamp.{what}"


def test_a_chain_is_judged_at_the_time_of_the_stamp_and_link_by_link():
    old = issue("Test Root", ROOT_KEY, end=WHEN - timedelta(seconds=1))
    assert refused(forge(), alone(TSA, old)) == "timestamp.chain"
    assert refused(forge(), alone(TSA, issue("Test Root", EVIL_KEY))) == "timestamp.chain"
    leaf = issue("Test Root", ROOT_KEY, (ROOT, ROOT_KEY))
    assert refused(forge(), alone(TSA, leaf)) == "timestamp.chain"  # no authority, so no issuer
    expired_now = datetime.now(UTC) > TSA.not_valid_after_utc
    assert expired_now
    verified(forge())  # and valid at genTime


def test_the_window_of_an_authority_is_judged_at_the_time_of_the_stamp():
    assert verified(forge(), alone(TSA, ROOT, valid_from=NOW, valid_until=NOW + 1))
    assert refused(forge(), alone(TSA, ROOT, valid_until=NOW)) == "timestamp.validity"
    assert refused(forge(), alone(TSA, ROOT, valid_from=NOW + 1)) == "timestamp.validity"


@pytest.mark.parametrize(("key", "good"), [(RSA_KEY, True), (SMALL_RSA, False)])
def test_rsa_authorities_need_2048_bits(key, good):
    certificate = issue("RSA TSA", key, (ROOT, ROOT_KEY))
    token = forge(key=key, certificate=certificate, algorithm=sequence(RSA_ANY, NULL))
    if good:
        assert verified(token, alone(certificate, ROOT)).instant == NOW
    else:
        assert refused(token, alone(certificate, ROOT)) == "timestamp.signature"


def test_a_damaged_root_in_its_company_is_refused_though_nobody_names_a_root():
    damaged = raw(ROOT)[:-1] + bytes([raw(ROOT)[-1] ^ 1])
    token = forge(company=sorted([raw(TSA), damaged]))
    assert refused(token, alone(TSA)) == "timestamp.certificates"


def test_an_ed25519_authority_is_not_accepted():
    key = ed25519.Ed25519PrivateKey.generate()
    certificate = issue("Ed TSA", key, (ROOT, ROOT_KEY))
    token = forge(certificate=certificate)
    assert refused(token, alone(certificate, ROOT)) == "timestamp.signature"


def test_the_oldest_way_to_name_a_certificate_is_read_too():
    token = forge(drop=("certificate",), attributes=[OLD_ESS])
    assert verified(token).instant == NOW


@pytest.mark.parametrize("authorities", [(alone(other()),), (alone(other(), ROOT), alone(ROOT))])
def test_an_authority_that_is_not_pinned_counts_as_absent(authorities):
    """TSA-01: that a root is known, or that a token brings its own certificate, means nothing."""
    assert refused(forge(), *authorities) == "timestamp.unknown-authority"
    assert refused(forge(company=[]), *authorities) == "timestamp.unknown-authority"
    attacker = forge(key=EVIL_KEY, certificate=SELF_SIGNED)
    assert refused(attacker, PINNED) == "timestamp.unknown-authority"
    assert refused(forge(key=EVIL_KEY), *authorities) == "timestamp.signature"


@pytest.mark.parametrize("authority", [PINNED, alone(other())], ids=["pinned", "unknown"])
def test_every_flipped_bit_rejects(authority):
    token = forge()
    for at in range(len(token)):
        for bit in range(8):
            flipped = bytearray(token)
            flipped[at] ^= 1 << bit
            with pytest.raises(RejectedError):
                verified(bytes(flipped), authority)


def test_every_cut_rejects():
    token = forge()
    for end in range(len(token)):
        assert refused(token[:end]) == "timestamp.form"


@given(st.binary(max_size=200), st.integers(0, 900), st.integers(0, 900))
def test_any_bytes_anywhere_give_a_coded_refusal(data, start, end):
    token = forge()
    assert refused(data)
    changed = token[:start] + data + token[max(start, end) :]
    if changed != token:
        assert refused(changed)


def test_a_huge_answer_is_not_read():
    assert refused(b"\0" * 65_537) == "timestamp.size"


# -- asking an authority


def asked(answer, nonce=5):
    return request_token("http://tsa.example/tsr?x", DATA, post=lambda *_: answer, nonce=nonce)


def test_a_good_answer_is_kept_without_the_words_of_its_status():
    words = sequence(der.write_integer(0), sequence(der.write(0x0C, b"Operation Okay")))
    assert asked(forge(status=words)) == asked(forge()) == forge()
    both = sorted([raw(ROOT), raw(TSA)])
    assert asked(forge(company=both[::-1])) == forge(company=both)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "timestamp.form"),
        (b"<html>nope</html>", "timestamp.form"),
        (b"\0" * 10_000_000, "timestamp.size"),
        (sequence(sequence(der.write_integer(2))), "timestamp.status"),
        (sequence(sequence(der.write_integer(0))), "timestamp.form"),
        (forge(status=sequence(der.write_integer(1))), "timestamp.status"),
        (forge(data=b"other"), "timestamp.imprint"),
        (forge(key=EVIL_KEY), "timestamp.signature"),
        (forge(nonce=b""), "timestamp.nonce"),
        (forge(nonce=der.write_integer(6)), "timestamp.nonce"),
        (forge(nonce=der.write_integer(-5)), "timestamp.nonce"),
        (forge(nonce=der.write_integer(5 + 2**64)), "timestamp.nonce"),
        (forge(company=[]), "timestamp.certificate"),
        (forge() + b"\0", "timestamp.form"),
    ],
)
def test_what_does_not_answer_the_question_is_not_kept(answer, code):
    with pytest.raises(UndecidedError) as caught:
        asked(answer)
    assert caught.value.code == code
    assert str(caught.value).startswith("http://tsa.example/tsr: ")


def test_a_url_that_is_none_is_refused_unread():
    with pytest.raises(UndecidedError) as caught:
        request_token("http://user:canary@tsa/", DATA, post=lambda *_: b"", nonce=1)
    assert caught.value.code == "timestamp.url"
    assert "canary" not in str(caught.value)


# -- judging what a bundle brings


def public(seed):
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return PublicKey(algorithm=ED25519, raw=private.public_key().public_bytes_raw())


def signed(*tokens, seed=1):
    return Signed(payload=b"", key=public(seed), signature=DATA, tokens=tokens)


def judged(*found, authorities=(PINNED,), timestamp="optional", at=NOW, last_event=None):
    signers = tuple(TrustedSigner(name=f"s{n}", key=public(n)) for n in (1, 2))
    policy = Policy(timestamp=timestamp)
    trust = Trust(signers=signers, authorities=authorities, policy=policy)
    stamps = judge_tokens(trust, found, at=at, last_event=last_event)
    assert stamps.check.name == "timestamp"
    return stamps.check.outcome, [f.code for f in stamps.check.faults], dict(stamps.proven)


def test_the_first_proven_time_of_each_key_is_given():
    later = forge(time=b"20260423000001Z")
    outcome, faults, proven = judged(signed(later, forge()), signed(later, seed=2), at=NOW)
    assert (outcome, faults) == (Outcome.PASS, [])
    assert proven == {public(1): NOW, public(2): NOW + NANOSECONDS}


def test_without_a_token_the_policy_decides():
    assert judged(signed()) == (Outcome.NOT_ASKED, [], {})
    required = judged(signed(), timestamp="required")
    assert required == (Outcome.FAIL, ["timestamp.missing"], {})
    half = judged(signed(forge()), signed(seed=2), timestamp="required")
    assert half[:2] == (Outcome.FAIL, ["timestamp.missing"])
    assert judged(timestamp="required")[0] is Outcome.FAIL
    assert judged(signed(forge()), timestamp="required")[0] is Outcome.PASS


def test_an_unknown_authority_is_absent_and_where_one_is_required_undecided():
    assert judged(signed(forge()), authorities=()) == (Outcome.NOT_ASKED, [], {})
    outcome, faults, proven = judged(signed(forge()), authorities=(), timestamp="required")
    assert (outcome, faults, proven) == (Outcome.UNDECIDED, ["timestamp.unknown-authority"], {})


def test_a_wrong_token_rejects_beside_a_good_one():
    outcome, faults, _ = judged(signed(forge(), forge(data=b"x")))
    assert (outcome, faults) == (Outcome.FAIL, ["timestamp.imprint"])


def test_time_order_holds_within_five_minutes_of_skew():
    minute = 60 * NANOSECONDS
    assert judged(signed(forge()), last_event=NOW + 5 * minute)[0] is Outcome.PASS
    late = judged(signed(forge()), last_event=NOW + 5 * minute + 1)
    assert late == (Outcome.FAIL, ["timestamp.order"], {})
    assert judged(signed(forge()), at=NOW - 5 * minute)[0] is Outcome.PASS
    early = judged(signed(forge()), at=NOW - 5 * minute - 1)
    assert early == (Outcome.UNDECIDED, ["timestamp.future"], {})


# -- a real authority, and other people's tokens


@pytest.fixture(scope="module")
def openssl_authority(tmp_path_factory):
    """Return a folder with a P-256 authority, and a function that answers as its server would."""
    folder = tmp_path_factory.mktemp("tsa")
    now = datetime.now(UTC)
    span = {"start": now - timedelta(days=1), "end": now + timedelta(days=1)}
    root, tsa = issue("Root", ROOT_KEY, **span), None
    tsa = issue("TSA", TSA_KEY, (root, ROOT_KEY), **span)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    (folder / "tsa.pem").write_bytes(tsa.public_bytes(pem))
    none = serialization.NoEncryption()
    (folder / "tsa.key").write_bytes(TSA_KEY.private_bytes(pem, pkcs8, none))
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_cert = tsa.pem\n"
        "signer_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\n"
        "digests = sha256, sha512\ness_cert_id_alg = sha256\n"
    )

    def post(_url, query):
        (folder / "q").write_bytes(query)
        openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q", "-out", "r")
        return (folder / "r").read_bytes()

    return folder, post, alone(tsa, root)


def openssl(folder, *words):
    command = ["openssl", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 (our words)


def test_an_openssl_authority_answers_our_question_and_openssl_accepts_the_token(openssl_authority):
    folder, post, authority = openssl_authority
    (token,) = stamper(["http://localhost/"], post=post, nonce=lambda: 2**63 + 1)(DATA)
    assert verified(token, authority).authority == "Test TSA"
    assert Token.from_bytes(token).info.nonce == 2**63 + 1
    (folder / "token").write_bytes(token)
    (folder / "data").write_bytes(DATA)
    openssl(folder, "ts", "-verify", "-in", "token", "-data", "data", "-CAfile", "root.pem")


def test_our_question_is_the_one_openssl_asks(openssl_authority):
    folder, *_ = openssl_authority
    (folder / "data").write_bytes(DATA)
    (folder / "ours").write_bytes(write_request(DATA, 77))
    command = ["openssl", "ts", "-query", "-in", "ours", "-text"]
    shown = subprocess.check_output(command, cwd=folder, text=True)  # noqa: S603 (our words)
    assert "Hash Algorithm: sha256" in shown
    assert "Nonce: 0x4D" in shown
    assert "Certificate required: yes" in shown


def test_openssl_accepts_what_is_forged_well_here(tmp_path):
    """The maker of the forgeries makes good tokens too, or its bad ones would prove nothing."""
    (tmp_path / "token").write_bytes(forge())
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "root.pem").write_bytes(ROOT.public_bytes(serialization.Encoding.PEM))
    words = "ts -verify -in token -data data -CAfile root.pem -attime"
    openssl(tmp_path, *words.split(), str(NOW // NANOSECONDS))


def chain_of(path):
    """Return the certificates of a file, the one that may stamp first and then its issuers."""
    data = path.read_bytes()
    is_pem = data.startswith(b"-----") or b"-----BEGIN" in data
    ders = certificates(data, "x") if is_pem else (data,)
    found = [x509.load_der_x509_certificate(each) for each in ders]
    chain = [
        one
        for one in found
        if not any(one.subject == other.issuer for other in found if other is not one)
    ]
    while issuers := [one for one in found if one not in chain and one.subject == chain[-1].issuer]:
        chain.append(issuers[0])
    return chain


def normal(path):
    """Return a response as a collector would keep it."""
    return plain_response(path.read_bytes())[1]


def corpus():
    if not CORPORA.exists():
        pytest.skip(f"{CORPORA} is absent")
    return json.loads((CORPORA / "expected.json").read_bytes())


def message_of(entry):
    if "message_utf8" in entry:
        return entry["message_utf8"].encode()
    return (CORPORA / entry["message_file"]).read_bytes() if "message_file" in entry else b"hello"


def test_tokens_of_other_projects_get_the_verdict_they_name():
    """TSA-10. Those to accept are accepted with their authority pinned, which is our one way."""
    count = 0
    for entry in corpus():
        path = CORPORA / entry["tsr"]
        folder = path.parent
        pinned = folder / "good-tsa-cert.pem"
        roots = chain_of(CORPORA / entry["roots"])
        chain = [*chain_of(pinned), *roots] if pinned.exists() else roots
        count += 1
        if entry["verdict"].startswith("accept"):
            assert verified(normal(path), alone(*chain), data=message_of(entry)), entry
        else:
            refused(normal(path), alone(*chain), data=message_of(entry))
    assert count == 12


def test_the_attackers_authorities_are_never_believed_whatever_is_pinned():
    corpus()
    home = CORPORA / "home-made"
    message = (home / "message.bin").read_bytes()
    root, tsa = chain_of(home / "good-root.pem"), chain_of(home / "good-tsa-cert.pem")
    for name in ("attacker-selfsigned-tsa.tsr", "attacker-own-ca-tsa.tsr"):
        for chain in (root, tsa, [*tsa, *root]):
            with pytest.raises(EvidenceError):
                verified((home / name).read_bytes(), alone(*chain), data=message)


def test_every_file_of_the_corpus_is_read_or_refused_with_a_code():
    corpus()
    for path in sorted(CORPORA.rglob("*")):
        if path.is_file():
            assert verified_or_code(path.read_bytes())


def verified_or_code(data):
    try:
        return verified(data)
    except EvidenceError as error:
        return error.code


@pytest.mark.slow
def test_a_million_damaged_tokens_are_refused_with_a_code_and_never_crash():
    dice, good = random.Random(3161), forge()  # noqa: S311 (a dice, no secret)
    executions = int(os.environ.get("EVIDENCEKIT_FUZZ_TOKENS", "1000000"))
    for _ in range(executions):
        data = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(data))
            match dice.randrange(4):
                case 0:
                    data[at] ^= 1 << dice.randrange(8)
                case 1:
                    del data[at : at + dice.randint(1, 8)]
                case 2:
                    data[at:at] = dice.randbytes(dice.randint(1, 8))
                case _:
                    data[at : at + 2] = dice.choice((b"\x30\x80", b"\x02\x01", b"\xff\xff"))
        try:
            verify_token(bytes(data), DATA, (PINNED,), what="token")
        except (RejectedError, UndecidedError) as error:
            assert error.code.startswith("timestamp.")  # noqa: PT017
        else:
            assert bytes(data) == good
