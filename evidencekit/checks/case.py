"""The case: what a bundle was found to be, and what it is judged by."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from evidencekit.core.dsse import Signed
from evidencekit.core.facts import Survey
from evidencekit.core.instant import parse_instant
from evidencekit.core.report import Check
from evidencekit.core.window import Window
from evidencekit.edges.stamps import Stamps, judge_tokens
from evidencekit.edges.trust import Trust
from evidencekit.examination import Examination


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What the caller expects of the bundle; None is not asked."""

    environment: str | None = None
    window: Window | None = None
    signer: str | None = None  # a SHA256:… fingerprint


NOTHING_EXPECTED = Expectations()


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def stamps(self) -> Stamps | None:
        """The time-stamps, judged once, by the last event of the export and not the last claimed.

        None where nobody is trusted.
        """
        if self.trust is None:
            return None
        survey = self.found.survey
        last = survey.facts.last if isinstance(survey, Survey) else None
        last_event = None if last is None else parse_instant(last)
        return judge_tokens(self.trust, self.signed, at=self.at, last_event=last_event)


Question = Callable[[Case], Check]
