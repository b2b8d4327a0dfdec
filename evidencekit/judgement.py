"""The checks: each one question about what an examination found, answered without reading anything further."""

from collections.abc import Callable
from dataclasses import dataclass

from evidencekit.comparison import digest_faults, facts_faults, manifest_faults, statement_faults
from evidencekit.core.coverage import Scope, schema_check
from evidencekit.core.coverage import coverage as completeness
from evidencekit.core.dsse import Signed
from evidencekit.core.facts import Survey
from evidencekit.core.instant import format_instant
from evidencekit.core.manifest import PATH as MANIFEST
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import SCHEMA
from evidencekit.core.report import Check, Fault, Outcome
from evidencekit.core.visible import visible
from evidencekit.core.window import Window
from evidencekit.edges.render import TEMPLATE, render_summary, render_verify_txt
from evidencekit.edges.trust import Trust, judge_signers
from evidencekit.errors import EvidenceError, RejectedError, UndecidedError
from evidencekit.examination import CHECKSUMS, TAGMANIFEST, Examination


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What the caller expects of the bundle; None is not asked."""

    environment: str | None = None
    window: Window | None = None
    signer: str | None = None  # a SHA256:… fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is judged, and by what."""

    found: Examination
    trust: Trust | None
    at: int
    expect: Expectations
    quick: bool

    @property
    def signed(self) -> tuple[Signed, ...]:
        """The envelopes that a trusted key signed."""
        return tuple(s.opened for s in self.found.signatures if isinstance(s.opened, Signed))


Question = Callable[[Case], Check]


def container(case: Case) -> Check:
    """Is it one bundle in one canonical form, with every name it must have and no other?"""
    faults = tuple(Fault.from_error(error) for error in case.found.faults)
    if faults:
        return _failed("container", faults)
    count = len(case.found.digests)
    return _passed("container", f"{case.found.form} with {count} members, each in its place")


def checksums(case: Case) -> Check:
    """Does every member have the SHA-256 that the checksums list, and is every member listed once?"""
    found = case.found
    faults = tuple(digest_faults(found))
    unreadable = [e for e in found.digests.values() if isinstance(e, UndecidedError)]
    if faults:
        return _failed("checksums", faults)
    if unreadable:
        return Check.from_error("checksums", unreadable[0])
    covered = sum(not name.startswith(("signatures/", "custody/")) for name in found.digests) - 1
    return _passed("checksums", f"{covered} files have the SHA-256 that is listed; root {found.root}")


def signature(case: Case) -> Check:
    """Does every signature file verify over this root, and its statement name these bytes?"""
    found = case.found
    if not found.signatures:
        told = "no signature in the bundle"
        return _failed("signature", (Fault(code="signature.none", message=told),))
    errors = [s.opened for s in found.signatures if isinstance(s.opened, EvidenceError)]
    faults = tuple(Fault.from_error(error) for error in errors)
    rejected = [f for f, error in zip(faults, errors, strict=True) if isinstance(error, RejectedError)]
    rejected += [fault for signed in case.signed for fault in statement_faults(found, signed)]
    if rejected:
        return _failed("signature", tuple(rejected))
    if case.trust is None:
        told = "no trusted key was given, so no signature was checked"
        return Check(name="signature", outcome=Outcome.UNDECIDED, message=told)
    if errors:
        told = str(errors[0])
        return Check(name="signature", outcome=Outcome.UNDECIDED, message=told, faults=faults)
    signers = ", ".join(sorted({signed.key.fingerprint for signed in case.signed}))
    return _passed("signature", f"{len(found.signatures)} signature files verify, by {signers}")


def trust(case: Case) -> Check:
    """Did keys that the receiver trusts sign, and may they for this environment and at this time?"""
    if case.trust is None:
        return Check(
            name="trust",
            outcome=Outcome.UNDECIDED,
            message="nothing trusted was given: whose signature it is cannot be told",
            faults=(Fault(code="trust.none", message="no key or trust file was given", hint=_TRUST_HINT),),
        )
    claimed = case.found.manifest
    environment = claimed.context.environment if isinstance(claimed, Manifest) else None
    return judge_signers(
        case.trust, case.signed, at=case.at, environment=environment, proven_time=None
    )


_TRUST_HINT = (
    "name the signer's public key with --key, or a trust file with --trust; "
    "get the key from the signer over another channel, never from the bundle"
)


def timestamp(case: Case) -> Check:
    """Is there a time that somebody other than the signer vouches for?"""
    told = f"no time-stamp in {case.found.bundle_id}: the signing time is the signer's word"
    return Check(name="timestamp", outcome=Outcome.NOT_ASKED, message=told)


def manifest(case: Case) -> Check:
    """Does the manifest follow its schema and describe exactly this bundle and what was signed?"""
    found = case.found
    if isinstance(found.manifest, EvidenceError):
        return Check.from_error("manifest", found.manifest)
    faults = tuple(manifest_faults(found, found.manifest, case.signed))
    if faults:
        return _failed("manifest", faults)
    return _passed("manifest", f"{found.manifest.bundle_id}: describes the members of this bundle")


def schema(case: Case) -> Check:
    """Does every event follow the schema the receiver judges by?"""
    survey = _surveyed(case, "schema")
    if isinstance(survey, Check):
        return survey
    return schema_check(survey)


