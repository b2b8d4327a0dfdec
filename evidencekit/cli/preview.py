"""``evidencekit preview``: what an export would hold."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import place_options, window_options
from evidencekit.cli.sources import api_and_request
from evidencekit.core.jobs import ExportRequest, previewed_events
from evidencekit.core.visible import visible


@click.command("preview")
@window_options
@place_options
@click.option(
    "--format", "fmt", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(console: Console, /, *, fmt: str, **asked: Any) -> None:
    """Show what the API says an export would hold; nothing is created, nothing is downloaded.

    With --format json: the API's answer as it came.

    \b
    evidencekit preview --window 7d
    """
    api, request = api_and_request(export_format="json", **asked)
    with console.watch("asking", waits=True):
        answer = api.preview(request)
    lines = _text(answer, request) if fmt == "text" else [json.dumps(answer, ensure_ascii=True)]
    for line in lines:  # an API that echoes our token is not repeated
        console.print(line.replace(api.token, "[token]"))


def _text(answer: Mapping[str, Any], request: ExportRequest) -> Iterator[str]:
    """Yield the count, then whatever else the API says, made visible."""
    count = previewed_events(answer)
    promised = (
        "a number of events that the API does not state" if count is None else f"{count:,} events"
    )
    yield f"{request.window}: {promised}"
    for name, value in answer.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield f"  {visible(name, limit=40)}: {visible(text, limit=200)}"
