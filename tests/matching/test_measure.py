"""Figures on the comparison pages are those that counting by hand gives."""

from statistics import mean, median

import numpy as np
import pytest

from matching import POLICIES, Instance, changes, measure, solve
from matching.generate import Shape, generate
from matching.measure import BANDS

SHAPE = Shape(
    500, ratio=0.85, wishes=6, completions=4, side_km=25, tiers=(0.2, 0.3, 0.2, 0.3), school_size=50
)


@pytest.fixture(scope="module")
def case():
    instance = generate(SHAPE, 7)
    return instance, solve(instance, POLICIES["priority"], seed=1)


def places_by_hand(instance, result, rows):
    """(rank, completion, km) of the placed pupils among these rows."""
    found = []
    for i in rows:
        for c, j in enumerate(instance.wish[i]):
            if j >= 0 and j == result.choice[i]:
                found.append(
                    (instance.rank[i, c], bool(instance.completion[i, c]), instance.dist[i, c] / 10)
                )
    return found


def agree(figures, instance, result, rows):
    got = places_by_hand(instance, result, rows)
    ranks = [r for r, completion, _ in got if not completion]
    assert figures.pupils == len(rows)
    assert figures.placed == len(got)
    assert figures.bands == (
        ranks.count(1),
        ranks.count(2) + ranks.count(3),
        sum(r > 3 for r in ranks),
        len(got) - len(ranks),
        len(rows) - len(got),
    )
    assert figures.mean_rank == (pytest.approx(mean(map(int, ranks))) if ranks else None)
    assert figures.worst_rank == (max(ranks) if ranks else None)
    assert figures.mean_km == (pytest.approx(mean(k for *_, k in got)) if got else None)
    assert figures.median_km == (pytest.approx(median(k for *_, k in got)) if got else None)


def test_figures_by_tier_school_and_in_all(case):
    instance, result = case
    found = measure(instance, result)
    agree(found.everyone, instance, result, range(instance.n))
    for tier, figures in enumerate(found.tiers):
        agree(figures, instance, result, np.flatnonzero(instance.tier == tier))
    assert sorted(found.schools) == sorted(set(instance.school.tolist()))
    for school, figures in found.schools.items():
        agree(figures, instance, result, np.flatnonzero(instance.school == school))
    assert len(found.everyone.bands) == len(BANDS)


def test_seats_by_week_sector_and_host_kind(case):
    instance, result = case
    sector = np.arange(instance.m) % 7 + 100
    kind = np.arange(instance.m) % 2
    found = measure(instance, result, sector=sector, host_kind=kind)
    for codes, places in (
        (instance.week, found.weeks),
        (sector, found.sectors),
        (kind, found.host_kinds),
    ):
        assert sum(p.seats for p in places.values()) == instance.cap.sum()
        for code, p in places.items():
            there = [i for i, j in enumerate(result.choice) if j >= 0 and codes[j] == code]
            assert p.seats == instance.cap[codes == code].sum()
            assert p.taken == len(there)
            assert p.priority == sum(instance.tier[i] <= 1 for i in there)
            assert p.first_wishes == sum(instance.wish[i, 0] == result.choice[i] for i in there)
    assert found.share_of_seats_used == pytest.approx(found.everyone.placed / instance.cap.sum())


def test_the_share_of_places_that_goes_to_priority_schools(case):
    instance, result = case
    found = measure(instance, result)
    assert found.share_to_priority == pytest.approx(sum(found.placed[:2]) / sum(found.placed))
    assert found.share_to_priority > 0.4


def test_changes_between_two_rules(case):
    instance, before = case
    after = solve(instance, POLICIES["no_priority"], seed=1)
    found = changes(instance, before, after)
    old, new = measure(instance, before), measure(instance, after)
    for tier in range(4):
        assert found.gained[tier] - found.lost[tier] == new.placed[tier] - old.placed[tier]
        assert found.better_rank[tier] + found.worse_rank[tier] <= found.moved[tier]
    assert sum(found.lost[:2]) > 0
    same = changes(instance, before, before)
    assert not any((*same.moved, *same.gained, *same.lost, *same.better_rank, *same.worse_rank))


def test_nobody_and_nothing_can_be_measured():
    empty = Instance(tier=[], school=[], wish=np.zeros((0, 0), int), cap=[])
    found = measure(empty, solve(empty, POLICIES["priority"]))
    assert found.everyone.pupils == 0
    assert found.everyone.mean_rank is None
    assert found.share_to_priority == 0
    assert found.share_of_seats_used == 0


def test_a_completion_is_a_place_but_never_a_wish():
    instance = Instance(tier=[3], school=[0], wish=[[0]], cap=[1], completion=[[1]])
    found = measure(instance, solve(instance, POLICIES["priority"]))
    assert found.completion == (0, 0, 0, 1)
    assert found.everyone.mean_rank is None
    assert found.places.first_wishes == 0
