"""``evidencekit receive``: verify a bundle and record that it was received."""

import click

from evidencekit.cli.console import Console
from evidencekit.cli.handing import HandOver, hand_over_options


@click.command("receive")
@click.option(
    "--outcome",
    type=click.Choice(["accepted", "rejected", "insufficient"]),
    required=True,
    help="Your decision; accepted needs an accepted verdict.",
)
@hand_over_options
def command(console: Console, /, *, outcome: str, handed: HandOver) -> int:
    """Verify BUNDLE, then add a signed record that you accept, reject or question it.

    The record holds the verdict and the digest of its report. With -o it is a file of its own, to
    be sent back: the sender's verify --receipt accepts it.

    \b
    evidencekit receive evidence.zip --outcome accepted --key auditor.pem --trust trust.toml
    """
    from evidencekit.cli.reports import print_own  # noqa: PLC0415  (start-up time)
    from evidencekit.custody import receive  # noqa: PLC0415

    print_own(console, handed.verified.report, str(handed.bundle))
    fingerprint = handed.record(console, receive, outcome)
    console.say(f"recorded as {outcome} by {fingerprint}")
    if handed.output is None:
        console.say("whoever verifies the bundle from now on needs that public key, too")
    return 0
