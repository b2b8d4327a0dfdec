"""``evidencekit release``: verify a bundle and record to whom it is released."""

import click

from evidencekit.cli.console import Console
from evidencekit.cli.handing import HandOver, hand_over_options
from evidencekit.cli.offering import offering


@click.command("release")
@click.option(
    "--to",
    "holder",
    required=True,
    shell_complete=offering("signers"),
    help="The next holder's SHA256:… fingerprint.",
)
@hand_over_options
def command(console: Console, /, *, holder: str, handed: HandOver) -> int:
    """Verify BUNDLE, then add a signed record that you hand it over, and to whom.

    Whoever receives it then with another key breaks the chain, and every verdict says so.

    \b
    evidencekit release evidence.zip --to SHA256:… --key signing.pem --trust trust.toml
    """
    from evidencekit.custody import release  # noqa: PLC0415  (start-up time)

    fingerprint = handed.record(console, release, holder)
    console.say(f"released by {fingerprint} to {holder}")
    return 0
