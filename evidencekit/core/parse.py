"""Parse many JSON texts, as strictly as ``strict_json`` and at a fifth of its cost.

orjson refuses bad syntax, bad UTF-8, NaN and lone surrogates, but keeps the last of duplicate keys,
turns integers beyond 64 bits into floats, and nests 1,024 deep. ``are_strict`` proves that none of
that happened; texts without that proof go to ``strict_json``, which says what is wrong with them,
or accepts them.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

import orjson

from evidencekit.core import strict_json
from evidencekit.limits import MAX_DEPTH

_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_COLON_ESCAPE = re.compile(rb"\\u003[aA]")
_LONG = b"0" * 19  # digits, as every integer beyond 64 bits has
_DIGITS = re.compile(rb"0+")
_BEFORE_NUMBERS = frozenset(b"[:, \t\r\n")


def _deepest() -> int:
    """Return how many levels orjson writes: 254 as we write this; 0 if there is no limit."""
    value: object = []
    for depth in range(1, 2_000):
        try:
            orjson.dumps(value)
        except orjson.JSONEncodeError:
            return depth - 1
        value = [value]
    return 0


# Lists to put around values so that MAX_DEPTH levels are left of those that orjson writes.
_SPARE = _deepest() - MAX_DEPTH


def parse_some(texts: Sequence[bytes]) -> list[object]:
    """Return the values of ``texts``, up to the first that orjson does not parse."""
    loads = orjson.loads
    try:
        return [loads(text) for text in texts]
    except orjson.JSONDecodeError:
        return list(_up_to_a_fault(texts))


def _up_to_a_fault(texts: Sequence[bytes]) -> Iterator[object]:
    with suppress(orjson.JSONDecodeError):
        for text in texts:
            yield orjson.loads(text)


def are_strict(texts: Sequence[bytes], values: list[object]) -> bool:
    """Say whether ``strict_json`` is sure to accept ``texts``, of which orjson made ``values``.

    The values are written again. What is written has no key twice, no integer beyond 64 bits, and,
    with so many lists around it, at most MAX_DEPTH levels, or orjson would not write it. If it is
    the very text that was read, the proof is complete. If not (other white space, escapes, forms of
    numbers), two things could be wrong:

    - A key was twice. A colon in JSON text is either a key's or part of a string, so a text has as
      many colons as keys and colons in strings; what is written has a colon for each key that was
      kept and each colon in a string that was kept, as no colon comes from an escape. A member that
      was dropped took at least its own colon with it, and nothing adds any: the counts differ.
    - An integer is beyond 64 bits. It has at least 19 digits, the first of them behind what may
      stand before a number: white space, a colon, a comma, a bracket, nothing.
    """
    if _SPARE < 1:
        return False
    nested: object = values
    for _ in range(_SPARE - 1):
        nested = [nested]
    try:
        written = orjson.dumps(nested)
    except orjson.JSONEncodeError:
        return False
    read = b",".join(texts)
    if written[_SPARE:-_SPARE] == read:
        return True
    return (
        written.count(b":") == read.count(b":")
        and not (b"\\u003" in read and _COLON_ESCAPE.search(read))
        and not _may_hold_long_integer(read)
    )


def _may_hold_long_integer(text: bytes) -> bool:
    digits = text.translate(_ZEROS)
    at = digits.find(_LONG)
    while at >= 0:
        before = at - (text[at - 1 : at] == b"-")
        if before == 0 or text[before - 1] in _BEFORE_NUMBERS:
            return True
        run = _DIGITS.match(digits, at)
        at = digits.find(_LONG, run.end() if run else at + 1)
    return False


def parse_strictly(text: bytes) -> object:
    """Return the value of one text, or raise ``RejectedError`` about an ``event``."""
    values = parse_some([text])
    if values and are_strict([text], values):
        return values[0]
    return strict_json.loads(text, what="event")
