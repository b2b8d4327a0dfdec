"""``evidencekit renew``: add fresh time-stamps before the old ones age."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import judge, trust_options
from evidencekit.cli.options import FILE, load_stamp, now, stamp_option


@click.command("renew")
@click.argument("bundle", type=FILE)
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
    from evidencekit.cli.reports import print_report  # noqa: PLC0415  (start-up time)
    from evidencekit.timestamping import add_timestamps  # noqa: PLC0415

    if not timestamp_url:
        raise click.UsageError("name an authority: --timestamp-url")
    verified = judge(console, bundle, trust=trust, at=now(), quick=True)
    if verified.report.exit_code:
        print_report(console.on_stderr(), verified.report, str(bundle), "text")
        return int(verified.report.exit_code)
    stamp = load_stamp(timestamp_url)
    for name in add_timestamps(bundle, verified.examination, stamp=stamp, renew=True):
        console.print(name)
    return 0
