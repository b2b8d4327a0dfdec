"""Take RFC 4180 text apart: exact records, and the cells of one.

Strict where other readers guess: a quote opens only at the start of a cell, closes only before a
comma or the end, and is doubled in between; a carriage return outside quotes belongs to a line
ending or is refused.

In such text a line feed is a record's end exactly if the quotes before it are even in number:
opening and closing ones come in pairs, and doubled ones too. Text that breaks the rules is refused
by ``cells``, whatever the count made of it; so records may be cut by counting, and each is proved
when it is read.
"""

import re
from collections.abc import Sequence

# Behind a comma that is put in front of the record: a quoted cell, a plain one, or what is neither.
_CELL = re.compile(r',(?:"([^"]*+(?:""[^"]*+)*+)"|([^",\r\n]*+))(?=,|\Z)|(.)', re.DOTALL)


def cut(data: bytes) -> int:
    """Return where the last complete record of ``data`` ends, with its line ending; or 0."""
    end = data.rfind(b"\n") + 1
    odd = data.count(b'"', 0, end) & 1
    while end and odd:
        before = data.rfind(b"\n", 0, end - 1) + 1
        odd ^= data.count(b'"', before, end) & 1
        end = before
    return end


def records(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the records of ``data`` without their line endings, and what is left over."""
    lines = data.split(b"\n")
    rest = lines.pop()
    if b'"' in data:
        lines, rest = _joined(lines, rest)
    return [line.removesuffix(b"\r") for line in lines], rest


def _joined(lines: list[bytes], rest: bytes) -> tuple[list[bytes], bytes]:
    """Join lines that a quoted line feed parts: from one odd count of quotes to the next."""
    odd = [at for at, line in enumerate(lines) if line.count(b'"') & 1]
    if not odd:
        return lines, rest
    found, done = [], 0
    for first, last in zip(odd[::2], odd[1::2], strict=False):
        found += lines[done:first]
        found.append(b"\n".join(lines[first : last + 1]))
        done = last + 1
    if len(odd) & 1:  # a quote is still open where the data ends
        found += lines[done : odd[-1]]
        return found, b"\n".join([*lines[odd[-1] :], rest])
    return found + lines[done:], rest


def rows(records: Sequence[bytes], columns: int) -> list[list[str]] | None:
    """Return the cells of many records, if they break no rule and have so many columns each.

    No answer where they do, and for cells that start with a quote: ``cells`` tells. NUL stands for
    a doubled quote. With those out of the way, quotes open and close by turns; what lies between
    is taken out and one quote left in its place. Nothing is wrong with text in which each such
    quote has a cell for itself, as has a NUL, which then is a cell of nothing in quotes.
    """
    text = b"\n".join(records)
    parts = text.replace(b'""', b"\0").split(b'"')
    try:
        outside = b'"'.join(parts[::2]).decode()
        quoted = iter([part.replace(b"\0", b'"').decode() for part in parts[1::2]])
    except UnicodeDecodeError:
        return None
    found = outside.replace("\n", ",").split(",")
    if (
        b"\0" in text
        or "\r" in outside
        or len(parts) % 2 == 0
        or any(found.count(mark) != outside.count(mark) for mark in ('"', "\0"))
        or [line.count(",") for line in outside.split("\n")] != [columns - 1] * len(records)
    ):
        return None
    if "\0" in outside:
        found = ["" if cell == "\0" else cell for cell in found]
    found = [next(quoted) if cell == '"' else cell for cell in found]
    return [found[at : at + columns] for at in range(0, len(found), columns)]


def cells(record: str) -> list[str]:
    """Return the cells of one record. Raises ``ValueError`` with the rule that it breaks."""
    if '"' not in record:
        if "\r" in record:
            raise ValueError("a carriage return that is no line ending")
        return record.split(",")
    quoted, plain, neither = zip(*_CELL.findall("," + record), strict=True)
    if any(neither):
        raise ValueError("a quote or carriage return where RFC 4180 has none")
    pairs = zip(quoted, plain, strict=True)
    return [inner.replace('""', '"') if inner else bare for inner, bare in pairs]
