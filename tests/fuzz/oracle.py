"""What every target asks of a refusal, and the little that the mutators share."""

import random
import re
from collections.abc import Callable, Collection
from typing import TypeVar

from evidencekit.core.visible import hidden_to
from evidencekit.errors import EvidenceError

Inner = Callable[[bytes, int], bytes]  # libFuzzer's own mutation of some bytes, up to a size
T = TypeVar("T")
_CODE = re.compile(r"([a-z0-9-]+)\.[a-z0-9-]+", re.ASCII)


def asked(
    call: Callable[[], T], kind: type[EvidenceError], families: Collection[str]
) -> tuple[T | None, EvidenceError | None]:
    """Return what ``call`` gives, or its refusal, which is of one kind and has a code.

    Anything else that it raises is let through: that is what fuzzing looks for.
    """
    try:
        return call(), None
    except EvidenceError as error:
        refusal = error
    told, match = str(refusal), _CODE.fullmatch(refusal.code)
    assert type(refusal) is kind, f"{refusal.code} is not of {kind.__name__}"
    assert match, f"not a code: {refusal.code!r}"
    assert match[1] in families, f"{refusal.code} is of no family of {sorted(families)}"
    assert told, "the message is empty"
    assert hidden_to(lambda char: f"<{ord(char):x}>", told) == told, f"hides: {told!r}"
    return None, refusal


def spot(data: bytes, rng: random.Random, inner: Inner, most: int = 64) -> bytes:
    """Return ``data`` with libFuzzer's mutation applied to a short stretch of it."""
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.randrange(1, most))
    return data[:start] + inner(data[start:end], end - start + 16) + data[end:]


def put(data: bytes, token: bytes, rng: random.Random) -> bytes:
    """Return ``data`` with ``token`` put in somewhere, or over as many bytes."""
    start = rng.randrange(len(data) + 1)
    return data[:start] + token + data[start + rng.choice((0, 0, 1, len(token))) :]
