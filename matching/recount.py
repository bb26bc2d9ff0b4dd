"""Criteria and draws computed anew from the arrays, for checks that do not trust the solver.

Nothing here is shared with `solve`: the same definitions are written a second time, on purpose.
"""

from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.instance import Instance
from matching.policy import COMPLETION_LEVEL, LAST_RANK, Criterion, Policy

Ints = NDArray[np.int64]
Index = NDArray[np.integer]
OUT_ONLY = ("unplaced", "draw")  # kinds that look only at who has no place
MASK = 2**64 - 1


class Recount:
    """The value of each criterion for given arcs, and for pupils left without a place."""

    def __init__(self, instance: Instance, seed: bytes | None) -> None:
        self.instance = instance
        self.seed = seed

    @cached_property
    def position(self) -> Ints:
        """[n] place of each pupil in the draw, 0 first; who comes later stands at the end."""
        instance, seed = self.instance, self.seed
        columns: list[NDArray[Any]] = [instance.lottery]
        if seed is not None:
            keys = instance.pupil_key.tolist()
            drawn = b"".join([sha256(seed + b"%d" % key).digest() for key in keys])
            columns = list(np.frombuffer(drawn, ">u8").reshape(-1, 4).T)
        place = np.empty(instance.n, np.int64)
        place[np.lexsort([*columns[::-1], instance.later])] = np.arange(instance.n)
        return place

    def arcs(self, criterion: Criterion, row: Index, column: Index) -> Ints:
        """Values of the arcs (row, column), which are listed ones."""
        if criterion.kind in OUT_ONLY:
            return np.zeros(len(row), np.int64)
        if criterion.tier is None:
            return self._any_tier(criterion, row, column)
        value = np.zeros(len(row), np.int64)
        mine = np.flatnonzero(self.instance.tier[row] == criterion.tier)
        value[mine] = self._any_tier(criterion, row[mine], column[mine])
        return value

    def out(self, criterion: Criterion, row: Index) -> Ints:
        """Values of these pupils when they have no place."""
        instance = self.instance
        value: NDArray[Any] = np.zeros(len(row), np.int64)
        if criterion.kind in ("unplaced", "beyond"):
            value = np.ones(len(row), np.int64)
        elif criterion.kind == "draw":
            value = instance.n - self.position[row]
        elif criterion.kind == "moves":
            value = (instance.held[row] >= 0).astype(np.int64)
        if criterion.tier is not None:
            value = np.where(instance.tier[row] == criterion.tier, value, 0)
        return value

    def objective(self, policy: Policy, choice: Index) -> tuple[int, ...]:
        """Sum of every criterion, as Python integers."""
        column = self.instance.column_of(choice)
        placed, left = np.flatnonzero(column >= 0), np.flatnonzero(column < 0)
        return tuple(
            exact_sum(self.arcs(c, placed, column[placed])) + exact_sum(self.out(c, left))
            for c in policy.criteria
        )

    def _any_tier(self, criterion: Criterion, row: Index, column: Index) -> Ints:
        instance = self.instance
        value: NDArray[Any]
        match criterion.kind:
            case "ranks":
                value = instance.rank[row, column]
            case "distance":
                value = instance.dist[row, column]
            case "beyond":
                value = self.level(row, column) > criterion.level
            case "at_or_after":
                value = self.level(row, column) >= criterion.level
            case "moves":
                held = instance.held[row]
                value = (held >= 0) & (instance.wish[row, column] != held)
            case "pair":
                value = self.pair(row, instance.wish[row, column])
            case _:
                raise ValueError(f"no criterion of kind {criterion.kind}")
        return value.astype(np.int64)

    def level(self, row: Index, column: Index) -> Ints:
        """Rank from 1 to 10 (later wishes count as the tenth), 11 for a completion."""
        capped = np.minimum(self.instance.rank[row, column], LAST_RANK)
        return np.where(self.instance.completion[row, column], COMPLETION_LEVEL, capped)

    def pair(self, row: Index, choice: Index) -> Ints:
        """40-bit draw of each pair, as `draws` documents it."""
        words = sha256((self.seed or b"") + b"/pair").digest()
        first, second = (int.from_bytes(words[a : a + 8], "little") for a in (0, 8))
        pupil = self.instance.pupil_key[row].astype(np.uint64) + np.uint64(first)
        other = self.instance.choice_key[choice].astype(np.uint64) + np.uint64(second)
        mixed = _spread(_spread(pupil) ^ (other * np.uint64(0x9E3779B97F4A7C15)))
        return (mixed >> np.uint64(24)).astype(np.int64)


def _spread(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor & MASK)
    return x ^ (x >> np.uint64(31))


def exact_sum(values: Ints) -> int:
    """Sum as a Python integer: in 64 bits where that cannot overflow."""
    if len(values) == 0:
        return 0
    if max(-int(values.min()), int(values.max())) * len(values) < 2**63:
        return int(values.sum())
    return sum(values.tolist())


def lexicographic_rank(columns: list[Ints]) -> Ints:
    """Number rows by the order of their vectors, equal vectors alike, from 1."""
    if not columns:
        return np.ones(0, np.int64)
    order = np.lexsort(columns[::-1])
    fresh = np.zeros(len(order), bool)
    for column in columns:
        ordered = column[order]
        fresh[1:] |= ordered[1:] != ordered[:-1]
    rank = np.empty(len(order), np.int64)
    rank[order] = np.cumsum(fresh) + 1
    return rank
