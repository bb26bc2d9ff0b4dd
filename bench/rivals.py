"""The alternatives, each given the plain criterion as one number per arc.

A pupil left out costs more than all the ranks of a chain of exchanges, and more in a higher tier.
Who can be placed together is a matroid, so unequal weights are enough to put the tiers in order.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching import Instance

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Costs:
    """Arcs of an instance with their ranks, and the cost of leaving each pupil out."""

    instance: Instance
    owner: Ints
    choice: Ints
    rank: Ints
    out: Ints

    @classmethod
    def of(cls, instance: Instance) -> "Costs":
        """Return the arcs in row order."""
        owner, column = np.nonzero(instance.wish >= 0)
        rank = instance.rank[owner, column].astype(np.int64)
        unit = int(rank.max(initial=1)) * (instance.n + 2)
        return cls(
            instance,
            owner.astype(np.int64),
            instance.wish[owner, column].astype(np.int64),
            rank,
            unit * (4 - instance.tier.astype(np.int64)),
        )

    def total(self, choice: NDArray[np.integer]) -> int:
        """Cost of an assignment."""
        column = self.instance.column_of(choice)
        rows = np.flatnonzero(column >= 0)
        ranks = int(self.instance.rank[rows, column[rows]].sum())
        return ranks + int(self.out[column < 0].sum())

    def network(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """Start, end, capacity, cost of each arc, and supplies: pupils, choices, sink."""
        n, m = self.instance.n, self.instance.m
        pupils, choices = np.arange(n), n + np.arange(m)
        start = np.concatenate([self.owner, pupils, choices])
        end = np.concatenate([n + self.choice, np.full(n, n + m), np.full(m, n + m)])
        cap = np.concatenate([np.ones(len(self.owner) + n, np.int64), self.instance.cap])
        cost = np.concatenate([self.rank, self.out, np.zeros(m, np.int64)])
        supply = np.concatenate([np.ones(n, np.int64), np.zeros(m, np.int64), [-n]])
        return start, end, cap.astype(np.int64), cost, supply.astype(np.int64)


def ortools(costs: Costs) -> Callable[[], int]:
    """OR-tools SimpleMinCostFlow."""
    from ortools.graph.python import min_cost_flow

    start, end, cap, cost, supply = costs.network()
    nodes = np.arange(len(supply))

    def run() -> int:
        solver = min_cost_flow.SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(start, end, cap, cost)
        solver.set_nodes_supplies(nodes, supply)
        if solver.solve() != solver.OPTIMAL:
            raise RuntimeError("OR-tools found no optimum")
        return int(solver.optimal_cost())

    return run


def lemon(costs: Costs) -> Callable[[], int]:
    """LEMON's network simplex, by pylmcf."""
    import pylmcf

    start, end, cap, cost, supply = costs.network()
    order = np.lexsort((end, start))
    start, end, cap, cost = (np.ascontiguousarray(a[order]) for a in (start, end, cap, cost))

    def run() -> int:
        graph = pylmcf.Graph(len(supply), start, end)
        graph.set_node_supply(supply)
        graph.set_edge_capacities(cap)
        graph.set_edge_costs(cost)
        graph.solve()
        return int(graph.total_cost())

    return run


def scipy(costs: Costs) -> Callable[[], int]:
    """SciPy's sparse assignment, on seats one by one and a place outside for each pupil."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    n, cap = costs.instance.n, costs.instance.cap.astype(np.int64)
    first = np.concatenate([[0], np.cumsum(cap)])
    repeat = cap[costs.choice]
    row = np.concatenate([np.repeat(costs.owner, repeat), np.arange(n)])
    within = np.arange(int(repeat.sum())) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    seat = np.repeat(first[costs.choice], repeat) + within
    column = np.concatenate([seat, first[-1] + np.arange(n)])
    weight = np.concatenate([np.repeat(costs.rank, repeat), costs.out])
    graph = coo_array((weight.astype(np.float64), (row, column))).tocsr()

    def run() -> int:
        rows, columns = min_weight_full_bipartite_matching(graph)
        return int(graph[rows, columns].sum())

    return run


def highs(costs: Costs) -> Callable[[], int]:
    """HiGHS, as a linear programme."""
    import highspy
    from scipy.sparse import coo_array

    instance, arcs = costs.instance, len(costs.owner)
    column = np.arange(arcs)
    row = np.concatenate([costs.owner, instance.n + costs.choice])
    entries = (np.ones(2 * arcs), (row, np.concatenate([column, column])))
    matrix = coo_array(entries, shape=(instance.n + instance.m, arcs)).tocsc()
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = arcs, instance.n + instance.m
    programme.col_cost_ = (costs.rank - costs.out[costs.owner]).astype(np.float64)
    programme.col_lower_, programme.col_upper_ = np.zeros(arcs), np.ones(arcs)
    programme.row_lower_ = np.zeros(instance.n + instance.m)
    programme.row_upper_ = np.concatenate([np.ones(instance.n), instance.cap]).astype(np.float64)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = matrix.indptr
    programme.a_matrix_.index_ = matrix.indices
    programme.a_matrix_.value_ = matrix.data

    def run() -> int:
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(programme)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError("HiGHS found no optimum")
        return round(solver.getInfo().objective_function_value) + int(costs.out.sum())

    return run


RIVALS = {"ortools": ortools, "lemon": lemon, "scipy": scipy, "highs": highs}
NAMES = {
    "ortools": "OR-tools SimpleMinCostFlow",
    "lemon": "LEMON network simplex (pylmcf)",
    "scipy": "scipy sparse assignment, expanded",
    "highs": "HiGHS linear programme",
}
