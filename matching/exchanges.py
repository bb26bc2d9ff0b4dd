"""Search every chain of exchanges: could a pupil without a place get one?

A pupil without a place enters a wish; somebody there moves to another of its wishes, and so on,
until a free seat, or a pupil who is left without a place. Each leaf of the seats gets the best end
that can be reached from it: 0 for a free seat, else the place in the policy's order of whoever
loses out. Values only go down, so repeating the step until nothing changes gives the best ends.
"""

import numpy as np
from numpy.typing import NDArray

from matching.instance import FREE
from matching.policy import Policy
from matching.recount import OUT_ONLY, Recount, lexicographic_rank
from matching.seats import Load, Seats

Ints = NDArray[np.int64]
Index = NDArray[np.integer]
Flags = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max


def order_of_loss(policy: Policy, recount: Recount) -> Ints:
    """[n] from 1: the higher, the sooner a pupil has a place under this policy.

    It is read from the criteria that come before any about ranks: two pupils alike for them have
    the same number, and nobody may complain of the other.
    """
    everyone = np.arange(recount.instance.n)
    columns = []
    for criterion in policy.criteria:
        if criterion.kind not in OUT_ONLY:
            break
        columns.append(recount.out(criterion, everyone))
    return lexicographic_rank(columns) if columns else np.ones(len(everyone), np.int64)


def wronged(seats: Seats, choice: Index, order: Ints, movable: Flags) -> Ints:
    """Pupils without a place whom a chain of exchanges would place at the cost of a later one.

    `movable` [n, k]: the arcs that a chain may use. Locked pupils stay where they are.
    """
    instance = seats.instance
    free = instance.lock == FREE
    settled = np.flatnonzero(free & (choice >= 0))
    at = seats.leaf_of(settled, choice[settled])
    kept = movable[settled, instance.column_of(choice)[settled]]
    settled, at = settled[kept], at[kept]
    ends = _best_ends(seats, choice, order, movable, settled, at)
    waiting = np.flatnonzero(free & (choice < 0))
    if len(waiting) == 0 or instance.k == 0:
        return waiting[:0]
    reach = np.where(movable[waiting], ends[seats.leaf[waiting]], NEVER).min(axis=1)
    found: Ints = waiting[reach < order[waiting]]
    return found


def _best_ends(
    seats: Seats, choice: Index, order: Ints, movable: Flags, settled: Ints, at: Ints
) -> Ints:
    forest = Forest(seats, choice)
    ends = np.full(forest.size, NEVER)
    np.minimum.at(ends, at, order[settled])
    leaf, usable = seats.leaf[settled], movable[settled]
    while True:
        before = ends.copy()
        forest.spread(ends)
        if len(settled) and seats.instance.k:
            onwards = np.where(usable, ends[leaf], NEVER).min(axis=1)
            np.minimum.at(ends, at, onwards)
        if (ends == before).all():
            return ends


class Forest:
    """Rows as a forest, and the moves inside it: up where a seat is left, down to who is there."""

    def __init__(self, seats: Seats, choice: Index) -> None:
        instance, m = seats.instance, seats.instance.m
        load = Load(seats, choice)
        pools = len(instance.pool_cap)
        self.size = seats.leaves + pools
        self.parent = np.full(self.size, -1)
        self.parent[:m] = np.where(instance.pool >= 0, seats.leaves + instance.pool, -1)
        self.parent[m : 2 * m] = np.arange(m)
        self.parent[2 * m : seats.leaves] = (
            np.where(seats.pair_is_other, m, 0) + seats.choice_of_leaf[2 * m :]
        )
        cap = (instance.cap, instance.cap - instance.reserve, load.pair_cap, instance.pool_cap)
        self.taken = np.concatenate([load.choice, load.side, load.pair, load.pool])
        self.cap = np.concatenate(cap).astype(np.int64)
        self.spare = self.taken < self.cap
        self.held = self.taken > 0
        layers = np.split(np.arange(self.size), [m, 2 * m, seats.leaves])
        self.upwards = (layers[2], layers[1], layers[0])  # pairs, sides, choices

    def spread(self, ends: Ints) -> None:
        """Carry ends to children that have a seat left, and up from children that hold somebody."""
        ends[np.flatnonzero((self.parent < 0) & self.spare)] = 0
        for layer in self.upwards:
            inner = layer[(self.parent[layer] >= 0) & self.held[layer]]
            np.minimum.at(ends, self.parent[inner], ends[inner])
        for layer in reversed(self.upwards):
            inner = layer[(self.parent[layer] >= 0) & self.spare[layer]]
            ends[inner] = np.minimum(ends[inner], ends[self.parent[inner]])
