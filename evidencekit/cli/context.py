"""Options that declare what an export is about, given to a command as one ``Context``."""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import click

from evidencekit.cli.offering import offering

Decorator = Callable[..., Any]


class Identifiers(click.ParamType[tuple[str, ...]]):
    """One identifier, or ``@FILE`` with one a line; gives a tuple either way."""

    name = "id or @file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the identifiers."""
        if isinstance(value, tuple):
            return value
        if not value.startswith("@"):
            return (value,) if value else self.fail("an identifier cannot be empty", param, ctx)
        try:
            lines = Path(value[1:]).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            self.fail(f"{value[1:]}: no such file, or not UTF-8 text", param, ctx)
        found = tuple(line.strip() for line in lines if line.strip())
        return found or self.fail(f"{value[1:]}: holds no identifier", param, ctx)


def _list(name: str, target: str, text: str) -> Decorator:
    return click.option(
        name, target, multiple=True, type=Identifiers(), help=f"{text} Repeatable, or @FILE."
    )


_SCOPE = {
    "environment": click.option(
        "--environment",
        shell_complete=offering("environments"),
        help="Environment that the events are from.",
    ),
    "config_versions": _list("--config-version", "config_versions", "Config version to find."),
    "request_ids": _list("--request-id", "request_ids", "Request to find."),
    "escalation_ids": _list("--escalation-id", "escalation_ids", "Escalation to find."),
}
_PURPOSE = {
    "incident": click.option("--incident", help="Incident that this is evidence of."),
    "purpose": click.option("--purpose", help="What the evidence is for."),
    "prepared_by": click.option("--prepared-by", help="Who prepares it."),
    "limitations": click.option(
        "--limitation", "limitations", multiple=True, help="What the evidence lacks. Repeatable."
    ),
}


def scope_options(command: Decorator) -> Decorator:
    """Add --environment, --config-version, --request-id, --escalation-id, as ``context``."""
    return _as_context(command, _SCOPE)


def context_options(command: Decorator) -> Decorator:
    """Add those, and --incident, --purpose, --prepared-by, --limitation, as ``context``."""
    return _as_context(command, _SCOPE | _PURPOSE)


def lookup_options(command: Decorator) -> Decorator:
    """Add --request-id and --escalation-id, as ``ids``: lists by name, none where none is asked."""

    @wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:
        asked = {name: flat(given.pop(name)) for name in ("request_ids", "escalation_ids")}
        return command(*args, ids=asked if any(asked.values()) else {}, **given)

    return _SCOPE["request_ids"](_SCOPE["escalation_ids"](wrapped))


def _as_context(command: Decorator, options: Mapping[str, Decorator]) -> Decorator:
    @wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:
        from evidencekit.core.manifest import Context  # noqa: PLC0415  (start-up time)

        said = {name: given.pop(name) for name in options}
        lists = ("config_versions", "request_ids", "escalation_ids")
        said |= {name: flat(said[name]) for name in lists}
        return command(*args, context=Context(**said), **given)

    for option in reversed(tuple(options.values())):
        wrapped = option(wrapped)
    return wrapped


def flat(groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Return the identifiers of a repeatable option, each once, in the order given."""
    return tuple(dict.fromkeys(identifier for group in groups for identifier in group))
