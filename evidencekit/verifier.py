"""Verify a bundle: examine it once, then judge what was found, check by check.

``CHECKS`` is the order of the report. All faults are reported, not the first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal, overload

from evidencekit import __version__
from evidencekit.checks import authenticity, completeness, handover, integrity
from evidencekit.checks.case import NOTHING_EXPECTED, Case, Expectations, Question
from evidencekit.core.facts import Survey
from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.publickey import PublicKey
from evidencekit.core.report import Check, Outcome, Report
from evidencekit.core.schema import EventSchema
from evidencekit.core.statement import Statement
from evidencekit.core.wording import things
from evidencekit.edges.cluster import Jobs
from evidencekit.edges.container import open_bundle
from evidencekit.edges.leaffile import new_leaf_file
from evidencekit.edges.pdf import render_pdf
from evidencekit.edges.render import render_summary
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError
from evidencekit.examination import Examination, examine
from evidencekit.progress import Progress

_TOLD = ("trust", "timestamp")  # what a shown summary says of the bundle besides

__all__ = ["CHECKS", "Case", "Expectations", "Verification", "show", "verify", "worst"]

CHECKS: Mapping[str, Question] = {
    "container": integrity.container,
    "checksums": integrity.checksums,
    "signature": authenticity.signature,
    "trust": authenticity.trust,
    "timestamp": authenticity.timestamp,
    "manifest": integrity.manifest,
    "schema": completeness.schema,
    "facts": completeness.facts,
    "coverage": completeness.coverage,
    "summary": integrity.summary,
    "custody": handover.custody,
    "expectations": handover.expectations,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The report, and the verified content: ``manifest`` is None unless the bundle was accepted."""

    report: Report
    manifest: Manifest | None
    examination: Examination | None  # what was read, unjudged; None where nothing could be
    trust: Trust | None = None  # by which it was judged

    def _repr_html_(self) -> str:
        """Show the report in a notebook."""
        return self.report._repr_html_()


def verify(  # noqa: PLR0913  (each is one decision of the caller)
    bundle: Path | BinaryIO | bytes,
    *,
    trust: Trust | None,
    at: int,
    expect: Expectations = NOTHING_EXPECTED,
    schema: bytes | None = None,
    quick: bool = False,
    thorough: bool = False,
    jobs: Jobs | None = None,
    leaves: Path | None = None,
    progress: Progress | None = None,
    receipts: Sequence[tuple[str, bytes]] = (),
) -> Verification:
    """Verify one bundle, a folder or a zip, as of ``at`` (nanoseconds since the epoch).

    ``trust`` None means that nobody is trusted, which can never be accepted. ``schema`` is what
    events are judged by instead of our own. ``quick`` examines no event; ``thorough`` accepts none
    by its form, and parses each, which finds the same and takes longer. ``jobs`` is the number of
    worker processes, as many as processors if None, or a cluster. ``receipts`` are custody records,
    name and bytes, that came back beside the bundle, in their order. ``leaves`` is a new file for
    the leaf digests of the event tree; it is written unless the bundle is rejected, if its events
    were examined and have the root that it claims. Opens no network connection (but to a cluster),
    writes nothing else. Raises ``UndecidedError`` with ``schema.*`` codes where ``schema`` is none,
    ``output.*`` about ``leaves``, and ``ValueError`` for ``leaves`` with ``quick``.
    """
    if leaves is not None and quick:
        raise ValueError("leaf digests come from examining the events, which quick leaves out")
    judged_by = EventSchema.own() if schema is None else EventSchema.from_bytes(schema)
    keys = () if trust is None else trust.keys
    report, back = _blank(judged_by, trust, at, quick=quick), tuple(receipts)
    with new_leaf_file(leaves) as beside:
        how: dict[str, Any] = {"jobs": jobs, "progress": progress, "thorough": thorough}
        found = _examined(bundle, keys, None if quick else judged_by, leaves=beside.write, **how)
        if isinstance(found, EvidenceError):
            return _unopened(report, found)
        case = Case(found=found, trust=trust, at=at, expect=expect, quick=quick, receipts=back)
        verified = _judged(case, report)
        if _has_claimed_tree(verified):
            beside.keep()
        return verified


def _examined(
    bundle: Path | BinaryIO | bytes,
    keys: Sequence[PublicKey],
    schema: EventSchema | None,
    **how: Any,
) -> Examination | EvidenceError:
    """Examine a bundle, or return why it cannot be opened. ``how`` is what ``examine`` takes."""
    try:
        with open_bundle(bundle) as opened:
            return examine(opened, keys=keys, schema=schema, **how)
    except EvidenceError as error:
        return error


def _unopened(report: Report, error: EvidenceError) -> Verification:
    report = replace(report, checks=(Check.from_error("container", error),))
    return Verification(report=report, manifest=None, examination=None)


