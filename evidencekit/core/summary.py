"""The summary: the one model that every rendering draws, made of nothing but the manifest.

Each number is formatted here and each foreign text made visible here, once. Facts and context are
data of the manifest; nothing is computed that a reader could not compute from it again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evidencekit.core import provenance, timeline
from evidencekit.core.breakdowns import (
    breakdown,
    config_versions,
    environments,
    named_events,
    named_ids,
    verdicts,
)
from evidencekit.core.custodyform import custody_form
from evidencekit.core.page import (
    Block,
    Column,
    Drawing,
    Field,
    Fields,
    Items,
    Page,
    Prose,
    Section,
    Table,
)
from evidencekit.core.wording import count, duration, listing, moment, sentence, things, word

_UNVERIFIED = (
    "This page is part of a signed bundle and cannot vouch for itself. Verify the bundle before "
    "you rely on it: data/verify.txt has the commands."
)
_ALLOWANCES = {
    "empty": "an export without events",
    "missing-ids": "named IDs that are missing",
    "duplicate-ids": "event IDs that repeat",
}
_ENDS = {  # of checks that did not pass
    "fail": "failed",
    "undecided": "undecided",
    "skipped": "skipped",
    "not asked": "not asked",
}
_MAX_LISTED = 50


def summarize(
    manifest: Mapping[str, Any],
    *,
    root: str | None = None,
    status: Sequence[str] = (),
    custody: Sequence[Mapping[str, Any]] = (),
) -> Page:
    """Return the summary of one manifest document.

    ``root``, ``status`` and ``custody``, the hand-overs of a report, are what someone who verified
    the bundle found out about it; the page inside a bundle has none, as it is covered by the root.
    """
    environment = manifest["context"]["environment"]
    return Page(
        title=f"Evidence: {word(environment) if environment else 'environment not declared'}",
        subtitle=_period(manifest["window"]),
        bundle=word(manifest["bundle_id"]),
        status=tuple(sentence(line) for line in status),
        notice="" if status else _UNVERIFIED,
        scope=Fields(rows=tuple(_scope(manifest))),
        figures=tuple(_figures(manifest)),
        sections=tuple(_sections(manifest, root, custody)),
        footer="Times are UTC. A window includes its start and not its end.",
    )


def _sections(
    manifest: Mapping[str, Any], root: str | None, custody: Sequence[Mapping[str, Any]]
) -> Iterator[Section]:
    facts = manifest["facts"]
    if custody:
        yield custody_form(custody)
    yield _checks(manifest)
    yield _over_time(facts)
    yield _beside("verdicts", "Verdicts and reasons", _decisions(facts))
    yield _beside("traffic", "Models and gateways", _traffic(facts))
    yield _versions(manifest)
    yield _named(facts)
    yield _limitations(manifest["context"])
    yield provenance.obtained(manifest)
    yield provenance.files(manifest)
    yield provenance.proof()
    yield provenance.seal(manifest, root)


def _beside(anchor: str, title: str, blocks: tuple[Block, ...]) -> Section:
    return Section(anchor=anchor, title=title, blocks=blocks, columns=2)


def _period(window: Mapping[str, Any]) -> str:
    if window["start"] is None or window["end"] is None:
        return "no window declared"
    return f"{moment(window['start'])} to {moment(window['end'])}"


def _scope(manifest: Mapping[str, Any]) -> Iterator[Field]:
    window, context = manifest["window"], manifest["context"]
    yield Field(label="Window", value=_period(window) + _length(window))
    asked = f"asked for as {word(window['requested'])}; " if window["requested"] is not None else ""
    yield Field(label="Window's basis", value=f"{asked}{word(window['basis'], limit=500)}")
    yield Field(label="Export obtained", value=provenance.in_short(manifest))
    yield Field(label="Environment", value=_declared(context["environment"]))
    versions = context["config_versions"]
    yield Field(label="Config versions", value=listing(versions) if versions else "not declared")
    yield Field(label="Prepared by", value=_declared(context["prepared_by"]))
    yield Field(label="Prepared at", value=moment(manifest["created_at"]))
    yield Field(label="Purpose", value=_declared(context["purpose"]))
    yield Field(label="Incident", value=_declared(context["incident"]))


def _declared(text: str | None) -> str:
    return "not declared" if text is None else word(text, limit=1_000)


def _length(window: Mapping[str, Any]) -> str:
    start, end = (timeline.seconds(window[edge] or "") for edge in ("start", "end"))
    return "" if start is None or end is None or end < start else f" ({duration(end - start)})"


def _figures(manifest: Mapping[str, Any]) -> Iterator[Field]:
    """Yield the few numbers that stand at the top."""
    facts = manifest["facts"]
    named = (*facts["request_ids"].values(), *facts["escalation_ids"].values())
    yield Field(label="events", value=count(facts["events"]))
    yield Field(label="blocked", value=count(facts["verdicts"].get("block", 0)))
    yield Field(label="escalated", value=count(facts["verdicts"].get("escalate", 0)))
    yield Field(label="redacted", value=count(facts["verdicts"].get("redact", 0)))
    found = [number for number in named if number]
    yield Field(label="named IDs found", value=_of(found, named) if named else "none named")
    yield _passed(manifest["checks"])


def _passed(checks: Sequence[Mapping[str, Any]]) -> Field:
    """Return how many checks passed, of all there are; each that did not is counted by its end."""
    ends = Counter(check["outcome"] for check in checks)
    others = (f"{count(ends[name])} {end}" for name, end in _ENDS.items() if ends[name])
    return Field(
        label=", ".join(("checks passed", *others)),
        value=f"{count(ends['pass'])} of {count(len(checks))}",
    )


def _of(part: Sequence[object], whole: Sequence[object]) -> str:
    return f"{count(len(part))} of {count(len(whole))}"


_CHECK_COLUMNS = (
    Column(title="Check", kind="short"),
    Column(title="Outcome", kind="outcome"),
    Column(title="Finding"),
)


def _checks(manifest: Mapping[str, Any]) -> Section:
    checks = manifest["checks"]
    table = Table(
        caption="As they stood before signing",
        columns=_CHECK_COLUMNS,
        rows=tuple(
            (word(check["name"]), word(check["outcome"]), sentence(check["message"]))
            for check in checks[:_MAX_LISTED]
        ),
        note=_allowed(manifest["allowances"]),
    )
    return Section(anchor="checks", title="Completeness checks", blocks=(table,))


def _allowed(allowances: Sequence[str]) -> str:
    """Return what the note below the checks says."""
    allowed = [_ALLOWANCES.get(name) or word(name) for name in allowances[:_MAX_LISTED]]
    passed = f"The preparer knowingly let pass: {', '.join(allowed)}. " if allowed else ""
    return f"{passed}Whoever verifies the bundle makes these checks again."


def _over_time(facts: Mapping[str, Any]) -> Section:
    line = timeline.Timeline.from_facts(facts)
    edges = Fields(
        rows=(
            Field(label="First event", value=moment(facts["first"])),
            Field(label="Last event", value=moment(facts["last"])),
            Field(label="Without a time", value=things(facts["untimed"], "event")),
            Field(label="Outside the window", value=things(facts["outside_window"], "event")),
        )
    )
    blocks: tuple[Block, ...] = (Prose(paragraphs=("There is no timeline to draw.",)), edges)
    if line is not None:
        gaps = Prose(paragraphs=timeline.gaps(line) or (_NO_GAP,))
        blocks = (Drawing(chart=timeline.chart(line, facts)), gaps, edges, _figures_over_time(line))
    return Section(anchor="time", title="Events over time", blocks=blocks)


_NO_GAP = "No stretch without events stands out from the traffic's own rhythm."


def _figures_over_time(line: timeline.Timeline) -> Table:
    numbers = (Column(title=name, kind="number") for name in ("Events", *line.rows))
    rows = tuple(
        (line.time(at), count(total), *(count(row[at]) for row in line.rows.values()))
        for at, total in enumerate(line.totals)
    )
    return Table(
        caption=f"Figures of the chart, {duration(line.bucket)} a row",
        columns=(Column(title="From", kind="short"), *numbers),
        rows=rows,
        folded=True,
    )


def _decisions(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    reasons = breakdown(facts, "reason_codes", "Events by reason code", "Reason code")
    return verdicts(facts), reasons


def _traffic(facts: Mapping[str, Any]) -> tuple[Block, ...]:
    models = breakdown(facts, "models", "Events by model", "Model")
    return models, breakdown(facts, "gateways", "Events by gateway", "Gateway")


def _versions(manifest: Mapping[str, Any]) -> Section:
    facts, context = manifest["facts"], manifest["context"]
    repeated = things(facts["duplicate_ids"], "event")
    rows = (
        Field(label="Environments named", value=environments(facts)),
        Field(label="Repeated event IDs", value=repeated),
    )
    blocks = (config_versions(facts, context["config_versions"]), Fields(rows=rows))
    return Section(anchor="config", title="Config versions and environments", blocks=blocks)


def _named(facts: Mapping[str, Any]) -> Section:
    title = "Named requests and escalations"
    if not facts["request_ids"] and not facts["escalation_ids"]:
        said = Prose(paragraphs=("No request or escalation ID was named.",))
        return Section(anchor="named", title=title, blocks=(said,))
    blocks: tuple[Block, ...] = (named_ids(facts),)
    if facts["named_events"]:
        blocks += named_events(facts)
    return Section(anchor="named", title=title, blocks=blocks)


def _limitations(context: Mapping[str, Any]) -> Section:
    stated = [word(text, limit=1_000) for text in context["limitations"][:_MAX_LISTED]]
    hidden = len(context["limitations"]) - len(stated)
    more = [f"{count(hidden)} further limitations are in data/manifest.json."] if hidden else []
    block: Block = Prose(paragraphs=("The preparer states none.",))
    if stated:
        block = Items(title="As the preparer states them", items=(*stated, *more))
    return Section(anchor="limitations", title="Limitations", blocks=(block,))
