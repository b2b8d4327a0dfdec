"""Integrity: whether the bundle is whole, of one form, and describes itself."""

from evidencekit.checks.case import Case
from evidencekit.comparison import bag_faults, claims_faults, digest_faults, manifest_faults
from evidencekit.core.manifest import Manifest
from evidencekit.core.names import TAGMANIFEST
from evidencekit.core.report import Check, Fault
from evidencekit.edges.render import TEMPLATE, render_pages
from evidencekit.errors import EvidenceError, UndecidedError


def container(case: Case) -> Check:
    """Is it one bundle in one canonical form, with every name it must have and no other?"""
    found = case.found
    if found.faults:
        return Check.failed("container", *map(Fault.from_error, found.faults))
    told = f"{found.form} with {len(found.digests)} members, each in its place"
    return Check.passed("container", told)


def checksums(case: Case) -> Check:
    """Does every member have the SHA-256 that is listed, and is every member listed once?"""
    found = case.found
    faults = (*digest_faults(found), *bag_faults(found))
    if faults:
        return Check.failed("checksums", *faults)
    unreadable = [error for error in found.digests.values() if isinstance(error, UndecidedError)]
    if unreadable:
        return Check.undecided("checksums", *map(Fault.from_error, unreadable))
    outside = (TAGMANIFEST, "signatures/", "custody/")
    listed = sum(not name.startswith(outside) for name in found.digests)
    told = f"{listed} files have the SHA-256 that is listed; root {found.root}"
    return Check.passed("checksums", told)


def manifest(case: Case) -> Check:
    """Does the manifest follow its schema and describe this bundle, and what was signed?"""
    claimed = case.found.manifest
    if isinstance(claimed, EvidenceError):
        return Check.from_error("manifest", claimed)
    faults = [*manifest_faults(case.found, claimed)]
    for signed in case.signed:
        faults += claims_faults(claimed, signed)
    if faults:
        return Check.failed("manifest", *faults)
    return Check.passed("manifest", f"{claimed.bundle_id}: describes the members of this bundle")


def summary(case: Case) -> Check:
    """Are the pages inside the bundle what its manifest renders to?"""
    claimed = case.found.manifest
    if not isinstance(claimed, Manifest):
        return Check.skipped("summary", "the manifest was not read")
    if claimed.template != TEMPLATE:
        sides = f"rendered by {claimed.template}, this version has {TEMPLATE}"
        told = f"{sides}: the pages were not compared; use show, which renders afresh"
        return Check.not_asked("summary", told)
    pages = render_pages(claimed.to_json())
    wrong = [name for name, page in pages.items() if case.found.documents.get(name) != page]
    told = "is not what the manifest renders to; use show, which renders afresh"
    if wrong:
        faults = [Fault(code="summary.differs", message=f"{name}: {told}") for name in wrong]
        return Check.failed("summary", *faults)
    return Check.passed("summary", f"{len(pages)} pages are what the manifest renders to")
