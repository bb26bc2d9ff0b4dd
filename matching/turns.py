"""Serve pupils in turn a second time, to check a replay: written apart from the solver's own.

Each pupil, by tier then draw, takes the best step for which everybody before keeps its own: a step
is the places of one rank, and the week stays open among them; a pathway that shares half-days is a
step by itself, the nearest first. When no exchange makes room for a step, the rows that were
visited can never make room again, so each is visited once in all.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.exchanges import Forest
from matching.instance import FREE
from matching.recount import Recount
from matching.seats import Load, Seats

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


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
        rank, count = _Round(seats, recount, usable, shared, room).serve()
        small = (count > 0) & (count < instance.min_group)
        if not small.any():
            kept = usable & ~shared[instance.wish] & (instance.rank == rank[:, None])
            return Served(rank, kept)
        usable &= ~small[instance.wish]


@dataclass
class _Row:
    """A row of seats: what is left of it, and who came through it."""

    parent: int
    left: int
    used: int = 0
    closed: bool = False  # no exchange will ever make room here
    children: list[int] = field(default_factory=list)
    pupils: set[int] = field(default_factory=set)


class _Round:
    """One pass over the pupils, with some groups shut."""

    def __init__(
        self, seats: Seats, recount: Recount, usable: Flags, shared: Flags, room: Ints
    ) -> None:
        instance = seats.instance
        self.seats, self.recount, self.usable, self.shared = seats, recount, usable, shared
        held = np.maximum(instance.lock, -1)
        load = Load(seats, held)
        forest = Forest(seats, held)
        left = forest.cap - forest.taken
        left[: instance.m] = np.minimum(left[: instance.m], room)
        self.room = (instance.seg_cap - load.segment).tolist()
        pairs = zip(forest.parent.tolist(), left.tolist(), strict=True)
        self.rows = [_Row(parent, space) for parent, space in pairs]
        for v, row in enumerate(self.rows):
            if row.parent >= 0:
                self.rows[row.parent].children.append(v)
        self.at: dict[int, int] = {}
        self.step: dict[int, list[int]] = {}
        self.count = load.choice.copy()

    def serve(self) -> tuple[Ints, Ints]:
        """Return the rank of each pupil and the pupils of each choice."""
        instance = self.seats.instance
        own = instance.column_of(np.maximum(instance.lock, -1))
        rank = np.zeros(instance.n, np.int64)
        locked = np.flatnonzero(own >= 0)
        rank[locked] = instance.rank[locked, own[locked]]
        free = np.flatnonzero(instance.lock == FREE)
        turn = free[np.lexsort((self.recount.position[free], instance.tier[free]))]
        for pupil in turn.tolist():
            rank[pupil] = self._take_turn(pupil)
        for leaf in self.at.values():
            self.count[self.seats.choice_of_leaf[leaf]] += 1
        return rank, self.count

    def _take_turn(self, pupil: int) -> int:
        for rank, segments, leaves in self._steps(pupil):
            if all(self.room[q] > 0 for q in segments) and self._enter(pupil, leaves):
                for q in segments:
                    self.room[q] -= 1
                return rank
        return 0

    def _steps(self, pupil: int) -> list[tuple[int, list[int], list[int]]]:
        """Steps of a pupil, best first: rank, segments to pay at once, leaves."""
        instance = self.seats.instance
        columns = np.flatnonzero(self.usable[pupil])
        choice = instance.wish[pupil, columns]
        alone, rank = self.shared[choice], instance.rank[pupil, columns]
        order = np.argsort(rank, kind="stable")
        if alone.any():
            drawn = self.recount.pair(np.full(len(columns), pupil), choice)
            near = np.where(alone, instance.dist[pupil, columns], 0)
            order = np.lexsort((drawn, near, alone, rank))
        steps: list[tuple[int, list[int], list[int]]] = []
        for q in order.tolist():
            leaf = int(self.seats.leaf[pupil, columns[q]])
            segments = instance.segments_of(int(choice[q])).tolist() if alone[q] else []
            if steps and not segments and not steps[-1][1] and steps[-1][0] == rank[q]:
                steps[-1][2].append(leaf)
            else:
                steps.append((int(rank[q]), segments, [leaf]))
        return steps

    def _enter(self, pupil: int, leaves: list[int]) -> bool:
        """Give a pupil one of these leaves if exchanges between equal ranks make room."""
        came: dict[int, tuple[int, int]] = {}  # row → (row before, pupil who moves or −1)
        queue = []
        for leaf in leaves:
            if not self.rows[leaf].closed and leaf not in came:
                came[leaf] = (-1, pupil)
                queue.append(leaf)
        for v in queue:
            row = self.rows[v]
            if row.used < row.left and row.parent < 0:
                row.used += 1
                self.step[pupil] = leaves
                self._move(v, came)
                return True
            for u, mover in self._onwards(v):
                if not self.rows[u].closed and u not in came:
                    came[u] = (v, mover)
                    queue.append(u)
        for v in queue:
            self.rows[v].closed = True
        return False

    def _onwards(self, v: int) -> list[tuple[int, int]]:
        row = self.rows[v]
        onwards = [(row.parent, -1)] if row.used < row.left and row.parent >= 0 else []
        onwards += [(u, -1) for u in row.children if self.rows[u].used > 0]
        onwards += [(u, q) for q in row.pupils for u in self.step[q] if u != v]
        return onwards

    def _move(self, v: int, came: dict[int, tuple[int, int]]) -> None:
        """Carry out the exchanges that lead to row v."""
        while v >= 0:
            before, mover = came[v]
            if mover >= 0:
                if before >= 0:
                    self.rows[before].pupils.remove(mover)
                self.rows[v].pupils.add(mover)
                self.at[mover] = v
            elif self.rows[before].parent == v:
                self.rows[before].used += 1
            else:
                self.rows[v].used -= 1
            v = before


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
