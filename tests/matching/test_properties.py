"""Laws that any exact rule keeps, and a second opinion from HiGHS, criterion by criterion."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from matching import POLICIES, Infeasible, Instance, policy_named, solve, verify
from matching.generate import Shape, generate
from matching.policy import Values
from tests.matching import oracle

PRIORITY = POLICIES["priority"]
LISTED = [p for p in POLICIES.values() if not p.replay]
EVERYTHING = Shape(
    70,
    ratio=0.8,
    wishes=4,
    completions=2,
    side_km=15,
    school_size=10,
    tiers=(0.25, 0.25, 0.25, 0.25),
    school_max_share=0.4,
    reserve_share=0.4,
    group_share=0.6,
    pathway_share=0.3,
    pool_share=0.4,
)


class Programme:
    """The problem as a textbook writes it, for HiGHS: x for each arc, y for each group."""

    def __init__(self, instance, seed):
        self.instance, self.values = instance, Values(instance, seed)
        self.owner, self.column = np.nonzero(instance.open_arc)
        self.choice = instance.wish[self.owner, self.column]
        self.groups = np.flatnonzero(instance.min_group > 0)
        self.width = len(self.owner) + len(self.groups)
        self.rows, self.low, self.high = [], [], []
        self._add_limits()

    def _add(self, arcs, low, high, y=None):
        row = np.zeros(self.width)
        row[np.flatnonzero(arcs)] = 1
        if y is not None:
            row[len(self.owner) + y[0]] = y[1]
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def _add_limits(self):
        instance, inf = self.instance, np.inf
        tier, school = instance.tier[self.owner], instance.school[self.owner]
        for i in range(instance.n):
            self._add(self.owner == i, 0, 1)
        for j in range(instance.m):
            here = self.choice == j
            self._add(here, 0, instance.cap[j])
            self._add(here & (tier >= 2), 0, instance.cap[j] - instance.reserve[j])
            for s in np.unique(school[here]) if instance.school_cap[j] else []:
                self._add(here & (school == s), 0, instance.school_cap[j])
        for q, seats in enumerate(instance.pool_cap):
            self._add(instance.pool[self.choice] == q, 0, seats)
        for q, seats in enumerate(instance.seg_cap):
            users = [j for j in range(instance.m) if q in instance.segments_of(j)]
            self._add(np.isin(self.choice, users), 0, seats)
        for g, j in enumerate(self.groups):
            self._add(self.choice == j, 0, inf, (g, -instance.min_group[j]))
            self._add(self.choice == j, -inf, 0, (g, -instance.cap[j]))

    def smallest(self, criterion):
        """Smallest value of a criterion, the earlier ones being kept at theirs."""
        arcs = self.values.of_arcs(criterion)[self.owner, self.column]
        out = self.values.of_unplaced(criterion)
        cost = np.concatenate([arcs - out[self.owner], np.zeros(len(self.groups))])
        found = milp(
            cost,
            constraints=LinearConstraint(np.array(self.rows), self.low, self.high),
            integrality=np.ones(self.width),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0},
        )
        best = round(found.fun)
        self.rows.append(cost)
        self.low.append(best)
        self.high.append(best)
        return best + int(out.sum())


@pytest.mark.parametrize("code", ["priority", "no_priority", "keep_rest"])
def test_highs_finds_the_same_optimum_criterion_by_criterion(code):
    instance, policy = generate(EVERYTHING, 2), policy_named(code)
    rng = np.random.default_rng(1)
    held = np.where(rng.random(instance.n) < 0.5, instance.wish[:, 1], -1)
    instance = replace(instance, held=held)
    result = solve(instance, policy, seed=4)
    verify(instance, policy, result)
    programme = Programme(instance, 4)
    for criterion, value in zip(policy.criteria, result.objective, strict=True):
        if criterion.kind != "pair":  # sums of 40-bit draws are beyond floating point
            assert programme.smallest(criterion) == value, criterion.code


@settings(max_examples=80, deadline=None)
@given(oracle.instances(), st.sampled_from(LISTED), st.integers(0, 5), st.integers(0, 10))
def test_more_room_never_makes_the_result_worse(instance, policy, kind, where):
    """One more seat, pool seat or half-day, a ban lifted, a smaller group, no school maximum."""
    try:
        before = solve(instance, policy, seed=1)
    except Infeasible:
        assume(False)
    roomier = _with_more_room(instance, kind, where)
    assume(roomier is not None)
    after = solve(roomier, policy, seed=1)
    verify(roomier, policy, after)
    assert after.objective <= before.objective


def _with_more_room(instance: Instance, kind: int, where: int) -> Instance | None:
    name = ("cap", "pool_cap", "seg_cap", "ban", "min_group", "school_cap")[kind]
    array = np.array(getattr(instance, name))
    if array.size == 0:
        return None
    cell = np.unravel_index(where % array.size, array.shape)
    match name:
        case "ban" | "school_cap":
            array[cell] = 0
        case "min_group":
            array[cell] = max(0, array[cell] - 1)
        case _:
            array[cell] += 1
    return replace(instance, **{name: array})


@settings(max_examples=30, deadline=None)
@given(oracle.instances(), st.integers(0, 2**62))
def test_keys_may_be_any_and_only_their_order_and_draw_count(instance, offset):
    keys = offset + 7 * np.arange(instance.n)
    named = replace(instance, pupil_key=keys, choice_key=2**63 - 1 - np.arange(instance.m))
    try:
        result = solve(named, PRIORITY, seed=1)
    except Infeasible:
        assume(False)
    verify(named, PRIORITY, result)
    plain = solve(instance, PRIORITY)
    assert result.objective[:4] == plain.objective[:4]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda p: p.code)
def test_far_more_pupils_than_seats(policy):
    instance = Instance(
        tier=np.repeat([0, 1, 2, 3], 100),
        school=np.repeat([0, 1, 2, 3], 100),
        wish=np.tile([[1, 0, 2]], (400, 1)),
        cap=[1, 2, 0],
    )
    result = solve(instance, policy, seed=1)
    verify(instance, policy, result)
    assert (result.choice >= 0).sum() == 3
    if policy.code != "no_priority":
        assert (instance.tier[result.choice >= 0] == 0).all()


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda p: p.code)
def test_one_seat_for_all_and_pupils_without_wishes(policy):
    instance = Instance(
        tier=[3] * 5, school=[0] * 5, wish=[[0], [0], [0], [-1], [-1]], cap=[1], dist=[[9]] * 5
    )
    result = solve(instance, policy, seed=1)
    verify(instance, policy, result)
    assert (result.choice >= 0).sum() == 1
