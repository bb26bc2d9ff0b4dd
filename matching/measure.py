"""Figures about an assignment for the pages that compare policies."""

from dataclasses import dataclass

import numpy as np

from matching.instance import Instance
from matching.result import Result


@dataclass(frozen=True)
class Measure:
    """Counts by tier, in the order REP+, REP, QPV, other."""

    pupils: tuple[int, ...]
    placed: tuple[int, ...]
    first_wish: tuple[int, ...]
    completion: tuple[int, ...]


def measure(instance: Instance, result: Result) -> Measure:
    """Count pupils, places, first wishes and completions by tier."""
    column = instance.column_of(result.choice)
    placed = column >= 0
    row = np.arange(instance.n)
    completed = placed & instance.completion[row, column]
    first = placed & ~completed & (instance.rank[row, column] == 1)

    def by_tier(mask: np.ndarray) -> tuple[int, ...]:
        return tuple(np.bincount(instance.tier[mask], minlength=4).tolist())

    everyone = np.ones(instance.n, bool)
    return Measure(by_tier(everyone), by_tier(placed), by_tier(first), by_tier(completed))
