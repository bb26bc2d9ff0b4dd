"""Slow and obvious answers that the engine is compared with: every assignment, one by one."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from matching import FREE, Instance, Policy
from matching.policy import Values

HARD = ("group", "pathway")
ALL = ("school_max", "reserve", "pool", "lock", "ban", "tie", "completion", "held", *HARD)
FLOW = tuple(c for c in ALL if c not in HARD)


def allowed(instance: Instance, choice: tuple[int, ...]) -> bool:
    """Say whether an assignment (pupil i at choice[i], −1 nowhere) keeps every side condition."""
    for j in range(instance.m):
        inside = [i for i, c in enumerate(choice) if c == j]
        schools = [int(instance.school[i]) for i in inside]
        others = [i for i in inside if instance.tier[i] >= 2]
        if len(inside) > instance.cap[j]:
            return False
        if len(others) > instance.cap[j] - instance.reserve[j]:
            return False
        if instance.school_cap[j] and any(
            schools.count(s) > instance.school_cap[j] for s in schools
        ):
            return False
        if inside and len(inside) < instance.min_group[j]:
            return False
    for q, seats in enumerate(instance.pool_cap):
        if sum(c >= 0 and instance.pool[c] == q for c in choice) > seats:
            return False
    for q, seats in enumerate(instance.seg_cap):
        if sum(c >= 0 and q in instance.segments_of(c) for c in choice) > seats:
            return False
    return True


def options(instance: Instance, pupil: int) -> list[int]:
    """Everything that may happen to a pupil."""
    lock = int(instance.lock[pupil])
    if lock != FREE:
        return [lock]
    row = zip(instance.wish[pupil], instance.ban[pupil], strict=True)
    return [-1, *(int(j) for j, banned in row if j >= 0 and not banned)]


def every_assignment(instance: Instance) -> list[tuple[int, ...]]:
    """Every assignment that keeps the side conditions; none when locks contradict."""
    every = product(*(options(instance, i) for i in range(instance.n)))
    return [choice for choice in every if allowed(instance, choice)]


def best(
    instance: Instance, policy: Policy, seed: int | None, found: list[tuple[int, ...]]
) -> tuple[int, ...]:
    """Return the smallest objective vector over all assignments."""
    values = Values(instance, seed)
    tables = [(values.of_arcs(c), values.of_unplaced(c)) for c in policy.criteria]
    column = [{int(j): c for c, j in enumerate(row) if j >= 0} for row in instance.wish]

    def vector(choice: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(
            sum(int(out[i] if j < 0 else arcs[i, column[i][j]]) for i, j in enumerate(choice))
            for arcs, out in tables
        )

    return min(vector(choice) for choice in found)


@st.composite
def instances(draw: st.DrawFn, conditions: tuple[str, ...] = ALL, most: int = 6) -> Instance:
    """Small instances with the side conditions asked for, present or not."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    on = {c: c in conditions and draw(st.booleans()) for c in ALL}
    k = draw(st.integers(0, min(m, 3)))
    wish = np.stack([rng.permutation(m)[:k] for _ in range(n)]).reshape(n, k)
    if draw(st.booleans()):
        wish = np.where(wish == 0, wish[:, :1], wish)
        wish[:, :1] = 0  # everybody wants the same
    length = rng.integers(0, k + 1, n) if draw(st.booleans()) else np.full(n, k)
    wish[np.arange(k)[None, :] >= length[:, None]] = -1
    rank = np.tile(np.arange(1, k + 1), (n, 1))
    if on["tie"]:
        rank = np.sort(rng.integers(1, 3, (n, k)), axis=1)
    completion = np.zeros((n, k), bool)
    if on["completion"]:
        completion = np.arange(k)[None, :] >= rng.integers(0, k + 1, n)[:, None]
    tier_of_school = rng.integers(0, 4, 3)
    school = rng.integers(0, 3, n)
    cap = rng.integers(0, 4, m) if draw(st.booleans()) else rng.integers(0, 2, m)
    pools = 2 if on["pool"] else 0
    steps = rng.integers(0, 3, m) if on["pathway"] else np.zeros(m, int)
    segments = 3 if on["pathway"] else 0
    ban = (rng.random((n, k)) < 0.2) & on["ban"]
    return Instance(
        tier=tier_of_school[school],
        school=school,
        wish=wish,
        rank=rank,
        completion=completion,
        ban=ban,
        dist=rng.integers(0, 3, (n, k)) if draw(st.booleans()) else rng.integers(0, 90, (n, k)),
        lottery=rng.permutation(n),
        cap=cap,
        lock=_locks(rng, wish, ban) if on["lock"] else np.full(n, FREE),
        held=rng.integers(-1, m, n) if on["held"] else np.full(n, -1),
        school_cap=rng.integers(0, 3, m) if on["school_max"] else np.zeros(m, int),
        reserve=np.minimum(cap, rng.integers(0, 3, m)) if on["reserve"] else np.zeros(m, int),
        min_group=rng.integers(0, 4, m) if on["group"] else np.zeros(m, int),
        pool=rng.integers(-1, pools, m),
        pool_cap=rng.integers(0, 4, pools),
        parc_ptr=np.concatenate([[0], np.cumsum(steps)]),
        parc_seg=rng.integers(0, max(1, segments), int(steps.sum())),
        seg_cap=rng.integers(0, 3, segments),
    )


def _locks(rng: np.random.Generator, wish: np.ndarray, ban: np.ndarray) -> np.ndarray:
    lock = np.full(len(wish), FREE)
    for i in np.flatnonzero(rng.random(len(wish)) < 0.25):
        free = wish[i][(wish[i] >= 0) & ~ban[i]]
        lock[i] = rng.choice(free) if len(free) and rng.random() < 0.7 else -1
    return lock
