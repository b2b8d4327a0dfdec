"""Both verifiers judge every bundle of tests/bundles, and find the same faults in each."""

import pytest
from stored import AT, SMALL_SCHEMA, stored_cases

from evidencekit.edges.trust import Trust
from evidencekit.edges.verifierpage import render_verifier
from evidencekit.verifier import verify


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return stored_cases(tmp_path_factory.mktemp("stored"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the page by the schema that bundles are judged by."""
    place, found = tmp_path_factory.mktemp("pages"), {}
    for schema in (None, SMALL_SCHEMA):
        found[schema] = place / ("own.html" if schema is None else "small.html")
        found[schema].write_bytes(render_verifier(schema))
    return found


def of_python(case):
    trust = Trust.from_file(case.trust) if case.trust else None
    if case.keys:
        trust = Trust.from_keys(case.keys)
    report = verify(case.path, trust=trust, at=AT, schema=case.schema, jobs=1).report
    return str(report.verdict), {
        check.name: (str(check.outcome), frozenset(fault.code for fault in check.faults))
        for check in report.checks
    }


# Checks that the page does not ask by design; "not asked" is then what it says.
LEFT = {
    "schema": "the events are not judged by the schema",
    "summary": "the pages are not rendered again",
}
NOT_JUDGED = (
    "how many events break the schema is the bundle's word, so what follows from it differs"
)
NOT_RENDERED = "the signer himself lied in a page, which only rendering it again can tell"
# Bundles of which the page says something else, in which checks, and why; "verdict" is one of them.
SAYS_LESS = {
    **{name: ({"coverage"}, NOT_JUDGED) for name in ("edited-export", "export-id-a-number")},
    "export-no-verdict": ({"coverage"}, NOT_JUDGED),
    "facts-invalid-events": ({"schema", "facts", "coverage"}, NOT_JUDGED),
    **{
        name: ({"verdict"}, NOT_RENDERED)
        for name in (
            *("page-html-figure", "page-html-script", "page-markdown-figure"),
            *("page-of-another-manifest", "page-verify-text-command"),
            "page-verify-text-fingerprint",
        )
    },
}
LAX_INFLATER = (
    "zip-deflate-longer"  # node's ignores bytes behind the end; the page asks a browser's
)


def contradictions(case, verdict, checks):
    """Return in what the page contradicts Python, or agrees where it is said not to."""
    python_verdict, python = of_python(case)
    differing = {"verdict"} if verdict != python_verdict else set()
    differing |= {
        name
        for name, expected in python.items()
        if checks.get(name, expected) != expected
        and not (name in LEFT and checks[name][0] == "not asked")
    }
    expected, _ = SAYS_LESS.get(case.name, (set(), ""))
    if differing == expected:
        return []
    return [f"{case.name}: {sorted(differing)}: {verdict}, {checks}; {python_verdict}, {python}"]


def test_the_script_finds_in_every_stored_bundle_what_python_finds(stored, pages, node):
    assert len(stored) > 450
    found = []
    for schema, page in pages.items():
        cases = [one for one in stored if one.schema == schema and one.name != LAX_INFLATER]
        reports = node("judge.mjs", page, [asked(case) for case in cases])
        for case, report in zip(cases, reports, strict=True):
            checks = {
                check["name"]: (check["outcome"], frozenset(f["code"] for f in check["faults"]))
                for check in report["checks"]
            }
            found += contradictions(case, report["verdict"], checks)
    assert found == []


def asked(case):
    files = [*map(str, case.keys), *([str(case.trust)] if case.trust else [])]
    return {"path": str(case.path), "keys": files, "fingerprint": "", "at": str(AT)}
