"""``evidencekit show``: the summary, verified first."""

import sys
from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import at_option, judge, trust_options
from evidencekit.cli.offering import BUNDLE
from evidencekit.cli.options import output_options, write_result


@click.command("show")
@click.argument("bundle", type=BUNDLE)
@trust_options
@output_options
@at_option
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["text", "html", "markdown", "pdf", "json"]),
    default="text",
    show_default=True,
    help="What to write; pdf needs the extra of that name.",
)
@click.pass_obj
def command(
    console: Console, /, *, bundle: Path, output: Path, force: bool, fmt: str, **asked: Any
) -> int:
    """Show a bundle's summary, rendered afresh from what was just verified.

    A bundle that is not accepted shows its verdict and nothing of its content.

    \b
    evidencekit show evidence.zip --key signing.pem.pub
    evidencekit show evidence.zip --key signing.pem.pub --format html -o summary.html
    evidencekit show evidence.zip --key signing.pem.pub --format pdf -o summary.pdf
    """
    from evidencekit.cli.reports import print_report  # noqa: PLC0415  (start-up time)
    from evidencekit.verifier import show  # noqa: PLC0415

    if fmt == "pdf" and str(output) == "-" and sys.stdout.isatty():
        raise click.UsageError("a PDF is not for a terminal: name a file with --output")
    verified = judge(console, bundle, **asked)
    code: int = verified.report.exit_code
    if code:
        print_report(console.on_stderr(), verified.report, str(bundle), "text")
        return code
    shown = show(verified, fmt)
    data, text = (shown.encode(), True) if isinstance(shown, str) else (shown, False)
    write_result(console, output, data, force=force, text=text)
    return 0
