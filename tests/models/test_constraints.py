"""What the database itself refuses, whoever writes to it."""

import pytest
from sqlalchemy.exc import IntegrityError

from models import (
    Account,
    Assignment,
    Membership,
    Message,
    MessageKind,
    OfferWeek,
    Origin,
    Placement,
    PlacementState,
    Role,
    Run,
    Source,
    Wish,
)
from tests import factories as make


@pytest.fixture
def scene(session):
    """A pupil and an offer of one seat."""
    campaign = make.campaign(session)
    weeks = make.weeks_of(session, campaign)
    school = make.school(session, campaign.territory)
    pupil = make.pupil(session, make.school_class(session, campaign, school, weeks))
    offer = make.offer(session, campaign, make.host(session, campaign.territory), {weeks[0]: 1})
    session.commit()
    return campaign, pupil, offer


def refused(session, thing):
    session.add(thing)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_wishes_are_unique_and_start_at_one(session, scene):
    _, pupil, offer = scene
    make.wishes(session, pupil, offer)
    session.commit()
    refused(session, Wish(pupil_id=pupil.id, offer_id=offer.id, rank=2))
    refused(session, Wish(pupil_id=pupil.id, offer_id=offer.id, rank=0))


def test_seats_are_never_negative(session, scene):
    _, _, offer = scene
    week = make.weeks_of(session, offer_campaign(session, offer))[1]
    refused(session, OfferWeek(offer_id=offer.id, week_id=week.id, seats=-1))


def offer_campaign(session, offer):
    from models import Campaign

    return session.get(Campaign, offer.campaign_id)


def test_a_run_says_one_thing_of_a_pupil(session, scene):
    campaign, pupil, offer = scene
    run = Run(
        round_id=campaign.rounds[0].id,
        policy="priority",
        seed="s",
        code_version="1",
        instance=b"",
        instance_sha256="0",
        requested_at=make.RUN_AT,
    )
    session.add(run)
    session.flush()
    place = offer.weeks[0].id

    def assigned(**fields):
        return Assignment(run_id=run.id, pupil_id=pupil.id, **fields)

    session.add(assigned(offer_week_id=place, source=Source.WISH, rank=1))
    session.commit()
    refused(session, assigned(offer_week_id=place, source=Source.WISH, rank=2))
    refused(
        session,
        Assignment(run_id=run.id, pupil_id=pupil.id, offer_week_id=place, source=None),
    )


def test_a_pupil_holds_one_place_and_may_have_held_others(session, scene):
    campaign, pupil, offer = scene

    def placement(state):
        return Placement(
            campaign_id=campaign.id,
            round_id=campaign.rounds[0].id,
            pupil_id=pupil.id,
            offer_week_id=offer.weeks[0].id,
            origin=Origin.RUN,
            state=state,
            created_at=make.PUBLISH_AT,
        )

    session.add_all([placement(PlacementState.DECLINED), placement(PlacementState.OFFERED)])
    session.commit()
    refused(session, placement(PlacementState.KEPT))
    session.add(placement(PlacementState.WITHDRAWN))
    session.commit()


def test_a_person_hears_of_an_event_once(session):
    def message():
        return Message(
            kind=MessageKind.WISHES_OPENED,
            recipient="samira@example.org",
            event_key="wishes-opened:1",
            next_try_at=make.WISHES_OPEN,
            created_at=make.WISHES_OPEN,
        )

    session.add(message())
    session.commit()
    refused(session, message())


def test_a_membership_has_one_scope(session, scene):
    campaign, pupil, _ = scene
    account = Account(name="Camille Martin")
    session.add(account)
    session.flush()
    refused(
        session,
        Membership(
            account_id=account.id,
            role=Role.ANIMATOR,
            territory_id=campaign.territory_id,
            pupil_id=pupil.id,
        ),
    )


def test_a_label_is_dated(session):
    from models import Label, SchoolLabel

    school = make.school(session, make.territory(session), Label.REP_PLUS)
    session.add(SchoolLabel(school=school, school_year=make.SEASON + 1, label=Label.REP))
    session.commit()
    session.refresh(school)
    assert school.label_in(make.SEASON) is Label.REP_PLUS
    assert school.label_in(make.SEASON + 1) is Label.REP
    assert school.label_in(make.SEASON - 9) is Label.NONE
