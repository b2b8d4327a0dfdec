"""The little of DER (X.690) that time-stamps need: one spelling of each length, nothing over."""

from collections.abc import Iterator
from dataclasses import dataclass

BOOLEAN, INTEGER, OCTETS, NULL, OID, TIME = 0x01, 0x02, 0x04, 0x05, 0x06, 0x18
SEQUENCE, SET = 0x30, 0x31
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1  # constructed, context-specific


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One tag with its content; ``raw`` is both as they stand in the input."""

    tag: int
    content: bytes
    raw: bytes

    def children(self) -> tuple["Element", ...]:
        """Return the elements that the content is made of. Raises ``ValueError``."""
        return tuple(_elements(self.content))

    def integer(self) -> int:
        """Return the value of an INTEGER in its one spelling. Raises ``ValueError``."""
        number = int.from_bytes(self.content, "big", signed=True)
        if self.tag != INTEGER or write(INTEGER, _integer(number)) != self.raw:
            raise ValueError("not an INTEGER in its one spelling")
        return number


def read(data: bytes, tag: int) -> Element:
    """Return the one element that ``data`` is. Raises ``ValueError``."""
    elements = tuple(_elements(data))
    if len(elements) != 1 or elements[0].tag != tag:
        raise ValueError(f"not one element with tag {tag:#04x}")
    return elements[0]


def write(tag: int, *parts: bytes) -> bytes:
    """Return one element whose content is the parts one after another."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def write_integer(number: int) -> bytes:
    """Return an INTEGER."""
    return write(INTEGER, _integer(number))


def _integer(number: int) -> bytes:
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return number.to_bytes(size, "big", signed=True)


def _elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        start, head = _head(data, at)
        end = start + head
        if end > len(data):
            raise ValueError("an element is cut")
        yield Element(tag=data[at], content=data[start:end], raw=data[at:end])
        at = end


def _head(data: bytes, at: int) -> tuple[int, int]:
    """Return where the content of the element at ``at`` starts, and its length."""
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        raise ValueError("an element is cut, or its tag is long")
    size = data[at + 1]
    if size < 0x80:
        return at + 2, size
    start = at + 2 + (size & 0x7F)
    length = data[at + 2 : start]
    number = int.from_bytes(length, "big")
    if not length or len(length) > 4 or length[0] == 0 or number < 0x80 or start > len(data):
        raise ValueError("a length is not in its one spelling")
    return start, number
