"""Who comes later in the draw: after the others of the tier, never after another tier."""

import numpy as np
import pytest

from matching import ChoiceRow, Instance, PupilRow, build_instance, policy_named, solve, verify
from matching.build import Arc

POLICY = policy_named("priority")


def two_want_one(later, tiers=(0, 0), seed="seed"):
    rows = [
        PupilRow(key=key, tier=tier, school=key, arcs=[Arc(1, rank=1)], later=late)
        for key, (tier, late) in enumerate(zip(tiers, later, strict=True))
    ]
    instance = build_instance(rows, [ChoiceRow(key=1, seats=1)])
    result = solve(instance, POLICY, seed=seed)
    verify(instance, POLICY, result)
    return instance, result.choice.tolist()


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
def test_of_a_tier_who_comes_later_gives_way_whatever_the_draw(seed):
    assert two_want_one((True, False), seed=seed)[1] == [-1, 0]
    assert two_want_one((False, True), seed=seed)[1] == [0, -1]
    assert two_want_one((True, False), tiers=(0, 3), seed=seed)[1] == [0, -1]


def test_the_mark_is_kept_by_files_and_changes_the_hash_only_where_it_is():
    plain, _ = two_want_one((False, False))
    marked, _ = two_want_one((False, True))
    assert plain.sha256 != marked.sha256
    again = Instance.from_npz(marked.to_npz())
    assert again.sha256 == marked.sha256
    assert np.array_equal(again.later, [0, 1])
    assert b"later.npy" not in plain.to_npz()
