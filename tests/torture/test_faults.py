"""Every fault that a wire, an API or a proxy is known for, in each of the four phases of a pull."""

import pytest
from torture.faults import BODIES, HEADERS, KINDS, PHASES, SLOW, STATUSES, WHOLE, WIRE


def scenarios():
    """Yield every kind in every phase; those that wait, or are one status of many, mostly slow."""
    for name in KINDS:
        for phase in PHASES:
            quick = phase == "download" or name not in SLOW.keys() | STATUSES.keys()
            marks = [] if quick else [pytest.mark.slow]
            yield pytest.param(name, phase, marks=marks, id=f"{name}-{phase}")


def test_there_are_enough_of_them():
    assert len(KINDS) >= 60
    assert len(KINDS) * len(PHASES) >= 200


@pytest.mark.parametrize(("name", "phase"), [*scenarios()])
def test_a_lasting_fault_ends_in_the_export_or_in_one_error(torture, name, phase):
    """A preview may fail, as it is no more than a promise; whatever else fails ends the pull."""
    server = torture.api(lambda at, _request, _n: KINDS[name] if at == phase else None)
    outcome = torture.pull(server.url)
    right = WHOLE.get(name, torture.body) if phase == "download" else torture.body
    torture.check(outcome, right)
    assert sum(1 for at, _ in server.seen if at == "create") <= _creations(name)


def _creations(name):
    return 2 if name in {"status-429", "busy-for-ever", "busy-until-last-year"} else 1


@pytest.mark.parametrize("name", [*WIRE, *BODIES, *HEADERS])
def test_a_passing_fault_in_the_download_leaves_no_trace(torture, name):
    """The same once: what the bad answer left in the file is not in the export."""
    server = torture.api(
        lambda at, _request, n: KINDS[name] if at == "download" and n == 0 else None
    )
    torture.check(torture.pull(server.url), WHOLE.get(name, torture.body))
