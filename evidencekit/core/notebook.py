"""How a report and a bundle show themselves in a notebook: one table, every text escaped."""

from collections.abc import Iterable, Sequence
from html import escape

_LEFT = 'style="text-align:left"'


def table(title: str, rows: Iterable[Sequence[str]], notes: Iterable[str] = ()) -> str:
    """Return an HTML table with a caption and lines below it; no text in it becomes markup."""
    lines = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    below = "".join(f"<p>{escape(note)}</p>" for note in notes)
    caption = f"<caption {_LEFT}><strong>{escape(title)}</strong></caption>"
    return f"<table>{caption}<tbody>{lines}</tbody></table>{below}"


def _cell(text: str) -> str:
    return f"<td {_LEFT}>{escape(text)}</td>"
