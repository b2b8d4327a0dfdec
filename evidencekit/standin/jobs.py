"""The jobs of the stand-in: what was asked for, how far it is, and the file that it made."""

from dataclasses import dataclass, field
from typing import Any

from evidencekit.core.window import Window
from evidencekit.standin.events import events, to_csv, to_json

STATES = ("queued", "processing", "completed")


@dataclass(slots=True, kw_only=True)
class StandInJob:
    """One job; it moves on by one state each time that somebody has asked ``polls`` times."""

    id: str
    format: str
    window: Window
    polls: int
    asked: int = 0
    file: bytes = field(default=b"", repr=False)

    @property
    def state(self) -> str:
        """How far the job is, judged by how often it was asked about."""
        return STATES[min(self.asked // max(self.polls, 1), 2) if self.polls else 2]

    @property
    def name(self) -> str:
        """What the storage calls its file."""
        return f"{self.id}.{self.format}"

    def ask(self) -> str:
        """Return the state, after which time has passed for the job."""
        state = self.state
        self.asked += 1
        return state


def window_of(asked: dict[str, Any], now: int) -> Window:
    """Return the window that a request asks for, relative or absolute. Raises ``ValueError``."""
    if "time_window" in asked:
        return Window.from_relative(str(asked["time_window"]), now=now)
    return Window.from_times(str(asked.get("from")), str(asked.get("to")))


def made(job: StandInJob, *, shape: str, per_day: int) -> bytes:
    """Return the export that a job makes."""
    found = events(job.window, per_day=per_day)
    if job.format == "csv":
        return to_csv(found)
    return to_json(found, shape=shape, job_id=job.id, window=job.window)
