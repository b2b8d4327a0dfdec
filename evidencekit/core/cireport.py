"""Reports in the two forms that build servers read: JUnit's XML and SARIF 2.1.0."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from evidencekit.core import strict_json
from evidencekit.core.report import Check, Outcome, Report
from evidencekit.core.visible import visible

Named = Sequence[tuple[str, Report]]  # the bundle as it was named, and its report
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_CHARS = 300  # of a bundle's path


def junit(reports: Named) -> str:
    """Return JUnit XML: a suite for each bundle, a case for each check.

    Rejected is a failure, undecided an error, and what was not asked is skipped.
    """
    suites = ElementTree.Element("testsuites", name="evidencekit verify")
    for bundle, report in reports:
        outcomes = [check.outcome for check in report.checks]
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=visible(bundle, limit=_CHARS),
            timestamp=report.judged_at.removesuffix("Z"),
            tests=str(len(outcomes)),
            failures=str(outcomes.count(Outcome.FAIL)),
            errors=str(outcomes.count(Outcome.UNDECIDED)),
            skipped=str(sum(outcome in _SKIPPED for outcome in outcomes)),
        )
        for check in report.checks:
            _case(suite, check)
        ElementTree.SubElement(suite, "system-out").text = f"verdict: {report.verdict_line}"
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


_SKIPPED = (Outcome.SKIPPED, Outcome.NOT_ASKED)
_KINDS = {
    Outcome.FAIL: "failure",
    Outcome.UNDECIDED: "error",
    Outcome.SKIPPED: "skipped",
    Outcome.NOT_ASKED: "skipped",
}


def _case(suite: ElementTree.Element, check: Check) -> None:
    name = f"evidencekit.{check.name}"
    case = ElementTree.SubElement(suite, "testcase", classname=name, name=check.name)
    if check.outcome not in _KINDS:
        return
    found = ElementTree.SubElement(case, _KINDS[check.outcome], message=check.message)
    if check.faults:
        found.set("type", check.faults[0].code)
        found.text = "\n".join(f"{fault.code}: {fault.message}" for fault in check.faults)


def sarif(reports: Named) -> str:
    """Return SARIF 2.1.0: one result for each fault, found in the bundle; no fault, no result."""
    results = [result for bundle, report in reports for result in _results(bundle, report)]
    rules = [{"id": code} for code in sorted({str(result["ruleId"]) for result in results})]
    version = reports[0][1].tool_version if reports else ""
    driver = {"name": "evidencekit", "version": version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    document = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return strict_json.dumps(document).decode()


def _results(bundle: str, report: Report) -> Iterator[dict[str, Any]]:
    place = {"artifactLocation": {"uri": quote(bundle, errors="surrogateescape")}}
    for check in report.checks:
        rejected = check.outcome is Outcome.FAIL
        for fault in check.faults:
            hint = f" ({fault.hint})" if fault.hint else ""
            yield {
                "ruleId": fault.code,
                "kind": "fail" if rejected else "review",
                "level": "error" if rejected else "none",
                "message": {"text": f"{check.name}: {fault.message}{hint}"},
                "locations": [{"physicalLocation": place}],
            }
