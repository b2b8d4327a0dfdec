"""The parts of the summary that say where the bytes came from and what holds them together."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from evidencekit.core.breakdowns import MAX_ROWS, hidden
from evidencekit.core.page import (
    Block,
    Column,
    Digest,
    Field,
    Fields,
    Items,
    Prose,
    Section,
    Table,
)
from evidencekit.core.proquint import proquints
from evidencekit.core.wording import NOT_RECORDED, groups, listing, moment, size, things, word

PROVES = (
    "The bytes are what the named key signed, at the time the authority stamped, if one did.",
    "Every claimed fact on this page was recomputed from those bytes.",
)
DOES_NOT_PROVE = (
    "That the gateway recorded everything.",
    "That the preparer told the gateway's export apart from a forgery.",
    "That what the preparer declares is so: environment, purpose, incident and limitations "
    "are signed as their word.",
)
_SHAPES = {
    "array": "JSON, one array",
    "wrapper": "JSON, an object that holds the events",
    "lines": "JSON Lines, one event a line",
    "csv": "CSV, one record an event",
}


def obtained(manifest: Mapping[str, Any]) -> Section:
    """Return the query sheet: what was asked, of whom, when, and what came."""
    query = manifest["query"]
    block: Block = Prose(paragraphs=("How the export was obtained is not recorded.",))
    if query is not None:
        block = Fields(rows=(*_asked(query), *_came(query)))
    return Section(anchor="obtained", title="How the export was obtained", blocks=(block,))


def in_short(manifest: Mapping[str, Any]) -> str:
    """Return how the export was obtained in one sentence, for those who read no further."""
    query = manifest["query"]
    if query is None:
        return f"{NOT_RECORDED}: no receipt says where it came from, when, or what was asked for"
    when = moment(query["downloaded_at"])
    done = query["transformations"]
    since = f"changed since: {listing(done)}" if done else "not changed since"
    asked = f"downloaded {when} from {word(query['api_url'])}, job {word(query['job_id'])}"
    return f"{asked}; {since}, as the preparer's record has it"


def _asked(query: Mapping[str, Any]) -> Iterator[Field]:
    preview = query["preview"]
    promised = "no count on record" if preview is None else things(preview["events"], "event")
    yield Field(label="API", value=word(query["api_url"]), code=True)
    yield Field(label="Request", value=_json(query["request"]), code=True)
    yield Field(label="Job", value=word(query["job_id"]), code=True)
    yield Field(label="Preview", value=promised)
    yield Field(label="Job created", value=moment(query["created_at"]))
    yield Field(label="Job completed", value=moment(query["completed_at"]))
    yield Field(label="Downloaded", value=moment(query["downloaded_at"]))


def _came(query: Mapping[str, Any]) -> Iterator[Field]:
    response, offset = query["response"], query["clock"]["offset_seconds"]
    length = response["content_length"]
    yield Field(label="Served by", value=word(query["served_by"]), code=True)
    kind = word(response["content_type"])
    yield Field(label="Response", value=f"status {response['status']}, {kind}")
    yield Field(label="Length promised", value="not stated" if length is None else size(length))
    yield Field(label="ETag", value=word(response["etag"]), code=True)
    yield Field(label="Server's date", value=moment(response["date"]))
    ahead = NOT_RECORDED if offset is None else f"{offset:+.1f} s against the preparer's"
    yield Field(label="Server's clock", value=ahead)
    done = query["transformations"]
    unchanged = "nothing: the bytes are as received"
    yield Field(label="Changed since", value=listing(done) if done else unchanged)


def _json(value: object) -> str:
    return word(json.dumps(value, ensure_ascii=False), limit=500)


def files(manifest: Mapping[str, Any]) -> Section:
    """Return the export file, the schema, the attachments and the bundle before this one."""
    blocks: list[Block] = [Fields(rows=(*_export(manifest["export"]), *_schema(manifest)))]
    if manifest["attachments"]:
        blocks.append(_attachments(manifest))
    return Section(anchor="files", title="Files", blocks=tuple(blocks))


def _export(export: Mapping[str, Any]) -> Iterator[Field]:
    yield Field(label="Export", value=word(export["path"]), code=True)
    yield Field(label="Received as", value=word(export["received_as"]), code=True)
    yield Field(label="Form", value=_SHAPES.get(export["shape"], word(export["shape"])))
    yield Field(label="Size", value=size(export["size"]))
    yield Field(label="Export SHA-256", value=word(export["sha256"]), code=True)
    if export["header"] is not None:
        columns = things(len(export["header"]), "column")
        yield Field(label="CSV header", value=f"{columns}: {listing(export['header'])}")


def _schema(manifest: Mapping[str, Any]) -> Iterator[Field]:
    schema, previous = manifest["schema"], manifest["previous"]
    broken = things(schema["invalid_events"], "event")
    yield Field(label="Event schema", value=word(schema["id"] or "none"), code=True)
    yield Field(label="Schema SHA-256", value=word(schema["sha256"]), code=True)
    yield Field(label="Events breaking it", value=broken)
    if previous is None:
        yield Field(label="Previous bundle", value="none: this bundle follows no other")
    else:
        yield Field(label="Previous bundle", value=word(previous["bundle_id"]), code=True)
        yield Field(label="Previous root", value=word(previous["root"]), code=True)


def _attachments(manifest: Mapping[str, Any]) -> Table:
    attachments = manifest["attachments"]
    rows = tuple(
        (word(file["path"]), word(file["original_name"]), size(file["size"]), word(file["sha256"]))
        for file in attachments[:MAX_ROWS]
    )
    return Table(
        caption="Attachments, added by the preparer",
        columns=(
            Column(title="File", kind="code"),
            Column(title="Original name"),
            Column(title="Size", kind="number"),
            Column(title="SHA-256", kind="code"),
        ),
        rows=rows,
        note=hidden(len(attachments) - len(rows), "files"),
    )


def proof() -> Section:
    """Return what an accepted bundle proves and what it does not, in the words of every report."""
    proves = Items(title="Once verification accepts this bundle, it proves", items=PROVES)
    leaves = Items(title="It does not prove", items=DOES_NOT_PROVE)
    title = "What this proves and what it does not"
    return Section(anchor="proof", title=title, blocks=(proves, leaves), columns=2)


def seal(manifest: Mapping[str, Any], root: str | None) -> Section:
    """Return what is compared by eye, on the phone or by scanning: key fingerprint and root.

    A page inside a bundle cannot hold the root, which covers it: there it is the event tree root.
    """
    tree = manifest["facts"]["tree_root"]
    rows = [] if root is None else [Field(label="Event tree root", value=word(tree), code=True)]
    if root is None:
        command = "sha256sum tagmanifest-sha256.txt"
        rows = [
            Field(label="Root", value=f"not on this page, which it covers; to see it: {command}")
        ]
    blocks: tuple[Block, ...] = (
        Prose(paragraphs=(_COMPARE,)),
        _fingerprint(manifest["signer"]["fingerprint"]),
        _hexadecimal("Event tree root", tree) if root is None else _hexadecimal("Root", root),
        Fields(rows=(*rows, Field(label="Made by", value=_tool(manifest)))),
    )
    return Section(anchor="seal", title="Signer and root", blocks=blocks)


_COMPARE = (
    "Compare the fingerprint with what the sender told you over another channel: by eye, read out "
    "in groups or in words, or scanned. No key that lies in a bundle, and no fingerprint printed "
    "on a page, is ever a reason to trust."
)


def _fingerprint(fingerprint: str) -> Digest:
    digest = fingerprint.removeprefix("SHA256:")
    raw = base64.b64decode(f"{digest}=")
    return Digest(
        label="Key fingerprint",
        value=word(fingerprint),
        groups=word(f"SHA256: {groups(digest, 4)}"),
        words=" ".join(proquints(raw)),
    )


def _hexadecimal(label: str, digest: str) -> Digest:
    return Digest(
        label=label,
        value=word(digest),
        groups=word(groups(digest, 8)),
        words=" ".join(proquints(bytes.fromhex(digest))),
    )


def _tool(manifest: Mapping[str, Any]) -> str:
    tool = manifest["tool"]
    template = word(manifest["template"])
    return f"{word(tool['name'])} {word(tool['version'])}, page template {template}"
