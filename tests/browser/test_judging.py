"""Both verifiers judge the same bundles: the script of the page under node, and the Python one."""

LAX_INFLATER = "zip-longer"  # node's inflater ignores bytes behind the end; a browser's must not


def test_the_script_says_of_every_bundle_what_python_says(
    cases, expected, node, page, files_of, at, differences
):
    requests = [
        {"path": str(case.path), "keys": files_of(case), "fingerprint": case.fingerprint}
        | {"at": str(at)}
        for case in cases.values()
    ]
    reports = node("judge.mjs", page, requests)
    assert len(reports) == len(cases) > 130
    found = []
    for case, report in zip(cases.values(), reports, strict=True):
        checks = {
            check["name"]: (check["outcome"], frozenset(f["code"] for f in check["faults"]))
            for check in report["checks"]
        }
        if case.name != LAX_INFLATER:
            found += differences(case, report["verdict"], checks, expected(case.name))
    assert found == []


def test_the_catalogue_holds_every_verdict(cases, expected):
    verdicts = [expected(name)[0] for name in cases]
    assert verdicts.count("accepted") >= 15
    assert verdicts.count("rejected") >= 100
    assert verdicts.count("undecided") >= 5
