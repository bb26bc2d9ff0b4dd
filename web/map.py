"""The map of the catalogue, drawn by the server: the land of a departement, places in bubbles."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from web.adapters.places import communes_of
from web.services.catalogue import Place
from web.services.reach import OnTheMap

WIDTH, MARGIN, FOOT = 360.0, 17.0, 24.0
KM_PER_DEGREE = 111.195
WIDEST_KM = 11.0
"""A triangle of communes whose circle is wider crosses the sea or a neighbour."""
GAP, LINE = 3.0, 13.0
LETTER = 7.6
"""Mean width of a letter of a name, in the units of the drawing."""

LOIRE = (
    *((47.385, -0.95), (47.365, -1.18), (47.345, -1.29), (47.29, -1.40), (47.235, -1.47)),
    *((47.205, -1.56), (47.195, -1.66), (47.215, -1.73), (47.205, -1.78), (47.245, -1.87)),
    *((47.285, -1.90), (47.295, -2.02), (47.285, -2.12), (47.262, -2.19), (47.225, -2.28)),
)
"""An indicative course, (latitude, longitude), for departement 44 only."""


@dataclass(frozen=True, slots=True)
class Land:
    """A departement on paper: how to place a point, its outline and its communes as paths."""

    height: float
    west: float
    north: float
    scale: float
    narrow: float
    outline: str
    dots: str
    river: str

    def at(self, place: OnTheMap) -> tuple[float, float]:
        """Where a position falls on the drawing."""
        return _point(place.lat, place.lon, self.west, self.north, self.scale, self.narrow)


@dataclass(slots=True)
class Bubble:
    """Places grouped so that no two bubbles touch."""

    x: float
    y: float
    offers: int
    seats: int
    communes: Counter[str]
    names: dict[str, str]
    metres: int
    written: str = ""
    """The name as the drawing bears it, the shorter one where room lacks, or nothing."""
    name_x: float = 0.0

    @property
    def radius(self) -> float:
        """Enough for its number, and for a finger."""
        return max(11.0, 7 + 1.45 * sqrt(self.offers))

    @property
    def main(self) -> str:
        """The commune with most offers."""
        return min(self.communes, key=lambda code: (-self.communes[code], self.names[code]))

    @property
    def name(self) -> str:
        """« Nantes et environs »."""
        alone = len(self.communes) == 1
        return self.names[self.main] + ("" if alone else " et environs")

    @property
    def area(self) -> str:
        """Its communes, as the address of the list carries them: the main one first."""
        rest = sorted(code for code in self.communes if code != self.main)
        return "-".join([self.main, *rest])


@lru_cache(maxsize=8)
def land_of(departement: str) -> Land:
    """The land of a departement, computed once."""
    communes = communes_of(departement)
    lats, lons = [c.lat for c in communes], [c.lon for c in communes]
    narrow = cos(radians((min(lats) + max(lats)) / 2))
    west, north = min(lons), max(lats)
    scale = (WIDTH - 2 * MARGIN) / ((max(lons) - west) * narrow)
    frame = (west, north, scale, narrow)
    points = [_point(c.lat, c.lon, *frame) for c in communes]
    river = [_point(lat, lon, *frame) for lat, lon in LOIRE] if departement == "44" else []
    return Land(
        height=round(max(y for _, y in points) + FOOT),
        west=west,
        north=north,
        scale=scale,
        narrow=narrow,
        outline=_outline(np.array(points), KM_PER_DEGREE / scale),
        dots="".join(f"M{x:.1f} {y:.1f}h0" for x, y in points),
        river=_path(river) if river else "",
    )


def bubbles(places: Iterable[Place], land: Land) -> list[Bubble]:
    """The places of a list in bubbles that never touch, the fullest first."""
    return settled(_by_commune(places, land))


def bubble_at(spot: OnTheMap, land: Land, name: str, count: int) -> Bubble:
    """One bubble of its own, for `settled`: a commune and a number that is not of offers."""
    x, y = land.at(spot)
    return Bubble(
        min(max(x, 20.0), WIDTH - 20),
        min(max(y, 20.0), land.height - 34),
        count,
        0,
        Counter([name]),
        {name: name},
        0,
    )


def settled(found: list[Bubble]) -> list[Bubble]:
    """These bubbles, those that would touch merged, the fullest first."""
    while (pair := _touching(found)) is not None:
        one, other = pair
        found.append(_merged(found[one], found[other]))
        for index in sorted(pair, reverse=True):
            del found[index]
    found.sort(key=lambda bubble: (-bubble.offers, bubble.name))
    _name(found)
    return found


def _point(
    lat: float, lon: float, west: float, north: float, scale: float, narrow: float
) -> tuple[float, float]:
    return MARGIN + (lon - west) * narrow * scale, MARGIN + (north - lat) * scale


def _by_commune(places: Iterable[Place], land: Land) -> list[Bubble]:
    found: dict[str, Bubble] = {}
    for place in places:
        x, y = land.at(place)
        one = Bubble(
            min(max(x, 20.0), WIDTH - 20),
            min(max(y, 20.0), land.height - 34),
            1,
            place.open_seats,
            Counter([place.insee_code]),
            {place.insee_code: place.commune},
            place.metres,
        )
        known = found.get(place.insee_code)
        found[place.insee_code] = _merged(known, one) if known else one
    return list(found.values())


def _touching(found: Sequence[Bubble]) -> tuple[int, int] | None:
    """The two bubbles that overlap most, if any do."""
    if len(found) < 2:
        return None
    x, y, r = (np.array(v) for v in zip(*((b.x, b.y, b.radius) for b in found), strict=True))
    room = np.hypot(x[:, None] - x, y[:, None] - y) - r[:, None] - r - GAP
    np.fill_diagonal(room, np.inf)
    one, other = divmod(int(room.argmin()), len(found))
    return (one, other) if room[one, other] < 0 else None


def _merged(one: Bubble, other: Bubble) -> Bubble:
    offers = one.offers + other.offers
    return Bubble(
        (one.x * one.offers + other.x * other.offers) / offers,
        (one.y * one.offers + other.y * other.offers) / offers,
        offers,
        one.seats + other.seats,
        one.communes + other.communes,
        one.names | other.names,
        min(one.metres, other.metres),
    )


def _name(found: Sequence[Bubble]) -> None:
    """Write each name inside the drawing; one that would cover another is in the table alone."""
    written: list[tuple[float, float, float, float]] = []
    for bubble in found:
        for written_name in dict.fromkeys((bubble.name, bubble.names[bubble.main])):
            half = LETTER * len(written_name) / 2
            bubble.name_x = min(max(bubble.x, half + 2), max(WIDTH - half - 2, half + 2))
            top = bubble.y + bubble.radius + 1
            box = (bubble.name_x - half, top, bubble.name_x + half, top + LINE)
            free = not any(_cross(box, other) for other in written)
            clear = not any(_covers(other, box) for other in found if other is not bubble)
            if free and clear:
                bubble.written = written_name
                written.append(box)
                break


def _cross(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covers(bubble: Bubble, box: tuple[float, float, float, float]) -> bool:
    x = min(max(bubble.x, box[0]), box[2])
    y = min(max(bubble.y, box[1]), box[3])
    return hypot(bubble.x - x, bubble.y - y) < bubble.radius


def _outline(points: NDArray[np.float64], km: float) -> str:
    """The edge of the triangles of communes that are small enough to be land."""
    edges: Counter[tuple[int, int]] = Counter()
    for triangle in Delaunay(points).simplices:
        corners = points[triangle]
        if _circle(corners) * km < WIDEST_KM:
            a, b, c = sorted(int(corner) for corner in triangle)
            edges.update([(a, b), (b, c), (a, c)])
    return "".join(
        _path([(float(points[i][0]), float(points[i][1])) for i in loop]) + "Z"
        for loop in _loops([edge for edge, times in edges.items() if times == 1])
    )


def _circle(corners: NDArray[np.float64]) -> float:
    """The radius of the circle through three points."""
    a, b, c = (float(np.hypot(*(corners[i] - corners[i - 1]))) for i in range(3))
    (x1, y1), (x2, y2) = corners[1] - corners[0], corners[2] - corners[0]
    area = abs(x1 * y2 - x2 * y1) / 2
    return a * b * c / (4 * area) if area else np.inf


def _loops(edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Edges chained end to end."""
    after: dict[int, list[int]] = {}
    for a, b in edges:
        after.setdefault(a, []).append(b)
        after.setdefault(b, []).append(a)
    loops = []
    while after:
        start = here = min(after)
        loop = []
        while True:
            loop.append(here)
            step = after[here].pop()
            after[step].remove(here)
            for point in (here, step):
                if not after.get(point, True):
                    del after[point]
            here = step
            if here == start:
                break
        loops.append(loop)
    return loops


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
