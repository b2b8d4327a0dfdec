"""Make a signed bundle from an export: survey, check, describe, render, sign, publish.

Scope, export, survey, manifest, container, root, envelope: in that order, and nothing is visible under its final
name before the last byte is on disk.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evidencekit import __version__, resources
from evidencekit.core import bag
from evidencekit.core.coverage import Scope, coverage, schema_check
from evidencekit.core.facts import Survey
from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import (
    PATH,
    Attachment,
    Claim,
    Context,
    ExportFile,
    Manifest,
    Previous,
    SchemaFile,
)
from evidencekit.core.names import safe_name
from evidencekit.core.query import Query
from evidencekit.core.report import Check, Outcome
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question
from evidencekit.core.visible import visible
from evidencekit.edges import publish
from evidencekit.edges.container import write_folder, write_zip
from evidencekit.edges.keys import Signer
from evidencekit.edges.pool import survey_file
from evidencekit.edges.render import TEMPLATE, render_summary, render_verify_txt
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.limits import MAX_NAMED_IDS
from evidencekit.signing import sign_root

SCHEMA = "data/schema/event.schema.json"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the preparer wants said about the export, and added to it."""

    context: Context = Context()
    allowances: tuple[str, ...] = ()
    schema: bytes | None = None  # None: our own event schema
    attachments: tuple[Path, ...] = ()
    previous: Previous | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """A published bundle."""

    path: Path
    root: str
    manifest: Manifest


class Stamper(Protocol):
    """Turns signature bytes into RFC 3161 tokens (DER); none where no authority was named."""

    def __call__(self, signature: bytes, /) -> tuple[bytes, ...]: ...


