"""Time, waiting and chance: they come in as one value, so that tests bring their own."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What the network edge knows of time."""

    now: Callable[[], int] = time.time_ns  # nanoseconds since the epoch
    monotonic: Callable[[], float] = time.monotonic  # seconds since anything
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random  # in [0, 1); spreads retries, guards nothing
