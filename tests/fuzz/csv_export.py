"""CSV exports.

Only ``csv.*`` and ``export.*`` refusals. Any size of block and any executor gives the same facts
and leaf digests, or the same refusal in the same words; an export is accepted exactly if a machine
of three states for RFC 4180 accepts it, and then Python's ``csv`` reads the same cells record by
record, and the facts over the exact records are the same.
"""

import csv
import io
import random
from collections.abc import Iterator
from itertools import islice
from typing import Any
from zlib import crc32

from forge.bench import EVENTS, as_csv

from evidencekit.standin import events as standin
from fuzz import HOME
from fuzz.oracle import Inner, put, spot
from fuzz.reference import RefusedError, attempt, csv_records, json_value
from fuzz.surveys import WEEK, check_facts, check_table, schema, surveyed, tokens

MAX_LEN = 2_048
EXTRA = (
    b'","',
    b'"\n"',
    b'"",""',
    b"\n\n",
    b',"',
    b'",',
    b"id,n,x,on,list,metadata\n",
    b"<",
    b"[]",
)
DICTIONARY = (*tokens(), *EXTRA)
CORPUS = HOME.parents[1].parent / "shared/corpora/csv-spectrum"
MAX_COLUMNS = 1_000
KINDS = {
    "number": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def one_input(data: bytes) -> None:
    """Survey one export, and read it the slow way."""
    found = surveyed(data, "csv")
    records, why = attempt(lambda: _read(data))
    if records is None:
        assert found is None, f"accepted, and the reference says: {why}"
        return
    assert found is not None, "the reference accepts it"
    header, *rows = records
    names = header[1]
    assert found.header == tuple(names)
    for text, cells in (header, *rows):
        if text:
            assert [cells] == list(csv.reader([text], strict=True)) or "\n" in text or "\r" in text
            assert [cells] == list(csv.reader(io.StringIO(text, newline=""), strict=True))
    events = [_event(names, cells) for _, cells in rows]
    check_facts(found, "csv", [text for text, _ in rows], events)
    if crc32(data) % 4 == 1:
        check_table(names, [text.encode() for text, _ in rows], data.split(b"\n")[:20])


def _read(data: bytes) -> list[tuple[str, list[str]]]:
    """Return the records of a file that could be an export."""
    start = data[:1_024].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if not data or start in (b"<", b"[", b"{"):
        raise RefusedError("is empty, or starts as HTML or JSON do")
    records = csv_records(data) or [("", [""])]
    names = records[0][1]
    if "" in names or len(set(names)) < len(names) or len(names) > MAX_COLUMNS:
        raise RefusedError("a column without a name of its own")
    if any(len(cells) != len(names) for _, cells in records):
        raise RefusedError("ragged")
    return records


def _event(names: list[str], cells: list[str]) -> dict[str, Any]:
    return {name: _meant(name, cell) for name, cell in zip(names, cells, strict=True) if cell}


def _meant(name: str, cell: str) -> Any:
    """Return a cell, as the JSON that it is where the schema asks for a type and no text."""
    types = schema().coercions.get(name, ())
    wanted = () if "string" in types else [kind for t in types for kind in KINDS.get(t, ())]
    try:
        value = json_value(cell) if wanted else cell
    except RefusedError:
        return cell
    return value if not wanted or type(value) in wanted else cell


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield exports."""
    yield "events", as_csv(EVENTS)
    yield "stand-in", standin.to_csv(list(islice(standin.events(WEEK, per_day=4), 3)))
    yield "quoted", b'id,"n","a ""b"" c"\r\n"x,1",2,"two\nlines"\r\ny,,""\r\n'
    yield "typed", b'id,n,x,on,list,metadata\na,1,1.5,true,"[1,2]","{""environment"":""e""}"\n'
    yield "line-feeds", b"id,verdict\na,allow\nb,block"
    yield "bom", b'\xef\xbb\xbf"id"\n1\n\n2\n'
    yield "header-only", b"id\n"


def foreign() -> Iterator[tuple[str, bytes]]:
    """Yield csv-spectrum; nothing where it is not there."""
    for path in sorted(CORPUS.rglob("*.csv")):
        yield path.name, path.read_bytes()[:MAX_LEN]


def mutate(data: bytes, max_size: int, rng: random.Random, inner: Inner) -> bytes:
    """Change a cell and quote it again, or put a token in, or just change bytes."""
    choice = rng.random()
    if choice < 0.3:
        return inner(data, max_size)
    if choice < 0.6:
        return put(data, rng.choice(DICTIONARY), rng)
    try:
        records = csv_records(data)[:20]
    except RefusedError:
        return spot(data, rng, inner)
    if not records:
        return b"id\n"
    return _of_other_cells([cells for _, cells in records], rng, inner)


def _of_other_cells(rows: list[list[str]], rng: random.Random, inner: Inner) -> bytes:
    cells = rng.choice(rows)
    at = rng.randrange(len(cells))
    match rng.randrange(5):
        case 0:
            rows.insert(rng.randrange(len(rows) + 1), list(cells))
        case 1:
            for row in rows:
                row.append(rng.choice(("", "a", '"', "1", "n", "x", "on")))
        case 2:
            cells[at] = rng.choice(tokens_as_text())
        case _:
            cells[at] = inner(cells[at].encode(), len(cells[at]) + 9).decode("utf-8", "replace")
    file = io.StringIO(newline="")
    quoting = rng.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL))
    end = rng.choice(("\r\n", "\n"))
    csv.writer(file, quoting=quoting, lineterminator=end).writerows(rows)
    return file.getvalue().encode("utf-8", "surrogatepass")


def tokens_as_text() -> list[str]:
    """Return the tokens that are text."""
    return [token.decode("latin-1") for token in DICTIONARY]
