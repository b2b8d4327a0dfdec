"""DIR-03: another process swaps what a bundle is made of while it is verified.

Both versions are good bundles by the trusted key, of the same names and sizes. What is accepted
must be one of them to the last byte, in what was hashed and in what was parsed.

    .venv/bin/python tests/torture/test_swaps.py 1000    # the figures, as JSON
"""

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest
from forge.bench import EVENTS, PREPARER, as_array, make
from forge.kinds import GOOD, SMALL_SCHEMA
from forge.zips import zipped

from evidencekit.core.instant import parse_instant
from evidencekit.core.trusted import TrustedSigner
from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify

AT = parse_instant("2026-06-01T00:00:00Z")
TRUST = Trust(signers=(TrustedSigner(name="preparer", key=PREPARER.public_key),))
SWAPPER = Path(__file__).with_name("swapper.py")
ORDER = replace(GOOD["json-lines"], schema=SMALL_SCHEMA)


def versions():
    """Return two good bundles with the same names, the exports of one size."""
    one = replace(ORDER, export=as_array(EVENTS))
    other = replace(ORDER, export=as_array([{**EVENTS[0], "model": "gpt-5o"}, *EVENTS[1:]]))
    assert len(one.export) == len(other.export)
    return make(one), make(other)


@contextmanager
def swapping(place, form, seed):
    """Yield the bundle that another process swaps, both versions, and a counter of its swaps."""
    made = versions()
    bundle, scratch, counter = place / "bundle", place / "scratch", place / "counter"
    scratch.mkdir()
    counter.write_bytes(bytes(8))
    for path, version in zip((place / "one", place / "other"), made, strict=True):
        put(path, version, form)
    put(bundle, made[0], form)
    words = [bundle, place / "one", place / "other", scratch, counter, seed]
    process = subprocess.Popen([sys.executable, str(SWAPPER), *map(str, words)])  # noqa: S603
    try:
        yield bundle, made, lambda: struct.unpack("<Q", counter.read_bytes())[0]
        assert process.poll() is None, "the swapper fell over"
    finally:
        counter.with_suffix(".stop").touch()
        process.wait(60)


def put(path, made, form):
    if form == "zip":
        path.write_bytes(zipped(made))
        return
    for name, data in made.members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)


def raced(form, rounds, place, seed=20260423):
    """Return how ``rounds`` verifications ended during each of which something was swapped."""
    tally = Counter()
    with swapping(place, form, seed) as (bundle, made, count):
        whole = [digests(version) for version in made]
        while tally["rounds"] < rounds:
            before = count()
            done = verify(bundle, trust=TRUST, at=AT, schema=SMALL_SCHEMA, jobs=1)
            swaps = count() - before
            if done.report.exit_code == 0:
                check_accepted(done, whole, made)
            if not swaps:
                continue
            codes = {fault.code for check in done.report.checks for fault in check.faults}
            tally.update(code for code in codes if code.startswith("container."))
            tally.update({"rounds": 1, "swaps": swaps, str(done.report.verdict): 1})
        tally["all swaps"] = count()
    return dict(tally)


def digests(made):
    return {name: hashlib.sha256(data).hexdigest() for name, data in made.members.items()}


def check_accepted(done, whole, made):
    """Hold that it is one of the two bundles in what was hashed, what was parsed, what is told."""
    found = done.examination
    assert found.digests in whole
    of = made[whole.index(found.digests)]
    for name, data in found.documents.items():
        assert hashlib.sha256(data).hexdigest() == found.digests[name], name
    assert done.manifest.to_bytes() == of.members["data/manifest.json"]
    assert json.loads(json.dumps(asdict(found.survey.facts))) == of.manifest["facts"]


FORMS = ["folder", "zip"]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_accepted_is_one_version_whatever_is_swapped_meanwhile(form, tmp_path):
    tally = raced(form, 40, tmp_path)
    assert tally["swaps"] >= 40
    assert tally.get("undecided", 0) == 0


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_thousand_rounds_of_swapping(form, tmp_path):
    tally = raced(form, 1_000, tmp_path)
    assert tally["swaps"] >= 1_000
    assert tally.get("undecided", 0) == 0


if __name__ == "__main__":
    for form in FORMS:
        with tempfile.TemporaryDirectory() as scratch:
            found = raced(form, int(sys.argv[1]), Path(scratch))
            sys.stdout.write(json.dumps({"form": form, **found}) + "\n")
