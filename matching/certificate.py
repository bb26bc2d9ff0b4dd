"""Check the integer prices that prove an assignment optimal for all criteria at once.

Give every row of seats a price, a vector of criteria, such that

1. a price is zero or positive (in the order of the criteria), and zero where seats are left;
2. nobody prefers another option once prices are added to costs.

Take any other assignment y. By 2, cost(x) + paid(x) ≤ cost(y) + paid(y). By 1, paid(y) ≤ paid(x):
each priced row is full in x, and y cannot hold more. So cost(x) ≤ cost(y). Vectors compared
criterion by criterion add and compare like numbers, so the argument holds for all levels together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.instance import FREE, Instance
from matching.policy import Policy
from matching.recount import OUT_ONLY, Recount
from matching.result import Result
from matching.seats import Load, Seats

Ints = NDArray[np.int64]
Index = NDArray[np.integer]
Flags = NDArray[np.bool_]
CHOICE, POOL, SIDE, SCHOOL, SEGMENT = range(5)  # kinds of row, as in `Prices.key`
NAMES = ("choice", "pool", "side of choice", "school in choice", "segment")
SAFE = 2**61  # sums of magnitudes under this stay exact in 64 bits
CHUNK = 100_000


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
    seats: Seats,
    policy: Policy,
    recount: Recount,
    result: Result,
    allowed: Flags,
    lowest: Ints | None = None,
) -> Faults:
    """Return where the prices do not prove the result best among the `allowed` [n, k] arcs.

    `lowest` [m]: pupils that a choice must keep (an open group); its price may then be negative
    where it has just so many.
    """
    load = Load(seats, result.choice)
    sums = _PriceTable(seats, result, len(policy.criteria))
    wrong = sums.misplaced(load, lowest)
    movable = np.flatnonzero(seats.instance.lock == FREE)
    unhappy = np.zeros(seats.instance.n, bool)
    for start in range(0, len(movable), CHUNK):
        rows = movable[start : start + CHUNK]
        unhappy[rows] = _unhappy(seats, policy, recount, result, sums.leaf, rows, allowed)
    return Faults(unhappy, wrong)


def price_by_node(seats: Seats, result: Result, criteria: int) -> Ints:
    """[leaves + pools, criteria] price of an excess at each row: its own and those above it."""
    table = _PriceTable(seats, result, criteria)
    return np.concatenate([table.leaf, table.of_kind(POOL, len(seats.instance.pool_cap))])


class _PriceTable:
    """Prices by row, and summed along what a pupil takes: one vector for each leaf."""

    def __init__(self, seats: Seats, result: Result, criteria: int) -> None:
        self.seats = seats
        self.key, self.value = result.prices.key, result.prices.value
        self.unknown = self.key.shape[1:] != (3,) or self.value.shape != (len(self.key), criteria)
        self.criteria = criteria
        self.place = np.full(len(self.key), -1) if self.unknown else self._places()
        self.leaf = self._by_leaf()

    def _places(self) -> Ints:
        """Position of each priced row within its kind; −1 if the instance has no such row."""
        kind, index, school = self.key.T
        seats, instance = self.seats, self.seats.instance
        sizes = np.array(
            [instance.m, len(instance.pool_cap), instance.m, instance.m, len(instance.seg_cap)]
        )
        known = (kind >= 0) & (kind < len(sizes))
        known &= (index >= 0) & (index < sizes[np.where(known, kind, 0)])
        place = np.where(known, index, -1)
        paired = np.flatnonzero(known & (kind == SCHOOL))
        names = seats.school_names
        rank = np.minimum(np.searchsorted(names, school[paired]), max(0, len(names) - 1))
        pair = index[paired] * len(names) + rank
        found = np.searchsorted(seats.pairs, pair)
        inside = np.append(seats.pairs, -1)[np.minimum(found, len(seats.pairs))] == pair
        place[paired] = np.where(inside & (names[rank] == school[paired]), found, -1)
        return place

    def of_kind(self, kind: int, size: int) -> Ints:
        """Prices of one kind of row."""
        table = np.zeros((size, self.criteria), self.value.dtype)
        if not self.unknown:
            mine = (self.key[:, 0] == kind) & (self.place >= 0)
            np.add.at(table, self.place[mine], self.value[mine])
        return table

    def _by_leaf(self) -> Ints:
        seats, instance = self.seats, self.seats.instance
        m = instance.m
        largest = np.abs(self.value.astype(object)).max(initial=0) if self.value.size else 0
        owner, segment = seats.segments
        deep = 4 + int(np.bincount(owner, minlength=1).max(initial=0)) if len(owner) else 4
        if largest * deep >= SAFE:
            self.value = self.value.astype(object)  # Python integers: slow, and never wrong
        choice = self.of_kind(CHOICE, m)
        pooled = np.flatnonzero(instance.pool >= 0)
        choice[pooled] += self.of_kind(POOL, len(instance.pool_cap))[instance.pool[pooled]]
        np.add.at(choice, owner, self.of_kind(SEGMENT, len(instance.seg_cap))[segment])
        side = choice + self.of_kind(SIDE, m)
        above = np.where(seats.pair_is_other, m, 0) + seats.choice_of_leaf[2 * m :]
        both = np.concatenate([choice, side])
        return np.concatenate([both, both[above] + self.of_kind(SCHOOL, len(seats.pairs))])

    def misplaced(self, load: Load, lowest: Ints | None) -> tuple[tuple[int, str], ...]:
        """Rows whose price is negative, or not zero where seats are left."""
        if self.unknown:
            return ((-1, "the prices do not have the shape of this policy"),)
        full, at_least = self._full(load, lowest)
        sign = _sign(self.value)
        bad = (self.place < 0) | ((sign > 0) & ~full) | ((sign < 0) & ~at_least)
        twice = np.ones(len(self.key), bool)
        twice[np.unique(self.key, axis=0, return_index=True)[1]] = False
        return tuple(self._line(int(q), bool(twice[q])) for q in np.flatnonzero(bad | twice))

    def _full(self, load: Load, lowest: Ints | None) -> tuple[Flags, Flags]:
        """For each priced row: has it no seat left; is it at the fewest it may hold."""
        instance = self.seats.instance
        tables = (
            (load.choice, instance.cap),
            (load.pool, instance.pool_cap),
            (load.side, instance.cap - instance.reserve),
            (load.pair, load.pair_cap),
            (load.segment, instance.seg_cap),
        )
        full = np.zeros(len(self.key), bool)
        at_least = np.zeros(len(self.key), bool)
        for kind, (taken, cap) in enumerate(tables):
            mine = np.flatnonzero((self.key[:, 0] == kind) & (self.place >= 0))
            full[mine] = (taken >= cap)[self.place[mine]]
            if kind == CHOICE and lowest is not None:
                at_least[mine] = ((taken <= lowest) & (lowest > 0))[self.place[mine]]
        return full, at_least

    def _line(self, q: int, twice: bool) -> tuple[int, str]:
        kind, index, _ = (int(v) for v in self.key[q])
        if self.place[q] < 0:
            return -1, f"price {q} is that of no row of this instance"
        under = self._choice_under(kind, index)
        if twice:
            return under, f"{NAMES[kind]} {index} is priced twice"
        why = "has a negative price" if _sign(self.value[q : q + 1])[0] < 0 else "has seats left"
        return under, f"{NAMES[kind]} {index} is priced, but {why}"

    def _choice_under(self, kind: int, index: int) -> int:
        instance = self.seats.instance
        if kind == POOL:
            return int(np.argmax(instance.pool == index))
        if kind == SEGMENT:
            owner, segment = self.seats.segments
            return int(owner[np.argmax(segment == index)]) if (segment == index).any() else -1
        return index


def _sign(value: Ints) -> Ints:
    """Sign of each vector: that of its first number that is not zero."""
    nonzero = value != 0
    first = nonzero.argmax(axis=1) if value.shape[1] else np.zeros(len(value), np.int64)
    sign = np.zeros(len(value), np.int64)
    rows = np.flatnonzero(nonzero.any(axis=1))
    sign[rows] = np.where(value[rows, first[rows]] > 0, 1, -1)
    return sign


def _unhappy(
    seats: Seats,
    policy: Policy,
    recount: Recount,
    result: Result,
    price: Ints,
    rows: Ints,
    allowed: Flags,
) -> Flags:
    """For each of these pupils: does it strictly prefer another allowed arc, or to stay out?"""
    column = _columns(seats.instance, rows, result.choice[rows])
    unhappy = np.zeros(len(rows), bool)
    for placed in (True, False):
        who = np.flatnonzero((column >= 0) == placed)
        options = _Options(seats, policy, recount, price, rows[who], column[who])
        unhappy[who] = options.better_arc(allowed)
        if placed:
            unhappy[who] |= options.better_out()
    return unhappy


def _columns(instance: Instance, rows: Ints, choice: Index) -> Ints:
    """Column of each pupil's choice; −1 without a place."""
    if instance.k == 0:
        return np.full(len(rows), -1)
    hit = instance.wish[rows] == choice[:, None]
    return np.where(choice >= 0, hit.argmax(axis=1), -1)


