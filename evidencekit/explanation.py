"""Explain a verdict by the trust file: every rule with what it met in this bundle."""

from evidencekit.checks.authenticity import circumstances
from evidencekit.checks.case import Case
from evidencekit.core.explaining import Rule
from evidencekit.core.explaining import explain as ask
from evidencekit.edges.trust import Trust
from evidencekit.verifier import Verification


def explain(verified: Verification, trust: Trust, *, at: int) -> tuple[Rule, ...]:
    """Return every rule of the trust file, and how it ended for a bundle that was just verified.

    ``at`` is the time that it was judged as of. A bundle that could not be read gives none.
    """
    if verified.examination is None:
        return ()
    case = Case(found=verified.examination, trust=trust, at=at)
    return ask(trust.signers, trust.policy, case.signed, circumstances(case))
