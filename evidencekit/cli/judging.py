"""What every command that verifies does: load whom to trust, verify with a progress bar."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE, InstantType, now


def trust_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --trust and --key, as ``trust``: whom the receiver trusts, None where nobody is named."""
    return _trusting(command, "--key")


def earlier_signers_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --trust and --trust-key, as ``trust``: for commands whose --key is the private one."""
    return _trusting(command, "--trust-key")


def _trusting(command: Callable[..., Any], flag: str) -> Callable[..., Any]:
    @wraps(command)
    def wrapped(*args: Any, trust: Path | None, keys: tuple[Path, ...], **given: Any) -> Any:
        return command(*args, trust=load_trust(trust, keys), **given)

    file = click.option(
        "--trust",
        type=FILE,
        envvar="EVIDENCEKIT_TRUST",
        show_envvar=True,
        help="Trust file: whom to trust, for what, when.",
    )
    key = click.option(
        flag,
        "keys",
        multiple=True,
        type=FILE,
        help="Public key to trust: PEM or OpenSSH. Repeatable.",
    )
    return file(key(wrapped))


def load_trust(path: Path | None, keys: tuple[Path, ...]) -> Any:
    """Return whom the receiver trusts, or None where nothing was given. Raises ``trust.*``."""
    if path is None and not keys:
        return None
    from evidencekit.edges.trust import Trust  # noqa: PLC0415  (start-up time)

    return Trust.from_keys(keys) if path is None else Trust.from_file(path).with_keys(keys)


def at_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --at, as ``at`` in nanoseconds: as of when to judge."""

    @wraps(command)
    def wrapped(*args: Any, at: int | None, **given: Any) -> Any:
        return command(*args, at=now() if at is None else at, **given)

    option = click.option("--at", type=InstantType(), help="Judge as of this time, not now.")
    return option(wrapped)


def judge(console: Console, path: Path, **given: Any) -> Any:
    """Verify one bundle, ``-`` from stdin, as ``verifier.verify`` does, with a progress bar."""
    from evidencekit.verifier import verify  # noqa: PLC0415  (start-up time)

    bundle = sys.stdin.buffer if str(path) == "-" else path
    with console.bar(f"verifying {path.name}") as advance:
        return verify(bundle, progress=advance, **given)
