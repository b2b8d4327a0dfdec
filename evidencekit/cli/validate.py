"""``evidencekit validate``: schema and completeness of an export file alone."""

from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE, Identifiers, InstantType, flat


@click.command("validate")
@click.argument("export", type=FILE)
@click.option("--format", "export_format", type=click.Choice(["json", "csv"]), help="By its name, unless given.")
@click.option("--schema", type=FILE, help="Validate with this schema instead of our own.")
@click.option("--from-time", type=InstantType(), help="Start of the window, RFC 3339.")
@click.option("--to-time", type=InstantType(), help="End of the window, RFC 3339, not inside.")
@click.option("--environment", help="Expect this environment.")
@click.option("--config-version", "config_versions", multiple=True, type=Identifiers(), help="Expect it.")
@click.option("--request-id", "request_ids", multiple=True, type=Identifiers(), help="Look for it.")
@click.option("--escalation-id", "escalation_ids", multiple=True, type=Identifiers(), help="Look for it.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Worker processes; as many as there are cores.")
@click.pass_obj
def command(
    console: Console,
    export: Path,
    export_format: str | None,
    schema: Path | None,
    from_time: int | None,
    to_time: int | None,
    environment: str | None,
    config_versions: tuple[tuple[str, ...], ...],
    request_ids: tuple[tuple[str, ...], ...],
    escalation_ids: tuple[tuple[str, ...], ...],
    jobs: int | None,
) -> int:
    """Check an export file alone: every event against the schema, and completeness against what you name.

    \b
    evidencekit validate export.json --environment production --request-id req_1
    """
    from evidencekit.collector import Obtained, Plan, validate  # noqa: PLC0415
    from evidencekit.core.manifest import Context  # noqa: PLC0415
    from evidencekit.edges.keys import read_limited  # noqa: PLC0415
    from evidencekit.cli.sources import declared_window, format_of  # noqa: PLC0415

    context = Context(
        environment=environment,
        config_versions=flat(config_versions),
        request_ids=flat(request_ids),
        escalation_ids=flat(escalation_ids),
    )
    obtained = Obtained(
        path=export,
        format=export_format or format_of(export),
        received_as=export.name,
        claim=declared_window(from_time, to_time),
    )
    plan = Plan(context=context, schema=schema and read_limited(schema))
    with console.bar(f"reading {export.name}", export.stat().st_size) as advance:
        checks = validate(obtained, plan, jobs=jobs, progress=advance)
    for check in checks:
        console.print(f"{check.outcome:<9} {check.name:<15} {check.message}")
        for fault in check.faults[1:]:
            console.print(f"          {fault.message}")
    return 1 if any(check.faults for check in checks) else 0