def _blank(schema: EventSchema, trust: Trust | None, at: int, *, quick: bool) -> Report:
    """Return a report without checks: as of when and by what was judged."""
    return Report(
        checks=(),
        judged_at=format_instant(at),
        tool_version=__version__,
        quick=quick,
        basis={"schema_sha256": schema.sha256, "trust_sha256": trust.sha256 if trust else None},
    )


def _has_claimed_tree(verified: Verification) -> bool:
    """Tell whether the events were seen to have the tree root that the bundle claims."""
    found = verified.examination
    return (
        found is not None
        and isinstance(found.survey, Survey)
        and isinstance(found.manifest, Manifest)
        and found.survey.facts.tree_root == found.manifest.facts.tree_root
        and verified.report.exit_code != 1
    )


def _judged(case: Case, report: Report) -> Verification:
    """Ask every check; the manifest is let out only if the verdict is accepted."""
    found = case.found
    checks = tuple(question(case) for question in CHECKS.values())
    report = replace(report, checks=checks, subject=_subject(case, checks))
    manifest = None
    if isinstance(found.manifest, Manifest) and report.exit_code == 0:
        manifest = found.manifest
        if isinstance(found.survey, Survey):
            # The sentences of another version were not compared: nobody is shown them as facts.
            checks_found = completeness.found_checks(manifest, found.survey)
            manifest = replace(manifest, checks=checks_found)
    return Verification(report=report, manifest=manifest, examination=found, trust=case.trust)


@overload
def show(verified: Verification, fmt: Literal["text", "html", "markdown", "json"]) -> str: ...
@overload
def show(verified: Verification, fmt: Literal["pdf"]) -> bytes: ...
@overload
def show(verified: Verification, fmt: str) -> str | bytes: ...
def show(verified: Verification, fmt: str) -> str | bytes:
    """Return the summary of an accepted bundle, as ``text``, ``html``, ``markdown`` or ``pdf``.

    It is rendered afresh from the verified manifest, with the root, the hand-overs since, and what
    verifying found. ``json`` is the manifest; ``pdf``, which the extra ``pdf`` draws, is bytes.
    Raises the report's verdict where the bundle was not accepted, and ``UndecidedError`` where
    the extra is not installed.
    """
    report, manifest = verified.report, verified.manifest
    if manifest is None:
        refused = f"bundle: {report.verdict_line}; nothing is shown"
        raise report.refusal("verify.not-accepted", refused)
    if fmt == "json" and verified.examination is not None:
        return verified.examination.documents[MANIFEST].decode()
    custody = handover.recorded(report)
    told = [check.message for check in report.checks if check.name in _TOLD]
    told.append(
        f"{things(len(custody), 'hand-over')} recorded{', listed below' if custody else ''}"
    )
    status = (f"Verified {report.judged_at}: {report.verdict_line}", *told)
    root, document = str(report.subject["root"]), manifest.to_json()
    if fmt == "pdf":
        return render_pdf(document, root=root, status=status, custody=custody)
    return render_summary(document, fmt, root=root, status=status, custody=custody)


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of several verdicts: "no" outweighs "could not tell" outweighs "yes"."""
    found = set(codes)
    return 1 if 1 in found else 3 if 3 in found or not found else 0


def _subject(case: Case, checks: Iterable[Check]) -> dict[str, object]:
    """Return what verified bytes say of the bundle; each member needs the checks before it."""
    passed = {check.name for check in checks if check.outcome is Outcome.PASS}
    found, subject = case.found, dict[str, object]()
    if not passed >= {"container", "checksums"}:
        return subject
    subject |= {"form": found.form, "root": found.root}
    if not passed >= {"signature", "trust", "manifest"} or not isinstance(found.manifest, Manifest):
        return subject
    claimed = found.manifest
    subject |= {
        "bundle_id": claimed.bundle_id,
        "signers": sorted(signed.key.fingerprint for signed in case.signed),
        "signatures": authenticity.signature_forms(case),
        "signed_at": min(_signed_at(case)),
        "environment": claimed.context.environment,
        "window": claimed.window.to_json(),
        "export_sha256": claimed.export.sha256,
        "previous": claimed.previous.root if claimed.previous else None,
    }
    if "timestamp" in passed and case.stamps is not None:
        proven = sorted(case.stamps.proven.values())
        subject["timestamps"] = [format_instant(moment) for moment in proven]
    if "custody" in passed:
        subject["custody"] = handover.handovers(case)
    if isinstance(found.survey, Survey) and passed >= {"schema", "facts"}:
        facts = found.survey.facts
        subject |= {"events": facts.events, "tree_root": facts.tree_root}
    return subject


def _signed_at(case: Case) -> list[str]:
    return [Statement.from_bytes(signed.payload).signed_at for signed in case.signed]
