"""The review by schools: what a head may ask, until when, and what becomes of it."""

from datetime import timedelta

import pytest

from models import (
    DecisionKind,
    MessageKind,
    ObjectionKind,
    ObjectionState,
    Source,
    assignment_of_pupil,
    latest_messages,
    runs_of_round,
    standing_decisions,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import campaigns, objection_desk, objections, publication, runs
from web.services.errors import Gone, Refused
from web.services.objections import Request

SECOND = timedelta(seconds=1)
IN_TIME = f.RUN_AT + timedelta(days=2)


@pytest.fixture
def season(session, sessions):
    """In review. The two places of « Menuiserie » and the three of « Mairie » are at one site."""
    made = Season(session).review(sessions)
    session.commit()
    return made


def place_of(session, season, pupil):
    session.expire_all()
    return session.scalars(assignment_of_pupil(season.round.selected_run_id, pupil.id)).one()


def ask(session, season, pupil=0, kind=ObjectionKind.TRIP, *, now=IN_TIME, **fields):
    pupil = season.pupils[pupil]
    request = {"offer_week_id": place_of(session, season, pupil).offer_week_id} | fields
    if kind is ObjectionKind.APART:
        request["offer_week_id"] = None
    return objections.ask(
        session,
        fields.pop("school_id", season.rep_plus.id),
        pupil.id,
        Request(kind, **{k: v for k, v in request.items() if k != "school_id"}),
        by=season.head.account_id,
        now=now,
    )


def apart(session, season, pupil=0, other=1, **fields):
    return ask(
        session,
        season,
        pupil,
        ObjectionKind.APART,
        other_id=season.pupils[other].id,
        **fields,
    )


def accept(session, season, one, pupil_id=None, now=IN_TIME):
    return objection_desk.accept(
        session, one.id, season.territory.id, pupil_id=pupil_id, by=season.by, now=now
    )


def refuse(session, season, one, answer="Le trajet se fait à pied."):
    return objection_desk.refuse(
        session, one.id, season.territory.id, answer, by=season.by, now=IN_TIME
    )


def recompute(session, sessions, season, now=IN_TIME):
    """Ask for a run, do it and choose it."""
    run_id = runs.request_run(session, season.round.id, by=season.by, now=now).id
    runs.work_once(sessions.writing, lambda _: now)
    session.expire_all()
    campaigns.select_run(session, season.round.id, run_id, by=season.by, now=now)


def decisions(session, season):
    return session.scalars(standing_decisions(season.round.id)).all()


def answers(session):
    kind = MessageKind.OBJECTION_DECIDED
    return [m for m in session.scalars(latest_messages()) if m.kind is kind]


def test_the_delay_ends_to_the_second(session, season):
    ask(session, season, 0, now=f.REVIEW_UNTIL - SECOND)
    with pytest.raises(Refused, match="pris fin le jeudi 5\u00a0novembre"):
        ask(session, season, 1, now=f.REVIEW_UNTIL)
    session.rollback()
    reading = objections.reading(session, season.round, season.rep_plus.id, now=f.REVIEW_UNTIL)
    assert not reading.open
    assert len(reading.objections) == 1


def test_nothing_is_asked_before_or_after_the_review(session, season):
    season.round.state = f.RoundState.WISHES_CLOSED
    session.commit()
    with pytest.raises(Refused, match="pas de proposition"):
        ask(session, season)


def test_asking_twice_asks_once(session, season):
    first = ask(session, season)
    assert ask(session, season).id == first.id
    with pytest.raises(Refused, match="existe déjà"):
        ask(session, season, kind=ObjectionKind.PLACE)


def test_a_pair_is_the_same_from_both_sides(session, season):
    assert apart(session, season, 0, 1).id == apart(session, season, 1, 0).id


def test_a_pupil_is_not_apart_from_herself(session, season):
    with pytest.raises(Refused, match="l’autre élève"):
        apart(session, season, 0, 0)


def test_pupils_of_another_school_do_not_exist(session, season):
    stranger = season.pupils[4]
    with pytest.raises(Gone):
        ask(session, season, 4)
    with pytest.raises(Gone):
        apart(session, season, 0, 4)
    with pytest.raises(Gone):
        ask(session, season, 0, school_id=stranger.school_id)


def test_a_proposal_that_changed_meanwhile_is_read_again(session, season):
    other = season.town.weeks[0] if place_of(session, season, season.pupils[0]).rank == 1 else None
    other = other or season.wood.weeks[0]
    with pytest.raises(Refused, match="a changé"):
        ask(session, season, offer_week_id=other.id)


def test_a_request_is_taken_back_until_it_is_answered(session, season):
    one = ask(session, season)
    back = {"by": season.head.account_id, "now": IN_TIME}
    with pytest.raises(Gone):
        objections.withdraw(session, season.other.id, one.id, **back)
    objections.withdraw(session, season.rep_plus.id, one.id, **back)
    objections.withdraw(session, season.rep_plus.id, one.id, **back)
    with pytest.raises(Gone):
        accept(session, season, one)
    session.rollback()

    again = ask(session, season)
    assert again.id != one.id
    accept(session, season, again)
    with pytest.raises(Refused, match="déjà répondu"):
        objections.withdraw(session, season.rep_plus.id, again.id, **back)


def test_an_accepted_request_forbids_the_place_in_the_next_run(session, sessions, season):
    one = ask(session, season)
    before = place_of(session, season, season.pupils[0]).offer_week_id
    accept(session, season, one)
    accept(session, season, one)

    (decision,) = decisions(session, season)
    assert (decision.kind, decision.offer_week_id) == (DecisionKind.BAN, before)
    assert "trajet" in decision.reason
    assert objection_desk.desk(session, season.round).pending.decisions == 1
    (told,) = answers(session)
    assert told.recipient == "direction@example.org"
    assert told.params["first_names"] == ["Élève0"]

    run = runs.request_run(session, season.round.id, by=season.by, now=IN_TIME)
    assert objection_desk.desk(session, season.round).pending.next_run.id == run.id
    session.commit()
    recompute(session, sessions, season)
    assert place_of(session, season, season.pupils[0]).offer_week_id != before
    assert objection_desk.desk(session, season.round).pending.decisions == 0


def test_a_departure_gives_the_seat_to_another(session, sessions, season):
    one = ask(session, season, kind=ObjectionKind.LEFT)
    accept(session, season, one)
    recompute(session, sessions, season)
    assert place_of(session, season, season.pupils[0]).offer_week_id is None
    placed = [place_of(session, season, pupil).offer_week_id for pupil in season.pupils[1:6]]
    assert all(placed), "the five seats go to the five others"


def test_a_waiting_run_that_lacks_a_decision_is_not_the_answer(session, season):
    def again():
        return runs.request_run(session, season.round.id, by=season.by, now=IN_TIME).id

    first = again()
    accept(session, season, ask(session, season))
    second = again()
    assert second != first
    assert again() == second
    assert len(session.scalars(runs_of_round(season.round.id)).all()) == 3


def test_a_refusal_says_why_and_the_school_is_told(session, season):
    one = ask(session, season)
    with pytest.raises(Refused, match="la raison"):
        refuse(session, season, one, "  ")
    session.rollback()
    refuse(session, season, one)
    refuse(session, season, one, "Autre chose.")
    assert (one.state, one.answer) == (ObjectionState.REFUSED, "Le trajet se fait à pied.")
    assert decisions(session, season) == []
    assert len(answers(session)) == 1
    with pytest.raises(Refused, match="déjà été refusée"):
        accept(session, season, one)


def test_of_two_pupils_at_one_place_one_gets_another(session, season):
    one = apart(session, season)
    assert set(objection_desk.together_now(session, season.round, [one])) == {one.id}
    with pytest.raises(Refused, match="Choisissez l’élève"):
        accept(session, season, one)
    session.rollback()
    accept(session, season, one, season.pupils[1].id)
    accept(session, season, one, season.pupils[0].id)
    (decision,) = decisions(session, season)
    assert decision.pupil_id == season.pupils[1].id
    assert "Élève0" not in decision.reason


def test_two_pupils_apart_already_are_watched(session, season):
    given = place_of(session, season, season.pupils[0])
    given.offer_week_id, given.source, given.rank = None, None, None
    session.commit()
    one = apart(session, season)
    accept(session, season, one)
    assert decisions(session, season) == []
    assert objection_desk.desk(session, season.round).together == []

    given.offer_week_id, given.source = season.wood.weeks[0].id, Source.WISH
    session.commit()
    session.expire_all()
    assert [o.id for o in objection_desk.desk(session, season.round).together] == [one.id]
    accept(session, season, one, season.pupils[0].id)
    assert objection_desk.desk(session, season.round).together == []
    assert len(answers(session)) == 1


def test_a_decision_that_keeps_the_place_is_not_contradicted(session, season):
    one = ask(session, season)
    session.add(
        objection_desk.Decision(
            round_id=season.round.id,
            pupil_id=one.pupil_id,
            offer_week_id=one.offer_week_id,
            kind=DecisionKind.LOCK,
            reason="Fratrie.",
            author_id=season.by,
            created_at=IN_TIME,
        )
    )
    session.commit()
    with pytest.raises(Refused, match="Garder cette place"):
        accept(session, season, one)
    session.rollback()
    assert one.state is ObjectionState.ASKED
    assert answers(session) == []


def test_publication_waits_for_the_answers_and_for_the_new_run(session, sessions, season):
    def publish():
        return publication.publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)

    one = ask(session, season)
    with pytest.raises(Refused, match="attend une réponse"):
        publish()
    session.rollback()
    accept(session, season, one, now=f.REVIEW_UNTIL)
    with pytest.raises(Refused, match="recalculez"):
        publish()
    session.rollback()
    recompute(session, sessions, season, f.REVIEW_UNTIL)
    publish()


def test_another_territory_answers_nothing(session, season):
    one = ask(session, season)
    elsewhere = f.territory(session, "35")
    session.commit()
    with pytest.raises(Gone):
        objection_desk.accept(session, one.id, elsewhere.id, by=season.by, now=IN_TIME)
    with pytest.raises(Gone):
        objection_desk.refuse(session, one.id, elsewhere.id, "Non.", by=season.by, now=IN_TIME)
