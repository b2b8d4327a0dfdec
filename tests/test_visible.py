import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.visible import hidden_to, in_one_line, visible

BLNS = Path(__file__).parents[1].parent / "shared/corpora/text-blns/blns.json"
TERMINAL = Path(__file__).parents[1].parent / "shared/corpora/text-terminal"
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"}
# Default_Ignorable_Code_Point of Unicode 16, and U+2800, whose glyph is empty
IGNORABLE = (
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164),
    *(0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0xE0000, 0xE1000),
)


def test_every_hidden_character_of_this_pythons_unicode_is_shown_as_an_escape():
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in HIDDEN and char != " ":
            assert visible(char).isascii(), hex(code)


def test_characters_without_a_glyph_are_shown_as_an_escape():
    for code in IGNORABLE:
        assert visible(chr(code)).isascii(), hex(code)


@given(st.text(st.characters()))
def test_the_result_is_one_line_that_can_be_written_and_read_back(text):
    shown = visible(text, limit=len(text))
    assert len(shown.splitlines()) <= 1
    assert shown.isprintable() or any(unicodedata.category(c) == "Cn" for c in shown)
    shown.encode()
    parts = (part.encode("latin-1", "backslashreplace") for part in shown.split("\\\\"))
    assert "\\".join(part.decode("unicode-escape") for part in parts) == text


def test_ordinary_words_of_every_script_stay_as_they_are():
    words = "Ünïcödé 顧客 Привет مرحبا नमस्ते 😀 ﬁ <b>&amp;</b> $HOME `x`"
    assert visible(words) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\r\nb", r"a\x0d\x0ab"),
        ("\x9b31m", r"\x9b31m"),
        ("exe\u202egpj", r"exe\u202egpj"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\\x1b", r"\\x1b"),
        ("a\ufe0fb", r"a\ufe0fb"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("a\xa0b", r"a\xa0b"),
    ],
)
def test_known_tricks_lose_their_effect(text, shown):
    assert visible(text) == shown


def test_long_text_is_cut_with_its_length_and_never_inside_an_escape():
    assert visible("\x1b" * 5, limit=3) == r"\x1b\x1b\x1b… (5 characters)"
    assert visible("abc", limit=3) == "abc"
    assert len(visible("\U0010ffff" * 10_000_000)) < 1_000


def test_naughty_strings_and_terminal_attacks_stay_on_one_harmless_line():
    if not BLNS.is_file():
        pytest.skip("no corpora beside the project")
    texts = json.loads(BLNS.read_text("utf-8"))
    files = (file for file in TERMINAL.rglob("*") if file.is_file())
    texts += [file.read_bytes().decode("utf-8", "replace") for file in files]
    for text in texts:
        shown = visible(text, limit=100_000)
        assert not any(unicodedata.category(char) in HIDDEN for char in shown if char != " ")


def test_another_escape_can_be_asked_for():
    assert hidden_to(lambda char: f"<{ord(char)}>", "a\x1b\\b") == "a<27>\\b"


def test_a_text_in_one_line_keeps_its_backslashes_and_its_length():
    assert in_one_line("C:\\a\tb\nc\x1b\u202e") == "C:\\a\\x09b\\x0ac\\x1b\\u202e"
    assert in_one_line("x" * 1_000) == "x" * 1_000
