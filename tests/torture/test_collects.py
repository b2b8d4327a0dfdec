"""The same faults, cuts and replies through the whole of ``collect``, into a folder and a zip.

A bundle that stands under its name at the end is verified, and holds exactly what was sent.
"""

import pytest
from torture.faults import BODIES, HEADERS, KINDS, PHASES, REDIRECTS, SLOW, STATUSES, WHOLE, WIRE
from torture.faultyapi import ROWS, answer
from torture.replies import FORMS, INDEX, ITS_OPTIONS, as_another_client_reads_it, corpus, replies

from evidencekit.errors import RejectedError

SHAPES = ("folder", "zip")
OFFSETS = 1_000


def slow(values):
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def scenarios():
    """Yield every kind, phase and shape; one of nine at once, the others slow."""
    for number, name in enumerate(KINDS):
        for at, phase in enumerate(PHASES):
            for turn, shape in enumerate(SHAPES):
                chosen = name not in SLOW and number % 9 == at and turn == number % 2
                marks = [] if chosen else [pytest.mark.slow]
                yield pytest.param(name, phase, shape, marks=marks, id=f"{name}-{phase}-{shape}")


@pytest.mark.parametrize(("name", "phase", "shape"), [*scenarios()])
def test_a_lasting_fault_ends_in_an_accepted_bundle_or_in_one_error(torture, name, phase, shape):
    """Only a preview may fail; and what arrives whole without being an export is rejected."""
    server = torture.api(lambda at, _request, _n: KINDS[name] if at == phase else None)
    outcome = torture.collect(server.url, shape)
    torture.check(outcome)
    if phase == "download":
        assert outcome.error is not None
        assert name in WHOLE or not isinstance(outcome.error, RejectedError)


def passing():
    """Yield faults that are gone at the second try; one of eight at once, the others slow."""
    for number, name in enumerate(WIRE | HEADERS | BODIES | REDIRECTS | STATUSES):
        marks = [pytest.mark.slow] if number % 8 else []
        yield pytest.param(name, SHAPES[number % 2], marks=marks, id=name)


@pytest.mark.parametrize(("name", "shape"), [*passing()])
def test_a_passing_fault_in_the_download_is_in_no_bundle(torture, name, shape):
    server = torture.api(
        lambda at, _request, n: KINDS[name] if at == "download" and n == 0 else None
    )
    torture.check(torture.collect(server.url, shape))


def cut(torture, whole, offset, shape, *, lasting):
    server = torture.api(
        lambda at, _request, n: (
            (whole[:offset] if lasting or n == 0 else whole) if at == "download" else None
        )
    )
    outcome = torture.collect(server.url, shape, read=4.0, answer=5.0)  # nothing here is late
    server.close()
    torture.check(outcome)
    assert (outcome.error is not None) is lasting


@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_ends_early_gives_no_bundle(torture, form):
    """NET-14, quick: some eight offsets over the whole answer, for ever and once in turn."""
    whole = FORMS[form](torture.body)
    for number, offset in enumerate(range(0, len(whole), len(whole) // 7)):
        cut(torture, whole, offset, SHAPES[number % 2], lasting=number % 3 > 0)


def offsets(whole):
    """Return a thousand offsets of the body, by their number in the answer."""
    start = whole.index(b"\r\n\r\n") + 4
    assert len(whole) - start > OFFSETS
    return range(start, start + OFFSETS)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_body_cut_at_each_of_a_thousand_offsets_for_ever_gives_no_bundle(torture, form):
    """NET-14."""
    whole = FORMS[form](torture.body)
    for offset in offsets(whole):
        cut(torture, whole, offset, SHAPES[offset % 2], lasting=True)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_a_body_cut_once_at_each_of_a_thousand_offsets_gives_an_accepted_bundle(torture, part):
    """NET-14: tried again, and in each framing in turn."""
    for number in range(part, OFFSETS, 10):
        whole = FORMS[[*FORMS][number // 10 % 3]](torture.body)
        cut(torture, whole, offsets(whole)[number], SHAPES[number // 10 % 2], lasting=False)


@corpus
@pytest.mark.parametrize("form", ["json", *slow(["csv"])])
@pytest.mark.parametrize("position", ["create", "status", "download"])
@pytest.mark.parametrize("part", [0, *slow(range(1, 9))])
def test_replies_that_curl_is_tested_with_make_no_bundle_of_their_own(
    torture, form, position, part
):
    """NET-31: whatever comes as the download, it is an export that another client reads too."""
    right = torture.body if form == "json" else ROWS
    good = answer(right, kind="application/json" if form == "json" else "text/csv")
    for number, case in enumerate(INDEX[part::9]):
        server = torture.api(lambda *_: None)
        found, served = [*replies(case, server.url)], []

        def script(at, _request, n, found=found, served=served):
            if at == "download" != position:
                return good
            if at != position:
                return None
            served.append(found[min(n, len(found) - 1)])
            return served[-1]

        server.script = script
        outcome = torture.collect(server.url, SHAPES[number % 2], form=form)
        server.close()
        ours = outcome.error is not None or position != "download"
        torture.check(outcome, right if ours else as_another_client_reads_it(served[-1]))
        if not ours:
            assert case["curl_exit"] in {0} | ITS_OPTIONS, case["test"]
