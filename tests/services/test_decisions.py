"""What animators decide: refused before any run when it cannot hold, obeyed by the next one."""

import pytest

from models import (
    DecisionKind,
    Origin,
    Pupil,
    RoundState,
    active_placement,
    assignments_of_run,
    standing_decisions,
)
from tests import factories as f
from tests.services.seasons import Season, freeze_waiting
from web.services import adjust, campaigns, decisions, explanations, publication, results, runs
from web.services.decisions import Choice
from web.services.errors import Gone, Refused
from web.services.openings import openings
from web.services.seating import Seated, Seating

LOCK, BAN, HAND = DecisionKind.LOCK, DecisionKind.BAN, DecisionKind.HAND
WHY = "La famille et le collège l’ont demandé ensemble."


@pytest.fixture
def season(session, sessions):
    """In review: two seats at « Menuiserie », three at « Mairie », six pupils who rank both."""
    return Season(session).review(sessions)


def far_offer(session, season):
    """One seat beyond everybody's limits."""
    far = f.offer(session, season.campaign, season.host, {season.weeks[0]: 1}, title="Au loin")
    far.site = f.host(session, season.territory, name="Loin").sites[0]
    far.site.lat = 46.0
    session.commit()
    return far


def places(session, season):
    """{pupil: offer-week} of the chosen run."""
    session.expire_all()
    run_id = season.round.selected_run_id
    return {a.pupil_id: a.offer_week_id for a in session.scalars(assignments_of_run(run_id))}


def decide(session, season, pupil, kind, place, reason=WHY, **more):
    return decisions.decide(
        session,
        season.round.selected_run_id,
        season.territory.id,
        pupil.id,
        Choice(kind, place.id if hasattr(place, "id") else place, reason, **more),
        by=season.by,
        now=f.RUN_AT,
    )


def refused(session, season, *args, match, **more):
    with pytest.raises(Refused, match=match) as found:
        decide(session, season, *args, **more)
    session.rollback()
    return found.value.field


def recompute(session, sessions, season):
    run_id = adjust.request_adjusted(session, season.round.id, by=season.by, now=f.RUN_AT).id
    while runs.work_once(sessions.writing, lambda _: f.RUN_AT):
        pass
    session.expire_all()
    return session.get(runs.Run, run_id)


def test_what_cannot_hold_is_refused_before_any_run(session, season):
    given = places(session, season)
    a, b, c = season.pupils[:3]
    wood, town = season.wood.weeks[0], season.town.weeks[0]

    assert refused(session, season, a, LOCK, wood, "  ", match="motif") == "reason"
    refused(session, season, a, LOCK, wood, "x" * 301, match="301 signes")
    with pytest.raises(Gone):
        decide(session, season, season.pupils[6], LOCK, wood)
    session.rollback()

    one = decide(session, season, a, HAND, wood)
    assert decide(session, season, a, HAND, wood).id == one.id, "a double click is one decision"
    both = "« Menuiserie » et « Mairie »"
    assert refused(session, season, a, HAND, town, match=both) == "kind"
    refused(session, season, a, BAN, wood, match="« Menuiserie » est déjà sa place")
    decide(session, season, b, HAND, wood)
    field = refused(session, season, c, HAND, wood, match="Élève0 Nom0, Élève1 Nom1")
    assert field == "place"
    decide(session, season, c, BAN, wood)
    refused(session, season, c, HAND, wood, match="lui est interdite")
    assert len(session.scalars(standing_decisions(season.round.id)).all()) == 3
    assert places(session, season) == given, "a decision changes no run"


def test_beyond_list_and_limits_both_must_agree(session, sessions, season):
    pupil, away = season.pupils[0], far_offer(session, season).weeks[0]
    assert refused(session, season, pupil, HAND, away, match="accord") == "agreed"
    decide(session, season, pupil, HAND, away, agreed=True)

    run = recompute(session, sessions, season)
    campaigns.select_run(session, season.round.id, run.id, by=season.by, now=f.RUN_AT)
    assert places(session, season)[pupil.id] == away.id
    publication.publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    held = session.scalars(active_placement(pupil.id)).one()
    assert (held.origin, held.agreed) == (Origin.HAND, True)

    told = results.result_of(session, session.get(Pupil, pupil.id), now=f.PUBLISH_AT)
    assert told.explanation.summary.startswith("Une personne de l’équipe d’animation t’a donné")
    assert [one.reason for one in told.decisions] == [WHY]
    role = explanations.legal_answer(session, session.get(Pupil, pupil.id)).items[0]
    assert "à la main" in role.lines[0]
    assert any(WHY in line for line in role.lines)


