"""Instants: RFC 3339 times as integer nanoseconds since 1970-01-01T00:00:00Z.

Integers, because ``datetime`` cuts nanoseconds and refuses leap seconds, and because text does not
order across offsets.
"""

import re
from datetime import UTC, datetime, timedelta

NANOSECONDS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
MIN_INSTANT = -62_135_596_800 * NANOSECONDS  # 0001-01-01T00:00:00Z
MAX_INSTANT = 253_402_300_800 * NANOSECONDS - 1  # the last nanosecond of 9999
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?"
    r"(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def parse_instant(text: str) -> int:
    """Return nanoseconds since the epoch for one RFC 3339 ``date-time`` (section 5.6).

    A time without an offset is refused, never guessed. A leap second (``:60`` at 23:59 UTC) counts
    as the second after it. Fraction digits beyond the ninth are cut. Raises ``ValueError`` with the
    rule that was broken, never with the text.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 date-time with an offset")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    leap = second == 60
    try:
        moment = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=UTC)
    except ValueError:
        raise ValueError("no such date or time of day") from None
    seconds = (moment - _EPOCH) // _SECOND - _offset(*match.groups()[7:])
    if leap:
        seconds += 1
        if seconds % 86_400:
            raise ValueError("a leap second can only be the last second of a UTC day")
    instant = seconds * NANOSECONDS + int((match[7] or "").ljust(9, "0"))
    if not MIN_INSTANT <= instant <= MAX_INSTANT:
        raise ValueError("outside the years 1 to 9999 of UTC")
    return instant


def format_instant(nanoseconds: int) -> str:
    """Return RFC 3339 UTC text, with as many fraction digits (0, 3, 6 or 9) as the instant needs.

    ``nanoseconds`` is between MIN_INSTANT and MAX_INSTANT.
    """
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    text = (_EPOCH + seconds * _SECOND).isoformat().removesuffix("+00:00")
    fraction = f"{rest:09d}"
    while fraction.endswith("000"):
        fraction = fraction[:-3]
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"


def _offset(sign: str | None, hours: str, minutes: str) -> int:
    """Return how many seconds local time is ahead of UTC."""
    if sign is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("offset out of range")
    seconds = int(hours) * 3_600 + int(minutes) * 60
    return -seconds if sign == "-" else seconds
