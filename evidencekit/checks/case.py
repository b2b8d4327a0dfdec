"""The case: what a bundle was found to be, and what it is judged by."""

from collections.abc import Callable
from dataclasses import dataclass

from evidencekit.core.dsse import Signed
from evidencekit.core.report import Check
from evidencekit.core.window import Window
from evidencekit.edges.trust import Trust
from evidencekit.examination import Examination


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What the caller expects of the bundle; None is not asked."""

    environment: str | None = None
    window: Window | None = None
    signer: str | None = None  # a SHA256:… fingerprint


NOTHING_EXPECTED = Expectations()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is judged, and by what."""

    found: Examination
    trust: Trust | None  # None: nobody is trusted
    at: int  # as of when, in nanoseconds since the epoch
    expect: Expectations = NOTHING_EXPECTED
    quick: bool = False
    receipts: tuple[tuple[str, bytes], ...] = ()  # custody records that came beside the bundle

    @property
    def signed(self) -> tuple[Signed, ...]:
        """The envelopes that a key of the trust file signed."""
        return tuple(s.opened for s in self.found.signatures if isinstance(s.opened, Signed))


Question = Callable[[Case], Check]
