import json

import pytest

from evidencekit.core.jobs import Job
from evidencekit.core.journal import HeldBytes, Journal
from evidencekit.core.window import Window

STATED = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
HELD = HeldBytes(etag='"abc"', total=None, size=17, sha256="0" * 64)
JOB = Job(id="job_1", created_at=5, server_date=None, offset_seconds=0.5, stated=STATED)
JOURNAL = Journal(
    api_url="https://api.example.com",
    request={"format": "json", "time_window": "7d"},
    job=JOB,
    promised=12,
    held=HELD,
)


@pytest.mark.parametrize("held", [HELD, None])
@pytest.mark.parametrize("job", [JOB, Job(id="job_1")])
@pytest.mark.parametrize("promised", [0, None])
def test_a_journal_reads_back_as_it_was_written(held, job, promised):
    journal = Journal(api_url="u", request={}, job=job, promised=promised, held=held)
    assert Journal.from_bytes(journal.to_bytes()) == journal


def test_a_cut_journal_is_no_journal():
    data = JOURNAL.to_bytes()
    for length in range(len(data) - 2):
        with pytest.raises(ValueError, match="journal"):
            Journal.from_bytes(data[:length])


def paths(value, path=()):
    yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from paths(part, (*path, name))


DOCUMENT = json.loads(JOURNAL.to_bytes())


@pytest.mark.parametrize("path", [p for p in paths(DOCUMENT) if p])
@pytest.mark.parametrize("value", [True, [], "x", -1, None, {}, "drop"])
def test_a_member_of_another_type_is_no_journal_or_a_valid_one(path, value):
    """Whatever stands in a journal, reading it gives a journal or a ``ValueError``."""
    document = json.loads(json.dumps(DOCUMENT))
    *parents, name = path
    inner = document
    for parent in parents:
        inner = inner[parent]
    if value == "drop":
        del inner[name]
    else:
        inner[name] = value
    try:
        journal = Journal.from_bytes(json.dumps(document).encode())
    except ValueError:
        return
    assert Journal.from_bytes(journal.to_bytes()) == journal
