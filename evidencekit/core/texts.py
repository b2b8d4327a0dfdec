r"""Regular expressions for the strings of JSON, for ``core.regular``.

All of them match within one string: none matches a quote, but for one that is escaped.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evidencekit.core.rules import UnsupportedError, least, most

_MOST_WORDS = 64
_LONGEST = 1_000  # pattern
LONG = 4_096  # where a string may be as long as this, its whole record has to be shorter
ASCII = rb"[ !#-\[\]-~]"
ANY = rb"[ !#-\[\]-\xff]"  # a byte of UTF-8, which is for others to prove
_HEX = rb"[0-9a-fA-F]"
_UNICODE = rb"u(?:(?![dD][89a-fA-F])%b{4}|[dD][89abAB]%b{2}\\u[dD][c-fC-F]%b{2})".replace(
    b"%b", _HEX
)
# The patterns that mean the same to everybody: one whole line of plain ASCII, with groups.
_PLAIN = re.compile(
    r"\^((?:[A-Za-z0-9_ @/:,-]|\\[./-]|\[[A-Za-z0-9_.:+-]+\]|\{[0-9]+(?:,[0-9]*)?\}|[+*?()|])*)\$"
)
_COUNTED = re.compile(r"\)\{([^}]*)\}")
_PART = re.compile(r"(\\.|\[[^]]*\]|\{[^}]*\}|.)")
# RFC 3339, but for leap seconds, leap days and the first 999 years. What is frequent comes first.
DATE_TIME = (
    rb"[1-9][0-9][0-9][0-9]-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    rb"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9}+)?"
    rb"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def escaped(quote: bytes) -> bytes:
    """Return what matches any text, with escapes; ``quote`` is how a quotation mark is written."""
    escape = rb"\\(?:%b|[\\/bfnrt]|%b)" % (quote, _UNICODE)
    return rb"%b*+(?:%b%b*+)*+" % (ANY, escape, ANY)


def together(texts: Sequence[bytes], end: bytes) -> bytes:
    """Return what matches text that all of ``texts`` match up to the same ``end``."""
    return b"".join([b"(?=%b%b)" % (other, end) for other in texts[1:]]) + texts[0]


def constraints(
    rules: Sequence[Mapping[str, Any]], any_byte: bytes, ascii_byte: bytes
) -> list[bytes]:
    """Return what matches the text of strings that follow ``rules``: all must match all of it.

    Nothing if any text does that has a character where ``minLength`` is 1, and is shorter than its
    record where that has a limit.
    """
    found = [_words(rules)] if any("enum" in rule or "const" in rule for rule in rules) else []
    formats = {rule["format"] for rule in rules if "format" in rule}
    if formats - {"date-time"}:
        raise UnsupportedError
    found += [DATE_TIME] if formats else []
    found += [portable(each) for each in sorted({r["pattern"] for r in rules if "pattern" in r})]
    low, high = least(rules, "minLength"), most(rules, "maxLength")
    may_be_empty = low and found and re.match(found[0], b"")
    if low > 1 or may_be_empty or (high is not None and high < LONG):
        # A character takes one to four bytes: counting bytes finds too many, where that is safe.
        text = ascii_byte if low > 1 else any_byte
        found.append(b"%b{%d,%b}+" % (text, low, b"" if high is None else b"%d" % high))
    return found


def _words(rules: Iterable[Mapping[str, Any]]) -> bytes:
    given = [[rule["const"]] for rule in rules if "const" in rule]
    given += [rule["enum"] for rule in rules if "enum" in rule]
    common = [word for word in given[0] if all(word in other for other in given)]
    if not common or len(common) > _MOST_WORDS:
        raise UnsupportedError
    if not all(isinstance(word, str) and is_bare(word) for word in common):
        raise UnsupportedError
    longest_first = sorted(common, key=len, reverse=True)
    return either([re.escape(word.encode()) for word in longest_first])


def portable(pattern: str) -> bytes:
    r"""Return what matches texts of a pattern that everybody reads alike.

    Perhaps not all of them, as nothing in it goes back: ``a*a`` matches no text, then. Neither a
    quote nor a backslash is in any text that it matches.
    """
    match = _PLAIN.fullmatch(pattern)
    if match is None or "(?" in pattern or len(pattern) > _LONGEST:
        raise UnsupportedError
    if _may_go_back(_PART.findall(match[1])) or _may_count_long(pattern):
        raise UnsupportedError
    parts, depth = [], 0
    for part in _PART.findall(match[1]):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if part == "|" and depth == 0:
            raise UnsupportedError  # the anchors would not hold for all of it
        if part[0] == "[" and ("--" in part or re.match(part, "\\")):
            raise UnsupportedError
        parts.append({"(": "(?>"}.get(part, f"{part}+" if part[0] in "*+?{" else part))
    found = "".join(parts)
    try:
        re.compile(found)
    except re.error:
        raise UnsupportedError from None
    return found.encode()


def _may_go_back(parts: Iterable[str]) -> bool:
    """Say whether a group repeats in which one way may go far, in vain, before another is taken.

    Such as ``(a*b|a)*``, which looks at every character of ``aaa`` again for each of them.
    """
    ways, repeats = [False], [False]  # of each open group: are there any in it
    closed = False  # a group, right before, with both
    for part in parts:
        if part[0] in "*+{":
            if closed:
                return True
            repeats[-1] = True
        closed = False
        if part in ("(", "|"):
            ways[-1] = True
        if part == "(":
            ways.append(False)
            repeats.append(False)
        elif part == ")" and len(ways) > 1:
            repeated = repeats.pop()
            closed = ways.pop() and repeated
            repeats[-1] |= repeated
    return False


def _may_count_long(pattern: str) -> bool:
    """Say whether groups, which may match nothing, are to be counted many times over."""
    counts = _COUNTED.findall(pattern)
    return len(counts) > 2 or any(len(number) > 2 for number in ",".join(counts).split(","))


def either(choices: Sequence[bytes]) -> bytes:
    """Return what matches what one of ``choices`` matches."""
    return choices[0] if len(choices) == 1 else b"(?:%b)" % b"|".join(choices)


def is_bare(text: str) -> bool:
    """Say whether nothing in a text has to be escaped."""
    return text.isprintable() and '"' not in text and "\\" not in text


def is_plain(text: str) -> bool:
    """Say whether nobody escapes anything in a text."""
    return text.isascii() and is_bare(text)
