"""Where an export comes from: the API that the options name, or a file that is there already."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from evidencekit.core.manifest import Claim
from evidencekit.core.visible import visible
from evidencekit.core.window import Window
from evidencekit.errors import UndecidedError

if TYPE_CHECKING:
    from evidencekit.cli.console import Console
    from evidencekit.core.jobs import ExportRequest, Job
    from evidencekit.core.receipt import Receipt
    from evidencekit.edges.api import Api
    from evidencekit.edges.pull import Pulled
    from evidencekit.validation import Obtained

TOKEN = "KEEPTRUSTS_API_TOKEN"
_SUFFIXES = {".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv"}
_SNIFFED_BYTES = 4_096
_OF_API = ("job", "timeout", "api_url", "allow_http", "ca_file")
_APART = "--window and --from-time/--to-time exclude each other"
_NO_NOW = "--window counts back from now, and a file has no now: "


def refuse_ignored(source: Path | None, receipt: Path | None) -> None:
    """Refuse what was typed and would count for nothing with a file, or without one.

    Only what was typed: environment and profile speak for all jobs. Raises ``click.UsageError``.
    """
    if source is None:
        if receipt is not None:
            raise click.UsageError(
                "--receipt says how a file was obtained: give the file by --from"
            )
        return
    if is_typed("window"):
        if is_typed("from_time") or is_typed("to_time"):
            raise click.UsageError(_APART)
        known = "leave it out, --receipt says which window" if receipt else None
        raise click.UsageError(_NO_NOW + (known or "give --from-time and --to-time, or --receipt"))
    for name in filter(is_typed, _OF_API):
        option = name.replace("_", "-")
        raise click.UsageError(f"--{option} is for the API, which --from does not ask")


def asked_window(
    window: str | None, from_time: int | None, to_time: int | None
) -> str | Window | None:
    """Return the window that the options name, None where they name none.

    Times given on the command line win over a relative window that comes from a profile. Raises
    ``click.UsageError``.
    """
    if from_time is None and to_time is None:
        return window
    if window is not None and not _from_profile("window"):
        raise click.UsageError(_APART)
    if from_time is None or to_time is None:
        raise click.UsageError("--from-time and --to-time belong together")
    try:
        return Window(start=from_time, end=to_time)
    except ValueError as error:
        raise click.UsageError(f"--from-time and --to-time: {error}") from None


def api_and_request(  # noqa: PLR0913  (one for each option)
    *,
    api_url: str,
    window: str | None,
    from_time: int | None,
    to_time: int | None,
    export_format: str,
    allow_http: bool,
    ca_file: Path | None,
) -> tuple[Api, ExportRequest]:
    """Return the API and what to ask it for, from the values of ``options.api_options``.

    The token comes from the environment. Raises ``click.UsageError``, and ``UndecidedError``:
    ``api.url``, ``api.token``, ``api.ca-file``.
    """
    asked = asked_window(window, from_time, to_time)
    if asked is None:
        raise click.UsageError("which events? give --window, or --from-time and --to-time")
    from evidencekit.core.jobs import ExportRequest  # noqa: PLC0415  (start-up time)
    from evidencekit.edges.api import Api  # noqa: PLC0415  (start-up time)

    if TOKEN not in os.environ:
        hint = f"put the API token into the environment variable {TOKEN}"
        raise UndecidedError("api.token", f"{TOKEN}: is not set", hint=hint)
    api = Api.from_url(api_url, os.environ[TOKEN], allow_http=allow_http, ca_file=ca_file)
    return api, ExportRequest(format=export_format, window=asked)


def existing_job(identifier: str | None) -> Job | None:
    """Return the job that ``--job`` names. Raises ``click.UsageError``."""
    if identifier is None:
        return None
    from evidencekit.core.jobs import Job  # noqa: PLC0415  (start-up time)

    try:
        return Job(id=identifier)
    except ValueError as error:
        raise click.UsageError(f"--job: {error}") from None


def pull_watched(  # noqa: PLR0913  (each is one decision of the caller)
    console: Console,
    api: Api,
    request: ExportRequest,
    path: Path,
    *,
    job: Job | None,
    seconds: float,
    force: bool = False,
    scratch: Path | None = None,
) -> Pulled:
    """Pull an export to ``path`` with progress on a terminal; an interrupt says how to go on."""
    from evidencekit.edges.pull import pull  # noqa: PLC0415  (start-up time)

    with _going_on(console) as started, console.watch("asking", waits=True) as watch:
        return pull(
            api, request, path, job=job, seconds=seconds, force=force,
            scratch=scratch, progress=watch, started=started.append,
        )  # fmt: skip


def obtained_from_api(  # noqa: PLR0913  (each is one decision of the caller)
    console: Console,
    api: Api,
    request: ExportRequest,
    folder: Path,
    *,
    job: Job | None,
    seconds: float,
    scratch: Path | None = None,
) -> Obtained:
    """Pull an export into ``folder``, under a name of our own, and return all that is known of it.

    What has come of it when the pull is interrupted stays in ``scratch``, a folder that outlives
    this run on the same file system. The caller removes the file. Raises ``UndecidedError``.
    """
    from evidencekit.edges.pull import default_name  # noqa: PLC0415
    from evidencekit.validation import Obtained  # noqa: PLC0415  (start-up time)

    path = folder / default_name(request, api.clock.now())
    pulled = pull_watched(console, api, request, path, job=job, seconds=seconds, scratch=scratch)
    return Obtained(
        path=pulled.path,
        format=pulled.format,
        received_as=pulled.path.name,
        sha256=pulled.sha256,
        query=pulled.query,
        claim=pulled.window,
        is_ours=True,
    )


def obtained_from_file(path: Path, fmt: str | None, receipt: Path | None, claim: Claim) -> Obtained:
    """Return an export file and, where there is a receipt, how it was obtained.

    ``fmt`` and ``claim`` are what the preparer declares. Raises ``UndecidedError`` where that
    contradicts the receipt (``receipt.format``, ``receipt.window``) or the format cannot be told
    (``export.format``), and ``RejectedError`` for a receipt that is none.
    """
    from evidencekit.validation import Obtained  # noqa: PLC0415  (start-up time)

    if receipt is None:
        told = fmt or format_of(path)
        return Obtained(path=path, format=told, received_as=path.name, claim=claim)
    from evidencekit.core.receipt import Receipt  # noqa: PLC0415  (start-up time)
    from evidencekit.edges.files import read_limited  # noqa: PLC0415  (start-up time)

    known = Receipt.from_bytes(read_limited(receipt, family="receipt"))
    if fmt not in {None, known.export.format}:
        sides = f"{fmt} was asked for, the receipt says {known.export.format}"
        raise UndecidedError("receipt.format", f"{_shown(receipt)}: {sides}")
    return Obtained(
        path=path,
        format=known.export.format,
        received_as=known.export.file,
        sha256=known.export.sha256,
        query=known.query,
        claim=_agreed(claim, known, receipt),
    )


def receipt_path(export: Path) -> Path:
    """Return where ``pull`` writes the receipt of an export."""
    return export.with_name(f"{export.name}.receipt.json")


def receipt_beside(export: Path) -> Path | None:
    """Return the receipt that lies beside an export where ``pull`` writes it, if one does."""
    path = receipt_path(export)
    return path if path.is_file() else None


def declared_window(from_time: int | None, to_time: int | None) -> Claim:
    """Return the window that the preparer declares, if any. Raises ``click.UsageError``."""
    window = asked_window(None, from_time, to_time)
    if not isinstance(window, Window):
        return Claim(requested=None, window=None, basis="no window was declared")
    return Claim(requested=None, window=window, basis="as declared by the preparer")


def format_of(path: Path) -> str:
    """Return the format of an export, by its name or else by how it begins: "json" or "csv".

    Raises ``UndecidedError``: ``export.format``, or ``export.missing``, ``.unreadable``,
    ``.not-a-file``.
    """
    named = _SUFFIXES.get(path.suffix.lower())
    if named is not None:
        return named
    from evidencekit.edges.rawfile import InputFile  # noqa: PLC0415  (start-up time)

    with InputFile(path, family="export") as file:
        head = file.read(_SNIFFED_BYTES)
    return _sniffed(head) or _undecided(path)


def _sniffed(head: bytes) -> str | None:
    """Return what the first bytes are: JSON begins with a bracket, CSV with a line of columns."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] in {b"[", b"{"}:
        return "json"
    line, newline, _ = head.partition(b"\n")
    columns = line.rstrip(b"\r")
    text = columns.isascii() and columns.decode("ascii").isprintable()
    return "csv" if newline and text and b"," in columns and b"<" not in columns else None


def _undecided(path: Path) -> str:
    told = f"{_shown(path)}: neither named nor begun like a JSON or CSV export"
    raise UndecidedError("export.format", told, hint="say which it is with --format")


def _agreed(claim: Claim, known: Receipt, where: Path) -> Claim:
    """Return the receipt's window, or the declared one where the receipt knows none."""
    if claim.window in {None, known.window.window}:
        return known.window
    if known.window.window is None:
        return claim
    sides = f"{claim.window} was declared, the receipt says {known.window.window}"
    raise UndecidedError("receipt.window", f"{_shown(where)}: {sides}")


@contextmanager
def _going_on(console: Console) -> Iterator[list[Job]]:
    """Yield a list for the job; say how to go on with it where the user interrupts."""
    started: list[Job] = []
    try:
        yield started
    except KeyboardInterrupt:
        for job in started:
            name = visible(job.id)
            console.say(f"job {name} goes on at the API: run the same again with --job {name}")
        raise


def is_typed(name: str) -> bool:
    """Tell whether a parameter was given on the command line itself."""
    return _source(name) is ParameterSource.COMMANDLINE


def _from_profile(name: str) -> bool:
    return _source(name) is ParameterSource.DEFAULT_MAP


def _source(name: str) -> ParameterSource | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.get_parameter_source(name)


def _shown(path: Path) -> str:
    return visible(str(path), limit=300)
