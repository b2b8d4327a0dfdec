"""What receiving and releasing share: who acts, where the record goes, and writing it."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE


def words_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --actor, --role, --purpose and --note, as ``words``: what is said in a record."""

    @click.option("--actor", help="Who you are, in words.")
    @click.option("--role", help="As what you act, such as auditor.")
    @click.option("--purpose", help="What for.")
    @click.option("--note", help="Whatever else is to be recorded.")
    @wraps(command)
    def wrapped(
        *args: Any,
        actor: str | None,
        role: str | None,
        purpose: str | None,
        note: str | None,
        **given: Any,
    ) -> Any:
        from evidencekit.custody import Words  # noqa: PLC0415  (start-up time)

        words = Words(actor=actor, role=role, purpose=purpose, note=note)
        return command(*args, words=words, **given)

    return wrapped


def record_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add -o/--output and --report: where record and report go."""
    command = click.option(
        "--report", type=FILE, help="Write the report whose digest the record holds (JSON)."
    )(command)
    return click.option(
        "-o", "--output", type=FILE, help="Write the record here, and leave the bundle as it is."
    )(command)


def write_record(  # noqa: PLR0913  (one argument for each option)
    console: Console,
    bundle: Path,
    verified: Any,
    record: bytes,
    *,
    output: Path | None,
    report: Path | None,
) -> None:
    """Write the report where it is wanted, then the record: beside the bundle or into it."""
    from evidencekit.custody import add_record, report_document  # noqa: PLC0415
    from evidencekit.edges.publish import write_file  # noqa: PLC0415

    if report is not None:
        write_file(report, report_document(verified))
    if output is not None:
        write_file(output, record)
        console.print(str(output))
    else:
        console.print(add_record(bundle, verified, record))
