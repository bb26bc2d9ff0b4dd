"""A solve that starts from an earlier result gives the same answer as one that does not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching import FREE, POLICIES, Infeasible, Instance, flow, solve, verify
from matching.generate import Shape, generate
from tests.matching import oracle

LISTED = [p for p in POLICIES.values() if not p.replay]
SHAPE = Shape(400, wishes=6, side_km=25, school_max_share=0.3, reserve_share=0.3, pool_share=0.3)


def changed(instance: Instance, rng: np.random.Generator, changes: int = 5) -> Instance:
    """Lock, free, ban, and give or take a seat, at random."""
    lock, ban = np.array(instance.lock), np.array(instance.ban)
    cap, pool_cap = np.array(instance.cap), np.array(instance.pool_cap)
    for _ in range(changes):
        i, j = int(rng.integers(instance.n)), int(rng.integers(instance.m))
        free = np.flatnonzero((instance.wish[i] >= 0) & ~ban[i])
        match int(rng.integers(6)):
            case 0 if len(free):
                lock[i] = instance.wish[i, rng.choice(free)]
            case 1:
                lock[i] = -1
            case 2:
                lock[i] = FREE
            case 3 if len(free) and lock[i] < 0:
                ban[i, rng.choice(free)] = True
            case 4:
                cap[j] = max(int(instance.reserve[j]), int(cap[j]) + int(rng.integers(-1, 3)))
            case 5 if len(pool_cap):
                pool_cap[int(rng.integers(len(pool_cap)))] += 1
    return replace(instance, lock=lock, ban=ban, cap=cap, pool_cap=pool_cap)


def same(before: Instance, after: Instance, policy) -> bool:
    """Compare a warm and a cold solve; False if either instance has no answer."""
    try:
        base = solve(before, policy, seed=3)
        cold = solve(after, policy, seed=3)
    except Infeasible:
        return False
    warm = solve(after, policy, seed=3, warm=base)
    verify(after, policy, warm)
    assert warm.choice.tobytes() == cold.choice.tobytes()
    assert warm.objective == cold.objective
    return True


@pytest.mark.parametrize("policy", LISTED, ids=lambda p: p.code)
@settings(max_examples=60, deadline=None)
@given(instance=oracle.instances(most=12), seed=st.integers(0, 2**32 - 1))
def test_small_instances_of_every_kind(policy, instance, seed):
    assume(instance.m)
    assume(same(instance, changed(instance, np.random.default_rng(seed)), policy))


@pytest.mark.parametrize("policy", LISTED, ids=lambda p: p.code)
def test_reserves_pools_and_school_maxima_at_a_larger_size(policy):
    rng = np.random.default_rng(8)
    compared = [
        same(instance, changed(instance, rng), policy)
        for instance in (generate(SHAPE, seed) for seed in range(4))
    ]
    assert any(compared)


@pytest.mark.parametrize("compiled", [True, False])
def test_an_earlier_answer_is_taken_up_and_not_only_thrown_away(monkeypatch, compiled):
    instance, policy = generate(SHAPE, 1), POLICIES["priority"]
    base = solve(instance, policy, seed=3)
    placed = np.flatnonzero(base.choice >= 0)[:5]
    locks = dict.fromkeys(placed.tolist(), -1)
    inserted = []
    insert = flow.State.insert
    for limit in ("SMALL", "TINY"):
        monkeypatch.setattr(flow, limit, 0 if compiled else 10**9)
    monkeypatch.setattr(
        flow.State, "insert", lambda self, rows: inserted.append(len(rows)) or insert(self, rows)
    )
    warm = solve(instance, policy, seed=3, locks=locks, warm=base)
    assert sum(inserted) < 20
    cold = solve(instance, policy, seed=3, locks=locks)
    assert warm.choice.tobytes() == cold.choice.tobytes()
    verify(instance.with_locks(locks), policy, warm)


def test_a_result_of_another_rule_draw_or_size_is_not_used():
    instance = generate(SHAPE, 2)
    cold = solve(instance, POLICIES["priority"], seed=3)
    others = [
        solve(instance, POLICIES["no_priority"], seed=3),
        solve(instance, POLICIES["priority"], seed=4),
        solve(generate(replace(SHAPE, pupils=300), 2), POLICIES["priority"], seed=3),
    ]
    for other in others:
        warm = solve(instance, POLICIES["priority"], seed=3, warm=other)
        assert warm.choice.tobytes() == cold.choice.tobytes()
