"""How does a number look?

Charts as inline SVG without style attributes or scripts, so that a page that allows neither still shows them. Every
chart has a title and says its numbers in a table beside it.
"""

from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 28


@dataclass(frozen=True)
class Series:
    """A line of a chart: a name, and one value a position; None where there is none (yet)."""

    name: str
    values: list[int | None]


@dataclass(frozen=True)
class Bar:
    """A category and its count."""

    name: str
    count: int


def line_chart(title: str, positions: list[str], series: list[Series]) -> Markup:
    """Lines over named positions from zero up; the first series is drawn strong, the others light and broken."""
    top = _ceiling(max((v for s in series for v in s.values if v is not None), default=0))
    parts = [*_grid(top), *_positions(positions)]
    for place, one in reversed(list(enumerate(series))):
        points = [(_x(i, len(positions)), _y(v, top)) for i, v in enumerate(one.values) if v is not None]
        if points:
            kind = "line first" if place == 0 else "line"
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline class="{kind}" points="{path}"/>')
            x, y = points[-1]
            parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
    return _svg(title, parts)


def bar_width(count: int, bars: list[Bar]) -> float:
    """How long a bar is, from 0 to 100, against the longest of them."""
    longest = max((bar.count for bar in bars), default=0)
    return round(100 * count / longest, 2) if longest else 0.0


def _grid(top: int) -> list[str]:
    parts = []
    for value in (0, top // 2, top):
        y = _y(value, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    return parts


def _positions(names: list[str]) -> list[str]:
    step = max(1, -(-len(names) // 12))
    return [
        f'<text x="{_x(i, len(names)):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(name)}</text>'
        for i, name in enumerate(names)
        if i % step == 0
    ]


def _x(index: int, count: int) -> float:
    return LEFT + 10 + (WIDTH - LEFT - RIGHT - 20) * index / max(count - 1, 1)


def _y(value: float, top: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _ceiling(highest: int) -> int:
    """A round and even number that is not below the highest value."""
    step = int("1" + "0" * (len(str(highest)) - 1))
    top = -(-max(highest, 2) // step) * step
    return top + step if top % 2 else top


def _svg(title: str, parts: list[str]) -> Markup:
    name = escape(title)
    drawn = "".join(parts)
    return Markup(f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">{drawn}</svg>')  # noqa: S704
