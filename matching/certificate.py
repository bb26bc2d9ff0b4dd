"""Check the integer prices that prove an assignment optimal for all criteria at once.

Give every row of seats a price, a vector of criteria, such that

1. a price is zero or positive (in the order of the criteria), and zero where seats are left;
2. nobody prefers another option once prices are added to costs.

Take any other assignment y. By 2, cost(x) + paid(x) ≤ cost(y) + paid(y). By 1, paid(y) ≤ paid(x):
each priced row is full in x, and y cannot hold more. So cost(x) ≤ cost(y). Vectors compared
criterion by criterion add and compare like numbers, so the argument holds for all levels together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.instance import FREE, Instance
from matching.policy import Policy
from matching.prices import PriceTable
from matching.recount import OUT_ONLY, Recount, lexicographic_rank
from matching.result import Result
from matching.seats import Load, Seats

Ints = NDArray[np.int64]
Index = NDArray[np.integer]
Flags = NDArray[np.bool_]
TIERS = 4
CHUNK = 50_000  # pupils looked at together: their arcs stay in the processor's cache


@dataclass(frozen=True)
class Faults:
    """What the prices fail to prove: pupils who would prefer another option, rows mispriced."""

    pupils: Flags  # [n]
    rows: tuple[tuple[int, str], ...]  # (a choice under the row, one line that says what is wrong)

    @property
    def any(self) -> bool:
        """True when something is left unproved."""
        return bool(self.rows) or bool(self.pupils.any())


def faults(
    seats: Seats, policy: Policy, recount: Recount, result: Result, allowed: Flags
) -> Faults:
    """Return where the prices do not prove the result best among the `allowed` [n, k] arcs."""
    table = PriceTable(seats, result, len(policy.criteria))
    paid = _Paid(table.leaf)
    column = _columns(seats.instance, result.choice)
    movable = seats.instance.lock == FREE
    unhappy = np.zeros(seats.instance.n, bool)
    for tier in range(TIERS):
        alike = movable & (seats.instance.tier == tier)
        for rows in _chunks(np.flatnonzero(alike & (column >= 0))):
            placed = _Placed(seats, policy, recount, paid, rows, column[rows])
            unhappy[rows] = placed.better_arc(allowed) | placed.better_out()
        for rows in _chunks(np.flatnonzero(alike & (column < 0))):
            unhappy[rows] = _better_in(seats, policy, recount, paid, rows, allowed)
    return Faults(unhappy, table.misplaced(Load(seats, result.choice)))


def _chunks(rows: Ints) -> Iterator[Ints]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _columns(instance: Instance, choice: Index) -> Ints:
    """[n] column of each pupil's choice; −1 without a place."""
    if instance.k == 0:
        return np.full(instance.n, -1)
    return np.where(choice >= 0, (instance.wish == choice[:, None]).argmax(axis=1), -1)


class _Paid:
    """What a leaf costs in prices: by criterion, or as a rank for several criteria at once."""

    def __init__(self, price: Ints) -> None:
        self.price = np.asfortranarray(price)
        self.used = self.price.any(axis=0).astype(bool)
        self._ranks: dict[tuple[int, ...], Ints] = {}

    def rank(self, criteria: tuple[int, ...]) -> Ints | None:
        """[leaves] order of the vectors of these criteria; None where all are zero."""
        used = tuple(q for q in criteria if self.used[q])
        if not used:
            return None
        if used not in self._ranks:
            columns = [self.price[:, q] for q in used]
            priced = np.flatnonzero(np.logical_or.reduce([c != 0 for c in columns]))
            vectors = [np.append(c[priced], 0) for c in columns]
            number = lexicographic_rank(vectors)
            rank = np.full(len(self.price), number[-1])
            rank[priced] = number[:-1]
            self._ranks[used] = rank
        return self._ranks[used]


def _steps(policy: Policy, tier: int) -> list[tuple[int, ...]]:
    """Criteria in order, those whose arcs cost nothing to pupils of a tier taken together."""
    steps: list[tuple[int, ...]] = []
    costless = False
    for q, criterion in enumerate(policy.criteria):
        free = criterion.kind in OUT_ONLY or criterion.tier not in (None, tier)
        if free and costless:
            steps[-1] += (q,)
        else:
            steps.append((q,))
        costless = free
    return steps


