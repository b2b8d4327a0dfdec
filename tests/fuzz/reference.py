"""JSON and CSV exports as anyone would read them who has the rules and no hurry.

Nothing here is shared with the package: Python's ``json`` with its laxities taken away one by one,
and RFC 4180 as a machine of three states, a character at a time.
"""

import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

MAX_DEPTH = 64
WHITE = " \t\r\n"
T = TypeVar("T")


class RefusedError(Exception):
    """The reference does not accept it."""


def attempt(call: Callable[[], T]) -> tuple[T | None, str]:
    """Return what the reference reads, or why it refuses."""
    try:
        return call(), ""
    except RefusedError as error:
        return None, str(error)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise RefusedError("a key twice")
    return dict(pairs)


def _integer(text: str) -> int:
    number = int(text) if len(text) < 30 else 1 << 99
    if not -(2**63) <= number < 2**64:
        raise RefusedError("beyond 64 bits")
    return number


def _real(text: str) -> float:
    if math.isinf(number := float(text)):
        raise RefusedError("beyond a double")
    return number


def _constant(_: str) -> Any:
    raise RefusedError("no JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_real, parse_constant=_constant
)


def _value(text: str, at: int, most: int = MAX_DEPTH) -> tuple[Any, int]:
    """Return the value that starts at ``at``, and where it ends."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, IndexError, RecursionError) as error:
        raise RefusedError(str(error)) from None
    if _depth(value) > most or not _is_text(json.dumps(value, ensure_ascii=False)):
        raise RefusedError("too deep, or half a surrogate pair")
    return value, end


def _depth(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(_depth, value.values() if isinstance(value, dict) else value), default=0)


def _is_text(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def json_value(text: str) -> Any:
    """Return the one value of a text."""
    value, end = _value(text, len(text) - len(text.lstrip(WHITE)))
    if text[end:].strip(WHITE):
        raise RefusedError("goes on")
    return value


def json_records(data: bytes) -> list[str]:
    """Return the exact text of every event of an array, a wrapper or JSON Lines."""
    text = _decoded(data)
    bare = text.lstrip(WHITE)
    if bare.startswith("["):
        found, end = _array(bare, 0)
        if bare[end:].strip(WHITE):
            raise RefusedError("goes on")
        return found
    if not bare.startswith("{"):
        raise RefusedError("no export")
    wrapper, end = _value(bare, 0, most=10_000)
    if "events" not in wrapper:
        return [_event(line) for line in bare.split("\n") if line.strip(" \t\r")]
    if bare[end:].strip(WHITE) or _depth(wrapper | {"events": []}) > MAX_DEPTH:
        raise RefusedError("goes on, or is too deep")
    return _array(bare, _start_of_events(bare))[0]


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RefusedError("not UTF-8") from None


def _event(line: str) -> str:
    if not isinstance(json_value(line), dict):
        raise RefusedError("not an object")
    return line.strip(" \t\r")


def _array(text: str, at: int) -> tuple[list[str], int]:
    """Return the text of every object of the array that starts at ``at``, and where it ends."""
    if text[at : at + 1] != "[":
        raise RefusedError("no array")
    found: list[str] = []
    at = _past_white(text, at + 1)
    while text[at : at + 1] != "]" or found:
        value, end = _value(text, at)
        if not isinstance(value, dict):
            raise RefusedError("not an object")
        found.append(text[at:end])
        at = _past_white(text, end)
        if text[at : at + 1] == "]":
            break
        if text[at : at + 1] != ",":
            raise RefusedError("no comma")
        at = _past_white(text, at + 1)
    return found, at + 1


def _start_of_events(text: str) -> int:
    """Return where the value of the member "events" of the object at 0 starts."""
    at = _past_white(text, 1)
    while True:
        key, at = _value(text, at)
        at = _past_white(text, _past_white(text, at) + 1)
        if key == "events":
            return at
        at = _past_white(text, _value(text, at, most=10_000)[1])
        at = _past_white(text, at + 1)


def _past_white(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in WHITE:
        at += 1
    return at


def csv_records(data: bytes) -> list[tuple[str, list[str]]]:
    """Return the text and the cells of every record, the header's first (RFC 4180)."""
    text = _decoded(data).removeprefix("\ufeff")
    if "\0" in text:
        raise RefusedError("NUL")
    found, at = [], 0
    while at < len(text):
        start, cells, more = at, [], True
        while more:
            cell, at = _cell(text, at)
            cells.append(cell)
            more = text[at : at + 1] == ","
            at += more
        end = at
        if text[at : at + 2] == "\r\n":
            at += 2
        elif text[at : at + 1] == "\n":
            at += 1
        elif at < len(text):
            raise RefusedError("neither a comma nor a line ending")
        found.append((text[start:end], cells))
    return found


def _cell(text: str, at: int) -> tuple[str, int]:
    """Return the cell at ``at``, and where it ends."""
    cell: list[str] = []
    if text[at : at + 1] != '"':
        while at < len(text) and text[at] not in ',\r\n"':
            cell.append(text[at])
            at += 1
        return "".join(cell), at
    at += 1
    while at < len(text):
        if text[at] != '"':
            cell.append(text[at])
            at += 1
        elif text[at + 1 : at + 2] == '"':
            cell.append('"')
            at += 2
        else:
            return "".join(cell), at + 1
    raise RefusedError("ends in quotes")
