"""A Dask cluster: a real scheduler and two workers on loopback find what this process finds."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidencekit.cli import run
from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.core.window import Window
from evidencekit.edges.cluster import open_cluster
from evidencekit.edges.surveying import survey_stream
from evidencekit.errors import UndecidedError
from evidencekit.standin import events as standin

distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")

OWN = EventSchema.own()
WEEK = Window.from_times("2026-04-16T00:00:00Z", "2026-04-23T00:00:00Z")
FOUND = list(standin.events(WEEK, per_day=400))
QUESTION = Question(format="json", window=WEEK)


class Running:
    """A scheduler with two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.workers = folder, []
        told = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", told
        )
        self.address = wait_for(lambda: json.loads(told.read_text())["address"])
        self.url = self.address.replace("tcp://", "dask://")
        for _ in range(2):
            self.workers.append(
                self._start("worker", self.address, "--no-nanny", "--nthreads", "1")
            )
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)

    def _start(self, what: str, *arguments: object) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard"]
        with (self._folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [*command, *map(str, arguments)], stdout=log, stderr=log, cwd=self._folder
            )

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def wait_for(answer):
    for _ in range(600):
        try:
            return answer()
        except (OSError, ValueError):
            time.sleep(0.1)
    raise TimeoutError


@pytest.fixture
def running(tmp_path):
    started = Running(tmp_path)
    yield started
    started.stop()


def exported(shape: str) -> bytes:
    if shape == "csv":
        return standin.to_csv(FOUND)
    return standin.to_json(FOUND, shape=shape, job_id="job_1", window=WEEK)


class Killing(io.BytesIO):
    """An export during whose reading workers are killed."""

    def __init__(self, data: bytes, workers: list[subprocess.Popen], after: int) -> None:
        super().__init__(data)
        self._workers, self._after = workers, after

    def read(self, size: int = -1, /) -> bytes:
        self._after -= 1
        if self._after == 0:
            for worker in self._workers:
                os.kill(worker.pid, signal.SIGKILL)
        return super().read(size)


def surveyed(stream, cluster):
    return survey(
        stream,
        QUESTION,
        schema=OWN,
        executor=cluster.executor,
        jobs=cluster.jobs,
        block=1 << 14,
    )


def test_a_cluster_finds_what_this_process_finds_and_lost_workers_lose_no_block(running):
    data = exported("array")
    alone = survey(io.BytesIO(data), QUESTION, schema=OWN)
    with open_cluster(running.url) as cluster:
        assert cluster.jobs == 2
        assert surveyed(io.BytesIO(data), cluster) == alone
        for shape in ("wrapper", "lines", "csv"):
            other = exported(shape)
            question = Question(format="csv" if shape == "csv" else "json", window=WEEK)
            assert survey_stream(io.BytesIO(other), question, schema=OWN, jobs=cluster) == survey(
                io.BytesIO(other), question, schema=OWN
            )
        # One worker is killed: the other does its blocks.
        assert surveyed(Killing(data, running.workers[:1], 20), cluster) == alone
        # Nobody is left: no result, and no waiting for ever.
        with pytest.raises(UndecidedError) as caught:
            surveyed(Killing(data, running.workers[1:], 20), cluster)
    assert caught.value.code == "survey.worker-lost"
    with pytest.raises(UndecidedError) as caught, open_cluster(running.url):
        pass
    assert caught.value.code == "cluster.no-workers"


def test_the_command_line_takes_a_cluster(running, tmp_path, capsys):
    export = tmp_path / "events.json"
    export.write_bytes(exported("array"))
    said = []
    for share in (["--cluster", running.url], ["--jobs", "1"]):
        run(["validate", str(export), *share])
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != ""


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("localhost:8786", "cluster.url"),
        ("http://localhost:8786", "cluster.url"),
        ("dask://localhost", "cluster.url"),
        ("dask://localhost:99999", "cluster.url"),
    ],
)
def test_another_address_is_refused(url, code):
    with pytest.raises(UndecidedError) as caught, open_cluster(url):
        pass
    assert caught.value.code == code
