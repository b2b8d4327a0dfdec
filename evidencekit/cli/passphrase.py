"""The passphrase of a key: by a descriptor, the environment or a prompt; never an argument."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from evidencekit.core.visible import visible
from evidencekit.errors import UndecidedError

F = TypeVar("F", bound=Callable[..., Any])
_PASSPHRASE_FD = "evidencekit.passphrase-fd"


def passphrase_option(command: F) -> F:
    """Add --passphrase-fd, which :func:`passphrase` goes by; the passphrase is no argument."""

    def note(context: click.Context, _param: click.Parameter, value: int | None) -> None:
        context.meta[_PASSPHRASE_FD] = value

    return click.option(
        "--passphrase-fd",
        type=click.IntRange(0, 1_048_575),
        metavar="N",
        envvar="EVIDENCEKIT_KEY_PASSPHRASE_FD",
        show_envvar=True,
        expose_value=False,
        callback=note,
        help="Read the key's passphrase, one line, from this open file descriptor.",
    )(command)


def passphrase(what: str, *, new: bool = False) -> str:
    """Return the passphrase of the key ``what``: by --passphrase-fd, the environment, or a prompt.

    For a ``new`` key the prompt asks twice, and may be left empty. Raises ``key.passphrase-fd``,
    and ``key.passphrase`` where there is nobody to ask.
    """
    context = click.get_current_context(silent=True)
    number = None if context is None else context.meta.get(_PASSPHRASE_FD)
    if number is not None:
        from evidencekit.edges.keys import read_passphrase  # noqa: PLC0415  (start-up time)

        return read_passphrase(number)
    given = os.environ.get("EVIDENCEKIT_KEY_PASSPHRASE")
    if given is not None:
        return given
    if not _has_terminal():
        told = f"{visible(what, limit=300)}: needs a passphrase, and there is no terminal to ask at"
        ways = "give it by EVIDENCEKIT_KEY_PASSPHRASE or --passphrase-fd"
        raise UndecidedError(
            "key.passphrase", told, hint=f"{ways}; empty for none" if new else ways
        )
    if not new:
        return str(click.prompt("passphrase", hide_input=True, err=True))
    words = "passphrase (empty for none)"
    options: dict[str, Any] = {"default": "", "show_default": False, "confirmation_prompt": True}
    return str(click.prompt(words, hide_input=True, err=True, **options))


def _has_terminal() -> bool:
    """Tell whether somebody can be asked: as ``getpass`` does, at the terminal of this process."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return sys.stdin is not None and sys.stdin.isatty()
    return True
