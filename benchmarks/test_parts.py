"""The parts of a survey, one by one: pytest benchmarks, with pytest-benchmark."""

import io
import json
from hashlib import sha256

import orjson
import pytest
from generate import SCHEMA, events, write_csv

from evidencekit.core import parse
from evidencekit.core.block import Bench, Job
from evidencekit.core.events import columns
from evidencekit.core.framing import Source, read_opening
from evidencekit.core.schema import EventSchema
from evidencekit.core.tree import Tree

COUNT = 330  # about one block
JUDGED_BY = EventSchema.from_bytes(json.dumps(SCHEMA).encode())
RECORDS = [
    json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in events(COUNT)
]
PARSED = [orjson.loads(record) for record in RECORDS]
EXPORT = b"[\n" + b",\n".join(RECORDS) + b"\n]\n"


TOGETHER = 64  # events that are judged at a time


@pytest.fixture
def timed(benchmark):
    """Return a function that times one part, on so many events."""

    def time(events, part, *given, **named):
        benchmark.extra_info["events"] = events
        return benchmark(part, *given, **named)

    return time


def opened(data: bytes, form: str) -> tuple[Bench, bytes]:
    opening = read_opening(Source(io.BytesIO(data), None, None, len(data)), form)
    job = Job(
        schema=JUDGED_BY.data,
        shape=opening.shape,
        separator=opening.separator,
        header=opening.header,
    )
    return Bench(JUDGED_BY, job), opening.rest


def test_json_block(timed):
    bench, data = opened(EXPORT, "json")
    assert timed(COUNT, bench.result, data, last=False).tally.events == COUNT


def test_csv_block(timed, tmp_path):
    write_csv(COUNT, tmp_path / "e.csv")
    bench, data = opened((tmp_path / "e.csv").read_bytes(), "csv")
    assert timed(COUNT, bench.result, data, last=True).tally.events == COUNT


def test_parsing(timed):
    assert len(timed(TOGETHER, parse.parse_some, RECORDS[:TOGETHER])) == TOGETHER


def test_proof_of_strictness(timed):
    assert timed(TOGETHER, parse.are_strict, RECORDS[:TOGETHER], PARSED[:TOGETHER])


def test_schema_engine(timed):
    assert timed(TOGETHER, JUDGED_BY.all_valid, PARSED[:TOGETHER])


def test_columns(timed):
    assert len(timed(TOGETHER, columns, PARSED[:TOGETHER]).id) == TOGETHER


def test_leaves_and_tree(timed):
    def tree() -> bytes:
        found = Tree()
        found.add_many(b"".join([sha256(b"\0" + record).digest() for record in RECORDS]))
        return found.root()

    assert len(timed(COUNT, tree)) == 32