def facts(case: Case) -> Check:
    """Are the claimed facts what a fresh survey of the export finds?"""
    survey = _surveyed(case, "facts")
    if isinstance(survey, Check):
        return survey
    faults = tuple(facts_faults(case.found.manifest, survey))
    if faults:
        return _failed("facts", faults)
    events = f"{survey.facts.events:,} events surveyed again"
    return _passed("facts", f"{events}; every claimed fact is what they give")


def coverage(case: Case) -> Check:
    """Does the export hold what the bundle says it covers? Asked of the facts found, not of those claimed."""
    survey = _surveyed(case, "coverage")
    if isinstance(survey, Check):
        return survey
    claimed = case.found.manifest
    scope = Scope(
        window=claimed.window.window,
        context=claimed.context,
        query=claimed.query,
        allowances=claimed.allowances,
    )
    checks = (schema_check(survey), *completeness(survey.facts, scope))
    faults = tuple(fault for check in checks for fault in check.faults)
    said = [(check.name, check.outcome) for check in claimed.checks]
    if said != [(check.name, check.outcome) for check in checks]:
        sides = "the checks it lists are not those that the facts give"
        faults += (Fault(code="coverage.claimed", message=f"{MANIFEST}: {sides}"),)
    if faults:
        return _failed("coverage", faults)
    asked = [check for check in checks if check.outcome is Outcome.PASS]
    return _passed("coverage", f"{len(asked)} of {len(asked)} completeness checks pass: " + _listed(asked))


def summary(case: Case) -> Check:
    """Are the pages inside the bundle what the verified facts render to?"""
    claimed = case.found.manifest
    if isinstance(claimed, EvidenceError):
        return _skipped("summary", "the manifest was not read")
    if claimed.template != TEMPLATE:
        sides = f"rendered by {claimed.template}, this version has {TEMPLATE}"
        return Check(
            name="summary",
            outcome=Outcome.NOT_ASKED,
            message=f"{sides}: the pages were not compared; use show, which renders afresh",
        )
    rendered = render_pages(claimed.to_json())
    wrong = [name for name, page in rendered.items() if case.found.documents.get(name) != page]
    if wrong:
        told = "is not what the manifest renders to"
        return _failed("summary", tuple(_fault("summary.differs", name, told) for name in wrong))
    return _passed("summary", f"{len(rendered)} pages are what the manifest renders to")


def custody(case: Case) -> Check:
    """Is the chain of hand-overs whole?"""
    records = [name for name in case.found.documents if name.startswith("custody/")]
    if not records:
        return Check(name="custody", outcome=Outcome.NOT_ASKED, message="no hand-over is recorded")
    told = f"{len(records)} custody records, which this version cannot judge"
    return Check(
        name="custody",
        outcome=Outcome.UNDECIDED,
        message=told,
        faults=(Fault(code="custody.unknown", message=told),),
    )


def expectations(case: Case) -> Check:
    """Is it the bundle that the caller asked for?"""
    expect, claimed = case.expect, case.found.manifest
    if expect == Expectations():
        told = "no environment, window or signer was asked for"
        return Check(name="expectations", outcome=Outcome.NOT_ASKED, message=told)
    if isinstance(claimed, EvidenceError):
        return _skipped("expectations", "the manifest was not read")
    signers = {signed.key.fingerprint for signed in case.signed}
    asked: list[tuple[str, object, object, bool]] = [
        ("environment", expect.environment, claimed.context.environment, False),
        ("window", expect.window, claimed.window.window, False),
        ("signer", expect.signer, ", ".join(sorted(signers)), expect.signer in signers),
    ]
    faults = tuple(
        Fault(
            code=f"expectations.{name}",
            message=f"{name} is {visible(str(found), limit=300)}, asked for {visible(str(wanted), limit=300)}",
        )
        for name, wanted, found, met in asked
        if wanted is not None and wanted != found and not met
    )
    if faults:
        return _failed("expectations", faults)
    met_ones = [name for name, wanted, _, _ in asked if wanted is not None]
    return _passed("expectations", f"as asked for: {', '.join(met_ones)}")


CHECKS: tuple[tuple[str, Question], ...] = (
    ("container", container),
    ("checksums", checksums),
    ("signature", signature),
    ("trust", trust),
    ("timestamp", timestamp),
    ("manifest", manifest),
    ("schema", schema),
    ("facts", facts),
    ("coverage", coverage),
    ("summary", summary),
    ("custody", custody),
    ("expectations", expectations),
)


def _surveyed(case: Case, name: str) -> Survey | Check:
    """Return the fresh survey, or the check that says why there is none."""
    found = case.found
    if isinstance(found.survey, Survey):
        return found.survey
    if isinstance(found.survey, EvidenceError):
        # The first question tells what is wrong with the export; the others would only repeat it.
        if name == "schema":
            return Check.from_error(name, found.survey)
        return _skipped(name, "the export could not be surveyed")
    why = "not asked with --quick" if case.quick else "the manifest was not read"
    return _skipped(name, why)


def _passed(name: str, message: str) -> Check:
    return Check(name=name, outcome=Outcome.PASS, message=message)


def _skipped(name: str, message: str) -> Check:
    return Check(name=name, outcome=Outcome.SKIPPED, message=message)


def _failed(name: str, faults: tuple[Fault, ...]) -> Check:
    more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
    return Check(
        name=name, outcome=Outcome.FAIL, message=faults[0].message + more, faults=faults[:MAX_FAULTS]
    )


def _listed(checks: list[Check]) -> str:
    return ", ".join(check.name for check in checks)
