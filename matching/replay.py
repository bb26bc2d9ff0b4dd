"""`order_of_priority`: pupils served in turn, each at the best rank still possible.

A pupil's rank is settled in its turn; the week stays open to the end when several choices have
that rank. A place on a pathway that shares segments is settled at once, nearest first. Groups
left too small are shut and everything is run again.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching import flow, network, packing
from matching.flow import State
from matching.hard import Hard
from matching.instance import Instance
from matching.network import Fixed, Network
from matching.packing import Packed
from matching.policy import LAST, UNPLACED_ALL, Values
from matching.result import Infeasible

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
SMALL = 3_000  # pupils under which compiled code is not worth its warm-up


@dataclass(frozen=True)
class Stages:
    """The steps of each pupil: one rank's arcs, or one arc of a shared pathway, best first."""

    net: Network  # arcs in the order of the steps
    first: Ints  # [pupils + 1] steps of each pupil
    start: Ints  # [steps] first arc
    stop: Ints  # [steps] arc after the last
    shared: Flags  # [steps] on a pathway that shares segments


def serve(instance: Instance, hard: Hard, values: Values) -> NDArray[np.int32]:
    """[n] choice of each pupil, locked ones included; Infeasible if a lock's group stays small."""
    shared = hard.pathway | (hard.fixed.segment >= 0)
    shut = hard.fixed.shut & ~hard.group
    while True:
        alone = np.full(instance.m, -1, np.int64)
        fixed = Fixed(shut, np.zeros_like(alone), alone, alone, hard.fixed.own_segment)
        choice = _round(instance, fixed, shared, values)
        count = np.bincount(choice[choice >= 0], minlength=instance.m)
        small = (count > 0) & (count < instance.min_group)
        if not small.any():
            return choice
        locked = small & np.isin(np.arange(instance.m), instance.lock)
        if locked.any():
            raise Infeasible(f"min_group {int(np.argmax(locked))}: its locked pupils stay too few")
        shut = shut | small


def _round(instance: Instance, fixed: Fixed, shared: Flags, values: Values) -> NDArray[np.int32]:
    """Serve everybody once with these groups shut."""
    stages = _stages(instance, network.build(instance, fixed), shared, values)
    net = stages.net
    pupils = len(net.pupils)
    words = Packed(1, np.zeros((len(net.arc_node), 1), int), np.ones((pupils, 1), int), (), 0)
    state = State(net, words, compiled=pupils > SMALL)
    turn = np.lexsort((values.position[net.pupils], instance.tier[net.pupils]))
    _serve_in_turn(instance, state, stages, turn.tolist())
    return _break_ties(instance, net, state, values)


def _stages(instance: Instance, net: Network, shared: Flags, values: Values) -> Stages:
    """Sort the arcs of each pupil into steps."""
    owner = np.repeat(np.arange(len(net.pupils)), np.diff(net.arc_ptr))
    rank, dist, choice = (
        a.ravel()[net.arc_cell] for a in (instance.rank, instance.dist, instance.wish)
    )
    alone = shared[choice]
    draw = values.of_arcs(LAST[-1]).ravel()[net.arc_cell]
    order = np.lexsort((draw, np.where(alone, dist, 0), alone, rank, owner))
    owner, rank, alone = owner[order], rank[order], alone[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = alone[1:] | alone[:-1] | (rank[1:] != rank[:-1]) | (owner[1:] != owner[:-1])
    start = np.flatnonzero(fresh)
    return Stages(
        replace(net, arc_cell=net.arc_cell[order], arc_node=net.arc_node[order]),
        np.searchsorted(owner[start], np.arange(len(net.pupils) + 1)),
        start,
        np.append(start[1:], len(order)),
        alone[start],
    )


def _serve_in_turn(instance: Instance, state: State, stages: Stages, turn: list[int]) -> None:
    """Settle the step of each pupil: the first that leaves every earlier one its own."""
    node, first = stages.net.arc_node.tolist(), stages.first.tolist()
    start, stop, shared = stages.start.tolist(), stages.stop.tolist(), stages.shared.tolist()
    wish = instance.wish.ravel()
    room = network.segments_left(instance)
    state.arc_to[:] = state.arc_from[:]
    for p in turn:
        for step in range(first[p], first[p + 1]):
            a, b = start[step], stop[step]
            if all(state.pot[node[x]] > 0 for x in range(a, b)):
                continue  # these seats are taken by earlier pupils for good
            passed = np.zeros(0, np.int32)
            if shared[step]:
                passed = instance.segments_of(int(wish[stages.net.arc_cell[a]]))
                if (room[passed] <= 0).any():
                    continue
            state.arc_from[p], state.arc_to[p] = a, b
            state.insert(np.array([p]))
            if state.at[p] >= 0:
                room[passed] -= 1
                break
            state.arc_to[p] = a


def _break_ties(
    instance: Instance, net: Network, state: State, values: Values
) -> NDArray[np.int32]:
    """Choose among equal ranks: everybody keeps a place, then distance, then the pair draw."""
    start, stop = np.asarray(state.arc_from, np.int64), np.asarray(state.arc_to, np.int64)
    length = stop - start
    pointer = np.concatenate([[0], np.cumsum(length)])
    arcs = np.repeat(start - pointer[:-1], length) + np.arange(pointer[-1])
    kept = replace(net, arc_ptr=pointer, arc_cell=net.arc_cell[arcs], arc_node=net.arc_node[arcs])
    packed = packing.pack(kept, values, (UNPLACED_ALL, *LAST))
    found = flow.run(kept, packed)
    choice = np.maximum(instance.lock, -1).astype(np.int32)
    placed = found.at >= 0
    choice[net.pupils[placed]] = instance.wish.ravel()[kept.arc_cell[found.at[placed]]]
    return choice
