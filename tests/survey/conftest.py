"""A survey as anyone would write it, to compare ours with: the whole file in memory, no tricks."""

import csv
import io
import json
from collections import Counter
from hashlib import sha256

import jsonschema
import pytest

from evidencekit.core.events import ALIASES, canonical_verdict
from evidencekit.core.instant import format_instant, parse_instant

FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, as it is written there."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + merkle(leaves[:half]) + merkle(leaves[half:])).digest()


def json_records(text: str) -> list[str]:
    """Return the exact text of each event of an array, a wrapper or JSON Lines."""
    decoder = json.JSONDecoder()
    bare = text.strip()
    wraps = bare.startswith("{") and "events" in decoder.raw_decode(bare)[0]
    if bare.startswith("{") and not wraps:
        return [line.strip() for line in text.split("\n") if line.strip()]
    at, found = text.index("[", text.index('"events"') if wraps else 0) + 1, []
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return found
        end = decoder.raw_decode(text, at)[1]
        found.append(text[at:end])
        at = end


def csv_records(text: str) -> list[str]:
    """Return the exact text of each record: csv.reader says where one ends."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    lines = [line for line in lines if line]
    reader, found, done = csv.reader(lines, strict=True), [], 0
    for _ in reader:
        found.append("".join(lines[done : reader.line_num]).removesuffix("\n").removesuffix("\r"))
        done = reader.line_num
    return found


def csv_events(records: list[str], types: dict) -> list[dict]:
    header, *rows = (next(csv.reader(io.StringIO(record, newline=""))) for record in records)
    return [
        {
            name: cell_value(cell, types.get(name, ()))
            for name, cell in zip(header, row, strict=True)
            if cell
        }
        for row in rows
    ]


def cell_value(cell: str, wanted: tuple[type, ...]) -> object:
    if not wanted:
        return cell
    try:
        value = json.loads(cell)
    except ValueError:
        return cell
    return value if isinstance(value, wanted) and not isinstance(value, bool) else cell


def said(event: dict, name: str) -> str | None:
    for alias in ALIASES[name]:
        value = event.get(alias)
        if isinstance(value, str) and value:
            return value
        if type(value) is int:
            return str(value)
    metadata = event.get("metadata")
    if name == "environment" and isinstance(metadata, dict):
        return said({name: metadata.get(name)}, name)
    return None


def instant(event: dict) -> int | None:
    try:
        return parse_instant(said(event, "time") or "")
    except ValueError:
        return None


def counts(events: list[dict], name: str) -> Counter:
    return Counter(value for event in events if (value := said(event, name)) is not None)


def naive(records: list[str], events: list[dict], question, schema: bytes) -> dict:
    """Return what a survey finds, in plain types."""
    validator = jsonschema.Draft202012Validator(json.loads(schema), format_checker=FORMATS)
    times = [instant(event) for event in events]
    known = [time for time in times if time is not None]
    ids = [value for event in events if (value := said(event, "id")) is not None]
    words = [said(event, "verdict") for event in events]
    verdicts = [canonical_verdict(word) if word else "other" for word in words]
    requests, escalations = counts(events, "request_id"), counts(events, "escalation_id")
    window = question.window
    return {
        "events": len(records),
        "first": format_instant(min(known)) if known else None,
        "last": format_instant(max(known)) if known else None,
        "tree_root": merkle([sha256(b"\0" + r.encode()).digest() for r in records]).hex(),
        "verdicts": Counter(verdicts),
        "unknown_verdicts": Counter(
            word
            for word, verdict in zip(words, verdicts, strict=True)
            if word and verdict == "other"
        ),
        "config_versions": counts(events, "config_version"),
        "environments": counts(events, "environment"),
        "reason_codes": counts(events, "reason_code"),
        "models": counts(events, "model"),
        "gateways": counts(events, "gateway"),
        "untimed": len(times) - len(known),
        "duplicate_ids": len(ids) - len(set(ids)),
        "outside_window": sum(time not in window for time in known) if window else 0,
        "request_ids": {name: requests[name] for name in question.request_ids},
        "escalation_ids": {name: escalations[name] for name in question.escalation_ids},
        "config_spans": spans(events, times),
        "invalid_events": sum(not validator.is_valid(event) for event in events),
    }


def spans(events: list[dict], times: list[int | None]) -> dict:
    found: dict[str, list[int]] = {}
    for event, time in zip(events, times, strict=True):
        if time is not None and (version := said(event, "config_version")):
            found.setdefault(version, []).append(time)
    return {v: (format_instant(min(t)), format_instant(max(t))) for v, t in found.items()}


def plain(survey) -> dict:
    """Return the same of one of ours."""
    facts = survey.facts
    assert facts.uncounted == {}
    found = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
    for name in ("uncounted", "named_events", "timeline"):
        del found[name]
    return found | {"invalid_events": survey.invalid_events}


def naive_survey(data: bytes, question, schema) -> dict:
    text = data.decode().removeprefix("\ufeff")
    if question.format == "csv":
        records = csv_records(text)
        types = {name: python_types(names) for name, names in schema.coercions.items()}
        return naive(records[1:], csv_events(records, types), question, schema.data)
    records = json_records(text)
    return naive(records, [json.loads(record) for record in records], question, schema.data)


def python_types(names: tuple[str, ...]) -> tuple[type, ...]:
    kinds = {"number": (int, float), "integer": (int, float), "object": (dict,), "array": (list,)}
    if "string" in names:
        return ()
    return tuple(kind for name in names for kind in kinds.get(name, ()))


@pytest.fixture(scope="session")
def compare():
    """Hold one of our surveys against the naive one."""

    def check(survey, data: bytes, question, schema) -> None:
        ours, theirs = plain(survey), naive_survey(data, question, schema)
        assert {
            name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]
        } == {}
        assert survey.sha256 == sha256(data).hexdigest()
        assert survey.size == len(data)

    return check
