"""Figures about assignments, for the pages that compare policies.

A completion is a place, never a wish: ranks are those of the wishes that families chose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.instance import Instance
from matching.result import Result

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Index = NDArray[np.integer]
TIERS = 4
BANDS = ("vœu 1", "vœux 2 et 3", "vœux 4 et suivants", "autre place acceptée", "sans place")
COMPLETION, NONE = 3, 4  # positions in BANDS


@dataclass(frozen=True)
class Figures:
    """What a group of pupils obtained. None where nobody can be averaged."""

    pupils: int
    placed: int
    bands: tuple[int, ...]  # pupils by BANDS
    mean_rank: float | None  # over pupils placed on a wish
    worst_rank: int | None
    mean_km: float | None  # over pupils placed
    median_km: float | None

    @property
    def share_placed(self) -> float:
        """Share of the group that has a place, from 0 to 1."""
        return self.placed / self.pupils if self.pupils else 0.0


@dataclass(frozen=True)
class Places:
    """What became of a group of seats."""

    seats: int
    taken: int
    first_wishes: int  # taken by pupils whose first wish it was
    priority: int  # taken by pupils of REP+ and REP schools


@dataclass(frozen=True)
class Measure:
    """Figures of one result. Tiers are in the order REP+, REP, QPV, other."""

    everyone: Figures
    tiers: tuple[Figures, ...]
    schools: Mapping[int, Figures]
    weeks: Mapping[int, Places]
    sectors: Mapping[int, Places]  # empty if the caller gave no codes
    host_kinds: Mapping[int, Places]
    places: Places
    groups: Mapping[int, Figures]  # empty if the caller gave no codes

    @property
    def placed(self) -> tuple[int, ...]:
        """Pupils placed, by tier."""
        return tuple(f.placed for f in self.tiers)

    @property
    def first_wish(self) -> tuple[int, ...]:
        """Pupils at their first wish, by tier."""
        return tuple(f.bands[0] for f in self.tiers)

    @property
    def completion(self) -> tuple[int, ...]:
        """Pupils at a place that they had not chosen, by tier."""
        return tuple(f.bands[COMPLETION] for f in self.tiers)

    @property
    def share_of_seats_used(self) -> float:
        """From 0 to 1."""
        return self.places.taken / self.places.seats if self.places.seats else 0.0

    @property
    def share_to_priority(self) -> float:
        """Share of the places given that go to REP+ and REP schools, from 0 to 1."""
        return self.places.priority / self.places.taken if self.places.taken else 0.0


@dataclass(frozen=True)
class Changes:
    """Pupils who fare differently in another result on the same instance, by tier."""

    moved: tuple[int, ...]  # another place, both times with one
    gained: tuple[int, ...]  # a place instead of none
    lost: tuple[int, ...]
    better_rank: tuple[int, ...]  # both times with a place; a completion is worse than any wish
    worse_rank: tuple[int, ...]


def measure(
    instance: Instance,
    result: Result,
    *,
    sector: Index | None = None,
    host_kind: Index | None = None,
    group: Index | None = None,
) -> Measure:
    """Return the figures of a result.

    `sector` and `host_kind` are codes [m] of each choice, `group` is a code [n] of each pupil.
    """
    view = _View(instance, result.choice)
    zero = np.zeros(instance.n, np.int64)
    return Measure(
        everyone=view.figures(zero, 1)[0],
        tiers=tuple(view.figures(instance.tier, TIERS)),
        schools=view.by_code(instance.school),
        weeks=view.places(instance.week),
        sectors={} if sector is None else view.places(np.asarray(sector)),
        host_kinds={} if host_kind is None else view.places(np.asarray(host_kind)),
        places=view.all_places,
        groups={} if group is None else view.by_code(np.asarray(group)),
    )


def changes(instance: Instance, before: Result, after: Result) -> Changes:
    """Return who fares differently in `after`, counted by tier."""
    old, new = _View(instance, before.choice), _View(instance, after.choice)
    both = old.placed & new.placed

    def count(who: Flags) -> tuple[int, ...]:
        return tuple(np.bincount(instance.tier[who], minlength=TIERS).tolist())

    return Changes(
        moved=count(both & (before.choice != after.choice)),
        gained=count(new.placed & ~old.placed),
        lost=count(old.placed & ~new.placed),
        better_rank=count(both & (new.rank < old.rank)),
        worse_rank=count(both & (new.rank > old.rank)),
    )


class _View:
    """The place, rank and distance of each pupil."""

    def __init__(self, instance: Instance, choice: Index) -> None:
        self.instance, self.choice = instance, choice
        column = instance.column_of(choice)
        self.placed = column >= 0
        rows = np.flatnonzero(self.placed)
        cell = (rows, column[rows])
        self.completed = np.zeros(instance.n, bool)
        self.completed[rows] = instance.completion[cell]
        self.rank = np.zeros(instance.n, np.int64)
        self.rank[rows] = instance.rank[cell]
        self.km = np.zeros(instance.n, np.float64)
        self.km[rows] = instance.dist[cell] / 10
        self.on_wish = self.placed & ~self.completed

    @cached_property
    def band(self) -> Ints:
        """[n] position in BANDS."""
        wish = np.searchsorted([1, 3], self.rank, side="left")
        return np.where(self.on_wish, wish, np.where(self.completed, COMPLETION, NONE))

    def figures(self, group: Index, groups: int) -> list[Figures]:
        """Figures of each group of pupils, numbered from 0."""
        pupils = np.bincount(group, minlength=groups)
        bands = np.bincount(group * len(BANDS) + self.band, minlength=groups * len(BANDS))
        wished, placed = self.on_wish, self.placed
        worst = np.zeros(groups, np.int64)
        np.maximum.at(worst, group[wished], self.rank[wished])
        mean_rank = _means(group[wished], self.rank[wished], groups)
        mean_km = _means(group[placed], self.km[placed], groups)
        median = _medians(group[placed], self.km[placed], groups)
        given = np.bincount(group[placed], minlength=groups)
        return [
            Figures(
                int(pupils[g]),
                int(given[g]),
                tuple(bands[g * len(BANDS) : (g + 1) * len(BANDS)].tolist()),
                mean_rank[g],
                int(worst[g]) or None,
                mean_km[g],
                median[g],
            )
            for g in range(groups)
        ]

    def by_code(self, code: Index) -> dict[int, Figures]:
        """Figures of pupils by a code that may be any integer."""
        codes, group = np.unique(code, return_inverse=True)
        return dict(zip(codes.tolist(), self.figures(group, len(codes)), strict=True))

    def places(self, code: Index) -> dict[int, Places]:
        """What became of the seats, by a code of each choice."""
        codes, group = np.unique(code, return_inverse=True)
        seats = np.bincount(group, weights=self.instance.cap, minlength=len(codes))
        there = group[self.choice[self.placed]]
        first = (self.on_wish & (self.rank == 1))[self.placed]
        priority = (self.instance.tier <= 1)[self.placed]
        columns = [
            seats,
            np.bincount(there, minlength=len(codes)),
            np.bincount(there[first], minlength=len(codes)),
            np.bincount(there[priority], minlength=len(codes)),
        ]
        rows = np.stack(columns, axis=1).astype(np.int64).tolist()
        return {code: Places(*row) for code, row in zip(codes.tolist(), rows, strict=True)}

    @property
    def all_places(self) -> Places:
        """What became of all seats."""
        whole = self.places(np.zeros(self.instance.m, np.int64))
        return whole.get(0, Places(0, 0, 0, 0))


def _means(group: Index, value: Floats | Ints, groups: int) -> list[float | None]:
    count = np.bincount(group, minlength=groups)
    total = np.bincount(group, weights=value, minlength=groups)
    return [float(t / c) if c else None for t, c in zip(total, count, strict=True)]


def _medians(group: Index, value: Floats, groups: int) -> list[float | None]:
    order = np.lexsort((value, group))
    ordered = value[order]
    start = np.searchsorted(group[order], np.arange(groups + 1))
    count = np.diff(start)
    low, high = start[:-1] + np.maximum(count - 1, 0) // 2, start[:-1] + count // 2
    return [
        float(ordered[a] + ordered[b]) / 2 if c else None
        for a, b, c in zip(low, high, count, strict=True)
    ]
