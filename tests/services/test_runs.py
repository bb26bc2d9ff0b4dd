"""A run: asked for, computed outside any transaction, stored whole or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from matching import Instance, Result
from models import (
    Assignment,
    Decision,
    DecisionKind,
    Pupil,
    RoundState,
    Run,
    RunState,
    Source,
    assignments_of_run,
    runs_of_round,
)
from tests import factories as f
from tests.services.seasons import Season, freeze_waiting
from web.services import campaigns, decisions, runs
from web.services.earlier import warm_start
from web.services.errors import Refused

SECOND = timedelta(seconds=1)


@pytest.fixture
def season(session):
    return Season(session).close()


def ask(session, season, **fields):
    given = {"by": season.by, "now": f.RUN_AT} | fields
    return runs.request_run(session, season.round.id, **given)


def work(sessions, at=f.RUN_AT):
    return runs.work_once(sessions.writing, lambda _: at)


def assignments(session, run):
    session.expire_all()
    return session.scalars(assignments_of_run(run.id)).all()


def test_a_run_places_by_the_rule_and_says_so(session, sessions, season):
    run = ask(session, season)
    assert run.state is RunState.QUEUED

    assert work(sessions) == run.id

    found = assignments(session, run)
    assert run.state is RunState.DONE
    assert run.progress == 100
    places = {a.pupil_id: a.offer_week_id for a in found}
    assert len(places) == 6
    assert all(places[pupil.id] for pupil in season.pupils[:4])
    assert sum(1 for place in places.values() if place) == 5
    assert {(a.source, a.rank) for a in found if a.offer_week_id} == {
        (Source.WISH, 1),
        (Source.WISH, 2),
    }


def test_pupils_without_wish_are_counted_and_not_placed(session, sessions, season):
    run = ask(session, season)
    work(sessions)

    session.expire_all()
    assert run.figures["no_wish"] == {"none": 1}
    assert season.pupils[6].id not in {a.pupil_id for a in assignments(session, run)}


def test_the_stored_figures_are_those_of_the_assignments(session, sessions, season):
    run = ask(session, season)
    work(sessions)

    found = assignments(session, run)
    for school, label in ((season.rep_plus, "rep_plus"), (season.other, "none")):
        mine = [a for a in found if a.pupil.school_id == school.id]
        ranks = [a.rank for a in mine if a.rank]
        figures = run.figures["labels"][label]
        assert figures["pupils"] == len(mine)
        assert figures["placed"] == sum(1 for a in mine if a.offer_week_id)
        assert figures["first"] == ranks.count(1)
        assert figures["rank_sum"] == sum(ranks)


def test_the_scheduled_run_is_preselected_and_publishable(session, sessions, season):
    campaigns.advance(session, f.RUN_AT)
    work(sessions)

    session.expire_all()
    (run,) = session.scalars(runs_of_round(season.round.id)).all()
    assert run.requested_by_id is None
    assert run.publishable
    assert season.round.selected_run_id == run.id


def test_before_the_closing_or_with_another_rule_it_is_a_simulation(session, sessions):
    season = Season(session)
    campaigns.advance(session, f.WISHES_OPEN)
    early = ask(session, season, now=f.WISHES_TIME)
    work(sessions)
    campaigns.advance(session, f.WISHES_CLOSE)
    other = ask(session, season, policy="no_priority")
    work(sessions)

    session.expire_all()
    assert not early.publishable
    assert not other.publishable
    assert early.seed != other.seed
    assert season.round.selected_run_id is None


def test_lists_changed_after_the_closing_make_a_simulation(session, sessions, season):
    season.pupils[0].wishes.pop()
    session.commit()

    run = ask(session, season)
    assert run.instance_sha256 == "", "the request freezes nothing"
    freeze_waiting(session, sessions)

    assert not run.publishable
    assert run.proof["frozen_at"] == f.RUN_AT.isoformat()
    assert run.proof["as_closed"] is False


def test_a_scheduled_simulation_is_not_asked_for_again_and_again(session, season):
    season.pupils[0].wishes.pop()
    session.commit()

    assert len(campaigns.advance(session, f.RUN_AT)) == 1
    assert campaigns.advance(session, f.RUN_AT + SECOND) == []


def test_running_again_does_not_draw_again(session, sessions, season):
    first, second = ask(session, season), None
    work(sessions)
    second = ask(session, season)
    work(sessions)

    def places(run):
        return [(a.pupil_id, a.offer_week_id) for a in assignments(session, run)]

    assert second.id != first.id
    assert places(first) == places(second)


def test_a_double_click_asks_once(session, season):
    assert ask(session, season).id == ask(session, season).id


def test_a_run_needs_open_or_closed_wishes(session):
    season = Season(session)

    with pytest.raises(Refused, match="À venir"):
        ask(session, season)


def test_nothing_to_compute_is_said(session):
    season = Season(session)
    campaigns.advance(session, f.WISHES_OPEN)
    for pupil in season.pupils:
        pupil.wishes.clear()
    session.commit()

    with pytest.raises(Refused, match="Aucun élève"):
        ask(session, season)


def test_two_workers_share_the_runs(session, sessions, season):
    first = ask(session, season)
    second = ask(session, season, policy="no_priority")

    with sessions.writing() as one, sessions.writing() as two:
        task = runs.claim_run(one, now=f.RUN_AT)
        other = runs.claim_run(two, now=f.RUN_AT)
        assert runs.claim_run(two, now=f.RUN_AT) is None
    assert {task.run_id, other.run_id} == {first.id, second.id}


def test_no_transaction_is_open_while_it_computes(session, sessions, season):
    ask(session, season)
    (task,) = freeze_waiting(session, sessions)
    session.rollback()

    def write_at_the_same_time(_percent):
        with sessions.writing() as other:
            other.get(Run, task.run_id).progress = 1
            other.commit()

    solved = runs.solve_run(task, write_at_the_same_time)
    assert solved.result is not None


def test_a_run_again_starts_from_the_one_before_and_finds_what_it_would_find_alone(
    session, sessions, season
):
    first = ask(session, season)
    (alone,) = freeze_waiting(session, sessions)
    with sessions.writing() as worker:
        runs.store_run(worker, alone, runs.solve_run(alone, lambda _: None), now=f.RUN_AT)
    assert alone.earlier is None
    pupil, place = next((a.pupil, a.offer_week_id) for a in assignments(session, first) if a.rank)
    decisions.decide(
        session,
        first.id,
        season.territory.id,
        pupil.id,
        decisions.Choice(DecisionKind.BAN, place, "Trajet impossible."),
        by=season.by,
        now=f.RUN_AT,
    )

    again = ask(session, season)
    (task,) = freeze_waiting(session, sessions)
    solved = runs.solve_run(task, lambda _: None)
    with sessions.writing() as worker:
        runs.store_run(worker, task, solved, now=f.RUN_AT)

    assert task.run_id == again.id
    instance = Instance.from_npz(task.instance)
    assert warm_start(instance, task.earlier).policy == task.policy
    cold = runs.solve_run(replace(task, earlier=None), lambda _: None)
    found = [Result.from_npz(one.result) for one in (solved, cold)]
    assert found[0].choice.tolist() == found[1].choice.tolist()
    assert found[0].objective == found[1].objective
    assert place not in {a.offer_week_id for a in assignments(session, again) if a.pupil is pupil}
    fewer = Instance(tier=[0], school=[0], wish=[[0]], cap=[1])
    assert warm_start(fewer, task.earlier) is None
    assert warm_start(instance, replace(task.earlier, result=b"damaged")) is None


def test_a_killed_worker_is_replaced_after_its_silence(session, sessions, season):
    run = ask(session, season)
    (late,) = freeze_waiting(session, sessions)
    session.rollback()

    assert work(sessions, f.RUN_AT + runs.STALE_AFTER) is None
    assert work(sessions, f.RUN_AT + runs.STALE_AFTER + SECOND) == run.id
    count = len(assignments(session, run))
    session.rollback()

    solved = runs.solve_run(late, lambda _: None)
    with sessions.writing() as worker:
        runs.store_run(worker, late, solved, now=f.RUN_AT + timedelta(hours=1))
    assert len(assignments(session, run)) == count


def test_a_run_that_kills_its_workers_is_given_up(session, sessions, season):
    run = ask(session, season)
    moment = f.RUN_AT
    for _ in range(runs.MAX_ATTEMPTS + 1):
        with sessions.writing() as worker:
            runs.claim_run(worker, now=moment)
        moment += runs.STALE_AFTER + SECOND

    session.expire_all()
    assert run.state is RunState.FAILED
    assert "plusieurs fois" in run.failure


def test_progress_is_written_and_a_late_worker_writes_none(session, sessions, season):
    run = ask(session, season)
    with sessions.writing() as worker:
        task = runs.claim_run(worker, now=f.RUN_AT)
        runs.tell_progress(worker, task, 40, now=f.RUN_AT + SECOND)
    session.expire_all()
    assert (run.progress, run.heartbeat_at) == (40, f.RUN_AT + SECOND)
    session.rollback()

    with sessions.writing() as worker:
        runs.claim_run(worker, now=f.RUN_AT + timedelta(hours=1))
        runs.tell_progress(worker, task, 90, now=f.RUN_AT + timedelta(hours=1))
    session.expire_all()
    assert run.progress == 0


def test_a_broken_promise_fails_the_run_and_stores_no_assignment(
    session, sessions, season, monkeypatch
):
    from matching import solve

    def forget_everyone(instance, policy, **options):
        found = solve(instance, policy, **options)
        nobody = found.choice.copy()
        nobody[:] = -1
        return found.with_choice(nobody, found.objective)

    monkeypatch.setattr(runs, "solve", forget_everyone)
    run = ask(session, season)
    work(sessions)

    session.expire_all()
    assert run.state is RunState.FAILED
    assert run.failure.startswith("La vérification a refusé ce calcul. Promesse non tenue :")
    assert session.query(Assignment).count() == 0
    assert season.round.selected_run_id is None


def test_an_unexpected_error_fails_the_run_and_frees_the_worker(
    session, sessions, season, monkeypatch
):
    def crash(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "solve", crash)
    run = ask(session, season)
    assert work(sessions) == run.id

    session.expire_all()
    assert run.state is RunState.FAILED
    session.rollback()
    assert work(sessions) is None


def test_an_animator_chooses_only_a_verified_publishable_run(session, sessions, season):
    good, simulation = ask(session, season), ask(session, season, policy="no_priority")
    work(sessions)
    work(sessions)
    choose = {"by": season.by, "now": f.RUN_AT}

    with pytest.raises(Refused, match="règle publiée"):
        campaigns.select_run(session, season.round.id, simulation.id, **choose)
    session.rollback()
    campaigns.select_run(session, season.round.id, good.id, **choose)
    assert season.round.selected_run_id == good.id
    assert season.round.state is RoundState.WISHES_CLOSED


def test_a_freeze_reads_one_state_and_lets_others_write(session, sessions, season):
    run = ask(session, season)
    session.rollback()
    with sessions.writing() as worker:
        task = runs.claim_run(worker, now=f.RUN_AT)
    with sessions.writing() as reader:
        runs.read_only(reader)
        assert not reader.get(Run, task.run_id).instance_sha256
        with sessions.writing() as family:
            family.get(Pupil, season.pupils[0].id).limit_km = 3
            family.commit()
        inputs = runs.read_inputs(reader, task.run_id, now=f.RUN_AT)
    assert inputs.as_closed is True, "what was written meanwhile is not in it"
    with sessions.writing() as worker:
        assert runs.keep_inputs(worker, task, inputs, now=f.RUN_AT).instance
        again = runs.claim_run(worker, now=f.RUN_AT + timedelta(hours=1))
        assert again.instance_sha256 == inputs.frozen.instance.sha256, "frozen once only"
        assert runs.keep_inputs(worker, task, inputs, now=f.RUN_AT) is None, "too late"
    session.expire_all()
    assert run.publishable


def test_a_run_obeys_the_decisions_that_stood_when_it_was_asked_for(session, sessions, season):
    ask(session, season)
    session.add(
        Decision(
            round_id=season.round.id,
            pupil_id=season.pupils[0].id,
            offer_week_id=season.wood.weeks[0].id,
            kind=DecisionKind.LOCK,
            reason="Accord du collège",
            author_id=season.by,
            created_at=f.RUN_AT,
        )
    )
    session.commit()
    (task,) = freeze_waiting(session, sessions)
    assert (Instance.from_npz(task.instance).lock >= 0).sum() == 0


def test_what_cannot_be_frozen_any_more_stops_the_run_with_its_sentence(session, sessions, season):
    run = ask(session, season)
    for pupil in season.pupils:
        pupil.wishes.clear()
    session.commit()
    assert work(sessions) == run.id
    session.expire_all()
    assert (run.state, run.publishable) == (RunState.FAILED, True)
    assert run.failure.startswith("Aucun élève")
    session.rollback()
    with pytest.raises(Refused, match="Aucun élève"):
        ask(session, season)
