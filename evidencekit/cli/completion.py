"""``evidencekit completion``: print a shell completion script."""

import click

from evidencekit import resources
from evidencekit.cli.console import Console


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_obj
def command(console: Console, shell: str) -> None:
    """Print a completion script for SHELL: commands, options, bundles, keys, environments.

    An installed wheel brings the scripts along in share/, where a shell of the same prefix looks.

    \b
    evidencekit completion bash > ~/.local/share/bash-completion/completions/evidencekit
    evidencekit completion zsh > ~/.zfunc/_evidencekit
    evidencekit completion fish > ~/.config/fish/completions/evidencekit.fish
    """
    console.print(resources.template(f"completion/evidencekit.{shell}"), newline=False)
