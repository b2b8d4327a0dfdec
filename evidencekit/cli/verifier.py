"""``evidencekit verifier``: write the offline browser verifier."""

from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE, write_result


@click.command("verifier")
@click.option(
    "-o",
    "--output",
    type=FILE,
    default=Path("verify.html"),
    show_default=True,
    help="Write here; - is stdout.",
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@click.pass_obj
def command(console: Console, output: Path, force: bool) -> int:
    """Write verify.html, a page that checks bundles in a browser, without Python or network.

    Hand it to receivers by another way than the bundle: a forged page says what its maker wants.
    The page says which checks it leaves to evidencekit verify.

    \b
    evidencekit verifier
    evidencekit verifier -o - | sha256sum
    """
    from evidencekit.edges.verifierpage import render_verifier  # noqa: PLC0415  (start-up time)

    write_result(console, output, render_verifier(), force=force)
    return 0
