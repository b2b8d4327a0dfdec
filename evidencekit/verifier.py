"""Verify a bundle: examine it once, then judge what was found, check by check.

The table :data:`_CHECKS` is the order of the report. A check answers one question about an :class:`Examination`;
it reads nothing and knows nothing of the others. All faults are reported, not the first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from evidencekit import __version__
from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import Manifest
from evidencekit.core.report import Check, Fault, Outcome, Report
from evidencekit.core.schema import EventSchema
from evidencekit.core.window import Window
from evidencekit.edges.container import open_bundle
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError
from evidencekit.examination import Examination, examine
from evidencekit.judgement import CHECKS, Case, Expectations


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The report, and the verified content: ``manifest`` is None unless the bundle was accepted."""

    report: Report
    manifest: Manifest | None
    examination: Examination | None


def verify(
    bundle: Path | BinaryIO,
    *,
    trust: Trust | None,
    at: int,
    expect: Expectations | None = None,
    schema: bytes | None = None,
    quick: bool = False,
    jobs: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Verify one bundle, a folder or a zip, as of ``at`` (nanoseconds since the epoch).

    ``trust`` None means that nobody is trusted, which can never be accepted. ``schema`` is what events are judged
    by instead of our own. ``quick`` examines no event. Opens no network connection and writes nothing.
    """
    try:
        own = None if schema is None else EventSchema.from_bytes(schema)
        with open_bundle(bundle) as opened:
            keys = () if trust is None else trust.keys
            found = examine(opened, keys=keys, schema=own, quick=quick, jobs=jobs, progress=progress)
    except EvidenceError as error:
        report = _report((Check.from_error("container", error),), None, at, quick=quick, trust=trust)
        return Verification(report=report, manifest=None, examination=None)
    case = Case(found=found, trust=trust, at=at, expect=expect or Expectations(), quick=quick)
    checks = tuple(_answer(name, question, case) for name, question in CHECKS)
    report = _report(checks, case, at, quick=quick, trust=trust)
    accepted = report.exit_code == 0 and isinstance(found.manifest, Manifest)
    return Verification(
        report=report,
        manifest=found.manifest if accepted and isinstance(found.manifest, Manifest) else None,
        examination=found,
    )


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of several verdicts: a "no" outweighs a "could not tell", which outweighs a "yes"."""
    found = set(codes)
    return 1 if 1 in found else 3 if 3 in found or not found else 0
