"""Options that several commands share, and how their values become ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from evidencekit.cli.console import Console
from evidencekit.cli.offering import offering
from evidencekit.cli.passphrase import passphrase, passphrase_option
from evidencekit.core.instant import parse_instant
from evidencekit.core.window import Window
from evidencekit.errors import UndecidedError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from evidencekit.edges.keys import Signer

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)
_USUAL = ("1h", "6h", "24h", "7d", "30d")


class InstantType(click.ParamType[int]):
    """An RFC 3339 time, as nanoseconds since the epoch."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the instant, or fail with what is expected."""
        if isinstance(value, int):
            return value
        try:
            return parse_instant(value)
        except ValueError as error:
            whole = _in_full(value) or "2026-04-23T00:00:00Z"
            self.fail(f"{error}: write it like {whole}", param, ctx)


def _in_full(value: str) -> str | None:
    """Return a time of which only the end is missing, in UTC: to be suggested, never assumed."""
    begun = value.replace(" ", "T", 1)
    for end in ("T00:00:00Z", ":00Z", "Z"):
        with suppress(ValueError):
            parse_instant(f"{begun}{end}")
            return f"{begun}{end}"
    return None


class RelativeWindow(click.ParamType[str]):
    """A relative window such as ``24h``, kept as text because the API takes it as text."""

    name = "window"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or fail with what is expected."""
        try:
            Window.from_relative(value, now=1 << 62)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Return the windows that the API is usually asked for."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  (start-up time)

        return [CompletionItem(last) for last in _USUAL if last.startswith(incomplete)]


def api_options(command: F) -> F:
    """Add what says which API to ask, and for what; the token comes from the environment only."""
    return window_options(_export_format(place_options(command)))


def place_options(command: F) -> F:
    """Add what says where the API is, and how to reach it."""
    url = click.option(
        "--api-url",
        envvar="KEEPTRUSTS_API_URL",
        show_envvar=True,
        default="https://api.keeptrusts.com",
        show_default=True,
        help="Where the API is. The token: KEEPTRUSTS_API_TOKEN.",
    )
    plain = click.option(
        "--allow-http", is_flag=True, help="Allow an API without TLS beyond loopback."
    )
    authorities = click.option(
        "--ca-file", type=FILE, help="PEM file of the certificate authorities to trust instead."
    )
    return url(plain(authorities(command)))


def window_options(command: F) -> F:
    """Add --window, or --from-time and --to-time: which events to ask for."""
    last = click.option(
        "--window", type=RelativeWindow(), help="The last 1h, 6h, 24h, 7d, 30d …, up to now."
    )
    start = click.option("--from-time", type=InstantType(), help="Start of the window, RFC 3339.")
    end = click.option(
        "--to-time", type=InstantType(), help="End of the window, RFC 3339, not inside."
    )
    return last(start(end(command)))


def _export_format(command: F) -> F:
    return click.option(
        "--format",
        "export_format",
        type=click.Choice(["json", "csv"]),
        default="json",
        show_default=True,
        help="What to export.",
    )(command)


def job_options(command: F) -> F:
    """Add --job and --timeout: go on with a job that exists, and for how long to try."""
    job = click.option(
        "--job", metavar="ID", help="Go on with this job; the other options as when it was created."
    )
    seconds = click.option(
        "--timeout",
        type=click.FloatRange(1, 604_800),
        default=3_600,
        show_default=True,
        help="Seconds for the whole of it: job, wait and download.",
    )
    return job(seconds(command))


def key_option(command: F) -> F:
    """Add --key and --passphrase-fd: who signs."""
    return click.option(
        "--key",
        "signing_key",
        shell_complete=offering("signing_keys"),
        required=True,
        envvar="EVIDENCEKIT_KEY",
        show_envvar=True,
        help="Who signs: a private key file, pkcs11:…, awskms:///…, vault:… or "
        "ssh-agent:SHA256:…. PINs and tokens come from the environment or a prompt.",
    )(passphrase_option(command))


def jobs_option(command: F) -> F:
    """Add --jobs and --cluster, as ``jobs``: who shares the work of surveying an export."""

    @wraps(command)
    def wrapped(*args: Any, jobs: int | None, cluster: str | None, **given: Any) -> Any:
        if cluster is None:
            return command(*args, jobs=jobs, **given)
        from evidencekit.edges.cluster import open_cluster  # noqa: PLC0415  (start-up time)

        with open_cluster(cluster) as workers:
            return command(*args, jobs=workers, **given)

    number = click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        help="Worker processes; as many as there are processors, if not given.",
    )
    elsewhere = click.option(
        "--cluster",
        metavar="URL",
        help="Share the work on a Dask cluster of yours instead: dask://host:port.",
    )
    return cast(F, number(elsewhere(wrapped)))


def result_option(command: F) -> F:
    """Add --result: what is printed when the work is done, for people or for a program."""
    return click.option(
        "--result",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Print the path, or one line of JSON.",
    )(command)


def output_options(command: F) -> F:
    """Add -o/--output and --force for a result that is one file."""
    command = click.option("--force", is_flag=True, help="Overwrite the output file.")(command)
    return click.option(
        "-o", "--output", type=FILE, default=Path("-"), help="Write here; - is stdout, the default."
    )(command)


def write_result(
    console: Console, output: Path, data: bytes, *, force: bool, text: bool = True
) -> None:
    """Write a result to stdout or, never over an existing file without ``force``, to a file."""
    if str(output) == "-":
        console.print(data.decode() if text else data, newline=False)
        return
    from evidencekit.edges.publish import write_file  # noqa: PLC0415

    with told_of_force(force=force):
        write_file(output, data, force=force)
    console.say(f"wrote {output}")


@contextmanager
def told_of_force(*, force: bool) -> Iterator[None]:
    """Have an output that exists say that --force overwrites it, where that was not given."""
    try:
        yield
    except UndecidedError as error:
        if error.code == "output.exists" and not force and error.hint is None:
            error.hint = "name another path; --force overwrites this one"
        raise


def now() -> int:
    """Return the present second in nanoseconds, or ``SOURCE_DATE_EPOCH`` where that is set."""
    import time  # noqa: PLC0415

    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return (int(fixed) if fixed.isdigit() else int(time.time())) * 1_000_000_000


def load_signer(reference: str) -> Signer:
    """Return who signs; asks for a passphrase or PIN only where one is needed."""
    from evidencekit.edges.signers import open_signer  # noqa: PLC0415

    return open_signer(reference, partial(passphrase, reference))


def stamp_option(command: F) -> F:
    """Add --timestamp-url, as ``timestamp_url``: the authorities to be asked."""
    return click.option(
        "--timestamp-url",
        multiple=True,
        envvar="EVIDENCEKIT_TIMESTAMP_URL",
        show_envvar=True,
        help="Time-stamp authority (RFC 3161) to ask. Repeatable.",
    )(command)


def load_stamp(urls: tuple[str, ...]) -> Callable[[bytes], tuple[bytes, ...]]:
    """Return what asks these authorities for time-stamps; no URL, no time-stamp."""
    if not urls:
        return lambda _signature: ()
    from evidencekit.edges.stamping import http_stamper  # noqa: PLC0415

    return http_stamper(urls)
