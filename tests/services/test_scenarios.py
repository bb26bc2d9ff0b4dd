"""Scenarios: what a simulation may change, and what it never touches."""

import pytest

from matching import Instance
from models import (
    Decision,
    DecisionKind,
    RoundState,
    Run,
    RunState,
    Source,
    assignments_of_run,
    run_with_arrays,
    runs_of_round,
)
from tests import factories as f
from tests.services.seasons import Season, freeze_waiting
from web.services import campaigns, runs
from web.services.errors import Refused
from web.services.freezing.scenario import PUBLIC, Scenario


@pytest.fixture
def season(session):
    return Season(session).close()


def ask(session, season, scenario=PUBLIC, **fields):
    given = {"by": season.by, "now": f.RUN_AT} | fields
    return runs.request_run(session, season.round.id, scenario=scenario, **given)


def work(sessions):
    while runs.work_once(sessions.writing, lambda _: f.RUN_AT) is not None:
        pass


def instance_of(session, sessions, run):
    freeze_waiting(session, sessions)
    return Instance.from_npz(session.scalars(run_with_arrays(run.id)).one().instance)


def test_only_what_the_campaign_fixed_may_be_published(session, season):
    own = ask(session, season, Scenario(policy=season.campaign.policy))
    assert (own.publishable, own.scenario, own.policy) == (True, {}, "priority")

    for scenario in (
        Scenario(policy="no_priority"),
        Scenario(reserve=20),
        Scenario(limit_km=5),
        Scenario(school_max=1),
        Scenario(completion=False),
        Scenario(decisions=False),
    ):
        run = ask(session, season, scenario)
        assert not run.publishable
        assert Scenario.from_json(run.scenario) == scenario
        assert len(scenario.sentences) == 1


def test_scenarios_are_compared_on_the_same_draw(session, sessions, season):
    own, other = ask(session, season), ask(session, season, Scenario(policy="no_priority"))
    freeze_waiting(session, sessions)
    assert own.seed == other.seed
    assert own.proof["data"] == other.proof["data"]
    assert own.instance_sha256 == other.instance_sha256


def test_the_draw_of_the_round_is_not_used_before_the_closing(session):
    season = Season(session)
    campaigns.advance(session, f.WISHES_OPEN)
    early = [ask(session, season, s, now=f.WISHES_TIME) for s in (PUBLIC, Scenario(reserve=10))]
    campaigns.advance(session, f.WISHES_CLOSE)
    late = ask(session, season)

    assert early[0].seed == early[1].seed != late.seed
    assert [run.publishable for run in (*early, late)] == [False, False, True]


def test_reserves_and_limits_by_school_replace_those_of_the_offers(session, sessions, season):
    season.town.reserved_seats = 1
    session.commit()
    shares = {}
    for percent in (None, 0, 40, 100):
        instance = instance_of(session, sessions, ask(session, season, Scenario(reserve=percent)))
        shares[percent] = instance.reserve.tolist()
    assert shares == {None: [0, 1], 0: [0, 0], 40: [1, 1], 100: [2, 3]}

    instance = instance_of(session, sessions, ask(session, season, Scenario(school_max=2)))
    assert instance.school_cap.tolist() == [2, 2]


def test_without_completion_only_wishes_remain(session, sessions, season):
    f.offer(session, season.campaign, season.host, {season.weeks[0]: 5}, title="Loin")
    session.commit()
    with_all, wishes = ask(session, season), ask(session, season, Scenario(completion=False))
    assert instance_of(session, sessions, with_all).completion.any()
    assert not instance_of(session, sessions, wishes).completion.any()
    session.rollback()
    with sessions.writing() as worker:
        for run in worker.query(Run).filter_by(state=RunState.RUNNING):
            run.heartbeat_at = f.WISHES_CLOSE
        worker.commit()
    work(sessions)

    session.expire_all()
    found = session.scalars(assignments_of_run(wishes.id)).all()
    assert {a.source for a in found if a.offer_week_id} == {Source.WISH}
    stages = session.scalars(runs_of_round(season.round.id)).all()
    assert not [run for run in stages if run.proof.get("first_run") == wishes.id]


def test_a_limit_of_distance_replaces_those_of_the_families(session, sessions, season):
    f.offer(session, season.campaign, season.host, {season.weeks[0]: 5}, title="À deux kilomètres")
    for pupil in season.pupils:
        pupil.limit_km = 1
    session.commit()

    def completions(scenario):
        return int(instance_of(session, sessions, ask(session, season, scenario)).completion.sum())

    assert completions(PUBLIC) == 0
    assert completions(Scenario(limit_km=10)) == 6
    assert completions(Scenario(limit_km=1)) == 0


def test_without_decisions_the_places_kept_are_free_but_departures_count(session, sessions, season):
    kept, gone = season.pupils[4], season.pupils[5]
    session.add(
        Decision(
            round_id=season.round.id,
            pupil_id=kept.id,
            offer_week_id=season.wood.weeks[0].id,
            kind=DecisionKind.LOCK,
            reason="Accord du collège",
            author_id=season.by,
            created_at=f.RUN_AT,
        )
    )
    gone.left_at = f.RUN_AT
    session.commit()

    held = instance_of(session, sessions, ask(session, season))
    free = instance_of(session, sessions, ask(session, season, Scenario(decisions=False)))

    assert (held.lock >= 0).sum() == 1
    assert (free.lock >= 0).sum() == 0
    assert held.ban.sum() == free.ban.sum() == 2


def test_a_simulation_has_its_second_stage_and_is_never_chosen(session, sessions):
    season = Season(session)
    for pupil in season.pupils:
        pupil.limit_km = 1
    f.offer(session, season.campaign, season.host, {season.weeks[0]: 5}, title="À deux kilomètres")
    season.close()
    first = ask(session, season, Scenario(policy="no_priority"), name="Sans priorité")
    work(sessions)

    session.expire_all()
    second, _ = session.scalars(runs_of_round(season.round.id)).all()
    assert second.proof["first_run"] == first.id
    assert (second.state, second.publishable, second.name) == (
        RunState.DONE,
        False,
        "Sans priorité",
    )
    assert second.figures["labels"]["none"]["placed"] == 2
    assert second.scenario == first.scenario
    assert season.round.selected_run_id is None
    with pytest.raises(Refused, match="règle publiée"):
        campaigns.select_run(session, season.round.id, second.id, by=season.by, now=f.RUN_AT)
    session.rollback()
    assert season.round.state is RoundState.WISHES_CLOSED


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"policy": "luck"}, "policy"),
        ({"reserve": 101}, "reserve"),
        ({"limit_km": 0}, "limit_km"),
        ({"school_max": 0}, "school_max"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(fields, name):
    with pytest.raises(Refused) as refused:
        Scenario(**fields)
    assert refused.value.field == name


def test_the_same_scenario_asked_for_twice_waits_once(session, season):
    one = ask(session, season, Scenario(reserve=20))
    assert ask(session, season, Scenario(reserve=20)).id == one.id
    assert ask(session, season, Scenario(reserve=21)).id != one.id
