"""``evidencekit collect``: a signed bundle from the API or from an export file: the main job."""

import json
from pathlib import Path
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.context import context_options
from evidencekit.cli.options import (
    FILE,
    api_options,
    job_options,
    jobs_option,
    key_option,
    now,
    result_option,
    stamp_option,
)
from evidencekit.cli.planning import obtained, plan_of, plan_options, signing, source_options, split


@click.command("collect")
@api_options
@job_options
@source_options
@context_options
@plan_options
@key_option
@stamp_option
@click.option(
    "-o",
    "--output",
    type=FILE,
    default=Path(),
    help="A folder that exists: the bundle goes inside it, under its id. A path that ends in "
    ".zip: that zip. Any other path: it becomes the bundle folder.",
)
@click.option(
    "--leaves",
    type=FILE,
    help="Write the leaf digests of the event tree, for proofs, into this new file beside it.",
)
@jobs_option
@result_option
@click.pass_obj
def command(
    console: Console, /, *, output: Path, result: str, leaves: Path | None, **given: Any
) -> None:
    """Pull an export (or take a file), check it, bundle it, render its summary, and sign it.

    Nothing stands under the final name before the last byte is on disk. Exit code 1: the export
    failed a check. 3: something else was in the way, such as the API. Nothing is written then.

    \b
    evidencekit collect --window 7d --environment production --key signing.pem -o bundles
    evidencekit collect --from export.json --key signing.pem -o evidence.zip
    """
    from evidencekit.cli.sources import refuse_ignored  # noqa: PLC0415  (start-up time)
    from evidencekit.collector import collect, refuse_existing, workplace  # noqa: PLC0415

    refuse_ignored(given["source"], given["receipt"])
    refuse_existing(output, leaves)
    signed = signing(given)
    of_export, of_plan = split(given)
    plan = plan_of(signed["signer"], output, now(), **of_plan)
    with (
        obtained(console, workplace(output), **of_export) as export,
        console.watch("collecting") as progress,
    ):
        made = collect(
            export, plan, output=output, now=now(), leaves=leaves, progress=progress, **signed
        )
    _tell(console, made, result)
    if leaves is not None:
        console.say(f"wrote the leaf digests to {leaves}")


def _tell(console: Console, made: Any, result: str) -> None:
    """Say what the bundle is; print where, or one line for a program."""
    from evidencekit.core.coverage import undeclared_versions  # noqa: PLC0415  (start-up time)

    manifest = made.manifest
    if note := undeclared_versions(manifest.facts, manifest.context.config_versions):
        console.say(f"note: {note}")
    console.say(f"{manifest.facts.events:,} events; root {made.root}")
    console.say(f"signed by {manifest.signer}")
    if result == "text":
        console.print_path(made.path)
        return
    facts = {
        "bundle": str(made.path),
        "bundle_id": manifest.bundle_id,
        "root": made.root,
        "signer": manifest.signer,
        "events": manifest.facts.events,
        "window": manifest.window.to_json(),
        "export_sha256": manifest.export.sha256,
        "previous": manifest.previous.root if manifest.previous else None,
    }
    console.print(json.dumps(facts, ensure_ascii=True))
