"""The life of a round, by its dates and by buttons."""

import hashlib
from datetime import timedelta

import pytest

from models import (
    CampaignState,
    MessageKind,
    PlacementState,
    RoundState,
    events_about,
    latest_messages,
    placements_of_campaign,
    runs_of_round,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import campaigns, publication
from web.services.errors import Gone, Refused

SECOND = timedelta(seconds=1)


def season_at(session, state):
    """A season whose round is in this state, whatever came before."""
    made = Season(session, state=CampaignState.RUNNING, round_state=state)
    made.round.secret = "s" * 64
    session.commit()
    return made


@pytest.mark.parametrize(
    ("before", "moment", "after"),
    [
        (RoundState.PLANNED, f.WISHES_OPEN, RoundState.WISHES_OPEN),
        (RoundState.WISHES_OPEN, f.WISHES_CLOSE, RoundState.WISHES_CLOSED),
        (RoundState.PUBLISHED, f.ANSWERS_UNTIL, RoundState.ANSWERS_CLOSED),
    ],
)
def test_a_date_counts_to_the_second(session, before, moment, after):
    season = season_at(session, before)

    assert campaigns.advance(session, moment - SECOND) == []
    assert season.round.state is before
    assert len(campaigns.advance(session, moment)) == 1
    assert season.round.state is after
    assert campaigns.advance(session, moment + SECOND) == []


def test_a_draft_opens_to_offers_at_its_date(session):
    season = Season(session, state=CampaignState.DRAFT)
    opening = season.campaign.offers_open_at

    assert campaigns.advance(session, opening - SECOND) == []
    assert campaigns.advance(session, opening) == [f"open_offers:{season.campaign.id}"]
    assert season.campaign.state is CampaignState.OFFERS_OPEN


def test_missed_dates_are_caught_up_in_order(session):
    season = Season(session)
    campaigns.advance(session, f.WISHES_OPEN)

    done = campaigns.advance(session, f.RUN_AT + timedelta(hours=5))

    assert [step.split(":")[0] for step in done] == ["close_wishes", "request_run"]
    assert len(session.scalars(runs_of_round(season.round.id)).all()) == 1


def test_wishes_that_nobody_could_make_are_not_opened_and_closed_at_once(session):
    season = Season(session)

    assert campaigns.advance(session, f.WISHES_CLOSE) == []
    assert season.round.state is RoundState.PLANNED


def test_a_second_scheduler_finds_nothing_left_to_do(session, sessions):
    Season(session)
    campaigns.advance(session, f.WISHES_OPEN)
    with sessions.writing() as other:
        assert campaigns.advance(other, f.WISHES_OPEN) == []


def test_opening_publishes_the_commitment_and_keeps_the_secret(session):
    season = Season(session)
    campaigns.advance(session, f.WISHES_OPEN)

    secret = season.round.secret
    assert len(secret) == 64
    assert season.round.commitment == hashlib.sha256(secret.encode()).hexdigest()
    assert season.campaign.state is CampaignState.RUNNING


def test_each_guardian_gets_one_letter_for_all_her_children(session):
    Season(session)
    campaigns.advance(session, f.WISHES_OPEN)

    (letter,) = session.scalars(latest_messages()).all()
    assert letter.kind is MessageKind.WISHES_OPENED
    assert letter.recipient == "samira@example.org"
    assert letter.params["first_names"] == ["Élève0", "Élève1"]


def test_the_fingerprint_of_the_closing_changes_with_any_wish(session):
    season = Season(session)
    campaigns.advance(session, f.WISHES_OPEN)
    campaigns.close_wishes(session, season.round.id, by=season.by, now=f.WISHES_CLOSE)
    kept = season.round.snapshot_sha256

    from web.services.verification import snapshot

    assert snapshot(session, season.round) == kept
    season.pupils[0].wishes.pop()
    session.flush()
    assert snapshot(session, season.round) != kept


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (campaigns.open_wishes, RoundState.WISHES_OPEN),
        (campaigns.close_wishes, RoundState.PLANNED),
        (campaigns.start_review, RoundState.WISHES_OPEN),
        (campaigns.close_answers, RoundState.REVIEW),
    ],
)
def test_a_step_out_of_order_is_refused(session, act, state):
    season = season_at(session, state)

    with pytest.raises(Refused, match="étape"):
        act(session, season.round.id, by=season.by, now=f.ANSWERS_UNTIL)
    assert season.round.state is state


def test_a_button_does_not_close_the_wishes_before_the_date_families_read(session):
    season = season_at(session, RoundState.WISHES_OPEN)

    with pytest.raises(Refused, match="16\u00a0octobre"):
        campaigns.close_wishes(session, season.round.id, by=season.by, now=f.WISHES_CLOSE - SECOND)


def test_a_round_that_does_not_exist_is_gone(session):
    with pytest.raises(Gone):
        campaigns.close_wishes(session, 99, by=1, now=f.WISHES_CLOSE)


def test_the_review_opens_once_the_run_is_verified_and_tells_the_schools(session, sessions):
    season = Season(session).review(sessions)

    assert season.round.state is RoundState.REVIEW
    letters = [m for m in session.scalars(latest_messages()) if m.kind is MessageKind.REVIEW_OPENED]
    assert [m.recipient for m in letters] == ["direction@example.org"]


def test_no_answer_at_the_deadline_means_yes(session, sessions):
    season = Season(session).review(sessions)
    publication.publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)

    campaigns.advance(session, f.ANSWERS_UNTIL)

    held = session.scalars(placements_of_campaign(season.campaign.id)).all()
    assert held
    assert {p.state for p in held} == {PlacementState.ACCEPTED}


def test_a_campaign_ends_after_its_last_week(session):
    season = season_at(session, RoundState.ANSWERS_CLOSED)
    last = f.ANSWERS_UNTIL.replace(year=2027, month=2, day=14)

    assert campaigns.advance(session, last) == []
    assert campaigns.advance(session, last + timedelta(days=1)) == [
        f"close_campaign:{season.campaign.id}"
    ]
    assert season.campaign.state is CampaignState.CLOSED


def test_each_change_is_in_the_journal(session):
    season = Season(session)
    campaigns.open_wishes(session, season.round.id, by=season.by, now=f.WISHES_OPEN)

    (event,) = session.scalars(events_about(f"round:{season.round.id}")).all()
    assert (event.kind, event.actor_id) == ("round.wishes_opened", season.by)


def test_an_announced_value_is_entered_once_and_only_after_the_closing(session):
    season = season_at(session, RoundState.WISHES_OPEN)
    season.round.public_value_name = "Tirage du 17 octobre"
    session.commit()
    with pytest.raises(Refused):
        campaigns.enter_public_value(
            session, season.round.id, "7 12 31", by=season.by, now=f.WISHES_TIME
        )
    session.rollback()
    campaigns.advance(session, f.WISHES_CLOSE)

    assert campaigns.advance(session, f.RUN_AT) == []
    campaigns.enter_public_value(session, season.round.id, " 7 12 31 ", by=season.by, now=f.RUN_AT)
    assert season.round.public_value == "7 12 31"
    with pytest.raises(Refused, match="ne change plus"):
        campaigns.enter_public_value(session, season.round.id, "1", by=season.by, now=f.RUN_AT)
    session.rollback()
    assert campaigns.advance(session, f.RUN_AT) == [f"request_run:{season.campaign.id}"]
