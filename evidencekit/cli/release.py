"""``evidencekit release``: verify a bundle and record to whom it is released."""

from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.handing import HandOver, hand_over_options
from evidencekit.cli.offering import offering


class Fingerprint(click.ParamType[str]):
    """A key's ``SHA256:…`` fingerprint."""

    name = "fingerprint"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the fingerprint, or fail with the command that prints it."""
        from evidencekit.core.statement import is_fingerprint  # noqa: PLC0415  (start-up time)
        from evidencekit.core.visible import visible  # noqa: PLC0415

        if is_fingerprint(value):
            return str(value)
        key = visible(str(value)) if str(value).endswith(".pub") else "KEY.pub"
        told = f"it takes a SHA256:… fingerprint; 'evidencekit keys show {key}' prints it"
        return self.fail(told, param, ctx)


@click.command("release")
@click.option(
    "--to",
    "holder",
    required=True,
    type=Fingerprint(),
    shell_complete=offering("signers"),
    help="The next holder's SHA256:… fingerprint.",
)
@hand_over_options
def command(console: Console, /, *, holder: str, handed: HandOver) -> int:
    """Verify BUNDLE, then add a signed record that you hand it over, and to whom.

    Only the holder can: the preparer, then whoever received it as accepted. Only the key that it is
    released to may receive it then; until it does, releasing again names another.

    \b
    evidencekit release evidence.zip --to SHA256:… --key signing.pem --trust trust.toml
    """
    from evidencekit.cli.reports import print_own  # noqa: PLC0415  (start-up time)
    from evidencekit.custody import release  # noqa: PLC0415

    if handed.verified.report.exit_code:
        print_own(console, handed.verified.report, str(handed.bundle))
    fingerprint = handed.record(console, release, holder)
    console.say(f"released by {fingerprint} to {holder}")
    return 0
