"""Workers: the same facts as without, under fork and spawn, and never a block less."""

import io
import os
import signal
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from evidencekit.core.block import block_result
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.core.window import Window
from evidencekit.edges.pool import Pool
from evidencekit.edges.surveying import survey_file, survey_stream
from evidencekit.errors import RejectedError, UndecidedError
from evidencekit.standin import events as standin

OWN = EventSchema.own()
WEEK = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
FOUND = list(standin.events(WEEK, per_day=400))
SHAPES = ["array", "wrapper", "lines", "csv"]


def exported(shape: str) -> bytes:
    if shape == "csv":
        return standin.to_csv(FOUND)
    return standin.to_json(FOUND, shape=shape, job_id="job_1", window=WEEK)


def question(shape: str) -> Question:
    named = (FOUND[5].get("request_id", "r"),)
    return Question(format="csv" if shape == "csv" else "json", window=WEEK, request_ids=named)


def pooled(data: bytes, shape: str, pool, jobs: int, block: int = 1 << 14):
    return survey(
        io.BytesIO(data), question(shape), schema=OWN, executor=pool, jobs=jobs, block=block
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_any_number_of_workers_finds_the_same(shape):
    data = exported(shape)
    alone = survey(io.BytesIO(data), question(shape), schema=OWN)
    for jobs in (1, 2, 3):
        with Pool(jobs, at_once=True, method="fork") as pool:
            assert pooled(data, shape, pool, jobs) == alone
    with ThreadPoolExecutor(2) as threads:  # and so does anyone else's executor
        assert pooled(data, shape, threads, 2, 1 << 12) == alone


@pytest.mark.parametrize("shape", SHAPES)
def test_leaf_digests_come_in_the_order_of_the_export_whoever_made_them(shape):
    data, alone = exported(shape), list[bytes]()
    survey(io.BytesIO(data), question(shape), schema=OWN, leaves=alone.append)
    assert len(b"".join(alone)) == 32 * len(FOUND)
    for jobs in (1, 2, 3):
        shared: list[bytes] = []
        with Pool(jobs, at_once=True, method="fork") as pool:
            given = {"executor": pool, "jobs": jobs, "block": 1 << 14}
            survey(io.BytesIO(data), question(shape), schema=OWN, leaves=shared.append, **given)
        assert b"".join(shared) == b"".join(alone)


def test_spawned_workers_find_the_same():
    data = exported("array")
    with Pool(2, at_once=True, method="spawn") as pool:
        assert pooled(data, "array", pool, 2) == survey(
            io.BytesIO(data), question("array"), schema=OWN
        )


def test_a_fault_is_the_same_with_workers_and_comes_before_what_follows_it():
    records = exported("lines").split(b"\n")
    records[900] = b'{"id":1,"id":2}'
    records[1_500] = b"nonsense"
    data = b"\n".join(records)
    told = set()
    for jobs in (1, 2, 3):
        with Pool(jobs, at_once=True) as pool, pytest.raises(RejectedError) as caught:
            pooled(data, "lines", pool if jobs > 1 else None, jobs)
        told.add((caught.value.code, str(caught.value)))
    assert told == {("json.duplicate-key", 'event 900: key "id" twice in one object')}


class Dying(io.BytesIO):
    """An export during whose reading one worker is killed."""

    def __init__(self, data: bytes, pool: Pool, after: int) -> None:
        super().__init__(data)
        self._pool, self._after = pool, after

    def read(self, size: int = -1, /) -> bytes:
        self._after -= 1
        if self._after == 0:
            os.kill(self._pool.processes[-1], signal.SIGKILL)
        return super().read(size)


@pytest.mark.parametrize("after", [6, 20, 40])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_killed_worker_is_undecided_and_never_a_missing_block(after, method):
    data = exported("array")
    with Pool(2, at_once=True, method=method) as pool:
        stream = Dying(data, pool, after)
        with pytest.raises(UndecidedError) as caught:
            survey(stream, question("array"), schema=OWN, executor=pool, jobs=2, block=1 << 14)
    assert caught.value.code == "survey.worker-lost"


def test_an_executor_that_broke_is_undecided():
    class Broken:
        def submit(self, *_):
            raise BrokenExecutor

    with pytest.raises(UndecidedError) as caught:
        pooled(exported("array"), "array", Broken(), 2)
    assert caught.value.code == "survey.worker-lost"


def test_a_standard_executor_of_processes_does_the_same_work():
    data = exported("csv")
    with ProcessPoolExecutor(2) as pool:
        pool.submit(int).result()
        assert pooled(data, "csv", pool, 2) == survey(io.BytesIO(data), question("csv"), schema=OWN)
    assert block_result.__module__ == "evidencekit.core.block"


def test_a_small_export_starts_no_process():
    with Pool(4) as pool:
        pooled(exported("array"), "array", pool, 4)
        assert pool.processes == ()


def test_workers_are_gone_when_the_pool_is_left():
    with Pool(2, at_once=True) as pool:
        pooled(exported("lines"), "lines", pool, 2)
        processes = pool.processes
        assert len(processes) == 2
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_file_is_copied_byte_for_byte_and_read_once(tmp_path):
    export, copy = tmp_path / "events.json", tmp_path / "data" / "events.json"
    export.write_bytes(exported("array"))
    seen: list[int] = []
    leaves: list[bytes] = []
    found = survey_file(
        export,
        question("array"),
        schema=OWN,
        copy=copy,
        jobs=2,
        leaves=leaves.append,
        progress=seen.append,
    )
    assert copy.read_bytes() == export.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert seen[-1] == found.size == export.stat().st_size
    assert len(b"".join(leaves)) == 32 * found.facts.events == 32 * len(FOUND)
    with pytest.raises(UndecidedError) as caught:
        survey_file(export, question("array"), schema=OWN, copy=copy)
    assert caught.value.code == "output.exists"
    with pytest.raises(UndecidedError) as caught:
        survey_file(tmp_path / "none", question("array"), schema=OWN)
    assert caught.value.code == "export.missing"


def test_a_stream_that_gives_little_at_a_time_is_read_to_its_end():
    class Slow(io.BytesIO):
        def read(self, size: int = -1, /) -> bytes:
            return super().read(min(size, 1_000))

    data = exported("csv")
    assert survey_stream(Slow(data), question("csv"), schema=OWN, jobs=2) == survey(
        io.BytesIO(data), question("csv"), schema=OWN
    )
