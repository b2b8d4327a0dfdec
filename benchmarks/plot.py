"""Draw time and memory by size: two curves on logarithmic scales, as SVG."""

import math
from collections.abc import Sequence

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 320, 64, 40, 24


def growth_plot(points: Sequence[tuple[float, float, float]]) -> str:
    """Return SVG for (bytes, seconds, MiB)."""
    sizes = [size for size, _, _ in points]
    curves = (
        ("seconds", "#1b6ac9", [wall for _, wall, _ in points]),
        ("MiB, all processes", "#c2571a", [peak for _, _, peak in points]),
    )
    values = [value for _, _, curve in curves for value in curve]
    across = _scale(min(sizes), max(sizes), _LEFT, _WIDTH - 24)
    up = _scale(min(values), max(values), _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
    ]
    for value in _decades(values):
        y = up(value)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - 24}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for size in sizes:
        told = f"{size / 1e6:,.0f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"
        y = _HEIGHT - _BOTTOM + 20
        parts.append(f'<text x="{across(size):.1f}" y="{y}" text-anchor="middle">{told}</text>')
    for name, colour, curve in curves:
        line = " ".join(
            f"{across(size):.1f},{up(value):.1f}" for size, value in zip(sizes, curve, strict=True)
        )
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for size, value in zip(sizes, curve, strict=True):
            parts.append(
                f'<circle cx="{across(size):.1f}" cy="{up(value):.1f}" r="3" fill="{colour}"/>'
            )
        y = up(curve[-1]) - 8
        parts.append(
            f'<text x="{_WIDTH - 24}" y="{y:.1f}" text-anchor="end" fill="{colour}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def _scale(low: float, high: float, start: float, end: float):  # type: ignore[no-untyped-def]
    span = math.log(high / low) or 1

    def place(value: float) -> float:
        return start + (end - start) * math.log(value / low) / span

    return place


def _decades(values: Sequence[float]) -> list[float]:
    first, last = math.ceil(math.log10(min(values))), math.floor(math.log10(max(values)))
    return [10.0**power for power in range(first, last + 1)]
