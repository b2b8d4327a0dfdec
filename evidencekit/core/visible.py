"""The one place where hostile text becomes visible text."""

import re
from collections.abc import Callable

# What a reader cannot see, or what changes how other text is seen: control, format (bidi,
# zero-width, tag), separator, private, surrogate, filler and variation characters, noncharacters,
# planes without characters. Ranges, not the categories of the running Python's Unicode: a summary
# must render to the same bytes on every version, for years.
_RANGES = (
    "\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    "\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff"
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U0001fffe\U0001ffff"
    "\U0002fffe\U0002ffff\U0003fffe-\U0010ffff"
)
_HIDDEN = re.compile(f"[{_RANGES}]")


def visible(text: str, *, limit: int = 80) -> str:
    r"""Return ``text`` on one line with nothing hidden, cut at ``limit`` characters with a mark.

    Control, bidi, zero-width, tag and surrogate characters, every line separator and every space
    but the ordinary one become ``\x1b``-style escapes; a backslash is doubled, so the result has
    one reading.
    """
    doubled = text[:limit].replace("\\", r"\\")
    shown = _HIDDEN.sub(lambda match: escape(match[0]), doubled)
    return f"{shown}… ({len(text):,} characters)" if len(text) > limit else shown


def hidden_to(put: Callable[[str], str], text: str) -> str:
    """Return ``text`` with every character that a reader would not see put through ``put``."""
    return _HIDDEN.sub(lambda match: put(match[0]), text)


def in_one_line(text: str) -> str:
    """Return ``text`` on one line with nothing hidden; a backslash stays as it is."""
    return hidden_to(escape, text)


def escape(char: str) -> str:
    r"""Return one character as ``\x1b``, ``\u200b`` or ``\U000e0041``."""
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
