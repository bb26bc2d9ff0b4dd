"""Small groups hidden in tables of counts, so that no sum or difference gives them back.

A count from 1 to 4 is hidden, « moins de 5 ». When the sums that the reader knows would still
give it, other counts are hidden too, « masqué », the least useful first. What is promised:
for each count of a small group, another table with every published count and every mark exists.
"""

import enum
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, vstack

TINY = 1e-6
FEWEST = 5
"""Below it a group is too small to be counted for readers who may know its people."""

K = TypeVar("K", bound=Hashable)
Sum = tuple[K, tuple[K, ...]]
"""A count and the counts that add up to it."""


class Hidden(enum.Enum):
    """Why a count is not shown."""

    FEW = "moins de 5"
    ASIDE = "masqué"


def alone(count: int) -> int | str:
    """A count that belongs to no published sum: itself, or « moins de 5 »."""
    return Hidden.FEW.value if 0 < count < FEWEST else count


def shown(
    counts: Mapping[K, int],
    sums: Sequence[Sum[K]],
    price: Callable[[K], float] = lambda _: 1,
    unsaid: Collection[K] = (),
) -> dict[K, int | Hidden]:
    """What may be published of counts that the reader can add and subtract.

    `sums` holds every relation between them; `price` says how much hiding each one costs;
    `unsaid` names counts that are never published and only tie others together.
    """
    told = _shown(
        tuple(counts.items()),
        tuple(sums),
        tuple(float(price(key)) for key in counts),
        frozenset(unsaid),
    )
    return dict(zip(counts, told, strict=True))


@lru_cache(maxsize=64)
def _shown(
    counts: tuple[tuple[Hashable, int], ...],
    sums: tuple[Sum[Hashable], ...],
    prices: tuple[float, ...],
    unsaid: frozenset[Hashable],
) -> tuple[int | Hidden, ...]:
    """Kept in memory: the figures of a published run never change."""
    values = np.array([value for _, value in counts])
    secret = np.array([key in unsaid for key, _ in counts])
    few = (values > 0) & (values < FEWEST) & ~secret
    hidden = few | secret
    place = {key: row for row, (key, _) in enumerate(counts)}
    relations = _matrix(place, sums)
    unsure = np.zeros(len(values), bool)
    """Counts that take another value in some table that the reader cannot rule out."""
    limits = _limits(values, few, secret)
    while (moved := _free_moves(relations, limits, hidden, few & ~unsure)).any():
        unsure |= moved
    for cell in np.flatnonzero(few):
        if unsure[cell]:
            continue
        cost = np.where(hidden, 0, prices) + TINY
        moved = _another_table(relations, limits, cost, int(cell))
        if moved is None:  # nothing can move: say nothing at all
            hidden |= values > 0
            break
        hidden |= moved
        unsure |= moved
    return tuple(
        (Hidden.FEW if few[row] else Hidden.ASIDE) if hidden[row] else int(value)
        for row, value in enumerate(values)
    )


def _matrix(place: Mapping[Hashable, int], sums: Sequence[Sum[Hashable]]) -> csr_matrix:
    rows, columns, signs = [], [], []
    for number, (whole, parts) in enumerate(sums):
        rows += [number] * (1 + len(parts))
        columns += [place[whole], *(place[part] for part in parts)]
        signs += [-1, *([1] * len(parts))]
    return csr_matrix((signs, (rows, columns)), shape=(len(sums), len(place)))


def _limits(values: Any, few: Any, secret: Any) -> Any:
    """Which counts may be one higher, then one lower, as far as the reader knows.

    A count marked « moins de 5 » stays from 1 to 4, one marked « masqué » stays at 5 or more.
    Zero is nobody, and always shown; a count that is never published may be anything.
    """
    up = np.where(few, values < FEWEST - 1, values >= FEWEST) | secret
    down = np.where(few, values > 1, values > FEWEST) | (secret & (values > 0))
    return np.concatenate([up, down]).astype(float)


def _free_moves(relations: csr_matrix, limits: Any, hidden: Any, wanted: Any) -> Any:
    """Hidden counts that can move by one together, as many wanted ones as possible."""
    size = len(wanted)
    if not wanted.any():
        return np.zeros(size, bool)
    gain = np.where(wanted, -1.0, TINY)
    once = LinearConstraint(_aside(csr_matrix(np.eye(size)), 1), 0, 1)
    taken = _moves(relations, limits * np.tile(hidden, 2), gain, once)
    return wanted & (taken != 0) if taken is not None else np.zeros(size, bool)


def _another_table(relations: csr_matrix, limits: Any, cost: Any, cell: int) -> Any:
    """The cheapest set of counts, with this one, that can move by one without breaking a sum."""
    here = csr_matrix(np.eye(1, len(cost), cell))
    taken = _moves(relations, limits, cost, LinearConstraint(_aside(here, 1), 1, 1))
    return None if taken is None else taken != 0


def _moves(relations: csr_matrix, limits: Any, cost: Any, also: LinearConstraint) -> Any:
    """The cheapest moves, +1 or −1 for each count, that keep every sum; None if there is none."""
    size = len(cost)
    found = milp(
        np.concatenate([cost, cost]),
        integrality=np.ones(2 * size, np.int64),
        bounds=Bounds(np.zeros(2 * size), limits),
        constraints=[LinearConstraint(_aside(relations, -1), 0, 0), also],
    )
    if found.x is None:
        return None
    taken = np.round(found.x)
    return taken[:size] - taken[size:]


def _aside(rows: csr_matrix, sign: int) -> csr_matrix:
    """The same rows for moves up, then for moves down."""
    return vstack([rows.T, sign * rows.T]).T
