"""Take up an earlier answer: seat who still belongs where he was, then free the seats left."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matching import release
from matching.network import Network

if TYPE_CHECKING:
    from matching.flow import State

Ints = NDArray[np.int64]
FEW = 100  # changes, and one more for each fifty pupils, beyond which a fresh start is as quick
ADOPT = (
    *("arc_from", "arc_to", "arc_node", "arc_cost", "out", "parent", "cap", "pot"),
    *("used", "slot_ptr", "slot", "held", "at", "slot_of"),
)
SEATS = ("out", "parent", "child_ptr", "child", "cap", "pot", "used")
SLOTS = ("slot_ptr", "slot", "held", "at", "slot_of")


def resume(state: "State", network: Network, at: Ints, pot: Ints) -> Ints | None:
    """Put pupils and prices where they were; return the pupils to insert, None if too many.

    `at` is the old arc of each pupil (−1 out), `pot` [nodes, words] the old potentials.
    """
    adopt: Any
    free: Any
    adopt, free = release.compiled() if state.compiled else (release.adopt, release.release)
    arrays = state.arrays
    state.pot[:] = state.costs(np.vstack([pot, np.zeros((1, pot.shape[1]), np.int64)]))
    rest = state.own(np.zeros(len(at), np.int64))
    left = adopt(
        state.own(at), state.words, *(arrays[name] for name in ADOPT), rest, arrays["best"]
    )
    used = np.asarray(state.used, np.int64)
    spare = np.where(_dearer_than_parent(state, network), network.cap - used, 0)
    if left + int(spare.sum()) > FEW + len(at) // 50:
        return None
    _free(state, network, used, spare, free)
    waiting = np.asarray(rest[:left], np.int64)
    for pupil in waiting.tolist():
        state.at[pupil] = -1
    return waiting


def _free(state: "State", network: Network, used: Ints, spare: Ints, free: Any) -> None:
    """Give back one by one the seats that are priced and not taken."""
    arrays, cap = state.arrays, state.arrays["cap"]
    nodes = np.flatnonzero(spare > 0)
    for x in nodes.tolist():
        cap[x] = int(used[x])
    length = np.diff(network.arc_ptr)
    owner = state.own(np.repeat(np.arange(len(length)), length))
    order = np.argsort(network.arc_node, kind="stable")
    pointer = np.searchsorted(network.arc_node[order], np.arange(len(network.cap) + 1))
    wanted = (owner, state.own(pointer), state.own(order))
    size = len(network.cap) + 1
    dist = state.own(np.zeros(size * state.words, np.int64))
    scratch = [state.own(np.zeros(size, np.int64)) for _ in range(4)]
    seen = state.own(np.full(size, -1))
    costs = (state.words, arrays["arc_node"], arrays["arc_cost"])
    seats, slots = ([arrays[name] for name in names] for names in (SEATS, SLOTS))
    vectors = [arrays[name] for name in ("base", "best", "trial")]
    for x in nodes.tolist():
        for _ in range(int(spare[x])):
            cap[x] += 1
            free(x, *costs, *wanted, *seats, *slots, dist, seen, *scratch, *vectors)


def _dearer_than_parent(state: "State", network: Network) -> NDArray[np.bool_]:
    """[nodes] true where a seat of its own has a price."""
    words = state.words
    nodes = len(network.cap)
    kind = np.int64 if state.compiled else object
    pot = np.asarray(state.pot, kind).reshape(-1, words)
    above = pot[np.where(network.parent >= 0, network.parent, nodes)]
    dearer: NDArray[np.bool_] = np.asarray((pot[:nodes] != above).any(axis=1), bool)
    return dearer
