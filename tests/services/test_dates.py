"""Dates of a round: in order, not past, with time for reviews and agreements."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models import RoundState
from tests import factories as f
from tests.services.seasons import Season
from web.services.dates import change_dates, dates_of, school_days_between
from web.services.errors import Refused

DAY = timedelta(days=1)


def season_in(session, state):
    made = Season(session, state=f.CampaignState.RUNNING, round_state=state)
    session.commit()
    return made


def change(session, season, now=f.WISHES_TIME, value=None, **moved):
    dates = replace(dates_of(season.round), **moved)
    return change_dates(
        session, season.round.id, dates, public_value_name=value, by=season.by, now=now
    )


def refused_field(session, season, **moved):
    with pytest.raises(Refused) as refusal:
        change(session, season, **moved)
    session.rollback()
    return refusal.value.field


def test_the_seasons_own_dates_are_good(session):
    season = season_in(session, RoundState.WISHES_OPEN)
    assert change(session, season).publish_at == f.PUBLISH_AT


def test_a_date_is_moved(session):
    season = season_in(session, RoundState.WISHES_OPEN)
    later = f.ANSWERS_UNTIL + DAY
    assert change(session, season, answers_until=later).answers_until == later


def test_twenty_five_days_outside_holidays_before_the_first_week(session):
    season = season_in(session, RoundState.WISHES_OPEN)
    limit = f.PUBLISH_AT.replace(day=12)
    after = f.PUBLISH_AT.replace(day=25)

    change(session, season, publish_at=limit, answers_until=after)
    field = refused_field(session, season, publish_at=limit + DAY, answers_until=after)
    assert field == "publish_at"


def test_schools_get_three_days_of_class(session):
    season = season_in(session, RoundState.WISHES_OPEN)
    assert refused_field(session, season, review_until=f.REVIEW_UNTIL - 2 * DAY) == "review_until"


def test_school_days_leave_out_holidays_week_ends_and_feasts():
    assert school_days_between(f.RUN_AT, f.REVIEW_UNTIL, "B") == 4
    armistice = f.PUBLISH_AT.replace(day=10)
    assert school_days_between(armistice, armistice + 2 * DAY, "B") == 1


def test_order_is_told_at_the_later_date(session):
    season = season_in(session, RoundState.WISHES_OPEN)
    assert refused_field(session, season, publish_at=f.REVIEW_UNTIL) == "publish_at"


def test_what_has_happened_does_not_move(session):
    season = season_in(session, RoundState.WISHES_OPEN)
    moved = f.WISHES_OPEN + timedelta(hours=1)
    assert refused_field(session, season, wishes_open_at=moved) == "wishes_open_at"


def test_a_past_date_is_refused(session):
    season = season_in(session, RoundState.WISHES_CLOSED)
    past = f.WISHES_CLOSE + timedelta(minutes=1)
    field = refused_field(session, season, now=f.WISHES_CLOSE + timedelta(hours=1), run_at=past)
    assert field == "run_at"


def test_the_closing_that_families_read_is_only_postponed(session):
    season = season_in(session, RoundState.WISHES_OPEN)
    field = refused_field(session, season, wishes_close_at=f.WISHES_CLOSE - DAY)
    assert field == "wishes_close_at"


def test_the_public_value_is_named_before_the_wishes_only(session):
    season = season_in(session, RoundState.PLANNED)
    before = f.WISHES_OPEN - DAY
    assert change(session, season, now=before, value="Loto").public_value_name == "Loto"
    season.round.state = RoundState.WISHES_OPEN
    session.commit()
    assert refused_field(session, season, value="Autre") == "public_value_name"
