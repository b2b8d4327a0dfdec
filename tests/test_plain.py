"""core/plain.py: nothing wider than 80 columns, and no word lost."""

from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import plain
from evidencekit.core.chart import Chart, Mark, Series
from evidencekit.core.page import Column, Field, Fields, Table

TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x3FFF, exclude_categories=["C", "Z"])
)


@given(st.lists(TEXTS), st.integers(min_value=2, max_value=80))
def test_wrapping_keeps_the_width_and_every_character(words, width):
    lines = plain.wrap(" ".join(words), width)
    assert all(plain.columns_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(words)


def test_only_words_that_are_too_long_are_broken():
    assert plain.wrap("one two three", 9) == ["one two", "three"]
    assert plain.wrap("a abcdefgh", 4) == ["a", "abcd", "efgh"]


def test_a_digest_is_not_broken():
    block = Fields(rows=(Field(label="Root", value="0" * 64, code=True),))
    assert plain.fields(block) == f"Root\n  {'0' * 64}"


@given(st.lists(st.tuples(TEXTS, TEXTS, st.integers(min_value=0)), max_size=5))
def test_tables_fit_the_page_and_keep_every_character(rows):
    cells = tuple((first, second, f"{number:,}") for first, second, number in rows)
    columns = (Column(title="First"), Column(title="Second"), Column(title="N", kind="number"))
    shown = plain.table(Table(caption="", columns=columns, rows=cells))
    assert all(plain.columns_of(line) <= plain.WIDTH for line in shown.splitlines())
    kept = sorted(shown.replace(" ", "").replace("\n", "").replace("-", ""))
    for cell in (cell for row in cells for cell in row):
        for char in cell.replace("-", "").replace(" ", ""):
            assert char in kept


def test_numbers_stand_below_each_other():
    columns = (Column(title="Model"), Column(title="Events", kind="number"))
    table = Table(caption="", columns=columns, rows=(("a", "1"), ("bc", "1,000")))
    assert plain.table(table).splitlines() == [
        "Model  Events",
        "-----  ------",
        "a           1",
        "bc      1,000",
    ]


def test_a_table_with_one_column_of_sentences_stays_a_table():
    columns = (Column(title="Check"), Column(title="Outcome", kind="outcome"))
    rows = (("window", "pass", "word " * 40), ("schema", "pass", "short"))
    shown = plain.table(Table(caption="", columns=(*columns, Column(title="Finding")), rows=rows))
    lines = shown.splitlines()
    assert lines[0] == "Check   Outcome  Finding"
    assert lines[2] == "window  pass     " + "word " * 11 + "word"
    assert lines[3] == " " * 17 + "word " * 11 + "word"
    assert lines[-1] == "schema  pass     short"


def test_a_digest_or_many_wide_columns_make_records_of_a_table():
    code = (Column(title="File"), Column(title="SHA-256", kind="code"))
    shown = plain.table(Table(caption="", columns=code, rows=(("a" * 50, "0" * 64),)))
    assert shown == f"File{' ' * 16}{'a' * 50}\nSHA-256\n  {'0' * 64}"
    texts = (Column(title="Who"), Column(title="To whom"), Column(title="Purpose"))
    shown = plain.table(Table(caption="", columns=texts, rows=(("a " * 15, "b " * 15, "c " * 60),)))
    assert shown.startswith("Who  ")
    assert "\nTo whom  " in shown


def test_the_chart_shows_the_shape_and_the_marks():
    drawing = Chart(
        title="", description="", start="a", end="b", ticks=(), gaps=(),
        series=(Series(verdict="allow", counts=(1, 8, 0, 4)),),
        marks=(Mark(at=0.3, label="1", kind="named"), Mark(at=0.6, label="v", kind="rollout")),
    )  # fmt: skip
    lines = plain.chart(drawing).splitlines()
    assert lines[0] == "8 | #"
    assert lines[7] == "  |## #"
    assert lines[8] == "0 +----"
    assert lines[9] == "    ^c"


def test_a_long_chart_is_merged_to_fit():
    series = (Series(verdict="allow", counts=tuple(range(100))),)
    drawing = Chart(
        title="", description="", start="a", end="b", ticks=(), gaps=(), series=series, marks=()
    )
    shown = plain.chart(drawing)
    assert max(map(len, shown.splitlines())) <= plain.WIDTH
    assert "One column is 2 rows" in shown


def test_a_long_word_is_broken_after_a_separator_where_one_is_near():
    assert plain.wrap("prompt_injection_detected", 20) == ["prompt_injection_", "detected"]
    assert plain.wrap("a-bcdefghijklmnop", 10) == ["a-bcdefghi", "jklmnop"]
    assert plain.wrap("aa/bbbbb/cc/dd", 7) == ["aa/", "bbbbb/", "cc/dd"]
