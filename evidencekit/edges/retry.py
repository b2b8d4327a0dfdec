"""Trying again: with growing, jittered pauses, for no longer than allowed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from evidencekit.core.instant import NANOSECONDS
from evidencekit.edges.clock import Clock
from evidencekit.edges.http import PassingError, Patience, Reply

T = TypeVar("T")
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How one step is repeated."""

    clock: Clock
    patience: Patience

    def __call__(
        self,
        step: Callable[[], T],
        *,
        until: float,
        again: Callable[[PassingError], bool] = lambda _error: True,
    ) -> T:
        """Return what ``step`` returns, trying again after errors that ``again`` agrees to.

        The last error is raised after :attr:`Patience.tries` that brought nothing, or where the
        next try would begin past ``until``.
        """
        tries = 0
        while True:
            try:
                return step()
            except PassingError as error:
                tries = 1 if error.progress else tries + 1
                pause = self._pause(tries, error.after)
                if tries >= self.patience.tries or not again(error):
                    raise
                if self.clock.monotonic() + pause >= until:
                    raise
            self.clock.sleep(pause)

    def polls(self, *, until: float) -> Iterator[None]:
        """Yield at growing intervals until ``until``; the first time at once."""
        yield
        pause = 0.5
        while self.clock.monotonic() + pause < until:
            self.clock.sleep(pause * (0.75 + self.clock.jitter() / 2))
            yield
            pause = min(pause * 1.5, self.patience.poll)

    def _pause(self, tries: int, after: float | None) -> float:
        own = 0.5 * 2.0**tries * (0.5 + self.clock.jitter() / 2)
        return min(max(own, after or 0.0), self.patience.longest_wait)


def busy(reply: Reply, now: int) -> PassingError | None:
    """Return the error to raise where a status says "not now", with the wait it asks for."""
    if reply.status not in _BUSY:
        return None
    code = "api.turned-away" if reply.status == 429 else "api.busy"
    error = PassingError(code, f"{reply.url}: answered {reply.status}")
    error.after = _retry_after(reply, now)
    return error


def _retry_after(reply: Reply, now: int) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, as number or date; None if unusable."""
    text = reply.header("retry-after") or ""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    moment = reply.instant("retry-after")
    return None if moment is None or moment <= now else (moment - now) / NANOSECONDS
