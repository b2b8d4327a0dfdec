"""How Python and the C library treat memory while a survey runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from evidencekit.limits import MIB

_KEPT = 8 * MIB


@contextmanager
def at_full_speed() -> Iterator[None]:
    """Look for no cycles of garbage: events make none, and looking takes a tenth of the time.

    And let glibc keep the memory of a block for the next one. What is larger than any piece that
    was ever freed it takes from the system and gives back at once, and to have it anew for each
    block takes longer than to hash the block. A piece that nobody touches costs nothing.
    """
    bytes(_KEPT)
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
