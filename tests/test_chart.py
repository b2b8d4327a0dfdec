"""core/chart.py: a drawing from numbers alone, well-formed whatever its labels are."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.chart import Chart, Mark, Series, bar, draw, nice_step

HOSTILE = "</text><script>alert(1)</script>\"'&amp;"


def a_chart(counts: dict[str, tuple[int, ...]], *marks: Mark) -> Chart:
    return Chart(
        title=HOSTILE,
        description=HOSTILE,
        series=tuple(Series(verdict=name, counts=row) for name, row in counts.items()),
        ticks=((0.0, "04-16"), (0.5, HOSTILE)),
        gaps=((0.2, 0.4),),
        marks=marks,
        start="start",
        end="end",
    )


class _Parsed(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def boxes(svg: str, verdict: str) -> list[tuple[float, float, float]]:
    """Return left edge, top and height of a verdict's columns."""
    path = re.search(rf'<path class="{verdict}" [^>]*d="([^"]*)"', svg)[1]
    found = re.findall(r"M([\d.]+) ([\d.]+)h[\d.]+v([\d.]+)h", path)
    return [tuple(map(float, box)) for box in found]


def test_labels_stay_text():
    """No label, title or description becomes an element or an attribute."""
    marks = (
        Mark(at=0.5, label=HOSTILE, kind="rollout"),
        Mark(at=0.1, label=HOSTILE, kind="named"),
    )
    parsed = _Parsed(draw(a_chart({"allow": (1, 2)}, *marks), name="wide", width=600, height=200))
    known = {"svg", "title", "desc", "defs", "pattern", "path", "text", "rect"}
    assert {tag for tag, _ in parsed.elements} <= known
    assert parsed.texts.count(HOSTILE) >= 4
    assert not parsed.open


def test_it_names_itself_to_a_screen_reader():
    svg = draw(a_chart({"allow": (1,)}), name="wide", width=600, height=200)
    root = _Parsed(svg).elements[0][1]
    assert root["role"] == "img"
    assert root["aria-labelledby"] == "wide-title wide-desc"
    assert 'id="wide-title"' in svg
    assert 'id="wide-desc"' in svg


def test_two_drawings_of_one_chart_share_no_id():
    chart = a_chart({"allow": (1,)})
    wide = draw(chart, name="wide", width=600, height=200)
    narrow = draw(chart, name="narrow", width=300, height=200)
    assert not set(re.findall(r' id="([^"]+)', wide)) & set(re.findall(r' id="([^"]+)', narrow))


def test_heights_are_in_proportion_and_stack():
    svg = draw(a_chart({"allow": (10, 20), "block": (5, 0)}), name="w", width=600, height=300)
    (first, second), (above,) = boxes(svg, "allow"), boxes(svg, "block")
    assert second[2] == pytest.approx(2 * first[2], abs=0.2)
    assert above[1] + above[2] == pytest.approx(first[1], abs=0.2)
    assert above[0] == first[0]


def test_a_single_event_among_many_can_be_seen():
    svg = draw(a_chart({"allow": (10**6,), "block": (1,)}), name="w", width=600, height=300)
    assert boxes(svg, "block")[0][2] >= 1


def test_verdicts_differ_in_lightness():
    """A black-and-white printer tells them apart: at least 12 % of luma between neighbours."""
    svg = draw(
        a_chart(dict.fromkeys(("allow", "redact", "escalate", "block", "other"), (1,))),
        name="w", width=600, height=300,
    )  # fmt: skip
    fills = re.findall(r'<path class="\w+" fill="#(\w\w)(\w\w)(\w\w)"', svg)
    lumas = [0.3 * int(r, 16) + 0.59 * int(g, 16) + 0.11 * int(b, 16) for r, g, b in fills]
    assert len(lumas) == 4
    assert all(a - b > 0.12 * 255 for a, b in pairwise(lumas))
    assert 'class="other" fill="url(#w-hatch)"' in svg


def test_no_style_no_script_no_link():
    svg = draw(a_chart({"allow": (3, 4)}), name="w", width=600, height=300)
    assert not re.search(r"<(style|script|a|image|use|foreignObject)\b| (style|on\w+|href)=", svg)


@given(st.integers(min_value=0, max_value=1 << 64), st.integers(min_value=1, max_value=8))
def test_grid_lines_are_round_and_few(most, lines):
    step = nice_step(most, lines)
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert step * lines >= most


@given(
    st.lists(st.integers(min_value=0, max_value=1 << 64), min_size=1, max_size=100),
    st.lists(st.floats(min_value=0, max_value=1), max_size=20),
)
def test_every_number_can_be_drawn(counts, places):
    marks = [Mark(at=at, label="1", kind="named") for at in places]
    chart = a_chart({"allow": tuple(counts)}, *marks)
    for width in (350, 960):
        assert not _Parsed(draw(chart, name="w", width=width, height=300)).open


@given(st.floats(allow_nan=False))
def test_a_bar_stays_in_its_box(fraction):
    width = float(re.search(r' width="([\d.]+)"', bar(fraction, "x"))[1])
    assert 0 < width <= 100
