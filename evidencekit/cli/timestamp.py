"""``evidencekit timestamp``: have a bundle's signatures time-stamped."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import trust_options
from evidencekit.cli.offering import BUNDLE
from evidencekit.cli.options import stamp_option
from evidencekit.cli.stamping import stamp_bundle


@click.command("timestamp")
@click.argument("bundle", type=BUNDLE)
@trust_options
@stamp_option
@click.pass_obj
def command(
    console: Console, /, *, bundle: Path, trust: Any, timestamp_url: tuple[str, ...]
) -> int:
    """Ask each authority to time-stamp BUNDLE's signatures that have no time-stamp yet.

    The bundle is verified first. Root, signatures and custody records keep their bytes: a record is
    stamped as it is made, and a stamp on a later one covers all before it.

    \b
    evidencekit timestamp evidence.zip --trust trust.toml --timestamp-url https://tsa.example
    """
    return stamp_bundle(console, bundle, trust, timestamp_url, renew=False)
