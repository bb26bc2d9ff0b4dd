"""Run the kernel on a network: lists for small instances, compiled code for large ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import kernel, restart
from matching.locality import arrange, has_neighbours
from matching.network import Network
from matching.packing import WORD_BITS, Packed

Ints = NDArray[np.int64]
Progress = Callable[[int, int], None]  # (pupils inserted, pupils in all)
SMALL = 100_000  # arcs × words under which compiled code is not worth its warm-up
TINY = 5_000  # the same once the compiled code is there
CHUNK = 20_000
LARGE = 5_000  # pupils from which the order in memory matters
HUGE = 50_000  # pupils from which it matters more than who comes first
BATCHES, FEW_BATCHES = 40, 4


@dataclass(frozen=True)
class Start:
    """An earlier answer: where each pupil was, and what the seats cost."""

    at: Ints  # [pupils] arc, −1 without a place
    pot: Ints  # [nodes, words] potentials


@dataclass(frozen=True)
class Flow:
    """The outcome: arc of each pupil (−1 none) and potential of each node, in words."""

    at: Ints  # [pupils]
    pot: Ints  # [nodes, words]
    used: Ints  # [nodes]


def run(
    network: Network,
    packed: Packed,
    progress: Progress | None = None,
    compiled: bool | None = None,
    start: Start | None = None,
) -> Flow:
    """Place every pupil of the network at the least total cost."""
    if compiled is None:
        compiled = packed.arc.size > SMALL or (kernel.ready() and packed.arc.size > TINY)
    if start is not None:
        state = State(network, packed, compiled)
        rest = restart.resume(state, network, start.at, start.pot)
        if rest is not None:
            state.insert(rest)
            return state.flow()
    if len(network.pupils) < LARGE or not has_neighbours(network):
        return _run(network, packed, progress, compiled)
    near = arrange(network, packed)
    found = _run(near.network, near.packed, progress, compiled)
    at = np.full(len(network.pupils), -1, np.int64)
    at[near.pupil] = np.append(near.arc, -1)[found.at]
    return Flow(at, found.pot[near.node], found.used[near.node])


def _run(network: Network, packed: Packed, progress: Progress | None, compiled: bool) -> Flow:
    state = State(network, packed, compiled)
    serve = serving_order(network, packed)
    for start in range(0, len(serve), CHUNK):
        state.insert(serve[start : start + CHUNK])
        if progress is not None:
            progress(min(start + CHUNK, len(serve)), len(serve))
    return state.flow()


class State:
    """The arrays that the kernel works on, as lists for plain code or as they are for numba."""

    def __init__(self, network: Network, packed: Packed, compiled: bool) -> None:
        nodes, pupils = len(network.cap), len(network.pupils)
        words = packed.words if compiled else 1  # Python's integers have room for all the words
        slots = np.minimum(np.bincount(network.arc_node, minlength=nodes), network.cap)
        child_ptr, child = _children(network.parent)
        self.compiled, self.shape = compiled, (nodes, packed.words)
        self.words = words

        own, costs = self.own, self.costs
        infinite = 1 << (WORD_BITS if compiled else WORD_BITS * packed.words)
        far = (nodes + 1) * words

        def zeros(size: int) -> Any:
            return own(np.zeros(size, np.int64))

        self.arc_from, self.arc_to = own(network.arc_ptr[:-1]), own(network.arc_ptr[1:])
        self.pot = costs(_first_potentials(network, packed))  # one row more: the sink
        self.used, self.at = zeros(nodes), own(np.full(pupils, -1, np.int64))
        self.arrays: dict[str, Any] = {  # in the order of the arguments of `insert`
            "digits": (0,) if words == 1 else own(np.zeros(words, np.int64)),
            "arc_from": self.arc_from,
            "arc_to": self.arc_to,
            "arc_node": own(network.arc_node, np.int32),
            "arc_cost": costs(packed.arc),
            "out": costs(packed.out),
            "parent": own(network.parent),
            "child_ptr": own(child_ptr),
            "child": own(child),
            "cap": own(network.cap),
            "low": own(network.low),
            "unit": packed.unit << (WORD_BITS * (packed.words - words)),
            "pot": self.pot,
            "used": self.used,
            "slot_ptr": own(np.concatenate([[0], np.cumsum(slots)])),
            "slot": zeros(int(slots.sum()) + 1),
            "held": zeros(nodes),
            "at": self.at,
            "slot_of": zeros(pupils),
            "dist": np.full(far, infinite) if compiled else [infinite] * far,
        }
        scratch = ("place", "heap", "from_arc", "from_node", "mover", "settled")
        self.arrays |= {name: zeros(nodes + 1) for name in scratch}
        self.arrays |= {name: zeros(words) for name in ("base", "best", "trial")}
        self.arrays["infinite"] = infinite
        self._insert: Callable[..., None] = kernel.compiled() if compiled else kernel.insert

    def own(self, array: Ints, kind: type[np.integer] = np.int64) -> Any:
        """Return a copy of integers as the kernel wants them."""
        return np.array(array, kind) if self.compiled else array.tolist()

    def costs(self, array: Ints) -> Any:
        """Return [rows, words] costs as the kernel wants them."""
        if self.compiled:
            return np.require(array, np.int64, ["C", "W"]).ravel()
        return _joined(array)

    def insert(self, pupils: Ints) -> None:
        """Insert these pupils in this order."""
        order: Any = pupils if self.compiled else pupils.tolist()
        self._insert(order, *self.arrays.values())

    def flow(self) -> Flow:
        """Return the present assignment and potentials."""
        nodes, words = self.shape
        pot = self.pot.reshape(-1, words) if self.compiled else _split(self.pot, words)
        return Flow(np.asarray(self.at, np.int64), pot[:nodes], np.asarray(self.used, np.int64))


def _joined(words: Ints) -> list[int]:
    """Put the words of each row in one Python integer, which compares as they do."""
    joined: list[int] = words[:, 0].tolist()
    for column in range(1, words.shape[1]):
        joined = [
            (x << WORD_BITS) + y for x, y in zip(joined, words[:, column].tolist(), strict=True)
        ]
    return joined


def _split(joined: list[int], words: int) -> Ints:
    """[rows, words] signed words again."""
    split = np.zeros((len(joined), words), np.int64)
    half, mask = 1 << (WORD_BITS - 1), (1 << WORD_BITS) - 1
    rest = joined
    for column in reversed(range(1, words)):
        low = [((x + half) & mask) - half for x in rest]
        rest = [(x - y) >> WORD_BITS for x, y in zip(rest, low, strict=True)]
        split[:, column] = low
    split[:, 0] = rest
    return split


def serving_order(network: Network, packed: Packed) -> Ints:
    """[pupils] rows in the order of insertion: it changes the speed, never the result.

    Where the draw tells almost every pupil from the others, dearest to leave out first: few lose
    a place once given. Elsewhere scarcest first: whoever lists a choice that few want comes last,
    when that choice is likely to be free still. In large instances by batches, each in the order
    of rows, so that neighbours come together.
    """
    dear = packed.out[:, 0]
    if len(np.unique(dear)) > len(dear) // 2:
        order, batches = np.argsort(-dear, kind="stable"), BATCHES
    else:
        order, batches = np.argsort(-_scarcity(network), kind="stable"), FEW_BATCHES
    if len(order) < HUGE:
        return order
    size = len(order) // batches + 1
    return np.concatenate([np.sort(order[a : a + size]) for a in range(0, len(order), size)])


def _scarcity(network: Network) -> NDArray[np.float64]:
    """[pupils] pupils for one seat at the least wanted choice of each list.

    Each pupil counts once, shared among its choices in the inverse of how many list them.
    """
    choices = np.diff(network.arc_ptr)
    some = choices > 0
    first = network.arc_ptr[:-1][some]
    seats = np.maximum(network.cap, 1)
    lists = np.bincount(network.arc_node, minlength=len(seats))
    share = (seats / np.maximum(lists, 1))[network.arc_node]
    share *= np.repeat(1 / np.add.reduceat(share, first), choices[some])
    wanted = np.bincount(network.arc_node, share, minlength=len(seats)) / seats
    least = np.zeros(len(choices))
    least[some] = np.minimum.reduceat(wanted[network.arc_node], first)
    return least


def raised(network: Network, pot: Ints) -> Ints:
    """[nodes, words] potentials, never below the parent's (that of an idle node may be)."""
    pot = pot.copy()
    for _ in range(4):  # school, side, choice, pool
        below = np.flatnonzero(network.parent >= 0)
        above = pot[network.parent[below]]
        less = lexicographically_less(pot[below], above)
        pot[below[less]] = above[less]
    return pot


def lexicographically_less(left: Ints, right: Ints) -> NDArray[np.bool_]:
    """[rows] true where a vector comes before the other."""
    less = np.zeros(len(left), bool)
    tied = np.ones(len(left), bool)
    for column in range(left.shape[1]):
        less |= tied & (left[:, column] < right[:, column])
        tied &= left[:, column] == right[:, column]
    return less


def _children(parent: Ints) -> tuple[Ints, Ints]:
    """Return the children of each node as slices of one array."""
    below = np.flatnonzero(parent >= 0)
    below = below[np.argsort(parent[below], kind="stable")]
    counts = np.bincount(parent[below], minlength=len(parent))
    return np.concatenate([[0], np.cumsum(counts)]), np.append(below, 0)


def _first_potentials(network: Network, packed: Packed) -> Ints:
    """Potentials before any insertion: an open group asks for its minimum down to its leaves."""
    first = np.where(network.low > 0, -packed.unit, 0)
    for _ in range(4):
        inner = network.parent >= 0
        above = np.where(inner, first[network.parent], 0)
        first = np.where(inner, np.minimum(first, above), first)
    pot = np.zeros((len(first) + 1, packed.words), np.int64)
    pot[:-1, 0] = first
    return pot
