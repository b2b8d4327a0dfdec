r"""The page as the data of a PDF: the same texts, and the drawings as SVG with what they show.

A PDF for archives and screen readers must hold a glyph for each character. What the fonts inside
typst lack becomes a ``\u4e2d``-style escape, as hidden characters are already.
"""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

from evidencekit.core import qrcode
from evidencekit.core.chart import Chart, bar_fill, draw
from evidencekit.core.page import Bar, Digest, Page
from evidencekit.core.visible import escape

FONT = "Libertinus Serif"
_WIDTH, _HEIGHT = 700, 230  # of the chart, so that its text is as large as the page's small print
# Latin, Greek, Cyrillic, Hebrew, Arabic, punctuation, currencies, arrows, mathematics, boxes. Whole
# characters only: a combining one may be in another font than the one it combines with.
_NOT_DRAWN = re.compile(
    "[^ -~\xa1-\u02ff\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f\u05d0-\u05ea"
    "\u0621-\u063a\u0640-\u064a\u1e00-\u1eff\u2010-\u2027\u2030-\u203a\u20a0-\u20b5\u2190-\u222e"
    "\u2500-\u25ff]"
)


def payload(page: Page) -> dict[str, Any]:
    """Return a page as JSON can hold it; ``escaped`` tells whether a character had no glyph."""
    shown = _drawn(page)
    data: dict[str, Any] = _plain(shown)
    return data | {"escaped": shown != page}


def drawn(text: str) -> str:
    """Return ``text`` with each character escaped that the fonts of the PDF do not have."""
    return _NOT_DRAWN.sub(lambda match: escape(match[0]), text)


def _drawn(value: Any) -> Any:
    """Return a value of the page with every text drawable."""
    if isinstance(value, str):
        return drawn(value)
    if isinstance(value, tuple):
        return tuple(map(_drawn, value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return replace(value, **{f.name: _drawn(getattr(value, f.name)) for f in fields(value)})


def _plain(value: Any) -> Any:
    """Return a value of the page as lists, dictionaries and texts, its drawings drawn."""
    if isinstance(value, tuple):
        return list(map(_plain, value))
    if isinstance(value, Bar):
        return {"share": min(1.0, max(0.0, value.fraction)), "fill": bar_fill(value.tone)}
    if isinstance(value, Chart):
        return {
            "title": value.title,
            "alt": f"{value.title}. {value.description}",
            "svg": draw(value, name="chart", width=_WIDTH, height=_HEIGHT, font=FONT),
        }
    if not is_dataclass(value):
        return value
    data = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    data |= {name: getattr(value, name) for name in ("kind", "folded") if hasattr(value, name)}
    return data | _code(value) if isinstance(value, Digest) else data


def _code(digest: Digest) -> dict[str, Any]:
    title = f"QR code of the {digest.label.lower()}"
    svg = qrcode.draw(digest.value, name="qr", title=title)
    alt = f"{title}. Scanning it gives {digest.value}"
    return {"rows": _plain(digest.rows), "svg": svg, "alt": alt}
