"""Lies in the manifest, told by the owner of the key: all digests and signatures fit them."""

import json
from collections.abc import Callable

from evidencekit.edges.render import render_pages
from forge.bench import (
    COSIGNER,
    EVENTS,
    EXPORT,
    MANIFEST,
    STRANGER,
    Json,
    Made,
    as_array,
    dumps,
    event,
    forged,
    rehashed,
    resigned,
)
from forge.kinds import add, good, kind, note, thin

Change = Callable[[Json], object]


def lie(change: Change, base: str = "json-array") -> Made:
    """Return a bundle whose manifest lies, and all of it fits."""
    return forged(thin(base), change, pages=False)


def told(data: Callable[[bytes], bytes]) -> Made:
    """Return a bundle with other bytes for a manifest; the statement is of the good one."""
    made = thin().with_members({MANIFEST: data(thin().members[MANIFEST])})
    good_one = thin().members[MANIFEST]
    made = rehashed(made)

    try:
        return resigned(made)
    except (ValueError, KeyError, TypeError):
        return _signed_blind(made, good_one)


def _signed_blind(made: Made, good_one: bytes) -> Made:
    """Sign a bundle whose manifest nobody can read, with the claims of one that can be read."""
    import hashlib  # noqa: PLC0415

    readable = made.with_members({MANIFEST: good_one})

    def statement(document: Json) -> None:
        for subject in document["subject"]:
            if subject["name"] == MANIFEST:
                subject["digest"]["sha256"] = hashlib.sha256(made.members[MANIFEST]).hexdigest()

    signed = resigned(readable, statement=statement)
    return signed.with_members({MANIFEST: made.members[MANIFEST]})


def _set(path: str, value: object) -> Change:
    """Return a change of one member, named by its path with dots."""
    *parents, last = path.split(".")

    def change(document: Json) -> None:
        for parent in parents:
            document = document[parent]
        document[last] = value

    return change


def _drop(path: str) -> Change:
    *parents, last = path.split(".")

    def change(document: Json) -> None:
        for parent in parents:
            document = document[parent]
        del document[last]

    return change


# Bytes that are no manifest, or not in its one form.
BYTES: tuple[tuple[str, str, Callable[[bytes], bytes]], ...] = (
    ("empty", "json.syntax", lambda _data: b""),
    ("not-json", "json.syntax", lambda _data: b"all is well\n"),
    ("list", "manifest.schema", lambda data: b"[" + data.strip() + b"]\n"),
    ("bom", "json.bom", lambda data: b"\xef\xbb\xbf" + data),
    ("utf-16", "json.encoding", lambda data: data.decode().encode("utf-16")),
    (
        "key-twice",
        "json.duplicate-key",
        lambda d: d.replace(b'"events": 4', b'"events": 9, "events": 4', 1),
    ),
    (
        "key-twice-escaped",
        "json.duplicate-key",
        lambda d: d.replace(b'"events": 4', b'"\\u0065vents": 9, "events": 4', 1),
    ),
    ("nan", "json.number", lambda data: data.replace(b'"events": 4', b'"events": NaN', 1)),
    ("text-after", "json.trailing", lambda data: data + b"{}\n"),
    ("surrogate", "json.surrogate", lambda d: d.replace(b"INC-4711", b"\\ud800")),
    ("compact", "manifest.form", lambda data: json.dumps(json.loads(data)).encode()),
    ("no-final-newline", "manifest.form", lambda data: data[:-1]),
    (
        "number-as-real",
        "manifest.value",
        lambda d: d.replace(b'"untimed": 0', b'"untimed": 0e0', 1),
    ),
    ("order", "manifest.form", lambda d: dumps(dict(reversed(json.loads(d).items())))),
    (
        "hidden-characters",
        "manifest.form",
        lambda d: d.replace(b"INC-4711", "INC\u202e-4711".encode()),
    ),
)
for _name, _code, _data in BYTES:
    add(f"manifest-bytes-{_name}", "manifest", _code, lambda d=_data: told(d))

