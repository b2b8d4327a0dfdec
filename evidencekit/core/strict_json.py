r"""The one strict JSON reader, and the one writer.

A document has one reading or none: UTF-8 without a byte order mark, no key twice, no NaN, no
integer beyond 64 bits, no lone surrogate, at most MAX_DEPTH levels, nothing after the end. Two
oddities are accepted, because the parsers we know read them alike: ``-0`` is 0, and a real number
too small for a double is 0.0.
"""

import json
import math
import re
from collections import Counter
from itertools import accumulate
from typing import NoReturn

from evidencekit.core.visible import hidden_to, visible
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_INTEGER, MIN_INTEGER

_WHITE = " \t\r\n"
_MAX_INTEGER_CHARS = 20  # of MIN_INTEGER and MAX_INTEGER; JSON has no leading zeros
# A string, ended or not: what is left of a document without its strings is brackets and scalars.
# Possessive, and the closing quote optional, so that no input is scanned twice.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def loads(data: bytes, *, what: str = "document") -> object:
    """Return the one value that ``data`` holds, or raise ``RejectedError`` and never anything else.

    ``what`` names the document in messages. Codes, all ``json.…``: ``size``, ``bom``, ``encoding``,
    ``depth``, ``syntax``, ``trailing``, ``duplicate-key``, ``number``, ``surrogate``.
    """
    _refuse_unreadable(data, what)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise RejectedError("json.encoding", f"{what}: byte {error.start} is not UTF-8") from None
    try:
        document, end = _decoder(what).raw_decode(text, len(text) - len(text.lstrip(_WHITE)))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RejectedError("json.syntax", f"{what}: not JSON at {where}") from None
    if text[end:].strip(_WHITE):
        raise RejectedError("json.trailing", f"{what}: text after the end of the JSON value")
    if _SURROGATE.search(data):
        _refuse_lone_surrogates(document, what)
    return document


def dumps(document: object) -> bytes:
    """Return ``document`` as UTF-8 JSON for people to read: indented, keys in insertion order.

    Control, bidi, zero-width and separator characters are escaped, so a printed document hides
    nothing. A newline ends it. Raises ``ValueError`` for what JSON cannot hold: NaN, infinity, half
    a surrogate pair.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    text.encode()  # a lone surrogate is refused here, before it would be escaped
    lines = (hidden_to(_escape, line) for line in text.split("\n"))
    return ("\n".join(lines) + "\n").encode()


def _refuse_unreadable(data: bytes, what: str) -> None:
    """Refuse what must not reach the parser: it would take too much memory or stack."""
    if len(data) > MAX_DOCUMENT_BYTES:
        sides = f"{len(data):,} bytes, at most {MAX_DOCUMENT_BYTES:,} allowed"
        raise RejectedError("json.size", f"{what}: {sides}")
    if data.startswith(b"\xef\xbb\xbf"):
        raise RejectedError("json.bom", f"{what}: starts with a byte order mark")
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
        raise RejectedError("json.depth", f"{what}: nested deeper than {MAX_DEPTH} levels")


def _depth(data: bytes) -> int:
    """Return how deep a parser can get in ``data`` before it finishes or finds a fault."""
    brackets = _STRING.sub(b"", data).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _decoder(what: str) -> json.JSONDecoder:
    """Return the standard library's decoder with its laxities taken away."""

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(result := dict(pairs)) < len(pairs):
            ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
            message = f'{what}: key "{visible(twice)}" twice in one object'
            raise RejectedError("json.duplicate-key", message)
        return result

    def integer(text: str) -> int:
        if len(text) > _MAX_INTEGER_CHARS or not MIN_INTEGER <= (value := int(text)) <= MAX_INTEGER:
            refuse("an integer beyond 64 bits")
        return value

    def real(text: str) -> float:
        value = float(text)
        if math.isinf(value):
            refuse("a number beyond the range of a double")
        return value

    def constant(name: str) -> NoReturn:
        refuse(f"{name} is no JSON number")

    def refuse(why: str) -> NoReturn:
        raise RejectedError("json.number", f"{what}: {why}")

    return json.JSONDecoder(
        object_pairs_hook=mapping, parse_int=integer, parse_float=real, parse_constant=constant
    )


def _refuse_lone_surrogates(document: object, what: str) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = f"{what}: a string holds half a surrogate pair, which is no character"
        raise RejectedError("json.surrogate", message) from None


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]
