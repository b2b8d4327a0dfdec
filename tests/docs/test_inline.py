"""Commands in running text are commands: their names, options and choices exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from evidencekit.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
INLINE = re.compile(r"`(evidencekit(?: |\n)[^`]*)`")


def told(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(found.split()) for found in INLINE.findall(text)]


TOLD = [(page.name, line) for page in PAGES for line in told(page)]


def parsed(line):
    """Return the command that a line names, and what click finds wrong with its options."""
    words = [word for word in shlex.split(line.split(" < ")[0].split("|")[0])[1:] if word != "…"]
    context = click.Context(cli, info_name="evidencekit", resilient_parsing=True)
    while isinstance(context.command, click.Group):
        while words and words[0].startswith("-"):
            words.pop(0)
        if not words:
            return context
        command = context.command.get_command(context, words.pop(0))
        assert command is not None, line
        context = click.Context(command, parent=context, resilient_parsing=True)
    options = {
        flag: option for option in context.command.get_params(context) for flag in option.opts
    }
    flags = {"-h", "--help"}
    for at, word in enumerate(words):
        flag = word.partition("=")[0]
        if not flag.startswith("-") or flag in flags or flag == "-":
            continue
        assert flag in options, f"{line}: {flag}"
        kind = options[flag].type
        if isinstance(kind, click.Choice) and at + 1 < len(words):
            assert words[at + 1] in kind.choices, line
    return context


@pytest.mark.parametrize(("page", "line"), TOLD, ids=lambda text: text[:40])
def test_a_command_in_the_text_is_one(page, line):
    assert parsed(line) is not None, page


def test_there_are_such_commands_and_a_wrong_one_is_noticed():
    assert len(TOLD) > 10
    for line in (
        "evidencekit prove x",
        "evidencekit verify --colour red",
        "evidencekit trust revoke KEY --reason compromised",
    ):
        with pytest.raises(AssertionError):
            parsed(line)
