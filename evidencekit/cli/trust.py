"""``evidencekit trust``: write and read the trust file."""

from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.offering import BUNDLE, PUBLIC_KEY, TRUST_FILE, offering
from evidencekit.cli.options import F, InstantType, now


@click.group("trust")
def command() -> None:
    """Say once whom you trust, for what and when; every verdict goes by it.

    \b
    evidencekit trust add signing.pem.pub --trust trust.toml --name "Acme exports"
    evidencekit trust list --trust trust.toml
    """


def _file_option(command: F) -> F:
    return click.option(
        "--trust",
        type=TRUST_FILE,
        required=True,
        envvar="EVIDENCEKIT_TRUST",
        show_envvar=True,
        help="The trust file.",
    )(command)


@command.command("add", short_help="Trust a public key, or a time-stamp authority.")
@click.argument("path", type=PUBLIC_KEY)
@_file_option
@click.option("--name", required=True, help="What you call the signer or authority.")
@click.option("--authority", is_flag=True, help="PATH holds a time-stamp authority's certificates.")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    shell_complete=offering("environments"),
    help="It may sign for. Repeatable.",
)
@click.option("--role", "roles", multiple=True, help="It signs as. Repeatable.")
@click.option("--valid-from", type=InstantType(), help="Its signatures count from here on.")
@click.option("--valid-until", type=InstantType(), help="And no longer from here on.")
@click.pass_obj
def add(  # noqa: PLR0913, PLR0917  (one argument for each option)
    console: Console,
    path: Path,
    trust: Path,
    name: str,
    authority: bool,
    environments: tuple[str, ...],
    roles: tuple[str, ...],
    valid_from: int | None,
    valid_until: int | None,
) -> None:
    """Trust the public key of PATH, or with --authority the certificates (PEM, its own first).

    Makes the trust file where there is none. Compare what is printed with its owner, over another
    channel than the one that PATH came through.

    \b
    evidencekit trust add signing.pem.pub --trust trust.toml --name "Acme exports"
    evidencekit trust add tsa.pem --trust trust.toml --name "Acme TSA" --authority
    """
    from evidencekit.cli import trusting  # noqa: PLC0415  (start-up time)

    if authority and (environments or roles):
        raise click.UsageError("--environment and --role are conditions of signers")
    times = {"valid_from": valid_from, "valid_until": valid_until}
    if authority:
        told = trusting.add_authority(trust, path, name, **times)
    else:
        told = trusting.add_signer(trust, path, name, environments, roles, **times)
    console.say(f"added to {trust}; compare over another channel:")
    console.print("\n".join(told))


@command.command("list", short_help="Print whom the trust file trusts.")
@_file_option
@click.option("--format", "fmt", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def list_(console: Console, trust: Path, fmt: str) -> None:
    """Print whom the trust file trusts, under which conditions, and what has to come together.

    \b
    evidencekit trust list --trust trust.toml
    """
    from evidencekit.cli import trusting  # noqa: PLC0415
    from evidencekit.edges.trust import Trust  # noqa: PLC0415

    told = trusting.listing(Trust.from_file(trust), fmt)
    if fmt == "json":
        console.print(told, newline=False)
        return
    for line in told.splitlines():
        console.print_wrapped(line[trusting.LABEL :], line[: trusting.LABEL], indent=4)


@command.command("revoke", short_help="Write that a signer signs no more.")
@click.argument("which", shell_complete=offering("signers"))
@_file_option
@click.option("--at", type=InstantType(), help="Since this time; now, where it is not given.")
@click.option(
    "--reason",
    type=click.Choice(["key-compromise", "superseded", "left", "unspecified"]),
    required=True,
    help="After key-compromise, earlier signatures count only with a time-stamp.",
)
@click.pass_obj
def revoke(console: Console, which: str, trust: Path, at: int | None, reason: str) -> None:
    """Write that the signer WHICH, by name or SHA256:… fingerprint, signs no more.

    \b
    evidencekit trust revoke "Acme exports" --trust trust.toml --reason key-compromise
    """
    from evidencekit.edges.trustfile import revoke as write  # noqa: PLC0415

    signer = write(trust, which, at=now() if at is None else at, reason=reason)
    console.say(f"revoked in {trust} ({reason})")
    console.print(signer.key.fingerprint)


@command.command("lint", short_help="Print what is odd about the trust file.")
@_file_option
@click.option("--at", type=InstantType(), help="As of this time; now, where it is not given.")
@click.pass_obj
def lint(console: Console, trust: Path, at: int | None) -> None:
    """Print what is odd about a trust file that can be read; a file that cannot be is an error.

    \b
    evidencekit trust lint --trust trust.toml
    """
    from evidencekit.core.trustlint import lint as look  # noqa: PLC0415
    from evidencekit.edges.trust import Trust  # noqa: PLC0415

    found = Trust.from_file(trust)
    told = look(found.signers, found.authorities, found.policy, at=now() if at is None else at)
    for sentence in told:
        console.print(sentence)
    console.say("nothing odd" if not told else f"{len(told)} to look at")


@command.command("explain", short_help="Say rule by rule why a verdict is what it is.")
@click.argument("bundle", type=BUNDLE)
@_file_option
@click.option("--at", type=InstantType(), help="As of this time; now, where it is not given.")
@click.option("--format", "fmt", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def explain(console: Console, bundle: Path, trust: Path, at: int | None, fmt: str) -> int:
    """Say rule by rule of the trust file why BUNDLE's verdict is what it is.

    Exits as verify does.

    \b
    evidencekit trust explain evidence.zip --trust trust.toml
    """
    from evidencekit.cli import trusting  # noqa: PLC0415  (start-up time)
    from evidencekit.cli.judging import judge  # noqa: PLC0415
    from evidencekit.edges.trust import Trust  # noqa: PLC0415
    from evidencekit.explanation import explain as ask  # noqa: PLC0415

    moment, trusted = now() if at is None else at, Trust.from_file(trust)
    verified = judge(console, bundle, trust=trusted, at=moment)
    rules = ask(verified, trusted, at=moment)
    console.print(trusting.explained(rules, verified.report, fmt), newline=False)
    return int(verified.report.exit_code)
