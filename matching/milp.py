"""A component with hard columns as a linear programme for HiGHS.

Only the hard columns are integer: y (group open) and the arcs of hard pathways. With these fixed
the rest is a flow, so the other arcs come out whole by themselves.
"""

from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from matching import network
from matching.hard import Component, Hard
from matching.instance import Instance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
EXACT = 1e-4  # objectives are whole: a bound this close above an integer is that integer
TINY = 1e-6
VERSION = f"highs {highspy.Highs().version()}"


@dataclass(frozen=True)
class Outcome:
    """What one run of HiGHS says: a valid bound, a solution if any, whether it is finished."""

    bound: float
    solution: Floats | None
    finished: bool


class Model:
    """The programme of one component; criteria are fixed in it one after the other."""

    def __init__(self, instance: Instance, hard: Hard, part: Component) -> None:
        self.part = part
        open_all = hard.fixed.shut & ~hard.columns
        self.net = network.build(instance, replace(hard.fixed, shut=open_all), part.pupils)
        self.owner = np.repeat(np.arange(len(part.pupils)), np.diff(self.net.arc_ptr))
        self.choice = instance.wish.ravel()[self.net.arc_cell].astype(np.int64)
        self.groups = part.choices[hard.group[part.choices]]
        self.on_pathway = hard.pathway[self.choice]
        self._rows: list[tuple[Ints, Ints, Floats]] = []  # row within block, column, value
        self._bounds: list[tuple[Floats, Floats]] = []
        self._add_pupils()
        self._add_nodes()
        self._add_segments(instance, hard)
        self._add_groups(hard)
        self.linear = self._highs(self._programme(hard), None)
        integer = np.concatenate([self.on_pathway, np.ones(len(self.groups), bool)])
        self.integer = np.flatnonzero(integer).astype(np.int32)

    @property
    def arcs(self) -> int:
        """Number of arc columns; the columns of groups follow."""
        return len(self.choice)

    def _block(self, row: Ints, column: Ints, value: Floats, low: Floats, high: Floats) -> None:
        self._rows.append((row, column, value))
        self._bounds.append((low, high))

    def _at_most(self, row: Ints, column: Ints, high: Ints) -> None:
        nothing = np.full(len(high), -highspy.kHighsInf)
        self._block(row, column, np.ones(len(row)), nothing, high.astype(np.float64))

    def _add_pupils(self) -> None:
        self._at_most(self.owner, np.arange(self.arcs), np.ones(len(self.part.pupils), np.int64))

    def _add_nodes(self) -> None:
        """Capacities of the forest of seats, where enough pupils want them to bind."""
        net = self.net
        node, column = net.arc_node, np.arange(self.arcs)
        rows, columns = [], []
        while len(node):
            rows.append(node)
            columns.append(column)
            inner = net.parent[node] >= 0
            node, column = net.parent[node[inner]], column[inner]
        row, where = np.concatenate([*rows, column]), np.concatenate([*columns, column])
        binding = np.bincount(row, minlength=len(net.cap)) > net.cap
        number = np.cumsum(binding) - 1
        kept = binding[row]
        self._at_most(number[row[kept]], where[kept], net.cap[binding])

    def _add_segments(self, instance: Instance, hard: Hard) -> None:
        """Capacities of the segments that hard pathways use, for every pathway on them."""
        left = network.segments_left(instance, hard.fixed.lock)
        used: dict[int, list[int]] = {}
        for j in self.part.choices[instance.is_pathway[self.part.choices]].tolist():
            for q in instance.segments_of(j).tolist():
                used.setdefault(q, []).append(j)
        shared = [q for q, who in used.items() if hard.pathway[who].any()]
        columns = [np.flatnonzero(np.isin(self.choice, used[q])) for q in shared]
        if shared:
            row = np.repeat(np.arange(len(shared)), [len(c) for c in columns])
            self._at_most(row, np.concatenate(columns), left[shared])

    def _add_groups(self, hard: Hard) -> None:
        """Open with enough pupils or shut: need·y ≤ Σx ≤ cap·y, and x ≤ y for each arc."""
        groups = len(self.groups)
        if not groups:
            return
        place = np.full(len(hard.need), -1, np.int64)
        place[self.groups] = np.arange(groups)
        column = np.flatnonzero(place[self.choice] >= 0)
        group = place[self.choice[column]]
        y = self.arcs + np.arange(groups)
        row = np.concatenate([group, np.arange(groups)])
        where = np.concatenate([column, y])
        need, cap = hard.need[self.groups], self.net.cap[self.groups]
        ones, inf = np.ones(len(column)), np.full(groups, highspy.kHighsInf)
        self._block(row, where, np.concatenate([ones, -need]), np.zeros(groups), inf)
        self._block(row, where, np.concatenate([ones, -cap]), -inf, np.zeros(groups))
        each = np.arange(len(column))
        self._block(
            np.concatenate([each, each]),
            np.concatenate([column, self.arcs + group]),
            np.concatenate([ones, -ones]),
            np.full(len(column), -highspy.kHighsInf),
            np.zeros(len(column)),
        )

    def _programme(self, hard: Hard) -> highspy.HighsLp:
        width = self.arcs + len(self.groups)
        sizes = [len(low) for low, _ in self._bounds]
        start = np.concatenate([[0], np.cumsum(sizes)])
        row = np.concatenate([r + s for (r, _, _), s in zip(self._rows, start[:-1], strict=True)])
        column = np.concatenate([c for _, c, _ in self._rows])
        value = np.concatenate([v for _, _, v in self._rows])
        matrix = coo_array((value, (row, column)), shape=(int(start[-1]), width)).tocsc()
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = width, int(start[-1])
        programme.col_cost_ = np.zeros(width)
        programme.col_lower_ = np.concatenate(
            [np.zeros(self.arcs), hard.forced[self.groups].astype(np.float64)]
        )
        programme.col_upper_ = np.ones(width)
        programme.row_lower_ = np.concatenate([low for low, _ in self._bounds])
        programme.row_upper_ = np.concatenate([high for _, high in self._bounds])
        programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        programme.a_matrix_.start_ = matrix.indptr
        programme.a_matrix_.index_ = matrix.indices
        programme.a_matrix_.value_ = matrix.data
        return programme

    @staticmethod
    def _highs(programme: highspy.HighsLp, seconds: float | None) -> highspy.Highs:
        solver = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.99),
        ):
            solver.setOptionValue(option, value)
        if seconds is not None:
            solver.setOptionValue("time_limit", max(0.0, seconds))
        solver.passModel(programme)
        return solver

    def set_cost(self, cost: Ints, constant: int) -> None:
        """Set the criterion to make smallest: `cost` by arc, plus a constant."""
        width = self.arcs + len(self.groups)
        full = np.concatenate([cost, np.zeros(len(self.groups))]).astype(np.float64)
        self.linear.changeColsCost(width, np.arange(width, dtype=np.int32), full)
        self.linear.changeObjectiveOffset(float(constant))

    def relaxed(self, seconds: float | None) -> Outcome:
        """Solve without integrality; the bound is −inf when time struck first."""
        if seconds is not None:
            limit = self.linear.getRunTime() + max(0.0, seconds)
            self.linear.setOptionValue("time_limit", limit)
        self.linear.run()
        if self.linear.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return Outcome(-np.inf, None, False)
        solution = np.array(self.linear.getSolution().col_value)
        return Outcome(self.linear.getInfo().objective_function_value, solution, True)

    def whole(self, start: Floats, seconds: float | None) -> Outcome:
        """Solve with integer hard columns, from a known solution."""
        solver = self._highs(self.linear.getLp(), seconds)
        kinds = np.full(len(self.integer), highspy.HighsVarType.kInteger)
        solver.changeColsIntegrality(len(self.integer), self.integer, kinds)
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        solver.setSolution(known)
        solver.run()
        finished = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        info = solver.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = np.array(solver.getSolution().col_value) if found else None
        return Outcome(info.mip_dual_bound, solution, finished)

    def forbid(self, columns: Ints) -> None:
        """Fix these columns at zero."""
        zero = np.zeros(len(columns))
        self.linear.changeColsBounds(len(columns), columns.astype(np.int32), zero, zero)

    def require_pupils(self, pupils: Ints) -> None:
        """Give these pupils a place (rows of the component)."""
        one = np.ones(len(pupils))
        self.linear.changeRowsBounds(len(pupils), pupils.astype(np.int32), one, one)

    def keep_face(self, best: int, relaxed: float) -> None:
        """Keep only solutions as good as `best` for the criterion just solved by `relaxed`.

        Reduced costs say which columns no such solution uses. When the relaxation is exact, the
        rows with a price must be full, and that describes the whole face.
        """
        solution = self.linear.getSolution()
        value, reduced = np.array(solution.col_value), np.array(solution.col_dual)
        slack = best - relaxed + EXACT
        at_zero = np.flatnonzero((value < TINY) & (reduced > max(slack, EXACT)))
        self.forbid(at_zero)
        at_one = np.flatnonzero((value > 1 - TINY) & (-reduced > max(slack, EXACT)))
        one = np.ones(len(at_one))
        self.linear.changeColsBounds(len(at_one), at_one.astype(np.int32), one, one)
        if best - relaxed > EXACT:
            self.cap_objective(best)
            return
        price, activity = np.array(solution.row_dual), np.array(solution.row_value)
        tight = np.flatnonzero(np.abs(price) > EXACT)
        level = np.round(activity[tight])
        self.linear.changeRowsBounds(len(tight), tight.astype(np.int32), level, level)

    def cap_objective(self, best: int) -> None:
        """Add the row that keeps the present criterion at `best` or below."""
        programme = self.linear.getLp()
        cost = np.array(programme.col_cost_)
        where = np.flatnonzero(cost).astype(np.int32)
        high = best - programme.offset_
        self.linear.addRow(-highspy.kHighsInf, high, len(where), where, cost[where])

    def point(self, arcs: Ints, opened: Ints) -> Floats:
        """Return the columns of a known assignment: its arcs and its open groups."""
        point = np.zeros(self.arcs + len(self.groups))
        point[arcs] = 1.0
        point[self.arcs + np.flatnonzero(np.isin(self.groups, opened))] = 1.0
        return point

    def decisions(self, solution: Floats) -> tuple[Ints, Ints]:
        """Return the groups that a solution opens and its arcs on hard pathways."""
        opened = self.groups[solution[self.arcs :] > 0.5]
        taken = np.flatnonzero(self.on_pathway & (solution[: self.arcs] > 0.5))
        return opened, taken

    def is_whole(self, solution: Floats) -> bool:
        """Say whether the hard columns are integers."""
        hard = solution[self.integer]
        return bool((np.abs(hard - np.round(hard)) < TINY).all())
