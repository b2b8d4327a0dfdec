"""``evidencekit demo``: the whole job against a stand-in API, narrated."""

from __future__ import annotations

import os
import shlex
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE

if TYPE_CHECKING:
    from evidencekit.standin import StandIn


@click.command("demo")
@click.argument("folder", metavar="[DIR]", type=FILE, default=Path("demo"))
@click.option("--serve", is_flag=True, help="Run the stand-in API alone, to practise against.")
@click.pass_obj
def command(console: Console, folder: Path, serve: bool) -> None:
    """Run the whole job against a stand-in API on this machine: no account, no network.

    Everything is written into DIR (demo, or the next free name): a key, a bundle of made-up events,
    a tampered copy, a summary page. With --serve nothing is written: the API's settings are
    printed, and it runs until Ctrl-C.

    \b
    evidencekit demo
    evidencekit demo --serve
    """
    from evidencekit.standin import StandIn  # noqa: PLC0415  (start-up time)

    if serve:
        _serve(console)
        return
    place = _fresh(folder)
    with StandIn() as api, _environment(KEEPTRUSTS_API_URL=api.url, **_settings(api.token)):
        _Story(console, place).tell(_exports(api))


def _serve(console: Console) -> None:
    """Run the stand-in API until Ctrl-C; for whoever wants to try the commands one by one."""
    from evidencekit.cli.sources import is_typed  # noqa: PLC0415  (start-up time)
    from evidencekit.standin import StandIn  # noqa: PLC0415

    if is_typed("folder"):
        raise click.UsageError("--serve writes nothing: leave DIR out")
    with StandIn() as api, suppress(KeyboardInterrupt):
        console.print(_exports(api))
        console.say("made-up events, on this machine alone; in another shell, paste the line above")
        console.say("Ctrl-C ends it")
        threading.Event().wait()


def _exports(api: StandIn) -> str:
    return f"export KEEPTRUSTS_API_URL={api.url} KEEPTRUSTS_API_TOKEN={api.token}"


def _settings(token: str) -> dict[str, str]:
    return {"KEEPTRUSTS_API_TOKEN": token, "EVIDENCEKIT_KEY_PASSPHRASE": ""}


def _fresh(folder: Path) -> Path:
    """Make the folder, or the next free one of that name with a number."""
    from evidencekit.edges.publish import new_folder  # noqa: PLC0415  (start-up time)

    names = (folder if number == 1 else Path(f"{folder}-{number}") for number in count(1))
    place = next(name for name in names if not os.path.lexists(name))
    with new_folder(place):
        return place


@contextmanager
def _environment(**settings: str) -> Iterator[None]:
    """Set environment variables, as a shell would for these commands only."""
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class _Story:
    """The commands of the demo, each shown as one would type it, and then run."""

    def __init__(self, console: Console, place: Path) -> None:
        self._console = console
        self._place = place

    def tell(self, exports: str) -> None:
        """Collect, verify, tamper, verify, show the summary."""
        key, public = f"{self._place}/signing.pem", f"{self._place}/signing.pem.pub"
        self._say("1. Make a signing key. Its public half is what you give to receivers.")
        self._command("export EVIDENCEKIT_KEY_PASSPHRASE=")
        self._run("keys", "new", key)
        self._say("2. The main job: pull a week of events from the API, check, bundle, sign.")
        self._command(exports)
        self._run("collect", *self._scope(), "--key", key, "-o", str(self._place))
        bundle = next(self._place.glob("evidence-*"))
        self._say("3. Verify it as its receiver would: with the bundle and the public key alone.")
        self._run("verify", str(bundle), "--key", public)
        self._say("4. Tamper with a copy: one blocked request becomes an allowed one.")
        tampered = self._tamper(bundle)
        self._run("verify", str(tampered), "--key", public, expected=1)
        self._say("5. Write the summary as a page for people, and as text.")
        self._summaries("show", str(bundle), "--key", public)
        self._say(
            f"Open {self._place}/summary.html in a browser. All of this is in {self._place}/."
        )
        self._say(
            "The API has ended with the demo. One to practise against: evidencekit demo --serve"
        )

    def _summaries(self, *show: str) -> None:
        """Write the summary twice, and print the text down to the first rule: a screen of it."""
        text = self._place / "summary.txt"
        self._run(*show, "--format", "html", "-o", f"{self._place}/summary.html")
        self._run(*show, "-o", str(text))
        self._command(f"sed '/^---/q' {shlex.quote(str(text))}")
        for line in text.read_text("utf-8").splitlines():
            self._console.print(line)
            if line.startswith("---"):
                break

    def _scope(self) -> tuple[str, ...]:
        purpose = ("--purpose", "weekly evidence, demonstration")
        return ("--window", "7d", "--environment", "production", *purpose)

    def _say(self, text: str) -> None:
        self._console.print(self._console.paint(f"\n# {text}", bold=True))

    def _command(self, line: str) -> None:
        self._console.print(f"$ {line}")

    def _run(self, *arguments: str, expected: int = 0) -> None:
        from evidencekit.cli import run  # noqa: PLC0415  (the commands import this package)

        self._command(shlex.join(("evidencekit", *arguments)))
        code = run(arguments)
        self._console.print(f"exit code {code}")
        if code != expected:
            raise click.ClickException(f"the demo expected exit code {expected}")

    def _tamper(self, bundle: Path) -> Path:
        """Copy the bundle and change five bytes of its export."""
        copy = self._place / "tampered"
        shutil.copytree(bundle, copy)
        export = copy / "data/export/events.json"
        data = export.read_bytes().replace(b'"verdict": "block"', b'"verdict": "allow"', 1)
        export.write_bytes(data)
        self._console.print(f"changed one word in {export}")
        return copy
