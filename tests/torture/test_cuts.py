"""A body that ends early, at every offset; and replies from curl's own test suite."""

import pytest
from torture.replies import FORMS, INDEX, ITS_OPTIONS, as_another_client_reads_it, corpus, replies

OFFSETS = 1_000


def cut(torture, whole, offset, *, lasting):
    """Pull where the download's answer is cut, for ever or once; return the outcome, checked."""
    server = torture.api(
        lambda at, _request, n: (
            (whole[:offset] if lasting or n == 0 else whole) if at == "download" else None
        )
    )
    outcome = torture.pull(server.url, read=4.0, answer=5.0)  # nothing here is late
    server.close()
    torture.check(outcome)
    assert (outcome.error is not None) is lasting
    return outcome


@pytest.mark.parametrize("form", FORMS)
def test_a_body_that_ends_early_for_ever_gives_no_file(torture, form):
    """NET-14, quick: some thirty offsets over the whole answer, status line and headers too."""
    whole = FORMS[form](torture.body)
    for offset in range(0, len(whole), len(whole) // 33):
        cut(torture, whole, offset, lasting=True)


@pytest.mark.slow
@pytest.mark.parametrize("lasting", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_a_body_cut_at_each_of_a_thousand_offsets(torture, form, lasting):
    """NET-14: for ever, no file; once, and tried again, the whole file."""
    whole = FORMS[form](torture.body)
    start = whole.index(b"\r\n\r\n") + 4
    assert len(whole) - start > OFFSETS
    for offset in range(start, start + OFFSETS):
        cut(torture, whole, offset, lasting=lasting)


# NET-31: what curl's authors serve to curl


@corpus
def test_the_corpus_is_whole():
    assert len(INDEX) == 129


@corpus
@pytest.mark.parametrize("form", ["json", pytest.param("csv", marks=pytest.mark.slow)])
@pytest.mark.parametrize("position", ["create", "status", "download"])
@pytest.mark.parametrize("part", range(4))
def test_replies_that_curl_is_tested_with(torture, form, position, part):
    """What arrives is what another client reads too, or nothing; and nothing where curl fails."""
    for case in INDEX[part::4]:
        server = torture.api(lambda *_: None)
        found, served = [*replies(case, server.url)], []

        def script(at, _request, n, found=found, served=served):
            if at != position:
                return None
            served.append(found[min(n, len(found) - 1)])
            return served[-1]

        server.script = script
        outcome = torture.pull(server.url, form=form)
        server.close()
        if outcome.error is not None or position != "download":
            torture.check(outcome)
        else:
            assert as_another_client_reads_it(served[-1]) in {outcome.data, None}, case["test"]
            assert case["curl_exit"] in {0} | ITS_OPTIONS, case["test"]