class _Options:
    """Pupils who are all placed, or all without a place, and what their place costs with prices."""

    def __init__(
        self,
        seats: Seats,
        policy: Policy,
        recount: Recount,
        price: Ints,
        rows: Ints,
        column: Ints,
    ) -> None:
        self.seats, self.policy, self.recount, self.price = seats, policy, recount, price
        self.rows, self.column = rows, column
        self.placed = len(column) > 0 and bool(column[0] >= 0)
        self.leaf = seats.leaf[rows, column] if self.placed else None
        self._mine: dict[int, Ints] = {}

    def mine(self, q: int) -> Ints:
        """Criterion q of what each pupil has, price included."""
        if q not in self._mine:
            criterion = self.policy.criteria[q]
            if self.leaf is None:
                value = self.recount.out(criterion, self.rows)
            else:
                cost = self.recount.arcs(criterion, self.rows, self.column)
                value = self.price[self.leaf, q] + cost
            self._mine[q] = value
        return self._mine[q]

    def better_arc(self, allowed: Flags) -> Flags:
        """Does an allowed arc cost less than what the pupil has, prices included?"""
        worse = np.zeros(len(self.rows), bool)
        owner, column = np.nonzero(allowed[self.rows])
        if self.placed:
            other = column != self.column[owner]
            owner, column = owner[other], column[other]
        leaf = self.seats.leaf[self.rows[owner], column]
        for q, criterion in enumerate(self.policy.criteria):
            if criterion.kind in OUT_ONLY and self.placed and not self.price[:, q].any():
                continue
            row = self.rows[owner]
            cost = self.recount.arcs(criterion, row, column)
            gap = self.price[leaf, q] + cost - self.mine(q)[owner]
            worse[owner[gap < 0]] = True
            tied = np.flatnonzero(gap == 0)
            if len(tied) < len(gap):
                owner, column, leaf = owner[tied], column[tied], leaf[tied]
        return worse

    def better_out(self) -> Flags:
        """Does having no place cost less than the pupil's place, price included?"""
        worse = np.zeros(len(self.rows), bool)
        left = np.arange(len(self.rows))
        for q, criterion in enumerate(self.policy.criteria):
            gap = self.recount.out(criterion, self.rows[left]) - self.mine(q)[left]
            worse[left[gap < 0]] = True
            left = left[gap == 0]
        return worse