SCHEMA: tuple[tuple[str, Change], ...] = (
    ("format-2", _set("format", "evidencekit-manifest/2")),
    ("format-missing", _drop("format")),
    ("field-more", _set("certified", value=True)),
    ("field-missing", _drop("allowances")),
    ("bundle-id-a-path", _set("bundle_id", "../evidence")),
    ("bundle-id-newline", _set("bundle_id", "evidence-1\n")),
    ("tool-other", _set("tool.name", "notepad")),
    ("fingerprint-short", _set("signer.fingerprint", "SHA256:short")),
    ("template-other", _set("template", "page")),
    ("export-path", _set("export.path", "data/manifest.json")),
    ("export-path-traversal", _set("export.path", "data/export/../../evil.json")),
    ("export-shape", _set("export.shape", "tree")),
    ("size-negative", _set("export.size", -1)),
    ("sha256-upper-case", _set("export.sha256", 64 * "A")),
    ("events-null", _set("facts.events", None)),
    ("events-text", _set("facts.events", "4")),
    ("events-true", _set("facts.events", value=True)),
    ("allowance-unknown", _set("allowances", ["everything"])),
    ("allowance-twice", _set("allowances", ["empty", "empty"])),
    ("time-local", _set("created_at", "2026-04-23T02:04:11+02:00")),
    (
        "attachment-path",
        _set(
            "attachments",
            [{"path": "data/summary.md", "size": 1, "sha256": 64 * "0", "original_name": "x"}],
        ),
    ),
    ("check-outcome", lambda d: note(d["checks"][0], outcome="splendid")),
    ("window-text", _set("window", "last week")),
)
for _name, _change in SCHEMA:
    add(f"manifest-{_name}", "manifest", "manifest.schema", lambda c=_change: lie(c))

OTHERS: tuple[tuple[str, str, Change], ...] = (
    (
        "window-reversed",
        "manifest.value",
        lambda d: note(d["window"], start=d["window"]["end"], end=d["window"]["start"]),
    ),
    ("window-february-30", "manifest.value", _set("window.start", "2026-02-30T00:00:00Z")),
    ("created-february-30", "manifest.value", _set("created_at", "2026-02-30T00:00:00Z")),
    ("events-as-real", "manifest.value", _set("facts.events", 4.0)),
    (
        "named-event-place-as-real",
        "manifest.value",
        lambda d: note(d["facts"]["named_events"][0], position=1.0),
    ),
    ("window-half", "manifest.form", _set("window.end", None)),
    ("query-field-more", "manifest.value", _set("query.approved", value=True)),
    ("query-time-nonsense", "manifest.value", _set("query.downloaded_at", "yesterday")),
    ("export-digest", "manifest.digest", _set("export.sha256", 64 * "0")),
    ("export-size", "manifest.size", _set("export.size", 7)),
    ("schema-digest", "manifest.digest", _set("schema.sha256", 64 * "0")),
    ("format-of-the-export", "manifest.format", _set("export.format", "csv")),
    (
        "attachment-absent",
        "manifest.digest",
        _set(
            "attachments",
            [
                {
                    "path": "data/attachments/a.txt",
                    "size": 1,
                    "sha256": 64 * "0",
                    "original_name": "a.txt",
                }
            ],
        ),
    ),
)
for _name, _code, _change in OTHERS:
    add(f"manifest-{_name}", "manifest", _code, lambda c=_change: lie(c))


@kind("manifest-attachment-size-as-real", "manifest", "manifest.value")
def _size_as_real() -> Made:
    """14.0 for 14: the same content in a second form, which the facts say nothing of."""
    return lie(lambda d: note(d["attachments"][0], size=14.0), "attachments")


# Ids that say something else than the manifest, in folder name, bag-info and statement alike.
def _called(old: str, new: str) -> Change:
    def change(document: Json) -> None:
        assert old in document["bundle_id"]
        document["bundle_id"] = document["bundle_id"].replace(old, new)

    return change


IDS: tuple[tuple[str, Change], ...] = (
    ("of-another-environment", _called("production", "staging")),
    ("of-another-window", _called("20260416t", "20260401t")),
    ("with-other-digits", lambda d: note(d, bundle_id=d["bundle_id"][:-8] + "00000000")),
    ("of-its-own", _set("bundle_id", "evidence-of-nothing")),
)
for _name, _change in IDS:
    add(f"id-{_name}", "manifest", "manifest.derived-id", lambda c=_change: lie(c))


@kind("id-of-another-environment-zip", "manifest", "manifest.derived-id")
def _other_environment() -> bytes:
    from forge.zips import zipped  # noqa: PLC0415

    made = lie(_called("production", "staging"))
    return zipped(Made(base=made.manifest["bundle_id"], members=made.members))


