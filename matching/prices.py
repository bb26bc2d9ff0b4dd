"""The prices that come with a result, row by row of seats, and summed along what a pupil takes."""

import numpy as np
from numpy.typing import NDArray

from matching.result import Result
from matching.seats import Load, Seats

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
CHOICE, POOL, SIDE, SCHOOL, SEGMENT = range(5)  # kinds of row, as in `Prices.key`
NAMES = ("choice", "pool", "side of choice", "school in choice", "segment")
SAFE = 2**61  # sums of magnitudes under this stay exact in 64 bits


def price_by_node(seats: Seats, result: Result, criteria: int) -> Ints:
    """[leaves + pools, criteria] price of an excess at each row: its own and those above it."""
    table = PriceTable(seats, result, criteria)
    return np.concatenate([table.leaf, table.of_kind(POOL, len(seats.instance.pool_cap))])


class PriceTable:
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

    def misplaced(self, load: Load) -> tuple[tuple[int, str], ...]:
        """Rows whose price is negative, or not zero where seats are left."""
        if self.unknown:
            return ((-1, "the prices do not have the shape of this policy"),)
        full = self._full(load)
        sign = _sign(self.value)
        bad = (self.place < 0) | (sign < 0) | ((sign > 0) & ~full)
        twice = np.ones(len(self.key), bool)
        twice[np.unique(self.key, axis=0, return_index=True)[1]] = False
        return tuple(self._line(int(q), bool(twice[q])) for q in np.flatnonzero(bad | twice))

    def _full(self, load: Load) -> Flags:
        """For each priced row: has it no seat left?"""
        instance = self.seats.instance
        tables = (
            (load.choice, instance.cap),
            (load.pool, instance.pool_cap),
            (load.side, instance.cap - instance.reserve),
            (load.pair, load.pair_cap),
            (load.segment, instance.seg_cap),
        )
        full = np.zeros(len(self.key), bool)
        for kind, (taken, cap) in enumerate(tables):
            mine = np.flatnonzero((self.key[:, 0] == kind) & (self.place >= 0))
            full[mine] = (taken >= cap)[self.place[mine]]
        return full

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
