"""Whole flows, best by several costs in turn: linear programs first, integers only at the end.

Each cost is minimised by a linear program over the best points of those before it. These points
are a face: an arc whose reduced cost is above zero stays empty, a limit whose price is not zero
stays full. No dense row is added, and each turn leaves less to the next. The bound of a cost is
that of its program. When the last point is whole, as it nearly always is in a network, nothing
else is needed; if not, integers are asked for on the last face that holds a whole point.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.highs import run

Ints = NDArray[np.int64]
Numbers = NDArray[np.float64]

EPSILON = 1e-6


@dataclass(frozen=True, eq=False)
class Limits:
    """The bounds of a model: each column between 0 and `column`, each row between two numbers."""

    column: Numbers
    low: Numbers
    high: Numbers


class Faces:
    """A model whose best faces are found one cost after the other."""

    def __init__(self, solver: highspy.Highs, until: float | None) -> None:
        self.solver, self.until = solver, until
        lp = solver.getLp()
        self.limits = Limits(*map(np.array, (lp.col_upper_, lp.row_lower_, lp.row_upper_)))
        self.columns = np.arange(len(self.limits.column), dtype=np.int32)
        self.rows = np.arange(len(self.limits.low), dtype=np.int32)

    def settle(
        self,
        costs: Sequence[Ints],
        start: Ints,
        floors: Sequence[int],
        hope: tuple[int, NDArray[np.bool_]] | None = None,
    ) -> tuple[Ints, list[int]]:
        """Minimise whole costs in turn: ([columns] a whole point, what no point can go below).

        `start` is a whole point to fall back on when time strikes; `floors` are bounds known
        beforehand. `hope`: that many first costs are at their floors where only these columns
        are used; tried first, it spares their programs.
        """
        bounds = list(floors)
        faces: list[tuple[int, Limits]] = [(0, self.limits)]
        begin, whole = 0, False
        if hope and self._hoped(costs[hope[0]], hope[1]):
            begin = hope[0]
            faces.append((begin, self.limits))
        for turn in range(begin, len(costs)):
            if turn > begin:
                faces.append((turn, self.limits))
            whole = False
            if not self._minimise(costs[turn]):
                break
            best = self.solver.getInfo().objective_function_value
            bounds[turn] = int(np.ceil(best - EPSILON))
            if bounds[turn] - best > EPSILON:
                break  # no whole point is on this face
            point = np.array(self.solver.getSolution().col_value)
            whole = bool(np.abs(point - np.rint(point)).max(initial=0) < EPSILON)
            if whole:
                start = np.rint(point).astype(np.int64)
            self._keep_best()
        if whole or self._late:
            return start, bounds
        return self._whole(costs, start, (bounds, floors), faces)

    @property
    def _late(self) -> bool:
        return self.until is not None and perf_counter() >= self.until

    def _hoped(self, cost: Ints, columns: NDArray[np.bool_]) -> bool:
        """Keep these columns only, if a point is left: false when none is."""
        known = self.limits
        self._set(replace(known, column=np.where(columns, known.column, 0.0)))
        self._minimise(cost)
        if _empty(self.solver):
            self._set(known)
            return False
        return True

    def _minimise(self, cost: Ints) -> bool:
        """Whether a best point was found and proved so before the time struck."""
        solver = self.solver
        solver.changeColsCost(len(self.columns), self.columns, cost.astype(float))
        if self.until is not None:
            left = max(0.01, self.until - perf_counter())
            solver.setOptionValue("time_limit", solver.getRunTime() + left)
        run(solver)
        return bool(solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _keep_best(self) -> None:
        """Leave nothing but the best points of the program just solved."""
        solution = self.solver.getSolution()
        empty = np.array(solution.col_dual) > EPSILON
        full = np.abs(np.array(solution.row_dual)) > EPSILON
        known = self.limits
        self._set(
            Limits(
                np.where(empty, 0.0, known.column),
                np.where(full & np.isfinite(known.high), known.high, known.low),
                known.high,
            )
        )

    def _set(self, limits: Limits) -> None:
        self.limits = limits
        zeros = np.zeros(len(self.columns))
        self.solver.changeColsBounds(len(self.columns), self.columns, zeros, limits.column)
        self.solver.changeRowsBounds(len(self.rows), self.rows, limits.low, limits.high)

    def _whole(
        self,
        costs: Sequence[Ints],
        start: Ints,
        known: tuple[list[int], Sequence[int]],
        faces: list[tuple[int, Limits]],
    ) -> tuple[Ints, list[int]]:
        """The best whole point: on the last face that holds one, then one cost after the other."""
        bounds, floors = known
        kinds = np.full(len(self.columns), highspy.HighsVarType.kInteger)
        self.solver.changeColsIntegrality(len(self.columns), self.columns, kinds)
        first, proved = 0, False
        for first, limits in reversed(faces):
            self._set(limits)
            proved = self._minimise(costs[first])
            if not _empty(self.solver):
                break
        found = start
        for turn in range(first, len(costs)):
            if turn > first:
                self._hold(costs[turn - 1], int(costs[turn - 1] @ found))
                proved = self._minimise(costs[turn])
            point = self._point()
            if point is not None:
                found = min(found, point, key=lambda one: [int(cost @ one) for cost in costs])
            bounds[turn] = int(costs[turn] @ found) if proved else self._bound(floors[turn])
        return found, bounds

    def _hold(self, cost: Ints, value: int) -> None:
        used = np.flatnonzero(cost).astype(np.int32)
        self.solver.addRow(-highspy.kHighsInf, value, len(used), used, cost[used].astype(float))

    def _point(self) -> Ints | None:
        info: Any = self.solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        point: Ints = np.rint(self.solver.getSolution().col_value).astype(np.int64)
        return point

    def _bound(self, floor: int) -> int:
        bound = self.solver.getInfo().mip_dual_bound
        return max(floor, int(np.ceil(bound - EPSILON))) if np.isfinite(bound) else floor


def _empty(solver: highspy.Highs) -> bool:
    """Whether a face was proved to hold no whole point."""
    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible)
