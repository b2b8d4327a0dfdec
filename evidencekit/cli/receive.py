"""``evidencekit receive``: verify a bundle and record that it was received."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.handing import record_options, words_options, write_record
from evidencekit.cli.judging import earlier_signers_options, judge
from evidencekit.cli.offering import BUNDLE
from evidencekit.cli.options import key_option, load_signer, load_stamp, now, stamp_option


@click.command("receive")
@click.argument("bundle", type=BUNDLE)
@click.option(
    "--outcome",
    type=click.Choice(["accepted", "rejected", "insufficient"]),
    required=True,
    help="Your decision; accepted needs an accepted verdict.",
)
@key_option
@earlier_signers_options
@words_options
@stamp_option
@record_options
@click.pass_obj
def command(  # noqa: PLR0913  (one argument for each option)
    console: Console,
    /,
    *,
    bundle: Path,
    outcome: str,
    signing_key: str,
    trust: Any,
    words: Any,
    timestamp_url: tuple[str, ...],
    **where: Any,
) -> int:
    """Verify BUNDLE, then add a signed record that you accept, reject or question it.

    The record holds the verdict and the digest of its report. With -o it is a file of its own, to
    be sent back: the sender's verify --receipt accepts it.

    \b
    evidencekit receive evidence.zip --outcome accepted --key auditor.pem --trust trust.toml
    """
    from evidencekit.cli.reports import print_report  # noqa: PLC0415  (start-up time)
    from evidencekit.custody import receive  # noqa: PLC0415

    signer = load_signer(signing_key)
    verified = judge(console, bundle, trust=trust, at=now())
    print_report(console.on_stderr(), verified.report, str(bundle), "text")
    stamp = load_stamp(timestamp_url)
    record = receive(verified, outcome, signer=signer, now=now(), words=words, stamp=stamp)
    write_record(console, bundle, verified, record, **where)
    console.say(f"recorded as {outcome} by {signer.public_key.fingerprint}")
    return 0
