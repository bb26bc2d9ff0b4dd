"""Seats that a search left free: given to pathways as long as that improves the assignment.

When time strikes, the settings tried may leave seats of a pathway to nobody while a pupil would
take one. More seats for a pathway, the rest as set, never cost anything; so they are offered, and
the kernel says in the policy's order who gains. What is left can be improved by no chain of
exchanges that takes one more seat of one pathway, and no free seat is wasted.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from matching.milp import Model

Ints = NDArray[np.int64]
Completed = tuple[tuple[int, ...], Ints]  # criteria, arcs taken


def fill(
    model: Model,
    found: Completed,
    opened: Ints,
    complete: Callable[[Ints], Completed | None],
    gain: Callable[[Ints], Ints],
) -> Completed:
    """Return `found`, or the better assignment that free seats of pathways allow.

    `complete` gives the best assignment for a number of seats of each hard pathway, the groups as
    they are (`opened` among those that have a minimum); `gain` numbers the arcs, first the one by
    which its pupil would gain most.
    """
    shut = np.setdiff1d(model.groups, opened)
    usable = ~np.isin(model.pathways, shut)
    best, untried = found, usable.copy()
    while True:
        given = _taken(model, best[1])
        raised = _raised(model, best[1], given, untried, gain(best[1]))
        tried = [one for one in map(complete, (given, raised)) if one is not None]
        better = min([best, *tried], key=lambda one: one[0])
        if better[0] < best[0]:
            best, untried = better, usable.copy()
            continue
        if not (raised > given).any():
            return best
        untried &= raised == given


def _taken(model: Model, arcs: Ints) -> Ints:
    """Pupils of each hard pathway."""
    return np.bincount(model.choice[arcs], minlength=model.instance.m)[model.pathways]


def _raised(model: Model, arcs: Ints, given: Ints, untried: NDArray[np.bool_], gain: Ints) -> Ints:
    """Give each pathway not tried yet all the seats that are left, where most is gained first."""
    count = np.bincount(model.choice[arcs], minlength=model.instance.m)
    room = model.left.copy()
    for j in np.flatnonzero(model.instance.is_pathway & (count > 0)).tolist():
        room[model.instance.segments_of(j)] -= count[j]
    first = np.full(model.instance.m, len(gain))
    np.minimum.at(first, model.choice, gain)
    raised = given.copy()
    for q in np.argsort(first[model.pathways], kind="stable").tolist():
        if untried[q]:
            j = int(model.pathways[q])
            segments = model.instance.segments_of(j)
            more = min(int(room[segments].min()), int(model.net.cap[j] - given[q]))
            raised[q] += more
            room[segments] -= more
    return raised
