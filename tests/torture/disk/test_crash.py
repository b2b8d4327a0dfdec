"""SIGKILL at every call that changes the disk: what stands under a final name is always whole."""

import shutil

import pytest

from evidencekit.cli import run
from evidencekit.edges.keys import load_signer, new_key
from evidencekit.edges.trust import Trust
from evidencekit.errors import UndecidedError
from evidencekit.verifier import verify


def _tried(points, often):
    """Every point that changes something, or so many of them, the last ones always among them."""
    changes = [point for point in points if point.changes]
    if often is None:
        return changes
    late, early = changes[-3:], changes[:-3]
    return [*early[:: max(1, len(early) // often)], *late]


def _after_each_kill(bench, case, fresh, often=None):
    """Kill, look, run again, look; return how many kills there were, and what was amiss."""
    fresh(case)
    points, first = bench.points(case.argv)
    assert first.code == 0, first.err
    case.whole(bench.work)
    assert case.done(bench.work)
    tried, amiss = _tried(points, often), []
    # The disk after a call is the disk before the next one, and after the last one at the exit.
    for point in tried:
        fresh(case)
        killed = bench.killed(case.argv, point)
        try:
            assert killed.code == -9, f"was not killed: {killed}"
            case.whole(bench.work)
            was_done = case.done(bench.work)
            again = bench.run(case.argv)
            case.whole(bench.work)
            assert case.done(bench.work), f"a second run did not finish it: {again.err}"
            refused = was_done and again.code == 3 and f"[{case.refusal}]" in again.err
            assert again.code == 0 or refused, again.err
        except AssertionError as error:
            amiss.append(f"{point}\n  {str(error).splitlines()[0]}")
    return len(tried), amiss


CASES = (
    "collect into a folder", "collect a folder", "collect a zip", "sign a folder", "sign a zip",
    "receive a folder", "receive a zip", "keys new", "trust add, one more", "trust add, the first",
)  # fmt: skip


@pytest.mark.parametrize("name", ["collect a folder", "collect a zip", "sign a folder"])
@pytest.mark.usefixtures("strace")
def test_killed_at_some_calls_a_final_name_is_whole_or_free(bench, case_of, fresh, name):
    _, amiss = _after_each_kill(bench, case_of(name), fresh, often=4)
    assert not amiss, "\n".join(amiss)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("strace")
def test_killed_at_each_call_a_final_name_is_whole_or_free(bench, case_of, fresh, name, figure):
    kills, amiss = _after_each_kill(bench, case_of(name), fresh)
    figure(f"{name}: killed at {kills} calls, {len(amiss)} amiss")
    assert not amiss, "\n".join(amiss)


def test_a_second_run_under_one_name_is_refused_and_not_put_into_the_bundle(made, tmp_path, capfd):
    """A folder that exists is where bundles go, but for one that is a bundle itself."""
    collect = ["collect", "--from", f"{made}/export.json", "--key", f"{made}/first.pem"]
    assert run([*collect, "-o", str(tmp_path / "b")]) == 0
    before = sorted(tmp_path.rglob("*"))
    assert run([*collect, "-o", str(tmp_path / "b")]) == 3
    assert "[output.exists]" in capfd.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
    trust = Trust.from_keys((made / "first.pem.pub",))
    assert verify(tmp_path / "b", trust=trust, at=4 * 10**18).report.exit_code == 0


def test_signing_again_adds_what_a_killed_run_did_not_get_to(made, tmp_path, capfd):
    """The envelope comes first and is a signature by itself; companions are for common tools."""
    bundle = tmp_path / "b"
    shutil.copytree(made / "bundle", bundle)
    keys = ["--key", f"{made}/second.pem", "--trust-key", f"{made}/first.pem.pub"]
    sign = ["sign", str(bundle), *keys, "--trust-key", f"{made}/second.pem.pub"]
    assert run(sign) == 0
    stem = f"signatures/{load_signer(made / 'second.pem').public_key.signer_id}"
    whole = {name: (bundle / f"{stem}.{name}").read_bytes() for name in ("sig", "sshsig")}
    for name in whole:
        (bundle / f"{stem}.{name}").unlink()
    assert run(sign) == 0
    assert {name: (bundle / f"{stem}.{name}").read_bytes() for name in whole} == whole
    assert run(sign) == 3
    assert "[signature.exists]" in capfd.readouterr().err


def test_a_private_key_that_stands_alone_is_kept_and_named(tmp_path):
    """A run that was killed between the two halves leaves the one that cannot be made again."""
    path = tmp_path / "key"
    new_key(path, None)
    (tmp_path / "key.pub").unlink()
    with pytest.raises(UndecidedError, match="exists already") as caught:
        new_key(path, None)
    assert "openssl pkey" in caught.value.hint
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
