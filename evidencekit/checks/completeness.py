"""Completeness: whether the export holds what the bundle says it does. Asked of a fresh survey."""

from evidencekit.checks.case import Case
from evidencekit.comparison import facts_faults
from evidencekit.core.coverage import Scope, schema_check
from evidencekit.core.coverage import coverage as completeness
from evidencekit.core.facts import Survey
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.report import Check, Fault, Outcome
from evidencekit.edges.render import TEMPLATE
from evidencekit.errors import EvidenceError


def schema(case: Case) -> Check:
    """Does every event follow the schema that the receiver judges by?"""
    survey = case.found.survey
    if isinstance(survey, EvidenceError):
        return Check.from_error("schema", survey)
    return _unsurveyed(case, "schema") if survey is None else schema_check(survey)


def facts(case: Case) -> Check:
    """Are the claimed facts what a fresh survey of the export finds?"""
    survey, claimed = case.found.survey, case.found.manifest
    if not isinstance(survey, Survey) or not isinstance(claimed, Manifest):
        return _unsurveyed(case, "facts")
    faults = tuple(facts_faults(claimed, survey))
    if faults:
        return Check.failed("facts", *faults)
    told = f"{survey.facts.events:,} events surveyed again; they give every claimed fact"
    return Check.passed("facts", told)


def coverage(case: Case) -> Check:
    """Do the facts that were found, not those claimed, cover what the bundle says?"""
    survey, claimed = case.found.survey, case.found.manifest
    if not isinstance(survey, Survey) or not isinstance(claimed, Manifest):
        return _unsurveyed(case, "coverage")
    checks = found_checks(claimed, survey)
    faults = [fault for check in checks[1:] for fault in check.faults]
    if _told(claimed.checks, claimed) != _told(checks, claimed):
        told = f"{MANIFEST}: the checks it lists are not those that the facts give"
        faults.append(Fault(code="coverage.claimed", message=told))
    if faults:
        return Check.failed("coverage", *faults)
    passed = [check.name for check in checks if check.outcome is Outcome.PASS]
    asked = [check for check in checks if check.outcome is not Outcome.NOT_ASKED]
    told = f"{len(passed)} of {len(asked)} completeness checks pass: {', '.join(passed)}"
    return Check.passed("coverage", told)


def found_checks(claimed: Manifest, survey: Survey) -> tuple[Check, ...]:
    """Return the checks that a manifest lists, as a fresh survey answers them, in our words."""
    scope = Scope(
        window=claimed.window.window,
        context=claimed.context,
        query=claimed.query,
        allowances=claimed.allowances,
    )
    return (schema_check(survey), *completeness(survey.facts, scope))


def _told(checks: tuple[Check, ...], claimed: Manifest) -> list[tuple[str, Outcome, str]]:
    """Return what checks say; their sentences too, where this version words them alike."""
    worded = claimed.template == TEMPLATE
    return [(check.name, check.outcome, check.message if worded else "") for check in checks]


def _unsurveyed(case: Case, name: str) -> Check:
    """Return the check that says why no event was examined; ``schema`` tells what is at fault."""
    if isinstance(case.found.survey, EvidenceError):
        return Check.skipped(name, "the export could not be surveyed")
    if case.quick:
        return Check.not_asked(name, "no event is examined with --quick")
    return Check.skipped(name, "the manifest was not read")
