"""``evidencekit show``: the summary, verified first."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.context import lookup_options
from evidencekit.cli.judging import at_option, judge, read_twice, trust_options
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
@lookup_options
@click.pass_obj
def command(  # noqa: PLR0913  (one argument for each option)
    console: Console,
    /,
    *,
    bundle: Path,
    output: Path,
    force: bool,
    fmt: str,
    ids: Any,
    **asked: Any,
) -> int:
    """Show a bundle's summary, rendered afresh from what was just verified.

    A bundle that is not accepted shows its verdict and nothing of its content. With --request-id or
    --escalation-id only the events that carry these are shown; exit code 1 if one is in none.

    \b
    evidencekit show evidence.zip --key signing.pem.pub
    evidencekit show evidence.zip --key signing.pem.pub --format html -o summary.html
    evidencekit show evidence.zip --key signing.pem.pub --format pdf -o summary.pdf
    evidencekit show evidence.zip --key signing.pem.pub --request-id req_1
    """
    if fmt == "pdf" and str(output) == "-" and sys.stdout.isatty():
        raise click.UsageError("a PDF is not for a terminal: name a file with --output")
    if ids and fmt not in {"text", "json"}:
        raise click.UsageError("--request-id and --escalation-id take --format text or json")
    code, shown = _shown(console, bundle, ids, fmt, **asked)
    if shown is not None:
        data, text = (shown.encode(), True) if isinstance(shown, str) else (shown, False)
        write_result(console, output, data, force=force, text=text)
    return code


def _shown(
    console: Console, bundle: Path, ids: Mapping[str, Any], fmt: str, **asked: Any
) -> tuple[int, str | bytes | None]:
    """Return the exit code and what to show, None where the bundle was not accepted."""
    from evidencekit.cli.reports import print_report  # noqa: PLC0415  (start-up time)
    from evidencekit.verifier import show  # noqa: PLC0415

    with read_twice(bundle, needed=bool(ids)) as source:
        verified = judge(console, bundle, source=source, **asked)
        code: int = verified.report.exit_code
        if code:
            print_report(console.on_stderr(), verified.report, str(bundle), "text")
            return code, None
        if ids:
            return _looked_up(console, source or bundle, verified, ids, fmt)
    return 0, show(verified, fmt)


def _looked_up(
    console: Console, source: Any, verified: Any, ids: Mapping[str, Any], fmt: str
) -> tuple[int, str]:
    """Return the exit code, and the events that carry the IDs which were asked for."""
    from evidencekit.core import strict_json  # noqa: PLC0415  (start-up time)
    from evidencekit.lookup import look_up  # noqa: PLC0415

    with console.watch("looking up") as progress:
        found = look_up(source, verified, progress=progress, **ids)
    console.say(f"accepted; looked up in the export under the root {found.root}")
    as_json = fmt == "json"
    return found.exit_code, (
        strict_json.dumps(found.to_json()).decode() if as_json else found.to_text()
    )
