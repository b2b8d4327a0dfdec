"""``evidencekit completion``: print a shell completion script."""

import click
from click.shell_completion import get_completion_class

from evidencekit.cli.console import Console


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a completion script for SHELL.

    \b
    evidencekit completion bash > ~/.local/share/bash-completion/completions/evidencekit
    """
    completion = get_completion_class(shell)
    assert completion is not None  # noqa: S101  (click knows these three)
    root = ctx.find_root()
    console: Console = ctx.obj
    console.print(completion(root.command, {}, "evidencekit", "_EVIDENCEKIT_COMPLETE").source())
