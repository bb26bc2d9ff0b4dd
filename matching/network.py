"""The seats as a forest: school within tier side within choice within pool, then the sink.

A pupil enters at a leaf and takes a unit of every node up to the root. Nodes that cannot bind are
left out, so a plain choice is a single node.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.instance import FREE, Instance
from matching.result import Infeasible

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
CHOICE, POOL, SIDE, SCHOOL, SEGMENT = range(5)  # kinds of node, as in `Prices.key`


@dataclass(frozen=True)
class Network:
    """The free pupils, their usable arcs and the seats left by the locked ones."""

    pupils: Ints  # [p] rows of the instance, those whose place is to be found
    school: Ints  # [p] school of each, numbered from 0
    arc_ptr: Ints  # [p + 1]
    arc_cell: Ints  # [arcs] flat position in the [n, k] arrays
    arc_node: Ints  # [arcs] leaf entered
    parent: Ints  # [nodes] −1: the sink
    cap: Ints  # [nodes]
    low: Ints  # [nodes] units wanted before anything else (an open group)
    key: Ints  # [nodes, 3] kind, index, school


@dataclass(frozen=True)
class Fixed:
    """Decisions taken outside the network: groups shut, minimum of the open ones, pathways."""

    shut: Flags  # [m]
    low: Ints  # [m] pupils that an open group needs
    limit: Ints  # [m] seats given to a hard pathway, −1 where segments do not limit
    segment: Ints  # [m] the one segment that a choice shares with others, −1 none
    own_segment: Ints  # [m] the segment that limits a choice alone, −1 none


def build(instance: Instance, fixed: Fixed, rows: Ints | None = None) -> Network:
    """Return the network of these pupils (all by default) once locks are taken out."""
    free = instance.lock == FREE
    if rows is not None:
        mask = np.zeros(instance.n, bool)
        mask[rows] = True
        free &= mask
    pupils = np.flatnonzero(free)
    usable = instance.open_arc[pupils] & ~fixed.shut[instance.wish[pupils]]
    owner, column = np.nonzero(usable)
    return _Builder(instance, fixed).network(pupils, owner, column)


def seats_left(instance: Instance) -> Ints:
    """[m] seats that locked pupils leave; refuse locks that overfill."""
    return _left("choice", instance.cap, _locked(instance))


def segments_left(instance: Instance, given: Ints | None = None) -> Ints:
    """[segments] places left by locked pupils and by the seats given to hard pathways."""
    locked = _locked(instance) + (0 if given is None else given)
    taken = np.zeros(len(instance.seg_cap), np.int64)
    for choice in np.flatnonzero(instance.is_pathway & (locked > 0)).tolist():
        taken[instance.segments_of(choice)] += locked[choice]
    return _left("segment", instance.seg_cap, taken)


def _locked(instance: Instance) -> Ints:
    """[m] locked pupils of each choice."""
    return np.bincount(instance.lock[instance.lock >= 0], minlength=instance.m)


def _left(what: str, capacity: NDArray[np.int32], taken: Ints) -> Ints:
    left = capacity.astype(np.int64) - taken
    if (left < 0).any():
        raise Infeasible(f"{what} {int(np.argmin(left))}: more locked pupils than seats")
    return left


class _Builder:
    """Adds the nodes of each layer, from the leaves to the roots."""

    def __init__(self, instance: Instance, fixed: Fixed) -> None:
        self.instance, self.fixed = instance, fixed
        self.taken = np.flatnonzero(instance.lock >= 0)
        given = np.maximum(fixed.limit, 0)
        self.segments = segments_left(instance, given)
        self.parent = np.full(instance.m, -1, np.int64)
        self.cap = seats_left(instance)
        self.cap = np.where(fixed.limit >= 0, np.minimum(self.cap, given), self.cap)
        self.key = _keys(CHOICE, np.arange(instance.m))
        inside = np.flatnonzero((fixed.own_segment >= 0) & (fixed.limit < 0))
        segment = fixed.own_segment[inside]
        tighter = self.segments[segment] < self.cap[inside]
        self.cap[inside[tighter]] = self.segments[segment[tighter]]
        self.key[inside[tighter]] = _keys(SEGMENT, segment[tighter])

    def network(self, pupils: Ints, owner: Ints, column: Ints) -> Network:
        instance = self.instance
        row = pupils[owner]
        choice = instance.wish[row, column].astype(np.int64)
        node = choice.copy()
        self._joined(POOL, self.instance.pool, self._pool_left())
        self._joined(SEGMENT, self.fixed.segment, self.segments)
        node = self._sides(row, choice, node)
        node = self._schools(row, choice, node)
        low = np.zeros(len(self.cap), np.int64)
        low[: instance.m] = np.minimum(self.fixed.low, self.cap[: instance.m])
        return Network(
            pupils=pupils,
            school=np.unique(instance.school[pupils], return_inverse=True)[1].astype(np.int64),
            arc_ptr=np.searchsorted(owner, np.arange(len(pupils) + 1)),
            arc_cell=row * instance.k + column,
            arc_node=node,
            parent=self.parent,
            cap=self.cap,
            low=low,
            key=self.key,
        )

    def _add(self, key: Ints, parent: Ints, cap: Ints) -> Ints:
        first = len(self.cap)
        self.key = np.concatenate([self.key, key])
        self.parent = np.concatenate([self.parent, parent])
        self.cap = np.concatenate([self.cap, cap])
        return np.arange(first, len(self.cap))

    def _pool_left(self) -> Ints:
        instance = self.instance
        pooled = instance.pool[instance.lock[self.taken]]
        pools = len(instance.pool_cap)
        return _left("pool", instance.pool_cap, np.bincount(pooled[pooled >= 0], minlength=pools))

    def _joined(self, kind: int, above: NDArray[np.integer], left: Ints) -> None:
        """Add the roots that several choices share: pools, or segments."""
        joined = above >= 0
        if not joined.any():
            return
        index = np.unique(above[joined])
        nodes = self._add(_keys(kind, index), np.full(len(index), -1), left[index])
        rows = np.flatnonzero(joined)
        self.parent[rows] = nodes[np.searchsorted(index, above[rows])]

    def _sides(self, row: Ints, choice: Ints, node: Ints) -> Ints:
        """Seats of a choice open to tiers ≥ 2, where a reserve can bind."""
        instance = self.instance
        other = instance.tier >= 2
        locked = self.taken[other[self.taken]]
        held = np.bincount(self.instance.lock[locked], minlength=instance.m)
        left = instance.cap - instance.reserve - held
        if (left[instance.reserve > 0] < 0).any():
            worst = int(np.argmin(np.where(instance.reserve > 0, left, 0)))
            raise Infeasible(f"reserve {worst}: locked pupils take the reserved seats")
        wanted = np.bincount(choice[other[row]], minlength=instance.m)
        sides = np.flatnonzero((instance.reserve > 0) & (wanted > left))
        if len(sides) == 0:
            return node
        place = np.full(instance.m, -1)
        place[sides] = self._add(_keys(SIDE, sides), sides, left[sides].astype(np.int64))
        return np.where(other[row] & (place[choice] >= 0), place[choice], node)

    def _schools(self, row: Ints, choice: Ints, node: Ints) -> Ints:
        """Seats of a choice open to one school, where the maximum can bind."""
        instance = self.instance
        if not instance.school_cap.any():
            return node
        schools, school = np.unique(instance.school, return_inverse=True)
        self._check_locked_schools(school)
        limited = instance.school_cap[choice] > 0
        pair, index, wanted = np.unique(
            choice[limited] * len(schools) + school[row[limited]],
            return_inverse=True,
            return_counts=True,
        )
        left = instance.school_cap[pair // len(schools)] - self._locked_of(pair, school)
        under = np.zeros(len(pair), np.int64)
        under[index] = node[limited]
        binding = wanted > left
        place = np.full(len(pair), -1)
        key = _keys(SCHOOL, pair[binding] // len(schools), schools[pair[binding] % len(schools)])
        place[binding] = self._add(key, under[binding], left[binding].astype(np.int64))
        entered = node.copy()
        entered[limited] = np.where(place[index] >= 0, place[index], node[limited])
        return entered

    def _check_locked_schools(self, school: Ints) -> None:
        lock = self.instance.lock[self.taken]
        pair = np.stack([lock, school[self.taken]])
        held, count = np.unique(pair, axis=1, return_counts=True)
        limit = self.instance.school_cap[held[0]]
        over = (limit > 0) & (count > limit)
        if over.any():
            worst = int(held[0][over][0])
            raise Infeasible(f"choice {worst}: locked pupils exceed the maximum of their school")

    def _locked_of(self, pair: Ints, school: Ints) -> Ints:
        """Return how many locked pupils each (choice, school) pair already has."""
        width = int(school.max(initial=0)) + 1
        held = self.instance.lock[self.taken].astype(np.int64) * width + school[self.taken]
        held.sort()
        return np.searchsorted(held, pair, "right") - np.searchsorted(held, pair, "left")


def _keys(kind: int, index: Ints, school: NDArray[np.integer] | int = -1) -> Ints:
    """Rows (kind, index, school) that name nodes."""
    return np.stack(np.broadcast_arrays(kind, index, school), axis=1).astype(np.int64)
