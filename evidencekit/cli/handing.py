"""What receiving and releasing share: what is asked, verifying, and where the record goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidencekit.cli.judging import earlier_signers_options, judge
from evidencekit.cli.offering import BUNDLE
from evidencekit.cli.options import FILE, key_option, load_signer, load_stamp, now, stamp_option

if TYPE_CHECKING:
    from evidencekit.cli.console import Console
    from evidencekit.core.publickey import Signer
    from evidencekit.verifier import Verification

_WORDS = {
    "actor": "Who you are, in words.",
    "role": "As what you act, such as auditor.",
    "purpose": "What for.",
    "note": "Whatever else is to be recorded.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A bundle that was verified, and how a record of its hand-over is to be written."""

    bundle: Path
    verified: Verification
    signer: Signer
    words: Any
    stamp: Any
    output: Path | None
    report: Path | None

    def record(self, console: Console, make: Callable[..., bytes], said: str) -> str:
        """Write the record that ``custody.receive`` or ``.release`` makes; return who signed it."""
        from evidencekit.core.visible import visible  # noqa: PLC0415  (start-up time)

        given = {"signer": self.signer, "now": now(), "words": self.words, "stamp": self.stamp}
        record = make(self.verified, said, what=visible(str(self.bundle), limit=300), **given)
        self._write(console, record)
        return self.signer.public_key.fingerprint

    def _write(self, console: Console, record: bytes) -> None:
        """Write the report where it is wanted, then the record: beside the bundle or into it."""
        from evidencekit.custody import add_record, report_document  # noqa: PLC0415
        from evidencekit.edges.publish import write_file  # noqa: PLC0415

        if self.report is not None:
            write_file(self.report, report_document(self.verified))
        if self.output is not None:
            write_file(self.output, record)
            console.print_path(self.output)
        else:
            console.print(add_record(self.bundle, self.verified, record))


def hand_over_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add BUNDLE and what a record needs; the command gets a console, and ``handed``, verified."""

    @click.pass_obj
    @wraps(command)
    def wrapped(console: Console, /, **given: Any) -> Any:
        own = {name: given.pop(name) for name in _OURS}
        return command(console, handed=_handed(console, **own), **given)

    options: list[Callable[..., Any]] = [
        click.argument("bundle", type=BUNDLE),
        key_option,
        earlier_signers_options,
        *(click.option(f"--{name}", help=text) for name, text in _WORDS.items()),
        stamp_option,
        click.option(
            "-o",
            "--output",
            type=FILE,
            help="Write the record here, and leave the bundle as it is.",
        ),
        click.option(
            "--report", type=FILE, help="Write the report whose digest the record holds (JSON)."
        ),
    ]
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


_OURS = ("bundle", "signing_key", "trust", "timestamp_url", "output", "report", *_WORDS)


def _handed(  # noqa: PLR0913  (one argument for each option)
    console: Console,
    *,
    bundle: Path,
    signing_key: str,
    trust: Any,
    timestamp_url: tuple[str, ...],
    output: Path | None,
    report: Path | None,
    **said: str | None,
) -> HandOver:
    from evidencekit.custody import Words  # noqa: PLC0415  (start-up time)

    signer = load_signer(signing_key)
    return HandOver(
        bundle=bundle,
        verified=judge(console, bundle, trust=trust, at=now()),
        signer=signer,
        words=Words(**said),
        stamp=load_stamp(timestamp_url),
        output=output,
        report=report,
    )
