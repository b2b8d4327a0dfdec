"""Hand-over: who had the bundle since, and whether it is the one that the caller asked for."""

from collections.abc import Iterator
from typing import Any

from evidencekit.checks.case import Case, Expectations
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import custody_number, signer_id
from evidencekit.core.report import Check, Fault, Report
from evidencekit.core.statement import is_fingerprint
from evidencekit.core.visible import visible
from evidencekit.core.wording import things
from evidencekit.edges.stamps import judge_records
from evidencekit.errors import UndecidedError


def custody(case: Case) -> Check:
    """Is the chain of hand-overs whole, with the receipts that came back?"""
    found, claimed, records = case.found, case.found.manifest, _records(case)
    if not records:
        return Check.not_asked("custody", "no hand-over is recorded")
    if case.trust is None:
        told = f"{things(len(records), 'record')}, and no trusted key was given to check them with"
        return Check.undecided("custody", Fault(code="trust.none", message=told))
    if found.root is None:
        return Check.skipped("custody", "the root could not be read")
    from evidencekit.core.chain import judge_chain, open_chain  # noqa: PLC0415  (start-up)

    signers = case.trust.signers
    stamps = judge_records(case.trust, open_chain(records, signers), at=case.at)
    if stamps.faults:
        return Check.failed("custody", *stamps.faults)
    preparer = claimed.signer if isinstance(claimed, Manifest) else None
    return judge_chain(
        records, found.root, signers, at=case.at, prepared_by=preparer, proven=stamps.proven
    )


def handovers(case: Case) -> list[dict[str, object]]:
    """Return the hand-overs of a chain that passed, as the report and the custody form show it."""
    if case.trust is None:
        return []
    from evidencekit.core import chain  # noqa: PLC0415  (start-up)

    links = chain.open_chain(_records(case), case.trust.signers)
    proven = judge_records(case.trust, links, at=case.at).proven
    return chain.handovers(links, case.trust.signers, proven)


def recorded(report: Report) -> list[dict[str, Any]]:
    """Return the hand-overs that a report holds."""
    found = report.subject.get("custody")
    return found if isinstance(found, list) else []


def _records(case: Case) -> tuple[tuple[str, bytes], ...]:
    """Return the records of the bundle, then those that came back beside it."""
    documents = case.found.documents
    names = sorted(name for name in documents if custody_number(name))
    return (*((name, documents[name]) for name in names), *case.receipts)


def expectations(case: Case) -> Check:
    """Is it the bundle that the caller asked for?"""
    claimed = case.found.manifest
    if case.expect == Expectations():
        return Check.not_asked("expectations", "no environment, window or signer was asked for")
    if not isinstance(claimed, Manifest):
        return Check.skipped("expectations", "the manifest was not read")
    asked = tuple(_asked(case, claimed))
    faults = [
        Fault(
            code=f"expectations.{name}",
            message=f"{name} is {_shown(found)}, asked for {_shown(wanted)}",
        )
        for name, wanted, found, is_met in asked
        if not is_met
    ]
    if [fault.code for fault in faults] == ["expectations.signer"] and _is_untold(case):
        told = "signer cannot be told without a trusted key; give --key FILE"
        return Check.undecided("expectations", Fault(code="expectations.signer", message=told))
    if faults:
        return Check.failed("expectations", *faults)
    return Check.passed("expectations", f"as asked for: {', '.join(name for name, *_ in asked)}")


def _is_untold(case: Case) -> bool:
    """Tell whether the signer who was asked for may have signed: nobody had the key to look."""
    if case.trust is None:
        return True
    if not is_fingerprint(case.expect.signer):
        return False
    wanted = signer_id(str(case.expect.signer))
    files = (one for one in case.found.signatures if one.signer_id == wanted)
    return any(isinstance(one.opened, UndecidedError) for one in files)


def _asked(case: Case, claimed: Manifest) -> Iterator[tuple[str, object, object, bool]]:
    """Yield what was asked for, what there is, and whether they agree."""
    expect, window = case.expect, claimed.window.window
    if expect.environment is not None:
        environment = claimed.context.environment
        yield "environment", expect.environment, environment, expect.environment == environment
    if expect.window is not None:
        yield "window", expect.window, window, expect.window == window
    if expect.signer is not None:
        signers = sorted(signed.key.fingerprint for signed in case.signed)
        yield (
            "signer",
            expect.signer,
            ", ".join(signers) or "nobody you trust",
            expect.signer in signers,
        )


def _shown(value: object) -> str:
    return "not declared" if value is None else visible(str(value), limit=300)
