"""What limits the seats of an instance, row by row, and how full an assignment makes it.

A pupil who takes a choice takes a unit of every row above it: the seats open to its school, those
open to its side (tiers ≥ 2 where a reserve is kept), the choice, its pool, its segments. A *leaf*
names the first of them: choice j, m + j for the side of j, 2·m + q for the pair (choice, school)
number q. Written for checks and explanations: nothing is shared with the solver.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.instance import Instance

Ints = NDArray[np.int64]
Index = NDArray[np.integer]
Flags = NDArray[np.bool_]


class Seats:
    """The rows of an instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.other = instance.tier >= 2  # [n] pupils whom a reserve keeps out
        self.reserved = instance.reserve > 0  # [m]
        self.capped = instance.school_cap > 0  # [m]
        names, index = np.unique(instance.school, return_inverse=True)
        self.school_names, self.school = names, index
        self.pairs = self._pairs()  # [pairs] choice · schools + school, sorted
        self.leaves = 2 * instance.m + len(self.pairs)

    @cached_property
    def leaf(self) -> Index:
        """[n, k] leaf of each arc; −1 on the padding."""
        instance = self.instance
        if not self.reserved.any() and len(self.pairs) == 0:
            return instance.wish
        row = np.broadcast_to(np.arange(instance.n)[:, None], instance.wish.shape)
        leaf = self.leaf_of(row.ravel(), instance.wish.ravel()).reshape(instance.wish.shape)
        return np.where(instance.wish >= 0, leaf, -1)

    def leaf_of(self, row: Index, choice: Index) -> Ints:
        """Leaf that pupil row[q] enters when it takes choice[q]; −1 stays −1."""
        leaf = choice.astype(np.int64)
        if self.instance.m == 0:
            return leaf
        leaf = np.where(self.other[row] & self.reserved[choice], leaf + self.instance.m, leaf)
        if len(self.pairs):
            pair = choice.astype(np.int64) * len(self.school_names) + self.school[row]
            place = np.minimum(np.searchsorted(self.pairs, pair), len(self.pairs) - 1)
            leaf = np.where(self.pairs[place] == pair, 2 * self.instance.m + place, leaf)
        return np.where(choice >= 0, leaf, -1)

    @cached_property
    def choice_of_leaf(self) -> Ints:
        """[leaves] the choice under which each leaf stands."""
        every = np.arange(self.instance.m)
        return np.concatenate([every, every, self.pairs // max(1, len(self.school_names))])

    @cached_property
    def pair_is_other(self) -> Flags:
        """[pairs] true where the pair stands under the side of its choice."""
        tier = np.zeros(len(self.school_names), np.int64)
        tier[self.school] = self.instance.tier
        schools = max(1, len(self.school_names))
        under: Flags = (tier[self.pairs % schools] >= 2) & self.reserved[self.pairs // schools]
        return under

    @cached_property
    def segments(self) -> tuple[Ints, Ints]:
        """The distinct (choice, segment) couples of the pathways."""
        instance = self.instance
        owner = np.repeat(np.arange(instance.m), np.diff(instance.parc_ptr))
        couples = np.unique(np.stack([owner, instance.parc_seg.astype(np.int64)]), axis=1)
        return couples[0], couples[1]

    def _pairs(self) -> Ints:
        """Couples (choice, school) that have an arc and a maximum, as sorted keys."""
        instance = self.instance
        if not self.capped.any():
            return np.zeros(0, np.int64)
        row, column = np.nonzero((instance.wish >= 0) & self.capped[instance.wish])
        choice = instance.wish[row, column].astype(np.int64)
        return np.unique(choice * len(self.school_names) + self.school[row])


class Load:
    """How many pupils an assignment puts in each row, and what is left."""

    def __init__(self, seats: Seats, choice: Index) -> None:
        instance = seats.instance
        self.seats = seats
        self.rows = np.flatnonzero(choice >= 0)
        self.taken = choice[self.rows]
        self.choice = np.bincount(self.taken, minlength=instance.m)
        self.side = np.bincount(self.taken[seats.other[self.rows]], minlength=instance.m)
        pool = instance.pool[self.taken]
        self.pool = np.bincount(pool[pool >= 0], minlength=len(instance.pool_cap))
        owner, segment = seats.segments
        self.segment = np.zeros(len(instance.seg_cap), np.int64)
        np.add.at(self.segment, segment, self.choice[owner])
        self.pair = self._pairs()

    def _pairs(self) -> Ints:
        leaf = self.seats.leaf_of(self.rows, self.taken) - 2 * self.seats.instance.m
        return np.bincount(leaf[leaf >= 0], minlength=len(self.seats.pairs))

    @cached_property
    def pair_cap(self) -> Ints:
        """[pairs] the maximum of each couple (choice, school)."""
        seats = self.seats
        return seats.instance.school_cap[seats.choice_of_leaf[2 * seats.instance.m :]].astype(
            np.int64
        )

    @cached_property
    def spare(self) -> Flags:
        """[leaves] true where one more pupil can enter without anybody leaving."""
        instance, m = self.seats.instance, self.seats.instance.m
        free = self.choice < instance.cap
        pooled = np.flatnonzero(instance.pool >= 0)
        free[pooled] &= (self.pool < instance.pool_cap)[instance.pool[pooled]]
        owner, segment = self.seats.segments
        free[owner[self.segment[segment] >= instance.seg_cap[segment]]] = False
        free &= self.choice + 1 >= instance.min_group
        side = free & (self.side < instance.cap - instance.reserve)
        above = np.where(self.seats.pair_is_other, m, 0) + self.seats.choice_of_leaf[2 * m :]
        both = np.concatenate([free, side])
        return np.concatenate([both, both[above] & (self.pair < self.pair_cap)])
