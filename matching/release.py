"""Start from an earlier answer: keep the pupils whom its prices still hold, free seats one by one.

`adopt` and `release` are plain Python over flat sequences, compiled or not as `kernel.insert` is,
and leave the state that it wants: every pupil kept is at a cheapest place under the potentials,
and a node with seats left costs no more than its parent. Any such state is optimal for the pupils
kept, so the answer does not depend on where one starts.
"""

# ruff: noqa: C901, PLR0913, PLR0915 (loops that a compiler can keep in registers)

from collections.abc import Callable
from functools import cache
from typing import Any

from matching.native import native


def adopt(
    old: Any,
    words: int,
    arc_from: Any,
    arc_to: Any,
    arc_node: Any,
    arc_cost: Any,
    out: Any,
    parent: Any,
    cap: Any,
    pot: Any,
    used: Any,
    slot_ptr: Any,
    slot: Any,
    held: Any,
    at: Any,
    slot_of: Any,
    rest: Any,
    best: Any,
) -> int:
    """Put each pupil at its old arc (−1 out) if nothing is cheaper and seats are left.

    The others are listed in `rest` and marked −2, to be inserted; return how many they are.
    """
    count = 0
    for s in range(len(old)):
        mine = old[s]
        for w in range(words):
            best[w] = out[s * words + w]
            if mine >= 0:
                best[w] = arc_cost[mine * words + w] + pot[arc_node[mine] * words + w]
        kept = True
        for w in range(words):
            if best[w] != out[s * words + w]:
                kept = best[w] < out[s * words + w]
                break
        for a in range(arc_from[s], arc_to[s]):
            row = arc_node[a] * words
            for w in range(words):
                total = arc_cost[a * words + w] + pot[row + w]
                if total != best[w]:
                    kept = kept and total > best[w]
                    break
        v = arc_node[mine] if mine >= 0 and kept else -1
        while v >= 0 and used[v] < cap[v]:
            v = parent[v]
        if not kept or v >= 0:
            at[s] = -2
            rest[count] = s
            count += 1
        elif mine >= 0:
            v = arc_node[mine]
            at[s] = mine
            slot_of[s] = held[v]
            slot[slot_ptr[v] + held[v]] = s
            held[v] += 1
            while v >= 0:
                used[v] += 1
                v = parent[v]
    return count


