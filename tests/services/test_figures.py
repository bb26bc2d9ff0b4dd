"""Counts that animators decide on, against a recount by hand."""

from matching import POLICIES, solve
from models import Label
from tests import factories as f
from tests.services.seasons import Season
from web.services import runs
from web.services.figures import campaign_figures, figures_of, run_figures
from web.services.freeze import freeze


def test_counts_of_a_campaign(session):
    season = Season(session)
    for pupil in season.pupils[:3]:
        pupil.wishes_confirmed_at = f.WISHES_TIME
    f.offer(
        session,
        season.campaign,
        season.host,
        {season.weeks[0]: 4, season.weeks[1]: 4},
        total_seats=5,
    )
    session.commit()

    found = campaign_figures(session, season.campaign)

    assert (found.pupils, found.begun, found.confirmed) == (7, 6, 3)
    assert found.seats == 2 + 3 + 5
    assert found.per_hundred == 143
    assert [(s.label, s.part, s.whole) for s in found.labels] == [
        (Label.REP_PLUS, 3, 4),
        (Label.NONE, 0, 3),
    ]
    assert found.silent == (("Collège Simone-Veil", Label.NONE, 1),)


def test_a_class_with_two_weeks_counts_once_in_all(session):
    season = Season(session)
    season.pupils[0].school_class.weeks = season.weeks[:2]
    session.commit()

    weeks = campaign_figures(session, season.campaign).weeks

    assert [row.pupils for row in weeks] == [5, 2, 0]
    assert sum(row.pupils for row in weeks) == 7
    assert [row.gap for row in weeks] == [0, -2, 0]


def test_offers_that_wait_are_counted_with_the_oldest(session):
    season = Season(session)
    season.wood.state = f.OfferState.SUBMITTED
    season.wood.submitted_at = f.WISHES_OPEN
    session.commit()

    found = campaign_figures(session, season.campaign)

    assert (found.waiting, found.oldest) == (1, f.WISHES_OPEN)


def test_an_empty_campaign_has_figures_too(session):
    made = f.campaign(session)
    assert campaign_figures(session, made).per_hundred == 0


def test_shares_and_means_of_a_run(session, sessions):
    season = Season(session).review(sessions)
    session.expire_all()
    run = session.get(runs.Run, season.round.selected_run_id)
    found = figures_of(run)

    assert found.priority_placed == 4
    assert (found.total.pupils, found.total.placed, found.total.unplaced) == (6, 5, 1)
    assert found.total.no_wish == 1
    assert found.total.mean_rank == (2 * 1 + 3 * 2) / 5
    assert [row.label for row in found.labels] == [Label.REP_PLUS, Label.NONE]


def test_a_run_under_way_has_no_figures_yet(session):
    season = Season(session).close()
    run = runs.request_run(session, season.round.id, by=season.by, now=f.RUN_AT)
    assert figures_of(run) is None


def test_seats_of_a_run_keep_to_the_common_limit_of_an_offer(session):
    season = Season(session).close()
    f.offer(
        session,
        season.campaign,
        season.host,
        {season.weeks[0]: 4, season.weeks[1]: 4},
        total_seats=5,
    )
    session.commit()
    instance = freeze(session, season.round, "seed").instance
    result = solve(instance, POLICIES["priority"], seed="seed")

    assert run_figures(instance, result)["seats"] == 2 + 3 + 5
