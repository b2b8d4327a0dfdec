"""CSV: one dialect, exact records, and events that say what the same events in JSON say."""

import csv
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.cells import Cells, header_names
from evidencekit.core.schema import EventSchema
from evidencekit.core.split_csv import cells, cut, records
from evidencekit.core.split_csv import rows as rows_together
from evidencekit.core.survey import Question, Survey, survey
from evidencekit.errors import RejectedError

SPECTRUM = Path(__file__).parents[2].parent / "shared/corpora/csv-spectrum"
OWN = EventSchema.own()
HEADER = "id,timestamp,verdict,message\r\n"
ROW = "e1,2026-04-20T00:00:00Z,allow,{}\r\n"


def of(data: bytes | str, leaves: list[bytes] | None = None) -> Survey:
    encoded = data.encode() if isinstance(data, str) else data
    sink = None if leaves is None else leaves.append
    return survey(io.BytesIO(encoded), Question(format="csv"), schema=OWN, leaves=sink)


def refused(data: bytes | str) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        of(data)
    return caught.value


def test_a_leaf_is_the_record_without_its_line_ending_and_the_header_is_none():
    rows = ['e1,2026-04-20T00:00:00Z,allow,"two\r\nlines"', 'e2,2026-04-20T00:00:00Z,allow,"""é"""']
    for ending in ("\r\n", "\n"):
        for mark in (b"", b"\xef\xbb\xbf"):
            leaves: list[bytes] = []
            text = HEADER.replace("\r\n", ending) + ending.join(rows) + ending
            found = of(mark + text.encode(), leaves)
            assert b"".join(leaves) == b"".join(
                sha256(b"\0" + row.encode()).digest() for row in rows
            )
            assert found.header == ("id", "timestamp", "verdict", "message")
            assert found.invalid_events == 0


def test_aliases_reordered_and_unknown_columns_and_nested_cells_are_read_from_the_header():
    found = of(
        "unknown,metadata,decision,event_id,created_at,gateway,cost_usd\r\n"
        'x,"{""environment"": ""production""}",blocked,e9,2026-04-20T00:00:00Z,gw,0.5\r\n'
    )
    assert found.invalid_events == 0
    assert found.facts.verdicts == {"block": 1}
    assert found.facts.environments == {"production": 1}
    assert found.facts.gateways == {"gw": 1}
    assert found.facts.first == "2026-04-20T00:00:00Z"


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        ("id,,verdict\r\n", "csv.header", "line 1: "),
        ("id,verdict,id\r\n", "csv.header", "line 1: "),
        (HEADER + "e1,2026\r\n", "csv.ragged", "line 2: "),
        (HEADER + ROW.format("a") + ROW.format("a,b"), "csv.ragged", "line 3: "),
        (HEADER + ROW.format('"a\r\nb"') + "\r\n", "csv.ragged", "line 4: "),
        (HEADER + ROW.format("a\rb"), "csv.quoting", "line 2: "),
        (HEADER.replace("\r\n", "\r") + ROW.format("a"), "csv.quoting", "line 1: "),
        (HEADER + ROW.format("a\0b"), "csv.nul", "line 2: "),
        (HEADER + ROW.format('a"b"'), "csv.quoting", "line 2: "),
        (HEADER + ROW.format('"a"b'), "csv.quoting", "line 2: "),
        (HEADER + ROW.format('"a'), "export.truncated", "line 2: "),
        (HEADER.encode() + ROW.encode().replace(b"{}", b"\xff"), "csv.encoding", "line 2: "),
        ("\ufeff" + HEADER + ROW.format("\ufeff") + "\r\n", "csv.ragged", "line 3: "),
        ("<!doctype html>\r\n", "export.html", "export: "),
        ('[{"id":1}]', "export.not-csv", "export: "),
        ("", "export.empty-file", "export: "),
        (",".join(f"c{at}" for at in range(1_001)) + "\r\n", "csv.header", "line 1: "),
    ],
)
def test_what_breaks_the_dialect_is_refused_with_its_line(data, code, where):
    error = refused(data)
    assert error.code == code
    assert str(error).startswith(where)
    assert "\n" not in str(error)