def release(
    x: int,
    words: int,
    arc_node: Any,
    arc_cost: Any,
    owner: Any,
    wanted_ptr: Any,
    wanted: Any,
    out: Any,
    parent: Any,
    child_ptr: Any,
    child: Any,
    cap: Any,
    pot: Any,
    used: Any,
    slot_ptr: Any,
    slot: Any,
    held: Any,
    at: Any,
    slot_of: Any,
    dist: Any,
    seen: Any,
    heap: Any,
    to_node: Any,
    to_arc: Any,
    mover: Any,
    base: Any,
    best: Any,
    trial: Any,
) -> None:
    """Give node x one more seat: who gains most moves in, and so on, or its price falls.

    The shortest way from the parent of x back to x is searched backwards, over distances to x;
    node `len(parent)` is the sink, whose potential is the last one. `seen` is −1, or 0 open, or 1
    settled, and is left at −1. Pupils marked −2 in `at` take no part.
    """
    nodes = len(parent)
    goal = parent[x] if parent[x] >= 0 else nodes
    for w in range(words):
        best[w] = pot[x * words + w] - pot[goal * words + w]
        dist[x * words + w] = 0
    reached = False
    heap[0] = x
    seen[x] = 0
    size, settled = 1, 0  # heap[:settled] are settled, heap[settled:size] open, in no order
    while settled < size:
        near = settled
        for q in range(settled + 1, size):
            for w in range(words):
                gap = dist[heap[q] * words + w] - dist[heap[near] * words + w]
                if gap != 0:
                    if gap < 0:
                        near = q
                    break
        z = heap[near]
        closer = False
        for w in range(words):
            if dist[z * words + w] != best[w]:
                closer = dist[z * words + w] < best[w]
                break
        if not closer:
            break
        heap[near] = heap[settled]
        heap[settled] = z
        settled += 1
        seen[z] = 1
        for w in range(words):
            base[w] = dist[z * words + w] + pot[z * words + w]
        # Who could send a unit to z: pupils who list it, its children, its parent; at the sink,
        # pupils who have a place, and roots.
        if z < nodes:
            pupils, others = wanted_ptr[z + 1] - wanted_ptr[z], child_ptr[z + 1] - child_ptr[z] + 1
        else:
            pupils, others = len(at), nodes
        for item in range(-pupils, others):
            p, a = -1, -1
            if item < 0 and z < nodes:
                a = wanted[wanted_ptr[z] - item - 1]
                p = owner[a]
                if at[p] == a or at[p] < -1:
                    continue
                y = arc_node[at[p]] if at[p] >= 0 else nodes
            elif item < 0:
                p = -item - 1
                if at[p] < 0:
                    continue
                y = arc_node[at[p]]
            elif z == nodes:
                y = item
                if parent[y] >= 0 or used[y] >= cap[y]:
                    continue
            elif item < others - 1:
                y = child[child_ptr[z] + item]
                if used[y] >= cap[y]:
                    continue
            else:
                y = parent[z] if parent[z] >= 0 else nodes
                if used[z] == 0 or z == x:
                    continue
            if seen[y] == 1:
                continue
            under_best, under_dist = False, seen[y] < 0
            w = 0
            while w < words:
                total = base[w] - pot[y * words + w]
                if p >= 0:
                    total += arc_cost[a * words + w] if a >= 0 else out[p * words + w]
                    now = at[p]
                    total -= arc_cost[now * words + w] if now >= 0 else out[p * words + w]
                if not under_best:
                    if total > best[w]:
                        break
                    under_best = total < best[w]
                if not under_dist:
                    if total > dist[y * words + w]:
                        break
                    under_dist = total < dist[y * words + w]
                trial[w] = total
                w += 1
            if w < words or not under_best or not under_dist:
                continue
            to_node[y], to_arc[y], mover[y] = z, a, p
            for w in range(words):
                dist[y * words + w] = trial[w]
            if y == goal:
                reached = True
                for w in range(words):
                    best[w] = trial[w]
            elif seen[y] < 0:
                seen[y] = 0
                heap[size] = y
                size += 1
    for q in range(settled):
        z = heap[q]
        for w in range(words):
            pot[z * words + w] -= best[w] - dist[z * words + w]
    for q in range(size):
        seen[heap[q]] = -1
    for w in range(words):  # the sink costs nothing: all the others rise instead
        fall = pot[nodes * words + w]
        if fall != 0:
            for v in range(nodes + 1):
                pot[v * words + w] -= fall
    if not reached:
        return
    used[x] += 1
    y = goal
    while y != x:  # out of the slots first: a full leaf has room for no more
        z, p = to_node[y], mover[y]
        if p < 0:
            if y < nodes and (parent[y] == z or z == nodes):
                used[y] += 1
            else:
                used[z] -= 1
        elif y < nodes:
            held[y] -= 1
            other = slot[slot_ptr[y] + held[y]]
            slot[slot_ptr[y] + slot_of[p]] = other
            slot_of[other] = slot_of[p]
        y = z
    y = goal
    while y != x:
        z, p = to_node[y], mover[y]
        if p >= 0:
            at[p] = to_arc[y]
            if z < nodes:
                slot_of[p] = held[z]
                slot[slot_ptr[z] + held[z]] = p
                held[z] += 1
        y = z


@cache
def compiled() -> tuple[Callable[..., int], Callable[..., None]]:
    """Return `adopt` and `release` as machine code."""
    return native(adopt), native(release)
