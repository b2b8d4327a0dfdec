"""Instants: RFC 3339 times as integer nanoseconds since 1970-01-01T00:00:00Z.

Integers, because ``datetime`` cuts nanoseconds and refuses leap seconds, and text does not order across offsets.
"""

import re
from datetime import UTC, datetime, timedelta

NANOSECONDS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def parse_instant(text: str) -> int:
    """Return nanoseconds since the epoch for one RFC 3339 ``date-time`` (section 5.6).

    A time without an offset is refused, never guessed. A leap second (``:60`` at 23:59 UTC) counts as the second
    after it. Fraction digits beyond the ninth are cut. Raises ``ValueError`` with the rule that was broken.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 date-time with an offset")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    sign, offset_hours, offset_minutes = match.group(8), match.group(9), match.group(10)
    offset = timedelta()
    if sign:
        if int(offset_hours) > 23 or int(offset_minutes) > 59:
            raise ValueError("offset out of range")
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        offset = -offset if sign == "-" else offset
    leap = second == 60
    moment = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=UTC)
    seconds = (moment - _EPOCH - offset) // timedelta(seconds=1)
    if leap:
        if (seconds + 1) % 86_400:
            raise ValueError("a leap second can only be the last second of a UTC day")
        seconds += 1
    return seconds * NANOSECONDS + int((match.group(7) or "").ljust(9, "0"))


def format_instant(nanoseconds: int) -> str:
    """Return RFC 3339 UTC text, with as many fraction digits (0, 3, 6 or 9) as the instant needs."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    text = text.rjust(19, "0")  # strftime drops leading zeros of years before 1000 on some platforms
    fraction = f"{rest:09d}"
    while fraction.endswith("000"):
        fraction = fraction[:-3]
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"