def test_keeping_the_rest_obeys_and_changes_the_fewest(session, sessions, season):
    before = places(session, season)
    mover = next(p for p in season.pupils if before.get(p.id) == season.wood.weeks[0].id)
    with pytest.raises(Refused, match="déjà compte de toutes"):
        adjust.request_adjusted(session, season.round.id, by=season.by, now=f.RUN_AT)
    session.rollback()
    keeper = next(p for p in season.pupils if before.get(p.id) == season.town.weeks[0].id)
    decisions.keep_places(
        session,
        season.round.selected_run_id,
        season.territory.id,
        [keeper.id],
        WHY,
        by=season.by,
        now=f.RUN_AT,
    )
    decide(session, season, mover, BAN, season.wood.weeks[0])
    assert adjust.pending(session, season.round).decisions == 2

    asked = adjust.request_adjusted(session, season.round.id, by=season.by, now=f.RUN_AT)
    assert recompute(session, sessions, season).id == asked.id, "asked twice, run once"
    run = session.get(runs.Run, asked.id)
    assert run.publishable, "only decisions differ from the chosen run"
    assert adjust.base_run(session, run).id == season.round.selected_run_id
    assert adjust.pending(session, season.round).next_run.id == run.id
    found = adjust.changes(session, run, adjust.base_run(session, run))
    moved = {one.pupil.id for school in found for one in school.changes}
    assert mover.id in moved
    assert keeper.id not in moved
    assert len(moved) == 2, "she and the one who takes her seat; nobody else"

    campaigns.select_run(session, season.round.id, run.id, by=season.by, now=f.RUN_AT)
    assert adjust.pending(session, season.round).decisions == 0
    lifted = session.scalars(standing_decisions(season.round.id)).all()[-1]
    decisions.lift(session, lifted.id, season.territory.id, by=season.by, now=f.RUN_AT)
    assert adjust.pending(session, season.round).decisions == 1


def test_an_offer_forbidden_in_two_weeks_is_one_decision_to_compute(session, season):
    two = f.offer(session, season.campaign, season.host, {season.weeks[0]: 1, season.weeks[1]: 1})
    session.commit()
    decide(session, season, season.pupils[0], BAN, two.weeks[0])
    assert len(session.scalars(standing_decisions(season.round.id)).all()) == 2
    assert len(decisions.standing(session, season.round)) == 1
    assert adjust.pending(session, season.round).decisions == 1


def test_lists_that_changed_since_make_a_simulation(session, sessions, season):
    decide(session, season, season.pupils[0], LOCK, places(session, season)[season.pupils[0].id])
    season.pupils[1].limit_km = 3
    session.commit()
    run = adjust.request_adjusted(session, season.round.id, by=season.by, now=f.RUN_AT)
    freeze_waiting(session, sessions)
    assert not run.publishable


def test_all_or_none_are_kept(session, season):
    given = places(session, season)
    waiting = next(p.id for p in season.pupils if p.id in given and given[p.id] is None)
    placed = [pupil_id for pupil_id, place in given.items() if place][:2]

    def keep(ids):
        run_id = season.round.selected_run_id
        return decisions.keep_places(
            session, run_id, season.territory.id, ids, WHY, by=season.by, now=f.RUN_AT
        )

    with pytest.raises(Refused, match="pas de place"):
        keep([*placed, waiting])
    session.rollback()
    assert session.scalars(standing_decisions(season.round.id)).all() == []
    assert keep(placed) == keep(placed) == 2
    assert len(session.scalars(standing_decisions(season.round.id)).all()) == 2


def test_another_territory_and_a_published_round_decide_nothing(session, season):
    place = season.wood.weeks[0]
    elsewhere = f.territory(session, "35").id
    one = decide(session, season, season.pupils[0], BAN, place)
    run_id = season.round.selected_run_id
    with pytest.raises(Gone):
        decisions.decide(
            session,
            run_id,
            elsewhere,
            season.pupils[0].id,
            Choice(LOCK, place.id, WHY),
            by=season.by,
            now=f.RUN_AT,
        )
    with pytest.raises(Gone):
        decisions.lift(session, one.id, elsewhere, by=season.by, now=f.RUN_AT)
    session.rollback()
    season.round.state = RoundState.PUBLISHED
    session.commit()
    refused(session, season, season.pupils[1], LOCK, place, match="étape")


def test_a_seat_respects_every_limit_of_an_offer(session):
    season = Season(session)
    near, other = season.pupils[0], season.pupils[4]
    offer, place = season.town, season.town.weeks[0]

    def left(pupil, *seated, reserves=True, **limits):
        for name, value in limits.items():
            setattr(offer, name, value)
        rows = [Seated(place.id, offer.id, one.school) for one in seated]
        seating = Seating(season.campaign.season, lambda one: reserves * one.reserved_seats)
        return seating.seat(rows).left(pupil, offer, place)

    assert left(near) == 3
    assert left(near, *season.pupils[1:3]) == 1
    assert left(near, season.pupils[1], school_max=1) == 0
    assert left(other, season.pupils[1]) == 1
    assert left(other, reserved_seats=3, school_max=None) == 0
    assert left(other, reserves=False) == 3
    assert left(near) == 3
    assert left(near, season.pupils[1], total_seats=1) == 0


def test_wishes_come_first_then_the_nearest(session):
    season = Season(session)
    near = f.offer(session, season.campaign, season.host, {season.weeks[0]: 1}, title="Près")
    far = far_offer(session, season)
    offers = [far, near, season.town, season.wood]
    seating = Seating(season.campaign.season, lambda one: one.reserved_seats)
    found = openings(season.pupils[0], offers, seating)
    assert [one.offer.title for one in found] == ["Menuiserie", "Mairie", "Près", "Au loin"]
    assert [one.accepted for one in found] == [True, True, True, False]
    after = season.weeks[0].monday
    assert openings(season.pupils[0], offers, seating, after=after) == []
    assert len(openings(season.pupils[0], offers, seating, refused={near.id})) == 3