def collect(
    obtained: Obtained,
    plan: Plan,
    *,
    signer: Signer,
    output: Path,
    now: int,
    stamp: Stamper = lambda _signature: (),
    jobs: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Collected:
    """Publish a signed bundle of ``obtained`` at ``output`` and return where it is.

    ``output`` is an existing folder (the bundle goes inside it, under its id), a path that ends in ``.zip``, or the
    path of the bundle folder to be. ``now`` is in nanoseconds since the epoch. Raises ``RejectedError`` where the
    export fails a check and ``UndecidedError`` where something else is in the way; nothing is published then.
    """
    refuse_existing(output)
    schema = EventSchema.from_bytes(plan.schema or resources.schema("event.v1.schema.json"))
    with publish.staging(_parent(output)) as stage:
        survey = _survey(obtained, plan, schema, stage, jobs=jobs, progress=progress)
        checks = _judge(survey, obtained, plan)
        attachments = _attach(plan.attachments, stage)
        manifest = _manifest(obtained, plan, schema, survey, checks, attachments, signer, now)
        members = _members(manifest, schema)
        root = bag.root(members["tagmanifest-sha256.txt"])
        members |= sign_root(members, manifest, signer=signer, now=now, stamp=stamp)
        return Collected(path=_publish(stage, members, manifest, output), root=root, manifest=manifest)


def refuse_existing(output: Path) -> None:
    """Raise ``UndecidedError`` where a bundle could not be published at ``output``: asked before any work is done."""
    shown = visible(str(output), limit=300)
    if output.is_dir() and not output.name.endswith(".zip"):
        return
    if output.exists() or output.is_symlink():
        raise UndecidedError("output.exists", f"{shown}: exists already, and is never overwritten")
    if not output.parent.is_dir():
        raise UndecidedError("output.no-folder", f"{visible(str(output.parent), limit=300)}: no such folder")


def _survey(
    obtained: Obtained,
    plan: Plan,
    schema: EventSchema,
    stage: Path,
    *,
    jobs: int | None,
    progress: Callable[[int], None] | None,
) -> Survey:
    """Copy the export into the bundle and survey it in one pass: what is checked is what is signed."""
    if len(plan.context.request_ids) + len(plan.context.escalation_ids) > MAX_NAMED_IDS:
        raise UndecidedError("context.ids", f"more than {MAX_NAMED_IDS:,} IDs were named")
    question = Question(
        format=obtained.format,
        window=obtained.claim.window,
        request_ids=plan.context.request_ids,
        escalation_ids=plan.context.escalation_ids,
    )
    copy = stage / export_path(obtained.format)
    survey = survey_file(obtained.path, question, schema=schema, copy=copy, jobs=jobs, progress=progress)
    if obtained.sha256 not in (None, survey.sha256):
        sides = f"sha256 is {survey.sha256}, the receipt says {obtained.sha256}"
        raise RejectedError("export.changed", f"{visible(obtained.received_as)}: {sides}")
    return survey


def export_path(fmt: str) -> str:
    """Return where an export of that format lies in a bundle."""
    return f"data/export/events.{fmt}"


def _judge(survey: Survey, obtained: Obtained, plan: Plan) -> tuple[Check, ...]:
    """Return the completeness checks, or raise ``RejectedError`` with everything that failed."""
    scope = Scope(
        window=obtained.claim.window,
        context=plan.context,
        query=obtained.query,
        allowances=plan.allowances,
    )
    checks = (schema_check(survey), *coverage(survey.facts, scope))
    failed = [check for check in checks if check.outcome is Outcome.FAIL]
    if failed:
        details = [*(check.message for check in failed[1:]), *map(str, survey.problems)]
        name = visible(obtained.received_as, limit=200)
        raise RejectedError(
            failed[0].faults[0].code,
            f"{name}: {failed[0].message}",
            hint=_HINTS.get(failed[0].faults[0].code),
            details=tuple(details),
        )
    return checks


_HINTS = {
    "coverage.empty": "widen the window, or sign the emptiness itself with --allow-empty",
    "coverage.missing-id": "widen the window, or say that they are missing with --allow-missing-ids",
    "coverage.duplicate-ids": "ask the API's operator, or declare them with --allow-duplicate-ids",
    "coverage.outside-window": "declare the window that the export was made with: --from-time, --to-time",
    "schema.invalid-events": "another export, or the schema it follows: --schema FILE",
}


def _attach(paths: tuple[Path, ...], stage: Path) -> tuple[Attachment, ...]:
    """Copy the preparer's files into the bundle, under portable names."""
    attachments: list[Attachment] = []
    for path in paths:
        name = safe_name(path.name, taken={Path(entry.path).name for entry in attachments})
        target = f"data/attachments/{name}"
        size, digest = publish.copy_file(path, stage / target)
        attachments.append(Attachment(path=target, size=size, sha256=digest, original_name=path.name))
    return tuple(attachments)


def _manifest(
    obtained: Obtained,
    plan: Plan,
    schema: EventSchema,
    survey: Survey,
    checks: tuple[Check, ...],
    attachments: tuple[Attachment, ...],
    signer: Signer,
    now: int,
) -> Manifest:
    created_at, fingerprint = format_instant(now), signer.public_key.fingerprint
    return Manifest(
        bundle_id=_bundle_id(obtained, plan.context, survey, created_at, fingerprint),
        created_at=created_at,
        tool_version=__version__,
        signer=fingerprint,
        template=TEMPLATE,
        window=obtained.claim,
        context=plan.context,
        query=obtained.query,
        export=ExportFile(
            path=export_path(obtained.format),
            format=obtained.format,
            shape=survey.shape,
            size=survey.size,
            sha256=survey.sha256,
            received_as=obtained.received_as,
            header=survey.header,
        ),
        facts=survey.facts,
        schema=SchemaFile(
            path=SCHEMA, id=schema.id, sha256=schema.sha256, invalid_events=survey.invalid_events
        ),
        checks=checks,
        allowances=plan.allowances,
        attachments=attachments,
        previous=plan.previous,
    )


def _bundle_id(
    obtained: Obtained, context: Context, survey: Survey, created_at: str, fingerprint: str
) -> str:
    """Return a name that says scope and window, and ends in 8 digits that the content decides."""
    window = obtained.claim.window
    start = format_instant(window.start) if window else survey.facts.first or "undated"
    end = format_instant(window.end) if window else survey.facts.last or "undated"
    seed = "\n".join((survey.sha256, created_at, fingerprint, obtained.received_as))
    parts = [context.environment or "unspecified", start, end]
    slugs = [re.sub(r"[^a-z0-9]+", "-", _seconds(part).lower()).strip("-")[:40] for part in parts]
    slugs = [slug or "unnamed" for slug in slugs]
    return "-".join(["evidence", *slugs, hashlib.sha256(seed.encode()).hexdigest()[:8]])


def _seconds(text: str) -> str:
    """Return RFC 3339 text without punctuation and fraction; other text as it is."""
    return re.sub(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z$", r"\1\2\3T\4\5\6Z", text)


def _members(manifest: Manifest, schema: EventSchema) -> dict[str, bytes]:
    """Return every member but the export and the attachments, down to the tag manifest."""
    document = manifest.to_json()
    payload = {
        PATH: manifest.to_bytes(),
        SCHEMA: schema.data,
        "data/summary.html": render_summary(document, "html").encode(),
        "data/summary.md": render_summary(document, "markdown").encode(),
        "data/verify.txt": render_verify_txt(document).encode(),
    }
    sizes = {name: len(data) for name, data in payload.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in payload.items()}
    for file in (manifest.export, *manifest.attachments):
        sizes[file.path], digests[file.path] = file.size, file.sha256
    tags = bag.tag_files(manifest.bundle_id, manifest.created_at, manifest.tool_version, sizes, digests)
    return payload | tags


def _publish(stage: Path, members: Mapping[str, bytes], manifest: Manifest, output: Path) -> Path:
    large = {f.path: stage / f.path for f in (manifest.export, *manifest.attachments)}
    if output.name.endswith(".zip"):
        with publish.new_file(output) as file:
            write_zip(file, manifest.bundle_id, {**members, **large})
        return output
    final = output / manifest.bundle_id if output.is_dir() else output
    write_folder(stage, members)
    publish.publish_folder(stage, final)
    return final


def _parent(output: Path) -> Path:
    return output if output.is_dir() else output.parent
