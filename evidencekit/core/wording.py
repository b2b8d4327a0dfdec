"""How numbers, times and foreign text are worded: once, so that no two renderings can differ."""

import re
from collections.abc import Iterable

from evidencekit.core.visible import visible

NOT_RECORDED = "not recorded"
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d{1,9})?)Z", re.ASCII)
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def count(number: int) -> str:
    """Return a whole number with separators: ``12,904``."""
    return f"{number:,}"


def things(number: int, noun: str) -> str:
    """Return a count and what is counted: ``1 event``, ``2 events``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """Return a percentage with one digit; what is not nothing never reads 0, nor not all 100."""
    if not whole:
        return "-"
    tenths = (2_000 * part + whole) // (2 * whole)
    if part and not tenths:
        return "< 0.1 %"
    if part < whole and tenths >= 1_000:
        return "> 99.9 %"
    return f"{tenths // 10}.{tenths % 10} %"


def size(number: int) -> str:
    """Return a byte count, exact and rounded: ``9,001,234 bytes (9.0 MB)``."""
    exact = f"{number:,} byte{'' if number == 1 else 's'}"
    for unit, scale in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= scale:
            tenths = (10 * number + scale // 2) // scale
            return f"{exact} ({tenths // 10:,}.{tenths % 10} {unit})"
    return exact


def duration(seconds: int) -> str:
    """Return a length of time in its two largest units: ``7 d``, ``1 h 30 min``."""
    parts = []
    for scale, unit in _UNITS:
        number, seconds = divmod(seconds, scale)
        if number:
            parts.append(f"{number:,} {unit}")
    return " ".join(parts[:2]) or "0 s"


def moment(text: str | None) -> str:
    """Return an RFC 3339 UTC time as people read it; anything else as it stands, made visible."""
    if text is None:
        return NOT_RECORDED
    match = _MOMENT.fullmatch(text)
    return f"{match[1]} {match[2]} UTC" if match else word(text, limit=60)


def word(text: str | None, *, limit: int = 200) -> str:
    """Return foreign text made visible; what is absent or empty is said to be."""
    if text is None:
        return NOT_RECORDED
    return visible(text, limit=limit) if text.strip() else "(empty)"


def sentence(text: str) -> str:
    r"""Return a sentence whose parts are visible already, made visible, escapes not doubled.

    A hostile sentence can thereby show ``\x1b`` as text, which harms nobody.
    """
    return visible(text, limit=2_000).replace("\\\\", "\\")


def listing(texts: Iterable[str], *, limit: int = 20) -> str:
    """Return foreign words in one line, the first ``limit`` of them, the rest counted."""
    words = [word(text) for text in texts]
    more = f" and {len(words) - limit:,} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more


def groups(text: str, length: int) -> str:
    """Return ``text`` in groups that can be read aloud."""
    return " ".join(text[at : at + length] for at in range(0, len(text), length))
