"""What ``timestamp`` and ``renew`` share: verify, ask the authorities, add what they answer."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import judge
from evidencekit.cli.options import load_stamp, now


def stamp_bundle(
    console: Console, bundle: Path, trust: Any, urls: tuple[str, ...], *, renew: bool
) -> int:
    """Add a time-stamp of each authority to an accepted bundle; print the files that changed."""
    from evidencekit.cli.reports import print_report  # noqa: PLC0415  (start-up time)
    from evidencekit.timestamping import add_timestamps  # noqa: PLC0415

    if not urls:
        raise click.UsageError("name an authority: --timestamp-url")
    verified = judge(console, bundle, trust=trust, at=now(), quick=True)
    if verified.report.exit_code:
        print_report(console.on_stderr(), verified.report, str(bundle), "text")
        return int(verified.report.exit_code)
    stamp = load_stamp(urls)
    with console.watch("asking for time-stamps", waits=True):
        changed = add_timestamps(bundle, verified.examination, stamp=stamp, renew=renew)
    for name in changed:
        console.print(name)
    return 0
