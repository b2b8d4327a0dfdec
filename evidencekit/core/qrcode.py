"""QR codes of what people compare: a fingerprint or a root, drawn as inline SVG or half blocks."""

from html import escape

from evidencekit.core.qrsymbol import symbol

QUIET = 4  # modules of white around the symbol, which scanners need


def modules(text: str) -> tuple[bytes, ...]:
    """Return the symbol's rows, 1 for a dark module: of at most 84 bytes of Latin-1.

    Raises ``ValueError`` for text that is longer or is no Latin-1.
    """
    return symbol(text.encode("latin-1"))


def draw(text: str, *, name: str, title: str) -> str:
    """Return the symbol as an ``<svg>`` element; ``name`` keeps its ids apart from others'.

    It is black on white in the dark too, since not every scanner reads an inverted one.
    """
    rows = modules(text)
    side = len(rows) + 2 * QUIET
    said = f"Scanning it gives {text}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {side} {side}">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(said)}</desc>'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path stroke="#000" shape-rendering="crispEdges" d="{_lines(rows)}"/></svg>'
    )


def _lines(rows: tuple[bytes, ...]) -> str:
    """Return the dark stretches of all rows as path commands, each a line one module thick."""
    path = []
    for number, row in enumerate(rows, QUIET):
        at, pen = 0, 0
        while (start := row.find(1, at)) >= 0:
            at = row.find(0, start) if 0 in row[start:] else len(row)
            moved = f"m{start - pen} 0" if pen else f"M{start + QUIET} {number}.5"
            path.append(f"{moved}h{at - start}")
            pen = at
    return "".join(path)


def blocks(text: str) -> str:
    """Return the symbol in half blocks, two rows of modules a line, light on a dark terminal."""
    rows = modules(text)
    blank = bytes(len(rows) + 4)
    framed = [blank, blank, *(b"\0\0" + row + b"\0\0" for row in rows), blank, blank, blank]
    pairs = zip(framed[:-1:2], framed[1::2], strict=True)
    signs = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    lines = ("".join(signs[pair] for pair in zip(*two, strict=True)) for two in pairs)
    return "".join(f"{line}\n" for line in lines)
