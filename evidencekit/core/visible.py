"""The one place where hostile text becomes visible text."""

import unicodedata

# Zero-width, bidi and filler characters that str.isprintable() lets through or that renderers hide.
_HIDDEN = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800")


def visible(text: str, *, limit: int = 80) -> str:
    r"""Return ``text`` on one line with nothing hidden, cut at ``limit`` characters with a mark.

    Control, bidi, zero-width, tag, surrogate and unassigned characters, every line separator and every space but
    the ordinary one become ``\x1b``-style escapes; a backslash is doubled, so the result has one reading.
    """
    cut = text[: limit + 1]
    shown = "".join(map(_shown, cut[:limit]))
    return f"{shown}… ({len(text):,} characters)" if len(cut) > limit else shown


def _shown(char: str) -> str:
    if " " <= char <= "~":
        return "\\\\" if char == "\\" else char
    if char in _HIDDEN or unicodedata.category(char)[0] in "CZ":
        code = ord(char)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return char
