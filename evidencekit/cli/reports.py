"""Print a verification report: its groups apart, the verdict last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidencekit.cli.console import Console
from evidencekit.core import strict_json
from evidencekit.core.report import Check, Outcome, Report, Verdict
from evidencekit.core.visible import visible

if TYPE_CHECKING:
    from evidencekit.core.cireport import Named

GROUPS = (
    ("integrity", ("container", "checksums", "manifest", "summary")),
    ("authenticity", ("signature", "trust")),
    ("time", ("timestamp",)),
    ("completeness", ("schema", "facts", "coverage")),
    ("hand-over", ("custody", "expectations")),
)
CI_FORMATS = ("junit", "sarif")  # one document for all bundles of a call
_ALWAYS = ("summary",)  # that the pages were not compared has to be seen
_SHOWN = 12  # faults of one check
_MARKS = {
    Outcome.PASS: ("✓", "green"),
    Outcome.FAIL: ("✗", "red"),
    Outcome.UNDECIDED: ("?", "yellow"),
    Outcome.SKIPPED: ("-", "bright_black"),
    Outcome.NOT_ASKED: ("-", "bright_black"),
}
_COLORS = {Verdict.ACCEPTED: "green", Verdict.REJECTED: "red", Verdict.UNDECIDED: "yellow"}
_WORST = (Outcome.FAIL, Outcome.UNDECIDED, Outcome.PASS, Outcome.SKIPPED, Outcome.NOT_ASKED)


def print_report(console: Console, report: Report, bundle: str, fmt: str) -> None:
    """Print one report as text or as the JSON document that ``report.v1`` describes."""
    if fmt in CI_FORMATS:
        return
    if fmt == "json":
        console.print(strict_json.dumps(report.to_json(bundle)).decode(), newline=False)
        return
    console.print(console.paint(visible(bundle, limit=300), bold=True))
    checks = {check.name: check for check in report.checks}
    for title, names in GROUPS:
        _print_group(console, title, [checks[name] for name in names if name in checks])
    _print_opinions(console, report)
    for label in ("root", "bundle_id"):
        if label in report.subject:
            console.print(f"{label.replace('_', ' '):<14} {report.subject[label]}")
    console.print_wrapped(report.proves, "")
    console.print_wrapped(report.does_not_prove, "")
    color = _COLORS[report.verdict]
    console.print_wrapped(f"verdict: {report.verdict_line}", "", fg=color, bold=True)


def print_reports(console: Console, reports: Named, fmt: str) -> None:
    """Print all reports of a call as the one document that a build server reads."""
    if fmt in CI_FORMATS:
        from evidencekit.core.cireport import junit, sarif  # noqa: PLC0415  (start-up)

        console.print((junit if fmt == "junit" else sarif)(reports), newline=False)


def _print_opinions(console: Console, report: Report) -> None:
    """Print what each other verifier says beside our check of the same question."""
    checks = {check.name: check for check in report.checks}
    if "cross" in checks:
        _print_group(console, "cross-check", [checks["cross"]])
    for one in report.second_opinions:
        ours = checks[one.question].outcome if one.question in checks else Outcome.SKIPPED
        mark, color = _MARKS[Outcome.PASS if one.verdict == "accepts" else Outcome.FAIL]
        start = f"    {console.paint(mark, fg=color)} {one.tool:<20} "
        told = f"{one.verdict}; {one.question} here: {ours}"
        console.print_wrapped(f"{told} ({one.version})" if one.version else told, start)


def _print_group(console: Console, title: str, checks: list[Check]) -> None:
    """Print a group's outcome, which is its worst, then each check that was asked."""
    outcomes = {check.outcome for check in checks}
    outcome = next((one for one in _WORST if one in outcomes), Outcome.SKIPPED)
    if title == "hand-over" and outcome is Outcome.NOT_ASKED and not console.verbose:
        return
    head = console.paint(f"{title:<14} ", bold=True)
    console.print(head + console.paint(outcome, fg=_MARKS[outcome][1]))
    for check in checks:
        asked = check.outcome is not Outcome.NOT_ASKED or check.name in _ALWAYS
        if asked or console.verbose or len(checks) == 1:
            _print_check(console, check)


def _print_check(console: Console, check: Check) -> None:
    """Print one check: its sentence, or its faults with their codes and what to do."""
    mark, color = _MARKS[check.outcome]
    start = f"  {console.paint(mark, fg=color)} {check.name:<12} "
    if not check.faults:
        console.print_wrapped(check.message, start)
    for fault in check.faults[:_SHOWN]:
        console.print_wrapped(f"{fault.message} [{fault.code}]", start)
        start = " " * 17
        if fault.hint:
            console.print_wrapped(f"hint: {fault.hint}", start)
    if len(check.faults) > _SHOWN:
        told = f"and {len(check.faults) - _SHOWN} more; --format json lists them"
        console.print_wrapped(told, start)
