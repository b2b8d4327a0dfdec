"""Accept records by a regular expression, which is learnt while an export is read.

A filter, which may say no to anything, for any reason; what it does not accept goes to the general
engine. What it accepts is right because of what ``regular`` says about its expressions, and of what
is proved here about the text as a whole:

- Records and what stands between them take as many bytes as the text has. Matches do not overlap,
  so there is nothing else in it: each record starts where the one before ended.
- The text is UTF-8, so that each record is; and none is so long that a string could be too long.
- Texts without escapes are the very strings they stand for, so two are equal if their bytes are.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import filterfalse
from typing import Any, NamedTuple

from evidencekit.core.events import MATTER, Columns, columns_of
from evidencekit.core.regular import CSV_NOTATIONS, JSON_NOTATIONS, LINE_NOTATIONS, Making
from evidencekit.core.rules import UnsupportedError
from evidencekit.core.tabular import row
from evidencekit.limits import KIB

Wanted = frozenset[tuple[str, ...]]
WANTED: Wanted = frozenset({(name,) for name in MATTER} | {("metadata", "environment")})
_LESSONS = 6  # groups of events that are looked at, to learn all keys and their order
_LESSON = 512 * KIB  # of larger ones nothing is learnt: that would take long
_LONGEST = 64 * KIB  # expression
_SMALL = 1_000  # events
_MISSES = 12  # groups, one after the other
_PAUSE = 3  # blocks that are read in groups, after one that was not accepted as a whole
_TRIED = 8  # records, to see how an exporter puts white space
_KNOWN = 4_096  # arrays that are known to be without duplicates
_SHORT = 256  # bytes of such an array
_is_ascii: Callable[[Any], bool] = bytes.isascii
# Python 3.11.0 to 3.11.4 match too much here (github.com/python/cpython/issues/106052).
_IS_SOUND = re.fullmatch("(?:ab?c)*+", "a") is None


Event = Mapping[str, Any]


class Accepted(NamedTuple):
    """Valid records, and what they say."""

    records: list[bytes]
    said: Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What records of one schema look like that look like a sample."""

    find: Callable[[bytes, int, int], list[tuple[bytes, ...]]]
    between: bytes  # what stands behind each record
    texts: Mapping[tuple[str, ...], int]  # which group holds the text of a member
    unique: tuple[int, ...]  # which groups hold arrays whose items must differ
    longest: int | None
    items: Callable[[bytes], list[bytes]]  # of such an array
    known: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, making: Making, record: bytes, between: bytes) -> "Form":
        """Return the form that an expression describes."""
        groups = list(enumerate(making.groups, 1))
        quote = making.notation.quote
        return cls(
            # Where no record starts, the rest is taken: trying each byte of it takes too long.
            find=re.compile(b"(%b)%b|(?s:.++)" % (record, re.escape(between))).findall,
            between=between,
            texts={path: at for at, (path, kind) in groups if kind == "text"},
            unique=tuple(at for at, (_, kind) in groups if kind == "unique"),
            longest=making.longest,
            items=re.compile(b'%b([^"]*)%b' % (quote, quote)).findall,
        )

    def accept(self, text: bytes, start: int, end: int) -> Accepted | None:
        """Return the records from ``start`` to ``end``, if all there is are valid records."""
        found = self.find(text, start, end)
        if not found:
            return None
        columns: list[Sequence[Any]] = [found]
        if type(found[0]) is tuple:
            columns = [*zip(*found, strict=True)]
        records = list(columns[0])
        lengths = list(map(len, records))
        has_rest = not records[-1]
        if has_rest or sum(lengths) + len(records) * len(self.between) != end - start:
            return None
        if self.longest is not None and max(lengths) > self.longest:
            return None
        if not all(self._are_unique(columns[at]) for at in self.unique):
            return None
        with suppress(UnicodeDecodeError):
            b"\n".join(filterfalse(_is_ascii, records)).decode()  # each by itself
            told = {path: _texts(columns[at]) for path, at in self.texts.items()}
            return Accepted(records, _said(told, len(records)))
        return None

    def _are_unique(self, arrays: Sequence[bytes]) -> bool:
        for array in set(arrays) - self.known:
            items = self.items(array)
            if len(set(items)) < len(items):
                return False
            if len(self.known) < _KNOWN and len(array) < _SHORT:
                self.known.add(array)
        return True


