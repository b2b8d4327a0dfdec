"""Print a verification report: its groups apart, the verdict last."""

from evidencekit.cli.console import Console
from evidencekit.core import strict_json
from evidencekit.core.report import Check, Outcome, Report, Verdict
from evidencekit.core.visible import visible

GROUPS = (
    ("integrity", ("container", "checksums", "manifest", "summary")),
    ("authenticity", ("signature", "trust")),
    ("time", ("timestamp",)),
    ("completeness", ("schema", "facts", "coverage")),
    ("hand-over", ("custody", "expectations")),
)
_SHOWN = 12  # faults of one check
_MARKS = {
    Outcome.PASS: ("✓", "green"),
    Outcome.FAIL: ("✗", "red"),
    Outcome.UNDECIDED: ("?", "yellow"),
    Outcome.SKIPPED: ("-", "bright_black"),
    Outcome.NOT_ASKED: ("-", "bright_black"),
}
_COLORS = {Verdict.ACCEPTED: "green", Verdict.REJECTED: "red", Verdict.UNDECIDED: "yellow"}


def print_report(console: Console, report: Report, bundle: str, fmt: str) -> None:
    """Print one report as text or as the JSON document that ``report.v1`` describes."""
    if fmt == "json":
        console.print(strict_json.dumps(report.to_json(bundle)).decode(), newline=False)
        return
    console.print(visible(bundle, limit=300))
    checks = {check.name: check for check in report.checks}
    for title, names in GROUPS:
        listed = [checks[name] for name in names if name in checks]
        if not console.verbose:
            listed = [check for check in listed if check.outcome is not Outcome.NOT_ASKED]
        if listed:
            console.print(f"  {console.paint(title, bold=True)}")
            for check in listed:
                _print_check(console, check)
    for label in ("root", "bundle_id"):
        if label in report.subject:
            console.print(f"  {label.replace('_', ' '):<12} {report.subject[label]}")
    console.print(f"  {report.proves}\n  {report.does_not_prove}")
    verdict = console.paint(report.verdict_line, fg=_COLORS[report.verdict], bold=True)
    console.print(f"verdict: {verdict}")


def _print_check(console: Console, check: Check) -> None:
    """Print one check: its sentence, or the first fault with its code, and the others below."""
    mark, color = _MARKS[check.outcome]
    sign = console.paint(f"{mark} {check.outcome:<9}", fg=color)
    if not check.faults:
        console.print(f"    {sign} {check.name:<12} {check.message}")
    for number, fault in enumerate(check.faults[:_SHOWN]):
        start = f"{sign} {check.name:<12}" if number == 0 else " " * 24
        code = console.paint(f"[{fault.code}]", dim=True)
        console.print(f"    {start} {fault.message} {code}")
        if fault.hint:
            console.print(f"{'':<29}hint: {fault.hint}")
    if len(check.faults) > _SHOWN:
        told = f"and {len(check.faults) - _SHOWN} more; --format json lists them"
        console.print(f"{'':<29}{told}")
