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
    load_signer,
    load_stamp,
    now,
    result_option,
    size_of,
    stamp_option,
)
from evidencekit.cli.planning import obtained, plan_of, plan_options, source_options, split


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
@jobs_option
@result_option
@click.pass_obj
def command(  # noqa: PLR0913  (one argument for each option)
    console: Console,
    /,
    *,
    signing_key: str,
    timestamp_url: tuple[str, ...],
    output: Path,
    jobs: int | None,
    result: str,
    **given: Any,
) -> None:
    """Pull an export (or take a file), check it, bundle it, render its summary, and sign it.

    Nothing stands under the final name before the last byte is on disk. Exit code 1: the export
    failed a check. 3: something else was in the way, such as the API. Nothing is written then.

    \b
    evidencekit collect --window 7d --environment production --key signing.pem -o bundles
    evidencekit collect --from export.json --key signing.pem -o evidence.zip
    """
    from evidencekit.collector import collect, refuse_existing, workplace  # noqa: PLC0415

    refuse_existing(output)
    signer = load_signer(signing_key)
    of_export, of_plan = split(given)
    plan = plan_of(signer, output, now(), **of_plan)
    with (
        obtained(console, workplace(output), **of_export) as export,
        console.bar("collecting", size_of(export.path)) as advance,
    ):
        made = collect(
            export,
            plan,
            signer=signer,
            output=output,
            now=now(),
            stamp=load_stamp(timestamp_url),
            jobs=jobs,
            progress=advance,
        )
    console.say(f"{made.manifest.facts.events:,} events; root {made.root}")
    console.say(f"signed by {signer.public_key.fingerprint}")
    console.print(str(made.path) if result == "text" else _line(made))


def _line(made: Any) -> str:
    """Return one line for a program: where the bundle is, and what it is."""
    manifest = made.manifest
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
    return json.dumps(facts, ensure_ascii=True)
