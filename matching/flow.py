"""Run the kernel on a network: lists for small instances, compiled code for large ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import kernel
from matching.network import Network
from matching.packing import Packed

Ints = NDArray[np.int64]
Progress = Callable[[int, int], None]  # (pupils inserted, pupils in all)
SMALL = 200_000  # arcs × words under which compiled code is not worth its warm-up
CHUNK = 20_000


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
) -> Flow:
    """Place every pupil of the network at the least total cost."""
    nodes, pupils, words = len(network.cap), len(network.pupils), packed.words
    wanted = np.bincount(network.arc_node, minlength=nodes)
    slots = np.minimum(wanted, network.cap)
    child_ptr, child = _children(network.parent)
    state: list[Any] = [
        network.arc_ptr,
        network.arc_node,
        packed.arc.ravel(),
        packed.out.ravel(),
        network.parent,
        child_ptr,
        child,
        network.cap,
        network.low,
        packed.unit,
        _first_potentials(network, packed).ravel(),
        np.zeros(nodes, np.int64),  # used
        np.concatenate([[0], np.cumsum(slots)]),
        np.zeros(int(slots.sum()) + 1, np.int64),
        np.zeros(nodes, np.int64),  # held
        np.full(pupils, -1, np.int64),  # at
        np.zeros(pupils, np.int64),  # slot_of
        np.zeros(nodes * words, np.int64),  # dist
        np.zeros(nodes, np.int64),  # seen
        *(np.zeros(nodes, np.int64) for _ in range(6)),  # place … settled
        *(np.zeros(words, np.int64) for _ in range(3)),
    ]
    if compiled is None:
        compiled = packed.arc.size > SMALL
    if not compiled:
        state = [x.tolist() if isinstance(x, np.ndarray) else x for x in state]
    insert: Callable[..., int] = kernel.compiled() if compiled else kernel.insert
    clock = 0
    serve = serving_order(packed)
    for start in range(0, pupils, CHUNK):
        stop = min(start + CHUNK, pupils)
        order: Any = serve[start:stop] if compiled else serve[start:stop].tolist()
        clock = insert(order, words, *state, clock)
        if progress is not None:
            progress(stop, pupils)
    pot = np.asarray(state[10], np.int64).reshape(nodes, words)
    return Flow(np.asarray(state[15], np.int64), pot, np.asarray(state[11], np.int64))


def serving_order(packed: Packed) -> Ints:
    """Dearest to leave out first, then the order of rows: few pupils lose a place once given."""
    return np.argsort(-packed.out[:, 0], kind="stable")


def prices_of(network: Network, packed: Packed, flow: Flow) -> Ints:
    """[nodes, words] potential of each node, never below its parent's (an idle node may be)."""
    pot = flow.pot.copy()
    for _ in range(4):  # school, side, choice, pool
        below = np.flatnonzero(network.parent >= 0)
        above = pot[network.parent[below]]
        less = _lexicographically_less(pot[below], above)
        pot[below[less]] = above[less]
    return pot


def _lexicographically_less(left: Ints, right: Ints) -> NDArray[np.bool_]:
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
    pot = np.zeros((len(network.cap), packed.words), np.int64)
    pot[:, 0] = np.where(network.low > 0, -packed.unit, 0)
    for _ in range(4):
        inner = network.parent >= 0
        above = np.where(inner, pot[network.parent, 0], 0)
        pot[:, 0] = np.where(inner, np.minimum(pot[:, 0], above), pot[:, 0])
    return pot
