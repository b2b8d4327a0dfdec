"""Other people's verifiers accept the good bundle and refuse each tampering that concerns them.

``make interop`` gets the tools first; those that are not here are skipped, and named.
"""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from forge.bench import ECDSA, PREPARER
from interop import stamped
from interop.matrix import ALL, SIGNED, TAMPERINGS, asked, missing, unzipped, with_verifiers

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _tools(monkeypatch):
    for name, value in with_verifiers({"PATH": "/usr/bin:/bin"}).items():
        monkeypatch.setenv(name, value)
    if shutil.which("unzip") is None:
        pytest.skip("unzip is not installed, with which a receiver unpacks")


def said(name, tmp_path, case=None):
    signer = SIGNED[name]
    bundle = unzipped(name, tmp_path)
    if case is not None:
        TAMPERINGS[case][0](bundle, f"signatures/{signer.public_key.signer_id}")
    return {one.tool: one for one in asked(bundle, signer, tmp_path)}


@pytest.mark.parametrize("name", SIGNED)
def test_every_tool_accepts_the_good_bundle(name, tmp_path):
    found = said(name, tmp_path)
    assert found, "not one tool is here"
    assert [f"{one.tool}: {one.said}" for one in found.values() if one.accepts is not True] == []


@pytest.mark.parametrize("case", TAMPERINGS)
@pytest.mark.parametrize("name", SIGNED)
def test_every_tool_refuses_what_concerns_it(name, case, tmp_path):
    found = said(name, tmp_path, case)
    relevant = set(found) & TAMPERINGS[case][1]
    assert relevant, "none of the tools for this case is here"
    assert [tool for tool in sorted(relevant) if found[tool].accepts is not False] == []


def test_every_tool_is_here():
    assert set(TAMPERINGS["another key"][1]) | set(TAMPERINGS["page edited"][1]) == ALL
    if absent := missing():
        pytest.skip(f"not on this machine, so not asked: {', '.join(absent)}; see make interop")


def commands(bundle):
    """Return the commands of a bundle's verify.txt, as printed, by the step they belong to."""
    text = (bundle / "data/verify.txt").read_text()
    for step in re.split(r"\n(?=[0-9]\. )", text)[1:]:
        body = step.split("\n\n\nWHAT TO CONCLUDE")[0]
        lines = [line[4:] for line in body.splitlines() if line.startswith("    ")]
        yield int(step[0]), [line for line in lines if not re.fullmatch(r"[A-Za-z0-9+/:]+", line)]


SENTENCES = {
    2: '[ "$(grep -cx -e "every file as listed" -e "no file more, none less" "$T/out")" = 2 ]; ',
    6: '[ $? = 0 ] && grep -qx "the statement names this root" "$T/out"; ',
}


