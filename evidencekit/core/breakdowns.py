"""The tables of the summary: verdicts, reasons, models, gateways, config versions, named IDs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evidencekit.core.facts import VERDICTS
from evidencekit.core.page import Bar, Column, Table
from evidencekit.core.wording import count, listing, moment, share, things, word
from evidencekit.limits import MAX_NAMED_EVENTS

TOP = 20  # rows of a breakdown; the manifest holds all
MAX_ROWS = 200  # of a table that names things one by one
_EVENTS = Column(title="Events", kind="number")
_SHARE = Column(title="Share", kind="number")


def verdicts(facts: Mapping[str, Any]) -> Table:
    """Return events per verdict, and which unknown words were counted as ``other``."""
    counts, events = facts["verdicts"], facts["events"]
    names = [name for name in VERDICTS if counts.get(name) or name != "other"]
    unknown = facts["unknown_verdicts"]
    words = [f"{word(raw)} ({count(number)})" for raw, number in list(unknown.items())[:TOP]]
    return Table(
        caption="Events by verdict",
        columns=(Column(title="Verdict"), _EVENTS, _SHARE),
        rows=tuple(_row(name, counts.get(name, 0), events) for name in names),
        bars=tuple(_bar(counts.get(name, 0), events, name) for name in names),
        note=f"Counted as other: {', '.join(words)}{_more(unknown)}." if unknown else "",
    )


def _more(values: Mapping[str, int]) -> str:
    return f" and {count(len(values) - TOP)} more" if len(values) > TOP else ""


def breakdown(facts: Mapping[str, Any], name: str, title: str, column: str) -> Table:
    """Return the most frequent values of one map of counts; the rest is added up, never dropped."""
    counts, events = facts[name], facts["events"]
    top = list(counts.items())[:TOP]
    rows = [_row(word(value), number, events) for value, number in top]
    bars = [_bar(number, events) for _, number in top]
    rest = sum(counts.values()) - sum(number for _, number in top)
    if len(counts) > TOP:
        rows.append(_row(f"{count(len(counts) - TOP)} others", rest, events))
        bars.append(_bar(rest, events))
    uncounted = facts["uncounted"].get(name, 0)
    if uncounted:
        rows.append(_row("further values, not told apart", uncounted, events))
        bars.append(_bar(uncounted, events))
    without = events - sum(counts.values()) - uncounted
    return Table(
        caption=title,
        columns=(Column(title=column), _EVENTS, _SHARE),
        rows=tuple(rows),
        bars=tuple(bars),
        note=f"{things(without, 'event')} name none." if without > 0 else "",
    )


def _row(name: str, number: int, events: int) -> tuple[str, ...]:
    return name, count(number), share(number, events)


def _bar(number: int, events: int, tone: str = "plain") -> Bar:
    return Bar(fraction=min(1.0, number / events) if events else 0.0, tone=tone)


def config_versions(facts: Mapping[str, Any], declared: Sequence[str]) -> Table:
    """Return each version seen, in the order of first sight, and each one declared but not seen."""
    spans, counts = facts["config_spans"], facts["config_versions"]
    seen = sorted(counts, key=lambda version: (spans.get(version, ("~",))[0], version))
    rows = [
        (word(version), count(counts[version]), *map(moment, spans.get(version, (None, None))),
         "yes" if version in declared else "no")
        for version in seen[:TOP]
    ]  # fmt: skip
    absent = [version for version in declared if version not in counts]
    rows += [(word(version), "0", "never", "never", "yes") for version in absent[:TOP]]
    more = max(0, len(seen) - TOP) + max(0, len(absent) - TOP)
    return Table(
        caption="Config versions, in the order of their first event",
        columns=(
            Column(title="Version"),
            _EVENTS,
            *(Column(title=title, kind="time") for title in ("First seen", "Last seen")),
            Column(title="Declared"),
        ),
        rows=tuple(rows),
        note=hidden(more, "versions"),
    )


def named_ids(facts: Mapping[str, Any]) -> Table:
    """Return every named ID with the rows that carry it; missing ones come first and say so."""
    places = _places(facts["named_events"])
    rows = [
        (word(identifier), kind, "found" if number else "missing", count(number),
         places.get((kind, identifier), "-"))
        for kind in ("request", "escalation")
        for identifier, number in facts[f"{kind}_ids"].items()
    ]  # fmt: skip
    rows.sort(key=lambda row: row[2] == "found")
    missing = sum(1 for row in rows[MAX_ROWS:] if row[2] == "missing")
    detail = f", {count(missing)} of them missing" if missing else ""
    return Table(
        caption="IDs named by the preparer",
        columns=_ID_COLUMNS,
        rows=tuple(rows[:MAX_ROWS]),
        note=hidden(len(rows) - MAX_ROWS, f"IDs{detail},"),
    )


def hidden(number: int, what: str) -> str:
    """Return the note that says how many more there are, and where."""
    return f"{count(number)} further {what} are in data/manifest.json." if number > 0 else ""


_ID_COLUMNS = (
    Column(title="ID", kind="code"),
    Column(title="Kind", kind="short"),
    Column(title="Outcome", kind="outcome"),
    _EVENTS,
    Column(title="Rows below"),
)


def _places(events: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return for each ID the numbers of the first rows that carry it."""
    rows: dict[tuple[str, str], list[int]] = {}
    for number, event in enumerate(events, 1):
        for kind in ("request", "escalation"):
            identifier = event[f"{kind}_id"]
            if identifier is not None:
                rows.setdefault((kind, identifier), []).append(number)
    return {
        named: ", ".join(map(str, found[:10])) + ("…" if len(found) > 10 else "")
        for named, found in rows.items()
    }


_EVENT_COLUMNS = (
    Column(title="Row", kind="number"),
    Column(title="Time", kind="time"),
    Column(title="Verdict", kind="short"),
    Column(title="Reason"),
    Column(title="Config"),
    Column(title="Model"),
    Column(title="Position", kind="number"),
)
_EVENT_ID_COLUMNS = (
    Column(title="Row", kind="number"),
    Column(title="Event ID", kind="code"),
    Column(title="Request ID", kind="code"),
    Column(title="Escalation ID", kind="code"),
)


def named_events(facts: Mapping[str, Any]) -> tuple[Table, Table]:
    """Return the events that carry a named ID, numbered as in the chart, and their IDs.

    They are two tables, as one of ten columns fits neither a telephone nor a sheet of paper.
    """
    events = facts["named_events"][:MAX_ROWS]
    rows = tuple(
        (str(row), moment(event["time"]), word(event["verdict"], limit=20),
         *_words(event, "reason_code", "config_version", "model"), count(event["position"]))
        for row, event in enumerate(events, 1)
    )  # fmt: skip
    note = "Position counts the records of the export from 0. Times are as exported."
    cut = len(facts["named_events"]) >= MAX_NAMED_EVENTS
    more = f" Only the first {count(len(rows))} are listed." if cut else ""
    shown = Table(
        caption="Events that carry a named ID", columns=_EVENT_COLUMNS, rows=rows, note=note + more
    )
    identifiers = tuple(
        (str(row), *_words(event, "id", "request_id", "escalation_id"))
        for row, event in enumerate(events, 1)
    )
    return shown, Table(
        caption="IDs of those events, by row", columns=_EVENT_ID_COLUMNS, rows=identifiers
    )


def _words(event: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    return tuple("-" if event[key] is None else word(event[key], limit=80) for key in keys)


def environments(facts: Mapping[str, Any]) -> str:
    """Return the environments that the events name."""
    return listing(facts["environments"]) if facts["environments"] else "no event names one"
