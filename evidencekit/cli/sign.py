"""``evidencekit sign``: one more signature."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import earlier_signers_options, judge
from evidencekit.cli.offering import BUNDLE
from evidencekit.cli.options import key_option, load_signer, load_stamp, now, stamp_option


@click.command("sign")
@click.argument("bundle", type=BUNDLE)
@key_option
@stamp_option
@earlier_signers_options
@click.pass_obj
def command(
    console: Console,
    /,
    *,
    bundle: Path,
    signing_key: str,
    timestamp_url: tuple[str, ...],
    trust: Any,
) -> int:
    """Add one more signature to BUNDLE, after verifying it; no other byte changes.

    \b
    evidencekit sign evidence.zip --key second.pem --trust-key signing.pem.pub
    """
    from evidencekit.cli.reports import print_own  # noqa: PLC0415  (start-up time)
    from evidencekit.signing import add_signature  # noqa: PLC0415

    signer = load_signer(signing_key)
    verified = judge(console, bundle, trust=trust, at=now())
    code: int = verified.report.exit_code
    unread = verified.examination is None
    if code == 1 or (code and (unread or trust is not None)):
        print_own(console, verified.report, str(bundle))
        return code
    if trust is None:
        console.say("note: who signed before was not checked; name them: --trust or --trust-key")
    stamp = load_stamp(timestamp_url)
    add_signature(bundle, verified.examination, signer=signer, now=now(), stamp=stamp)
    console.say(f"signed {bundle}")
    console.print(signer.public_key.fingerprint)
    return 0
