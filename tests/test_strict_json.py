import json
import time
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torture.minefield import OPEN, files

from evidencekit.core import strict_json
from evidencekit.errors import RejectedError
from evidencekit.limits import MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_INTEGER, MIN_INTEGER

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"}

scalars = (
    st.none()
    | st.booleans()
    | st.integers(MIN_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)))
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=30,
)


def code(data: bytes) -> str | None:
    """Return the code with which ``data`` is refused; any other exception fails the test."""
    try:
        strict_json.loads(data)
    except RejectedError as error:
        return error.code if "\n" not in str(error) else "a message of two lines"
    return None


def test_every_file_of_the_minefield_has_its_documented_verdict():
    assert len(files()) >= 318
    for file in files():
        started = time.perf_counter()
        found = code(file.read_bytes())
        assert time.perf_counter() - started < 1
        if file.name in OPEN:
            assert found == OPEN[file.name], file.name
        elif file.name.startswith("y_"):
            assert found is None, file.name
        else:
            assert found is not None, file.name


@given(documents)
def test_what_is_written_is_read_back_unchanged(document):
    assert strict_json.loads(strict_json.dumps(document)) == document


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\\ua0d89eE+-.1 \n').map(str.encode))
def test_what_is_accepted_is_what_the_standard_library_reads_and_nothing_else_escapes(data):
    if code(data) is None:
        assert strict_json.loads(data) == json.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'[[{"x":0,"a":1,"a":1}]]',
        b'{"":1,"":1}',
        b'{"A":1,"\\u0041":2}',
        b"[" * 9 + b'{"a":1,"a":2}' + b"]" * 9,
    ],
)
def test_a_key_twice_is_refused_at_every_level_after_unescaping(data):
    assert code(data) == "json.duplicate-key"


def test_the_key_in_the_message_is_made_visible():
    with pytest.raises(RejectedError, match=r'^receipt: key "\\x1b\\u202e" twice in one object$'):
        strict_json.loads(b'{"\\u001b\\u202e":1,"\\u001b\\u202e":2}', what="receipt")


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        str(MAX_INTEGER + 1),
        str(MIN_INTEGER - 1),
        "9" * 4_301,
        "9" * 1_000_000,
    ],
)
def test_numbers_that_another_reader_would_change_are_refused_quickly(text):
    assert code(b"[" + text.encode() + b"]") == "json.number"


@pytest.mark.parametrize("number", [MIN_INTEGER, MAX_INTEGER, 9_007_199_254_740_993, 10**15])
def test_integers_of_64_bits_keep_every_digit(number):
    assert strict_json.loads(str(number).encode()) == number


def test_minus_zero_is_zero_and_an_underflow_is_zero():
    assert strict_json.loads(b"[-0, -0.0, 1e-999]") == [0, 0, 0]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 1_000, 100_000])
def test_deeper_than_the_limit_is_refused_without_recursion(opening, closing, depth):
    expected = None if depth == MAX_DEPTH else "json.depth"
    inner = "" if opening == "[" else "1"
    assert code((opening * depth + inner + closing * depth).encode()) == expected
    assert code((opening * depth).encode()) == (expected or "json.syntax")


@given(documents)
def test_brackets_in_strings_do_not_count_as_depth(document):
    text = json.dumps([document, '[{"\\' * MAX_DEPTH, document])
    assert code(text.encode()) is None


@pytest.mark.parametrize(
    "data", [b'"' + b'\\"' * 200_000, b'"' + b"\\" * 400_001, b"[" * 99 + b'"' * 400_001]
)
def test_counting_depth_takes_linear_time(data):
    started = time.perf_counter()
    assert code(data) in {"json.syntax", "json.depth"}
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "data",
    [b'"\\ud800"', b'"\\uDFFF"', b'{"\\udc00\\ud800": 1}', b'["x", {"a": ["\\ud83d\\u0041"]}]'],
)
def test_half_a_surrogate_pair_is_refused_in_keys_and_values(data):
    assert code(data) == "json.surrogate"


def test_a_whole_surrogate_pair_is_one_character():
    assert strict_json.loads(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "json.syntax"),
        (b" \n", "json.syntax"),
        (b"\xef\xbb\xbf{}", "json.bom"),
        ("{}".encode("utf-16"), "json.encoding"),
        ("{}".encode("utf-16-le"), "json.syntax"),
        (b'"\xc3', "json.encoding"),
        (b'"\xc0\xaf"', "json.encoding"),
        (b"[1,]", "json.syntax"),
        (b"{} {}", "json.trailing"),
        (b"{}\x1a", "json.trailing"),
        (b"{}\x00", "json.trailing"),
        (b"\x00{}", "json.syntax"),
        ("\u00a0{}".encode(), "json.syntax"),
        ("{}\u2028".encode(), "json.trailing"),
        (b"'a'", "json.syntax"),
        (b"{a:1}", "json.syntax"),
        (b"// c\n1", "json.syntax"),
        (b"01", "json.trailing"),
        (b'"\t"', "json.syntax"),
        (b'["a', "json.syntax"),
    ],
)
def test_every_other_second_reading_is_refused_with_its_code(data, expected):
    assert code(data) == expected


def test_too_large_a_document_is_refused_before_it_is_parsed():
    assert code(b'"' + b" " * MAX_DOCUMENT_BYTES + b'"') == "json.size"


def test_messages_say_where_and_never_what():
    with pytest.raises(RejectedError, match=r"^answer: not JSON at line 2, column 11$"):
        strict_json.loads(b'{"a": 1,\n"secret": canary}', what="answer")


@given(st.text(st.characters(codec="utf-8")))
def test_a_printed_document_hides_nothing(text):
    printed = strict_json.dumps({text: [text]}).decode()
    assert strict_json.loads(printed.encode()) == {text: [text]}
    hidden = {char for char in printed if category(char) in HIDDEN} - {" ", "\n"}
    assert not hidden
    assert not set(printed) & set("\u202e\u200b\u2028\ufeff\xa0\x7f\ufe0f\U000e0041")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"\udfff": 1}])
def test_what_json_cannot_hold_is_not_written(value):
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        strict_json.dumps(value)


def test_the_written_form_is_indented_keeps_order_and_ends_with_a_newline():
    expected = '{\n  "b": "é 😀",\n  "a": [\n    1\n  ]\n}\n'
    assert strict_json.dumps({"b": "é 😀", "a": [1]}) == expected.encode()