@kind("manifest-not-as-listed", "manifest", "checksums.mismatch")
def _not_as_listed() -> Made:
    """A good manifest in its one form, which is not the one that the checksums list."""
    manifest = thin().manifest
    manifest["context"]["purpose"] = "yearly access review"
    return thin().with_members({MANIFEST: dumps(manifest)})


# What the query sheet says of the answer's length, of an export that is as it came.
LENGTHS: tuple[tuple[str, int], ...] = (("zero", 0), ("less", 5), ("more", 9_001_234))
for _name, _length in LENGTHS:
    add(
        f"query-length-{_name}",
        "manifest",
        "manifest.content-length",
        lambda n=_length: lie(_set("query.response.content_length", n)),
    )


@kind("manifest-of-another-day", "manifest", "manifest.bag-info")
def _other_day() -> Made:
    made = thin()
    info = made.members["bag-info.txt"]
    made = forged(made, _set("created_at", "2026-04-24T00:04:11Z"), pages=False)
    return resigned(_tagged(made.with_members({"bag-info.txt": info})))


def _tagged(made: Made) -> Made:
    from forge.texts import tagged  # noqa: PLC0415

    return tagged(made)


@kind("manifest-attachment-undescribed", "manifest", "manifest.unlisted")
def _undescribed() -> Made:
    extra = {"data/attachments/notes.txt": b"not in the manifest\n"}
    return resigned(rehashed(thin().with_members(extra)))


@kind("manifest-attachment-described-twice", "manifest", "manifest.twice")
def _twice() -> Made:
    def change(document: Json) -> None:
        first = document["attachments"][0]
        document["attachments"].append({**first, "original_name": "Signed Approval.pdf"})

    return lie(change, "attachments")


@kind("manifest-attachment-other-bytes", "manifest", "manifest.digest")
def _other_bytes() -> Made:
    extra = {"data/attachments/incident-report.txt": b"what did not happen\n"}
    return resigned(rehashed(thin("attachments").with_members(extra)))


@kind("manifest-names-another-preparer", "signature", "signature.preparer")
def _another_preparer() -> Made:
    return lie(_set("signer.fingerprint", STRANGER.public_key.fingerprint))


@kind("manifest-names-the-co-signer", "signature", "signature.preparer")
def _names_co_signer() -> Made:
    return lie(_set("signer.fingerprint", COSIGNER.public_key.fingerprint))


# Facts: one lie each, every one of them in what a survey finds again.
def _swap(document: Json) -> None:
    verdicts = document["facts"]["verdicts"]
    verdicts["allow"], verdicts["block"] = verdicts["block"] + 1, verdicts["allow"] - 1


FACTS: tuple[tuple[str, Change], ...] = (
    ("events-inflated", _set("facts.events", 4000)),
    ("first-moved", _set("facts.first", "2026-04-16T00:00:00Z")),
    ("last-moved", _set("facts.last", "2026-04-22T23:59:59Z")),
    ("tree-root", _set("facts.tree_root", 64 * "0")),
    ("verdicts-swapped", _swap),
    ("verdict-dropped", _drop("facts.verdicts.block")),
    ("verdict-more", _set("facts.verdicts.other", 0)),
    (
        "verdicts-order",
        lambda d: note(d["facts"], verdicts=dict(reversed(d["facts"]["verdicts"].items()))),
    ),
    ("unknown-verdicts", _set("facts.unknown_verdicts", {"maybe": 1})),
    ("config-versions", _set("facts.config_versions", {"0.3.0": 4})),
    ("config-spans", _set("facts.config_spans", {})),
    ("environments", _set("facts.environments", {"staging": 4})),
    ("reason-codes", _set("facts.reason_codes", {"all_policies_passed": 4})),
    ("models", _set("facts.models", {"gpt-4o": 4000})),
    ("gateways", _set("facts.gateways", {"gw_1": 4})),
    ("uncounted", _set("facts.uncounted", {"models": 1})),
    ("untimed", _set("facts.untimed", 1)),
    ("duplicate-ids", _set("facts.duplicate_ids", 1)),
    ("outside-window", _set("facts.outside_window", 1)),
    ("id-claimed-found", _set("facts.request_ids", {"req_2": 1, "req_3": 2})),
    ("escalation-claimed-missing", _set("facts.escalation_ids", {"esc_4": 0})),
    ("named-event-dropped", lambda d: d["facts"]["named_events"].pop() and None),
    ("named-event-allowed", lambda d: note(d["facts"]["named_events"][0], verdict="allow")),
    ("named-event-place", lambda d: note(d["facts"]["named_events"][0], position=0)),
    ("timeline-dropped", _set("facts.timeline", None)),
    ("timeline-bucket", _set("facts.timeline.bucket_seconds", 7)),
    ("timeline-counts", lambda d: d["facts"]["timeline"]["counts"].popitem() and None),
    ("shape", _set("export.shape", "lines")),
    ("invalid-events", _set("schema.invalid_events", 1)),
)
for _name, _change in FACTS:
    add(f"facts-{_name}", "facts", "facts.mismatch", lambda c=_change: lie(c))


