import pytest

from evidencekit.edges.http import PassingError, Patience
from evidencekit.edges.retry import Retry
from evidencekit.errors import UndecidedError


def failing(times, error):
    """Return a step that fails so many times, and the list of its calls."""
    calls = []

    def step():
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return step, calls


@pytest.fixture
def retry(fake):
    return Retry(clock=fake.clock(), patience=Patience(tries=4))


def test_pauses_grow(retry, fake):
    step, calls = failing(3, PassingError("api.busy", "busy"))
    assert retry(step, until=fake.monotonic() + 100) == "done"
    assert len(calls) == 4
    assert fake.slept == sorted(fake.slept)
    assert len(set(fake.slept)) == 3


def test_it_gives_up_after_so_many_tries(retry, fake):
    step, calls = failing(99, PassingError("api.busy", "busy"))
    with pytest.raises(PassingError):
        retry(step, until=fake.monotonic() + 1_000)
    assert len(calls) == 4


def test_no_try_begins_past_the_deadline(retry, fake):
    step, calls = failing(99, PassingError("api.busy", "busy"))
    with pytest.raises(PassingError):
        retry(step, until=fake.monotonic() + 0.1)
    assert len(calls) == 1
    assert fake.slept == []


def test_lasting_faults_are_not_tried_again(retry, fake):
    step, calls = failing(1, UndecidedError("api.gone", "gone"))
    with pytest.raises(UndecidedError):
        retry(step, until=fake.monotonic() + 100)
    assert len(calls) == 1


def test_polls_come_less_often_and_end(retry, fake):
    count = sum(1 for _ in retry.polls(until=fake.monotonic() + 300))
    assert 30 < count < 50
    assert max(fake.slept) <= 12.5
    assert sum(fake.slept) < 310
