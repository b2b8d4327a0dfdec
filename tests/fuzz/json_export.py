"""JSON exports: array, wrapper and lines.

Only ``json.*`` and ``export.*`` refusals. Any size of block and any executor gives the same facts
and leaf digests, or the same refusal in the same words; an export is accepted exactly if a plain
reader on Python's ``json`` accepts it, which then finds the same facts over the same exact records;
and events that are read by types are those that are read by name.
"""

import json
import random
from collections.abc import Iterator
from itertools import islice
from zlib import crc32

from forge.bench import EVENTS, as_array, as_lines, as_wrapper

from evidencekit.standin import events as standin
from fuzz import HOME
from fuzz.jsonchange import changed_json
from fuzz.oracle import Inner, put, spot
from fuzz.reference import RefusedError, attempt, json_records, json_value
from fuzz.surveys import WEEK, check_facts, check_forms, surveyed, tokens

MAX_LEN = 4_096
EXTRA = (
    b"},{",
    b"},\n{",
    b'"events":[',
    b'"\\u0065vents":',
    b"\\ud800",
    b"\\u003a",
    b"\\/",
    b"[" * 66,
)
DICTIONARY = (*tokens(), *EXTRA)
CORPUS = HOME.parents[1].parent / "shared/corpora/json-parsing-nst/test_parsing"


def one_input(data: bytes) -> None:
    """Survey one export, and read it the slow way."""
    found = surveyed(data, "json")
    records, why = attempt(lambda: json_records(data))
    if records is None:
        assert found is None, f"accepted, and the reference says: {why}"
        return
    assert found is not None, "the reference accepts it"
    events = [json_value(record) for record in records]
    check_facts(found, "json", records, events)
    if crc32(data) % 4 == 1:
        exact = [record.encode() for record in records]
        check_forms(exact, data.split(b"\n")[:20], events)


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield exports of each shape."""
    for shape, write in (("array", as_array), ("lines", as_lines), ("wrapper", as_wrapper)):
        yield shape, write(EVENTS)
        yield f"{shape}-of-one", write(EVENTS[:1])
    small = [{"id": "a", "n": 1, "verdict": "allow"}, {"id": "b", "metadata": {"environment": "e"}}]
    for name, separators in (("tight", (",", ":")), ("wide", (" ,\n ", " : "))):
        yield name, json.dumps(small, separators=separators).encode()
    yield "stand-in", json.dumps(list(islice(standin.events(WEEK, per_day=4), 3))).encode()
    yield (
        "typed",
        b'[{"id":"a","n":1,"x":1.5,"on":true,"list":[1,2.5],"timestamp":"2026-04-17T00:00:00Z",'
        b'"request_id":"r1","model":"m1","tags":["a","b"],"metadata":{"environment":"e"}},\n{"id":"b","n":2,"x":null,'
        b'"on":false,"list":[],"timestamp":"2026-04-17T00:00:00Z","request_id":"r9","model":null,"tags":[],'
        b'"metadata":{}}]',
    )
    yield "nested", b'[{"id":"a","x":1.5,"list":[1,2.0]},{"id":"b","a":[{"id":"c"},{"id":"d"}]}]'
    yield "wrapper-around", b'{"a":[{}],"events":[{"id":"a"},{"id":"b"}],"b":{"events":[]}}'
    yield "empty", b"[]"


def foreign() -> Iterator[tuple[str, bytes]]:
    """Yield the JSON minefield, bare and as a member of an event; nothing where it is not there."""
    for path in sorted(CORPUS.glob("*.json")):
        if path.stat().st_size < 500:
            yield path.name, path.read_bytes()
            yield f"event-{path.name}", b'[{"id":"a"},\n{"id":"b","x":' + path.read_bytes() + b"}]"


def mutate(data: bytes, max_size: int, rng: random.Random, inner: Inner) -> bytes:
    """Change an event as a document, or put a token or an event in, or just change bytes."""
    choice = rng.random()
    if choice < 0.3:
        return inner(data, max_size)
    if choice < 0.6:
        return put(data, rng.choice(DICTIONARY), rng)
    if choice < 0.7:
        return spot(data, rng, inner)
    try:
        records = json_records(data)
    except RefusedError:
        return spot(data, rng, inner)
    return _of_other_events(data, records, rng, inner)


def _of_other_events(data: bytes, records: list[str], rng: random.Random, inner: Inner) -> bytes:
    """Return an export of one of the shapes with one event changed, doubled or taken out."""
    records = records[:30] or ["{}"]
    at = rng.randrange(len(records))
    try:
        event = changed_json(json_value(records[at]), rng, inner)
    except RefusedError:
        event = {}
    style = rng.choice(((",", ":"), (", ", ": "), (" ,", " :")))
    text = json.dumps(event, separators=style, ensure_ascii=rng.random() < 0.7)
    if event and isinstance(event, dict) and rng.random() < 0.2:  # a key twice
        again = json.dumps(rng.choice(list(event)))
        value = rng.choice(('"\\u003a"', '"\\u003A:"', '":"', "1", "{}", "18446744073709551616"))
        text = f"{text[:-1]},{again}:{value}}}"
    records[at : at + 1] = rng.choice(([text], [records[at], text], [text] * 3, []))
    if data.lstrip()[:1] == b"{" and rng.random() < 0.8:
        return "\n".join(records).encode("utf-8", "surrogatepass")
    between = rng.choice((",", ", ", ",\n", "\n,\n", " , "))
    array = f"[{between.join(records)}]"
    if rng.random() < 0.3:
        array = f'{{"a":{rng.choice((*records, "1"))},"events":{array}}}'
    return array.encode("utf-8", "surrogatepass")
