"""Turn an event export into evidence that anyone can check with tools they already own.

The public names, each imported when it is first used, so that the command line starts quickly:

    collect, validate, verify, show, look_up, pull              the verbs
    Api, ExportRequest, Obtained, Claim, Window, Plan, Context  what they are given
    Trust, Expectations, PublicKey, load_public_key, load_signer
    Report, Check, Outcome, Fault, Verdict                      what verifying gives
    EvidenceError, RejectedError, UndecidedError                what is raised on purpose

Nothing is printed and no logging is configured; progress comes by callback; times are nanoseconds
since the epoch, as ``time.time_ns()`` gives them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidencekit.checks.case import Expectations
    from evidencekit.collector import collect
    from evidencekit.core.jobs import ExportRequest
    from evidencekit.core.manifest import Claim, Context
    from evidencekit.core.publickey import PublicKey
    from evidencekit.core.report import Check, Fault, Outcome, Report, Verdict
    from evidencekit.core.window import Window
    from evidencekit.edges.api import Api
    from evidencekit.edges.keys import load_public_key, load_signer
    from evidencekit.edges.pull import pull
    from evidencekit.edges.trust import Trust
    from evidencekit.errors import EvidenceError, RejectedError, UndecidedError
    from evidencekit.lookup import look_up
    from evidencekit.validation import Obtained, Plan, validate
    from evidencekit.verifier import show, verify

__version__ = "0.1.0"

__all__ = [
    "Api",
    "Check",
    "Claim",
    "Context",
    "EvidenceError",
    "Expectations",
    "ExportRequest",
    "Fault",
    "Obtained",
    "Outcome",
    "Plan",
    "PublicKey",
    "RejectedError",
    "Report",
    "Trust",
    "UndecidedError",
    "Verdict",
    "Window",
    "collect",
    "load_public_key",
    "load_signer",
    "look_up",
    "pull",
    "show",
    "validate",
    "verify",
]

_HOMES = {
    "checks.case": "Expectations",
    "collector": "collect",
    "core.jobs": "ExportRequest",
    "core.manifest": "Claim Context",
    "core.publickey": "PublicKey",
    "core.report": "Check Fault Outcome Report Verdict",
    "core.window": "Window",
    "edges.api": "Api",
    "edges.keys": "load_public_key load_signer",
    "edges.pull": "pull",
    "edges.trust": "Trust",
    "lookup": "look_up",
    "errors": "EvidenceError RejectedError UndecidedError",
    "validation": "Obtained Plan validate",
    "verifier": "show verify",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
