"""``evidencekit verify``: report and verdict."""

from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.judging import (
    at_option,
    crossed,
    extracted,
    judge,
    read_twice,
    trust_options,
)
from evidencekit.cli.offering import BUNDLE, RECEIPT, offering
from evidencekit.cli.options import FILE, InstantType, jobs_option


@click.command("verify")
@click.argument("bundles", nargs=-1, required=True, type=BUNDLE)
@trust_options
@at_option
@click.option(
    "--environment", shell_complete=offering("environments"), help="Expect this environment."
)
@click.option("--window", nargs=2, type=InstantType(), help="Expect this window: START END.")
@click.option(
    "--signer",
    shell_complete=offering("signers"),
    help="Expect this signer: a SHA256:… fingerprint.",
)
@click.option("--schema", type=FILE, help="Judge events by this schema instead of our own.")
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    type=RECEIPT,
    help="Custody record that came back beside the bundle. Repeatable, in order.",
)
@click.option("--quick", is_flag=True, help="Hashes and signatures only; no event is examined.")
@click.option(
    "--thorough",
    is_flag=True,
    help="Parse and judge every event, also those whose form says that they are valid.",
)
@click.option(
    "--cross", is_flag=True, help="Ask the verifiers of others on this machine, too, and compare."
)
@click.option(
    "--extract-to", type=FILE, help="Write what was verified into this new folder, if accepted."
)
@click.option(
    "--leaves",
    type=FILE,
    help="Write the leaf digests of the event tree into this new file, unless rejected.",
)
@jobs_option
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["text", "json", "junit", "sarif"]),
    default="text",
    show_default=True,
)
@click.pass_obj
def command(
    console: Console,
    /,
    *,
    bundles: tuple[Path, ...],
    fmt: str,
    cross: bool,
    extract_to: Path | None,
    **asked: Any,
) -> int:
    """Verify bundles, folders or zips (- reads one zip from stdin), and print a report each.

    Exit code 0: accepted. 1: rejected, the evidence is at fault. 3: could not tell, for example
    because no key was given. Of several bundles the worst counts. Opens no network connection.

    \b
    evidencekit verify evidence.zip --key signing.pem.pub
    evidencekit verify bundles/* --trust trust.toml --environment production
    """
    from evidencekit.cli.reports import print_report, print_reports  # noqa: PLC0415  (start-up)
    from evidencekit.verifier import worst  # noqa: PLC0415

    _check_usage(bundles, extract_to, **asked)
    if extract_to is not None:
        from evidencekit.edges.publish import refuse_existing  # noqa: PLC0415  (start-up)

        refuse_existing(extract_to)  # before a verdict that would seem to be the last word
    given, reports = _given(**asked), []
    for path in bundles:
        with read_twice(path, needed=cross or extract_to is not None) as source:
            verified = judge(console, path, source=source, **given)
            verified = crossed(console, source, verified, given["trust"]) if cross else verified
            print_report(console, verified.report, str(path), fmt)
            if extract_to is not None:
                extracted(console, source, verified, extract_to)
        reports.append((str(path), verified.report))
    print_reports(console, reports, fmt)
    return worst(report.exit_code for _, report in reports)


def _check_usage(
    bundles: tuple[Path, ...],
    extract_to: Path | None,
    *,
    leaves: Path | None,
    quick: bool,
    thorough: bool,
    **_: Any,
) -> None:
    """Refuse options that do not go together."""
    for option, path in (("--extract-to", extract_to), ("--leaves", leaves)):
        if path is not None and len(bundles) > 1:
            raise click.UsageError(f"{option} takes one bundle")
    if leaves is not None and quick:
        raise click.UsageError("--leaves needs the events examined, which --quick leaves out")
    if thorough and quick:
        raise click.UsageError("--thorough examines every event, which --quick leaves out")


def _given(
    *,
    environment: str | None,
    window: tuple[int, int] | None,
    signer: str | None,
    schema: Path | None,
    receipts: tuple[Path, ...],
    **others: Any,
) -> dict[str, Any]:
    """Return what ``verifier.verify`` takes for what was asked on the command line."""
    from evidencekit.core.window import Window  # noqa: PLC0415  (start-up time)
    from evidencekit.edges.files import read_limited  # noqa: PLC0415
    from evidencekit.verifier import Expectations  # noqa: PLC0415

    try:
        wanted = None if window is None else Window(start=window[0], end=window[1])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--window") from None
    expect = Expectations(environment=environment, window=wanted, signer=signer)
    own = None if schema is None else read_limited(schema, family="schema")
    back = tuple((path.name, read_limited(path, family="receipt")) for path in receipts)
    return {**others, "expect": expect, "schema": own, "receipts": back}
