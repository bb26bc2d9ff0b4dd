"""From what a round holds to an instance: arcs, tiers, seats, decisions."""

import numpy as np
import pytest

from models import (
    Decision,
    DecisionKind,
    Label,
    Origin,
    Placement,
    Sector,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import reach
from web.services.errors import Refused
from web.services.freeze import freeze, pupil_key


@pytest.fixture
def season(session):
    return Season(session).close()


def arcs_of(frozen, pupil):
    """{offer-week: (rank, is a completion)} of a pupil."""
    row = frozen.pupils.index(pupil.id)
    instance = frozen.instance
    return {
        frozen.choices[choice]: (int(rank), bool(extra))
        for choice, rank, extra in zip(
            instance.wish[row], instance.rank[row], instance.completion[row], strict=True
        )
        if choice >= 0
    }


def frozen_now(session, season):
    session.commit()
    return freeze(session, season.round, "seed")


def decide(session, season, kind, pupil, place):
    session.add(
        Decision(
            round_id=season.round.id,
            pupil_id=pupil.id,
            offer_week_id=place.id,
            kind=kind,
            reason="Transport impossible.",
            author_id=season.by,
            created_at=f.RUN_AT,
        )
    )


def test_a_wish_is_one_arc_per_allowed_week_at_the_same_rank(session, season):
    first, second, away = season.weeks
    pupil = season.pupils[0]
    pupil.school_class.weeks = [first, second]
    many = f.offer(session, season.campaign, season.host, {first: 1, second: 1, away: 1})
    f.wishes(session, season.pupils[6], many)
    pupil.wishes[1].offer = many

    arcs = arcs_of(frozen_now(session, season), pupil)

    weeks = {offered.week_id: offered.id for offered in many.weeks}
    assert arcs[weeks[first.id]] == arcs[weeks[second.id]] == (2, False)
    assert weeks[away.id] not in arcs


def test_completions_are_those_of_the_shared_rule_nearest_first(session, season):
    pupil = season.pupils[0]
    far = f.host(session, season.territory, "Loin")
    far.sites[0].lat = f.NANTES[0] + 1.0
    beyond = f.offer(session, season.campaign, far, {season.weeks[0]: 2}, title="Trop loin")
    refused = f.offer(
        session, season.campaign, season.host, {season.weeks[0]: 2}, sector=Sector.SPORT
    )
    near = [
        f.offer(session, season.campaign, season.host, {season.weeks[0]: 1}, title=f"Ici {n}")
        for n in range(3)
    ]
    pupil.refused_families = [refused.family.value]
    frozen = frozen_now(session, season)

    offers = [season.wood, season.town, beyond, refused, *near]
    expected = reach.completions(pupil, offers, beyond={season.wood.id, season.town.id})
    accepted = {place for place, (_, extra) in arcs_of(frozen, pupil).items() if extra}
    assert accepted == {offered.id for offer in expected for offered in offer.weeks}
    assert {o.id for o in expected} == {o.id for o in near}


def test_completions_stop_at_the_campaign_limit_and_rank_last(session, season):
    season.campaign.max_completions = 2
    for n in range(5):
        f.offer(session, season.campaign, season.host, {season.weeks[0]: 1}, title=f"Ici {n}")

    arcs = arcs_of(frozen_now(session, season), season.pupils[0])

    assert [rank for rank, extra in arcs.values() if extra] == [3, 3]


def test_the_draw_spreads_equally_near_completions(session, season):
    season.campaign.max_completions = 1
    for n in range(6):
        f.offer(session, season.campaign, season.host, {season.weeks[0]: 1}, title=f"Ici {n}")
    frozen = frozen_now(session, season)

    chosen = {
        place
        for pupil in season.pupils[:6]
        for place, (_, extra) in arcs_of(frozen, pupil).items()
        if extra
    }
    assert len(chosen) > 1


def test_tiers_come_from_the_label_of_the_season(session, season):
    season.rep_plus.labels[0].label = Label.REP
    season.other.labels[0].school_year = 2019

    instance = frozen_now(session, season).instance

    assert instance.tier.tolist() == [1] * 4 + [3] * 2


def test_a_place_that_is_held_is_kept_and_no_wish_stays_out(session, season):
    place = season.wood.weeks[0]
    session.add(
        Placement(
            campaign_id=season.campaign.id,
            round_id=season.round.id,
            pupil_id=season.pupils[0].id,
            offer_week_id=place.id,
            origin=Origin.HOST,
            created_at=f.RUN_AT,
        )
    )
    frozen = frozen_now(session, season)

    assert frozen.pupils == tuple(p.id for p in season.pupils[:6])
    assert (frozen.no_wish, frozen.held) == ({"none": 1}, 1)
    assert frozen.choices[frozen.instance.lock[0]] == place.id
    assert frozen.instance.cap[frozen.choices.index(place.id)] == 2, "capacities stay whole"
    assert len(arcs_of(frozen, season.pupils[0])) == 1


def test_conditions_of_offers_reach_the_instance(session, season):
    offer = f.offer(
        session,
        season.campaign,
        season.host,
        {season.weeks[0]: 4, season.weeks[1]: 5},
        school_max=2,
        min_group=3,
        total_seats=6,
        reserved_seats=4,
    )
    frozen = frozen_now(session, season)
    rows = [frozen.choices.index(offered.id) for offered in offer.weeks]
    instance = frozen.instance

    assert instance.cap[rows].tolist() == [4, 5]
    assert instance.school_cap[rows].tolist() == [2, 2]
    assert instance.min_group[rows].tolist() == [3, 3]
    assert instance.reserve[rows].tolist() == [4, 4]
    assert instance.pool_cap[instance.pool[rows[0]]] == 6
    assert len(set(instance.pool[rows].tolist())) == 1


def test_reserves_end_with_the_first_round(session, season):
    season.wood.reserved_seats = 2
    season.round.number = 2
    assert frozen_now(session, season).instance.reserve.tolist() == [0, 0]


def test_decisions_become_locks_and_bans(session, season):
    here, there = season.wood.weeks[0], season.town.weeks[0]
    decide(session, season, DecisionKind.LOCK, season.pupils[0], there)
    decide(session, season, DecisionKind.BAN, season.pupils[1], here)
    frozen = frozen_now(session, season)

    instance = frozen.instance
    assert frozen.choices[instance.lock[0]] == there.id
    banned = instance.wish[1][instance.ban[1]]
    assert [frozen.choices[c] for c in banned] == [here.id]


def test_a_hand_placement_outside_the_list_adds_its_arc(session, season):
    other = f.offer(session, season.campaign, season.host, {season.weeks[2]: 1}, title="Ailleurs")
    decide(session, season, DecisionKind.HAND, season.pupils[0], other.weeks[0])
    frozen = frozen_now(session, season)

    assert arcs_of(frozen, season.pupils[0])[other.weeks[0].id] == (3, True)
    assert frozen.choices[frozen.instance.lock[0]] == other.weeks[0].id


def test_contradictory_decisions_are_refused_by_name(session, season):
    decide(session, season, DecisionKind.LOCK, season.pupils[0], season.wood.weeks[0])
    decide(session, season, DecisionKind.HAND, season.pupils[0], season.town.weeks[0])

    with pytest.raises(Refused, match="Élève0 Nom0"):
        frozen_now(session, season)


def test_more_kept_pupils_than_places_is_refused(session, season):
    for pupil in season.pupils[:3]:
        decide(session, season, DecisionKind.LOCK, pupil, season.wood.weeks[0])

    with pytest.raises(Refused, match="3 élèves"):
        frozen_now(session, season)


def test_keys_say_nothing_and_stay_the_same_within_a_round(session, season):
    keys = [pupil_key(session, season.round, p.id) for p in season.pupils]

    assert keys == [pupil_key(session, season.round, p.id) for p in season.pupils]
    assert len(set(keys)) == 7
    assert min(keys) > 1_000_000
    assert np.array_equal(frozen_now(session, season).instance.pupil_key, keys[:6])


def test_offers_approved_after_the_closing_wait_for_the_next_round(session, season):
    late = f.offer(session, season.campaign, season.host, {season.weeks[0]: 9})
    late.decided_at = f.WISHES_CLOSE
    assert late.weeks[0].id in frozen_now(session, season).choices

    late.decided_at = f.RUN_AT
    assert late.weeks[0].id not in frozen_now(session, season).choices
