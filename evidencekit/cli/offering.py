"""Which parameters a shell has something to offer for; what that is, ``candidates`` finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class PathOf(click.Path):
    """A path like ``FILE``, for which a shell offers what is of one kind of ``candidates``."""

    def __init__(self, kind: str) -> None:
        super().__init__(path_type=Path)
        self._kind = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Return what a shell is to offer."""
        from evidencekit.cli.candidates import paths  # noqa: PLC0415  (start-up time)

        return paths(self._kind, incomplete)


BUNDLE, PUBLIC_KEY, TRUST_FILE = PathOf("bundle"), PathOf("public key"), PathOf("trust file")
EXPORT, RECEIPT = PathOf("export"), PathOf("receipt")


def offering(what: str) -> Callable[..., list[CompletionItem[str]]]:
    """Return what gives a shell the candidates of that name in ``candidates``."""

    def complete(
        ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        from evidencekit.cli import candidates  # noqa: PLC0415  (start-up time)

        found: list[CompletionItem[str]] = getattr(candidates, what)(ctx, incomplete)
        return found

    return complete
