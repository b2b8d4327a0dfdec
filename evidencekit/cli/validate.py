"""``evidencekit validate``: schema and completeness of an export file alone."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.context import scope_options
from evidencekit.cli.offering import EXPORT
from evidencekit.cli.options import FILE, InstantType, jobs_option


@click.command("validate")
@click.argument("export", type=EXPORT)
@click.option(
    "--format",
    "export_format",
    type=click.Choice(["json", "csv"]),
    help="What EXPORT is; by its name, if not given.",
)
@click.option("--schema", type=FILE, help="Validate with this schema instead of our own.")
@click.option("--from-time", type=InstantType(), help="Start of the window, RFC 3339.")
@click.option("--to-time", type=InstantType(), help="End of the window, RFC 3339, not inside.")
@scope_options
@jobs_option
@click.pass_obj
def command(console: Console, /, *, export: Path, jobs: int | None, **asked: Any) -> int:
    """Check an export file alone: every event against the schema, and what you expect of it.

    \b
    evidencekit validate export.json --environment production --request-id req_1
    """
    from evidencekit.core.coverage import undeclared_versions  # noqa: PLC0415  (start-up time)
    from evidencekit.validation import validate  # noqa: PLC0415

    obtained, plan = _given(export, **asked)
    with console.watch("reading") as progress:
        validated = validate(obtained, plan, jobs=jobs, progress=progress)
    for check in validated.checks:
        color = {"pass": "green", "fail": "red", "undecided": "yellow"}.get(check.outcome)
        outcome = console.paint(f"{check.outcome:<9}", fg=color, dim=color is None)
        code = f" [{check.faults[0].code}]" if check.faults else ""
        start = f"{outcome} {check.name:<15} "
        console.print_wrapped(check.message, start, tail=code, indent=4)
        for fault in check.faults[1:]:
            console.print_wrapped(fault.message, f"{'':<9} ", indent=4)
    if note := undeclared_versions(validated.survey.facts, plan.context.config_versions):
        console.say(f"note: {note}")
    return 1 if validated.failed else 0


def _given(  # noqa: PLR0913  (one for each option)
    export: Path,
    *,
    export_format: str | None,
    schema: Path | None,
    from_time: int | None,
    to_time: int | None,
    context: Any,
) -> tuple[Any, Any]:
    """Return the export and what it is held against."""
    from evidencekit.cli.planning import load_schema  # noqa: PLC0415  (start-up time)
    from evidencekit.cli.sources import declared_window, obtained_from_file  # noqa: PLC0415
    from evidencekit.validation import Plan  # noqa: PLC0415

    claim = declared_window(from_time, to_time)
    obtained = obtained_from_file(export, export_format, None, claim)
    return obtained, Plan(context=context, judged_by=load_schema(schema))
