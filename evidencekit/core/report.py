"""What verifying gives: checks with outcomes, and the verdict they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from evidencekit.errors import EvidenceError, RejectedError, UndecidedError
from evidencekit.limits import MAX_FAULTS


class Outcome(StrEnum):
    """How one check ended."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"
    SKIPPED = "skipped"  # an earlier fault made the question meaningless
    NOT_ASKED = "not asked"  # nothing in the bundle or the request asked for it


class Verdict(StrEnum):
    """What all checks add up to."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


EXIT_CODES = {Verdict.ACCEPTED: 0, Verdict.REJECTED: 1, Verdict.UNDECIDED: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, with a stable code and a sentence that names both sides."""

    code: str
    message: str
    hint: str | None = None

    @classmethod
    def from_error(cls, error: EvidenceError) -> "Fault":
        """Return the fault that an error describes."""
        return cls(code=error.code, message=str(error), hint=error.hint)

    def to_json(self) -> dict[str, object]:
        """Return the fault as JSON data."""
        hint = {} if self.hint is None else {"hint": self.hint}
        return {"code": self.code, "message": self.message, **hint}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question, how it ended, a sentence with figures, and every fault found."""

    name: str
    outcome: Outcome
    message: str
    faults: tuple[Fault, ...] = ()

    @classmethod
    def from_error(cls, name: str, error: EvidenceError) -> "Check":
        """Return the failed or undecided check that an error describes."""
        outcome = Outcome.FAIL if isinstance(error, RejectedError) else Outcome.UNDECIDED
        return cls(
            name=name, outcome=outcome, message=str(error), faults=(Fault.from_error(error),)
        )

    @classmethod
    def passed(cls, name: str, message: str) -> "Check":
        """Return a check that found nothing wrong."""
        return cls(name=name, outcome=Outcome.PASS, message=message)

    @classmethod
    def failed(cls, name: str, *faults: Fault) -> "Check":
        """Return a check that found these faults, at least one: the first gives the sentence."""
        more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
        message = faults[0].message + more
        return cls(name=name, outcome=Outcome.FAIL, message=message, faults=faults[:MAX_FAULTS])

    @classmethod
    def undecided(cls, name: str, *faults: Fault) -> "Check":
        """Return a check that could not tell, for these reasons."""
        return replace(cls.failed(name, *faults), outcome=Outcome.UNDECIDED)

    @classmethod
    def skipped(cls, name: str, message: str) -> "Check":
        """Return a check that an earlier fault made meaningless."""
        return cls(name=name, outcome=Outcome.SKIPPED, message=message)

    @classmethod
    def not_asked(cls, name: str, message: str) -> "Check":
        """Return a check that nothing in the bundle or the request asked for."""
        return cls(name=name, outcome=Outcome.NOT_ASKED, message=message)

    @property
    def reason(self) -> str:
        """The sentence of the first fault; the check's own where there is none."""
        return self.faults[0].message if self.faults else self.message

    def to_json(self) -> dict[str, object]:
        """Return the check as JSON data."""
        faults = {"faults": [fault.to_json() for fault in self.faults]} if self.faults else {}
        return {"name": self.name, "outcome": str(self.outcome), "message": self.message, **faults}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """What a verifier that is not ours says, about the question of one of our checks."""

    tool: str
    version: str
    question: str  # the name of that check
    verdict: str  # "accepts", "refuses" or "did not finish"
    said: str  # its last line
    command: str

    def to_json(self) -> dict[str, object]:
        """Return the opinion as JSON data."""
        return asdict(self)


# What follows from a member that was taken out, and what says which one that was.
_FOLLOWING = {"container.unlisted", "container.missing"}
_TELLING = {"checksums.missing", "signature.none"}


