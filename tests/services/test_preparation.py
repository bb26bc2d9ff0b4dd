"""A campaign to come: proposed dates that hold, and every plan that does not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models import Campaign, CampaignState, Event, Membership, Message, MessageKind, Role, Week
from tests import factories as f
from web.services import campaigns
from web.services.accounts import accept_invitation, accept_role
from web.services.dates import Dates
from web.services.errors import Gone, Refused
from web.services.preparation import create_campaign, next_season, proposed_plan
from web.services.staff import Staff, create_account, invite_again, school_teams

JUNE = datetime(2026, 6, 15, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def where(session):
    made = f.territory(session)
    f.school(session, made)
    session.commit()
    return made


def usual(where, season=2026):
    return proposed_plan(where, season, JUNE)


def create(session, where, plan):
    return create_campaign(session, where.id, plan, by=None, now=JUNE)


def refused(session, where, plan):
    with pytest.raises(Refused) as refusal:
        create(session, where, plan)
    session.rollback()
    assert session.query(Campaign).count() == 0
    return refusal.value.field


def test_the_first_season_has_the_dates_of_the_model(where):
    plan = usual(where)
    assert plan.dates == Dates(
        f.OFFERS_CLOSE,
        f.WISHES_OPEN,
        f.WISHES_CLOSE,
        f.RUN_AT,
        f.REVIEW_UNTIL,
        f.PUBLISH_AT,
        f.ANSWERS_UNTIL,
    )
    assert (plan.first_monday, plan.last_monday) == (date(2026, 12, 7), date(2027, 2, 8))


@pytest.mark.parametrize("zone", "ABC")
@pytest.mark.parametrize("season", [2026, 2027])
def test_what_is_proposed_can_be_created(session, where, zone, season):
    where.holiday_zone = zone
    made = create(session, where, usual(where, season))
    assert made.state is CampaignState.DRAFT
    assert [turn.number for turn in made.rounds] == [1]


def test_weeks_leave_the_holidays_out(session, where):
    made = create(session, where, usual(where))
    mondays = [week.monday for week in session.query(Week).filter_by(campaign_id=made.id)]
    assert mondays[0] == date(2026, 12, 7)
    assert date(2026, 12, 21) not in mondays
    assert date(2026, 12, 28) not in mondays
    assert len(mondays) == 8
    assert session.query(Event).filter_by(kind="campaign.created").count() == 1


def test_it_opens_to_offers_at_its_date(session, where):
    made = create(session, where, usual(where))
    campaigns.advance(session, datetime(2026, 9, 1, 7, tzinfo=UTC))
    assert made.state is CampaignState.OFFERS_OPEN


@pytest.mark.parametrize(
    ("field", "moved"),
    [
        ("season", {"season": 2019}),
        ("season", {"season": 2028}),
        ("max_wishes", {"max_wishes": 0}),
        ("max_wishes", {"max_wishes": 31}),
        ("first_monday", {"first_monday": date(2026, 12, 8)}),
        ("first_monday", {"first_monday": date(2026, 12, 21)}),
        ("first_monday", {"first_monday": date(2025, 12, 8)}),
        ("last_monday", {"last_monday": date(2026, 11, 30)}),
        ("offers_open_at", {"offers_open_at": JUNE}),
        ("offers_close_at", {"offers_open_at": f.OFFERS_CLOSE}),
    ],
)
def test_a_plan_that_does_not_hold_is_told_at_its_field(session, where, field, moved):
    assert refused(session, where, replace(usual(where), **moved)) == field


@pytest.mark.parametrize(
    ("field", "moved"),
    [
        ("wishes_open_at", {"wishes_open_at": JUNE - DAY}),
        ("wishes_close_at", {"wishes_close_at": f.WISHES_OPEN}),
        ("review_until", {"review_until": f.RUN_AT + DAY}),
        ("publish_at", {"publish_at": f.PUBLISH_AT + 8 * DAY}),
    ],
)
def test_dates_are_checked_as_when_they_change(session, where, field, moved):
    plan = usual(where)
    assert refused(session, where, replace(plan, dates=replace(plan.dates, **moved))) == field


def test_a_date_beyond_the_known_calendar_is_refused(session, where):
    plan = usual(where)
    late = datetime(2035, 1, 1, tzinfo=UTC)
    after = {"publish_at": late + DAY, "answers_until": late + 2 * DAY}
    dates = replace(plan.dates, review_until=late, **after)
    refused(session, where, replace(plan, dates=dates))


def test_one_campaign_at_a_time(session, where):
    made = create(session, where, usual(where))
    with pytest.raises(Refused, match="n’est pas terminée"):
        create(session, where, usual(where, 2027))
    made.state = CampaignState.CLOSED
    session.commit()
    assert next_season(session, where.id, JUNE) == 2027
    with pytest.raises(Refused) as twice:
        create(session, where, usual(where))
    assert twice.value.field == "season"
    create(session, where, usual(where, 2027))


def test_schools_come_first(session):
    where = f.territory(session)
    with pytest.raises(Refused, match="Aucun collège"):
        create(session, where, usual(where))


def test_a_head_is_invited_once_then_again(session, where):
    school = school_teams(session, where.id, 2026)[0].school
    staff = Staff("direction@example.org", "Anne Roy", Role.SCHOOL, uai=school.uai)
    create_account(session, staff, now=JUNE)
    with pytest.raises(Refused):
        create_account(session, staff, now=JUNE)
    session.rollback()

    (held,) = session.query(Membership)
    assert (held.role, held.school_id) == (Role.SCHOOL, school.id)
    team = school_teams(session, where.id, 2026)[0].team
    assert [(one.account.email, one.pending) for one in team] == [(staff.email, True)]
    invite_again(session, where.id, school.id, held.account_id, by=held.account_id, now=JUNE)
    assert session.query(Message).filter_by(kind=MessageKind.CONFIRM_ADDRESS).count() == 2

    link = session.query(Message).order_by(Message.id.desc()).first().params["token"]
    accept_invitation(session, link, "quatre mots bien choisis", now=JUNE)
    with pytest.raises(Refused, match="déjà accepté"):
        invite_again(session, where.id, school.id, held.account_id, by=None, now=JUNE)


def test_a_school_is_not_given_to_an_account_before_its_owner_accepts(session, where):
    school = school_teams(session, where.id, 2026)[0].school
    known = f.host_member(session, f.host(session, where)).account
    known.password_hash = "chosen"
    staff = Staff(known.email, "Anne Roy", Role.SCHOOL, uai=school.uai)
    link = create_account(session, staff, now=JUNE)
    assert [one.role for one in known.roles] == [Role.HOST]
    accept_role(session, link, now=JUNE)
    assert [one.role for one in known.roles] == [Role.HOST, Role.SCHOOL]
    with pytest.raises(Gone):
        accept_role(session, link, now=JUNE)


def test_another_territory_invites_nobody_here(session, where):
    school = school_teams(session, where.id, 2026)[0].school
    held = f.head(session, school)
    other = f.territory(session, "85")
    with pytest.raises(Gone):
        invite_again(session, other.id, school.id, held.account_id, by=None, now=JUNE)
