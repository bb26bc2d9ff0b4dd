"""The optimum is the optimum: compared with every assignment of small instances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import (
    POLICIES,
    Infeasible,
    Instance,
    flow,
    hard,
    keep_rest,
    locality,
    network,
    packing,
    solve,
    verify,
)
from matching.formats import arrays_of
from matching.generate import PRESETS, Shape, generate
from matching.policy import Values
from tests.matching import oracle

LISTED = [p for p in POLICIES.values() if not p.replay]


@pytest.mark.parametrize("policy", LISTED, ids=lambda p: p.code)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_objective_is_the_smallest_of_all_assignments(policy, data):
    instance = data.draw(oracle.instances(oracle.FLOW))
    seed = data.draw(st.sampled_from([None, 1, 2]))
    everything = oracle.every_assignment(instance)
    if not everything:
        with pytest.raises(Infeasible):
            solve(instance, policy, seed=seed)
        return
    result = solve(instance, policy, seed=seed)
    verify(instance, policy, result)
    assert result.objective == oracle.best(instance, policy, seed, everything)


@settings(max_examples=25, deadline=None)
@given(oracle.instances(oracle.FLOW), st.randoms())
def test_the_order_of_rows_does_not_matter(instance, random):
    pupils, choices = list(range(instance.n)), list(range(instance.m))
    random.shuffle(pupils)
    random.shuffle(choices)
    shuffled = _shuffled(instance, np.array(pupils), np.array(choices))
    assert shuffled.sha256 == instance.sha256
    try:
        result = solve(instance, POLICIES["priority"], seed=4)
    except Infeasible:
        return
    again = solve(shuffled, POLICIES["priority"], seed=4)
    expected = [pupils.index(i) for i in range(instance.n)]
    named = np.where(again.choice >= 0, np.array(choices)[again.choice], -1)
    assert named[expected].tolist() == result.choice.tolist()


@pytest.mark.parametrize("policy", LISTED, ids=lambda p: p.code)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_groups_and_pathways_are_decided_as_well_as_by_trying_everything(policy, data):
    instance = data.draw(oracle.instances())
    everything = oracle.every_assignment(instance)
    if not everything:
        with pytest.raises(Infeasible):
            solve(instance, policy, seed=1)
        return
    result = solve(instance, policy, seed=1)
    verify(instance, policy, result)
    assert result.proved
    wanted = oracle.best(instance, policy, 1, everything)
    last = len(wanted) if all(p.how == "certificate" for p in result.proof) else len(wanted) - 1
    assert result.objective[:last] == wanted[:last]


def test_compiled_and_plain_code_agree():
    instance = generate(Shape(1500, ratio=0.9, school_max_share=0.3, reserve_share=0.3), 1)
    net = network.build(instance, hard.analyse(instance).fixed)
    packed = packing.pack(net, Values(instance, 3), POLICIES["priority"].criteria)
    plain = flow.run(net, packed, compiled=False)
    fast = flow.run(net, packed, compiled=True)
    assert (plain.at == fast.at).all()
    assert (plain.pot == fast.pot).all()


def test_renumbering_for_speed_changes_nothing():
    instance = generate(Shape(700, ratio=0.9, school_max_share=0.3, pool_share=0.3), 1)
    net = network.build(instance, hard.analyse(instance).fixed)
    packed = packing.pack(net, Values(instance, 3), POLICIES["priority"].criteria)
    near = locality.arrange(net, packed)
    plain, moved = flow.run(net, packed), flow.run(near.network, near.packed)
    assert (near.arc[moved.at] == plain.at[near.pupil])[moved.at >= 0].all()
    assert ((moved.at >= 0) == (plain.at[near.pupil] >= 0)).all()


def test_one_more_seat_never_makes_the_result_worse():
    instance = generate(Shape(120, ratio=0.8, wishes=4, side_km=20), 3)
    base = solve(instance, POLICIES["priority"], seed=1)
    for j in range(0, instance.m, 5):
        cap = instance.cap.copy()
        cap[j] += 1
        more = Instance(**(arrays_of(instance) | {"cap": cap}))
        assert solve(more, POLICIES["priority"], seed=1).objective <= base.objective


def test_another_seed_changes_who_is_placed_but_not_how_many():
    instance = generate(Shape(300, ratio=0.8, wishes=5, side_km=20), 3)
    one, two = (solve(instance, POLICIES["priority"], seed=s) for s in (1, 2))
    assert one.objective[:4] == two.objective[:4]
    assert (one.choice != two.choice).any()


def test_locked_pupils_stay_and_the_others_are_placed_around_them():
    instance = generate(PRESETS["rep44"], 2)
    base = solve(instance, POLICIES["priority"], seed=1)
    pupil = int(np.flatnonzero(base.choice != instance.wish[:, 0])[0])
    wanted = int(instance.wish[pupil, 0])
    result = solve(instance, POLICIES["priority"], seed=1, locks={pupil: wanted})
    assert result.choice[pupil] == wanted
    verify(instance.with_locks({pupil: wanted}), POLICIES["priority"], result)
    assert result.objective >= base.objective


@pytest.mark.parametrize(
    "condition",
    [
        {"cap": [1]},
        {"school_cap": [1]},
        {"pool": [0], "pool_cap": [1]},
        {"reserve": [1], "cap": [2]},
        {"parc_ptr": [0, 1], "parc_seg": [0], "seg_cap": [1]},
        {"min_group": [3]},
    ],
)
def test_locks_that_cannot_be_kept_together_are_refused(condition):
    locked = {"tier": [3, 3], "school": [0, 0], "wish": [[0], [0]], "lock": [0, 0], "cap": [3]}
    with pytest.raises(Infeasible):
        solve(Instance(**(locked | condition)), POLICIES["priority"])


def test_keep_rest_moves_nobody_when_nothing_changed():
    instance = generate(Shape(200, wishes=5, side_km=20), 5)
    base = solve(instance, POLICIES["priority"], seed=1)
    held = Instance(**(arrays_of(instance) | {"held": base.choice}))
    again = solve(held, keep_rest(POLICIES["best_ranks"]), seed=9)
    assert (again.choice[base.choice >= 0] == base.choice[base.choice >= 0]).all()


def test_distances_at_their_extreme_stay_exact():
    far = 2**31 - 1
    instance = Instance(
        tier=[3, 3],
        school=[0, 0],
        wish=[[0, 1], [0, 1]],
        rank=[[1, 1], [1, 1]],
        dist=[[far, far - 1], [far, far]],
        cap=[1, 1],
    )
    result = solve(instance, POLICIES["no_priority"])
    assert result.choice.tolist() == [1, 0]
    assert result.objective[2] == 2 * far - 1


@pytest.mark.parametrize("pupils", [0, 3])
def test_an_instance_without_seats_leaves_everybody_without_a_place(pupils):
    empty = Instance(
        tier=np.zeros(pupils, int),
        school=np.zeros(pupils, int),
        wish=np.zeros((pupils, 0), int),
        cap=np.zeros(0, int),
    )
    result = solve(empty, POLICIES["priority"])
    assert result.choice.tolist() == [-1] * pupils


def _shuffled(instance, pupils, choices):
    arrays = dict(arrays_of(instance))
    place = np.append(np.argsort(choices), -1)
    for name in ("tier", "school", "lottery", "pupil_key", "dist", "rank", "completion", "ban"):
        arrays[name] = arrays[name][pupils]
    arrays["wish"] = place[arrays["wish"][pupils]]
    for name in ("lock", "held"):
        value = arrays[name][pupils]
        arrays[name] = np.where(value >= 0, place[value], value)
    segments = [instance.parc_seg[instance.parc_ptr[j] : instance.parc_ptr[j + 1]] for j in choices]
    arrays["parc_ptr"] = np.concatenate([[0], np.cumsum([len(s) for s in segments])])
    arrays["parc_seg"] = np.concatenate([*segments, np.zeros(0, int)]).astype(int)
    for name in ("cap", "week", "host", "school_cap", "reserve", "min_group", "pool", "choice_key"):
        arrays[name] = arrays[name][choices]
    return Instance(**arrays)