@kind("facts-header-of-a-csv", "facts", "facts.mismatch")
def _header() -> Made:
    return lie(lambda d: note(d["export"], header=[*d["export"]["header"][:-1], "secret"]), "csv")


@kind("facts-missing-id-claimed-found", "facts", "facts.mismatch")
def _found() -> Made:
    """The preparer declared that req_9 is missing, and now says that it is there."""
    return lie(_set("facts.request_ids", {"req_2": 1, "req_9": 1}), "missing-ids-allowed")


@kind("facts-window-moved", "facts", "facts.mismatch")
def _window_moved() -> Made:
    """A window that the events do not lie in, said of facts that were counted for another."""
    return lie(_set("window.start", "2026-04-18T00:00:00Z"))


# Exports that are not what they should be, with facts that are of the good one.
def export(data: bytes, base: str = "json-array") -> Made:
    """Return a bundle with another export, described by size and digest as it is."""
    import hashlib  # noqa: PLC0415

    made = thin(base).with_members({EXPORT: data})
    digest = hashlib.sha256(data).hexdigest()
    return forged(made, lambda d: note(d["export"], size=len(data), sha256=digest), pages=False)


EXPORTS: tuple[tuple[str, str, str, bytes], ...] = (
    ("event-dropped", "facts", "facts.mismatch", as_array(EVENTS[:-1])),
    ("event-added", "facts", "facts.mismatch", as_array([*EVENTS, event(5, "allow")])),
    ("events-reordered", "facts", "facts.mismatch", as_array(EVENTS[::-1])),
    ("white-space", "facts", "facts.mismatch", json.dumps(EVENTS).encode()),
    ("cut", "schema", "export.truncated", as_array(EVENTS)[:-40]),
    ("empty-file", "schema", "export.empty-file", b""),
    ("not-json", "schema", "export.html", b"<html>please log in</html>\n"),
    ("bom", "schema", "json.bom", b"\xef\xbb\xbf" + as_array(EVENTS)),
    ("text-after", "schema", "export.trailing", as_array(EVENTS) + b"[]"),
    (
        "key-twice",
        "schema",
        "json.duplicate-key",
        as_array(EVENTS).replace(b'"verdict"', b'"verdict": "allow", "verdict"', 1),
    ),
    (
        "no-verdict",
        "schema",
        "schema.invalid-events",
        as_array([*EVENTS[:3], {k: v for k, v in EVENTS[3].items() if k != "verdict"}]),
    ),
    (
        "id-a-number",
        "schema",
        "schema.invalid-events",
        as_array([*EVENTS[:3], EVENTS[3] | {"id": 4}]),
    ),
)
for _name, _check, _code, _export in EXPORTS:
    add(f"export-{_name}", _check, _code, lambda d=_export: export(d))


# Completeness: facts that are true, and yet do not cover what the bundle says.
def incomplete(events: list[Json], **context: object) -> Made:
    """Return a bundle that the collector would have refused to make, with true facts."""
    from forge.honest import described  # noqa: PLC0415

    return described(thin(), as_array(events), lambda d: note(d["context"], **context))


COVERAGE: tuple[tuple[str, str, Callable[[], Made]], ...] = (
    ("empty", "coverage.empty", lambda: incomplete([], request_ids=[], escalation_ids=[])),
    (
        "outside-window",
        "coverage.outside-window",
        lambda: incomplete([*EVENTS, event(5, "allow", timestamp="2026-03-01T00:00:00Z")]),
    ),
    (
        "at-the-end-of-the-window",
        "coverage.outside-window",
        lambda: incomplete([*EVENTS, event(5, "allow", timestamp="2026-04-23T00:00:00Z")]),
    ),
    (
        "untimed",
        "coverage.untimed",
        lambda: incomplete([*EVENTS, event(5, "allow", timestamp="some day")]),
    ),
    (
        "other-environment",
        "coverage.environment",
        lambda: incomplete([*EVENTS, event(5, "allow", environment="staging")]),
    ),
    (
        "config-version-absent",
        "coverage.config-version",
        lambda: incomplete(EVENTS, config_versions=["0.9.0"]),
    ),
    (
        "request-id-missing",
        "coverage.missing-id",
        lambda: incomplete(EVENTS, request_ids=["req_2", "req_99"]),
    ),
    (
        "escalation-id-missing",
        "coverage.missing-id",
        lambda: incomplete(EVENTS, escalation_ids=["esc_99"]),
    ),
    ("duplicate-ids", "coverage.duplicate-ids", lambda: incomplete([*EVENTS, event(4, "allow")])),
    ("fewer-than-previewed", "coverage.count", lambda: incomplete(EVENTS[:3], escalation_ids=[])),
)
for _name, _code, _made in COVERAGE:
    add(f"coverage-{_name}", "coverage", _code, _made)


