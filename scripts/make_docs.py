"""Write what documentation repeats from code and samples; a test holds that nothing is out of date.

Blocks of docs/format.md below a comment that names a sample, docs/adr/index.md from the titles,
docs/reference/cli.md and the manual pages in docs/man/ from the commands' own help,
docs/reference/codes.md from the errors that the source raises.
"""

import base64
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import click
import man_pages  # the scripts beside this one
from error_codes import table

from evidencekit.cli import cli

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"(<!-- (payload of )?(samples/\S+) -->\n```(?:json)?\n)(.*?)(```)", re.DOTALL)
GENERATED = "<!-- made by scripts/make_docs.py -->"


def pages() -> dict[str, str]:
    """Return every page that is made, whole or in part, by its path."""
    return {
        "docs/format.md": _BLOCK.sub(_sample, (ROOT / "docs/format.md").read_text("utf-8")),
        "docs/adr/index.md": _decisions(),
        "docs/reference/cli.md": _commands(),
        "docs/reference/codes.md": _codes(),
        **man_pages.pages(),
    }


def _sample(block: re.Match[str]) -> str:
    text = (ROOT / block[3]).read_text("utf-8")
    if block[2]:
        text = base64.b64decode(json.loads(text)["dsseEnvelope"]["payload"]).decode()
    return f"{block[1]}{text}{block[5]}"


def _decisions() -> str:
    lines = ["# Decisions", "", GENERATED, "", "What was decided, against what, and what it costs."]
    for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md")):
        number, _, title = (
            path.read_text("utf-8").split("\n", 1)[0].removeprefix("# ").partition(" ")
        )
        lines += ["", f"{number} [{title}]({path.name})"]
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = ["# Command line", "", GENERATED, ""]
    lines += ["Every command as `--help` prints it. Exit codes: 0 done or accepted, 1 the evidence"]
    lines += ["is at fault, 2 the command line was wrong, 3 could not tell, 130 interrupted.", ""]
    root = click.Context(cli, info_name="evidencekit", terminal_width=80, **cli.context_settings)
    for context in _walk(root):
        lines += [f"## {context.command_path}", "", "```text"]
        lines += [context.command.get_help(context), "```", ""]
    return "\n".join(lines)


def _walk(context: click.Context) -> list[click.Context]:
    found = [context]
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            settings = {"parent": context, "info_name": name, "terminal_width": 80}
            found += _walk(click.Context(command, **settings))
    return found


def _codes() -> str:
    head = f"# Error codes\n\n{GENERATED}\n\nEvery code is stable. *Rejected*: the evidence is at"
    head += " fault, exit code 1. *Undecided*: anything else is,\nexit code 3. Messages name the"
    head += " place first; `…` is what differs from case to case.\n"
    return f"{head}\n{table(ROOT / 'evidencekit')}"


if __name__ == "__main__":
    for name, text in pages().items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
