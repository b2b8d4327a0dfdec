"""Windows: half-open UTC intervals ``[start, end)``."""

import re
from dataclasses import dataclass
from typing import Self

from evidencekit.core.instant import (
    MAX_INSTANT,
    MIN_INSTANT,
    NANOSECONDS,
    format_instant,
    parse_instant,
)

_UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_RELATIVE = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open UTC interval in nanoseconds: ``start`` is inside, ``end`` is not."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a window ends after it starts")
        if self.start < MIN_INSTANT or self.end > MAX_INSTANT:
            raise ValueError("outside the years 1 to 9999 of UTC")

    @classmethod
    def from_relative(cls, text: str, *, now: int) -> Self:
        """Return the window of that length which ends at ``now``, cut to whole seconds.

        ``text`` is a count and a unit, such as ``1h``, ``24h``, ``7d``. Raises ``ValueError``.
        """
        match = _RELATIVE.fullmatch(text)
        if match is None:
            raise ValueError("not a relative window such as 1h, 6h, 24h, 7d or 30d")
        end = now // NANOSECONDS * NANOSECONDS
        return cls(start=end - int(match[1]) * _UNITS[match[2]] * NANOSECONDS, end=end)

    @classmethod
    def from_times(cls, start: str, end: str) -> Self:
        """Return the window between two RFC 3339 times. Raises ``ValueError``."""
        return cls(start=parse_instant(start), end=parse_instant(end))

    def __contains__(self, instant: int) -> bool:
        return self.start <= instant < self.end

    def __str__(self) -> str:
        return f"{format_instant(self.start)} to {format_instant(self.end)}"
