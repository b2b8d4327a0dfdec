"""DER is read in one spelling, and what was written is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import der


@given(st.binary(max_size=70_000))
def test_content_of_any_length_comes_back(content):
    element = der.read(der.write(der.OCTETS, content), der.OCTETS)
    assert element.content == content
    assert element.raw == der.write(der.OCTETS, content)


@given(st.integers(-(2**70), 2**70))
def test_integers_come_back_and_have_one_spelling(number):
    element = der.read(der.write_integer(number), der.INTEGER)
    assert element.integer() == number
    padded = b"\xff" if number < 0 else b"\0"
    with pytest.raises(ValueError, match="one spelling"):
        der.read(der.write(der.INTEGER, padded + element.content), der.INTEGER).integer()


@given(st.lists(st.binary(max_size=200)))
def test_children_are_all_that_there_is(contents):
    whole = der.read(der.write(der.SET, *(der.write(der.OCTETS, c) for c in contents)), der.SET)
    assert [child.content for child in whole.children()] == contents


@pytest.mark.parametrize(
    "data",
    ["", "04", "0401", "048100", "04817f" + "00" * 127, "0480", "0485000000000100", "1f0100",
     "04850000000001", "0482", "04ffff", "0400ff", "0200"],
)  # fmt: skip
def test_other_spellings_and_cuts_are_refused(data):
    with pytest.raises(ValueError, match=r"."):
        der.read(bytes.fromhex(data), der.OCTETS)


@given(st.binary(max_size=99))
def test_any_bytes_are_elements_or_a_value_error(data):
    try:
        element = der.read(data, data[0] if data else 0)
        children = element.children()
    except ValueError:
        return
    assert element.raw == data == der.write(element.tag, element.content)
    assert b"".join(child.raw for child in children) == element.content
