"""The export API's vocabulary: what a job is asked with, and how tolerantly its answers are read.

The documentation shows three endpoints, and no states, answers or names for an absolute window. So
unknown members are ignored, known ones are looked for under every name seen, and an unknown state
is "not finished yet".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from evidencekit.core.instant import NANOSECONDS, format_instant
from evidencekit.core.window import Window

Json = Mapping[str, Any]

# The names that the API's command line uses for an absolute window. Should the API ignore them,
# the completeness check of the window says so.
FROM_FIELD, TO_FIELD = "from", "to"
DONE = frozenset({"completed", "complete", "succeeded", "done"})
DEAD = frozenset({"failed", "error", "expired", "cancelled", "canceled"})
_COUNTS = ("events", "event_count", "total_events", "count", "total")
_RANGES = ("time_range", "range", "window")
_ENDS = ((FROM_FIELD, TO_FIELD), ("start", "end"), ("date_from", "date_to"))
_MAX_ID_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What is asked for: a format, and a relative window such as ``7d`` or an absolute one."""

    format: str  # "json" or "csv"
    window: str | Window

    def to_json(self) -> dict[str, str]:
        """Return the body that creates the job."""
        if isinstance(self.window, str):
            return {"format": self.format, "time_window": self.window}
        start, end = format_instant(self.window.start), format_instant(self.window.end)
        return {"format": self.format, FROM_FIELD: start, TO_FIELD: end}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An export job; times in nanoseconds since the epoch."""

    id: str
    created_at: int | None = None  # by our clock; None: it existed before we asked
    server_date: int | None = None  # the Date header of the answer that created it
    offset_seconds: float | None = None  # server clock minus ours
    stated: Window | None = None  # what the API says that it made of the window

    def __post_init__(self) -> None:
        if not self.id.isprintable() or not 0 < len(self.id) <= _MAX_ID_CHARS:
            raise ValueError("a job id has 1 to 200 visible characters")
        if self.id in {".", ".."}:
            raise ValueError("a job id is no way through folders")

    @classmethod
    def from_answer(cls, answer: Json, *, asked: int, answered: int, date: int | None) -> Self:
        """Return the job that an answer names. Raises ``ValueError``.

        ``asked`` and ``answered`` are by our clock. A Date header is cut to the second, so on
        average the server's clock is half a second further.
        """
        identifier = answer.get("id")
        if not isinstance(identifier, str | int) or isinstance(identifier, bool):
            raise ValueError("the answer holds no job id")  # noqa: TRY004  (one error for bad data)
        offset = None
        if date is not None:
            between = (asked + answered) // 2
            offset = round((date + NANOSECONDS // 2 - between) / NANOSECONDS, 1)
        return cls(
            id=str(identifier),
            created_at=answered,
            server_date=date,
            offset_seconds=offset,
            stated=stated_window(answer),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """How waiting for a job ended well."""

    completed_at: int  # when we first saw it completed, by our clock
    stated: Window | None


def previewed_events(preview: Json) -> int | None:
    """Return the number of events that a preview promises; None where it promises none."""
    values = (preview.get(name) for name in _COUNTS)
    return next((value for value in values if type(value) is int and value >= 0), None)


def stated_window(answer: Json) -> Window | None:
    """Return the window that a job's answer states; None where it states none."""
    parts = [answer.get(name) for name in _RANGES]
    for part in (*parts, answer):
        if isinstance(part, Mapping):
            windows = [_window(part.get(start), part.get(end)) for start, end in _ENDS]
            found = next((window for window in windows if window), None)
            if found:
                return found
    return None


def _window(start: object, end: object) -> Window | None:
    try:
        return Window.from_times(str(start), str(end))
    except ValueError:
        return None


def state_of(answer: Json) -> str:
    """Return the state that an answer tells, in lower case; ``unknown`` where it tells none."""
    state = answer.get("status", answer.get("state"))
    return state.casefold() if isinstance(state, str) and state else "unknown"


def explanation(answer: Json) -> str:
    """Return what an answer says about a failure, as sent; the empty string where it is silent."""
    error = answer.get("error")
    nested = error.get("message") if isinstance(error, dict) else error
    said = (nested, answer.get("message"), answer.get("detail"))
    return next((text for text in said if isinstance(text, str)), "")
