"""Write what was measured into the page, between its marks; what else stands there is kept."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from goals import goals
from plot import growth_plot
from results import Row, Table


def write_page(path: Path, tables: Mapping[str, Table]) -> None:
    """Write goals, tables and the plot beside it."""
    put(path, "goals", goals(tables))
    put(path, "measured", _measured(tables))
    grown = [row for key in ("growth", "huge") if key in tables for row in tables[key].rows]
    points = [(row.size, row.seconds, row.peak) for row in grown if row.name.startswith("verify")]
    if points:
        path.with_suffix(".svg").write_text(growth_plot(sorted(points)), "utf-8")


def write_parts(path: Path, measured: Path) -> None:
    """Write what pytest-benchmark measured of the parts of a survey, if it was asked to."""
    if not measured.exists():
        return
    lines = ["| one process, one block or less | µs an event |", "|---|---:|"]
    for part in json.loads(measured.read_text("utf-8"))["benchmarks"]:
        name = part["name"].removeprefix("test_").replace("_", " ")
        each = part["stats"]["median"] / part["extra_info"]["events"] * 1e6
        lines.append(f"| {name} | {each:.2f} |")
    put(path, "parts", lines)


def put(path: Path, mark: str, lines: Iterable[str]) -> None:
    """Put lines between ``<!-- begin MARK -->`` and ``<!-- end MARK -->``, or at the end."""
    first, last = f"<!-- begin {mark} -->", f"<!-- end {mark} -->"
    text = path.read_text("utf-8") if path.exists() else ""
    before, found, rest = text.partition(first)
    after = rest.partition(last)[2] if found else "\n"
    body = "\n".join([first, "", *lines, "", last])
    path.write_text((before if found else f"{text.rstrip()}\n\n") + body + after, "utf-8")


def _measured(tables: Mapping[str, Table]) -> Iterable[str]:
    first = next(iter(tables.values()))
    yield f"Measured {_source(first)}."
    yield "The commands of one table were run in turn (A B C, A B C, …), the files in the page"
    yield "cache; ratios are medians of the ratios of the rounds. Each was seen to do its work: by"
    yield "what it printed or made, and, where it judges, by refusing damaged input. Every run is"
    yield from ("in `performance.json` beside this page.", "")
    for key, table in tables.items():
        yield from _section(key, table)
        if _source(table) != _source(first):
            yield from (f"*Measured {_source(table)}.*", "")


def _section(key: str, table: Table) -> Iterable[str]:
    yield from (f"### {table.title}", "")
    rounds = "One round" if table.rounds == 1 else f"{table.rounds} rounds"
    left_out = f" Not installed: {', '.join(table.left_out)}." if table.left_out else ""
    yield from (f"{rounds}. {table.note}{left_out}".rstrip(), "")
    yield from _growth(table) if key in ("growth", "huge") else _compared(table)
    yield from ("", "```text")
    yield from (row.command for row in table.rows if row.events == table.rows[0].events)
    yield from ("```", "")
    if key == "growth":
        yield from ("![time and memory by size](performance.svg)", "")


def _compared(table: Table) -> Iterable[str]:
    first = table.rows[0].name
    yield f"| | wall, s | processor, s | MiB, all processes | wall ÷ {first} |"
    yield "|---|---:|---:|---:|---:|"
    for row in table.rows:
        told = table.ratio(row.name, first)
        yield (
            f"| {row.name} | {row.seconds:.3f} | {row.processor:.3f} | {row.peak:.0f} "
            f"| {told:.{3 if told is not None and told < 0.1 else 2}f} |"
        )


def _growth(table: Table) -> Iterable[str]:
    yield "| events | MB | | wall, s | ÷ openssl | µs an event | MiB, all processes |"
    yield "|---:|---:|---|---:|---:|---:|---:|"
    for events, group in groupby(table.rows, key=lambda row: row.events):
        rows: Sequence[Row] = list(group)
        for row in rows[1:]:  # the first is openssl
            yield (
                f"| {events:,} | {row.size / 1e6:,.0f} | {row.name.split(',')[0]} "
                f"| {row.seconds:.2f} | {table.ratio(row.name, rows[0].name):.1f} "
                f"| {row.per_event:.2f} | {row.peak:.0f} |"
            )


def _source(table: Table) -> str:
    return f"{table.made} on {table.machine}, with {', '.join(table.versions)}"
