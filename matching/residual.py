"""The exact price of granting a wish: the shortest cycle of exchanges that grants it.

Costs are vectors compared criterion by criterion. Each is packed into one Python integer, wide
enough that digits never meet: adding and comparing integers is adding and comparing vectors.

An *excess* at a row of seats is a pupil too many there. It goes up where a seat is left, down
towards somebody who holds one, or along a pupil who moves to another of its wishes or stays out:
the sink. `slack` is what a pupil loses by taking an arc, prices included; it is never negative, so
Dijkstra's search applies. A first search gives every row its distance to the sink; then one search
for each pupil, backwards from its seat, gives all its wishes at once.
"""

from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.exchanges import Forest
from matching.instance import FREE
from matching.policy import Policy
from matching.prices import price_by_node
from matching.recount import Recount
from matching.result import Result
from matching.seats import Seats

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Objects = NDArray[np.object_]
Vector = tuple[int, ...]


class Packing:
    """Vectors of criteria as single integers of any size."""

    def __init__(self, largest: list[int], pupils: int) -> None:
        self.bits = [(16 * (pupils + 2) * max(v, 1)).bit_length() + 1 for v in largest]
        after = np.cumsum([0, *self.bits[::-1]])[::-1].tolist()
        self.shift = after[1:]

    def pack(self, columns: list[Ints]) -> Objects:
        """Pack one column per criterion into one integer per row."""
        total = np.zeros(len(columns[0]) if columns else 0, object)
        for column, shift in zip(columns, self.shift, strict=True):
            used = np.flatnonzero(column)
            total[used] += column[used].astype(object) << shift
        return total

    def unpack(self, packed: int) -> Vector:
        """Return the vector that an integer stands for."""
        digits = []
        for bits in reversed(self.bits):
            low = packed & ((1 << bits) - 1)
            digit = low - (1 << bits) if low >> (bits - 1) else low
            digits.append(digit)
            packed = (packed - digit) >> bits
        return tuple(reversed(digits))


