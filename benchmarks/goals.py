"""The goals, and what the stored figures say of each. Nothing here is written by hand but limits.

Every ratio is the median of the ratios of the rounds of one table. A figure counts only at the size
that its goal speaks of.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from results import Row, Table

Tables = Mapping[str, Table]
LARGE = 500e6  # bytes: what the goals call large


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing asked for."""

    what: str
    limit: float
    found: Callable[[Tables], float | None]  # None: was not measured, or not at that size
    unit: str = ""
    at_least: bool = False

    def line(self, tables: Tables) -> str:
        """Return the line of a Markdown table."""
        found = self.found(tables)
        asked = f"{'≥' if self.at_least else '≤'} {self.limit:g}{self.unit}"
        if found is None:
            return f"| {self.what} | {asked} | not measured | |"
        met = found >= self.limit if self.at_least else found <= self.limit
        told = f"{found:.0f}" if self.unit else f"{found:.3f}" if found < 0.1 else f"{found:.2f}"
        return f"| {self.what} | {asked} | {told}{self.unit} | {'met' if met else '**missed**'} |"


def _ratio(
    key: str, name: str, other: str, at_least: float = 0
) -> Callable[[Tables], float | None]:
    def found(tables: Tables) -> float | None:
        table = tables.get(key)
        return None if table is None or table.size < at_least else table.ratio(name, other)

    return found


def _grown(tables: Tables) -> list[Row]:
    keys = ("growth", "huge")
    rows = [row for key in keys if key in tables for row in tables[key].rows]
    return [row for row in rows if row.name.startswith(("collect", "verify"))]


def _near(rows: Iterable[Row], size: float) -> list[Row]:
    return [row for row in rows if 0.9 * size <= row.size <= 1.2 * size]


def _peak(size: float) -> Callable[[Tables], float | None]:
    return lambda tables: max((row.peak for row in _near(_grown(tables), size)), default=None)


def _bytes_an_event(tables: Tables) -> float | None:
    small, large = _near(_grown(tables), 1e9), _near(_grown(tables), 10e9)
    if not small or not large:
        return None
    more = max(row.peak for row in large) - max(row.peak for row in small)
    return more * 2**20 / (large[0].events - small[0].events)


def _slower(tables: Tables) -> float | None:
    """Return time for one event at 2 GB by that at 100 MB, the worse of collect and verify."""
    rows = _grown(tables)
    pairs = [
        (large, small)
        for large in _near(rows, 2e9)
        for small in _near(rows, 100e6)
        if large.name.split(",")[0] == small.name.split(",")[0]
    ]
    return max((large.per_event / small.per_event for large, small in pairs), default=None)


def _csv(tables: Tables) -> float | None:
    table = tables.get("large")
    return table.ratio("collect", "collect, CSV") if table and table.size >= LARGE else None


_OPENSSL = "openssl dgst -sha256"
GOALS = (
    Goal(
        "`collect --from` to a folder, everything ÷ `openssl dgst -sha256` of the export (aim 7)",
        9,
        _ratio("large", "collect", _OPENSSL, LARGE),
    ),
    Goal("default `verify` ÷ openssl (aim 7)", 9, _ratio("large", "verify", _OPENSSL, LARGE)),
    Goal("`verify --quick` ÷ openssl", 1.25, _ratio("files", "verify --quick", _OPENSSL, LARGE)),
    Goal(
        "everything (`collect`) ÷ Sourcemeta `validate --fast`, validation alone",
        0.4,
        _ratio("large", "collect", "Sourcemeta validate --fast", LARGE),
    ),
    Goal(
        "everything (`collect`) ÷ check-jsonschema, at 100 MB",
        0.04,
        _ratio("validators", "collect", "check-jsonschema", 90e6),
    ),
    Goal(
        "`verify --quick` ÷ `bagit.py --validate`",
        1.2,
        _ratio("files", "verify --quick", "bagit.py --validate", LARGE),
    ),
    Goal(
        "zip written ÷ `zip -1`, with isal",
        0.4,
        _ratio("zip", "our zip, isal", "zip -1", LARGE),
    ),
    Goal("peak memory of all processes at 1 GB", 120, _peak(1e9), unit=" MiB"),
    Goal("peak memory of all processes at 10 GB", 220, _peak(10e9), unit=" MiB"),
    Goal("what memory grows by from 1 to 10 GB, an event", 8, _bytes_an_event, unit=" bytes"),
    Goal("time for one event at 2 GB ÷ at 100 MB, the worse of two", 1.15, _slower),
    Goal("CSV records ÷ JSON events a second", 0.8, _csv, at_least=True),
    Goal("100 events: `collect` ÷ bagit create", 2.5, _ratio("small", "collect", "bagit create")),
    Goal(
        "100 events: `verify` ÷ bagit validate", 2, _ratio("small", "verify", "bagit.py --validate")
    ),
    Goal("`--help` ÷ a bare click program's", 1.5, _ratio("start", "--help", "bare click, --help")),
    Goal(
        "`--version` ÷ a bare click program's",
        1.5,
        _ratio("start", "--version", "bare click, --version"),
    ),
)


def goals(tables: Tables) -> list[str]:
    """Return the lines of the table of goals."""
    head = ["| goal | asked for | measured | |", "|---|---|---|---|"]
    return head + [goal.line(tables) for goal in GOALS]
