"""A trust file's policy: what the page knows of it, and what it cannot tell without time-stamps."""

import shutil
import time

import pytest
from authority import Authority
from catalogue import ALICE

from evidencekit.collector import collect
from evidencekit.core.manifest import Context
from evidencekit.core.trusted import _POLICY
from evidencekit.edges import trustfile
from evidencekit.edges.stamping import http_stamper
from evidencekit.edges.trust import Trust
from evidencekit.validation import Obtained, Plan
from evidencekit.verifier import verify

DAY = 86_400 * 10**9


@pytest.fixture(scope="module")
def stamped(shop, tmp_path_factory):
    """A bundle that is signed now and stamped, and a function that writes a trust file for it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("stamped")
    authority = Authority(folder)
    source, now = shop.folder / "stamped.json", time.time_ns() // 10**9 * 10**9
    source.write_bytes(shop.members["data/export/events.json"])
    made = collect(
        Obtained(path=source, format="json", received_as="export"),
        Plan(context=Context(environment="production")),
        signer=ALICE, output=folder / "stamped.zip", now=now, jobs=1,
        stamp=http_stamper((authority.url,)),
    )  # fmt: skip
    authority.close()

    def trusting(name, *policy):
        path = shop.trust(name)
        path.chmod(0o600)
        trustfile.add_authority(
            path, "TSA", folder / "chain.pem", valid_from=None, valid_until=None
        )
        path.write_text("\n".join([path.read_text("utf-8"), "[policy]", *policy, ""]))
        return path

    return made.path, trusting, now


def asked(node, page, path, trust, at):
    request = {"path": str(path), "keys": [str(trust)], "fingerprint": "", "at": str(at)}
    (report,) = node("judge.mjs", page, [request])
    checks = {check["name"]: check for check in report["checks"]}
    return report["verdict"], [fault["code"] for fault in checks["trust"]["faults"]]


@pytest.mark.parametrize("days", [1, 30])
def test_the_age_of_a_stamped_signature_cannot_be_told_here(stamped, node, page, days):
    path, trusting, now = stamped
    trust, at = trusting(f"aged-{days}", f"maximum-age-days = {days}"), now + 2 * DAY
    report = verify(path, trust=Trust.from_file(trust), at=at, jobs=1).report
    python = next(check for check in report.checks if check.name == "trust")
    assert str(python.outcome) == ("pass" if days == 30 else "fail")
    assert [fault.code for fault in python.faults] == ([] if days == 30 else ["trust.age"])
    verdict, codes = asked(node, page, path, trust, at)
    assert (verdict, codes) == ("undecided", ["timestamp.not-read"])


def test_without_a_rule_of_age_the_stamp_is_not_missed(stamped, node, page):
    path, trusting, now = stamped
    trust = trusting("unaged", "minimum-format = 1")
    assert asked(node, page, path, trust, now) == ("accepted", [])


def test_the_page_knows_every_word_of_a_policy_that_python_knows(shop, cases, node, page):
    values = {
        "signatures-required": "1",
        "roles-required": "['preparer']",
        "timestamp": "'optional'",
        "maximum-age-days": "30",
        "minimum-format": "1",
        "schemas": f"['{'ab' * 32}']",
    }
    assert set(values) == _POLICY
    for word, value in values.items():
        trust = shop.trust(f"word-{word}", "[policy]", f"{word} = {value}")
        _, codes = asked(node, page, cases["array"].path, trust, 0)
        assert "trust.unknown-name" not in codes, word
        assert "trust.value" not in codes, word
