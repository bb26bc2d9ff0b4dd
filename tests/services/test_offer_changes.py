"""What a host changes once pupils see its offer, and what never happens silently."""

import dataclasses
from datetime import date, timedelta

import pytest

from models import (
    USUAL,
    Message,
    MessageKind,
    OfferState,
    Placement,
    PlacementState,
    RoundState,
    active_placement,
    wishes_of,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import offer_changes, offers, publication, replacing
from web.services.errors import Refused
from web.services.offer_changes import NewPlaces
from web.services.offer_copies import duplicate_offer
from web.services.offer_drafts import Practical

FIRST, SECOND = date(2026, 12, 7), date(2026, 12, 14)
PRACTICAL = Practical(USUAL, "Arrêt Port", "Anne Le Goff", "anne@example.org")


@pytest.fixture
def wished(session):
    """Wishes are open: six pupils rank the two offers."""
    made = Season(session)
    made.round.state = RoundState.WISHES_OPEN
    session.commit()
    return made


@pytest.fixture
def published(session, sessions):
    """Published: two pupils hold « Menuiserie »."""
    made = Season(session).review(sessions)
    publication.publish(session, made.round.id, by=made.by, now=f.PUBLISH_AT)
    session.query(Message).delete()
    made.guardian.email = "samira@example.org"
    session.commit()
    return made


def change(session, season, seats, *, total=None, knowing=False):
    wanted = NewPlaces(seats, total, knowing=knowing)
    return offer_changes.change_weeks(
        session,
        season.wood.id,
        season.host.id,
        wanted,
        by=season.team.account_id,
        now=f.WISHES_OPEN,
    )


def pause(session, season, *, knowing=True):
    ids = season.wood.id, season.host.id
    by = season.team.account_id
    return offer_changes.pause_offer(session, *ids, knowing=knowing, by=by, now=f.WISHES_OPEN)


def resume(session, season):
    ids = season.wood.id, season.host.id
    return offer_changes.resume_offer(session, *ids, by=season.team.account_id, now=f.WISHES_OPEN)


def withdraw(session, season, **how):
    how = {"knowing": True, "reason": "Le chantier s’arrête."} | how
    by = season.team.account_id
    return offers.withdraw_offer(
        session, season.wood.id, season.host.id, by=by, now=f.PUBLISH_AT, **how
    )


def told(session, kind):
    return sorted(m.recipient for m in session.query(Message).filter_by(kind=kind))


def holders(session, offer):
    weeks = [one.id for one in offer.weeks]
    return session.query(Placement).filter(Placement.offer_week_id.in_(weeks)).all()


def test_a_pause_hides_an_offer_and_keeps_its_wishes(wished, session):
    with pytest.raises(Refused, match="Confirmez la pause"):
        pause(session, wished, knowing=False)
    session.rollback()
    assert pause(session, wished).state is OfferState.PAUSED
    assert pause(session, wished).state is OfferState.PAUSED
    pupil = wished.pupils[0]
    assert len(session.scalars(wishes_of(pupil.id)).all()) == 2
    assert resume(session, wished).state is OfferState.OPEN


def test_nothing_moves_while_the_round_is_computed(wished, session):
    for state in (RoundState.WISHES_CLOSED, RoundState.REVIEW):
        wished.round.state = state
        session.commit()
        for act in (pause, lambda s, w: change(s, w, {FIRST: 9}), withdraw):
            with pytest.raises(Refused, match="Les vœux sont clos"):
                act(session, wished)
            session.rollback()


def test_fewer_places_are_known_to_touch_pupils(wished, session):
    with pytest.raises(Refused, match="6 élèves ont classé"):
        change(session, wished, {FIRST: 1})
    session.rollback()
    change(session, wished, {FIRST: 2, SECOND: 1})
    changed = change(session, wished, {FIRST: 0, SECOND: 1}, knowing=True)
    assert [(one.week.monday, one.seats) for one in changed.weeks] == [(FIRST, 0), (SECOND, 1)]
    assert len(session.scalars(wishes_of(wished.pupils[0].id)).all()) == 2


def test_a_week_with_pupils_cannot_vanish(published, session):
    for seats, total in (({}, None), ({FIRST: 1}, None)):
        with pytest.raises(Refused, match="élèves y ont leur place, gardez au moins 2"):
            change(session, published, seats, total=total, knowing=True)
        session.rollback()
    with pytest.raises(Refused, match="ont déjà une place ici"):
        change(session, published, {FIRST: 2}, total=1)
    session.rollback()
    assert change(session, published, {FIRST: 3}).seats == 3


def test_new_hours_are_told_to_those_who_hold_a_place(published, session):
    def save(practical):
        ids = published.wood.id, published.host.id
        by = published.team.account_id
        offer_changes.change_practical(session, *ids, practical, by=by, now=f.PUBLISH_AT)

    save(PRACTICAL)
    first = told(session, MessageKind.PLACE_CHANGED)
    assert "direction@example.org" in first
    params = session.query(Message).filter_by(kind=MessageKind.PLACE_CHANGED).first().params
    assert (params["access"], params["contact"]) == ("Arrêt Port", "")
    save(dataclasses.replace(PRACTICAL, accessibility=("step_free",)))
    assert told(session, MessageKind.PLACE_CHANGED) == first


def test_a_withdrawal_after_the_results_cancels_places_and_tells_everyone(published, session):
    with pytest.raises(Refused, match="élèves y ont une place"):
        withdraw(session, published, knowing=False)
    session.rollback()
    with pytest.raises(Refused, match="pourquoi"):
        withdraw(session, published, reason=" ")
    session.rollback()
    lost = {place.pupil_id for place in holders(session, published.wood)}
    for _ in range(2):
        assert withdraw(session, published).state is OfferState.WITHDRAWN
    assert {one.state for one in holders(session, published.wood)} == {PlacementState.CANCELLED}
    assert not any(session.scalar(active_placement(pupil)) for pupil in lost)
    listed = replacing.to_place(session, published.campaign)
    reasons = {one.pupil.id: one.reason for one in listed}
    assert {reasons[pupil] for pupil in lost} == {replacing.Reason.CANCELLED}
    assert len(told(session, MessageKind.PLACES_CANCELLED)) == 1
    assert "direction@example.org" in told(session, MessageKind.PLACE_LOST)
    assert not told(session, MessageKind.GROUP_BELOW)


def test_the_word_of_an_offer_says_full_and_ended(wished):
    offer, friday = wished.wood, FIRST + timedelta(days=4)
    assert offer_changes.standing(offer, 1, FIRST) == "Ouverte"
    assert offer_changes.standing(offer, 2, friday) == "Complète"
    assert offer_changes.standing(offer, 2, friday + timedelta(days=1)) == "Terminée"


def test_last_year_s_offer_is_renewed_once_without_its_weeks(wished, session):
    wished.campaign.season += 1
    session.flush()
    past = f.campaign(session, wished.territory)
    old = f.offer(session, past, wished.host, {wished.weeks[0]: 3}, total_seats=2)
    session.commit()
    ids, by = (old.id, wished.host.id), wished.team.account_id
    made = {
        duplicate_offer(session, *ids, form_key="renew", by=by, now=f.OFFERS_CLOSE.replace(day=1))
        for _ in range(2)
    }
    (copy,) = made
    assert (copy.title, copy.weeks, copy.total_seats) == (old.title, [], None)
    assert copy.campaign_id == wished.campaign.id
