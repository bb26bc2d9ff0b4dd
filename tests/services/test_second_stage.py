"""Whoever a run leaves without a place gets every compatible place that remains, before review."""

import pytest

from models import Decision, DecisionKind, Origin, Placement, Run, RunState, Source
from tests import factories as f
from tests.services.seasons import Season
from web.services import campaigns, runs
from web.services.errors import Refused
from web.services.place_words import rank_words
from web.services.publication import publish
from web.services.reasons import why
from web.services.verification import verify_run


@pytest.fixture
def season(session):
    """The sixth pupil has no place near; one far away, beyond every limit, stays free."""
    made = Season(session)
    far = f.host(session, made.territory, "Loin")
    far.sites[0].lat = f.NANTES[0] + 0.6
    made.far = f.offer(session, made.campaign, far, {made.weeks[0]: 3}, title="Loin")
    session.commit()
    return made


def assign(session, sessions, season):
    season.close()
    campaigns.advance(session, f.RUN_AT)
    while runs.work_once(sessions.writing, lambda _: f.RUN_AT):
        pass
    session.expire_all()
    return session.query(Run).order_by(Run.id).all()


def places(run):
    return {one.pupil_id: one.offer_week_id for one in run.assignments}


def test_the_second_run_places_who_was_left_and_moves_nobody(session, sessions, season):
    first, second = assign(session, sessions, season)

    before, after = places(first), places(second)
    (left,) = (pupil for pupil, place in before.items() if place is None)
    assert after[left] == season.far.weeks[0].id
    assert all(after[pupil] == place for pupil, place in before.items() if pupil != left)
    assert season.round.selected_run_id == second.id
    (given,) = (one for one in second.assignments if one.pupil_id == left)
    assert (given.source, given.rank) == (Source.COMPLETION, None)


def test_a_place_beyond_the_limits_is_said_to_be_so(session, sessions, season):
    _, second = assign(session, sessions, season)
    (given,) = (one for one in second.assignments if one.offer_week == season.far.weeks[0])
    assert rank_words(given.pupil, season.far, None) == "autre place, hors limites"
    assert rank_words(given.pupil, season.town, None) == "autre place acceptée"
    assert rank_words(given.pupil, season.town, 2) == "vœu 2"
    assert rank_words(given.pupil, season.far, None, Origin.HAND) == "décision d’un animateur"


def test_both_stages_are_told_and_verified(session, sessions, season):
    first, second = assign(session, sessions, season)
    assert second.proof["first_run"] == first.id
    assert second.proof["widened"] == 1
    assert second.seed == first.seed
    for run in (first, second):
        assert all(check.held is not False for check in verify_run(session, run.id))


def test_reasons_are_those_of_the_rule_not_of_the_lock(session, sessions, season):
    first, second = assign(session, sessions, season)
    for pupil in season.pupils[:6]:
        told, before = why(session, second.id, pupil.id), why(session, first.id, pupil.id)
        assert told.wishes == before.wishes
        if places(first)[pupil.id] is None:
            assert "encore libre dans tes semaines" in told.summary
        else:
            assert told.summary == before.summary


def test_without_anything_left_there_is_one_run(session, sessions, season):
    season.far.weeks[0].seats = 0
    session.commit()
    (only,) = assign(session, sessions, season)
    assert season.round.selected_run_id == only.id


def test_a_place_in_another_week_is_not_compatible(session, sessions, season):
    season.far.weeks[0].week = season.weeks[2]
    session.commit()
    assert len(assign(session, sessions, season)) == 1


def test_a_ban_stays_a_ban(session, sessions, season):
    for pupil in season.pupils[:6]:
        session.add(
            Decision(
                round_id=season.round.id,
                pupil_id=pupil.id,
                offer_week_id=season.far.weeks[0].id,
                kind=DecisionKind.BAN,
                reason="Transport impossible.",
                author_id=season.by,
                created_at=f.RUN_AT,
            )
        )
    session.commit()
    assert len(assign(session, sessions, season)) == 1


def test_a_second_stage_that_fails_leaves_the_first_one_chosen(session, sessions, season):
    season.close()
    campaigns.advance(session, f.RUN_AT)
    runs.work_once(sessions.writing, lambda _: f.RUN_AT)
    with sessions.writing() as worker:
        task = runs.claim_run(worker, now=f.RUN_AT)
        failed = runs.Solved(None, task.proof, task.figures, "Arrêt.")
        runs.store_run(worker, task, failed, now=f.RUN_AT)
    session.expire_all()
    first, second = session.query(Run).order_by(Run.id)
    assert second.state is RunState.FAILED
    assert season.round.selected_run_id == first.id


def test_the_review_waits_for_the_second_stage_then_all_is_published(session, sessions, season):
    season.review(sessions)
    assert season.round.selected_run_id is None
    while runs.work_once(sessions.writing, lambda _: f.RUN_AT):
        pass
    campaigns.advance(session, f.RUN_AT.replace(day=17))
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    assert session.query(Placement).count() == 6


def test_the_first_of_two_stages_is_not_chosen_in_place_of_the_second(session, sessions, season):
    first, second = assign(session, sessions, season)
    with pytest.raises(Refused, match=f"Le calcul {second.id} complète celui-ci"):
        campaigns.select_run(session, season.round.id, first.id, by=season.by, now=f.RUN_AT)
    session.rollback()
    assert season.round.selected_run_id == second.id


def test_the_page_of_a_first_stage_leads_to_the_second(session, sessions, season, pages_as):
    first, second = assign(session, sessions, season)
    page = pages_as(season.animator).get(f"/animation/calculs/{first.id}")
    assert page.select_one(f"main a.btn[href$='/calculs/{second.id}']")
    assert "Retenir ce calcul" not in page.text
    assert "Il peut être publié" not in page.text
