"""Completeness: whether the export holds what the bundle says it does.

Asked before signing, and again when verifying. Every question is answered from facts, claims and
the query sheet alone, so both sides get the same answers, in the same words: who changes a sentence
changes ``edges.render.TEMPLATE`` with it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from evidencekit.core.facts import Facts, Survey
from evidencekit.core.instant import NANOSECONDS, parse_instant
from evidencekit.core.manifest import Context
from evidencekit.core.query import Query
from evidencekit.core.report import Check, Fault
from evidencekit.core.visible import visible
from evidencekit.core.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the facts are held against."""

    window: Window | None
    context: Context
    query: Query | None
    allowances: tuple[str, ...] = ()


def coverage(facts: Facts, scope: Scope) -> tuple[Check, ...]:
    """Return the completeness checks, in the order that people read them."""
    return tuple(question(facts, scope) for question in _QUESTIONS)


def _emptiness(facts: Facts, scope: Scope) -> Check:
    if facts.events:
        return Check.passed("emptiness", f"{facts.events:,} events")
    if "empty" in scope.allowances:
        return Check.passed("emptiness", "0 events: the preparer declares an empty export")
    return _fail("emptiness", "coverage.empty", "the export holds 0 events")


def _window(facts: Facts, scope: Scope) -> Check:
    if facts.untimed:
        sentence = f"{facts.untimed:,} of {facts.events:,} events carry no time that can be read"
        return _fail("window", "coverage.untimed", sentence)
    if scope.window is None:
        return Check.not_asked("window", "no window was declared, so nothing to compare")
    if facts.outside_window:
        sentence = f"{facts.outside_window:,} of {facts.events:,} events lie outside {scope.window}"
        seen = f"; first {facts.first}, last {facts.last}"
        return _fail("window", "coverage.outside-window", sentence + seen)
    if facts.first is None or facts.last is None:
        return Check.passed("window", f"no events in {scope.window}")
    lead = _seconds(parse_instant(facts.first) - scope.window.start)
    tail = _seconds(scope.window.end - parse_instant(facts.last))
    sentence = f"{facts.events:,} events, all inside {scope.window}"
    ends = f"the first {lead} after its start, the last {tail} before its end"
    return Check.passed("window", f"{sentence}; {ends}")


def _environment(facts: Facts, scope: Scope) -> Check:
    declared, seen = scope.context.environment, facts.environments
    if declared is None:
        said = f"; events name {_names(seen)}" if seen else ""
        return Check.not_asked("environment", f"no environment was declared{said}")
    if not seen:
        sentence = f"declared {visible(declared)}; no event names one, so nothing to compare"
        return Check.skipped("environment", sentence)
    if set(seen) != {declared}:
        sentence = f"declared {visible(declared)}, events name {_counts(seen)}"
        return _fail("environment", "coverage.environment", sentence)
    sentence = f"{seen[declared]:,} events name {visible(declared)}, as declared"
    return Check.passed("environment", sentence)


def _config_versions(facts: Facts, scope: Scope) -> Check:
    declared, seen = scope.context.config_versions, facts.config_versions
    several = f"{len(seen)} config versions in one export: " if len(seen) > 1 else ""
    if not declared:
        said = f"none declared; {several}{_counts(seen)} observed" if seen else "none named"
        return Check.not_asked("config-versions", said)
    if not seen:
        sentence = f"declared {_names(declared)}; no event names one, so nothing to compare"
        return Check.skipped("config-versions", sentence)
    absent = [version for version in declared if version not in seen]
    if absent:
        sides = f"declared {_names(declared)}, events name {_counts(seen)}"
        sentence = f"{sides}; absent: {_names(absent)}"
        return _fail("config-versions", "coverage.config-version", sentence)
    further = [version for version in seen if version not in declared]
    note = f"; observed but not declared: {_names(further)}" if further else ""
    return Check.passed("config-versions", f"{several}{_counts(seen)}{note}")


