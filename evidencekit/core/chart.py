"""Stacked columns over time: one chart as data, drawn as inline SVG or in plain characters.

The SVG uses presentation attributes only, so it needs no style sheet; its classes let a page
recolour it for the dark. Lightness tells the verdicts apart on a black-and-white printer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

# Verdict: fill, from light to dark; "other" is hatched.
FILLS = {"allow": "#c3cfdb", "redact": "#7fa8cc", "escalate": "#c26a12", "block": "#6b1530"}
_LEFT, _RIGHT, _ROW = 46.0, 14.0, 17.0  # margins and the height of a line of text
_CHAR = 6.3  # width of a character at font size 11, on the safe side


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment on the time axis, 0 to 1: the first event of a config version, or a named event."""

    at: float
    label: str
    kind: str  # "rollout" or "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One verdict's events, bucket by bucket."""

    verdict: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn; series are stacked in their order, from the axis up."""

    title: str
    description: str
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...]  # place on the time axis and label
    gaps: tuple[tuple[float, float], ...]  # stretches of the time axis without events
    marks: tuple[Mark, ...]
    start: str
    end: str

    @property
    def totals(self) -> tuple[int, ...]:
        """All events, bucket by bucket."""
        return tuple(map(sum, zip(*(series.counts for series in self.series), strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where the plot lies in the drawing."""

    chart: Chart
    name: str
    font: str
    width: float
    height: float
    top: float
    bottom: float
    step: int  # events between two grid lines

    @property
    def most(self) -> int:
        """The value at the upper edge."""
        return self.step * max(1, -(-max(self.chart.totals, default=0) // self.step))

    def x(self, at: float) -> float:
        return _LEFT + at * (self.width - _LEFT - _RIGHT)

    def y(self, events: int) -> float:
        return self.bottom - (self.bottom - self.top) * events / self.most


def draw(
    chart: Chart, *, name: str, width: int, height: int, font: str = "system-ui,sans-serif"
) -> str:
    """Return the chart as an ``<svg>`` element; ``name`` keeps its ids apart from other charts'."""
    legend = list(_legend(chart, width))
    marks = 2 * _ROW if chart.marks else 6.0
    bottom = height - _ROW * (2 + max((row for row, _, _ in legend), default=0)) - 8
    frame = _Frame(
        chart=chart, name=name, font=font, width=width, height=height, top=marks, bottom=bottom,
        step=nice_step(max(chart.totals, default=0)),
    )  # fmt: skip
    layers = (_head, _gaps, _grid, _columns, _marks)
    parts = [part for layer in layers for part in layer(frame)]
    return "".join([*parts, *_keys(frame, legend), "</svg>"])


def nice_step(most: int, lines: int = 4) -> int:
    """Return 1, 2 or 5 times a power of ten, so that ``lines`` steps or fewer reach ``most``."""
    step, factors = 1, (2, 5, 10)
    while step * lines < most:
        scale = 10 ** (len(str(step)) - 1)
        step = scale * next(factor for factor in factors if scale * factor > step)
    return step


def _head(frame: _Frame) -> Iterator[str]:
    name, chart = frame.name, frame.chart
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {name}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {frame.width} {frame.height}" '
        f'font-family="{frame.font}" font-size="11" fill="currentColor">'
        f'<title id="{name}-title">{escape(chart.title)}</title>'
        f'<desc id="{name}-desc">{escape(chart.description)}</desc>'
        f'<defs><pattern id="{name}-hatch" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<path d="M0 4L4 0" stroke="currentColor" stroke-width="1.2"/></pattern></defs>'
    )


def _grid(frame: _Frame) -> Iterator[str]:
    right = frame.x(1)
    for events in range(0, frame.most + 1, frame.step):
        y = frame.y(events)
        dim = ' stroke-opacity=".18"' if events else ""
        yield f'<path d="M{_LEFT:g} {y:.1f}H{right:.1f}" stroke="currentColor"{dim}/>'
        yield f'<text x="{_LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{events:,}</text>'
    for at, label in frame.chart.ticks:
        x = frame.x(at)
        half = len(label) * _CHAR / 2
        yield f'<path d="M{x:.1f} {frame.bottom:.1f}v4" stroke="currentColor"/>'
        middle = min(max(x, half), frame.width - half)
        yield _text(middle, frame.bottom + _ROW - 1, label, anchor="middle")


def _gaps(frame: _Frame) -> Iterator[str]:
    for first, last in frame.chart.gaps:
        path = f"M{frame.x(first):.1f} {frame.top:.1f}H{frame.x(last):.1f}V{frame.bottom:.1f}"
        yield f'<path class="gap" fill-opacity=".1" d="{path}H{frame.x(first):.1f}z"/>'


def _columns(frame: _Frame) -> Iterator[str]:
    """Draw each verdict as one path; an event is never too small to be seen."""
    buckets = len(frame.chart.totals)
    pitch = (frame.x(1) - frame.x(0)) / max(1, buckets)
    width = pitch - (1 if pitch > 5 else 0.3)
    tops = [frame.bottom] * buckets
    for series in frame.chart.series:
        path = []
        for at, events in enumerate(series.counts):
            if events:
                high = max(1.0, frame.bottom - frame.y(events))
                tops[at] -= high
                x = frame.x(0) + at * pitch
                path.append(f"M{x:.1f} {tops[at]:.1f}h{width:.1f}v{high:.1f}h-{width:.1f}z")
        fill = _fill(frame.name, series.verdict)
        yield f'<path class="{series.verdict}" {fill} d="{"".join(path)}"/>'


def _fill(name: str, verdict: str) -> str:
    return f'fill="{FILLS[verdict]}"' if verdict in FILLS else f'fill="url(#{name}-hatch)"'


def _marks(frame: _Frame) -> Iterator[str]:
    free = {"rollout": 0.0, "named": 0.0}  # where the last label of each row ends
    for mark in frame.chart.marks:
        x, half = frame.x(mark.at), len(mark.label) * _CHAR / 2
        rollout = mark.kind == "rollout"
        y = frame.top - _ROW - 6 if rollout else frame.top - 12
        yield _rule(frame, x, y) if rollout else _arrow(x, frame.top - 2)
        middle = min(max(x, half), frame.width - half)
        if middle - half >= free[mark.kind]:
            free[mark.kind] = middle + half + 5
            yield _text(middle, y, mark.label, anchor="middle")


def _rule(frame: _Frame, x: float, y: float) -> str:
    line = f"M{x:.1f} {y + 4:.1f}V{frame.bottom:.1f}"
    return f'<path class="rule" d="{line}" stroke="currentColor" stroke-dasharray="4 3"/>'


def _arrow(x: float, y: float) -> str:
    return f'<path class="arrow" d="M{x:.1f} {y:.1f}l-4 -7h8z"/>'


def _legend(chart: Chart, width: int) -> Iterator[tuple[int, float, str]]:
    """Yield row, place and name of each key."""
    kinds = {mark.kind for mark in chart.marks}
    names = [series.verdict for series in chart.series]
    kinds |= {"gap"} if chart.gaps else set()
    names += [_KEYS[kind] for kind in _KEYS if kind in kinds]
    row, x = 0, _LEFT
    for name in names:
        needed = 18 + len(name) * _CHAR
        if x + needed > width and x > _LEFT:
            row, x = row + 1, _LEFT
        yield row, x, name
        x += needed + 12


_KEYS = {
    "rollout": "first event of a config version",
    "named": "named request or escalation",
    "gap": "gap in traffic",
}


def _keys(frame: _Frame, legend: Sequence[tuple[int, float, str]]) -> Iterator[str]:
    for row, x, name in legend:
        y = frame.bottom + _ROW * (2 + row) + 6
        if name == _KEYS["rollout"]:
            yield (
                f'<path class="rule" d="M{x + 5:.1f} {y - 10:.1f}v12" stroke="currentColor" '
                'stroke-dasharray="4 3"/>'
            )
        elif name == _KEYS["named"]:
            yield _arrow(x + 5, y)
        elif name == _KEYS["gap"]:
            yield f'<path class="gap" fill-opacity=".1" d="M{x:.1f} {y - 9:.1f}h11v11h-11z"/>'
        else:
            box = f'<rect class="{name}" x="{x:.1f}" y="{y - 9:.1f}" width="11" height="11" '
            yield f"{box}{_fill(frame.name, name)}/>"
        yield _text(x + 16, y, name)


def _text(x: float, y: float, label: str, *, anchor: str = "start") -> str:
    placed = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f"<text {placed}>{escape(label)}</text>"


def bar(fraction: float, tone: str) -> str:
    """Return a bar for one row of a table: decoration, as the row says the number."""
    width = max(0.5, round(100 * min(1.0, max(0.0, fraction)), 1))
    fill = bar_fill(tone)
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{escape(tone)}" fill="{fill}" width="{width:g}" height="8"/></svg>'
    )


def bar_fill(tone: str) -> str:
    """Return the colour of a bar on paper."""
    return FILLS.get(tone, "#708090")
