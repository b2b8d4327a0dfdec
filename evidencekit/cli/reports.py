"""Print a verification report: its groups apart, the verdict last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evidencekit.cli.console import Console
from evidencekit.cli.hints import hint_for
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
_WIDE = 15  # columns before a sentence: a digest and a comma behind them fit into 80
_INDENT = 5  # where a terminal is too narrow for two columns
_MARKS = {
    Outcome.PASS: ("✓", "green"),
    Outcome.FAIL: ("✗", "red"),
    Outcome.UNDECIDED: ("?", "yellow"),
    Outcome.SKIPPED: ("-", None),
    Outcome.NOT_ASKED: ("-", None),
}
_COLORS = {Verdict.ACCEPTED: "green", Verdict.REJECTED: "red", Verdict.UNDECIDED: "yellow"}
_WORST = (Outcome.FAIL, Outcome.UNDECIDED, Outcome.PASS, Outcome.SKIPPED, Outcome.NOT_ASKED)


def print_report(console: Console, report: Report, bundle: str, fmt: str) -> None:
    """Print one report as text or as the JSON document that ``report.v1`` describes."""
    if fmt in CI_FORMATS:
        return
    if fmt == "json":
        named = bundle.encode(errors="backslashreplace").decode()  # a path may be no UTF-8
        console.print(strict_json.dumps(report.to_json(named)).decode(), newline=False)
        return
    console.print(console.paint(visible(bundle, limit=300), bold=True))
    checks = {check.name: check for check in report.checks}
    for title, names in GROUPS:
        _print_group(console, title, [checks[name] for name in names if name in checks])
    _print_opinions(console, report)
    console.gap()
    for label in ("root", "bundle_id"):
        if label in report.subject:
            head = console.paint(f"{label.replace('_', ' '):<{_WIDE}}", bold=True)
            console.print_wrapped(str(report.subject[label]), head)
    for sentence in (report.proves, report.does_not_prove):
        label, _, told = sentence.partition(": ")
        console.print_wrapped(told, console.paint(f"{label}: ", bold=True), indent=2)
    console.gap()
    verdict, _, reason = report.verdict_line.partition(": ")
    head = console.paint(f"verdict: {verdict}", fg=_COLORS[report.verdict], bold=True)
    console.print_wrapped(reason, f"{head}: " if reason else head, indent=2)


def print_own(console: Console, report: Report, bundle: str) -> None:
    """Print the report on stderr where --key is the caller's own: whom to trust is --trust-key."""
    checks = tuple(
        replace(
            check,
            faults=tuple(
                replace(fault, hint=fault.hint and fault.hint.replace("--key", "--trust-key"))
                for fault in check.faults
            ),
        )
        for check in report.checks
    )
    print_report(console.on_stderr(), replace(report, checks=checks), bundle, "text")


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
        start = f"   {console.paint(mark, fg=color)} {one.tool:<20} "
        told = f"{one.verdict}; {one.question} here: {ours}"
        console.print_wrapped(f"{told} ({one.version})" if one.version else told, start)


def _print_group(console: Console, title: str, checks: list[Check]) -> None:
    """Print a group's outcome, which is its worst, then each check that was asked."""
    outcomes = {check.outcome for check in checks}
    outcome = next((one for one in _WORST if one in outcomes), Outcome.SKIPPED)
    if title == "hand-over" and outcome is Outcome.NOT_ASKED and not console.verbose:
        return
    head = console.paint(f"{title:<{_WIDE}}", bold=True)
    color = _MARKS[outcome][1]
    console.print(head + console.paint(outcome, fg=color, dim=color is None))
    for check in checks:
        asked = check.outcome is not Outcome.NOT_ASKED or check.name in _ALWAYS
        if asked or console.verbose or len(checks) == 1:
            _print_check(console, check)


def _print_check(console: Console, check: Check) -> None:
    """Print one check: its sentence, or its faults with their codes and what to do."""
    mark, color = _MARKS[check.outcome]
    start = f" {console.paint(mark, fg=color, dim=color is None)} "
    told = start + f"{check.name:<11} "
    if not check.faults:
        console.print_wrapped(check.message, told, indent=_INDENT)
    for fault in check.faults[:_SHOWN]:
        console.print_wrapped(fault.message, told, tail=f" [{fault.code}]", indent=_INDENT)
        told = start + " " * 12
        undecided = check.outcome is Outcome.UNDECIDED
        hint = fault.hint or (hint_for(fault.code) if undecided else None)
        if hint:
            console.print_wrapped(f"hint: {hint}", " " * _WIDE, indent=_INDENT)
    if len(check.faults) > _SHOWN:
        more = f"and {len(check.faults) - _SHOWN} more; --format json lists them"
        console.print_wrapped(more, " " * _WIDE, indent=_INDENT)
