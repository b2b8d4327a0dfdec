"""The times of a block's events: parsed one by one only where they differ in form.

Nearly every exporter writes UTC, with ``Z`` or ``+00:00``. Without that ending such texts order as
the instants do, whatever the number of their fraction digits, so first and last can be found among
the texts; all others are parsed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Any, Self, cast

from evidencekit.core.instant import NANOSECONDS, parse_instant

MINUTE = 60 * NANOSECONDS
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_FORMS = {b"0000-00-00T00:00:00"} | {
    b"0000-00-00T00:00:00." + b"0" * digits for digits in range(1, 10)
}


@dataclass(frozen=True, slots=True)
class Moments:
    """The events that carry a readable time, in export order."""

    keys: Sequence[Any]  # one an event, of one type, ordered as the instants are
    minutes: Sequence[Any]  # one an event: equal for events of the same minute
    instant: Callable[[Any], int]  # of a key
    minute: Callable[[Any], int]  # of one of ``minutes``: whole minutes since the epoch
    timed: Sequence[bool] | None  # which events these are; None: all

    @classmethod
    def read(cls, times: Sequence[str | None]) -> Self:
        """Read ``times``, one an event."""
        return cls._from_utc(times) or cls._one_by_one(times)

    @classmethod
    def _from_utc(cls, times: Sequence[str | None]) -> Self | None:
        """Read times that are all UTC and of the usual form, or return None."""
        if not times or not all(times):
            return None
        texts = cast(Sequence[str], times)
        ending = "Z" if texts[0].endswith("Z") else "+00:00"
        if not (alike := _are_alike(texts, ending)) and not _are_usual(texts, ending):
            return None
        minutes = [text[:16] for text in texts]
        try:
            known = {minute: _minute(minute) for minute in set(minutes)}
        except ValueError:
            return None
        if alike:  # they order as they are
            return cls(texts, minutes, parse_instant, known.__getitem__, None)
        keys = [text.removesuffix(ending) for text in texts]
        return cls(keys, minutes, _instant, known.__getitem__, None)

    @classmethod
    def _one_by_one(cls, times: Sequence[str | None]) -> Self:
        found = [_readable(time) for time in times]
        timed = [instant is not None for instant in found]
        instants = [instant for instant in found if instant is not None]
        return cls(instants, [instant // MINUTE for instant in instants], int, int, timed)

    def select(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return those of ``values``, one for each event, whose event is here."""
        return values if self.timed is None else list(compress(values, self.timed))


def _are_alike(texts: Sequence[str], ending: str) -> bool:
    """Say whether all have the one usual form that the first has, as in nearly every export."""
    length = len(texts[0])
    if set(map(len, texts)) != {length}:
        return False
    joined = "".join(texts)
    forms = joined.encode().translate(_ZEROS)
    form = forms[:length]
    return (
        form in _forms(ending)
        and forms == form * len(texts)
        and joined.count(ending) == len(texts)  # no other offset: none of the forms holds two
        and max(joined[17::length]) <= "5"  # no leap second
    )


def _are_usual(texts: Sequence[str], ending: str) -> bool:
    """Say whether each has one of the usual forms, with this ending."""
    forms = {text.encode().translate(_ZEROS) for text in texts}
    return (
        forms <= _forms(ending)
        and all(text.endswith(ending) for text in texts)
        and max([text[17] for text in texts]) <= "5"
    )


def _forms(ending: str) -> set[bytes]:
    return {form + ending.encode() for form in _FORMS}


@lru_cache(maxsize=1_024)  # a minute has many events
def _minute(key: str) -> int:
    return _instant(f"{key}:00") // MINUTE


def _instant(key: str) -> int:
    return parse_instant(f"{key}Z")


def _readable(time: str | None) -> int | None:
    try:
        return None if time is None else parse_instant(time)
    except ValueError:
        return None
