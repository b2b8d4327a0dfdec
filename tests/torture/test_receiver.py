"""The sweeps of tests/torture/sweep.py, in a process of their own whose memory is measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SWEEP = Path(__file__).with_name("sweep.py")


def swept(*arguments):
    command = [sys.executable, "-W", "error", str(SWEEP), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def check(figures):
    for sweep in figures["sweeps"]:
        assert sweep["accepted"] == []
        assert sweep["tracebacks"] == []
        assert sweep["undecided"] == [], "tampering is a no, not a could-not-tell"
        named = sweep["same_content"] + sweep["unknown_authority"]
        named += sum(sweep["lacking"].values()) + sum(sweep["own_word"].values())
        assert sweep["tried"] == sweep["rejected"] + named
        assert sweep["slowest"] <= 10
    assert figures["peak_mib"] <= 256


def test_no_sampled_bit_byte_length_or_mutant_is_accepted():
    check(swept())


@pytest.mark.slow
def test_no_bit_byte_length_or_mutant_is_accepted():
    figures = swept("--full")
    check(figures)
    mutants, lies, folder, lengths, bits = figures["sweeps"]
    assert lies["tried"] > 3_000
    assert bits["tried"] > 100_000
    assert folder["tried"] > 10_000
    assert lengths["tried"] > 20_000
    assert mutants["tried"] >= 20_000
    for sweep in (folder, lengths):
        assert (sweep["same_content"], sweep["lacking"]) == (0, {})
