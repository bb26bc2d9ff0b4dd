"""Serve pupils in turn a second time, to check a replay: written apart from the solver's own.

Each pupil, by tier then draw, takes the best step for which everybody before keeps its own: a step
is the places of one rank, and the week stays open among them; a pathway that shares half-days is a
step by itself, the nearest first. When no exchange makes room for a step, the rows that were
visited can never make room again, so each is visited once in all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import serving
from matching.exchanges import Forest
from matching.instance import FREE
from matching.recount import Recount
from matching.seats import Load, Seats

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
SMALL = 3_000  # pupils under which compiled code is not worth its warm-up


@dataclass(frozen=True)
class Served:
    """What serving in turn gives: the rank of each pupil, and the arcs left open to the end."""

    rank: Ints  # [n] 0 without a place
    open_arcs: Flags  # [n, k] arcs of the rank of each pupil that it may still change to


def serve(seats: Seats, recount: Recount, allowed: Flags) -> Served:
    """Serve everybody; groups left too small are shut and everybody is served again."""
    instance = seats.instance
    usable = allowed.copy()
    shared, room = _segments(seats, usable)
    while True:
        steps = _steps(seats, recount, usable, shared)
        rank, count = _served_once(seats, recount, steps, room)
        small = (count > 0) & (count < instance.min_group)
        if not small.any():
            kept = usable & ~shared[instance.wish] & (instance.rank == rank[:, None])
            return Served(rank, kept)
        usable &= ~small[instance.wish]


@dataclass(frozen=True)
class Steps:
    """The steps of each free pupil, best first: places of one rank, or one shared pathway."""

    first: Ints  # [n + 1] steps of each pupil
    rank: Ints  # [steps]
    alone: Ints  # [steps] the pathway, −1 for places of one rank
    start: Ints  # [steps + 1] leaves of each step
    leaf: Ints


def _steps(seats: Seats, recount: Recount, usable: Flags, shared: Flags) -> Steps:
    instance = seats.instance
    owner, column = np.nonzero(usable & (instance.lock == FREE)[:, None])
    choice, rank = instance.wish[owner, column], instance.rank[owner, column]
    alone = shared[choice]
    near = np.where(alone, instance.dist[owner, column], 0)
    drawn = np.zeros(len(owner), np.int64)
    drawn[alone] = recount.pair(owner[alone], choice[alone])
    order = np.lexsort((drawn, near, alone, rank, owner))
    owner, column = owner[order], column[order]
    choice, rank, alone = choice[order], rank[order], alone[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = alone[1:] | alone[:-1] | (rank[1:] != rank[:-1]) | (owner[1:] != owner[:-1])
    start = np.flatnonzero(fresh)
    return Steps(
        first=np.searchsorted(owner[start], np.arange(instance.n + 1)),
        rank=rank[start].astype(np.int64),
        alone=np.where(alone, choice, -1)[start].astype(np.int64),
        start=np.append(start, len(order)),
        leaf=seats.leaf[owner, column].astype(np.int64),
    )


def _served_once(seats: Seats, recount: Recount, steps: Steps, room: Ints) -> tuple[Ints, Ints]:
    """Return the rank of each pupil and the pupils of each choice."""
    instance, n = seats.instance, seats.instance.n
    held = np.maximum(instance.lock, -1)
    load, forest = Load(seats, held), Forest(seats, held)
    left = forest.cap - forest.taken
    left[: instance.m] = np.minimum(left[: instance.m], room)
    child_ptr, child = _children(forest.parent)
    owner, segment = seats.segments
    free = np.flatnonzero(instance.lock == FREE)
    none, zero = np.full(n, -1), np.zeros(forest.size, np.int64)
    taken, at = none.copy(), none.copy()
    compiled = n > SMALL
    own = np.array if compiled else _listed
    written = own(taken), own(at)
    run = serving.compiled() if compiled else serving.serve
    turn = free[np.lexsort((recount.position[free], instance.tier[free]))]
    segment_ptr = np.searchsorted(owner, np.arange(instance.m + 1))
    read = (turn, steps.first, steps.start, steps.leaf, steps.alone, segment_ptr, segment)
    rows = (forest.parent, left, child_ptr, child, instance.seg_cap - load.segment)
    state = (zero, zero, zero - 1, none, none, zero, zero, zero, zero)
    arguments = [*map(own, read), *map(own, rows), *written, *map(own, state)]
    run(*arguments)
    taken, at = (np.asarray(array, np.int64) for array in written)
    rank = np.zeros(n, np.int64)
    rank[taken >= 0] = steps.rank[taken[taken >= 0]]
    column = instance.column_of(held)
    locked = np.flatnonzero(column >= 0)
    rank[locked] = instance.rank[locked, column[locked]]
    there = seats.choice_of_leaf[at[at >= 0]]
    return rank, load.choice + np.bincount(there, minlength=instance.m)


def _listed(array: Ints) -> Any:
    return array.tolist()


def _children(parent: Ints) -> tuple[Ints, Ints]:
    """Rows under each row, as slices of one array."""
    below = np.flatnonzero(parent >= 0)
    below = below[np.argsort(parent[below], kind="stable")]
    return np.searchsorted(parent[below], np.arange(len(parent) + 1)), below


def _segments(seats: Seats, usable: Flags) -> tuple[Flags, Ints]:
    """Pathways that share a half-day too small for all of them, and the seats of each choice."""
    instance = seats.instance
    free = usable & (instance.lock == FREE)[:, None]
    wanted = np.bincount(instance.wish[free], minlength=instance.m)
    held = Load(seats, np.maximum(instance.lock, -1))
    room = np.minimum(wanted, instance.cap - held.choice)
    owner, segment = seats.segments
    left = instance.seg_cap - held.segment
    used = room[owner] > 0
    users = np.bincount(segment[used], minlength=len(left))
    own = used & (users[segment] == 1)
    np.minimum.at(room, owner[own], left[segment[own]])
    asked = np.bincount(segment[used], weights=room[owner[used]], minlength=len(left))
    tight = used & (users[segment] > 1) & (asked > left)[segment]
    shared = np.zeros(instance.m, bool)
    shared[owner[tight]] = True
    return shared, room
