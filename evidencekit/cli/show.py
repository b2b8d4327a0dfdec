"""``evidencekit show``: the summary, verified first."""

from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE, InstantType, now, output_options, trust_options, write_result


@click.command("show")
@click.argument("bundle", type=FILE)
@trust_options
@output_options
@click.option("--at", type=InstantType(), help="Judge as of this time; now, where it is not given.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["text", "html", "markdown", "json"]),
    default="text",
    show_default=True,
)
@click.pass_obj
def command(
    console: Console,
    bundle: Path,
    keys: tuple[Path, ...],
    trust: Path | None,
    output: Path,
    force: bool,
    at: int | None,
    fmt: str,
) -> int:
    """Show a bundle's summary, rendered afresh from what was just verified.

    A bundle that is not accepted shows its verdict and nothing of its content.

    \b
    evidencekit show evidence.zip --key signing.pem.pub
    evidencekit show evidence.zip --key signing.pem.pub --format html -o summary.html
    """
    from evidencekit.cli.judging import judge, load_trust  # noqa: PLC0415
    from evidencekit.cli.reports import print_report  # noqa: PLC0415
    from evidencekit.verifier import show  # noqa: PLC0415

    moment = now() if at is None else at
    verified = judge(console, bundle, trust=load_trust(trust, keys), at=moment)
    if verified.report.exit_code:
        print_report(console.on_stderr(), verified.report, str(bundle), "text")
        return verified.report.exit_code
    write_result(console, output, show(verified, fmt).encode(), force=force)
    return 0
