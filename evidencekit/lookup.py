"""Is a certain request in a bundle? Looked up in the bytes that were verified, and in no others.

The survey that verifying makes again asks only for the IDs that the manifest names. This one asks
for the receiver's, and holds the export to the digest that was verified.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from evidencekit.core.facts import Facts, NamedEvent, Survey
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import SCHEMA
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question
from evidencekit.core.tally import cut
from evidencekit.core.visible import visible
from evidencekit.core.wording import things
from evidencekit.edges.cluster import Jobs
from evidencekit.edges.container import open_bundle
from evidencekit.edges.surveying import survey_stream
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.examination import Examination
from evidencekit.limits import MAX_NAMED_IDS
from evidencekit.progress import Progress, counter
from evidencekit.verifier import Verification

_CHARS = 300  # of one value; it was cut before
_DETAILS = {
    "reason": "reason_code",
    "config version": "config_version",
    "model": "model",
    "request": "request_id",
    "escalation": "escalation_id",
    "id": "id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One ID that was looked up: how many events carry it, and the first of them."""

    kind: str  # "request" or "escalation"
    id: str
    count: int
    events: tuple[NamedEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """All that were looked up, in the order asked, and in what."""

    root: str
    export_sha256: str
    events: int  # of the whole export
    found: tuple[Found, ...]

    @property
    def exit_code(self) -> int:
        """0 where every ID is in the export, else 1."""
        return 0 if all(one.count for one in self.found) else 1

    def to_json(self) -> dict[str, object]:
        """Return it as JSON data; texts are as exported, cut at 200 characters."""
        return {
            "format": "evidencekit-lookup/1",
            "root": self.root,
            "export_sha256": self.export_sha256,
            "events": self.events,
            "found": [asdict(one) | {"id": _printable(one.id)} for one in self.found],
        }

    def to_text(self) -> str:
        """Return it as lines for people, with nothing hidden in them."""
        return "".join(f"{line}\n" for one in self.found for line in self._lines(one))

    def _lines(self, one: Found) -> list[str]:
        name = visible(one.id, limit=_CHARS)
        if not one.count:
            return [f"{name}: not in the {things(self.events, 'event')} of this export"]
        lines = [f"{name}: {one.count:,} of the {things(self.events, 'event')} of this export"]
        lines += map(_line, one.events)
        if len(one.events) < one.count:
            lines.append(f"  and {one.count - len(one.events):,} more")
        return lines


def look_up(  # noqa: PLR0913  (each is one decision of the caller)
    bundle: Path | BinaryIO | bytes,
    verified: Verification,
    *,
    request_ids: Sequence[str] = (),
    escalation_ids: Sequence[str] = (),
    jobs: Jobs | None = None,
    progress: Progress | None = None,
) -> Lookup:
    """Return the events of an accepted bundle that carry these IDs.

    ``bundle`` is opened again. Raises the report's verdict where it was not accepted,
    ``container.changed`` where the export is no longer what was verified, ``context.ids`` where
    too many were asked for, and ``ValueError`` where verifying was ``quick``.
    """
    found, manifest = _accepted(verified)
    if len(request_ids) + len(escalation_ids) > MAX_NAMED_IDS:
        raise UndecidedError("context.ids", f"more than {MAX_NAMED_IDS:,} IDs were named")
    question = Question(
        format=manifest.export.format,
        request_ids=tuple(dict.fromkeys(request_ids)),
        escalation_ids=tuple(dict.fromkeys(escalation_ids)),
    )
    survey = _surveyed(bundle, found, manifest, question, jobs, progress)
    return Lookup(
        root=str(found.root),
        export_sha256=survey.sha256,
        events=survey.facts.events,
        found=tuple(_found(survey.facts)),
    )


def _accepted(verified: Verification) -> tuple[Examination, Manifest]:
    report, found, manifest = verified.report, verified.examination, verified.manifest
    if manifest is None or found is None:
        told = f"bundle: {report.verdict_line}; nothing is shown"
        raise report.refusal("verify.not-accepted", told)
    if report.quick:
        raise ValueError("no event was examined, so none can be looked up")
    return found, manifest


def _surveyed(  # noqa: PLR0913, PLR0917
    bundle: Path | BinaryIO | bytes,
    found: Examination,
    manifest: Manifest,
    question: Question,
    jobs: Jobs | None,
    progress: Progress | None,
) -> Survey:
    """Survey the export again, by the schema that it was verified by, and hold it to its digest."""
    schema, path = EventSchema.from_bytes(found.documents[SCHEMA]), manifest.export.path
    with open_bundle(bundle) as opened:
        if path not in opened.names:
            raise RejectedError("container.changed", f"{path}: is no longer there")
        size = opened.size(path)
        advance = counter(progress, "looking up", size)
        with opened.open(path) as stream:
            survey = survey_stream(
                stream, question, schema=schema, size=size, jobs=jobs, progress=advance
            )
    if survey.sha256 != manifest.export.sha256:
        told = f"sha256 is {survey.sha256}, verified was {manifest.export.sha256}"
        raise RejectedError("container.changed", f"{path}: {told}")
    return survey


def _found(facts: Facts) -> Iterator[Found]:
    """Yield each ID that was asked for, with its events."""
    for kind, counts in (("request", facts.request_ids), ("escalation", facts.escalation_ids)):
        for one, count in counts.items():
            events = (e for e in facts.named_events if getattr(e, f"{kind}_id") == cut(one))
            yield Found(kind=kind, id=one, count=count, events=tuple(events))


def _line(event: NamedEvent) -> str:
    details = [(label, getattr(event, name)) for label, name in _DETAILS.items()]
    told = [f"{label} {visible(value, limit=_CHARS)}" for label, value in details if value]
    time = visible(event.time or "no time", limit=_CHARS)
    return f"  event {event.position}: {time}; {visible(event.verdict)}; {'; '.join(told)}"


def _printable(text: str) -> str:
    """Return an ID from a command line, which may be no UTF-8, as JSON can hold it."""
    return text.encode(errors="backslashreplace").decode()
