"""Who is tied to whom, and where do children live and where were they seen?

A network of children with the lines and places that few of them share, and a map of the policing areas as tiles, as
inline SVG without styles or scripts. What a drawing shows stands in a table beside it, so that nobody needs to see it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, log, pi, sin

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

from expectations.plain import Row

FEW = 6  # a line or place that more children share than this says little of any two of them
MOST = 30  # things drawn, the rarest first
ROUNDS = 300
WIDTH, HEIGHT, MARGIN = 1300, 900, 90
TILE, TILES_A_ROW, GAP = 150, 4, 4
CHARACTER = 7  # how wide one is, about, in the drawing's own units

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Tie:
    """A line or a place, and the children who share it, in order; `weight` is higher the fewer they are."""

    name: str
    kind: str
    children: tuple[str, ...]

    @property
    def weight(self) -> float:
        """1 / ln(children who share it): Adamic and Adar 2003, Friends and neighbors on the Web."""
        return 1 / log(len(self.children))


@dataclass(frozen=True)
class Area:
    """A policing area: how many children on the tracker live there, and how many were seen there."""

    name: str
    home: int
    seen: int


def ties(children: Iterable[Row], seen_at: Mapping[str, set[str]], line_names: Mapping[str, str]) -> list[Tie]:
    """What two or more of these children share and not many do, the rarest first; by person_id."""
    sharing: dict[tuple[str, str], set[str]] = defaultdict(set)
    for child in children:
        for line in child["line_refs"] or ():
            sharing["line", line_names.get(line, line)].add(child["person_id"])
        for place in seen_at.get(child["person_id"], ()):
            sharing["place", place].add(child["person_id"])
    found = [Tie(name, kind, tuple(sorted(whose))) for (kind, name), whose in sharing.items() if 2 <= len(whose) <= FEW]
    return sorted(found, key=lambda tie: (len(tie.children), tie.kind, tie.name))[:MOST]


def network_of(found: Sequence[Tie], names: Mapping[str, str]) -> Markup:
    """The ties as a network: children as dots, lines and places as squares, thicker where fewer share them."""
    children = sorted({one for tie in found for one in tie.children})
    at = _laid_out(children, found)
    parts = []
    for number, tie in enumerate(found):
        x, y = at[len(children) + number]
        for one in tie.children:
            cx, cy = at[children.index(one)]
            strong = "tie strong" if len(tie.children) == 2 else "tie"
            parts.append(
                f'<line class="{strong}" x1="{x:.0f}" y1="{y:.0f}" x2="{cx:.0f}" y2="{cy:.0f}" '
                f'stroke-width="{2 * tie.weight:.1f}"/>'
            )
    for x, y in at[len(children) :]:
        parts.append(f'<rect class="thing" x="{x - 5:.0f}" y="{y - 5:.0f}" width="10" height="10"/>')
    for x, y in at[: len(children)]:
        parts.append(f'<circle class="child" cx="{x:.0f}" cy="{y:.0f}" r="7"/>')
    words = [*(names.get(one, one) for one in children), *(tie.name for tie in found)]
    for number, (x, y) in enumerate(_beside(at, words)):
        of = "of-child" if number < len(children) else "of-thing"
        parts.append(f'<text class="{of}" x="{x:.0f}" y="{y:.0f}">{escape(words[number])}</text>')
    title = f"{len(children)} children and the {len(found)} lines and places that few of them share"
    return _svg(title, WIDTH, HEIGHT, parts)


def areas(names: Iterable[str], places: Iterable[Row], on: set[str]) -> list[Area]:
    """Each policing area with the children on the tracker who live there and who were seen there."""
    each = {(row["kind"], row["value"], row["person_id"]) for row in places if row["person_id"] in on}
    counted = Counter((kind, value) for kind, value, _ in each)
    return [Area(name, counted["HOME_AREA", name], counted["SEEN_AREA", name]) for name in names]


def tile_map(found: Sequence[Area]) -> Markup:
    """Areas as tiles in the site's own order, darker where more children live, with both numbers written."""
    most = max((area.home for area in found), default=0)
    parts = []
    for number, area in enumerate(found):
        x, y = (number % TILES_A_ROW) * (TILE + GAP), (number // TILES_A_ROW) * (TILE + GAP)
        level = _level(area.home, most)
        on = "on-dark" if level == 3 else "on-light"
        parts.append(f'<rect class="tile level-{level}" x="{x}" y="{y}" width="{TILE}" height="{TILE}"/>')
        for down, words in ((50, area.name), (85, f"{area.home} live here"), (110, f"{area.seen} seen here")):
            middle = f'x="{x + TILE // 2}" y="{y + down}" text-anchor="middle"'
            parts.append(f'<text class="{on}" {middle}>{escape(words)}</text>')
    rows = -(-len(found) // TILES_A_ROW)
    title = "Policing areas: children on the tracker who live there and who were seen there"
    return _svg(title, TILES_A_ROW * (TILE + GAP), rows * (TILE + GAP), parts)


def _level(count: int, most: int) -> int:
    return -(-3 * count // most) if count else 0


def _laid_out(children: Sequence[str], found: Sequence[Tie]) -> npt.NDArray[np.float64]:
    """Places of children, then of things: drawn together by what they share, pushed apart elsewhere (Fruchterman and
    Reingold 1991, Graph drawing by force-directed placement), from a circle, so that the same ties look the same."""
    count = len(children) + len(found)
    if not count:
        return np.zeros((0, 2))
    at = np.array([[cos(2 * pi * i / count), sin(2 * pi * i / count)] for i in range(count)])
    joined = np.zeros((count, count))
    for number, tie in enumerate(found, len(children)):
        for one in tie.children:
            joined[number, children.index(one)] = joined[children.index(one), number] = 1
    wide = 2 / np.sqrt(count)
    for step in range(ROUNDS):
        apart = at[:, None, :] - at[None, :, :]
        far = np.sqrt((apart**2).sum(axis=2)) + 1e-6
        push = wide**2 / far - joined * far**2 / wide - 0.02 * far
        moved = (apart / far[:, :, None] * push[:, :, None]).sum(axis=1)
        length = np.sqrt((moved**2).sum(axis=1, keepdims=True)) + 1e-9
        at = at + moved / length * np.minimum(length, 0.1 * (1 - step / ROUNDS))
    low, high = at.min(axis=0), at.max(axis=0)
    placed: npt.NDArray[np.float64] = MARGIN + (at - low) / np.maximum(high - low, 1e-9) * (
        WIDTH - 2 * MARGIN,
        HEIGHT - 2 * MARGIN,
    )
    return placed


def _beside(at: npt.NDArray[np.float64], words: Sequence[str]) -> list[tuple[float, float]]:
    """Where each word begins: where it covers least of what is drawn already, and stays inside the drawing."""
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in at]
    found = []
    for (x, y), word in zip(at, words, strict=True):
        long = len(word) * CHARACTER
        tried = [(x - long / 2, y + 19), (x - long / 2, y - 10), (x + 11, y + 4), (x - 11 - long, y + 4)]
        inside = [(min(max(left, 0), WIDTH - long), base) for left, base in tried]
        left, base = min(inside, key=lambda one: sum(_covered((one[0], one[1] - 10, one[0] + long, one[1] + 3), taken)))
        taken.append((left, base - 10, left + long, base + 3))
        found.append((left, base))
    return found


def _covered(box: Box, taken: Iterable[Box]) -> Iterator[float]:
    for other in taken:
        wide, high = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
        yield wide * high if wide > 0 and high > 0 else 0.0


def _svg(title: str, width: int, height: int, parts: Iterable[str]) -> Markup:
    name, drawn = escape(title), "".join(parts)
    box = f'class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{name}"'
    return Markup(f"<svg {box}><title>{name}</title>{drawn}</svg>")  # noqa: S704
