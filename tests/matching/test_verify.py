"""No damage to a result passes: every promise is checked by code that does not trust the solver."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching import (
    POLICIES,
    PROMISES,
    Infeasible,
    Instance,
    VerificationError,
    solve,
    turns,
    verify,
)
from matching import exchanges as chains
from matching.formats import arrays_of
from matching.generate import Shape, generate
from matching.policy import Values
from matching.recount import Recount
from matching.result import Prices
from matching.seats import Seats
from tests.matching import oracle

PRIORITY = POLICIES["priority"]
LISTED = [p for p in POLICIES.values() if not p.replay]
SMALL = Shape(240, ratio=0.85, wishes=5, side_km=25, school_size=40, tiers=(0.3, 0.3, 0.2, 0.2))
BOUND = replace(SMALL, school_max_share=0.4, reserve_share=0.4, pool_share=0.3)
HARD = replace(SMALL, group_share=0.5, pathway_share=0.2)
CUT = Shape(500, reserve_share=0.2, school_max_share=0.2, group_share=0.05, pathway_share=0.1)


def solved(shape=SMALL, policy=PRIORITY, seed=5, number=1):
    instance = generate(shape, number)
    return instance, solve(instance, policy, seed=seed)


def forged(instance, policy, result, choice):
    """The result that a dishonest or broken solver would give: everything agrees but the truth."""
    choice = np.asarray(choice, np.int32)
    objective = Values(instance, result.seed).objective(policy, choice)
    taken = np.bincount(choice[choice >= 0], minlength=instance.m)
    shut = np.flatnonzero((instance.min_group > 0) & (taken == 0)).astype(np.int32)
    return replace(result, choice=choice, objective=objective, shut=shut)


def promise_broken(instance, policy, result):
    with pytest.raises(VerificationError) as refusal:
        verify(instance, policy, result)
    assert refusal.value.promise in PROMISES
    assert "\n" not in str(refusal.value)
    return refusal.value.promise


@pytest.mark.parametrize("policy", LISTED, ids=lambda p: p.code)
@pytest.mark.parametrize("shape", [SMALL, BOUND], ids=["plain", "bound"])
def test_a_flow_is_verified_by_proof(policy, shape):
    instance, result = solved(shape, policy)
    report = verify(instance, policy, result)
    assert report.how("P4") == ("proof",)
    assert report.how("P5") == ("proof",)
    assert report.proved
    assert report.objective == result.objective


def test_every_promise_has_a_french_sentence():
    assert sorted(PROMISES) == ["P1", "P2", "P3", "P4", "P5"]
    for promise in PROMISES.values():
        assert promise.sentence.endswith(".")
        assert "'" not in promise.title + promise.sentence + promise.checked


def test_two_pupils_swapped():
    instance, result = solved()
    for i in range(instance.n):
        for j in range(i):
            swapped = result.choice.copy()
            swapped[[i, j]] = swapped[[j, i]]
            listed = (instance.column_of(swapped) >= 0) == (swapped >= 0)
            if swapped[i] != swapped[j] and min(swapped[i], swapped[j]) >= 0 and listed.all():
                broken = promise_broken(
                    instance, PRIORITY, forged(instance, PRIORITY, result, swapped)
                )
                assert broken == "P5"
                return


def test_a_place_outside_the_list():
    instance, result = solved()
    choice = result.choice.copy()
    stranger = next(j for j in range(instance.m) if j not in instance.wish[0])
    choice[0] = stranger
    assert promise_broken(instance, PRIORITY, replace(result, choice=choice)) == "P1"


@pytest.mark.parametrize("value", [-2, 10**6])
def test_a_place_that_does_not_exist(value):
    instance, result = solved()
    choice = result.choice.copy()
    choice[3] = value
    assert promise_broken(instance, PRIORITY, replace(result, choice=choice)) == "P1"


def test_a_pupil_forgotten():
    instance, result = solved()
    assert promise_broken(instance, PRIORITY, replace(result, choice=result.choice[1:])) == "P1"


def test_a_choice_overfilled():
    instance, result = solved()
    choice = result.choice.copy()
    out = int(np.flatnonzero(choice < 0)[0])
    choice[out] = instance.wish[out, 0]
    assert promise_broken(instance, PRIORITY, forged(instance, PRIORITY, result, choice)) == "P2"


@pytest.mark.parametrize(
    ("limit", "change"),
    [
        ("reserve", lambda instance, j: {"reserve": instance.cap}),
        ("school", lambda instance, j: {"school_cap": np.ones(instance.m, int)}),
        ("pool", lambda instance, j: {"pool": np.where(np.arange(instance.m) == j, 0, -1)}),
        (
            "segment",
            lambda instance, j: {
                "parc_ptr": np.where(np.arange(instance.m + 1) > j, 1, 0),
                "parc_seg": [0],
                "seg_cap": [1],
            },
        ),
        ("group", lambda instance, j: {"min_group": np.full(instance.m, 99)}),
        ("ban", lambda instance, j: {"ban": np.ones_like(instance.ban)}),
        ("lock", lambda instance, j: {"lock": np.full(instance.n, -1)}),
    ],
)
def test_a_limit_that_the_solver_did_not_see(limit, change):
    instance, result = solved()
    j = int(np.bincount(result.choice[result.choice >= 0]).argmax())
    changed = arrays_of(instance) | change(instance, j)
    if limit == "pool":
        changed |= {"pool_cap": [1]}
    assert promise_broken(Instance(**changed), PRIORITY, result) == "P2"


def test_a_free_seat_refused_to_a_pupil():
    instance, result = solved(replace(SMALL, ratio=1.2))
    choice = result.choice.copy()
    choice[int(np.flatnonzero(choice >= 0)[0])] = -1
    assert promise_broken(instance, PRIORITY, forged(instance, PRIORITY, result, choice)) == "P3"


def test_a_pupil_placed_before_one_of_a_higher_tier():
    instance = Instance(tier=[3, 0], school=[0, 1], wish=[[0], [0]], cap=[1])
    result = solve(instance, PRIORITY, seed=1)
    wrong = forged(instance, PRIORITY, result, [0, -1])
    assert promise_broken(instance, PRIORITY, wrong) == "P4"


def test_a_pupil_placed_through_two_moves_before_one_better_drawn():
    instance = Instance(
        tier=[0, 0, 0],
        school=[0, 0, 0],
        wish=[[0, -1], [1, 0], [1, -1]],
        cap=[1, 1],
        lottery=[0, 1, 2],
    )
    result = solve(instance, PRIORITY)
    assert result.choice.tolist() == [0, 1, -1]
    wrong = forged(instance, PRIORITY, result, [-1, 0, 1])
    assert promise_broken(instance, PRIORITY, wrong) == "P4"


def test_a_wrong_draw():
    instance, result = solved(seed=5)
    other = solve(instance, PRIORITY, seed=6)
    assert promise_broken(instance, PRIORITY, replace(other, seed=b"5")) == "P5"
    cheated = forged(instance, PRIORITY, result, other.choice)
    assert promise_broken(instance, PRIORITY, cheated) == "P4"


def test_one_rank_more_than_necessary():
    instance = Instance(
        tier=[3, 3], school=[0, 0], wish=[[0, 1], [1, 0]], cap=[1, 1], dist=[[5, 5], [5, 5]]
    )
    result = solve(instance, PRIORITY, seed=1)
    wrong = forged(instance, PRIORITY, result, [1, 0])
    assert promise_broken(instance, PRIORITY, wrong) == "P5"


def test_a_forged_objective():
    instance, result = solved()
    better = (result.objective[0], *(v - 1 for v in result.objective[1:]))
    assert promise_broken(instance, PRIORITY, replace(result, objective=better)) == "P5"
    cut = replace(result, objective=result.objective[:-1])
    assert promise_broken(instance, PRIORITY, cut) == "P5"


def test_forged_prices():
    instance, result = solved()
    key, value = result.prices.key, result.prices.value
    free = int(np.flatnonzero(np.bincount(result.choice[result.choice >= 0]) < instance.cap)[0])
    for forged_prices in (
        Prices(key[:0], value[:0]),
        Prices(key[1:], value[1:]),
        Prices(key, -value),
        Prices(key, value + 1),
        Prices(key, value[:, :-1]),
        Prices(np.vstack([key, key[:1]]), np.vstack([value, value[:1]])),
        Prices(np.vstack([key, [0, free, -1]]), np.vstack([value, value[:1]])),
        Prices(np.vstack([key, [0, instance.m, -1]]), np.vstack([value, value[:1]])),
        Prices(np.vstack([key, [9, 0, -1]]), np.vstack([value, value[:1]])),
    ):
        wrong = replace(result, prices=forged_prices)
        assert promise_broken(instance, PRIORITY, wrong) == "P5"


def test_prices_too_large_for_64_bits_are_still_compared_exactly():
    instance, result = solved()
    huge = replace(result, prices=Prices(result.prices.key, result.prices.value * 2**22 + 2**61))
    assert promise_broken(instance, PRIORITY, huge) == "P5"


@pytest.fixture(scope="module")
def searched():
    return solved(HARD)


def test_a_group_said_shut_must_be_the_one_where_nobody_is(searched):
    instance, result = searched
    opened = np.flatnonzero((instance.min_group > 0) & ~np.isin(np.arange(instance.m), result.shut))
    for said in (result.shut[1:], np.append(result.shut, opened[:1]), np.append(result.shut, -1)):
        assert promise_broken(instance, PRIORITY, replace(result, shut=said)) == "P2"


def test_a_result_served_in_turn_has_no_other_proof():
    instance, result = solved(policy=POLICIES["order_of_priority"])
    (proof,) = result.proof
    for said in ((), (proof, proof), (replace(proof, how="oracle"),), (replace(proof, level=1),)):
        wrong = replace(result, proof=said)
        assert promise_broken(instance, POLICIES["order_of_priority"], wrong) == "P5"


def test_a_proof_counts_choices_and_not_their_sides():
    instance, result = solved(BOUND)
    assert result.proof[0].choices == len(np.unique(instance.wish[instance.wish >= 0]))
    more = tuple(replace(p, choices=instance.m + 1) for p in result.proof)
    assert promise_broken(instance, PRIORITY, replace(result, proof=more)) == "P5"


def test_groups_and_pathways_rest_on_the_record_of_the_search(searched):
    instance, result = searched
    report = verify(instance, PRIORITY, result)
    assert "record" in report.how("P5")
    unrecorded = tuple(p for p in result.proof if p.how == "certificate")
    assert promise_broken(instance, PRIORITY, replace(result, proof=unrecorded)) == "P5"


def test_a_search_cut_by_the_clock_is_told_with_its_bound(searched):
    instance, result = searched
    cut = tuple(
        replace(p, how="bound", level=4, bound=(3,)) if p.how == "search" else p
        for p in result.proof
    )
    report = verify(instance, PRIORITY, replace(result, proof=cut))
    assert not report.proved
    assert any(f.bound == (3,) for f in report.findings)


@pytest.mark.parametrize(
    "claim",
    [
        {"how": "bound", "level": 4, "bound": (99_999,)},
        {"how": "bound", "level": 99, "bound": (0,)},
        {"how": "bound", "level": 4, "bound": ()},
        {"level": 12},
        {"bound": (0,)},
        {"how": "oracle"},
        {"pupils": 10_000},
    ],
    ids=str,
)
def test_a_declared_search_must_agree_with_the_objective(searched, claim):
    instance, result = searched
    told = tuple(replace(p, **claim) if p.how == "search" else p for p in result.proof)
    assert promise_broken(instance, PRIORITY, replace(result, proof=told)) == "P5"


@pytest.mark.parametrize("number", range(11, 16))
@pytest.mark.parametrize("policy", [PRIORITY, POLICIES["best_ranks"]], ids=lambda p: p.code)
def test_what_is_found_when_time_strikes_keeps_every_promise(policy, number):
    instance = generate(CUT, number)
    result = solve(instance, policy, seed=1, time_limit=0)
    assert verify(instance, policy, result).objective == result.objective
    again = solve(instance, policy, seed=1, time_limit=0)
    assert (again.choice == result.choice).all()


@settings(max_examples=60, deadline=None)
@given(oracle.instances(oracle.FLOW), st.sampled_from(LISTED), st.randoms())
def test_only_optimal_assignments_pass(instance, policy, random):
    everything = oracle.every_assignment(instance)
    assume(everything)
    result = solve(instance, policy, seed=3)
    assert verify(instance, policy, result).how("P5") == ("proof",)
    for choice in random.sample(everything, min(8, len(everything))):
        other = forged(instance, policy, result, choice)
        if other.objective != result.objective:
            promise_broken(instance, policy, other)


@settings(max_examples=80, deadline=None)
@given(oracle.instances(oracle.FLOW), st.sampled_from(LISTED), st.randoms())
def test_the_search_of_exchanges_misses_none_and_invents_none(instance, policy, random):
    everything = oracle.every_assignment(instance)
    assume(everything)
    choice = np.array(random.choice(everything), np.int32)
    order = chains.order_of_loss(policy, Recount(instance, None))
    found = chains.wronged(Seats(instance), choice, order, instance.open_arc)
    assert sorted(found.tolist()) == _wronged_by_enumeration(everything, choice, order)


def _wronged_by_enumeration(everything, choice, order):
    placed = {i for i, j in enumerate(choice) if j >= 0}
    wronged = set()
    for other in everything:
        there = {i for i, j in enumerate(other) if j >= 0}
        gained, lost = there - placed, placed - there
        if len(gained) == 1 and len(lost) <= 1:
            u = next(iter(gained))
            if all(order[q] < order[u] for q in lost):
                wronged.add(u)
    return sorted(wronged)


REPLAY = POLICIES["order_of_priority"]


@settings(max_examples=100, deadline=None)
@given(oracle.instances(), st.randoms())
def test_a_replay_is_served_again_in_turn(instance, random):
    try:
        result = solve(instance, REPLAY, seed=3)
    except Infeasible:
        assume(False)
    assert verify(instance, REPLAY, result).how("P5") == ("search",)
    everything = oracle.every_assignment(instance)
    for choice in random.sample(everything, min(8, len(everything))):
        if list(choice) != result.choice.tolist():
            other = forged(instance, REPLAY, result, choice)
            if _ranks(instance, choice) != _ranks(instance, result.choice):
                assert promise_broken(instance, REPLAY, other) in ("P3", "P4", "P5")


def _ranks(instance, choice):
    own = instance.column_of(np.array(choice))
    return [int(r[c]) if c >= 0 else 0 for r, c in zip(instance.rank, own, strict=True)]


def test_a_worse_tie_is_found_in_a_replay():
    instance = Instance(
        tier=[3], school=[0], wish=[[0, 1]], rank=[[1, 1]], dist=[[5, 9]], cap=[1, 1]
    )
    result = solve(instance, REPLAY, seed=1)
    assert promise_broken(instance, REPLAY, forged(instance, REPLAY, result, [1])) == "P5"


@settings(max_examples=120, deadline=None)
@given(oracle.instances(), st.sampled_from(LISTED), st.randoms())
def test_what_the_search_gave_passes_and_what_exchanges_improve_does_not(instance, policy, random):
    try:
        result = solve(instance, policy, seed=3)
    except Infeasible:
        assume(False)
    verify(instance, policy, result)
    everything = oracle.every_assignment(instance)
    opened = set(result.choice.tolist())
    for choice in random.sample(everything, min(8, len(everything))):
        other = forged(instance, policy, result, choice)
        same = set(choice) == opened and not instance.is_pathway.any()
        if same and other.objective[:-1] > result.objective[:-1]:
            promise_broken(instance, policy, other)


def test_a_replay_large_enough_to_be_compiled_is_verified():
    instance = generate(Shape(3100, ratio=0.9, wishes=4, near=40), 1)
    verify(instance, REPLAY, solve(instance, REPLAY, seed=2))


def test_turns_are_the_same_compiled_or_not(monkeypatch):
    shape = Shape(120, ratio=0.8, wishes=5, school_size=20, school_max_share=0.3)
    shape = replace(shape, reserve_share=0.3, group_share=0.3, pathway_share=0.3, pool_share=0.3)
    instance = generate(shape, 4)
    served = []
    for small in (0, instance.n):
        monkeypatch.setattr(turns, "SMALL", small)
        served.append(turns.serve(Seats(instance), Recount(instance, b"7"), instance.open_arc))
    assert (served[0].rank == served[1].rank).all()
    assert (served[0].open_arcs == served[1].open_arcs).all()
