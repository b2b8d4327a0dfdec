"""Make the manual pages from the commands: one for each, and one for them all.

Our own instead of click-man 0.6, which walks ``Group.commands`` (ours are imported when called, so
it finds none), writes no exit codes, examples, files or environment, and escapes no leading dot.
The macros are those of man(7), in what groff and mandoc both read. The date is that of the newest
release in CHANGELOG.md, and none before the first one: never the clock's.
"""

import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from evidencekit import __version__
from evidencekit.cli import _COMMANDS, cli
from evidencekit.cli.profiles import KEYS

ROOT = Path(__file__).parents[1]
EXITS = (
    ("0", "Done; where something was verified, accepted."),
    ("1", "Rejected: the evidence is at fault."),
    ("2", "The command line was wrong."),
    ("3", "Undecided: could not tell, or something other than the evidence was in the way."),
    ("130", "Interrupted. Nothing was published."),
)
# What is read from the environment beside the defaults of options, by the parameter it belongs to.
_ENVIRONMENT = {
    "api_url": (("KEEPTRUSTS_API_TOKEN", "The API's token; there is no option for it."),),
    "passphrase_fd": (
        ("EVIDENCEKIT_KEY_PASSPHRASE", "The key's passphrase; else a prompt asks for it."),
    ),
    "signing_key": (
        ("EVIDENCEKIT_PKCS11_MODULE", "The module of a pkcs11: key whose URI names none."),
        ("EVIDENCEKIT_PKCS11_PIN", "The PIN of a pkcs11: key; else a prompt asks for it."),
        ("AWS_ENDPOINT_URL_KMS", "Another endpoint for an awskms: key."),
        ("VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE, VAULT_CACERT", "Where a vault: key lies."),
        ("SSH_AUTH_SOCK", "The agent of an ssh-agent: key."),
    ),
    "color": (
        ("NO_COLOR, FORCE_COLOR", "No colour, or colour also where no terminal reads."),
        ("TERM", "With dumb, neither colour nor progress."),
        ("SOURCE_DATE_EPOCH", "Seconds since 1970 to take for now."),
    ),
}
_TRUST = ("trust.toml", "A trust file, wherever --trust says: whom to trust, for what, when.")
_PROFILES = ("evidencekit.toml", "Profiles: defaults of options, read with --profile or --config.")
_WRITTEN = {
    "keys new": (("PATH.pub", "The public half, written beside the private key."),),
    "pull": (("FILE.receipt.json", "How the export was obtained, written beside it."),),
    "collect": (("FILE.receipt.json", "What pull wrote beside an export, for --receipt."),),
}


def pages() -> dict[str, str]:
    """Return every manual page by its path."""
    root = click.Context(cli, info_name="evidencekit", **cli.context_settings)
    found = list(_walk(root))
    return {f"docs/man/{_name(context)}.1": _page(context, found) for context in found}


