"""What ``collect`` is to say about an export and to add to it, from its options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidencekit.cli.offering import EXPORT, RECEIPT, offering
from evidencekit.cli.options import FILE, load_signer, load_stamp

if TYPE_CHECKING:
    from evidencekit.cli.console import Console
    from evidencekit.core.manifest import Context, Previous
    from evidencekit.core.publickey import Signer
    from evidencekit.core.schema import EventSchema
    from evidencekit.validation import Obtained, Plan

_ALLOWED = {
    "allow_empty": "Sign an export without events.",
    "allow_missing_ids": "Sign though a named ID is missing; the manifest says so.",
    "allow_duplicate_ids": "Sign though event IDs repeat; the manifest says so.",
}


def source_options(command: Any) -> Any:
    """Add --from and --receipt: an export file instead of the API."""
    source = click.option(
        "--from", "source", type=EXPORT, help="Bundle this export file; the API is not asked."
    )
    receipt = click.option(
        "--receipt", type=RECEIPT, help="With --from: how it was obtained, as pull wrote it."
    )
    return source(receipt(command))


def plan_options(command: Any) -> Any:
    """Add --schema, --attach, --previous and what is allowed to be amiss."""
    for name, text in reversed(_ALLOWED.items()):
        command = click.option(f"--{name.replace('_', '-')}", is_flag=True, help=text)(command)
    schema = click.option("--schema", type=FILE, help="Judge events by this schema, not our own.")
    attach = click.option("--attach", multiple=True, type=FILE, help="Add a file. Repeatable.")
    previous = click.option(
        "--previous",
        metavar="BUNDLE",
        shell_complete=offering("previous_bundles"),
        help="Follow this bundle of the series; 'latest' is the newest one in the output folder.",
    )
    return schema(attach(previous(command)))


_OF_PLAN = frozenset({"context", "schema", "attach", "previous", *_ALLOWED})


def signing(given: dict[str, Any]) -> dict[str, Any]:
    """Take from the options, and return, how ``collector.collect`` is to sign and to work."""
    return {
        "signer": load_signer(given.pop("signing_key")),
        "stamp": load_stamp(given.pop("timestamp_url")),
        "jobs": given.pop("jobs"),
    }


def split(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options that say where the export is from, and those that make the plan."""
    of_plan = {name: value for name, value in given.items() if name in _OF_PLAN}
    return {name: value for name, value in given.items() if name not in _OF_PLAN}, of_plan


def plan_of(  # noqa: PLR0913  (one for each option)
    signer: Signer,
    output: Path,
    at: int,
    *,
    context: Context,
    schema: Path | None,
    attach: tuple[Path, ...],
    previous: str | None,
    **allowed: bool,
) -> Plan:
    """Return the plan that the options make. Raises ``schema.*``, ``previous.*``."""
    from evidencekit.validation import Plan  # noqa: PLC0415  (start-up time)

    names = {name: name.removeprefix("allow_").replace("_", "-") for name in _ALLOWED}
    return Plan(
        context=context,
        allowances=tuple(names[name] for name in _ALLOWED if allowed[name]),
        judged_by=load_schema(schema),
        attachments=attach,
        previous=_previous(previous, signer, output, context.environment, at),
    )


def load_schema(path: Path | None) -> EventSchema:
    """Return the event schema in a file, or our own. Raises ``schema.*``."""
    from evidencekit.core.schema import EventSchema  # noqa: PLC0415  (start-up time)
    from evidencekit.edges.files import read_limited  # noqa: PLC0415

    if path is None:
        return EventSchema.own()
    return EventSchema.from_bytes(read_limited(path, family="schema"))


def _previous(
    named: str | None, signer: Signer, output: Path, environment: str | None, at: int
) -> Previous | None:
    """Return the bundle before this one, which the same key must have signed."""
    if named is None:
        return None
    from evidencekit.core.trusted import TrustedSigner  # noqa: PLC0415  (start-up time)
    from evidencekit.edges.trust import Trust  # noqa: PLC0415
    from evidencekit.series import latest, previous_of  # noqa: PLC0415

    folder = output if output.is_dir() else output.parent
    path = latest(folder, environment=environment) if named == "latest" else Path(named)
    if path is None:
        return None
    key = signer.public_key
    trust = Trust(signers=(TrustedSigner(name=key.fingerprint, key=key),))
    return previous_of(path, trust=trust, at=at)


@contextmanager
def obtained(  # noqa: PLR0913  (one for each option)
    console: Console,
    folder: Path,
    *,
    source: Path | None,
    receipt: Path | None,
    job: str | None,
    timeout: float,
    **asked: Any,
) -> Iterator[Obtained]:
    """Yield the export: the file that is named, or one pulled into a folder of its own."""
    from evidencekit.cli import sources  # noqa: PLC0415  (start-up time)
    from evidencekit.edges import publish  # noqa: PLC0415

    if source is not None:
        claim = sources.declared_window(asked["from_time"], asked["to_time"])
        fmt = asked["export_format"] if sources.is_typed("export_format") else None
        if receipt is None and (beside := sources.receipt_beside(source)):
            console.say(f"note: how it was obtained is not recorded; name it: --receipt {beside}")
        yield sources.obtained_from_file(source, fmt, receipt, claim)
        return
    api, request = sources.api_and_request(**asked)
    with publish.staging(folder) as stage:
        known = sources.existing_job(job)
        yield sources.obtained_from_api(
            console, api, request, stage, job=known, seconds=timeout, scratch=folder
        )
