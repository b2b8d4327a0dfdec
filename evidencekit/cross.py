"""A second opinion: what the verifiers of other people on this machine say of a verified bundle.

Ours is the stricter one: a tool that accepts what we reject says nothing new. One that refuses what
we accept is a disagreement, which somebody has to look into: then the verdict is undecided.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from evidencekit.core.dsse import Signed
from evidencekit.core.report import Check, Fault, Outcome, SecondOpinion
from evidencekit.core.timestamp import Token
from evidencekit.core.trusted import Authority
from evidencekit.edges.container import open_bundle
from evidencekit.edges.foreign import TOOLS, Opinion, Stamped, opinions
from evidencekit.edges.trust import Trust
from evidencekit.errors import EvidenceError, RejectedError
from evidencekit.extraction import copy_members
from evidencekit.progress import Progress
from evidencekit.verifier import Verification

NAME = "cross"


def cross(
    bundle: Path | BinaryIO | bytes,
    verified: Verification,
    trust: Trust | None = None,
    *,
    progress: Progress | None = None,
) -> Verification:
    """Return a verification with the check ``cross`` and every verifier's verdict in its report.

    They get a private copy of the members that were read, and the keys of trusted signers; of
    ``trust`` the time-stamp authorities, each for the tokens that it is said to have made.
    """
    authorities = () if trust is None else trust.authorities
    try:
        found = _opinions(bundle, verified, authorities, progress)
    except EvidenceError as error:
        check = Check.from_error(NAME, error)
        return _with(verified, check, ())
    ours = {check.name: check.outcome for check in verified.report.checks}
    return _with(verified, _check(found, ours), tuple(found))


def _opinions(
    bundle: Path | BinaryIO | bytes,
    verified: Verification,
    authorities: Sequence[Authority],
    progress: Progress | None,
) -> list[Opinion]:
    examined = verified.examination
    if examined is None:
        return []
    signed = [s.opened for s in examined.signatures if isinstance(s.opened, Signed)]
    keys = [one.key for one in signed]
    stamps = [*_stamps(signed, authorities)]
    with tempfile.TemporaryDirectory(prefix="evidencekit-") as scratch:
        copy = Path(scratch, "bundle", examined.bundle_id)
        with open_bundle(bundle) as opened:
            copy_members(opened, examined.digests, copy, progress)
        found: list[Opinion] = []
        # That a companion is absent is in our report, and no two verdicts on it.
        for one in opinions(copy, keys, Path(scratch, "keys"), stamps, absent=False):
            found.append(one)
            if progress:
                progress(f"asked {one.tool}", 0, None)
        return found


def _stamps(signed: Sequence[Signed], authorities: Sequence[Authority]) -> Iterator[Stamped]:
    """Yield every token that can be read and names a pinned authority; ours judges the others."""
    for one in signed:
        for response in one.tokens:
            try:
                token = Token.from_bytes(response)
                by = [each for each in authorities if token.is_by(each.certificates[0])]
            except RejectedError:
                continue
            for authority in by:
                yield Stamped(
                    key=one.key,
                    signature=one.signature,
                    token=response,
                    certificates=authority.certificates,
                    instant=token.info.instant,
                )


def _check(found: Sequence[Opinion], ours: dict[str, Outcome]) -> Check:
    """Return what the opinions add up to, beside ours."""
    if not found:
        looked = ", ".join(sorted({tool.program for tool in TOOLS}))
        told = f"no other verifier had anything to judge; looked for {looked}"
        return Check.undecided(NAME, Fault(code="cross.none", message=told))
    faults = [
        _fault(one) for one in found if one.accepts is not True and _passed(ours, one.question)
    ]
    if faults:
        return Check.undecided(NAME, *faults)
    agree = [one for one in found if one.accepts is _passed(ours, one.question)]
    milder = [one for one in found if one not in agree]
    told = f"{len(agree)} of {len(found)} other verifiers agree: {_named(agree)}"
    stricter = f"; accepted what is rejected here: {_named(milder)}" if milder else ""
    return Check.passed(NAME, told + stricter)


def _passed(ours: dict[str, Outcome], question: str) -> bool:
    return ours.get(question) is Outcome.PASS


def _fault(one: Opinion) -> Fault:
    verdict = "refuses" if one.accepts is False else "did not finish over"
    told = f"{one.tool} {verdict} what the check {one.question} passes: {one.said or 'no word'}"
    return Fault(code="cross.disagreement", message=told, hint=f"run it yourself: {one.command}")


def _named(found: Sequence[Opinion]) -> str:
    return ", ".join(dict.fromkeys(one.tool for one in found)) or "none"


def _with(verified: Verification, check: Check, found: tuple[Opinion, ...]) -> Verification:
    """Return it with one check more; nothing is let out any longer where the verdict changed."""
    told = tuple(
        SecondOpinion(
            tool=one.tool,
            version=one.version,
            question=one.question,
            verdict={True: "accepts", False: "refuses", None: "did not finish"}[one.accepts],
            said=one.said,
            command=one.command,
        )
        for one in found
    )
    report = replace(verified.report, checks=(*verified.report.checks, check), second_opinions=told)
    manifest = verified.manifest if report.exit_code == 0 else None
    return replace(verified, report=report, manifest=manifest)
