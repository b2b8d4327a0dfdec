"""``verify --cross`` asks another program whether a time-stamp of a pinned authority is one."""

import json
import shutil

import pytest

from evidencekit.edges.trustfile import add_authority


@pytest.fixture
def stamped(make, call, tsa, trust):
    bundle = make()
    code, _, err = call("timestamp", bundle, "--timestamp-url", tsa.url)
    assert code == 0, err
    add_authority(trust, "TSA", tsa.folder / "chain.pem")
    return bundle


def crossed(call, bundle):
    code, out, err = call("verify", bundle, "--cross", "--format", "json", "--jobs", "1")
    report = json.loads(out)
    said = [one for one in report["second_opinions"] if one["tool"] == "openssl ts"]
    return code, said, {check["name"]: check for check in report["checks"]}["cross"], err


def test_openssl_agrees_on_a_time_stamp(stamped, call):
    code, (said,), check, err = crossed(call, stamped)
    assert (code, said["verdict"], said["question"]) == (0, "accepts", "timestamp"), err
    assert "openssl ts" in check["message"]
    assert said["said"] == "Verification: OK"


def test_an_openssl_that_refuses_a_time_stamp_makes_it_undecided(
    stamped, call, tmp_path, monkeypatch
):
    real, place = shutil.which("openssl"), tmp_path / "path"
    place.mkdir()
    (place / "openssl").write_text(
        f'#!/bin/sh\n[ "$1" = ts ] || exec {real} "$@"\necho "Verification: FAILED"; exit 1\n'
    )
    (place / "openssl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    code, (said,), check, _ = crossed(call, stamped)
    assert (code, said["verdict"]) == (3, "refuses")
    assert [fault["code"] for fault in check["faults"]] == ["cross.disagreement"]
    assert "openssl ts refuses what the check timestamp passes" in check["message"]


def test_an_openssl_of_another_make_is_not_asked(stamped, call, tmp_path, monkeypatch):
    place = tmp_path / "path"
    place.mkdir()
    (place / "openssl").write_text("#!/bin/sh\necho 'LibreSSL 4.1.0'; exit 1\n")
    (place / "openssl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    code, said, _, _ = crossed(call, stamped)
    assert (code, said) == (0, [])


def test_nobody_else_is_asked_about_a_time_that_nobody_vouches_for(make, call, tsa):
    bundle = make()
    assert call("timestamp", bundle, "--timestamp-url", tsa.url)[0] == 0
    assert crossed(call, bundle)[:2] == (0, [])
