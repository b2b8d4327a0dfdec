"""``evidencekit renew``: add fresh time-stamps before the old ones age."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import trust_options
from evidencekit.cli.offering import BUNDLE
from evidencekit.cli.options import stamp_option
from evidencekit.cli.stamping import stamp_bundle


@click.command("renew")
@click.argument("bundle", type=BUNDLE)
@trust_options
@stamp_option
@click.pass_obj
def command(
    console: Console, /, *, bundle: Path, trust: Any, timestamp_url: tuple[str, ...]
) -> int:
    """Ask each authority to time-stamp BUNDLE's signatures again, before the old stamps age.

    The bundle is verified first. Root, signatures and custody records keep their bytes. A fresh
    stamp covers the signature, not the older stamp, which stays; so renew with another authority
    before the first one's key or certificate is in doubt.

    \b
    evidencekit renew evidence.zip --trust trust.toml --timestamp-url https://tsa.example
    """
    return stamp_bundle(console, bundle, trust, timestamp_url, renew=True)
