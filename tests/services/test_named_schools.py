"""Seats kept for named schools: only their pupils get them, and each counts once."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from models import (
    Decision,
    DecisionKind,
    OfferKind,
    Origin,
    Placement,
    Sector,
    assignments_of_run,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import named_schools, offer_drafts
from web.services.catalogue import places_for
from web.services.errors import Refused
from web.services.freeze import freeze
from web.services.freezing.named import KEPT
from web.services.reasons import why
from web.services.replacing import seating_now
from web.services.verification import offers_snapshot

POSTING = f.OFFERS_CLOSE - timedelta(days=9)


@pytest.fixture
def season(session):
    """« Mairie » has four seats of which two are kept for the school without any label."""
    made = Season(session)
    made.town.weeks[0].seats = 4
    made.town.named_seats, made.town.named_schools = 2, [made.other.id]
    session.commit()
    return made


def taken(frozen, place):
    """(seats, reserve) of each choice of an offer-week, the open seats first."""
    one = frozen.instance
    rows = [row for row, known in enumerate(frozen.choices) if known == place]
    return [(int(one.cap[row]), int(one.reserve[row])) for row in rows]


def hold(session, season, pupil, origin=Origin.RUN):
    session.add(
        Placement(
            campaign_id=season.campaign.id,
            round_id=season.round.id,
            pupil_id=pupil.id,
            offer_week_id=season.town.weeks[0].id,
            origin=origin,
            created_at=f.RUN_AT,
        )
    )
    session.flush()


def test_a_run_gives_kept_seats_to_the_pupils_of_their_school(session, sessions, season):
    """Six pupils want the two places of « Menuiserie » then « Mairie »: nobody else is at home."""
    before = offers_snapshot(session, season.round)
    season.town.named_seats = 1
    assert offers_snapshot(session, season.round) != before
    season.town.named_seats = 2
    season.review(sessions)
    run_id = season.round.selected_run_id
    found = session.scalars(assignments_of_run(run_id)).all()
    here = [one for one in found if one.offer_week_id == season.town.weeks[0].id]

    of_school = Counter(one.pupil.school_id for one in here)
    assert of_school == {season.rep_plus.id: 2, season.other.id: 2}
    assert {one.rank for one in here} == {2}


def test_the_others_never_get_a_kept_seat(session, sessions, season):
    """Even those who come first: one has no place while two of another school have theirs."""
    season.wood.weeks[0].seats = 1
    session.commit()
    season.review(sessions)
    found = session.scalars(assignments_of_run(season.round.selected_run_id)).all()
    assert Counter((one.pupil.school_id, one.offer_week_id) for one in found) == {
        (season.rep_plus.id, season.wood.weeks[0].id): 1,
        (season.rep_plus.id, season.town.weeks[0].id): 2,
        (season.rep_plus.id, None): 1,
        (season.other.id, season.town.weeks[0].id): 2,
    }
    lost = next(one for one in found if one.offer_week_id is None)
    told = why(session, season.round.selected_run_id, lost.pupil_id)
    assert all(one.sentence and not one.granted for one in told.wishes)


def test_two_choices_of_one_week_count_its_seats_once(session, season):
    season.close()
    season.town.reserved_seats = 3
    place = season.town.weeks[0].id
    frozen = freeze(session, season.round, "seed")
    assert taken(frozen, place) == [(2, 2), (2, 0)], "the reserve has what is left"
    keys = frozen.instance.choice_key.tolist()
    assert place in keys
    assert place + KEPT in keys
    kept = keys.index(place + KEPT)
    reach = {p for p, row in zip(frozen.pupils, frozen.instance.wish, strict=True) if kept in row}
    assert reach == {one.id for one in season.pupils[4:6]}
    row = frozen.pupils.index(season.pupils[4].id)
    ranks = frozen.instance.rank[row][frozen.instance.wish[row] >= 0].tolist()
    assert ranks == [1, 2, 2]

    season.town.reserve_until = date(2026, 10, 1)
    assert taken(freeze(session, season.round, "seed"), place) == [(4, 0)], "released"


def test_places_already_held_always_fit(session, season):
    season.close()
    place = season.town.weeks[0].id
    for pupil in season.pupils[:3]:
        hold(session, season, pupil)
    hold(session, season, season.pupils[4])
    frozen = freeze(session, season.round, "seed")
    keys = frozen.instance.choice_key.tolist()
    locks = [keys[frozen.instance.lock[frozen.pupils.index(p.id)]] for p in season.pupils[:3]]
    assert locks == [place] * 3
    assert keys[frozen.instance.lock[frozen.pupils.index(season.pupils[4].id)]] == place + KEPT
    assert taken(frozen, place) == [(3, 0), (2, 0)]


def test_by_hand_too_a_kept_seat_is_for_its_school(session, season):
    season.close()
    for pupil in season.pupils[:2]:
        hold(session, season, pupil, Origin.HAND)
    seating = seating_now(session, season.round)
    place = season.town.weeks[0]
    assert seating.left(season.pupils[2], season.town, place) == 0
    assert "que l’accueil a nommés" in seating.refusal(season.pupils[2], season.town, place)
    assert seating.left(season.pupils[4], season.town, place) == 2


def test_decisions_beyond_the_open_seats_are_refused(session, season):
    season.close()
    for pupil in season.pupils[:3]:
        session.add(
            Decision(
                round_id=season.round.id,
                pupil_id=pupil.id,
                offer_week_id=season.town.weeks[0].id,
                kind=DecisionKind.LOCK,
                reason="Transport",
                author_id=season.by,
                created_at=f.RUN_AT,
            )
        )
    session.commit()
    with pytest.raises(Refused, match="3 élèves"):
        freeze(session, season.round, "seed")


def test_each_pupil_and_head_reads_what_is_kept(session, season):
    season.close()
    mine = next(p for p in places_for(session, season.pupils[4]) if p.title == "Mairie")
    theirs = next(p for p in places_for(session, season.pupils[0]) if p.title == "Mairie")
    assert (mine.kept, mine.open_seats) == (2, 4)
    assert (theirs.kept, theirs.open_seats) == (0, 2)
    town, campaign = season.town, season.campaign.id
    assert named_schools.kept_for_pupil(session, season.pupils[4], town) == 2
    assert named_schools.kept_for_pupil(session, season.pupils[0], town) == 0
    assert named_schools.kept_for_pupil(session, season.pupils[0], season.wood) is None
    (one,) = named_schools.kept_for_school(session, season.other.id, campaign)
    assert one.weeks == [(season.weeks[0].monday, 2)]
    assert named_schools.kept_for_school(session, season.rep_plus.id, campaign) == []


def test_a_host_names_schools_of_its_territory_in_words_that_hold(session, season):
    elsewhere = f.school(session, f.territory(session, "75"), name="Ailleurs")
    activity = offer_drafts.Activity(
        season.host.sites[0].id,
        "Atelier",
        "Tu suis les menuisiers, de l’idée au meuble fini.",
        Sector.WOOD,
        named_seats=1,
        named_schools=(season.other.id,),
    )

    def start(**changed):
        wanted = replace(activity, **changed)
        return offer_drafts.start_offer(
            session, season.host.id, wanted, form_key=None, by=season.by, now=POSTING
        )

    for field, changed in (
        ("named_schools", {"named_schools": ()}),
        ("named_seats", {"named_seats": 0}),
        ("named_schools", {"named_schools": (elsewhere.id,)}),
        ("named_seats", {"kind": OfferKind.GROUP, "min_group": 3}),
        ("school_max", {"school_max": 1}),
    ):
        with pytest.raises(Refused) as refused:
            start(**changed)
        assert refused.value.field == field
    made = start()
    assert (made.named_seats, made.named_schools) == (1, [season.other.id])
    offer_drafts.write_weeks(session, made, {season.weeks[0].monday: 1}, None)
    session.commit()
    assert "ouverte à tous" in offer_drafts.missing_steps(made)[1]
    names = [s.name for s in named_schools.schools_to_name(session, season.host)]
    assert season.other.name in names
    assert "Ailleurs" not in names