def _texts(column: Sequence[bytes]) -> list[str]:
    texts = b"\n".join(column).decode()
    if '"' in texts:  # around cells of CSV, and never inside what a group holds
        texts = texts.replace('"', "")
    return texts.split("\n")


def _said(told: Mapping[tuple[str, ...], list[str]], events: int) -> Columns:
    members: dict[str, Sequence[object]] = {
        path[0]: texts if all(texts) else [text or None for text in texts]
        for path, texts in told.items()
        if len(path) == 1
    }
    if ("metadata", "environment") in told:
        inside = told["metadata", "environment"]
        members["metadata"] = [{"environment": environment} for environment in inside]
    return columns_of(members, events, read=True)


class Lesson(NamedTuple):
    """What a form is learnt from."""

    events: Sequence[Event]  # all of them follow the schema
    records: Sequence[bytes]  # of the last few events
    between: bytes  # what stands behind each record


def learn_json(schema: Event, wanted: Wanted, lesson: Lesson) -> Form | None:
    """Return a form of JSON records, or None if none is known that they have."""

    def expression(making: Making) -> bytes:
        return making.value([schema], lesson.events, ())

    notations = JSON_NOTATIONS if b"," in lesson.between else LINE_NOTATIONS
    makings = [Making(schema, notation, wanted) for notation in notations]
    return _first(makings, expression, lesson)


def learn_csv(
    header: Sequence[str],
    coerced: Collection[str],
    schema: Event,
    wanted: Wanted,
    lesson: Lesson,
) -> Form | None:
    """Return a form of CSV records; columns that are ``coerced`` hold JSON."""

    def expression(making: Making) -> bytes:
        return row(making, header, coerced, lesson.events)

    makings = [Making(schema, notation, wanted) for notation in CSV_NOTATIONS]
    return _first(makings, expression, lesson)


def _first(
    makings: Sequence[Making], expression: Callable[[Making], bytes], lesson: Lesson
) -> Form | None:
    """Return the first form that one of the records has."""
    for making in makings if _IS_SOUND else ():
        with suppress(UnsupportedError, re.error, ValueError, OverflowError, RecursionError):
            found = expression(making)
            if len(found) <= _LONGEST and any(
                map(re.compile(found).fullmatch, lesson.records[:_TRIED])
            ):
                return Form.of(making, found, lesson.between)
    return None


class Filter:
    """A form that is learnt while an export is read, and given up where it does not help."""

    def __init__(self, learn: Callable[[Lesson], Form | None]) -> None:
        self._learn = learn
        self._sample: list[Event] = []
        self._form: Form | None = None
        self._lessons = _LESSONS
        self._seen = self._missed = self._pause = 0

    @property
    def knows_a_form(self) -> bool:
        """Whether a form was learnt, and not given up."""
        return self._form is not None

    def block(self, text: bytes, start: int, end: int) -> Accepted | None:
        """Return the records of a whole block, if all is as expected."""
        form = self._form  # threads of a cluster's worker may share a filter
        if form is None:
            return None
        if self._pause > 0:
            self._pause -= 1
            return None
        found = form.accept(text, start, end)
        if found is None:
            self._pause = _PAUSE
        return found

    def group(self, records: Sequence[bytes]) -> Accepted | None:
        """Return a few records, if all are as expected."""
        form = self._form
        if form is None:
            return None
        text = form.between.join([*records, b""])
        found = form.accept(text, 0, len(text))
        if found is not None and len(found.records) == len(records):
            self._missed = 0
            return found
        self._missed += 1
        if self._missed > _MISSES:
            self._form, self._lessons = None, 0
        return None

    def learn(self, records: Sequence[bytes], events: Sequence[Event], between: bytes) -> None:
        """Look at events, all of which follow the schema, that were not accepted."""
        self._seen += len(events)
        if self._lessons <= 0 or self._seen <= _SMALL:
            return  # for a few, learning takes longer than it saves
        self._lessons -= 1
        if sum(map(len, records)) <= _LESSON:
            self._sample += events
            self._form = self._learn(Lesson([*self._sample], records, between)) or self._form
        if self._lessons <= 0:
            self._sample = []
