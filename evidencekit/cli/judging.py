"""What every command that verifies does: load whom to trust, verify with a progress bar."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO

import click

from evidencekit.cli.console import Console
from evidencekit.cli.offering import PUBLIC_KEY, TRUST_FILE
from evidencekit.cli.options import InstantType, now


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
        type=TRUST_FILE,
        envvar="EVIDENCEKIT_TRUST",
        show_envvar=True,
        help="Trust file: whom to trust, for what, when.",
    )
    key = click.option(
        flag,
        "keys",
        multiple=True,
        type=PUBLIC_KEY,
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


def judge(
    console: Console, path: Path, *, source: Path | BinaryIO | None = None, **given: Any
) -> Any:
    """Verify one bundle, ``-`` from stdin, as ``verifier.verify`` does, with a progress bar.

    ``source`` is where the bundle of that name is read from, if not by its path.
    """
    from evidencekit.verifier import verify  # noqa: PLC0415  (start-up time)

    bundle = source or (sys.stdin.buffer if str(path) == "-" else path)
    with console.watch("verifying") as progress:
        verified = verify(bundle, progress=progress, **given)
    if leaves := given.get("leaves"):
        told = "rejected" if verified.report.exit_code == 1 else "its events were not examined"
        nothing = f"nothing is written to {leaves}: {told}"
        console.say(f"wrote the leaf digests to {leaves}" if leaves.exists() else nothing)
    return verified


@contextmanager
def read_twice(path: Path, *, needed: bool) -> Iterator[Path | BinaryIO | None]:
    """Yield what a bundle can be read from more than once: stdin through a nameless file."""
    if str(path) != "-" or not needed:
        yield None if str(path) == "-" else path
        return
    import shutil  # noqa: PLC0415  (start-up)
    import tempfile  # noqa: PLC0415  (start-up)

    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield file


def crossed(console: Console, source: Any, verified: Any, trust: Any) -> Any:
    """Ask the other verifiers on this machine, too."""
    from evidencekit.cross import cross  # noqa: PLC0415  (start-up time)

    with console.watch("asking the other verifiers", waits=True) as progress:
        return cross(source, verified, trust, progress=progress)


def extracted(console: Console, source: Any, verified: Any, output: Path) -> None:
    """Write what was verified into a new folder, and nothing if it was not accepted."""
    from evidencekit.extraction import extract  # noqa: PLC0415  (start-up time)

    if verified.manifest is None:
        console.say(f"nothing is written to {output}: the bundle was not accepted")
        return
    with console.watch("copying") as progress:
        extract(source, verified, output, progress=progress)
    console.say(f"wrote what was verified to {output}")
