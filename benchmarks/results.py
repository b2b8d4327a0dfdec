"""What was measured, as JSON beside the page, so that one table can be made anew by itself."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rounds import ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One command of a table."""

    name: str
    command: str  # as it would be typed
    wall: list[float]  # seconds, one for each round
    cpu: list[float]  # user and system, all processes
    peak: float  # MiB, all processes
    events: int = 0
    size: int = 0  # bytes of the export

    @property
    def seconds(self) -> float:
        """The median of the wall time."""
        return statistics.median(self.wall)

    @property
    def processor(self) -> float:
        """The median of the processor seconds."""
        return statistics.median(self.cpu)

    @property
    def per_event(self) -> float:
        """Microseconds of wall time for one event."""
        return self.seconds / self.events * 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Commands that were run in turn, in one run."""

    title: str
    note: str
    events: int
    size: int  # bytes of the export
    rounds: int
    made: str  # a date
    machine: str
    versions: list[str]
    left_out: list[str]  # tools that were not installed
    rows: list[Row] = field(default_factory=list)

    def row(self, name: str) -> Row | None:
        """Return the row of that name."""
        return next((row for row in self.rows if row.name == name), None)

    def ratio(self, name: str, other: str) -> float | None:
        """Return the median of the ratios of wall time, if both were measured."""
        one, two = self.row(name), self.row(other)
        return None if one is None or two is None else ratio(one.wall, two.wall)


def load(path: Path) -> dict[str, Table]:
    """Return all tables that were stored, by key; none where nothing was."""
    if not path.exists():
        return {}
    stored = json.loads(path.read_text("utf-8"))
    return {
        key: Table(**(table | {"rows": [Row(**row) for row in table["rows"]]}))
        for key, table in stored.items()
    }


def save(path: Path, tables: Mapping[str, Table]) -> None:
    """Store all tables, figures rounded to what they are worth."""
    document = {key: _rounded(asdict(table)) for key, table in tables.items()}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_rounded(part) for part in value]
    return value
