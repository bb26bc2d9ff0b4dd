"""Served in turn: nobody is better off than the rule says, nobody worse."""

import numpy as np
import pytest
from hypothesis import given, settings

from matching import POLICIES, Infeasible, Instance, solve
from matching.generate import Shape, generate
from matching.policy import Values
from tests.matching import oracle

RULE = POLICIES["order_of_priority"]
SIMPLE = ("school_max", "reserve", "pool", "lock", "ban", "tie", "completion")


def by_hand(instance, seed):
    """Fix ranks one pupil after the other, looking at every assignment that is left."""
    values = Values(instance, seed)
    left = oracle.every_assignment(instance)
    rank = [dict(zip(w, r, strict=True)) for w, r in zip(instance.wish, instance.rank, strict=True)]
    for i in np.lexsort((values.position, instance.tier)):
        best = min(rank[i].get(c[i], 99) if c[i] >= 0 else 99 for c in left)
        left = [c for c in left if (rank[i].get(c[i], 99) if c[i] >= 0 else 99) == best]
    return min(left, key=lambda c: values.objective(RULE, np.array(c)))


@settings(max_examples=60, deadline=None)
@given(oracle.instances(SIMPLE))
def test_each_pupil_in_turn_gets_the_best_rank_still_possible(instance):
    if not oracle.every_assignment(instance):
        with pytest.raises(Infeasible):
            solve(instance, RULE, seed=3)
        return
    result = solve(instance, RULE, seed=3)
    assert result.choice.tolist() == list(by_hand(instance, 3))


@settings(max_examples=40, deadline=None)
@given(oracle.instances())
def test_groups_and_pathways_are_kept_whole(instance):
    try:
        result = solve(instance, RULE, seed=3)
    except Infeasible:
        return
    assert oracle.allowed(instance, tuple(result.choice.tolist()))


def test_without_ties_it_is_serving_one_after_the_other():
    instance = generate(Shape(400, ratio=0.8, wishes=5, side_km=20), 1)
    result = solve(instance, RULE, seed=2)
    left = instance.cap.copy()
    expected = np.full(instance.n, -1)
    for i in np.lexsort((Values(instance, 2).position, instance.tier)):
        free = [j for j in instance.wish[i] if j >= 0 and left[j]]
        if free:
            expected[i] = free[0]
            left[free[0]] -= 1
    assert result.choice.tolist() == expected.tolist()


def test_a_group_left_too_small_is_shut_and_its_pupils_served_again():
    instance = Instance(
        tier=[3, 3], school=[0, 0], wish=[[0, 1], [1, -1]], cap=[2, 2], min_group=[2, 0]
    )
    result = solve(instance, RULE)
    assert result.choice.tolist() == [1, 1]
    assert result.shut.tolist() == [0]
