"""ENOSPC, EIO, EDQUOT and EINTR at every call: no false success, nothing torn, nothing lost."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidencekit.cli import run
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

ERRORS = ("ENOSPC", "EIO", "EDQUOT", "EINTR")
REMOVES = {"unlink", "unlinkat", "rmdir"}  # what could not be removed stays
_LINE = re.compile(r"(?m)^evidencekit: error: [ -~]+ \[[a-z]+\.[a-z-]+\]")


def _check(bench, case, ran):
    case.whole(bench.work)
    done = case.done(bench.work)
    if ran.code == 0:
        assert case.complete(bench.work), "says that it succeeded, and did not"
        assert "evidencekit: error" not in ran.err
    else:
        assert ran.code == 3, f"exit {ran.code}: {ran.err}"
        told = _LINE.findall(ran.err) or re.findall(r"(?m)^verdict: undecided: ", ran.err)
        assert len(told) == 1, ran.err
        assert "[system." not in ran.err, f"an edge let it out: {ran.err}"
        assert ran.out == "", "a result was printed"
    return done


def _with_each_error(bench, case, fresh, errors, often=None):
    """Let each call fail with each error, look, run again, look; return count and what is amiss."""

    def tried(point, error):
        for _ in range(3):  # now and then a run asks the system for something once more
            fresh(case)
            ran = bench.refused(case.argv, point, error)
            if bench.touched(ran.broken):
                break
        assert bench.touched(ran.broken), f"another call was made to fail: {ran.broken}"
        done = _check(bench, case, ran)
        if point.call not in REMOVES:
            left = [path.name for path in bench.work.iterdir() if path.name.startswith(".")]
            assert left == [], "a temporary name stayed"
        if often is None and point.changes and error != errors[0]:
            return  # what a second run finds was seen after the first error there
        again = bench.run(case.argv)
        case.whole(bench.work)
        assert case.done(bench.work), f"a second run did not finish it: {again.err}"
        refused = done and again.code == 3 and f"[{case.refusal}]" in again.err
        assert again.code == 0 or refused, again.err

    fresh(case)
    points, first = bench.points(case.argv)
    assert first.code == 0, first.err
    every = 1 if often is None else max(1, len(points) // often)
    amiss, count = [], 0
    for number, point in enumerate(points[::every]):
        # A call that changes nothing gets one of them: what it opens, closes or locks is the same.
        all_of_them = often is None and point.changes
        for error in errors if all_of_them else [errors[number % len(errors)]]:
            count += 1
            try:
                tried(point, error)
            except AssertionError as wrong:
                amiss.append(f"{error} at {point}\n  {str(wrong).splitlines()[0]}")
    return count, amiss


CASES = (
    "collect a folder", "collect a zip", "sign a folder", "sign a zip", "receive a folder",
    "receive a zip", "keys new", "trust add, one more", "trust add, the first",
)  # fmt: skip


@pytest.mark.parametrize("name", ["collect a folder", "collect a zip", "sign a zip"])
@pytest.mark.usefixtures("strace")
def test_a_disk_error_at_some_calls_is_one_coded_line(bench, case_of, fresh, name):
    _, amiss = _with_each_error(bench, case_of(name), fresh, ERRORS, often=8)
    assert not amiss, "\n".join(amiss)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("strace")
def test_a_disk_error_at_each_call_is_one_coded_line(bench, case_of, fresh, name, figure):
    count, amiss = _with_each_error(bench, case_of(name), fresh, ERRORS)
    figure(f"{name}: {count} errors, {len(amiss)} amiss")
    assert not amiss, "\n".join(amiss)


def _redirected(argv, work, **streams):
    """Run a command in a process of its own, with its streams elsewhere; return code and stderr."""
    opened = {name: open(path, "wb") for name, path in streams.items()}  # noqa: SIM115, PTH123
    try:
        ran = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "evidencekit", *argv],
            cwd=work, check=False,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **opened},
        )  # fmt: skip
    finally:
        for file in opened.values():
            file.close()
    return ran.returncode, (ran.stderr or b"").decode(), (ran.stdout or b"").decode()


@pytest.fixture
def verifying(made):
    if not Path("/dev/full").exists():
        pytest.skip("SKIPPED: no /dev/full here, so no full output was tried")
    return ["verify", str(made / "bundle"), "--key", str(made / "first.pem.pub")]


def test_a_verdict_that_cannot_be_printed_is_no_rejection(verifying, tmp_path):
    code, err, _ = _redirected(verifying, tmp_path, stdout="/dev/full")
    assert (code, err.count("\n")) == (3, 1), err
    assert "[output.stdout]" in err


def test_talk_that_cannot_be_printed_changes_no_result(verifying, tmp_path):
    code, _, out = _redirected(verifying, tmp_path, stderr="/dev/full")
    assert (code, out.splitlines()[-1]) == (0, "verdict: accepted")


@pytest.mark.slow
def test_what_every_stream_does_not_take_leaves_the_exit_code(verifying, made, tmp_path):
    collect = ["collect", "--from", f"{made}/export.json", "--key", f"{made}/first.pem", "-o", "b"]
    assert _redirected(collect, tmp_path, stderr="/dev/full") == (0, "", "b\n")
    assert _redirected([*collect, "--bogus"], tmp_path, stderr="/dev/full")[0] == 2
    assert _redirected(verifying, tmp_path, stdout="/dev/full", stderr="/dev/full")[0] == 3
    assert _redirected(["--help"], tmp_path, stdout="/dev/full")[0] == 3


@pytest.mark.parametrize("stream", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_stream_that_was_closed_is_no_traceback(verifying, tmp_path, stream):
    command = [sys.executable, "-m", "evidencekit", *verifying]
    line = f"exec {stream}>&-; exec {shlex.join(command)}"
    ran = subprocess.run(["sh", "-c", line], capture_output=True, cwd=tmp_path, check=False)  # noqa: S603, S607
    assert ran.returncode == {1: 3, 2: 0}[stream], ran.stderr
    assert b"Traceback" not in ran.stderr


SIZES = [*range(4, 84, 16), *[pytest.param(n, marks=pytest.mark.slow) for n in range(8, 204, 5)]]


@pytest.fixture(params=SIZES)
def small_disk(request, tmp_path):
    """A file system of so many KiB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    size = f"size={request.param}k"
    done = subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(mount)],  # noqa: S607
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("SKIPPED: tmpfs needs root, so no really full disk was tried")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)  # noqa: S603, S607


@pytest.mark.parametrize("name", ["b", "b.zip"])
def test_a_disk_that_is_really_full_holds_a_whole_bundle_or_none(made, small_disk, capfd, name):
    """A file that was there stays; when there is room again, the same run succeeds."""
    shutil.copyfile(made / "first.pem.pub", small_disk / "older")
    output = small_disk / name
    argv = ["collect", "--from", f"{made}/export.json", "--key", f"{made}/first.pem", "--jobs", "1"]
    code = run([*argv, "-o", str(output)])
    err = capfd.readouterr().err
    left = sorted(path.name for path in small_disk.iterdir())
    assert (small_disk / "older").read_bytes() == (made / "first.pem.pub").read_bytes()
    if code != 0:
        assert code == 3
        assert "[output.disk-full]" in err
        assert left == ["older"]
        subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)  # noqa: S603, S607
        assert run([*argv, "-o", str(output)]) == 0
    trust = Trust.from_keys((made / "first.pem.pub",))
    assert verify(output, trust=trust, at=4 * 10**18, jobs=1).report.exit_code == 0
