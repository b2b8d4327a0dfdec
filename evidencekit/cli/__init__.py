"""The command line: parse, call one function, print.

Results go to stdout, talk and progress to stderr. Exit codes: 0 done or accepted, 1 the evidence is
at fault, 2 the command line was wrong, 3 could not tell, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, cast

import click

from evidencekit import __version__
from evidencekit.cli.console import Console, complain
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Listed here so that --help imports no command: name, module, what it does.
_COMMANDS = {
    "demo": "Run the whole job against a stand-in API: no account, no network.",
    "preview": "Show what the API says an export would hold.",
    "pull": "Create an export job, wait for it, download it, write a receipt.",
    "validate": "Check an export file alone: schema and completeness.",
    "collect": "Make a signed bundle from the API or from an export file: the main job.",
    "sign": "Add one more signature to a bundle.",
    "verify": "Verify bundles: report and verdict.",
    "drill": "Tamper with copies of a bundle and see which verifiers notice.",
    "show": "Show a bundle's summary, verified first.",
    "receive": "Verify a bundle and record that you received it.",
    "release": "Verify a bundle and record to whom you release it.",
    "timestamp": "Have a bundle's signatures time-stamped.",
    "renew": "Add fresh time-stamps before the old ones age.",
    "keys": "Make a signing key, show a public key.",
    "trust": "Say whom you trust, for what and when.",
    "verifier": "Write verify.html, the offline verifier for a browser.",
    "completion": "Print a shell completion script.",
}


class _Commands(click.Group):
    """Commands imported when they are called, so that --help and --version stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"evidencekit.cli.{cmd_name}").command
        return cast(click.Command, command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:  # click compares with those that are imported: none
            name = error.command_name
            raise click.NoSuchCommand(name, possibilities=_COMMANDS, ctx=ctx) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem  # noqa: PLC0415  (start-up time)

        named = [(name, told) for name, told in _COMMANDS.items() if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name, help=told) for name, told in named), *options]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _profiles(ctx: click.Context, _param: object, incomplete: str) -> list[CompletionItem[str]]:
    from evidencekit.cli.candidates import profiles  # noqa: PLC0415  (start-up time)

    return profiles(ctx, incomplete)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="evidencekit")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option("-v", "--verbose", count=True, help="Say more.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour; auto honours NO_COLOR and FORCE_COLOR.",
)
@click.option("--no-progress", is_flag=True, help="Draw no progress bars.")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    envvar="EVIDENCEKIT_CONFIG",
    help="Profiles; evidencekit.toml here, where there is one.",
)
@click.option(
    "--profile",
    envvar="EVIDENCEKIT_PROFILE",
    show_envvar=True,
    shell_complete=_profiles,
    help="Take defaults from it.",
)
@click.pass_context
def cli(  # noqa: PLR0913  (one for each option)
    ctx: click.Context,
    /,
    *,
    quiet: bool,
    verbose: int,
    color: str,
    no_progress: bool,
    config: str | None,
    profile: str | None,
) -> None:
    """Turn an AI gateway's event export into evidence that anyone can check.

    \b
    evidencekit demo                          see the whole job
    evidencekit keys new signing.pem          make a key
    evidencekit collect --window 7d --environment production --key signing.pem -o bundles
    evidencekit verify bundles/evidence-… --key signing.pem.pub
    """
    ctx.obj = Console(quiet=quiet, verbose=verbose, color=color, progress=not no_progress)
    if profile is not None or config is not None:
        from evidencekit.cli.profiles import defaults  # noqa: PLC0415  (start-up time)

        ctx.default_map = defaults(config, profile)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end this process with its code, without taking the process apart.

    Freeing objects one by one takes a tenth of a small command's time. Nothing waits for it: every
    file is closed and every worker has ended when a command returns. What we did not foresee goes
    the long way, as a traceback.
    """
    code = run(arguments)
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        code = code or 3  # who asked may not have heard all of it
    os._exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows only ASCII
    if "_EVIDENCEKIT_COMPLETE" in os.environ:
        from evidencekit.cli.completing import register  # noqa: PLC0415  (start-up time)

        register()
    try:
        code = cli.main(arguments, prog_name="evidencekit", standalone_mode=False)
    except click.ClickException as error:
        _print_usage(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        complain("evidencekit: interrupted; nothing was published")
        return 130
    except EvidenceError as error:
        _print_error(error)
        return 1 if isinstance(error, RejectedError) else 3
    except BrokenPipeError:
        return _stdout_closed()
    except OSError as error:  # an edge let it out; no verdict may come of it
        _print_error(UndecidedError("system.error", (error.strerror or "unknown error").lower()))
        return 3
    return code if isinstance(code, int) else 0


def _print_usage(error: click.ClickException) -> None:
    told, hint = io.StringIO(), None
    if isinstance(error, click.NoSuchOption):
        from evidencekit.cli.hints import hint_of_place  # noqa: PLC0415  (start-up time)

        if hint := hint_of_place(error, cli):  # no guess beside it
            error = click.NoSuchOption(error.option_name, ctx=error.ctx)
    error.show(told)
    for line in told.getvalue().expandtabs(4).rstrip().split("\n"):
        complain(line)  # each by itself: it quotes arguments
    if hint:
        complain(f"evidencekit: hint: {hint}")


def _print_error(error: EvidenceError) -> None:
    complain(f"evidencekit: error: {error} [{error.code}]")
    for detail in error.details:
        complain(f"  {detail}")
    from evidencekit.cli.hints import hint_for  # noqa: PLC0415  (start-up time)

    hint = error.hint or (None if isinstance(error, RejectedError) else hint_for(error.code))
    if hint:
        complain(f"evidencekit: hint: {hint}")


def _stdout_closed() -> int:
    # Whoever read our output went away; say no more, and keep Python from trying at exit.
    sys.stdout = None
    return 3
