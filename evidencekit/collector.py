"""Make a signed bundle from an export: survey, check, describe, render, sign, publish.

Scope, export, survey, manifest, container, root, envelope: in that order, and nothing is visible
under its final name before the last byte is on disk.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from evidencekit import __version__
from evidencekit.core import bag
from evidencekit.core.bundleid import derived_id
from evidencekit.core.dsse import Stamp
from evidencekit.core.facts import Survey
from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import (
    PATH,
    Attachment,
    ExportFile,
    Manifest,
    SchemaFile,
)
from evidencekit.core.names import ATTACHMENTS, BAGIT, SCHEMA, TAGMANIFEST, safe_name
from evidencekit.core.publickey import Signer
from evidencekit.core.schema import EventSchema
from evidencekit.core.visible import visible
from evidencekit.edges import publish
from evidencekit.edges.cluster import Jobs
from evidencekit.edges.folder import write_folder
from evidencekit.edges.leaffile import new_leaf_file, refuse_leaves
from evidencekit.edges.rawfile import InputFile
from evidencekit.edges.render import TEMPLATE, render_pages
from evidencekit.errors import UndecidedError
from evidencekit.limits import MAX_KEY_FILE_BYTES
from evidencekit.progress import Progress, counter
from evidencekit.signing import signature_files, unstamped
from evidencekit.validation import Obtained, Plan, Validated, validate


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """A published bundle."""

    path: Path
    root: str
    manifest: Manifest

    def _repr_html_(self) -> str:
        """Show the bundle in a notebook."""
        from evidencekit.core import notebook  # noqa: PLC0415  (start-up)

        manifest = self.manifest
        rows = [
            ("path", visible(str(self.path), limit=300)),
            ("root", self.root),
            ("signer", manifest.signer),
            ("events", f"{manifest.facts.events:,}"),
            ("window", str(manifest.window.window or manifest.window.basis)),
        ]
        return notebook.table(manifest.bundle_id, rows)


def collect(  # noqa: PLR0913  (each is one decision of the caller)
    obtained: Obtained,
    plan: Plan,
    *,
    signer: Signer,
    output: Path,
    now: int,
    stamp: Stamp = unstamped,
    jobs: Jobs | None = None,
    leaves: Path | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Publish a signed bundle of ``obtained`` at ``output`` and return where it is.

    ``output`` is an existing folder (the bundle goes inside it, under its id), a path that ends in
    ``.zip``, or the path of the bundle folder to be. ``now`` is in nanoseconds since the epoch. The
    new file ``leaves``, beside the bundle, gets the leaf digests of its event tree. Raises
    ``RejectedError`` where the export fails a check and ``UndecidedError`` where something else is
    in the way; nothing is published then (but the bundle, if another file took the name ``leaves``
    meanwhile: ``verify`` writes them as well).
    """
    refuse_existing(output, leaves)
    with publish.staging(workplace(output)) as stage, new_leaf_file(leaves) as beside:
        obtained, copy = _taken(obtained, stage)
        validated = validate(
            obtained, plan, copy=copy, jobs=jobs, leaves=beside.write, progress=progress
        )
        validated.raise_if_failed()
        attachments = _attach(plan.attachments, stage)
        manifest = _manifest(validated, attachments, signer, now)
        members = _members(manifest, plan.judged_by)
        tagmanifest = members[TAGMANIFEST]
        if progress:
            progress("signing", 0, None)
        members |= signature_files(tagmanifest, manifest, signer=signer, now=now, stamp=stamp)
        path = _publish(stage, members, manifest, output, progress)
        beside.keep()
        return Collected(path=path, root=bag.root(tagmanifest), manifest=manifest)


def refuse_existing(output: Path, leaves: Path | None = None) -> None:
    """Raise ``UndecidedError`` ``output.*`` where no bundle could be published at ``output``.

    Nor its leaf digests at ``leaves``. Asked before any work is done, and by publishing again.
    """
    if leaves is not None:
        refuse_leaves(leaves, output)
    if _is_shelf(output):
        return
    publish.refuse_existing(output)
    if not output.parent.is_dir():
        shown = visible(str(output.parent), limit=300)
        raise UndecidedError("output.no-folder", f"{shown}: no such folder")


def _is_shelf(output: Path) -> bool:
    """Tell whether bundles go into ``output``, each under its id; never one into another."""
    is_bundle = os.path.lexists(output / BAGIT)
    return output.is_dir() and not output.name.endswith(".zip") and not is_bundle


