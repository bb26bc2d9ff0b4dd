"""A flow without circles, told again as few wide paths."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def decompose(tail: Ints, head: Ints, flow: Ints, nodes: int) -> Iterator[tuple[int, list[int]]]:
    """Yield (pupils, nodes in order) until the flow is used up, the widest path first.

    −1 stands for the beginning as a tail and for the end as a head. Every other arc goes from a
    node to one that is found later in time, so that a path never meets itself. Among equally
    wide paths the one whose arcs come first is taken.
    """
    left = flow.copy()
    leaving: dict[int, list[int]] = {}
    for arc in np.flatnonzero(left > 0):
        leaving.setdefault(int(tail[arc]), []).append(int(arc))
    while True:
        width, arcs = _widest(-1, leaving, head, left, {})
        if not width:
            return
        left[arcs] -= width
        yield width, [int(head[arc]) for arc in arcs if head[arc] >= 0]


def _widest(
    node: int,
    leaving: dict[int, list[int]],
    head: Ints,
    left: Ints,
    known: dict[int, tuple[int, list[int]]],
) -> tuple[int, list[int]]:
    """The widest way from a node to the end, with its arcs."""
    if node in known:
        return known[node]
    best: tuple[int, list[int]] = (0, [])
    for arc in leaving.get(node, ()):
        if not left[arc]:
            continue
        width, rest = int(left[arc]), list[int]()
        if head[arc] >= 0:
            width, rest = _widest(int(head[arc]), leaving, head, left, known)
        if min(width, left[arc]) > best[0]:
            best = (int(min(width, left[arc])), [arc, *rest])
    known[node] = best
    return best
