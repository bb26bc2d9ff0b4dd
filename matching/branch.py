"""Branch and cut on the hard columns of a component, for one criterion.

The linear programme is solved again and again from its last basis, which takes a few pivots. Cuts
found for one criterion hold for the next ones. A setting of all hard columns is judged by the
kernel, never by the linear programme: a row that keeps an earlier criterion may let arcs be split.
"""

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from matching.milp import EXACT, Model

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bounds = tuple[tuple[int, int, int], ...]  # (hard column, low, high), innermost last
ROUNDS = 25
TRY_EVERY = 20  # nodes between two roundings of a linear solution


@dataclass(frozen=True)
class Ended:
    """How the search for one criterion ended: the smallest value, or a bound if time struck."""

    bound: int
    proved: bool


class Branching:
    """Search the settings of the hard columns, criterion after criterion.

    The nodes that can still hold an optimal setting are kept from one criterion to the next.
    """

    def __init__(
        self, model: Model, offer: Callable[[Floats], int], deadline: float | None
    ) -> None:
        self.model, self.offer, self.deadline = model, offer, deadline
        self.low, self.high = model.hard_bounds()
        self.nodes: list[Bounds] = [()]
        self.root = 0  # bound of the whole programme for the present criterion
        self.turns = count()

    def run(self, best: int) -> Ended:
        """Prove the smallest value of the criterion set in the model; `offer` keeps solutions."""
        self.low, self.high = self.model.hard_bounds()  # as the criteria kept so far leave them
        self.best = self._tighten(best)
        self.queue: list[tuple[int, int, Bounds, Floats]] = []
        self.waiting: list[tuple[int, Bounds]] = []
        if not all(self._look(node) for node in self.nodes):
            return self._struck(self.root)
        while self.queue and self.queue[0][0] < self.best:
            bound, _, node, solution = heapq.heappop(self.queue)
            if not all(self._look(child) for child in self._children(node, solution)):
                return self._struck(bound)
        self.waiting += [(value, node) for value, _, node, _ in self.queue]
        self._keep([node for value, node in self.waiting if value <= self.best])
        return Ended(self.best, True)

    def _struck(self, bound: int) -> Ended:
        self._apply(())
        proved = self.model.bound_of_prices()
        if np.isfinite(proved):
            bound = max(bound, int(np.ceil(proved - EXACT)))
        return Ended(min(bound, self.best), False)

    def _look(self, node: Bounds) -> bool:
        """Bound a node and file it; False if time struck."""
        outcome = self._relaxed(node)
        if outcome is None:
            return False
        value, point = outcome
        if point is None:
            return True
        turn = next(self.turns)
        if self._settled():
            self.best = min(self.best, self.offer(point))
            return True
        if value < self.best and (turn % TRY_EVERY == 0 or self._whole(point)):
            self.best = min(self.best, self.offer(point))
        if value < self.best:
            heapq.heappush(self.queue, (value, turn, node, point))
        else:
            self.waiting.append((value, node))  # it may hold as good a setting, not a better one
        return True

    def _keep(self, nodes: list[Bounds]) -> None:
        """Keep these nodes, and their hull as the bounds of every column."""
        self.nodes = nodes
        boxes = [self._box(node) for node in nodes]
        if boxes:
            self.low = np.min([low for low, _ in boxes], axis=0)
            self.high = np.max([high for _, high in boxes], axis=0)
        if len(nodes) == 1:
            self.nodes = [()]
        self._apply(())

    def _tighten(self, best: int) -> int:
        """Add cuts as long as solutions break some; return the best value seen."""
        self.root = 0
        for _ in range(ROUNDS if self.nodes == [()] else 0):
            outcome = self._relaxed(())
            if outcome is None or outcome[1] is None:
                break
            self.root = outcome[0]
            best = min(best, self.offer(outcome[1]))
            if outcome[0] >= best or not self.model.add_cuts(outcome[1]):
                break
        return best

    def _relaxed(self, node: Bounds) -> tuple[int, Floats | None] | None:
        """Bound and solution of a node; no solution if it is empty; None if time struck."""
        if not self._apply(node):
            return 0, None
        seconds = None if self.deadline is None else self.deadline - time.perf_counter()
        outcome = self.model.relaxed(seconds)
        if not outcome.finished:
            return None
        if outcome.solution is None:
            return 0, None
        return int(np.ceil(outcome.bound - EXACT)), outcome.solution

    def _apply(self, node: Bounds) -> bool:
        """Set the bounds of every hard column; False if they leave nothing."""
        low, high = self._box(node)
        if (low > high).any():
            return False
        self.model.set_hard_bounds(low, high)
        return True

    def _box(self, node: Bounds) -> tuple[Floats, Floats]:
        """Bounds of the hard columns in a node."""
        low, high = self.low.copy(), self.high.copy()
        for column, at_least, at_most in node:
            low[column], high[column] = max(low[column], at_least), min(high[column], at_most)
        return low, high

    def _whole(self, solution: Floats) -> bool:
        hard = solution[self.model.first_y :]
        return bool((np.abs(hard - np.round(hard)) < EXACT).all())

    def _settled(self) -> bool:
        """Say whether the bounds in use leave one setting only."""
        low, high = self.model.hard_bounds()
        return bool((low >= high - EXACT).all())

    def _children(self, node: Bounds, solution: Floats) -> list[Bounds]:
        """Split a node on a group half open, else on seats not whole, else on any open choice."""
        low, high = self._box(node)
        hard = solution[self.model.first_y :]
        distance = np.abs(hard - np.round(hard))
        distance[: len(self.model.groups)] *= 2  # a group moves more pupils than a seat
        column = int(np.argmax(distance))
        if distance[column] > EXACT:
            floor = int(np.floor(hard[column]))
            parts = [(floor + 1, int(high[column])), (int(low[column]), floor)]
        else:
            column = int(np.argmax(high - low))
            value = int(np.round(hard[column]))
            parts = [
                (value, value),
                (int(low[column]), value - 1),
                (value + 1, int(high[column])),
            ]
        return [(*node, (column, a, b)) for a, b in parts if a <= b]