def _walk(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            yield from _walk(_below(context, name))


def _below(context: click.Context, name: str) -> click.Context:
    command = context.command.get_command(context, name)
    return click.Context(command, parent=context, info_name=name)


def _page(context: click.Context, every: list[click.Context]) -> str:
    paragraphs, examples = _told(context)
    parts = [
        f'.TH {_name(context).upper()} 1 "{_date()}" "evidencekit {__version__}" "evidencekit"',
        ".nh\n.ad l",
        f".SH NAME\n{_text(_name(context))} \\- {_text(_brief(context))}",
        f".SH SYNOPSIS\n{_usage(context)}",
        ".SH DESCRIPTION\n" + "\n.PP\n".join(map(_filled, paragraphs)),
        _options(context),
        _commands(context),
        _listed("EXIT STATUS", EXITS),
        _listed("ENVIRONMENT", _environment(context)),
        _listed("FILES", _files(context)),
        ".SH EXAMPLES\n.nf\n" + "\n".join(map(_text, examples)) + "\n.fi",
        ".SH SEE ALSO\n" + ",\n".join(_related(context, every)),
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _told(context: click.Context) -> tuple[list[str], list[str]]:
    """Return the paragraphs of a command's help, and its examples."""
    blocks = inspect.cleandoc(context.command.help or "").split("\n\n")
    examples = [block.removeprefix("\b\n").splitlines() for block in blocks if block[:1] == "\b"]
    prose = [" ".join(block.split()) for block in blocks if block[:1] != "\b"]
    if context.parent is not None:
        prose.append("Options that every command knows, such as --quiet, are in evidencekit(1).")
    return prose, [line for block in examples for line in block]


def _usage(context: click.Context) -> str:
    pieces = " ".join(context.command.collect_usage_pieces(context))
    return f".B {_text(context.command_path)}\n{_text(pieces)}"


def _options(context: click.Context) -> str:
    options = (one for one in context.command.get_params(context) if isinstance(one, click.Option))
    records = (one.get_help_record(context) for one in options)
    return _listed("OPTIONS", [record for record in records if record])


def _commands(context: click.Context) -> str:
    group = context.command
    if not isinstance(group, click.Group):
        return ""
    inner = [_below(context, name) for name in group.list_commands(context)]
    return _listed("COMMANDS", [(f"{_name(one)}(1)", _brief(one) + ".") for one in inner])


def _environment(context: click.Context) -> list[tuple[str, str]]:
    found = []
    for parameter in context.command.get_params(context):
        if isinstance(parameter.envvar, str):
            found.append((parameter.envvar, f"Where {parameter.opts[-1]} is not given."))
        found += _ENVIRONMENT.get(parameter.name or "", ())
    if context.parent is not None:
        others = "EVIDENCEKIT_PROFILE, NO_COLOR, …"
        found.append((others, "What every command reads is in evidencekit(1)."))
    return found


def _files(context: click.Context) -> list[tuple[str, str]]:
    path = context.command_path.partition(" ")[2]
    found = list(_WRITTEN.get(path, ()))
    if any(parameter.name == "trust" for parameter in context.command.params):
        found.append(_TRUST)
    if not path or any(path in commands for _, commands in KEYS.values()):
        found.append(_PROFILES)
    return found


def _related(context: click.Context, every: list[click.Context]) -> list[str]:
    """Name the page above, those below and those beside this one."""
    near = [
        other
        for other in every
        if other is not context
        and (other is context.parent or other.parent in {context, context.parent})
    ]
    return [f"{_text(_name(other))}(1)" for other in near]


def _listed(title: str, entries: Sequence[tuple[str, str]]) -> str:
    if not entries:
        return ""
    items = (f".TP\n{_marked(name)}\n{_filled(told)}" for name, told in entries)
    return f".SH {title}\n" + "\n".join(items)


def _marked(name: str) -> str:
    """Return a name in bold, and in italics the value that an option takes."""
    flags = re.match(r"(-[^ ]+(?:,? (?:/ )?(?=-))?)*", name)
    end = flags.end() if flags and flags.end() else len(name)
    value = f"\\fI{_text(name[end:])}\\fR" if name[end:] else ""
    return f"\\fB{_text(name[:end])}\\fR{value}"


def _name(context: click.Context) -> str:
    return context.command_path.replace(" ", "-")


def _brief(context: click.Context) -> str:
    parent = context.parent
    if parent is not None and parent.parent is None:
        return _COMMANDS[str(context.info_name)].removesuffix(".")
    return context.command.get_short_help_str(limit=200).removesuffix(".")


def _date() -> str:
    dated = re.search(r"^## \[\d[^]]*\] - (\d{4}-\d\d-\d\d)", _changes(), re.MULTILINE)
    return dated[1] if dated else ""


def _changes() -> str:
    return (ROOT / "CHANGELOG.md").read_text("utf-8")


def _filled(text: str) -> str:
    lines = textwrap.wrap(text, 72, break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(_text, lines))


def _text(line: str) -> str:
    """Return text that roff reads as text: no escape, no request, ASCII alone."""
    safe = line.replace("\\", "\\e").replace("-", "\\-")
    safe = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in safe)
    return f"\\&{safe}" if safe[:1] in {".", "'"} else safe
