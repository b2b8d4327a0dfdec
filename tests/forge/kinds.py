"""Everything that can be wrong with a bundle, and the good ones that wrongs are done to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from evidencekit.core.manifest import Previous
from evidencekit.core.query import Query, Response, ServerClock
from forge.bench import (
    ECDSA,
    EVENTS,
    NOW,
    Json,
    Made,
    Order,
    as_array,
    as_csv,
    as_lines,
    as_wrapper,
    event,
    make,
    rehashed,
    resigned,
    rewritten,
)

SMALL_SCHEMA = b"""{
 "$id": "urn:example:event",
 "type": "object",
 "required": ["id", "timestamp", "verdict"],
 "properties": {"id": {"type": "string"}}
}
"""
OLD_TEMPLATE = "summary/0"
THIN_PAGES = {
    "data/summary.html": b"<!doctype html><title>Evidence</title><p>As an older one wrote it.\n",
    "data/summary.md": b"# Evidence, as an older version wrote it\n",
    "data/verify.txt": b"sha256sum -c manifest-sha256.txt\n",
}
QUERY = Query(
    api_url="https://api.keeptrusts.com",
    request={"format": "json", "time_window": "7d"},
    job_id="job_1",
    created_at="2026-04-23T00:00:01Z",
    completed_at="2026-04-23T00:00:02Z",
    downloaded_at="2026-04-23T00:00:03Z",
    preview={"events": 4},
    served_by="https://bucket.example/exports/job_1.json",
    response=Response(
        status=200,
        content_type="application/json",
        content_length=len(as_array(EVENTS)),
        etag='"1"',
        date="2026-04-23T00:00:03Z",
    ),
    clock=ServerClock(offset_seconds=0.4),
)

GOOD: dict[str, Order] = {
    "json-array": Order(query=QUERY),
    "received-in-chunks": Order(
        query=replace(QUERY, response=replace(QUERY.response, content_length=None))
    ),
    "json-lines": Order(export=as_lines(EVENTS)),
    "json-wrapper": Order(export=as_wrapper(EVENTS)),
    "csv": Order(export=as_csv(EVENTS), format="csv"),
    "co-signed": Order(cosigned=True),
    "attachments": Order(
        attachments={"Incident Report.txt": b"what happened\n", "screen.png": bytes(range(64))}
    ),
    "empty-allowed": Order(
        export=as_array([]), allowances=("empty",), request_ids=(), escalation_ids=()
    ),
    "missing-ids-allowed": Order(request_ids=("req_2", "req_9"), allowances=("missing-ids",)),
    "duplicate-ids-allowed": Order(
        export=as_array([*EVENTS, event(4, "allow")]), allowances=("duplicate-ids",)
    ),
    "follows-another": Order(
        previous=Previous(bundle_id="evidence-production-1", root="ab" * 32),
    ),
    "ecdsa": Order(signer=ECDSA),
}


@cache
def good(name: str) -> Made:
    """Return a good bundle by its name in GOOD."""
    return make(GOOD[name])


@cache
def thin(name: str = "json-array") -> Made:
    """Return a good bundle as small as one can be: a short schema, and an older version's pages.

    Most wrongs are done to this one. It is judged with SMALL_SCHEMA named on the command line, and
    stays as it is when a page or our own schema changes.
    """
    made = make(replace(GOOD[name], schema=SMALL_SCHEMA))
    manifest = made.manifest | {"template": OLD_TEMPLATE}
    thinner = rewritten(made, manifest, pages=False).with_members(THIN_PAGES)
    signers = (ECDSA,) if name == "ecdsa" else ()
    return resigned(rehashed(thinner), *signers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What git cannot hold: a good bundle, and what is done to a copy of it."""

    base: str
    steps: tuple[tuple[str, ...], ...]


Build = Callable[[], Made | bytes | Recipe]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One thing that can be wrong, and how a receiver must take it."""

    name: str
    check: str
    code: str
    exit: int
    arguments: tuple[str, ...]
    build: Build = field(repr=False)


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    check: str,
    code: str,
    *,
    exit: int = 1,  # noqa: A002
    arguments: tuple[str, ...] = (),
) -> Callable[[Build], Build]:
    """Enter a function into the table of kinds; it returns the bundle: folder, zip or recipe."""

    def enter(build: Build) -> Build:
        assert name not in KINDS, name
        KINDS[name] = Kind(
            name=name, check=check, code=code, exit=exit, arguments=arguments, build=build
        )
        return build

    return enter


def add(name: str, check: str, code: str, build: Build, **more: object) -> None:
    """Enter what a table's row makes."""
    kind(name, check, code, **more)(build)  # type: ignore[arg-type]


def note(document: Json, **values: object) -> None:
    """Set members of a document: a lambda cannot."""
    document.update(values)


__all__ = ["GOOD", "KINDS", "NOW", "Kind", "Recipe", "add", "good", "kind", "note", "thin"]
