"""Successive shortest paths with vector costs, on seats that are counted, not expanded.

`insert` is plain Python over flat sequences: numba compiles it for large instances, and lists of
Python integers make the same code quick enough on small ones, without any warm-up.

Every node v has a potential pot[v], the least cost of freeing one of its seats. For a pupil at
leaf v, cost + pot[v] is at most its cost at any other leaf, and at most its cost without a place:
these inequalities are what makes the assignment optimal, and they hold after every insertion.
"""

# ruff: noqa: C901, PLR0913, PLR0915 (one loop that a compiler can keep in registers)

from collections.abc import Callable
from functools import cache
from typing import Any

from matching.native import native


def insert(
    order: Any,
    digits: Any,
    arc_from: Any,
    arc_to: Any,
    arc_node: Any,
    arc_cost: Any,
    out: Any,
    parent: Any,
    child_ptr: Any,
    child: Any,
    cap: Any,
    low: Any,
    unit: int,
    pot: Any,
    used: Any,
    slot_ptr: Any,
    slot: Any,
    held: Any,
    at: Any,
    slot_of: Any,
    dist: Any,
    place: Any,
    heap: Any,
    from_arc: Any,
    from_node: Any,
    mover: Any,
    settled: Any,
    base: Any,
    best: Any,
    trial: Any,
    infinite: int,
) -> None:
    """Insert the pupils of `order` one by one, each at the least cost for all.

    State: pot (flat [nodes, words]), used (units through each node), slot/held/slot_of (occupants
    of each leaf), at (arc of each pupil, −1 out). The rest is scratch; the first word of `dist` is
    infinite where a search has not been, and is left so.
    """
    words = len(digits)  # of a tuple: known to the compiler, and its loops go
    for s in order:
        # Most pupils find a seat free at their cheapest choice: no search is needed.
        chosen = -1
        for w in range(words):
            best[w] = out[s * words + w]
        for a in range(arc_from[s], arc_to[s]):
            row = arc_node[a] * words
            for w in range(words):
                total = arc_cost[a * words + w] + pot[row + w]
                if total > best[w]:
                    break
                if total < best[w]:
                    chosen = a
                    for x in range(w, words):
                        best[x] = arc_cost[a * words + x] + pot[row + x]
                    break
        if chosen >= 0:
            v = arc_node[chosen]
            if parent[v] < 0 and used[v] < cap[v] and low[v] == 0:
                used[v] += 1
                at[s] = chosen
                slot_of[s] = held[v]
                slot[slot_ptr[v] + held[v]] = s
                held[v] += 1
                continue
        size = 0
        count, known = 0, 0
        for w in range(words):
            best[w] = out[s * words + w]
        end, leaver = -1, s
        v = -1
        while True:
            # Candidates from the settled node v: its parent, its children, its occupants; v = -1
            # stands for the pupil s itself.
            if v < 0:
                first, last = 0, 1
            else:
                first, last = child_ptr[v] - child_ptr[v + 1] - 1, held[v]
            for item in range(first, last):
                target = -1
                if v < 0:
                    p = s
                    for w in range(words):
                        base[w] = 0
                    a, a_end = arc_from[s], arc_to[s]
                elif item >= 0:
                    p = slot[slot_ptr[v] + item]
                    now = at[p]
                    for w in range(words):
                        base[w] = dist[v * words + w] - pot[v * words + w]
                        base[w] -= arc_cost[now * words + w]
                    for w in range(words):
                        gap = base[w] + out[p * words + w] - best[w]
                        if gap > 0:
                            break
                        if gap < 0:
                            for x in range(words):
                                best[x] = base[x] + out[p * words + x]
                            end, leaver = v, p
                            break
                    a, a_end = arc_from[p], arc_to[p]
                else:
                    p = -1
                    for w in range(words):
                        base[w] = dist[v * words + w] - pot[v * words + w]
                    if item == -1:
                        if used[v] >= cap[v]:
                            continue
                        if used[v] < low[v]:
                            base[0] -= unit
                        target = parent[v]
                        if target < 0:
                            for w in range(words):
                                gap = base[w] - best[w]
                                if gap > 0:
                                    break
                                if gap < 0:
                                    for x in range(words):
                                        best[x] = base[x]
                                    end, leaver = v, -1
                                    break
                            continue
                    else:
                        target = child[child_ptr[v] - item - 2]
                        if used[target] == 0:
                            continue
                        if used[target] <= low[target]:
                            base[0] += unit
                    a, a_end = 0, 1
                while a < a_end:
                    if p >= 0:
                        target = arc_node[a]
                    a += 1
                    row = target * words
                    if p >= 0 and base[0] + arc_cost[(a - 1) * words] + pot[row] > best[0]:
                        continue
                    under_best, under_dist = False, False
                    w = 0
                    while w < words:
                        total = base[w] + pot[row + w]
                        if p >= 0:
                            total += arc_cost[(a - 1) * words + w]
                        if not under_best:
                            if total > best[w]:
                                break
                            under_best = total < best[w]
                        if not under_dist:
                            if total > dist[row + w]:
                                break
                            under_dist = total < dist[row + w]
                        trial[w] = total
                        w += 1
                    if w < words or not under_best or not under_dist:
                        continue
                    from_arc[target] = a - 1
                    from_node[target] = v
                    mover[target] = p
                    if parent[target] < 0 and used[target] < cap[target] and low[target] == 0:
                        for w in range(words):  # a free seat: the path may end here
                            best[w] = trial[w]
                        end, leaver = target, -1
                        continue
                    fresh = dist[row] == infinite
                    tied = fresh and v >= 0
                    for w in range(words):
                        dist[row + w] = trial[w]
                        tied = tied and trial[w] == dist[v * words + w]
                    if tied:  # as near as v: settled without the heap
                        settled[known] = target
                        known += 1
                        continue
                    if fresh:
                        hole = size
                        size += 1
                    else:
                        hole = place[target]
                    while hole > 0:
                        above = heap[(hole - 1) >> 1]
                        smaller = False
                        for w in range(words):
                            if trial[w] != dist[above * words + w]:
                                smaller = trial[w] < dist[above * words + w]
                                break
                        if not smaller:
                            break
                        heap[hole] = above
                        place[above] = hole
                        hole = (hole - 1) >> 1
                    heap[hole] = target
                    place[target] = hole
            if count == known and size == 0:
                break
            v = settled[count] if count < known else heap[0]
            closer = False
            for w in range(words):
                if dist[v * words + w] != best[w]:
                    closer = dist[v * words + w] < best[w]
                    break
            if not closer:
                break
            count += 1
            if count <= known:
                continue
            settled[known] = v
            known += 1
            size -= 1
            if size > 0:
                moved = heap[size]
                hole = 0
                while True:
                    below = 2 * hole + 1
                    if below >= size:
                        break
                    if below + 1 < size:
                        x, y = heap[below] * words, heap[below + 1] * words
                        for w in range(words):
                            if dist[y + w] != dist[x + w]:
                                if dist[y + w] < dist[x + w]:
                                    below += 1
                                break
                    x, y = heap[below] * words, moved * words
                    smaller = False
                    for w in range(words):
                        if dist[x + w] != dist[y + w]:
                            smaller = dist[x + w] < dist[y + w]
                            break
                    if not smaller:
                        break
                    heap[hole] = heap[below]
                    place[heap[hole]] = hole
                    hole = below
                heap[hole] = moved
                place[moved] = hole
        for q in range(count):
            row = settled[q] * words
            for w in range(words):
                pot[row + w] += best[w] - dist[row + w]
        for q in range(known):
            dist[settled[q] * words] = infinite
        for q in range(size):
            dist[heap[q] * words] = infinite
        # Walk back along the path, moving each pupil into the seat that was freed.
        v = end
        if leaver < 0:
            used[v] += 1
        elif v >= 0:
            held[v] -= 1
            other = slot[slot_ptr[v] + held[v]]
            slot[slot_ptr[v] + slot_of[leaver]] = other
            slot_of[other] = slot_of[leaver]
            at[leaver] = -1
        while v >= 0:
            u, p = from_node[v], mover[v]
            if p < 0:
                if parent[u] == v:
                    used[u] += 1
                else:
                    used[v] -= 1
            else:
                if u >= 0:
                    held[u] -= 1
                    other = slot[slot_ptr[u] + held[u]]
                    slot[slot_ptr[u] + slot_of[p]] = other
                    slot_of[other] = slot_of[p]
                at[p] = from_arc[v]
                slot_of[p] = held[v]
                slot[slot_ptr[v] + held[v]] = p
                held[v] += 1
            v = u


@cache
def compiled() -> Callable[..., None]:
    """Return `insert` as machine code."""
    return native(insert)


def ready() -> bool:
    """Say whether this process has the compiled code already."""
    return compiled.cache_info().currsize > 0
