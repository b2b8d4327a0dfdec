"""``evidencekit verify``: report and verdict."""

from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE, InstantType, now, trust_options


@click.command("verify")
@click.argument("bundles", nargs=-1, required=True, type=FILE)
@trust_options
@click.option("--at", type=InstantType(), help="Judge as of this time; now, where it is not given.")
@click.option("--environment", help="Expect this environment.")
@click.option("--window", "expected_window", nargs=2, type=InstantType(), help="Expect START and END.")
@click.option("--signer", help="Expect this signer: a SHA256:… fingerprint.")
@click.option("--schema", type=FILE, help="Judge events by this schema instead of our own.")
@click.option("--quick", is_flag=True, help="Hashes and signatures only; no event is examined.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Worker processes; as many as there are cores.")
@click.option("--format", "fmt", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(
    console: Console,
    bundles: tuple[Path, ...],
    keys: tuple[Path, ...],
    trust: Path | None,
    at: int | None,
    environment: str | None,
    expected_window: tuple[int, int] | None,
    signer: str | None,
    schema: Path | None,
    quick: bool,
    jobs: int | None,
    fmt: str,
) -> int:
    """Verify bundles, folders or zips (- reads one zip from stdin), and print a report each.

    Exit code 0: accepted. 1: rejected, the evidence is at fault. 3: could not tell, for example because no key was
    given. Of several bundles the worst counts. Opens no network connection.

    \b
    evidencekit verify evidence.zip --key signing.pem.pub
    evidencekit verify bundles/* --trust trust.toml --environment production
    """
    from evidencekit.cli.reports import print_report  # noqa: PLC0415
    from evidencekit.cli.judging import judge, load_trust  # noqa: PLC0415
    from evidencekit.verifier import Expectations, worst  # noqa: PLC0415

    expectations = Expectations.from_options(environment, expected_window, signer)
    trusted = load_trust(trust, keys)
    moment = now() if at is None else at
    codes = []
    for path in bundles:
        report = judge(
            console, path, trust=trusted, at=moment, expect=expectations, schema=schema, quick=quick, jobs=jobs
        )
        print_report(console, report, str(path), fmt)
        codes.append(report.exit_code)
    return worst(codes)
