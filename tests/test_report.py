from dataclasses import replace
from itertools import chain, combinations

import pytest

from evidencekit.core.report import Check, Fault, Outcome, Report, Verdict
from evidencekit.core.schema import document_faults
from evidencekit.errors import RejectedError, UndecidedError

SETS = list(chain.from_iterable(combinations(Outcome, size) for size in range(len(Outcome) + 1)))


def report(*outcomes: Outcome, quick: bool = False) -> Report:
    checks = tuple(
        Check(name="container", outcome=outcome, message=f"{outcome}, check {number}")
        for number, outcome in enumerate(outcomes)
    )
    return Report(
        checks=checks, judged_at="2026-04-23T00:00:00Z", tool_version="0.1.0", quick=quick
    )


@pytest.mark.parametrize("outcomes", SETS)
def test_a_no_beats_a_cannot_tell_which_beats_a_yes(outcomes):
    if Outcome.FAIL in outcomes:
        expected, code = Verdict.REJECTED, 1
    elif Outcome.UNDECIDED in outcomes or Outcome.PASS not in outcomes:
        expected, code = Verdict.UNDECIDED, 3
    else:
        expected, code = Verdict.ACCEPTED, 0
    made = report(*outcomes)
    assert (made.verdict, made.exit_code) == (expected, code)
    assert made.verdict_line.startswith(expected)


def test_no_evidence_is_never_a_pass():
    assert report().exit_code == 3
    assert report(Outcome.SKIPPED, Outcome.NOT_ASKED).exit_code == 3
    assert "nothing was checked" in report(Outcome.NOT_ASKED).verdict_line


def test_the_verdict_line_gives_the_first_reason_and_counts_the_others():
    made = report(Outcome.UNDECIDED, Outcome.FAIL, Outcome.FAIL)
    assert made.verdict_line == "rejected: fail, check 1 (and 1 more)"


@pytest.mark.parametrize("follows", ["container.unlisted", "container.missing"])
@pytest.mark.parametrize("telling", ["checksums.missing", "signature.none"])
def test_the_verdict_line_leads_with_what_was_taken_out_not_with_what_follows(follows, telling):
    def made(*codes):
        checks = [Check.failed(f"check {c}", Fault(code=c, message=f"said {c}")) for c in codes]
        return replace(report(), checks=tuple(checks)).verdict_line

    assert made(follows, "bag.oxum", telling) == f"rejected: said {telling} (and 2 more)"
    assert made(follows, "bag.oxum") == f"rejected: said {follows} (and 1 more)"
    assert made("container.name", telling) == "rejected: said container.name (and 1 more)"


def test_quick_never_says_more_than_it_did():
    made = report(Outcome.PASS, quick=True)
    assert "no event was examined" in made.verdict_line
    assert "recomputed" not in made.proves


@pytest.mark.parametrize("outcomes", SETS)
def test_only_an_accepted_report_says_that_it_proves_something(outcomes):
    made = report(*outcomes)
    assert made.proves.startswith("proves: nothing") == (made.verdict is not Verdict.ACCEPTED)
    assert made.does_not_prove


def test_an_error_becomes_a_check_of_the_side_at_fault():
    rejected = Check.from_error("trust", RejectedError("trust.signer", "a: b, c", hint="do"))
    undecided = Check.from_error("trust", UndecidedError("key.missing", "a: b, c"))
    assert (rejected.outcome, undecided.outcome) == (Outcome.FAIL, Outcome.UNDECIDED)
    assert rejected.faults == (Fault(code="trust.signer", message="a: b, c", hint="do"),)
    assert undecided.to_json()["faults"] == [{"code": "key.missing", "message": "a: b, c"}]


@pytest.mark.parametrize("outcomes", SETS)
def test_every_report_follows_its_schema(outcomes):
    basis = {"trust_sha256": None, "schema_sha256": None}
    document = replace(report(*outcomes), basis=basis).to_json("bundle.zip")
    assert document_faults("report.v1.schema.json", document) == ()
