"""The loop of `turns`: plain Python over flat sequences, which numba compiles for large instances.

Written for the verifier alone: the solver's replay has its own.
"""

# ruff: noqa: C901, PLR0913, PLR0915 (one loop that a compiler can keep in registers)

from collections.abc import Callable
from functools import cache
from typing import Any


def serve(
    turn: Any,
    step_ptr: Any,
    leaf_ptr: Any,
    leaf: Any,
    alone: Any,
    segment_ptr: Any,
    segment: Any,
    parent: Any,
    left: Any,
    child_ptr: Any,
    child: Any,
    room: Any,
    taken: Any,
    at: Any,
    used: Any,
    closed: Any,
    head: Any,
    after: Any,
    before: Any,
    seen: Any,
    came: Any,
    mover: Any,
    queue: Any,
) -> None:
    """Give each pupil of `turn` its first step for which exchanges between equal ranks make room.

    Steps of pupil p: step_ptr[p] to step_ptr[p + 1]; leaves of step s: leaf[leaf_ptr[s]:leaf_ptr[
    s + 1]]; alone[s] is the shared pathway that s is, or −1, and segment_ptr/segment its segments.
    Written: taken (step of each pupil, −1 none) and at (its leaf). The rest is state: used (units
    through a row), closed (no exchange will ever make room), head/after/before (who is at a leaf),
    room (places of each segment); seen, came, mover and queue are scratch.
    """
    clock = 0
    for p in turn:
        for s in range(step_ptr[p], step_ptr[p + 1]):
            pathway = alone[s]
            if pathway >= 0:
                full = False
                for x in range(segment_ptr[pathway], segment_ptr[pathway + 1]):
                    if room[segment[x]] <= 0:
                        full = True
                if full:
                    continue
            clock += 1
            tail = 0
            for x in range(leaf_ptr[s], leaf_ptr[s + 1]):
                v = leaf[x]
                if not closed[v] and seen[v] != clock:
                    seen[v], came[v], mover[v] = clock, -1, p
                    queue[tail] = v
                    tail += 1
            end = -1
            look = 0
            while look < tail:
                v = queue[look]
                look += 1
                if used[v] < left[v]:
                    u = parent[v]
                    if u < 0:
                        end = v
                        break
                    if not closed[u] and seen[u] != clock:
                        seen[u], came[u], mover[u] = clock, v, -1
                        queue[tail] = u
                        tail += 1
                for x in range(child_ptr[v], child_ptr[v + 1]):
                    u = child[x]
                    if used[u] > 0 and not closed[u] and seen[u] != clock:
                        seen[u], came[u], mover[u] = clock, v, -1
                        queue[tail] = u
                        tail += 1
                q = head[v]
                while q >= 0:
                    for x in range(leaf_ptr[taken[q]], leaf_ptr[taken[q] + 1]):
                        u = leaf[x]
                        if not closed[u] and seen[u] != clock:
                            seen[u], came[u], mover[u] = clock, v, q
                            queue[tail] = u
                            tail += 1
                    q = after[q]
            if end < 0:
                for x in range(tail):
                    closed[queue[x]] = 1
                continue
            taken[p] = s
            used[end] += 1
            v = end
            while v >= 0:
                u, q = came[v], mover[v]
                if q >= 0:
                    if u >= 0:  # q leaves u
                        if before[q] >= 0:
                            after[before[q]] = after[q]
                        else:
                            head[u] = after[q]
                        if after[q] >= 0:
                            before[after[q]] = before[q]
                    before[q], after[q] = -1, head[v]
                    if head[v] >= 0:
                        before[head[v]] = q
                    head[v] = q
                    at[q] = v
                elif parent[u] == v:
                    used[u] += 1
                else:
                    used[v] -= 1
                v = u
            if pathway >= 0:
                for x in range(segment_ptr[pathway], segment_ptr[pathway + 1]):
                    room[segment[x]] -= 1
            break


@cache
def compiled() -> Callable[..., None]:
    """Return `serve` compiled by numba, kept on disk where that is allowed."""
    from numba import njit

    try:
        return njit(cache=True)(serve)  # type: ignore[no-any-return]
    except RuntimeError:  # no writable place for the cache: compile once per process
        return njit(serve)  # type: ignore[no-any-return]