def undeclared_versions(facts: Facts, declared: Collection[str]) -> str | None:
    """Return how many events are of config versions that were not declared, where some were.

    None where there are no such events, or no version was declared. It fails no check: an export
    may well hold more than what it was made for.
    """
    further = {name: n for name, n in facts.config_versions.items() if name not in declared}
    if not declared or not further:
        return None
    many = len(further) > 1
    kind, were = ("config versions", "were") if many else ("config version", "was")
    events = f"{sum(further.values()):,} of {facts.events:,} events are of {kind}"
    return f"{events} {_names(further)}, which {were} not declared"


def _request_ids(facts: Facts, scope: Scope) -> Check:
    return _ids("request-ids", "request", facts.request_ids, scope)


def _escalation_ids(facts: Facts, scope: Scope) -> Check:
    return _ids("escalation-ids", "escalation", facts.escalation_ids, scope)


def _ids(name: str, kind: str, found: Mapping[str, int], scope: Scope) -> Check:
    if not found:
        return Check.not_asked(name, f"no {kind} IDs were named")
    absent = [identifier for identifier, events in found.items() if not events]
    sentence = f"{len(found) - len(absent):,} of {len(found):,} named {kind} IDs are in the export"
    if not absent:
        return Check.passed(name, sentence)
    sentence += f"; missing: {_names(absent)}"
    if "missing-ids" in scope.allowances:
        return Check.passed(name, f"{sentence}, as the preparer declared")
    return _fail(name, "coverage.missing-id", sentence)


def _duplicates(facts: Facts, scope: Scope) -> Check:
    if not facts.duplicate_ids:
        return Check.passed("duplicate-ids", "every event ID occurs once")
    sentence = f"{facts.duplicate_ids:,} events repeat the ID of an earlier one"
    if "duplicate-ids" in scope.allowances:
        return Check.passed("duplicate-ids", f"{sentence}, as the preparer declared")
    return _fail("duplicate-ids", "coverage.duplicate-ids", sentence)


def _preview(facts: Facts, scope: Scope) -> Check:
    promised = scope.query.previewed_events if scope.query else None
    if promised is None:
        return Check.not_asked("preview", "no preview count is on record")
    if facts.events < promised:
        sentence = f"the preview promised {promised:,} events, the export holds {facts.events:,}"
        return _fail("preview", "coverage.count", sentence)
    more = f", {facts.events - promised:,} more than the preview" if facts.events > promised else ""
    return Check.passed("preview", f"the preview promised {promised:,} events, all arrived{more}")


_QUESTIONS: tuple[Callable[[Facts, Scope], Check], ...] = (
    _emptiness,
    _window,
    _environment,
    _config_versions,
    _request_ids,
    _escalation_ids,
    _duplicates,
    _preview,
)


def _fail(name: str, code: str, message: str) -> Check:
    return Check.failed(name, Fault(code=code, message=message))


def _names(values: Iterable[str], limit: int = 10) -> str:
    listed = list(values)
    more = f" and {len(listed) - limit:,} more" if len(listed) > limit else ""
    return ", ".join(visible(value) for value in listed[:limit]) + more


def _counts(counts: Mapping[str, int], limit: int = 10) -> str:
    listed = [f"{visible(value)} ({events:,})" for value, events in list(counts.items())[:limit]]
    more = f" and {len(counts) - limit:,} more" if len(counts) > limit else ""
    return ", ".join(listed) + more


def _seconds(nanoseconds: int) -> str:
    seconds = nanoseconds // NANOSECONDS
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:,} {unit}"
    return f"{seconds} s"


def schema_check(survey: Survey) -> Check:
    """Return the check that every event follows the schema; faults name place and rule, no value.

    Its first fault is the count; then come the first events that break it.
    """
    events = f"{survey.facts.events:,}"
    if not survey.invalid_events:
        return Check.passed("schema", f"{events} of {events} events follow the schema")
    sentence = f"{survey.invalid_events:,} of {events} events break the schema"
    told = (sentence, *(visible(str(problem), limit=300) for problem in survey.problems))
    faults = [Fault(code="schema.invalid-events", message=line) for line in told]
    return replace(Check.failed("schema", *faults), message=sentence)
