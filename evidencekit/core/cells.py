"""Make events of CSV records: a cell is text, or what the schema says a column holds.

An empty cell is an absent member. A cell of a column that the schema gives numbers, booleans,
objects or arrays, and no strings, is read as JSON where it is JSON of such a type; otherwise it
stays text, for the schema to judge.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from evidencekit.core import split_csv
from evidencekit.core.parse import are_strict, parse_some, parse_strictly
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_CSV_COLUMNS

_TYPES: Mapping[str, tuple[type, ...]] = {
    "number": (int, float),
    "integer": (int, float),  # 3.0 is an integer to JSON Schema
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def header_names(record: bytes) -> tuple[str, ...]:
    """Return the column names in the first record. Raises ``RejectedError``."""
    names = read_cells(record.removeprefix(b"\xef\xbb\xbf"))
    if "" in names:
        raise RejectedError("csv.header", f"column {names.index('') + 1} has no name")
    if len(set(names)) < len(names):
        twice = next(at for at, name in enumerate(names) if name in names[:at])
        raise RejectedError("csv.header", f"column {twice + 1} has the name of an earlier one")
    if len(names) > MAX_CSV_COLUMNS:
        sides = f"{len(names):,} columns, at most {MAX_CSV_COLUMNS:,} allowed"
        raise RejectedError("csv.header", sides)
    return tuple(names)


def read_cells(record: bytes) -> list[str]:
    """Return the cells of one record. Raises ``RejectedError``."""
    try:
        text = record.decode()
        if "\0" in text:
            raise RejectedError("csv.nul", "a NUL character")
        return split_csv.cells(text)
    except UnicodeDecodeError:
        raise RejectedError("csv.encoding", "not UTF-8") from None
    except ValueError as error:
        raise RejectedError("csv.quoting", str(error)) from None


class Cells:
    """The columns of one export."""

    def __init__(self, header: Sequence[str], coercions: Mapping[str, Sequence[str]]) -> None:
        self._header = header
        self._typed = [
            (at, types)
            for at, name in enumerate(header)
            if (types := _python_types(coercions.get(name, ())))
        ]

    @property
    def coerced(self) -> frozenset[str]:
        """The columns whose cells are read as JSON."""
        return frozenset(self._header[at] for at, _ in self._typed)

    def events(self, records: Sequence[bytes]) -> list[dict[str, object]]:
        """Return one event a record. Raises ``RejectedError`` for the first that is at fault."""
        rows = self._rows(records)
        for column, types in self._typed:
            _coerce(rows, column, types)
        header = self._header
        return [
            {name: cell for name, cell in zip(header, row, strict=True) if cell != ""}
            if "" in row
            else dict(zip(header, row, strict=True))
            for row in rows
        ]

    def _rows(self, records: Sequence[bytes]) -> list[list[Any]]:
        columns = len(self._header)
        rows = split_csv.rows(records, columns)
        if rows is not None:
            return rows
        rows = []
        for record in records:
            cells = read_cells(record)
            if len(cells) != columns:
                raise RejectedError("csv.ragged", f"{len(cells)} cells, the header has {columns}")
            rows.append(cells)
        return rows


def _python_types(names: Sequence[str]) -> tuple[type, ...]:
    if "string" in names:
        return ()
    return tuple(kind for name in names for kind in _TYPES.get(name, ()))


def _coerce(rows: list[list[Any]], column: int, types: tuple[type, ...]) -> None:
    """Replace the cells of one column by what they mean, where they mean something."""
    filled = [row for row in rows if row[column]]
    texts = [row[column].encode() for row in filled]
    values = parse_some(texts)
    if len(values) < len(texts) or not are_strict(texts, values):
        values = [_value(text) for text in texts]
    for row, value in zip(filled, values, strict=True):
        if type(value) in types:
            row[column] = value


def _value(text: bytes) -> object:
    try:
        return parse_strictly(text)
    except RejectedError:
        return None  # of no type that a column could have: the cell stays text
