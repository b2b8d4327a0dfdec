"""``python -m evidencekit.standin``: serve the stand-in API until Ctrl-C, to try things by hand."""

import threading

import click

from evidencekit.standin.events import PER_DAY
from evidencekit.standin.server import TOKEN, StandIn


@click.command()
@click.option("--port", default=0, show_default=True, help="Port of the API; 0 takes a free one.")
@click.option("--token", default=TOKEN, show_default=True, help="The bearer token to ask for.")
@click.option("--per-day", default=PER_DAY, show_default=True, help="Events per day.")
@click.option("--shape", type=click.Choice(["array", "wrapper", "lines"]), default="array")
@click.option("--direct", is_flag=True, help="Serve downloads directly instead of redirecting.")
@click.option("--no-status", is_flag=True, help="Have no job status endpoint.")
def main(port: int, token: str, per_day: int, shape: str, direct: bool, no_status: bool) -> None:  # noqa: PLR0913, PLR0917
    """Serve a stand-in export API on this machine, with made-up events."""
    standin = StandIn(
        port=port,
        token=token,
        per_day=per_day,
        shape=shape,
        storage=not direct,
        status_endpoint=not no_status,
    )
    with standin:
        click.echo(f"export KEEPTRUSTS_API_URL={standin.url} KEEPTRUSTS_API_TOKEN={token}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)


if __name__ == "__main__":
    main()