@pytest.mark.parametrize("data", [HEADER, HEADER.strip(), "\ufeff" + HEADER])
def test_a_header_alone_is_an_export_without_events(data):
    assert of(data).facts.events == 0


def test_a_large_cell_is_taken():
    assert of(HEADER + ROW.format("x" * 200_000)).invalid_events == 0


def test_a_cell_is_what_the_schema_says_or_stays_text():
    schema = {"properties": {"n": {"type": "integer"}, "o": {"type": ["object", "null"]}, "s": {}}}
    typed = Cells(("n", "o", "s"), EventSchema.from_bytes(json.dumps(schema).encode()).coercions)
    rows = [
        b"1,{},1",
        b"x,[],{}",
        b'" 2 ","{""a"":1,""a"":2}",',
        b"99999999999999999999,1,null",
        b"true,null,",
    ]
    assert typed.events(rows) == [
        {"n": 1, "o": {}, "s": "1"},
        {"n": "x", "o": "[]", "s": "{}"},
        {"n": 2, "o": '{"a":1,"a":2}'},
        {"n": "99999999999999999999", "o": "1", "s": "null"},
        {"n": "true", "o": "null"},
    ]


def test_every_file_of_the_spectrum_has_the_rows_of_its_answer_but_one_that_quotes_inside_cells():
    if not SPECTRUM.is_dir():
        pytest.skip("no corpora beside the project")
    files = sorted((SPECTRUM / "csvs").glob("*.csv"))
    assert len(files) >= 12
    for file in files:
        answer = SPECTRUM / "json" / f"{file.stem}.json"
        found, rest = records(file.read_bytes())
        rows = [*found, rest] if rest else found
        header = header_names(rows[0])
        if file.stem == "location_coordinates":
            assert refused(file.read_bytes()).code == "csv.quoting"
        elif answer.exists():
            read = [dict(zip(header, cells(row.decode()), strict=True)) for row in rows[1:]]
            assert read == json.loads(answer.read_bytes()), file.name


rows = st.lists(
    st.lists(st.text(st.sampled_from('a,"\r\n é;'), max_size=6), min_size=2, max_size=2),
    min_size=1,
    max_size=8,
)


# With bare line feeds the csv module leaves carriage returns unquoted, unless it quotes everything.
@given(rows, st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL)]))
def test_what_the_csv_module_writes_is_read_back(table, style):
    ending, quoting = style
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=ending, quoting=quoting).writerows(table)
    data = text.getvalue().encode()
    found, rest = records(data)
    assert rest == b""
    assert [cells(record.decode()) for record in found] == table
    for end in range(len(data)):
        assert records(data[: cut(data[:end])])[1] == b""


@given(st.text(st.sampled_from('a,"\r\n'), max_size=30))
def test_no_text_is_read_otherwise_than_the_strict_csv_module_reads_it(text):
    found, rest = records(text.encode())
    lines = [*found, rest] if rest else found
    try:
        ours = [cells(line.decode()) for line in lines]
    except ValueError:
        return
    if rest.count(b'"') & 1:
        return
    theirs = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [row for row in ours if row != [""]] == [row for row in theirs if row not in ([], [""])]


@given(st.lists(st.text(alphabet='a,"\r\n\0é', max_size=12), min_size=1, max_size=4))
def test_rows_read_together_are_those_read_alone_or_there_is_no_answer(texts):
    whole = [text for text in texts if not text.count('"') & 1]  # as records are cut
    try:
        alone = [cells(text) for text in whole]
    except ValueError:
        alone = None
    found = rows_together([text.encode() for text in whole], 2)
    if found is not None:
        assert found == alone
    elif alone is not None and {len(row) for row in alone} == {2}:
        # No answer is always safe; it costs time only for what a record seldom or never holds.
        assert any(set(text) & set("\0\r\n") or '"""' in text for text in whole)


def test_rows_with_every_cell_in_quotes_or_none_are_read_together():
    assert rows_together([b'"a","","b""c"', b'"","x\r\ny",z'], 3) == [
        ["a", "", 'b"c'],
        ["", "x\r\ny", "z"],
    ]
    assert rows_together([b"a,b", b","], 2) == [["a", "b"], ["", ""]]
    assert rows_together([b'a,"\xff"'], 2) is None
