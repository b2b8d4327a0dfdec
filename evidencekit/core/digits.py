r"""Regular expressions for the numbers of JSON between two bounds, for ``core.regular``.

They match fewer than the 15 digits before the point and 17 behind it that a double tells apart from
what lies beyond a bound, and no exponent; ``-0`` is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evidencekit.core.rules import UnsupportedError

_MOST = 15  # digits before the point: all of them fit a double
_END = b"(?![0-9])"
_FRACTION = rb"(?:\.[0-9]{1,17}+)?+"
_ZEROS = rb"(?:\.0{1,17}+)?+"


def number(rules: Iterable[Mapping[str, Any]], sample: Sequence[float], *, real: bool) -> bytes:
    """Return what matches the numbers that follow ``rules``, such as those of the sample."""
    low, high = _bounds(rules)
    choices = []
    if high is None or high >= 0:
        choices.append(_magnitude(max(low or 0, 0), high, real=real))
    if (low is None or low < 0) and min(sample) < 0:
        least = 0 if high is None or high >= 0 else -high
        most = None if low is None else -low
        choices.append(b"-(?!0(?![.]))" + _magnitude(least, most, real=real))
    if not choices:
        raise UnsupportedError
    return choices[0] if len(choices) == 1 else b"(?:%b)" % b"|".join(choices)


def _bounds(rules: Iterable[Mapping[str, Any]]) -> tuple[int | None, int | None]:
    low, high = [], []
    for rule in rules:
        if "exclusiveMinimum" in rule or "exclusiveMaximum" in rule:
            raise UnsupportedError
        low += [rule["minimum"]] if "minimum" in rule else []
        high += [rule["maximum"]] if "maximum" in rule else []
    if any(bound != int(bound) for bound in (*low, *high)):
        raise UnsupportedError
    return max(map(int, low), default=None), min(map(int, high), default=None)


def _magnitude(low: int, high: int | None, *, real: bool) -> bytes:
    """Return what matches numbers without a sign."""
    fraction = _FRACTION if real else b""
    if high is not None and high < low:
        raise UnsupportedError
    at_least = b"(?=%b)" % _at_least(low) if low else b""
    if high is None or len(str(high)) > _MOST:
        return b"%b(?!0[0-9])[0-9]{1,%d}+%b" % (at_least, _MOST, fraction)
    exactly = b"%d%b%b" % (high, _END, _ZEROS if real else b"")
    below = _below(high)
    if below:
        exactly = b"(?:(?:%b)%b%b|%b)" % (b"|".join(below), _END, fraction, exactly)
    return at_least + exactly


def _below(high: int) -> list[bytes]:
    """Return what matches the beginnings of numbers whose digits say less than ``high``."""
    told = str(high)
    found = [b"(?!0[0-9])[0-9]{1,%d}+%b" % (len(told) - 1, _END)] if len(told) > 1 else []
    for at, digit in enumerate(told):
        first = 1 if at == 0 and len(told) > 1 else 0
        if int(digit) > first:
            found.append(_digits(told, at, first, int(digit) - 1))
    return found


def _at_least(low: int) -> bytes:
    """Return what matches the beginnings of numbers whose digits say ``low`` or more."""
    told = str(low)
    if len(told) >= _MOST:
        raise UnsupportedError
    found = [b"[1-9][0-9]{%d,}+" % len(told), b"%d%b" % (low, _END)]
    for at, digit in enumerate(told):
        if int(digit) < 9:
            found.append(_digits(told, at, int(digit) + 1, 9) + _END)
    return b"|".join(found)


def _digits(told: str, at: int, first: int, last: int) -> bytes:
    """Return what matches as many digits: the same up to one, which lies in between."""
    rest = b"[0-9]" * (len(told) - at - 1)
    one = b"%d" % first if first == last else b"[%d-%d]" % (first, last)
    return told[:at].encode() + one + rest
