"""Validate an export: one survey, then the questions of its completeness."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evidencekit.core.coverage import Scope, coverage, schema_check
from evidencekit.core.facts import Survey
from evidencekit.core.manifest import Claim, Context, Previous
from evidencekit.core.query import Query
from evidencekit.core.report import Check, Outcome
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question
from evidencekit.core.visible import visible
from evidencekit.edges.cluster import Jobs
from evidencekit.edges.surveying import survey_file
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_NAMED_IDS
from evidencekit.progress import Progress, counter

_HINTS = {
    "coverage.empty": "widen the window, or sign the emptiness itself with --allow-empty",
    "coverage.missing-id": "widen the window, or declare them missing with --allow-missing-ids",
    "coverage.duplicate-ids": "ask who runs the API, or declare them with --allow-duplicate-ids",
    "coverage.outside-window": "declare the window that was exported: --from-time, --to-time",
    "schema.invalid-events": "another export, or the schema it follows: --schema FILE",
}

UNDECLARED = Claim(requested=None, window=None, basis="no window was declared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """An export on disk, and what is known about how it got there."""

    path: Path
    format: str
    received_as: str
    sha256: str | None = None  # of the download or of the receipt: must match what is read
    query: Query | None = None
    claim: Claim = UNDECLARED
    is_ours: bool = False  # a file of our own in a private folder: it may be moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the preparer wants said about the export, and added to it."""

    context: Context = field(default_factory=Context)
    allowances: tuple[str, ...] = ()
    judged_by: EventSchema = field(default_factory=EventSchema.own)
    attachments: tuple[Path, ...] = ()
    previous: Previous | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """An export that was surveyed, and the checks of its completeness."""

    obtained: Obtained
    plan: Plan
    survey: Survey
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that found something wrong."""
        return tuple(check for check in self.checks if check.outcome is Outcome.FAIL)

    def raise_if_failed(self) -> None:
        """Raise ``RejectedError`` with everything that failed, the first check first."""
        if not self.failed:
            return
        first, *others = self.failed
        details = [fault.message for fault in first.faults[1:]]
        details += [fault.message for check in others for fault in check.faults]
        code = first.faults[0].code
        message = f"{visible(self.obtained.received_as, limit=200)}: {first.message}"
        raise RejectedError(code, message, hint=_HINTS.get(code), details=tuple(details))


def validate(  # noqa: PLR0913  (each is one decision of the caller)
    obtained: Obtained,
    plan: Plan,
    *,
    copy: Path | None = None,
    jobs: Jobs | None = None,
    leaves: Callable[[bytes], object] | None = None,
    progress: Progress | None = None,
) -> Validated:
    """Survey an export in one pass, and ask whether it is what the plan says it is.

    ``copy`` gets every byte that was surveyed, ``leaves`` the leaf digests of the event tree, 32
    bytes an event in export order. ``jobs`` is the number of worker processes, as many as
    processors if None, or a cluster; ``progress`` gets the bytes read and in all. Raises
    ``RejectedError`` where the export cannot be read as one, and ``UndecidedError`` for anything
    else; that events or checks fail is no error here.
    """
    how: dict[str, Any] = {"copy": copy, "jobs": jobs, "leaves": leaves}
    survey, scope = _surveyed(obtained, plan, progress, **how), _scope(obtained, plan)
    if obtained.sha256 not in (None, survey.sha256):
        sides = f"sha256 is {survey.sha256}, the receipt says {obtained.sha256}"
        raise RejectedError("export.changed", f"{visible(obtained.received_as)}: {sides}")
    checks = (schema_check(survey), *coverage(survey.facts, scope))
    return Validated(obtained=obtained, plan=plan, survey=survey, checks=checks)


def _surveyed(obtained: Obtained, plan: Plan, progress: Progress | None, **how: Any) -> Survey:
    """Survey the export; an error names it as it was received."""
    name = visible(obtained.received_as)
    advance = counter(progress, f"reading {name}", _size(obtained.path))
    question = _question(obtained, plan)
    how |= {"schema": plan.judged_by, "progress": advance}
    try:
        return survey_file(obtained.path, question, **how)
    except RejectedError as error:
        told = f"{name}: {str(error).removeprefix('export: ')}"
        raise RejectedError(error.code, told, hint=error.hint) from None


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _question(obtained: Obtained, plan: Plan) -> Question:
    context = plan.context
    if len(context.request_ids) + len(context.escalation_ids) > MAX_NAMED_IDS:
        raise UndecidedError("context.ids", f"more than {MAX_NAMED_IDS:,} IDs were named")
    return Question.about(obtained.format, obtained.claim, context)


def _scope(obtained: Obtained, plan: Plan) -> Scope:
    return Scope(
        window=obtained.claim.window,
        context=plan.context,
        query=obtained.query,
        allowances=plan.allowances,
    )
