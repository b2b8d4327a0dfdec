"""Both verifiers judge every bundle of tests/bundles, and find the same faults in each."""

from stored import AT, LAX_INFLATER, contradictions


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


def asked_of_node(case):
    return {"path": str(case.path), "keys": case.files, "fingerprint": "", "at": str(AT)}
