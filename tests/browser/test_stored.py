"""Both verifiers judge every bundle of tests/bundles, and find the same faults in each."""

from stored import AT, LAX_INFLATER, contradictions

from evidencekit.edges.trust import Trust
from evidencekit.verifier import verify


def test_the_script_finds_in_every_stored_bundle_what_python_finds(stored, stored_pages, node):
    assert len(stored) > 450
    found = []
    for schema, page in stored_pages.items():
        cases = [one for one in stored if one.schema == schema and one.name != LAX_INFLATER]
        reports = node("judge.mjs", page, [asked_of_node(case) for case in cases])
        for case, report in zip(cases, reports, strict=True):
            checks = {
                check["name"]: (check["outcome"], frozenset(f["code"] for f in check["faults"]))
                for check in report["checks"]
            }
            found += contradictions(case, report["verdict"], checks)
    assert found == []


def test_the_script_tells_which_signature_files_there_are_as_python_does(
    stored, stored_pages, node
):
    cases = [one for one in stored if one.name in {"co-signed", "without-sig", "without-sshsig"}]
    assert len(cases) == 3
    for case in cases:
        (report,) = node("judge.mjs", stored_pages[case.schema], [asked_of_node(case)])
        found = verify(case.path, trust=Trust.from_keys(case.keys), at=AT, jobs=1).report
        (told,) = [one.message for one in found.checks if one.name == "signature"]
        (said,) = [one["message"] for one in report["checks"] if one["name"] == "signature"]
        assert said == told
        assert report["subject"]["signatures"] == found.subject["signatures"]


def asked_of_node(case):
    return {"path": str(case.path), "keys": case.files, "fingerprint": "", "at": str(AT)}
