"""Complementary rounds: for who has no place, with the seats that remain, and nobody else moves."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from matching import Instance
from models import (
    CampaignState,
    MessageKind,
    Placement,
    RoundState,
    RunState,
    active_placement,
    assignments_of_run,
    latest_messages,
    run_with_arrays,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import answers, campaigns, next_round, publication, replacing, runs
from web.services.catalogue import places_for
from web.services.dates import closed_weeks
from web.services.errors import Gone, Refused
from web.services.figures import figures_of
from web.services.freezing.scenario import Scenario
from web.services.results import Outcome, result_of
from web.services.wishes import add_wish, closed_to

AFTER = f.ANSWERS_UNTIL + timedelta(hours=1)


@pytest.fixture
def season(session, sessions):
    """Round 1 is over: « Menuiserie » 2, « Mairie » 3; one refused the wood, one had no place."""
    made = Season(session)
    january = made.weeks[2]
    made.wood.weeks[0].week = made.town.weeks[0].week = january
    for klass in {one.school_class for one in made.pupils}:
        klass.weeks = [january]
    session.commit()
    made.review(sessions)
    publication.publish(session, made.round.id, by=made.by, now=f.PUBLISH_AT)
    made.refused = next(
        p for p in made.pupils[:4] if held(session, p).offer_week.offer_id == made.wood.id
    )
    place = held(session, made.refused)
    answers.decline_place(
        session,
        made.refused.id,
        place.id,
        answers.DeclineReason.TRIP,
        by=made.by,
        now=f.PUBLISH_AT,
    )
    return made


def held(session, pupil):
    session.expire_all()
    return session.scalar(active_placement(pupil.id))


def plan(session, season, **dates):
    proposed = next_round.proposed_dates(season.campaign, AFTER)
    return next_round.plan_round(
        session,
        season.campaign.id,
        season.territory.id,
        replace(proposed, **dates),
        by=season.by,
        now=AFTER,
    )


def second(session, season, sessions, until=RoundState.PUBLISHED):
    """The second round, up to a state."""
    campaigns.advance(session, AFTER)
    turn = plan(session, season)
    campaigns.advance(session, turn.wishes_open_at)
    if until is RoundState.WISHES_OPEN:
        return turn
    for moment in (turn.wishes_close_at, turn.run_at):
        campaigns.advance(session, moment)
    while runs.work_once(sessions.writing, lambda _: turn.run_at):
        pass
    campaigns.advance(session, turn.run_at + timedelta(minutes=1))
    session.expire_all()
    if until is RoundState.PUBLISHED:
        publication.publish(session, turn.id, by=season.by, now=turn.publish_at)
    return turn


def test_a_round_is_planned_when_it_is_of_use_and_its_dates_hold(session, season):
    early = next_round.proposed_dates(season.campaign, AFTER)
    with pytest.raises(Refused, match="après la fin des réponses") as refused:
        plan(session, season, wishes_open_at=f.PUBLISH_AT + timedelta(days=1))
    assert refused.value.field == "wishes_open_at"
    session.rollback()
    late = {"publish_at": f.PUBLISH_AT.replace(year=2027, month=2, day=1)}
    late["answers_until"] = late["publish_at"] + timedelta(days=5)
    with pytest.raises(Refused, match="15 jours hors vacances"):
        plan(session, season, **late)
    session.rollback()
    with pytest.raises(Gone):
        next_round.plan_round(session, season.campaign.id, 999, early, by=1, now=AFTER)
    session.rollback()

    turn = plan(session, season)
    assert (turn.number, turn.state) == (2, RoundState.PLANNED)
    assert season.campaign.current_round.number == 1
    assert next_round.coming_round(season.campaign) is turn
    with pytest.raises(Refused, match="après la publication"):
        plan(session, season)
    session.rollback()
    with pytest.raises(Refused, match="répondent encore au tour 1"):
        campaigns.open_wishes(session, turn.id, by=season.by, now=f.PUBLISH_AT)


def test_the_second_round_is_for_who_has_no_place(session, sessions, season):
    season.guardian.email = "samira@example.org"
    session.commit()
    told = len(session.scalars(latest_messages()).all())
    turn = second(session, season, sessions, RoundState.WISHES_OPEN)
    session.expire_all()

    assert [w.offer_id for w in season.refused.wishes] == [season.town.id], "she gave it back"
    placed = next(p for p in season.pupils if held(session, p))
    assert "déjà donnée" in closed_to(session, placed, turn, turn.wishes_open_at)
    at = turn.wishes_open_at
    with pytest.raises(Refused, match="déjà donnée"):
        add_wish(session, placed.id, season.town.id, by=1, now=at)
    session.rollback()
    assert result_of(session, placed, now=at).outcome is Outcome.PLACED
    assert result_of(session, season.refused, now=at).outcome is Outcome.WAITING
    letters = session.scalars(latest_messages()).all()[: -told or None]
    opened = [m for m in letters if m.kind is MessageKind.WISHES_OPENED]
    children = season.guardian.pupils
    waiting = [c.first_name for c in children if not held(session, c)]
    assert [m.params["first_names"] for m in opened] == ([waiting] if waiting else [])

    (seat,) = places_for(session, season.refused)
    assert (seat.title, seat.seats) == ("Menuiserie", {season.weeks[2].id: 1})


def test_kept_places_are_locks_and_capacities_stay_whole(session, sessions, season):
    season.wood.min_group = 2
    session.commit()
    before = {p.id: held(session, p) for p in season.pupils}
    kept = {i: one.offer_week_id for i, one in before.items() if one}
    turn = second(session, season, sessions)
    run = session.scalars(run_with_arrays(turn.selected_run_id)).one()
    instance = Instance.from_npz(run.instance)
    assert instance.n == 6
    assert np.sort(instance.cap).tolist() == [2, 3]
    assert (instance.lock >= 0).sum() == 4
    assert instance.min_group.tolist() == [0, 0], "a group that is open keeps no minimum"
    assert instance.later.sum() == 1

    proposed = {a.pupil_id: a.offer_week_id for a in session.scalars(assignments_of_run(run.id))}
    assert kept.items() <= proposed.items()
    never = next(p for p in season.pupils[:6] if not before[p.id] and p is not season.refused)
    assert held(session, never).round_id == turn.id
    assert held(session, season.refused) is None
    total = figures_of(run).total
    assert (total.placed, total.pupils) == (5, 6)
    assert replacing.aftermath(session, season.campaign).given == ((1, 4), (2, 1))
    given = session.query(Placement).filter_by(round_id=turn.id).all()
    assert [one.pupil_id for one in given] == [never.id], "only its pupils are touched"
    families = [
        m
        for m in session.scalars(latest_messages())
        if m.event_key == f"publication:{turn.id}:family"
    ]
    names = {child["pupil_id"] for m in families for child in m.params["children"]}
    assert names <= {never.id, season.refused.id, season.pupils[6].id}


def test_a_scenario_never_breaks_the_places_of_an_earlier_round(session, sessions, season):
    turn = second(session, season, sessions, RoundState.WISHES_OPEN)
    for scenario in (Scenario(reserve=100), Scenario(school_max=1), Scenario(completion=False)):
        run = runs.request_run(
            session, turn.id, by=season.by, now=turn.wishes_open_at, scenario=scenario
        )
        runs.work_once(sessions.writing, lambda _: turn.wishes_open_at)
        session.refresh(run)
        assert (run.state, run.failure) == (RunState.DONE, "")
        assert figures_of(run).total.placed >= 4


def test_who_refused_comes_after_her_tier_unless_the_reason_is_sound(session, sessions, season):
    other = f.pupil(session, season.refused.school_class, "Jamais", "Servie")
    f.wishes(session, other, season.wood)
    session.commit()
    turn = second(session, season, sessions, RoundState.WISHES_OPEN)
    add_wish(session, season.refused.id, season.wood.id, by=1, now=turn.wishes_open_at, rank=1)
    campaigns.advance(session, turn.wishes_close_at)
    campaigns.advance(session, turn.run_at)
    while runs.work_once(sessions.writing, lambda _: turn.run_at):
        pass
    session.expire_all()
    run_id = turn.selected_run_id
    given = {a.pupil_id: a.offer_week_id for a in session.scalars(assignments_of_run(run_id))}
    assert given[other.id] == season.wood.weeks[0].id
    assert given[season.refused.id] is None


def test_a_seat_given_by_hand_meanwhile_stops_the_publication(session, sessions, season):
    turn = second(session, season, sessions, RoundState.REVIEW)
    gift = replacing.Gift(season.wood.weeks[0].id, "Une place libre.")
    other = f.pupil(session, season.refused.school_class, "Venue", "Tard")
    f.wishes(session, other, season.wood)
    session.commit()
    replacing.give_place(
        session, other.id, season.territory.id, gift, by=season.by, now=turn.review_until
    )
    with pytest.raises(Refused, match="retirée depuis"):
        publication.publish(session, turn.id, by=season.by, now=turn.publish_at)


def test_near_weeks_are_closed(session, season):
    campaigns.advance(session, AFTER)
    turn = plan(session, season)
    closed = closed_weeks(turn, season.weeks)
    assert season.weeks[2].id not in closed
    turn.publish_at = f.PUBLISH_AT.replace(month=12, day=1)
    assert season.weeks[0].id in closed_weeks(turn, season.weeks)
    assert season.campaign.state is CampaignState.RUNNING
