"""``evidencekit pull``: an export and its receipt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE, api_options, job_options, result_option, told_of_force
from evidencekit.cli.sources import api_and_request, existing_job, pull_watched, receipt_path

if TYPE_CHECKING:
    from evidencekit.edges.pull import Pulled


@click.command("pull")
@api_options
@job_options
@click.option(
    "-o", "--output", type=FILE, default=Path(), help="File, or folder for a name with the time."
)
@click.option("--force", is_flag=True, help="Overwrite the export and its receipt.")
@result_option
@click.pass_obj
def command(  # noqa: PLR0913  (one for each option)
    console: Console,
    /,
    *,
    output: Path,
    job: str | None,
    timeout: float,
    force: bool,
    result: str,
    **asked: Any,
) -> None:
    """Create an export job, wait for it, download what it made, and write how that went.

    Beside the export lies FILE.receipt.json: what was asked, of whom, when, what was promised and
    what came. Whatever fails on the way, no file that is not the whole export gets its name.

    \b
    evidencekit pull --window 24h
    evidencekit pull --from-time 2026-04-01T00:00:00Z --to-time 2026-05-01T00:00:00Z -o april.json
    """
    api, request = api_and_request(**asked)
    known = existing_job(job)
    from evidencekit.edges.publish import refuse_existing, write_file  # noqa: PLC0415
    from evidencekit.edges.pull import default_name  # noqa: PLC0415

    path = output / default_name(request, api.clock.now()) if output.is_dir() else output
    with told_of_force(force=force):
        if not force:
            refuse_existing(receipt_path(path))
        pulled = pull_watched(console, api, request, path, job=known, seconds=timeout, force=force)
        write_file(receipt_path(path), pulled.receipt.to_bytes(), force=force)
    console.say(f"wrote {receipt_path(path)}")
    if result == "text":
        console.print_path(path)
    else:
        console.print(_line(pulled))


def _line(pulled: Pulled) -> str:
    """Return one line for a program: where the export is, what it is, and by which job."""
    promised = pulled.query.previewed_events
    facts = {
        "export": str(pulled.path),
        "receipt": str(receipt_path(pulled.path)),
        "format": pulled.format,
        "size": pulled.size,
        "sha256": pulled.sha256,
        "job_id": pulled.query.job_id,
        "window": pulled.window.to_json(),
        "previewed_events": promised,
    }
    return json.dumps(facts, ensure_ascii=True)
