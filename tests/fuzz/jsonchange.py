"""Change JSON as a document, so that what comes out is JSON again."""

import json
import random
from copy import deepcopy
from typing import Any

from fuzz.oracle import Inner

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.0, 1e300, -0.0, 2**63, 2**64, -(2**63) - 1),
    *("", " ", "a", "0" * 64, "é", "\u202e", "\x1b[2J", "\0", "\ud800", "=1+1", "a" * 2_100),
    *("2026-04-23T00:00:00Z", "2026-04-23T00:00:60Z", "0001-01-01T00:00:00+23:59"),
    *("9999-12-31T23:59:59.999999999Z", "SHA256:" + "A" * 43, "../x", "data/attachments/a"),
    *("released", "accepted", "rejected", "trust", "page", "csv", "pass", "missing-ids"),
    *([], {}, [None], [[]], {"a": 1}, ["a", "a"]),
)


def changed_json(document: Any, rng: random.Random, inner: Inner) -> Any:
    """Return the document with one to three nodes changed, dropped, added or exchanged."""
    changed = json.loads(json.dumps(document))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        holders = [node for node in _nodes(changed) if isinstance(node, dict | list) and node]
        if not holders:
            return _value(rng)
        _change(rng.choice(holders), changed, rng, inner)
    return changed


def written(document: Any, *, indent: int | None = 2, ascii_only: bool = True) -> bytes:
    """Return the document's bytes; half a surrogate pair that is not escaped is no UTF-8."""
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def respelled(document: Any, rng: random.Random) -> bytes:
    """Return other bytes that say the same: white space, order, escapes."""
    if isinstance(document, dict) and rng.random() < 0.3:
        document = dict(rng.sample(list(document.items()), len(document)))
    style = rng.choice(((",", ":"), (", ", ": "), (",", ": "), (" ,", " :")))
    text = json.dumps(document, indent=rng.choice((None, 1, 2, 2, 2)), separators=style)
    if rng.random() < 0.5 and (at := text.find(rng.choice("aeinstPK/="))) >= 0:
        text = f"{text[:at]}\\u{ord(text[at]):04x}{text[at + 1 :]}"
    return f"{text}{rng.choice(('', chr(10), chr(10), ' ', chr(13) + chr(10)))}".encode()


def _change(holder: Any, document: Any, rng: random.Random, inner: Inner) -> None:
    key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    match rng.randrange(8):
        case 0:
            del holder[key]
        case 1 | 2:
            holder[key] = _value(rng)
        case 3:  # a value from elsewhere
            found = json.dumps(rng.choice(list(_nodes(document))))
            holder[key] = json.loads(found) if len(found) < 2_000 else None
        case 4:
            if isinstance(holder, dict):
                holder[_text(key, inner)] = holder.pop(key)
            else:
                holder.append(deepcopy(holder[key]))
        case 5:
            if isinstance(holder, dict):
                holder[str(_value(rng))[:80]] = _value(rng)
            else:
                holder.insert(key, _value(rng))
        case _:
            holder[key] = _other(holder[key], rng, inner)


def _other(value: Any, rng: random.Random, inner: Inner) -> Any:
    """Return a value of the same type, close to this one."""
    if isinstance(value, str):
        return _text(value, inner)
    if isinstance(value, int | float):
        return rng.choice((value + 1, value - 1, -value, float(value), int(value), str(value)))
    return [value] if rng.random() < 0.5 else _value(rng)


def _text(value: str, inner: Inner) -> str:
    return inner(value.encode("utf-8", "replace"), len(value) + 8).decode("utf-8", "replace")


def _value(rng: random.Random) -> Any:
    return deepcopy(rng.choice(VALUES))


def _nodes(value: Any) -> Any:
    yield value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _nodes(inner)
