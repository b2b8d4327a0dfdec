r"""Find the exact records of a JSON export: guess where they end, and let the parse prove it.

Nearly every export puts the same bytes between two events, such as ``},\n{"id":``. ``Separator``
learns them from the first event; searching for them is five times as fast as reading JSON. A guess
can be wrong (a nested object may look the same), so it is nothing but a guess until the piece
parses:

    Let a piece start where an element of the array starts. If the piece as a whole parses as one
    JSON object, it *is* that element, as no JSON object is the beginning of a longer one. What
    stands between two pieces is white space, one comma and white space, so the next piece starts
    where the next element starts. The first piece does, hence all do.

Where a piece does not parse, ``object_end`` finds the end of that one element by counting brackets.
"""

import re
from dataclasses import dataclass
from typing import Self

_WHITE = re.compile(rb"[ \t\r\n]*")
# Between two elements, up to the colon behind the first key of the second one.
_BETWEEN = re.compile(rb'([ \t\r\n]*,[ \t\r\n]*)\{[ \t\r\n]*"[^"\\]*"[ \t\r\n]*:')
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# The next bracket outside strings. Possessive: no byte is looked at twice, however hostile.
_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)
# The next thing that matters at the top level of an object: a bracket, or a string (a key, if a
# colon follows).
_MEMBER = re.compile(rb'[^"\[\]{}]*+(?:([\[\]{}])|(' + _STRING + rb"))", re.DOTALL)
_COLON = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Separator:
    """The bytes from the ``}`` of one element to the colon behind the first key of the next."""

    text: bytes
    step: int  # from that ``}`` to the next element's ``{``

    @classmethod
    def learn(cls, data: bytes, end: int) -> Self | None:
        """Return what stands behind the object that ends before ``end``, if another one follows."""
        match = _BETWEEN.match(data, end)
        return match and cls(b"}" + match[0], 1 + len(match[1]))

    def cut(self, data: bytes) -> int:
        """Return where the last element of ``data`` seems to start; 0 if none does."""
        end = data.rfind(self.text)
        return end + self.step if end >= 0 else 0

    def end(self, data: bytes) -> int:
        """Return where ``data`` may go on with another element; 0 if nowhere."""
        return len(data) if data.endswith(self.text[: self.step]) else self.cut(data)

    def pieces(self, data: bytes, at: int, limit: int) -> list[bytes]:
        """Return up to ``limit`` pieces from ``at`` on that look like elements before the last."""
        found = []
        find, text, step = data.find, self.text, self.step
        for _ in range(limit):
            end = find(text, at)
            if end < 0:
                # Where ``cut`` cut, there is no next key to be seen.
                if data.endswith(text[:step]) and at < len(data):
                    found.append(data[at : len(data) - step + 1])
                break
            found.append(data[at : end + 1])
            at = end + step
        return found

    def length(self, pieces: list[bytes]) -> int:
        """Return how many bytes these pieces and what stands behind each take."""
        return sum(map(len, pieces)) + len(pieces) * (self.step - 1)


def skip_white(data: bytes, at: int) -> int:
    """Return where the white space that starts at ``at`` ends."""
    match = _WHITE.match(data, at)
    return match.end() if match else at


def object_end(data: bytes, start: int) -> int:
    """Return where the object or array that starts at ``start`` ends, or -1 if ``data`` ends first.

    Only brackets are counted; whether it is JSON is for the parser to say.
    """
    depth, at = 0, start
    while match := _BRACKET.match(data, at):
        at = match.end()
        depth += 1 if match[1] in b"{[" else -1
        if depth == 0:
            return at
    return -1


def events_start(data: bytes, start: int) -> int:
    """Return where the top-level member ``"events"`` of the object at ``start`` has its value.

    -1 if ``data`` ends before that is known, and -2 if the object ends and has no such member.
    """
    depth, at = 0, start
    while match := _MEMBER.match(data, at):
        at = match.end()
        if match[1]:
            depth += 1 if match[1] in b"{[" else -1
            if depth == 0:
                return -2
        elif depth == 1 and (colon := _COLON.match(data, at)) and _is_events(match[2]):
            return colon.end() if colon.end() < len(data) else -1
    return -1


def _is_events(key: bytes) -> bool:
    r"""Say whether a key, as written, is ``events``: ``"\u0065vents"`` is."""
    plain = re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda match: bytes.fromhex(match[1].decode()), key)
    return plain == b'"events"'