def _leading(reasons: Sequence[Check]) -> str:
    """Return the first reason; not an empty folder where another says what was in it."""
    first = reasons[0].faults[0].code if reasons[0].faults else None
    faults = (fault for check in reasons for fault in check.faults)
    telling = [fault.message for fault in faults if fault.code in _TELLING]
    return telling[0] if first in _FOLLOWING and telling else reasons[0].reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything one verification found; ``subject`` holds only what verified bytes say."""

    checks: tuple[Check, ...]
    judged_at: str
    tool_version: str
    quick: bool = False
    subject: Mapping[str, object] = field(default_factory=dict)
    basis: Mapping[str, str | None] = field(default_factory=dict)  # digests of what was judged by
    second_opinions: tuple[SecondOpinion, ...] = ()  # only where they were asked for

    @property
    def verdict(self) -> Verdict:
        """Rejected if a check failed, else undecided if one could not tell or none was made."""
        outcomes = {check.outcome for check in self.checks}
        if Outcome.FAIL in outcomes:
            return Verdict.REJECTED
        if Outcome.UNDECIDED in outcomes or Outcome.PASS not in outcomes:
            return Verdict.UNDECIDED
        return Verdict.ACCEPTED

    @property
    def exit_code(self) -> int:
        """0 accepted, 1 rejected, 3 undecided."""
        return EXIT_CODES[self.verdict]

    def refusal(self, code: str, message: str, *, hint: str | None = None) -> EvidenceError:
        """Return the error of what only an accepted bundle allows: "no", or "could not tell"."""
        kind = RejectedError if self.verdict is Verdict.REJECTED else UndecidedError
        return kind(code, message, hint=hint)

    @property
    def verdict_line(self) -> str:
        """The verdict with its first reason, or with what was not looked at."""
        wanted = {Verdict.REJECTED: Outcome.FAIL, Verdict.UNDECIDED: Outcome.UNDECIDED}
        if self.verdict is Verdict.ACCEPTED:
            quick = " (quick: hashes and signatures; no event was examined)"
            return f"accepted{quick if self.quick else ''}"
        reasons = [check for check in self.checks if check.outcome is wanted[self.verdict]]
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        reason = _leading(reasons) if reasons else "nothing was checked"
        return f"{self.verdict}: {reason}{more}"

    @property
    def proves(self) -> str:
        """What this verdict says, in one sentence."""
        if self.verdict is not Verdict.ACCEPTED:
            return "proves: nothing, unless every check passes"
        stamped, facts = self.subject.get("timestamps"), "no event was examined"
        time = "at the time the authority stamped" if stamped else "at a time its owner states"
        if not self.quick:
            facts = "every claimed fact was recomputed from those bytes"
        return f"proves: these bytes are what the named key signed, {time}; {facts}"

    @property
    def does_not_prove(self) -> str:
        """What no verdict of ours says."""
        return (
            "does not prove: that the gateway recorded everything, "
            "or that the preparer told the gateway's export apart from a forgery"
        )

    def to_json(self, bundle: str) -> dict[str, object]:
        """Return the document that ``schemas/report.v1.schema.json`` describes."""
        told = [opinion.to_json() for opinion in self.second_opinions]
        return {
            "format": "evidencekit-report/1",
            "verdict": str(self.verdict),
            "exit_code": self.exit_code,
            "depth": "quick" if self.quick else "full",
            "bundle": bundle,
            "judged_at": self.judged_at,
            "tool": {"name": "evidencekit", "version": self.tool_version},
            "subject": dict(self.subject),
            "basis": dict(self.basis),
            "checks": [check.to_json() for check in self.checks],
            **({"second_opinions": told} if told else {}),
            "proves": self.proves,
            "does_not_prove": self.does_not_prove,
        }

    def _repr_html_(self) -> str:
        """Show the report in a notebook."""
        rows = [(str(check.outcome), check.name, check.message) for check in self.checks]
        title = f"verdict: {self.verdict_line}"
        from evidencekit.core import notebook  # noqa: PLC0415  (start-up)

        return notebook.table(title, rows, (self.proves, self.does_not_prove))
