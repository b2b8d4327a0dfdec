"""Plain text in 80 columns: paragraphs, labelled values, tables and a chart in characters.

The width of a character depends on the running Python's Unicode, so no page of a bundle may be laid
out by it: only what a terminal shows.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from evidencekit.core.chart import Chart
from evidencekit.core.page import Column, Digest, Field, Fields, Table

WIDTH = 80
_LABEL = 20  # of labelled values
_SEPARATORS = "_-/.:"  # after which a long word is best broken
_HEIGHT = 8  # of the chart
_PLOT = 68  # columns of the chart at most
_NARROWEST = 5  # of a table's column
_TOO_WIDE = 110  # sum of the natural widths from which on a table is no table any more,
_SENTENCE = 40  # unless one column of sentences takes the excess, and has as much room as this


def columns_of(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes: wide characters two, combining none."""
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if char < "\x7f":
        return 1
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns; only longer words are broken."""
    lines = [""]
    for word in text.split():
        for piece in _pieces(word, width):
            longer = f"{lines[-1]} {piece}" if lines[-1] else piece
            if columns_of(longer) > width:
                lines.append(piece)
            else:
                lines[-1] = longer
    return lines


def _pieces(word: str, width: int) -> Iterator[str]:
    """Yield ``word`` whole, or in pieces of ``width`` columns where it is longer.

    A piece ends after a separator, unless that would leave most of the line empty.
    """
    start = taken = soft = 0
    for at, char in enumerate(word):
        wide = _columns(char)
        if taken + wide > width and at > start:
            fits = columns_of(word[soft:at]) + wide <= width
            cut = soft if fits and soft - start > width // 3 else at
            yield word[start:cut]
            start, taken = cut, columns_of(word[cut:at])
        taken += wide
        if char in _SEPARATORS:
            soft = at + 1
    yield word[start:]


def paragraph(text: str, first: str = "") -> str:
    """Return a wrapped paragraph; ``first`` stands before it and the other lines hang below."""
    lines = wrap(text, WIDTH - len(first))
    return "\n".join(
        (first if at == 0 else " " * len(first)) + line for at, line in enumerate(lines)
    )


def title(text: str) -> str:
    """Return a section's title with a rule as wide as the page above it."""
    return f"{'-' * WIDTH}\n{text.upper()}"


def figure(row: Field) -> str:
    """Return one of the figures at the top, the number first."""
    return paragraph(row.label, f"{row.value:>16}  ")


def fields(block: Fields | Digest) -> str:
    """Return labelled values, the labels in a column of their own."""
    return "\n".join(map(_field, block.rows))


def _field(row: Field) -> str:
    """Return one labelled value; a digest that would be broken gets a line of its own."""
    if " " not in row.value and WIDTH - _LABEL < columns_of(row.value) <= WIDTH - 2:
        return f"{row.label}\n  {row.value}"
    return paragraph(row.value, f"{row.label:<{_LABEL}}")


def table(block: Table) -> str:
    """Return a table whose cells wrap inside columns that fit the width together.

    Where that would leave columns too narrow to read, each row becomes a list of labelled values.
    """
    titles = [column.title for column in block.columns]
    right = [column.kind == "number" for column in block.columns]
    natural = [max(map(columns_of, cells)) for cells in zip(titles, *block.rows, strict=True)]
    if sum(natural) > _TOO_WIDE and not _leaves_room(natural, block.columns):
        return "\n\n".join(_record(titles, row) for row in block.rows)
    widths = _fitted(natural, right)
    rules = tuple("-" * width for width in widths)
    rows = [titles, rules, *block.rows]
    return "\n".join(line for row in rows for line in _row(row, widths, right))


def _leaves_room(natural: Sequence[int], columns: Sequence[Column]) -> bool:
    """Tell whether wrapping the widest column alone, one of text, leaves it wide enough to read."""
    widest = max(range(len(natural)), key=natural.__getitem__)
    room = WIDTH - 2 * (len(natural) - 1) - (sum(natural) - natural[widest])
    return columns[widest].kind == "text" and room >= _SENTENCE


def _record(titles: Sequence[str], row: Sequence[str]) -> str:
    cells = zip(titles, row, strict=True)
    return fields(Fields(rows=tuple(Field(label=title, value=cell) for title, cell in cells)))


def _fitted(natural: Sequence[int], right: Sequence[bool]) -> list[int]:
    """Return widths that fit: the widest text column is narrowed until they do."""
    widths = list(natural)
    room = WIDTH - 2 * (len(widths) - 1)
    while sum(widths) > room:
        soft = [at for at, number in enumerate(right) if not number and widths[at] > _NARROWEST]
        at = max(soft or range(len(widths)), key=widths.__getitem__)
        widths[at] -= 1
    return widths


def _row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    wrapped = [wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for line in range(max(map(len, wrapped))):
        parts = []
        for lines, width, number in zip(wrapped, widths, right, strict=True):
            text = lines[line] if line < len(lines) else ""
            space = " " * (width - columns_of(text))
            parts.append(space + text if number else text + space)
        yield "  ".join(parts).rstrip()


def chart(drawing: Chart) -> str:
    """Return the chart in characters: one column for one or more buckets, marks below the axis."""
    merged = -(-len(drawing.totals) // _PLOT)
    totals = [sum(drawing.totals[at : at + merged]) for at in range(0, len(drawing.totals), merged)]
    most = max(totals)
    label = len(f"{most:,}")
    lines = []
    for level in range(_HEIGHT, 0, -1):
        cells = "".join("#" if _reaches(total, most, level) else " " for total in totals)
        scale = f"{most:,}" if level == _HEIGHT else ""
        lines.append(f"{scale:>{label}} |{cells}".rstrip())
    lines.append(f"{'0':>{label}} +{'-' * len(totals)}")
    lines += _marks(drawing, len(totals), label)
    note = f"One column is {merged} rows of the figures below. " if merged > 1 else ""
    lines.append(paragraph(f"{drawing.start} to {drawing.end}. {note}{_key(drawing)}"))
    return "\n".join(lines)


def _reaches(total: int, most: int, level: int) -> bool:
    return total > 0 and (level == 1 or total * _HEIGHT * 2 >= most * (2 * level - 1))


def _marks(drawing: Chart, width: int, label: int) -> list[str]:
    cells = [" "] * width
    for mark in drawing.marks:
        at = min(width - 1, int(mark.at * width))
        cells[at] = "c" if mark.kind == "rollout" else "^"
    line = "".join(cells).rstrip()
    return [" " * (label + 2) + line] if line else []


def _key(drawing: Chart) -> str:
    kinds = {mark.kind for mark in drawing.marks}
    keys = {
        "rollout": "c: first event of a config version.",
        "named": "^: named request or escalation.",
    }
    return " ".join(text for kind, text in keys.items() if kind in kinds)
