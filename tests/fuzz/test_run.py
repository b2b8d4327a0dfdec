"""The runner: a moment under atheris where that is installed, and what it makes of a run."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from fuzz import HOME, run

LOG = b"""#2\tINITED cov: 5 ft: 6 corp: 1/1b exec/s: 0 rss: 80Mb
#1024\tpulse  cov: 50 ft: 60 corp: 7/2Kb lim: 9 exec/s: 9 rss: 90Mb
==1== ERROR: libFuzzer: timeout after 10 seconds
#2\tINITED cov: 50 ft: 60 corp: 7/2Kb exec/s: 0 rss: 70Mb
#300\tDONE   cov: 51 ft: 61 corp: 8/2Kb lim: 9 exec/s: 9 rss: 71Mb
"""


@pytest.mark.skipif(not find_spec("atheris"), reason="atheris is not installed (group fuzz)")
def test_a_moment_under_atheris(tmp_path):
    words = ["--minutes", "0.15", "--work", str(tmp_path), "zip_container"]
    done = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, HOME / "run.py", *words], capture_output=True, text=True, check=False
    )
    log = (tmp_path / "zip_container/log").read_text()
    assert done.returncode == 0, done.stderr + log[-2_000:]
    (figures,) = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["findings"], figures["failures"]) == (0, 0), log[-2_000:]
    assert figures["executions"] > 20
    assert figures["coverage"] > 100
    assert f"target=zip_container  executions={figures['executions']}" in done.stdout


def test_the_figures_add_up_over_all_processes_of_a_run(tmp_path):
    (tmp_path / "findings").mkdir()
    for name in ("ValueError-a-1", "ValueError-a-1.txt", "timeout-0f"):
        (tmp_path / "findings" / name).write_bytes(b"")
    (tmp_path / "log").write_bytes(LOG)
    figures = run.figures_of(tmp_path, wall=2.0, cpu=0.5, failures=1)
    assert figures.executions == 1_324
    assert figures.per_second == 11
    assert (figures.coverage, figures.features, figures.corpus) == (51, 61, 8)
    assert (figures.memory, figures.failures, figures.findings) == (90, 1, 2)


def test_the_smallest_input_of_each_place_is_noted(tmp_path):
    for data in (b"long input", b"short", b"as long too"):
        try:
            int(data)
        except ValueError as error:
            run.note(tmp_path, data, error)
    noted = {path.suffix: path.read_bytes() for path in tmp_path.iterdir()}
    assert noted[""] == b"short"
    assert b"ValueError: invalid literal" in noted[".txt"]
