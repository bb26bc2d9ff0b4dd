"""The search on groups and pathways: what one criterion proves, the next ones keep."""

import numpy as np
import pytest

from matching import POLICIES, hard
from matching.generate import Shape, generate
from matching.policy import Values
from matching.search import Search

POLICY = POLICIES["priority"]


@pytest.fixture(scope="module")
def search():
    shape = Shape(
        400, wishes=6, group_share=0.1, pathway_share=0.15, reserve_share=0.2, school_max_share=0.2
    )
    instance = generate(shape, seed=5).canonical()
    analysis = hard.analyse(instance)
    part = hard.components(instance, analysis)[0]
    return Search(instance, analysis, part, POLICY, Values(instance, 1), None, lambda _: None)


def test_bounds_only_narrow_from_one_criterion_to_the_next(search):
    best = search._first()
    low, high = search.model.hard_bounds()
    narrowed = 0
    for level in range(len(POLICY.criteria) - 1):
        best, bound = search._prove(level, best)
        assert bound is None
        tighter_low, tighter_high = search.model.hard_bounds()
        assert (tighter_low >= low).all()
        assert (tighter_high <= high).all()
        narrowed += int((tighter_low > low).sum() + (tighter_high < high).sum())
        low, high = tighter_low, tighter_high
    assert narrowed > 0


def test_any_prices_prove_a_bound_and_the_last_ones_the_best(search):
    model = search.model
    cost = np.arange(model.first_y) % 7 - 9
    model.set_cost(cost, 1000)
    weak = model.bound_of_prices()
    ended = model.relaxed(None)
    assert ended.finished
    assert weak <= ended.bound + 1e-6
    assert model.bound_of_prices() == pytest.approx(ended.bound)
