"""``evidencekit sign``: one more signature."""

from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE, key_option, load_signer, now


@click.command("sign")
@click.argument("bundle", type=FILE)
@key_option
@click.option("--trust", type=FILE, envvar="EVIDENCEKIT_TRUST", help="Require that it accepts the bundle first.")
@click.option("--trust-key", "keys", multiple=True, type=FILE, help="Public key to trust. Repeatable.")
@click.pass_obj
def command(
    console: Console, bundle: Path, signing_key: Path, keys: tuple[Path, ...], trust: Path | None
) -> int:
    """Add one more signature to BUNDLE, after verifying it; no other byte changes.

    \b
    evidencekit sign evidence.zip --key second.pem --trust-key signing.pem.pub
    """
    from evidencekit.cli.judging import judge, load_trust  # noqa: PLC0415
    from evidencekit.cli.reports import print_report  # noqa: PLC0415
    from evidencekit.signing import add_signature  # noqa: PLC0415

    signer = load_signer(signing_key)
    trusted = load_trust(trust, keys)
    verified = judge(console, bundle, trust=trusted, at=now())
    code = verified.report.exit_code
    if code == 1 or (code and trusted is not None):
        print_report(console.on_stderr(), verified.report, str(bundle), "text")
        return code
    if trusted is None:
        console.say("note: who signed before was not checked; name them with --trust or --trust-key")
    add_signature(bundle, verified.examination, signer=signer, now=now())
    console.say(f"signed {bundle}")
    console.print(signer.public_key.fingerprint)
    return 0