class Residual:
    """The exchanges that a proved assignment allows. Pupils are those whom no decision holds."""

    def __init__(
        self, seats: Seats, policy: Policy, recount: Recount, result: Result, allowed: Flags
    ) -> None:
        self.seats, self.policy, self.recount, self.result = seats, policy, recount, result
        instance = seats.instance
        self.forest = Forest(seats, result.choice)
        self.sink = self.forest.size
        own = instance.column_of(result.choice)
        usable = allowed & (instance.lock == FREE)[:, None]
        self.owner, self.column = np.nonzero(usable)
        self.leaf = seats.leaf[self.owner, self.column].astype(np.int64)
        self.at = np.full(instance.n, self.sink)
        placed = np.flatnonzero((own >= 0) & (instance.lock == FREE))
        self.at[placed] = seats.leaf[placed, own[placed]]
        self._pack_costs(own, placed)

    def _pack_costs(self, own: Ints, placed: Ints) -> None:
        """Set the packed cost of each arc, of staying out, and of what each pupil has."""
        everyone = np.arange(self.seats.instance.n)
        criteria = self.policy.criteria
        arcs = [self.recount.arcs(c, self.owner, self.column) for c in criteria]
        out = [self.recount.out(c, everyone) for c in criteria]
        price = price_by_node(self.seats, self.result, len(criteria))
        largest = [
            int(max(a.max(initial=0), o.max(initial=0), np.abs(p).max(initial=0)))
            for a, o, p in zip(arcs, out, price.T, strict=True)
        ]
        self.packing = Packing(largest, len(everyone))
        self.cost, self.out = self.packing.pack(arcs), self.packing.pack(out)
        self.price = np.append(self.packing.pack(list(price.T)), 0)
        self.now = self.out.copy()
        mine = [self.recount.arcs(c, placed, own[placed]) for c in criteria]
        self.now[placed] = self.packing.pack(mine)

    @cached_property
    def _into(self) -> tuple[list[int], list[int], list[Any]]:
        """Arcs by the leaf that they enter: slices, owners, slacks."""
        slack = self.cost + self.price[self.leaf]
        slack -= (self.now + self.price[self.at])[self.owner]
        order = np.argsort(self.leaf, kind="stable")
        slices = np.searchsorted(self.leaf[order], np.arange(self.sink + 1))
        return slices.tolist(), self.owner[order].tolist(), slack[order].tolist()

    @cached_property
    def _links(self) -> list[list[tuple[int, int]]]:
        """For each row, the rows from which an excess reaches it without any pupil moving.

        Down to a child that holds somebody costs the price of the child; up costs nothing.
        """
        forest, price = self.forest, self.price
        links: list[list[tuple[int, int]]] = [[] for _ in range(self.sink + 1)]
        for v in np.flatnonzero(forest.spare | forest.held).tolist():
            above = int(forest.parent[v]) if forest.parent[v] >= 0 else self.sink
            if forest.spare[v]:
                links[above].append((v, 0))
            if forest.held[v]:
                links[v].append((above, price[v] - price[above]))
        return links

    @cached_property
    def to_sink(self) -> list[Any]:
        """Least loss, prices included, of getting rid of an excess at each row (None: never)."""
        found: list[Any] = [None] * (self.sink + 1)
        best: list[Any] = [None] * (self.sink + 1)
        found[self.sink] = 0
        heap: list[tuple[int, int]] = []
        for v, loss in self._links[self.sink]:
            _relax(best, heap, v, loss)
        placed = np.flatnonzero(self.at < self.sink)
        for p, loss in zip(placed.tolist(), self._loss_of_leaving(placed), strict=True):
            _relax(best, heap, int(self.at[p]), loss)
        at = self.at.tolist()
        slices, owners, slacks = self._into
        while heap:
            loss, v = heappop(heap)
            if found[v] is not None:
                continue
            found[v] = loss
            for u, more in self._links[v]:
                if found[u] is None:
                    _relax(best, heap, u, loss + more)
            for e in range(slices[v], slices[v + 1]):
                u = at[owners[e]]
                if found[u] is None:
                    _relax(best, heap, u, loss + slacks[e])
        return found

    def _loss_of_leaving(self, placed: Ints) -> list[Any]:
        loss: list[Any] = (
            self.out[placed] - self.now[placed] - self.price[self.at[placed]]
        ).tolist()
        return loss

    def prices(self, pupil: int, columns: list[int]) -> list[Vector | None]:
        """What changes, criterion by criterion, if a pupil is given each of these arcs instead.

        None where nobody can make room: the wish could only be granted by breaking a limit.
        """
        instance, seats = self.seats.instance, self.seats
        row = np.full(len(columns), pupil)
        taken = [self.recount.arcs(c, row, np.array(columns)) for c in self.policy.criteria]
        cost = self.packing.pack(taken).tolist()
        leaves = [int(seats.leaf[pupil, c]) for c in columns]
        if instance.lock[pupil] != FREE:
            return [None] * len(columns)
        away = self._losses(pupil, set(leaves))
        here = self.now[pupil] + self.price[self.at[pupil]]
        return [
            None if loss is None else self.packing.unpack(c + self.price[v] + loss - here)
            for c, v, loss in zip(cost, leaves, map(away.get, leaves), strict=True)
        ]

    def _losses(self, pupil: int, wanted: set[int]) -> dict[int, Any]:
        """Least loss, prices included, of an excess at each wanted leaf, the pupil's seat freed."""
        home = int(self.at[pupil])
        if home == self.sink:
            return {v: self.to_sink[v] for v in wanted}
        return self._backwards(home, wanted)

    def _backwards(self, home: int, wanted: set[int]) -> dict[int, Any]:
        """Search from a freed seat, in the losses left once the way to the sink is taken off.

        Everything reaches the sink at no further loss, so nothing is farther than the sink, which
        reaches the freed seat by leaving it empty.
        """
        rest = self.to_sink
        limit = rest[home] + self.price[home]
        found: dict[int, Any] = {}
        best: dict[int, Any] = {home: 0}
        heap = [(0, home)]
        left = set(wanted)
        while heap and left:
            loss, v = heappop(heap)
            if loss >= limit:  # it was pushed before the sink came nearer
                break
            if v in found:
                continue
            found[v] = loss
            left.discard(v)
            for more, u in self._nearest[v]:
                total = loss + more
                if total >= limit:
                    break
                if total < best.get(u, limit):
                    best[u] = total
                    if u == self.sink:
                        limit = total
                    else:
                        heappush(heap, (total, u))
        reached = {v: found.get(v, limit) for v in wanted if rest[v] is not None}
        return {v: loss + rest[v] - rest[home] for v, loss in reached.items()}

    @cached_property
    def _nearest(self) -> list[list[tuple[Any, int]]]:
        """For each row, those from which an excess reaches it in one step, the cheapest first."""
        slices, owners, slacks = self._into
        at = self.at.tolist()
        from_rows = [at[p] for p in owners]
        return [
            self._steps(v, [*zip(from_rows[a:b], slacks[a:b], strict=True), *self._links[v]])
            for v, (a, b) in enumerate(pairwise(slices))
        ]

    def _steps(self, v: int, steps: list[tuple[int, Any]]) -> list[tuple[Any, int]]:
        rest = self.to_sink
        cheapest: dict[int, Any] = {}
        if rest[v] is None:
            return []
        for u, more in steps:
            if rest[u] is not None and (u not in cheapest or more < cheapest[u]):
                cheapest[u] = more
        return sorted((more + rest[v] - rest[u], u) for u, more in cheapest.items())


def _relax(best: list[Any], heap: list[tuple[int, int]], v: int, loss: int) -> None:
    if best[v] is None or loss < best[v]:
        best[v] = loss
        heappush(heap, (loss, v))
