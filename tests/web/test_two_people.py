"""Publication by two people: one asks, another confirms, and only what was asked."""

from datetime import timedelta

import pytest

from models import Message, MessageKind, Placement, RunState
from tests import factories as f
from tests.services.seasons import Season
from web.services import campaigns, publication, runs, two_people
from web.services.errors import Refused

NOW = f.PUBLISH_AT
PAGE = "/animation/publication"


@pytest.fixture
def season(session, sessions, clock, pages_as):
    made = Season(session)
    visit = pages_as(made.animator)
    visit.get("/animation/equipe")
    visit.submit("Demander deux personnes")
    assert "l’une demande et l’autre confirme" in visit.page.main.text
    session.rollback()
    made.review(sessions)
    session.commit()
    clock.move_to(NOW)
    return made


def test_one_asks_and_another_confirms(session, season, pages_as):
    colleague = f.animator(session, season.territory)
    publish = f"/animation/tours/{season.round.id}/publier"
    session.commit()
    first, second = pages_as(season.animator), pages_as(colleague)
    first.get(PAGE)
    assert "Demande enregistrée" in first.submit("Demander la publication").main.text
    assert session.query(Placement).count() == 0
    assert session.query(Message).filter_by(kind=MessageKind.RESULT_FAMILY).count() == 0
    session.rollback()
    assert not first.get(PAGE).select("main .btn-primary"), "nobody confirms her own request"
    first.post(publish, 409)
    second.get(PAGE)
    assert "Les résultats sont publiés" in second.submit("Confirmer et publier").main.text
    assert session.query(Placement).count() == 5
    assert session.query(Message).filter_by(kind=MessageKind.RESULT_FAMILY).count() == 1


def test_a_request_about_another_run_is_stale(session, sessions, season):
    turn, by = season.round, season.by
    publication.publish(session, turn.id, by=by, now=NOW)
    again = runs.request_run(session, turn.id, by=by, now=NOW)
    runs.work_once(sessions.writing, lambda _: NOW)
    session.expire_all()
    assert again.state is RunState.DONE
    campaigns.select_run(session, turn.id, again.id, by=by, now=NOW)
    assert two_people.publication_asked(session, turn, again) is None
    colleague = f.animator(session, season.territory).account_id
    later = publication.publish(session, turn.id, by=colleague, now=NOW + timedelta(minutes=1))
    assert later.published_at is None, "a new run is a new request"
    assert publication.publish(session, turn.id, by=by, now=NOW).published_at == NOW


def test_the_choice_is_fixed_when_the_wishes_open(session, season):
    with pytest.raises(Refused, match="avant l’ouverture"):
        two_people.decide_by_two(session, season.campaign.id, False, by=season.by, now=NOW)