def run_steps(bundle, key, *, only=None):
    """Return how each step of verify.txt ended, run in one shell, as a reader would."""
    (bundle.parent / "signer.pub").write_text(f"{key.to_openssh()}\n")
    codes = {}
    script = ["set -u"]
    for number, lines in commands(bundle):
        programs = {line.split()[0] for line in lines}
        absent = [name for name in programs & {"bagit.py", "cosign"} if not shutil.which(name)]
        if absent or (only is not None and number not in only and number != 1):
            continue
        # Steps 2 and 6 say in sentences whether all is well, the others by their exit code.
        good = SENTENCES.get(number, "")
        ran = f'(\nset -e\n{chr(10).join(lines)}\n) >"$T/out" 2>&1; '
        script += [f"{ran}{good}echo {number} $?"]
        if number == 1:
            script[-1] = "\n".join(lines)
    done = subprocess.run(  # noqa: S603
        ["sh", "-c", "\n".join(script)],  # noqa: S607
        cwd=bundle,
        capture_output=True,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    for line in done.stdout.splitlines():
        if re.fullmatch(r"[2-8] [0-9]+", line):
            step, code = line.split()
            codes[int(step)] = int(code)
    return codes, done.stdout


def test_the_commands_of_verify_txt_work_as_printed(tmp_path):
    bundle = unzipped("json-array", tmp_path)
    codes, out = run_steps(bundle, PREPARER.public_key)
    assert codes
    assert set(codes.values()) == {0}, codes
    assert set(codes) >= {2, 4, 5, 6, 8}
    assert PREPARER.public_key.fingerprint.removeprefix("SHA256:") in out


@pytest.mark.parametrize(
    ("case", "steps"),
    [
        ("export edited", {2, 3, 8}),
        ("file dropped", {2, 3, 8}),
        ("root edited", {2, 4, 5, 6, 8}),
        ("statement edited", {6, 8}),
        ("signatures flipped", {4, 5, 6, 8}),
        ("another key", {4, 5, 6, 8}),
    ],
)
def test_the_commands_of_verify_txt_refuse_what_was_tampered_with(case, steps, tmp_path):
    bundle = unzipped("json-array", tmp_path)
    TAMPERINGS[case][0](bundle, f"signatures/{PREPARER.public_key.signer_id}")
    codes, _ = run_steps(bundle, PREPARER.public_key)
    assert {step for step, code in codes.items() if code} >= steps & set(codes)


def ssh(bundle, place, *options, namespace="evidencekit", allowed=""):
    key = PREPARER.public_key
    (place / "allowed").write_text(f"signer {allowed} {key.to_openssh()}\n")
    words = ["ssh-keygen", "-Y", "verify", "-f", str(place / "allowed"), "-I", "signer"]
    words += ["-n", namespace, "-s", f"signatures/{key.signer_id}.sshsig", *options]
    with (bundle / "tagmanifest-sha256.txt").open("rb") as root:
        done = subprocess.run(words, cwd=bundle, stdin=root, capture_output=True, check=False)  # noqa: S603
    return done.returncode


def test_ssh_keygen_honours_namespace_validity_and_revocation(tmp_path):
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    bundle = unzipped("json-array", tmp_path)
    validity = 'valid-after="20260101",valid-before="20270101"'
    assert ssh(bundle, tmp_path, "-O", "verify-time=20260601", allowed=validity) == 0
    assert ssh(bundle, tmp_path, "-O", "verify-time=20280601", allowed=validity) != 0
    assert ssh(bundle, tmp_path, namespace="file") != 0
    assert ssh(bundle, tmp_path, allowed='namespaces="git"') != 0
    (tmp_path / "revoked.pub").write_text(f"{PREPARER.public_key.to_openssh()}\n")
    assert ssh(bundle, tmp_path, "-r", str(tmp_path / "revoked.pub")) != 0


def test_cosign_asks_for_the_predicate_type(tmp_path):
    if shutil.which("cosign") is None:
        pytest.skip("cosign is not installed; see make interop")
    bundle = unzipped("json-array", tmp_path)
    (tmp_path / "key.pem").write_bytes(PREPARER.public_key.to_pem())
    envelope = f"signatures/{PREPARER.public_key.signer_id}.sigstore.json"
    words = ["cosign", "verify-blob-attestation", "--key", str(tmp_path / "key.pem")]
    words += ["--bundle", envelope, "--insecure-ignore-tlog", "--type"]
    for kind, expected in (("urn:evidencekit:evidence:v1", True), ("custom", False)):
        done = subprocess.run(  # noqa: S603
            [*words, kind, "tagmanifest-sha256.txt"], cwd=bundle, capture_output=True, check=False
        )
        assert (done.returncode == 0) is expected


@pytest.fixture(scope="module")
def bench():
    if not stamped.is_here():
        pytest.skip("openssl is not installed, which makes the time-stamps")
    with stamped.bench() as at:
        yield at


@pytest.mark.parametrize("case", stamped.CASES)
def test_every_tool_judges_a_time_stamp_alike(case, bench, tmp_path):
    found = {one.tool: one for one in stamped.asked(*stamped.CASES[case](bench), tmp_path)}
    assert set(found) >= stamped.ALWAYS
    right = case == "whole"
    wrong = [f"{one.tool}: {one.said}" for one in found.values() if one.accepts is not right]
    assert wrong == []


@pytest.mark.parametrize(("case", "right"), [("whole", True), ("another signature", False)])
def test_the_commands_for_the_time_work_as_printed(case, right, bench, tmp_path):
    made, pinned = stamped.CASES[case](bench)
    for name, data in made.members.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    for name in ("root.pem", "tsa.pem"):
        shutil.copyfile(pinned.folder / name, tmp_path / name)
    envelope = replace(bench, made=made).signed
    (tmp_path / "statement.sig").write_bytes(envelope.signature)
    page = (ROOT / "docs/verify-by-hand.md").read_text()
    (commands,) = re.findall(r"```sh\n(openssl ts .*?)```", page, re.DOTALL)
    done = subprocess.run(  # noqa: S603
        ["sh", "-euc", commands],  # noqa: S607
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "T": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode == 0) is right, done.stderr
    assert re.search(r"Time stamp: \w+ .* \d{4} GMT", done.stdout)


def test_the_page_of_the_matrix_is_what_the_tools_say():
    page = (ROOT / "docs/interop.md").read_text()
    for name in sorted(ALL):
        assert f"| {name} |" in page
    for name in sorted(stamped.ALWAYS):
        assert f"| {name} |" in page.partition("## Time-stamped")[2]
    assert f"## Signed with {ECDSA.public_key.algorithm}" in page
