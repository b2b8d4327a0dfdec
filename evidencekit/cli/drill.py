"""``evidencekit drill``: which verifiers notice which tampering."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import at_option, trust_options
from evidencekit.cli.offering import BUNDLE
from evidencekit.cli.options import FILE


@click.command("drill")
@click.argument("bundle", type=BUNDLE)
@trust_options
@at_option
@click.option("--schema", type=FILE, help="Judge events by this schema instead of our own.")
@click.option(
    "--format", "fmt", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(  # noqa: PLR0913  (one for each option)
    console: Console, /, *, bundle: Path, trust: Any, at: int, schema: Path | None, fmt: str
) -> int:
    """Tamper with private copies of BUNDLE in every way, and see which verifiers notice.

    Runs our verifier and every other one on this machine. BUNDLE itself is not touched.
    A companion of a signature may be absent: then the report says so. Exit code 0: ours refused
    or told all. 1: it missed one. 3: the bundle is not accepted as it is.

    \b
    evidencekit drill evidence.zip --key signing.pem.pub
    """
    from evidencekit.cli.drilling import print_rows  # noqa: PLC0415  (start-up time)
    from evidencekit.drill import drill  # noqa: PLC0415
    from evidencekit.edges.files import read_limited  # noqa: PLC0415

    if trust is None:
        raise click.UsageError("name the signer's key with --key, or a trust file with --trust")
    own = None if schema is None else read_limited(schema, family="schema")
    with console.watch("tampering", unit="rows") as progress:
        rows = drill(bundle, trust=trust, at=at, schema=own, progress=progress)
    print_rows(console, rows, fmt)
    return 0 if all(row.is_told for row in rows[1:]) else 1
