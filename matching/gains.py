"""Look for a cycle of exchanges that would improve an assignment, groups and pathways left as set.

Where no prices come with a result, prices are sought: a number for each row of seats such that no
exchange gains. Every exchange lowers the number of its start to what its end allows, again and
again. Either nothing changes any more, and no cycle gains; or the lowerings chase each other
around a cycle, and following it would improve the assignment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.exchanges import Forest
from matching.instance import FREE
from matching.policy import Criterion
from matching.recount import Recount
from matching.residual import Packing
from matching.seats import Load, Seats

Ints = NDArray[np.int64]
Index = NDArray[np.integer]
Flags = NDArray[np.bool_]
Objects = NDArray[np.object_]
ROUNDS = 8  # between two looks for a cycle


@dataclass(frozen=True)
class Moves:
    """Exchanges: an excess at row `start` goes to row `end` at this cost."""

    start: Ints
    end: Ints
    cost: Objects

    def by_start(self) -> "Moves":
        """Return the same moves sorted by their start."""
        order = np.argsort(self.start, kind="stable")
        return Moves(self.start[order], self.end[order], self.cost[order])


def improvable(
    seats: Seats,
    recount: Recount,
    criteria: tuple[Criterion, ...],
    choice: Index,
    movable: Flags,
    everyone_stays: bool = False,
) -> int | None:
    """Return a choice that a gaining cycle passes through, or None if there is no such cycle.

    `movable` [n, k]: arcs that may be taken. `everyone_stays`: who has a place keeps one, who has
    none stays without.
    """
    moves = _moves(seats, recount, criteria, choice, movable, everyone_stays).by_start()
    row = _gaining_row(moves, int(max(moves.start.max(initial=0), moves.end.max(initial=0))) + 1)
    if row is None:
        return None
    return int(seats.choice_of_leaf[row]) if row < seats.leaves else 0


def _moves(
    seats: Seats,
    recount: Recount,
    criteria: tuple[Criterion, ...],
    choice: Index,
    movable: Flags,
    everyone_stays: bool,
) -> Moves:
    instance = seats.instance
    free, own = instance.lock == FREE, instance.column_of(choice)
    within = free & movable[np.arange(instance.n), own] if instance.k else free
    placed = np.flatnonzero(free & (own >= 0) & within)
    out = np.flatnonzero(free & (own < 0)) if not everyone_stays else np.zeros(0, np.int64)
    rows = np.sort(np.concatenate([placed, out]))
    owner, column = np.nonzero(movable[rows])
    owner = rows[owner]
    other = column != own[owner]
    owner, column = owner[other], column[other]
    forest = Forest(seats, choice)
    sink = forest.size
    at = np.full(instance.n, sink)
    at[placed] = seats.leaf[placed, own[placed]]
    arcs = [recount.arcs(c, owner, column) for c in criteria]
    left = [recount.out(c, rows) for c in criteria]
    has = [recount.arcs(c, placed, own[placed]) for c in criteria]
    tables = zip(arcs, left, has, strict=True)
    packing = Packing([max(int(t.max(initial=0)) for t in row) for row in tables], instance.n)
    now = np.zeros(instance.n, object)
    now[rows] = packing.pack(left)
    stay_out = now.copy()
    now[placed] = packing.pack(has)
    starts = [at[owner], *([] if everyone_stays else [at[placed]])]
    ends = [seats.leaf[owner, column], *([] if everyone_stays else [np.full(len(placed), sink)])]
    costs = [packing.pack(arcs) - now[owner]]
    costs += [] if everyone_stays else [stay_out[placed] - now[placed]]
    up, down = _links(seats, forest, choice)
    return Moves(
        np.concatenate([*starts, up[0], down[0]]).astype(np.int64),
        np.concatenate([*ends, up[1], down[1]]).astype(np.int64),
        np.concatenate([*costs, np.zeros(len(up[0]) + len(down[0]), object)]),
    )


def _links(
    seats: Seats, forest: Forest, choice: Index
) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Moves between rows: up where a seat is left, down unless a group would become too small."""
    instance, m = seats.instance, seats.instance.m
    load = Load(seats, choice)
    parent = np.where(forest.parent < 0, forest.size, forest.parent)
    spare, held = forest.spare.copy(), forest.held.copy()
    path = instance.is_pathway
    spare[:m] &= ~path | (load.spare[:m] & (instance.pool < 0))
    held[:m] &= load.choice > instance.min_group * (instance.min_group > 1)
    up, down = np.flatnonzero(spare), np.flatnonzero(held)
    return (up, parent[up]), (parent[down], down)


def _gaining_row(moves: Moves, rows: int) -> int | None:
    """Lower every row to what its moves allow until nothing changes, or a cycle shows."""
    value = np.zeros(rows, object)
    toward = np.full(rows, -1)
    if len(moves.start) == 0:
        return None
    first = np.flatnonzero(np.diff(moves.start, prepend=-1))
    start = moves.start[first]
    turn = 0
    while True:
        allowed = moves.cost + value[moves.end]
        least = np.minimum.reduceat(allowed, first)
        lower = (least < value[start]).astype(bool)
        if not lower.any():
            return None
        reached = np.zeros(rows, object)
        reached[start] = least
        changed = np.zeros(rows, bool)
        changed[start[lower]] = True
        used = np.flatnonzero(changed[moves.start])
        used = used[(allowed[used] == reached[moves.start[used]]).astype(bool)]
        toward[moves.start[used]] = moves.end[used]
        value[start[lower]] = least[lower]
        turn += 1
        if turn % ROUNDS == 0:
            row = _cycle(toward)
            if row is not None:
                return row


def _cycle(toward: Ints) -> int | None:
    """Return a row on a cycle of the last lowerings, if there is one."""
    place = np.append(np.where(toward < 0, len(toward), toward), len(toward))
    for _ in range(len(toward).bit_length()):
        place = place[place]
    on_cycle = np.flatnonzero(place[:-1] < len(toward))
    return int(place[on_cycle[0]]) if len(on_cycle) else None
