"""Components with hard columns: criteria one after the other, each proved before the next.

The incumbent is always a full exact solution of the kernel for some setting of the hard columns.
At each criterion a linear bound either proves it, or branch and bound finds a better setting,
which the kernel completes; so nothing in the answer depends on floating-point numbers, and the
proof depends on them only as far as HiGHS's bounds do.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import filling, flow, network, packing
from matching.branch import Branching
from matching.hard import Component, Hard
from matching.instance import Instance
from matching.milp import Model
from matching.policy import Policy, Values
from matching.result import Infeasible, Proof

SMALL = 5_000  # arcs × words: a search runs the kernel many times, compiled code pays sooner
Ints = NDArray[np.int64]
Vector = tuple[int, ...]


@dataclass(frozen=True)
class Incumbent:
    """The best assignment known for a component."""

    vector: Vector
    arcs: Ints  # arcs of the model in use
    opened: Ints  # groups open
    seats: Ints  # seats given to each hard pathway


class Search:
    """Solve one component; `run` returns the choice of each of its pupils and the proof."""

    def __init__(
        self,
        instance: Instance,
        hard: Hard,
        part: Component,
        policy: Policy,
        values: Values,
        deadline: float | None,
        tick: Callable[[float], None],
    ) -> None:
        self.instance, self.hard, self.part = instance, hard, part
        self.policy, self.values, self.deadline, self.tick = policy, values, deadline, tick
        self.model = Model(instance, hard, part)
        self.branching = Branching(self.model, self._offer, deadline)
        self.tried: set[tuple[bytes, bytes]] = set()  # settings already completed
        self.unfilled = np.zeros(0, np.int64)  # groups that the last setting left too small
        cells = self.model.net.arc_cell
        self.arc = [values.of_arcs(c).ravel()[cells] for c in policy.criteria]
        self.out = [values.of_unplaced(c)[part.pupils] for c in policy.criteria]

    def run(self) -> tuple[NDArray[np.int32], Proof]:
        """Return the choices of the component's pupils and how far they are proved."""
        best = self._first()
        kinds = [c.kind for c in self.policy.criteria]
        levels = kinds.index("pair") if "pair" in kinds else len(kinds)
        for level in range(levels):
            best, bound = self._prove(level, best)
            self.tick((level + 1) / levels)
            if bound is not None:
                return self._answer(best, "bound", level, (bound,))
        return self._answer(best, "search", levels, ())

    def _answer(
        self, best: Incumbent, how: Any, level: int, bound: Vector
    ) -> tuple[NDArray[np.int32], Proof]:
        """The choices of the best assignment known, no seat left that would improve it."""
        arcs = self._filled(best)
        choice = np.full(len(self.part.pupils), -1, np.int32)
        choice[self.model.owner[arcs]] = self.model.choice[arcs]
        return choice, Proof(how, len(self.part.pupils), len(self.part.choices), level, bound)

    def _filled(self, best: Incumbent) -> Ints:
        """Arcs of the best assignment once the free seats of pathways are offered."""

        def complete(seats: Ints) -> filling.Completed | None:
            found = self._try(best.opened, seats)
            return None if found is None else (found.vector, found.arcs)

        found = (best.vector, best.arcs)
        return filling.fill(self.model, found, best.opened, complete, self._order_of_gain)[1]

    def _order_of_gain(self, arcs: Ints) -> Ints:
        """Number the arcs by what each would change for its pupil, the best first."""
        owner = self.model.owner
        changes = []
        for value, out in zip(self.arc, self.out, strict=True):
            now = out.copy()
            now[owner[arcs]] = value[arcs]
            changes.append(value - now[owner])
        order = np.lexsort(changes[::-1])
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        return place

    def _seconds(self) -> float | None:
        return None if self.deadline is None else self.deadline - time.perf_counter()

    def _first(self) -> Incumbent:
        """Open every group without a minimum, then shut the smallest until all are filled."""
        forced = self.hard.forced[self.model.groups]
        opened = self.model.groups
        nothing = np.zeros(len(self.model.pathways), np.int64)
        while True:
            guess = self._complete(opened, nothing, strict=False)
            if guess is None:
                break
            count = np.bincount(self.model.choice[guess.arcs], minlength=self.instance.m)
            small = (count < self.hard.need)[opened] & ~self.hard.forced[opened]
            if not small.any():
                break
            opened = opened[~small]
        best = self._try(opened, nothing)
        if best is None and forced.any():
            best = self._feasible()
        if best is None:
            raise Infeasible("the locks and the minimum of a group cannot be kept together")
        return best

    def _feasible(self) -> Incumbent | None:
        """Let branch and bound find any setting that keeps the groups which locks open."""
        self.model.set_cost(np.zeros(self.model.first_y, np.int64), 0)
        found = self.model.whole(np.zeros(self.model.width), None)
        if found.solution is None:
            return None
        return self._try(*self.model.decisions(found.solution))

    def _prove(self, level: int, best: Incumbent) -> tuple[Incumbent, int | None]:
        """Make one criterion smallest; return the incumbent, and a bound if time struck."""
        model, arc, out = self.model, self.arc[level], self.out[level]
        if best.vector[level] == 0:
            self._keep_zero(level)
            return best, None
        if not self.branching.nodes:
            return best, None
        model.set_cost(arc - out[model.owner], int(out.sum()))
        self.best, self.level = best, level
        ended = self.branching.run(best.vector[level])
        if not ended.proved:
            return self.best, ended.bound
        relaxed = model.relaxed(self._seconds())
        if relaxed.solution is not None:
            model.keep_face(self.best.vector[level], relaxed.bound)
        elif relaxed.finished:
            self.branching.nodes = []
        return self.best, None

    def _offer(self, point: NDArray[np.float64]) -> int:
        """Complete a linear solution made whole; return the best value of the criterion."""
        self.best = self._better(self.best, point)
        return self.best.vector[self.level]

    def _keep_zero(self, level: int) -> None:
        """Keep a criterion at zero: no arc that costs, a place for whoever costs without one."""
        self.model.forbid(np.flatnonzero(self.arc[level] > 0))
        self.model.require_pupils(np.flatnonzero(self.out[level] > 0))

    def _better(self, best: Incumbent, solution: NDArray[np.float64]) -> Incumbent:
        opened, seats = self.model.decisions(solution)
        while True:
            key = (opened.tobytes(), seats.tobytes())
            if key in self.tried:
                return best
            self.tried.add(key)
            found = self._try(opened, seats)
            if found is not None:
                return min(found, best, key=lambda one: one.vector)
            opened = np.setdiff1d(opened, self.unfilled[~self.hard.forced[self.unfilled]])

    def _try(self, opened: Ints, seats: Ints) -> Incumbent | None:
        """Complete a setting of the hard columns exactly; None if a group stays too small."""
        return self._complete(opened, seats, strict=True)

    def _complete(self, opened: Ints, seats: Ints, strict: bool) -> Incumbent | None:
        model, fixed = self.model, self.hard.fixed
        shut, low, limit = fixed.shut.copy(), fixed.low.copy(), fixed.limit.copy()
        shut[opened] = False
        limit[model.pathways] = seats
        if strict:
            low[opened] = self.hard.need[opened]
        net = network.build(
            self.instance, replace(fixed, shut=shut, low=low, limit=limit), self.part.pupils
        )
        packed = packing.pack(net, self.values, self.policy.criteria)
        found = flow.run(net, packed, compiled=packed.arc.size > SMALL)
        if (found.used[: self.instance.m] < low).any():
            self.unfilled = np.flatnonzero(found.used[: self.instance.m] < low)
            return None
        cells = net.arc_cell[found.at[found.at >= 0]]
        arcs = np.sort(np.searchsorted(model.net.arc_cell, cells))
        return Incumbent(self._vector(arcs), arcs, opened, seats)

    def _vector(self, arcs: Ints) -> Vector:
        left = np.ones(len(self.part.pupils), bool)
        left[self.model.owner[arcs]] = False
        return tuple(
            int(arc[arcs].sum()) + int(out[left].sum())
            for arc, out in zip(self.arc, self.out, strict=True)
        )