class _Placed:
    """Pupils of one tier who have a place, and what it costs with prices."""

    def __init__(
        self,
        seats: Seats,
        policy: Policy,
        recount: Recount,
        paid: _Paid,
        rows: Ints,
        column: Ints,
    ) -> None:
        self.seats, self.policy, self.recount, self.paid = seats, policy, recount, paid
        self.rows, self.column = rows, column
        self.leaf = seats.leaf[rows, column]
        self.tier = int(seats.instance.tier[rows[0]])

    def mine(self, q: int, who: Ints) -> Ints:
        """Criterion q of what these have, price included."""
        cost = self.recount.arcs(self.policy.criteria[q], self.rows[who], self.column[who])
        paid: Ints = self.paid.price[self.leaf[who], q]
        return cost + paid

    def better_arc(self, allowed: Flags) -> Flags:
        """Does an allowed arc cost less than what the pupil has, prices included?"""
        worse = np.zeros(len(self.rows), bool)
        other = allowed[self.rows]
        other[np.arange(len(self.rows)), self.column] = False
        leaves = self.seats.leaf[self.rows]
        arcs: tuple[Ints, Ints, Index] | None = None  # owner, column, leaf: those still equal
        for step in _steps(self.policy, self.tier):
            rank = self.paid.rank(step) if self._costless(step) else None
            if rank is None and self._costless(step):
                continue
            if arcs is None and rank is not None:
                gap = rank[leaves] - rank[self.leaf][:, None]
                worse |= (other & (gap < 0)).any(axis=1)
                owner, column = np.nonzero(other & (gap == 0))
                arcs = owner, column, leaves[owner, column]
                continue
            if arcs is None:
                owner, column = np.nonzero(other)
                arcs = owner, column, leaves[owner, column]
            arcs = self._narrow(arcs, step[0], rank, worse)
        return worse

    def _costless(self, step: tuple[int, ...]) -> bool:
        criterion = self.policy.criteria[step[0]]
        return criterion.kind in OUT_ONLY or criterion.tier not in (None, self.tier)

    def _narrow(
        self, arcs: tuple[Ints, Ints, Index], q: int, rank: Ints | None, worse: Flags
    ) -> tuple[Ints, Ints, Index]:
        """Mark the owners of cheaper arcs; return the arcs that are still equal."""
        owner, column, leaf = arcs
        if rank is not None:
            gap = rank[leaf] - rank[self.leaf][owner]
        else:
            cost = self.recount.arcs(self.policy.criteria[q], self.rows[owner], column)
            held = self.mine(q, np.arange(len(self.rows)))
            gap = self.paid.price[:, q][leaf] + cost - held[owner]
        worse[owner[gap < 0]] = True
        tied = np.flatnonzero(gap == 0)
        return owner[tied], column[tied], leaf[tied]

    def better_out(self) -> Flags:
        """Does having no place cost less than the pupil's place, price included?"""
        worse = np.zeros(len(self.rows), bool)
        left = np.arange(len(self.rows))
        for q, criterion in enumerate(self.policy.criteria):
            gap = self.recount.out(criterion, self.rows[left]) - self.mine(q, left)
            worse[left[gap < 0]] = True
            left = left[gap == 0]
        return worse


def _better_in(
    seats: Seats, policy: Policy, recount: Recount, paid: _Paid, rows: Ints, allowed: Flags
) -> Flags:
    """For pupils of one tier without a place: does an allowed arc cost less, prices included?"""
    tier = int(seats.instance.tier[rows[0]])
    worse = np.zeros(len(rows), bool)
    owner, column = np.nonzero(allowed[rows])
    leaf = seats.leaf[rows[owner], column]
    for q, criterion in enumerate(policy.criteria):
        if not paid.used[q] and criterion.tier not in (None, tier):
            continue
        cost = recount.arcs(criterion, rows[owner], column)
        gap = paid.price[:, q][leaf] + cost - recount.out(criterion, rows)[owner]
        worse[owner[gap < 0]] = True
        tied = np.flatnonzero(gap == 0)
        owner, column, leaf = owner[tied], column[tied], leaf[tied]
    return worse
