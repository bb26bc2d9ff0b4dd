"""A component with hard columns as a linear programme for HiGHS.

The hard columns are few: y (a group opens) and z (seats of its segments given to a pathway). With
these fixed the rest is a flow, so the columns of arcs come out whole by themselves.
"""

from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array

from matching import network
from matching.hard import Component, Hard
from matching.highs import quiet, run
from matching.instance import Instance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
EXACT = 1e-4  # objectives are whole: a bound this close above an integer is that integer
TINY = 1e-6
CUT = 0.01  # how much a cut must be broken to be added
MOST_SETS = 20_000
PRIMAL, DUAL = 4, 1  # strategies of the simplex in HiGHS
NARROW = 50_000  # columns up to which the pivots of its primal simplex are quick


@dataclass(frozen=True)
class Outcome:
    """What one run of HiGHS says: a bound, a solution if any, whether it is finished."""

    bound: float
    solution: Floats | None
    finished: bool


class Model:
    """The programme of one component; criteria are fixed in it one after the other."""

    def __init__(self, instance: Instance, hard: Hard, part: Component) -> None:
        self.instance, self.hard, self.part = instance, hard, part
        self.groups = part.choices[hard.group[part.choices]]
        self.pathways = part.choices[hard.pathway[part.choices]]
        everything = replace(
            hard.fixed, shut=hard.fixed.shut & ~hard.group, limit=np.full(instance.m, -1)
        )
        self.net = network.build(instance, everything, part.pupils)
        self.owner = np.repeat(np.arange(len(part.pupils)), np.diff(self.net.arc_ptr))
        self.choice = instance.wish.ravel()[self.net.arc_cell].astype(np.int64)
        self.left = network.segments_left(instance)
        self.segment_room = np.zeros(0, np.int64)  # segments of hard pathways
        self.passes = np.zeros((0, len(self.pathways)), np.int64)  # which pathways use them
        self.first_y = len(self.choice)
        self.first_z = self.first_y + len(self.groups)
        self.width = self.first_z + len(self.pathways)
        self._rows: list[tuple[Ints, Ints, Floats]] = []  # row within block, column, value
        self._bounds: list[tuple[Floats, Floats]] = []
        self._add_pupils()
        self._add_nodes()
        self._add_segments()
        self._add_groups()
        programme = self._programme()
        self.low, self.high = np.array(programme.col_lower_), np.array(programme.col_upper_)
        self.linear = self._highs(programme, None)
        self.price = np.zeros(0)  # of rows, in the last run that ended
        self.cuts: set[tuple[tuple[int, ...], tuple[int, ...], int]] = set()

    def _block(self, row: Ints, column: Ints, value: Floats, low: Floats, high: Floats) -> None:
        self._rows.append((row, column, value))
        self._bounds.append((low, high))

    def _at_most(self, row: Ints, column: Ints, high: Ints) -> None:
        nothing = np.full(len(high), -highspy.kHighsInf)
        self._block(row, column, np.ones(len(row)), nothing, high.astype(np.float64))

    def _add_pupils(self) -> None:
        self._at_most(self.owner, np.arange(self.first_y), np.ones(len(self.part.pupils), np.int64))

    def _add_nodes(self) -> None:
        """Capacities of the forest of seats, where enough pupils want them to bind."""
        net = self.net
        node, column = net.arc_node, np.arange(self.first_y)
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

    def _add_segments(self) -> None:
        """Pathways within the seats given to them, and these within their segments."""
        if not len(self.pathways):
            return
        place = np.full(self.instance.m, -1, np.int64)
        place[self.pathways] = np.arange(len(self.pathways))
        column = np.flatnonzero(place[self.choice] >= 0)
        number = np.arange(len(self.pathways))
        self._block(
            np.concatenate([place[self.choice[column]], number]),
            np.concatenate([column, self.first_z + number]),
            np.concatenate([np.ones(len(column)), -np.ones(len(number))]),
            np.full(len(number), -highspy.kHighsInf),
            np.zeros(len(number)),
        )
        used: dict[int, list[int]] = {}
        for j in self.part.choices[self.instance.is_pathway[self.part.choices]].tolist():
            for q in self.instance.segments_of(j).tolist():
                used.setdefault(q, []).append(j)
        shared = [q for q, who in used.items() if self.hard.pathway[who].any()]
        columns = [self._columns_on(np.array(used[q]), place) for q in shared]
        row = np.repeat(np.arange(len(shared)), [len(c) for c in columns])
        self._at_most(row, np.concatenate(columns), self.left[shared])
        self.segment_room = self.left[shared]
        self.passes = np.zeros((len(shared), len(self.pathways)), np.int64)
        for index, q in enumerate(shared):
            self.passes[index, place[[j for j in used[q] if place[j] >= 0]]] = 1

    def _columns_on(self, users: Ints, place: Ints) -> Ints:
        """Columns that take a segment: z of hard pathways, arcs of the others."""
        free = users[place[users] < 0]
        arcs = np.flatnonzero(np.isin(self.choice, free)) if len(free) else free
        return np.concatenate([arcs, self.first_z + place[users[place[users] >= 0]]])

    def _add_groups(self) -> None:
        """Open with enough pupils or shut: need·y ≤ Σx ≤ cap·y, and x ≤ y for each arc."""
        groups = len(self.groups)
        if not groups:
            return
        place = np.full(self.instance.m, -1, np.int64)
        place[self.groups] = np.arange(groups)
        column = np.flatnonzero(place[self.choice] >= 0)
        group = place[self.choice[column]]
        row = np.concatenate([group, np.arange(groups)])
        where = np.concatenate([column, self.first_y + np.arange(groups)])
        need, cap = self.hard.need[self.groups], self.net.cap[self.groups]
        ones, inf = np.ones(len(column)), np.full(groups, highspy.kHighsInf)
        self._block(row, where, np.concatenate([ones, -need]), np.zeros(groups), inf)
        self._block(row, where, np.concatenate([ones, -cap]), -inf, np.zeros(groups))
        each = np.arange(len(column))
        self._block(
            np.concatenate([each, each]),
            np.concatenate([column, self.first_y + group]),
            np.concatenate([ones, -ones]),
            np.full(len(column), -highspy.kHighsInf),
            np.zeros(len(column)),
        )

    def _programme(self) -> highspy.HighsLp:
        sizes = [len(low) for low, _ in self._bounds]
        start = np.concatenate([[0], np.cumsum(sizes)])
        row = np.concatenate([r + s for (r, _, _), s in zip(self._rows, start[:-1], strict=True)])
        column = np.concatenate([c for _, c, _ in self._rows])
        value = np.concatenate([v for _, _, v in self._rows])
        matrix = coo_array((value, (row, column)), shape=(int(start[-1]), self.width)).tocsc()
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = self.width, int(start[-1])
        programme.col_cost_ = np.zeros(self.width)
        programme.col_lower_ = np.concatenate(
            [
                np.zeros(self.first_y),
                self.hard.forced[self.groups].astype(np.float64),
                np.zeros(len(self.pathways)),
            ]
        )
        programme.col_upper_ = np.concatenate(
            [np.ones(self.first_z), self.net.cap[self.pathways].astype(np.float64)]
        )
        programme.row_lower_ = np.concatenate([low for low, _ in self._bounds])
        programme.row_upper_ = np.concatenate([high for _, high in self._bounds])
        programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        programme.a_matrix_.start_ = matrix.indptr
        programme.a_matrix_.index_ = matrix.indices
        programme.a_matrix_.value_ = matrix.data
        return programme

    @staticmethod
    def _highs(programme: highspy.HighsLp, seconds: float | None) -> highspy.Highs:
        solver = quiet(seconds)
        solver.passModel(programme)
        return solver

    def set_cost(self, cost: Ints, constant: int) -> None:
        """Set the criterion to make smallest: `cost` by arc, plus a constant."""
        full = np.zeros(self.width)
        full[: self.first_y] = cost
        self.linear.changeColsCost(self.width, np.arange(self.width, dtype=np.int32), full)
        self.linear.changeObjectiveOffset(float(constant))
        self.price = np.zeros(0)
        if self.width <= NARROW:  # the last solution stays feasible: few pivots lead on from it
            self.linear.setOptionValue("simplex_strategy", PRIMAL)

    def relaxed(self, seconds: float | None) -> Outcome:
        """Solve without integrality; the bound is −inf when time struck first."""
        if seconds is not None:
            limit = self.linear.getRunTime() + max(0.0, seconds)
            self.linear.setOptionValue("time_limit", limit)
        run(self.linear)
        self.linear.setOptionValue("simplex_strategy", DUAL)
        status = self.linear.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Outcome(np.inf, None, True)
        if status != highspy.HighsModelStatus.kOptimal:
            return Outcome(-np.inf, None, False)
        solution = self.linear.getSolution()
        self.price = np.array(solution.row_dual)
        bound = self.linear.getInfo().objective_function_value
        return Outcome(bound, np.array(solution.col_value), True)

    def bound_of_prices(self) -> float:
        """Bound that row prices prove under the present bounds of columns.

        The prices are those of the last run that ended, or of the one that did not: any prices
        prove something. Rows are relaxed at their price, then columns go where they are cheapest.
        """
        last = np.array(self.linear.getSolution().row_dual)
        return max(self._bound_of(self.price), self._bound_of(last))

    def _bound_of(self, given: Floats) -> float:
        programme = self.linear.getLp()
        price = np.zeros(programme.num_row_)
        price[: len(given)] = given
        low, high = np.array(programme.row_lower_), np.array(programme.row_upper_)
        price[np.isinf(np.where(price > 0, low, high))] = 0.0
        priced = np.flatnonzero(price)
        paid = price[priced] @ np.where(price > 0, low, high)[priced]
        matrix = programme.a_matrix_
        size = (programme.num_row_, self.width)
        columns = csc_array((matrix.value_, matrix.index_, matrix.start_), shape=size)
        reduced = np.array(programme.col_cost_) - columns.T @ price
        worst = np.minimum(reduced * self.low, reduced * self.high)
        return float(paid + worst.sum() + programme.offset_)

    def whole(self, start: Floats, seconds: float | None) -> Outcome:
        """Solve with integer hard columns, from a known solution."""
        solver = self._highs(self.linear.getLp(), seconds)
        hard = np.arange(self.first_y, self.width, dtype=np.int32)
        kinds = np.full(len(hard), highspy.HighsVarType.kInteger)
        solver.changeColsIntegrality(len(hard), hard, kinds)
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        solver.setSolution(known)
        run(solver)
        finished = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        info = solver.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = np.array(solver.getSolution().col_value) if found else None
        return Outcome(info.mip_dual_bound, solution, finished)

    def hard_bounds(self) -> tuple[Floats, Floats]:
        """Bounds of the hard columns: groups, then seats of pathways."""
        return self.low[self.first_y :].copy(), self.high[self.first_y :].copy()

    def set_hard_bounds(self, low: Floats, high: Floats) -> None:
        """Set the bounds of the hard columns."""
        self._set_bounds(np.arange(self.first_y, self.width), low, high)

    def _set_bounds(self, columns: Ints, low: Floats, high: Floats) -> None:
        self.low[columns], self.high[columns] = low, high
        self.linear.changeColsBounds(len(columns), columns.astype(np.int32), low, high)

    def add_cuts(self, solution: Floats) -> int:
        """Add the halved sums of segment rows that a solution breaks; return how many.

        The sum of some rows Σz ≤ cap, halved and rounded down, holds for whole numbers of seats:
        three pathways two by two on three segments of one place cannot take half a place each.
        """
        seats = solution[self.first_z :]
        found = 0
        for rows in self._neighbours(seats):
            weight = self.passes[rows].sum(axis=0) // 2
            most = int(self.segment_room[rows].sum()) // 2
            key = (tuple(np.flatnonzero(weight).tolist()), tuple(weight[weight > 0].tolist()), most)
            if weight @ seats > most + CUT and key not in self.cuts:
                self.cuts.add(key)
                where = (self.first_z + np.flatnonzero(weight)).astype(np.int32)
                value = weight[weight > 0].astype(np.float64)
                self.linear.addRow(-highspy.kHighsInf, float(most), len(where), where, value)
                found += 1
        return found

    def _neighbours(self, seats: Floats) -> list[list[int]]:
        """Sets of full segments, two to four, linked by pathways whose seats are not whole."""
        split = np.flatnonzero(np.abs(seats - np.round(seats)) > EXACT)
        full = self.passes @ seats > self.segment_room - EXACT
        near: list[int] = np.flatnonzero(full & self.passes[:, split].any(axis=1)).tolist()
        linked = {
            q: [r for r in near if r != q and (self.passes[q] & self.passes[r]).any()] for q in near
        }
        sets = {frozenset([q]) for q in near}
        every: set[frozenset[int]] = set()
        for _ in range(3):
            sets = {s | {r} for s in sets for q in s for r in linked[q] if r not in s}
            every |= sets
            if len(sets) > MOST_SETS:
                break
        return [sorted(s) for s in every if self.segment_room[sorted(s)].sum() % 2]

    def forbid(self, columns: Ints) -> None:
        """Fix these columns at zero."""
        zero = np.zeros(len(columns))
        self._set_bounds(columns, zero, zero)

    def require_pupils(self, pupils: Ints) -> None:
        """Give these pupils a place (rows of the component)."""
        one = np.ones(len(pupils))
        self.linear.changeRowsBounds(len(pupils), pupils.astype(np.int32), one, one)

    def keep_face(self, best: int, relaxed: float) -> None:
        """Keep only solutions as good as `best` for the criterion just solved by `relaxed`.

        Reduced costs say which columns no such solution uses. When the relaxation is exact, the
        rows with a price must be full, and that describes the whole face.
        """
        self.forbid_dearer(best - relaxed)
        if best - relaxed > EXACT:
            self.cap_objective(best)
            return
        solution = self.linear.getSolution()
        price, activity = np.array(solution.row_dual), np.array(solution.row_value)
        tight = np.flatnonzero(np.abs(price) > EXACT)
        level = np.round(activity[tight])
        self.linear.changeRowsBounds(len(tight), tight.astype(np.int32), level, level)

    def forbid_dearer(self, gap: float) -> None:
        """Bound the columns whose reduced cost alone would pass the best value known.

        A column at one of its bounds may leave it by as many whole steps as the gap pays for.
        """
        solution = self.linear.getSolution()
        value, reduced = np.array(solution.col_value), np.array(solution.col_dual)
        dear = np.flatnonzero(np.abs(reduced) > EXACT)
        steps = np.floor((max(gap, 0.0) + EXACT) / np.abs(reduced[dear]))
        low, high = self.low[dear], self.high[dear]
        bottom = (reduced[dear] > 0) & (value[dear] < low + TINY)
        top = (reduced[dear] < 0) & (value[dear] > high - TINY)
        nearer = np.where(bottom, np.minimum(high, low + steps), high)
        higher = np.where(top, np.maximum(low, high - steps), low)
        changed = (nearer < high) | (higher > low)
        self._set_bounds(dear[changed], higher[changed], nearer[changed])

    def cap_objective(self, best: int) -> None:
        """Add the row that keeps the present criterion at `best`, proved to be the smallest.

        Held from both sides: what the relaxation could still gain on it by halves of seats would
        loosen the bounds of the criteria that follow.
        """
        programme = self.linear.getLp()
        cost = np.array(programme.col_cost_)
        where = np.flatnonzero(cost).astype(np.int32)
        level = best - programme.offset_
        self.linear.addRow(level, level, len(where), where, cost[where])

    def point(self, arcs: Ints, opened: Ints) -> Floats:
        """Return the columns of a known assignment: its arcs and its open groups."""
        point = np.zeros(self.width)
        point[arcs] = 1.0
        point[self.first_y + np.flatnonzero(np.isin(self.groups, opened))] = 1.0
        count = np.bincount(self.choice[arcs], minlength=self.instance.m)
        point[self.first_z :] = count[self.pathways]
        return point

    def decisions(self, solution: Floats) -> tuple[Ints, Ints]:
        """Return the groups that a solution opens and the seats of its pathways, made whole.

        Seats are rounded down, then up from the fullest on where the segments have room.
        """
        opened = self.groups[solution[self.first_y : self.first_z] > 0.5]
        wanted = solution[self.first_z :]
        seats = np.floor(wanted + EXACT).astype(np.int64)
        room = self.left.copy()
        passed = [self.instance.segments_of(j) for j in self.pathways.tolist()]
        for row, count in zip(passed, seats.tolist(), strict=True):
            room[row] -= count
        for q in np.argsort(seats - wanted, kind="stable").tolist():
            if wanted[q] > seats[q] + EXACT and (room[passed[q]] > 0).all():
                seats[q] += 1
                room[passed[q]] -= 1
        return opened, seats