def workplace(output: Path) -> Path:
    """Return the folder in which temporary names stand until the bundle gets its own."""
    return output if _is_shelf(output) else output.parent


def _taken(obtained: Obtained, stage: Path) -> tuple[Obtained, Path | None]:
    """Return the export, and where to copy it; one that is ours to move needs no copy."""
    inside = stage / f"data/export/events.{obtained.format}"
    if not obtained.is_ours:
        return obtained, inside
    publish.move_file(obtained.path, inside)
    return replace(obtained, path=inside), None


def _attach(paths: tuple[Path, ...], stage: Path) -> tuple[Attachment, ...]:
    """Copy the preparer's files into the bundle, under portable names."""
    attachments: list[Attachment] = []
    for path in paths:
        name = safe_name(path.name, taken={Path(entry.path).name for entry in attachments})
        target = f"{ATTACHMENTS}{name}"
        size, digest = publish.copy_file(path, stage / target)
        _refuse_private_key(stage / target, path)
        original = visible(path.name, limit=255)
        attachments.append(
            Attachment(path=target, size=size, sha256=digest, original_name=original)
        )
    return tuple(attachments)


def _refuse_private_key(copy: Path, original: Path) -> None:
    """Refuse to give a private key away with a bundle; what was copied is what is looked at."""
    with InputFile(copy, family="attachment") as file:
        head = file.read(MAX_KEY_FILE_BYTES)
    if b"PRIVATE KEY-----" in head:
        shown = visible(str(original), limit=300)
        raise UndecidedError("attachment.private-key", f"{shown}: holds a private key")


def _manifest(
    validated: Validated, attachments: tuple[Attachment, ...], signer: Signer, now: int
) -> Manifest:
    obtained, plan, survey = validated.obtained, validated.plan, validated.survey
    schema = plan.judged_by
    manifest = Manifest(
        bundle_id="",  # follows from all the rest
        created_at=format_instant(now),
        tool_version=__version__,
        signer=signer.public_key.fingerprint,
        template=TEMPLATE,
        window=obtained.claim,
        context=plan.context,
        query=obtained.query,
        export=_export_file(obtained, survey),
        facts=survey.facts,
        schema=SchemaFile(
            path=SCHEMA, id=schema.id, sha256=schema.sha256, invalid_events=survey.invalid_events
        ),
        checks=validated.checks,
        allowances=plan.allowances,
        attachments=attachments,
        previous=plan.previous,
    )
    return replace(manifest, bundle_id=derived_id(manifest))


def _export_file(obtained: Obtained, survey: Survey) -> ExportFile:
    return ExportFile(
        path=f"data/export/events.{obtained.format}",
        format=obtained.format,
        shape=survey.shape,
        size=survey.size,
        sha256=survey.sha256,
        received_as=obtained.received_as,
        header=survey.header,
    )


def _members(manifest: Manifest, schema: EventSchema) -> dict[str, bytes]:
    """Return every member but the export and the attachments, down to the tag manifest."""
    pages = render_pages(manifest.to_json())
    payload = {PATH: manifest.to_bytes(), SCHEMA: schema.data, **pages}
    sizes = {name: len(data) for name, data in payload.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in payload.items()}
    for file in manifest.files:
        sizes[file.path], digests[file.path] = file.size, file.sha256
    return payload | bag.tag_files(
        manifest.bundle_id, manifest.created_at, manifest.tool_version, sizes, digests
    )


def _publish(
    stage: Path,
    members: Mapping[str, bytes],
    manifest: Manifest,
    output: Path,
    progress: Progress | None,
) -> Path:
    """Give the bundle its final name: the last step, of which there is no half."""
    if output.name.endswith(".zip"):
        from evidencekit.edges.zipwrite import write_zip  # noqa: PLC0415  (start-up)

        large = {file.path: stage / file.path for file in manifest.files}
        total = sum(map(len, members.values())) + sum(file.size for file in manifest.files)
        advance = counter(progress, f"packing {output.name}", total)
        with publish.new_file(output) as file:
            write_zip(file, manifest.bundle_id, {**members, **large}, advance=advance)
        return output
    final = output / manifest.bundle_id if _is_shelf(output) else output
    write_folder(stage, members)
    publish.publish_folder(stage, final)
    return final