def claims(change: Change) -> Made:
    """Return a bundle that says other things of its own completeness; its pages say them too."""
    return forged(good("json-array"), change)


CLAIMED: tuple[tuple[str, Change], ...] = (
    ("message", lambda d: note(d["checks"][1], message="4,000 events, certified complete")),
    (
        "outcome",
        lambda d: note(
            d["checks"][2], outcome="pass" if d["checks"][2]["outcome"] != "pass" else "fail"
        ),
    ),
    ("check-dropped", lambda d: d["checks"].pop() and None),
    (
        "check-added",
        lambda d: d["checks"].append(
            {"name": "compliance", "outcome": "pass", "message": "fully compliant"}
        ),
    ),
    ("order", lambda d: d["checks"].reverse()),
    ("none", lambda d: note(d, checks=[])),
)
for _name, _change in CLAIMED:
    add(f"claimed-checks-{_name}", "coverage", "coverage.claimed", lambda c=_change: claims(c))


# Pages that say otherwise than the manifest.
def page(name: str, old: bytes, new: bytes) -> Made:
    """Return a bundle with a page that lies, sealed by the preparer."""
    made = good("json-array")
    data = made.members[name]
    assert old in data, (name, old)
    return resigned(rehashed(made.with_members({name: data.replace(old, new)})))


PAGES: tuple[tuple[str, str, bytes, bytes], ...] = (
    ("html-figure", "data/summary.html", b"req_2", b"req_7"),
    ("html-script", "data/summary.html", b"</body>", b"<script>1</script></body>"),
    ("markdown-figure", "data/summary.md", b"req", b"reg"),
    ("verify-text-fingerprint", "data/verify.txt", b"SHA256:", b"SHA256:x"),
    ("verify-text-command", "data/verify.txt", b"bagit.py --validate .", b"true"),
)
for _name, _member, _old, _new in PAGES:
    add(
        f"page-{_name}",
        "summary",
        "summary.differs",
        lambda m=_member, o=_old, n=_new: page(m, o, n),
    )


@kind("page-of-another-manifest", "summary", "summary.differs")
def _other_pages() -> Made:
    other = render_pages(good("json-lines").manifest)
    return resigned(rehashed(good("json-array").with_members(other)))


# Schemas: a bundle never judges itself.
@kind("schema-that-takes-everything", "schema", "schema.unknown", exit=3)
def _lax() -> Made:
    return schema(b"true\n")


@kind("schema-not-json", "schema", "schema.unknown", exit=3)
def _not_json() -> Made:
    return schema(b"no schema\n")


@kind("schema-with-a-remote-reference", "schema", "schema.unknown", exit=3)
def _remote() -> Made:
    return schema(b'{"$ref": "http://127.0.0.1:9/schema.json"}\n')


def schema(data: bytes) -> Made:
    """Return a bundle with another schema in it, described as it is."""
    import hashlib  # noqa: PLC0415

    name = "data/schema/event.schema.json"
    digest = hashlib.sha256(data).hexdigest()
    made = thin().with_members({name: data})
    return forged(made, lambda d: note(d["schema"], sha256=digest, id=None), pages=False)


# A good bundle that is not the one the receiver asked for.
for _name, *_arguments in (
    ("environment", "--environment", "staging"),
    ("window", "--window", "2026-04-16T00:00:00Z", "2026-04-24T00:00:00Z"),
    ("signer", "--signer", COSIGNER.public_key.fingerprint),
):
    add(
        f"asked-for-another-{_name}",
        "expectations",
        f"expectations.{_name}",
        thin,
        arguments=tuple(_arguments),
    )
