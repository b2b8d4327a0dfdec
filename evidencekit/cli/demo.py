"""``evidencekit demo``: the whole job against a stand-in API, narrated."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import click

from evidencekit.cli.console import Console
from evidencekit.cli.options import FILE


@click.command("demo")
@click.argument("folder", metavar="[DIR]", type=FILE, default=Path("demo"))
@click.pass_obj
def command(console: Console, folder: Path) -> None:
    """Run the whole job against a stand-in API on this machine: no account, no network.

    Everything is written into DIR (demo, or the next free name): a key, a bundle of made-up events,
    a tampered copy, a summary page.

    \b
    evidencekit demo
    """
    from evidencekit.standin import StandIn  # noqa: PLC0415  (start-up time)

    place = _fresh(folder)
    with StandIn() as api, _environment(KEEPTRUSTS_API_URL=api.url, **_settings(api.token)):
        _Story(console, place).tell()


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

    def tell(self) -> None:
        """Collect, verify, tamper, verify, show the summary."""
        key, public = f"{self._place}/signing.pem", f"{self._place}/signing.pem.pub"
        self._say("1. Make a signing key. Its public half is what you give to receivers.")
        self._run("keys", "new", key)
        self._say("2. The main job: pull a week of events from the API, check, bundle, sign.")
        self._run("collect", *self._scope(), "--key", key, "-o", str(self._place))
        bundle = next(self._place.glob("evidence-*"))
        self._say("3. Verify it as its receiver would: with the bundle and the public key alone.")
        self._run("verify", str(bundle), "--key", public)
        self._say("4. Tamper with a copy: one blocked request becomes an allowed one.")
        tampered = self._tamper(bundle)
        self._run("verify", str(tampered), "--key", public, expected=1)
        self._say("5. Write the summary as a page for people, and as text.")
        page = f"{self._place}/summary.html"
        self._run("show", str(bundle), "--key", public, "--format", "html", "-o", page)
        self._run("show", str(bundle), "--key", public)
        self._say(f"Open {page} in a browser. Everything of this demo is in {self._place}/.")

    def _scope(self) -> tuple[str, ...]:
        purpose = ("--purpose", "weekly evidence, demonstration")
        return ("--window", "7d", "--environment", "production", *purpose)

    def _say(self, text: str) -> None:
        self._console.print(self._console.paint(f"\n# {text}", bold=True))

    def _run(self, *arguments: str, expected: int = 0) -> None:
        from evidencekit.cli import run  # noqa: PLC0415  (the commands import this package)

        self._console.print(self._console.paint(f"$ {shlex.join(('evidencekit', *arguments))}"))
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
