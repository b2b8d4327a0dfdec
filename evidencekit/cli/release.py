"""``evidencekit release``: verify a bundle and record to whom it is released."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.handing import record_options, words_options, write_record
from evidencekit.cli.judging import earlier_signers_options, judge
from evidencekit.cli.offering import BUNDLE, offering
from evidencekit.cli.options import key_option, load_signer, load_stamp, now, stamp_option


@click.command("release")
@click.argument("bundle", type=BUNDLE)
@click.option(
    "--to",
    "holder",
    required=True,
    shell_complete=offering("signers"),
    help="The next holder's SHA256:… fingerprint.",
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
    holder: str,
    signing_key: str,
    trust: Any,
    words: Any,
    timestamp_url: tuple[str, ...],
    **where: Any,
) -> int:
    """Verify BUNDLE, then add a signed record that you hand it over, and to whom.

    Whoever receives it then with another key breaks the chain, and every verdict says so.

    \b
    evidencekit release evidence.zip --to SHA256:… --key signing.pem --trust trust.toml
    """
    from evidencekit.custody import release  # noqa: PLC0415  (start-up time)

    signer = load_signer(signing_key)
    verified = judge(console, bundle, trust=trust, at=now())
    stamp = load_stamp(timestamp_url)
    record = release(verified, holder, signer=signer, now=now(), words=words, stamp=stamp)
    write_record(console, bundle, verified, record, **where)
    console.say(f"released by {signer.public_key.fingerprint} to {holder}")
    return 0
