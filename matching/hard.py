"""Where the problem stops being a flow: groups with a minimum, pathways that share segments.

Most side conditions of this kind turn out not to bind, or to be a flow in disguise: a group that
cannot fill, a segment that one pathway uses, a segment shared as a pool is. What is left is hard.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.instance import FREE, Instance
from matching.network import Fixed, seats_left, segments_left
from matching.result import Infeasible

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Hard:
    """The hard columns of an instance, and the decisions that take no thought."""

    group: Flags  # [m] groups to be opened or shut
    forced: Flags  # [m] groups that a lock opens
    need: Ints  # [m] pupils that a group wants beside the locked ones
    pathway: Flags  # [m] pathways whose number of seats is to be chosen
    fixed: Fixed  # every group shut, no seat for hard pathways

    @property
    def columns(self) -> Flags:
        """[m] choices that take a search."""
        return self.group | self.pathway


@dataclass(frozen=True)
class Component:
    """Pupils and choices tied together by wishes, pools or segments."""

    pupils: Ints
    choices: Ints


def analyse(instance: Instance) -> Hard:
    """Return what is hard in an instance; refuse a group that a lock opens and nothing fills."""
    room = np.minimum(_wanted(instance), seats_left(instance))
    locked = instance.cap - seats_left(instance)
    need = np.where(instance.min_group > 1, np.maximum(instance.min_group - locked, 0), 0)
    forced = (need > 0) & (locked > 0)
    if (forced & (room < need)).any():
        raise Infeasible(f"min_group {int(np.argmax(forced & (room < need)))}: it cannot be filled")
    empty = room < need
    segment, own, pathway = _segments(instance, np.where(empty, 0, room))
    group = (need > 0) & ~empty
    nothing = np.zeros(instance.m, np.int64)
    limit = np.where(pathway, 0, -1)
    fixed = Fixed(empty | group, nothing, limit, segment, own)
    return Hard(group, forced, need, pathway, fixed)


def _wanted(instance: Instance) -> Ints:
    """[m] free pupils that could take each choice."""
    usable = instance.open_arc & (instance.lock == FREE)[:, None]
    return np.bincount(instance.wish[usable], minlength=instance.m)


def _segments(instance: Instance, room: Ints) -> tuple[Ints, Ints, Flags]:
    """Return the segment above each choice, the one inside it, and the pathways left hard."""
    above = np.full(instance.m, -1, np.int64)
    own = np.full(instance.m, -1, np.int64)
    hard = np.zeros(instance.m, bool)
    left = segments_left(instance)
    users: dict[int, list[int]] = {}
    for j in np.flatnonzero(instance.is_pathway & (room > 0)).tolist():
        for q in instance.segments_of(j).tolist():
            users.setdefault(q, []).append(j)
    room = room.copy()
    for q, who in users.items():
        if len(who) == 1 and left[q] < room[who[0]]:
            room[who[0]], own[who[0]] = left[q], q
    tightest: dict[tuple[int, ...], int] = {}
    for q, who in users.items():
        if len(who) > 1 and room[who].sum() > left[q]:
            same = tightest.setdefault(tuple(who), q)
            if left[q] < left[same]:
                tightest[tuple(who)] = q
    for shared, q in tightest.items():
        for j in shared:
            hard[j] |= above[j] >= 0 or instance.pool[j] >= 0
            above[j] = q
    above[hard] = -1
    return above, own, hard


def components(instance: Instance, hard: Hard) -> list[Component]:
    """Return the connected parts that have a hard column, in the order of their first pupil."""
    if not hard.columns.any():
        return []
    usable = instance.open_arc & (instance.lock == FREE)[:, None]
    owner, column = np.nonzero(usable)
    n, m, pools = instance.n, instance.m, len(instance.pool_cap)
    pooled = np.flatnonzero(instance.pool >= 0)
    user = np.repeat(np.arange(m), np.diff(instance.parc_ptr))
    left = np.concatenate([owner, n + pooled, n + user])
    right = np.concatenate(
        [
            n + instance.wish[owner, column],
            n + m + instance.pool[pooled],
            n + m + pools + instance.parc_seg,
        ]
    )
    size = n + m + pools + len(instance.seg_cap)
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    pupil_label, choice_label = label[:n], label[n : n + m]
    wanted = np.unique(choice_label[hard.columns])
    parts = [
        Component(
            np.flatnonzero((pupil_label == c) & (instance.lock == FREE)),
            np.flatnonzero(choice_label == c),
        )
        for c in wanted
    ]
    return sorted((p for p in parts if len(p.pupils)), key=lambda p: int(p.pupils[0]))
