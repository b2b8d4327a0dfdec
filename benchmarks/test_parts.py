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


def opened(data: bytes, form: str) -> tuple[Bench, bytes]:
    opening = read_opening(Source(io.BytesIO(data), None, None, len(data)), form)
    job = Job(
        schema=JUDGED_BY.data,
        shape=opening.shape,
        separator=opening.separator,
        header=opening.header,
    )
    return Bench(JUDGED_BY, job), opening.rest


def test_json_block(benchmark):
    bench, data = opened(EXPORT, "json")
    assert benchmark(bench.result, data, last=False).tally.events == COUNT


def test_csv_block(benchmark, tmp_path):
    write_csv(COUNT, tmp_path / "e.csv")
    bench, data = opened((tmp_path / "e.csv").read_bytes(), "csv")
    assert benchmark(bench.result, data, last=True).tally.events == COUNT


@pytest.mark.parametrize("together", [64])
def test_parse_alone(benchmark, together):
    assert len(benchmark(parse.parse_some, RECORDS[:together])) == together


def test_proof_of_strictness(benchmark):
    assert benchmark(parse.are_strict, RECORDS[:64], PARSED[:64])


def test_schema(benchmark):
    assert benchmark(JUDGED_BY.all_valid, PARSED[:64])


def test_columns(benchmark):
    assert len(benchmark(columns, PARSED[:64]).id) == 64


def test_leaves_and_tree(benchmark):
    def tree() -> bytes:
        found = Tree()
        found.add_many(b"".join([sha256(b"\0" + record).digest() for record in RECORDS]))
        return found.root()

    assert len(benchmark(tree)) == 32
