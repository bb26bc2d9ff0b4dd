"""After the publication, as the animator, the host and the family visit it."""

from datetime import timedelta

import pytest

from models import Placement
from tests import factories as f
from tests.queries import counted
from tests.services.seasons import Season
from tests.web.test_animator import text
from web.services import answers, publication
from web.views import replacing


@pytest.fixture
def season(session, sessions, clock):
    """Published; the first pupil has refused her place."""
    made = Season(session).review(sessions)
    publication.publish(session, made.round.id, by=made.by, now=f.PUBLISH_AT)
    place = session.query(Placement).filter_by(pupil_id=made.pupils[0].id).one()
    answers.decline_place(
        session,
        place.pupil_id,
        place.id,
        answers.DeclineReason.TRIP,
        by=made.by,
        now=f.PUBLISH_AT,
    )
    session.commit()
    clock.move_to(f.PUBLISH_AT + timedelta(hours=1))
    return made


def test_two_clicks_from_the_list_to_a_place(season, sessions, pages_as):
    visit = pages_as(season.animator)
    page = visit.get("/animation/a-replacer")
    assert "2 élèves attendent une place" in text(page)
    assert "Sans vœu, à part : 1 élève" in text(page)
    first = page.select("main td a.btn")[1]["href"]

    visit.get(first)
    page = visit.submit("Donner cette place", place="999", status=409)
    assert "n’est plus libre" in text(page)
    visit.get(first)
    page = visit.submit("Donner cette place")
    assert "La famille, le collège et la structure sont prévenus." in text(page)
    assert "1 élève attend une place" in text(page)

    page = visit.get(first)
    assert "Décision d’un animateur" in text(page)
    page = visit.submit("Noter un désistement")
    assert "La place est libre." in text(page)

    with counted(sessions) as asked:
        page = visit.get("/animation/a-replacer?raison=no_place")
    assert len(asked) <= 30
    assert "Aucun élève dans ce choix" in text(page)


def test_a_long_list_comes_page_by_page_and_tells_for_whom_a_place_is_free(
    season, pages_as, monkeypatch
):
    monkeypatch.setattr(replacing, "PER_PAGE", 2)
    visit = pages_as(season.animator)
    page = visit.get("/animation/a-replacer")
    assert "Places libres aujourd’hui : 1." in text(page)
    assert "2 élèves à replacer, page 1 sur 2" in text(page)
    assert [text(cell) for cell in page.select("td[data-th='Places libres']")] == ["1", "1"]
    page = visit.get(page.find("a", string="Suivante")["href"])
    assert "Sans vœu, à part : 1 élève, page 2 sur 2" in text(page)

    page = visit.get("/animation/a-replacer?libres=oui")
    assert len(page.select("main td a.btn")) == 2
    visit.get(page.select("main td a.btn")[1]["href"])
    visit.submit("Donner cette place")
    assert "Aucune place n’est libre" in text(visit.get("/animation/a-replacer"))
    assert "Aucun élève dans ce choix" in text(visit.get("/animation/a-replacer?libres=oui"))


def test_before_the_publication_nobody_is_to_place(session, pages_as, clock):
    season = Season(session)
    assert "Personne à replacer" in text(pages_as(season.animator).get("/animation/a-replacer"))


def test_a_host_tells_a_problem_that_the_animator_settles(season, session, pages_as):
    host = pages_as(season.team)
    page = host.get("/structure/eleves")
    assert len([b for b in page.select("main button") if "Confirmer" in b.text]) == 4
    page = host.submit("Confirmer l’accueil")
    assert "Accueil confirmé" in text(page)

    host.get(page.select("main td a.btn-quiet")[-1]["href"])
    page = host.submit("Prévenir l’équipe", status=422)
    assert "Choisissez ce qui se passe." in text(page)
    page = host.submit("Prévenir l’équipe", kind="tutor", detail="En congé.")
    assert "Problème signalé" in text(page)

    desk = pages_as(season.animator)
    page = desk.get("/animation/a-replacer")
    assert "1 problème signalé par une structure" in text(page)
    assert "En congé." in text(page)
    assert "problème signalé" in text(desk.get("/animation/"))
    desk.get("/animation/a-replacer")
    assert "Signalement réglé." in text(desk.submit("Réglé"))


def test_addresses_of_another_department_do_not_exist(season, session, pages_as):
    stranger = f.animator(session, f.territory(session, "35"))
    session.commit()
    visit = pages_as(stranger)
    pupil = season.pupils[1].id
    visit.get(f"/animation/a-replacer/{pupil}", status=404)
    visit.post(f"/animation/a-replacer/{pupil}", status=404, place="1", reason="x")
    visit.post(f"/animation/a-replacer/{pupil}/places/1/liberer", status=404, state="withdrawn")
    visit.post("/animation/a-replacer/signalements/1/regler", status=404)
