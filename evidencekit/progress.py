"""How long work tells of itself while it goes on: the one shape of every ``progress=``."""

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""Gets what is going on, how much of it is done, and how much there is (None where unknown).

Bytes, but for what says otherwise. It is called from the thread that does the work.
"""


def counter(
    progress: Progress | None, what: str, total: int | None, *, before: int = 0
) -> Callable[[int], None] | None:
    """Return what takes the bytes of one part that are done, ``before`` of all having been so."""
    if progress is None:
        return None

    def advance(done: int) -> None:
        progress(what, before + done, total)

    return advance
