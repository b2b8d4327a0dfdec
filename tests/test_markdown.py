"""core/markdown.py: foreign text renders as itself, in paragraphs and in tables."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evidencekit.core import markdown

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)
KNOWN = re.compile(r"</?(p|code|table|thead|tbody|tr|th|td)>")


def shown(source: str) -> str:
    """Return the text that a reader sees; everything else than plain elements fails."""
    rendered = PARSER.render(source)
    bare = KNOWN.sub("", rendered)
    assert "<" not in bare, rendered
    return " ".join(html.unescape(bare).split())


@given(TEXTS)
def test_a_paragraph_shows_what_was_given(text):
    assert shown(f"x {markdown.literal(text)}") == f"x {' '.join(text.split())}".strip()


@given(TEXTS)
def test_a_cell_shows_what_was_given_and_is_one_cell(text):
    table = f"| a | b |\n| --- | --- |\n| {markdown.cell(text)} | end |\n"
    assert PARSER.render(table).count("<td>") == 2
    assert shown(table) == f"a b {' '.join(text.split())} end".replace("  ", " ")


@given(TEXTS.filter(lambda text: text.strip()))
def test_code_shows_what_was_given(text):
    table = f"| a | b |\n| --- | --- |\n| {markdown.cell_code(text)} | end |\n"
    assert shown(table).split() == ["a", "b", *text.split(), "end"]
    assert shown(f"x {markdown.code(text)}").split() == ["x", *text.split()]


@pytest.mark.parametrize("text", ["@user", "a@b.example", "#1", "org/repo#12", ":tada:"])
def test_what_github_revives_lies_in_code(text):
    assert markdown.literal(text) == f"`{text}`"
