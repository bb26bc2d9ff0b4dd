"""An offer is reported by a pupil or a head, and an animator answers."""

import pytest

from models import OfferReport, OfferState, ReportState
from tests import factories as make
from tests.factories import WISHES_TIME
from tests.services.seasons import Season
from tests.web.test_host import words
from web.services import campaigns


@pytest.fixture
def season(session, clock):
    clock.move_to(WISHES_TIME)
    made = Season(session)
    campaigns.advance(session, make.WISHES_OPEN)
    return made


def test_a_pupil_reports_once_and_reads_the_answer(session, season, pages_as):
    member = make.pupil_member(session, season.pupils[0])
    session.commit()
    pupil = pages_as(member)
    animator = pages_as(season.animator)
    offer_id = season.wood.id
    page = pupil.get(f"/eleve/offres/{offer_id}")
    pupil.get(page.find("a", string="Signaler un problème avec cette offre")["href"])
    assert "Choisissez ce qui ne va pas" in words(pupil.submit("Envoyer", 422, text="Un détail"))
    assert pupil.page.textarea.text.strip() == "Un détail"
    assert "Dites en quelques mots" in words(pupil.submit("Envoyer", 409, kind="other", text=""))
    page = pupil.submit("Envoyer", kind="unclear", text="C’est où ?")
    assert "À lire" in words(page)
    pupil.post(f"/signalements/offres/{offer_id}", kind="false", text="")
    assert session.query(OfferReport).count() == 1
    session.rollback()
    assert "Signalements (1)" in words(animator.get("/animation/offres")).replace("\xa0", " ")
    page = animator.get("/animation/signalements")
    assert "Élève1" not in words(page)
    animator.get(page.find("a", string="Menuiserie")["href"])
    assert "la réponse que la personne lira" in words(animator.submit("Décider", 422, state="kept"))
    page = animator.submit("Décider", state="paused", answer="La structure précise l’adresse.")
    assert "Offre mise en pause" in words(page)
    session.expire_all()
    assert session.get_one(type(season.wood), offer_id).state is OfferState.PAUSED
    session.rollback()
    assert "précise l’adresse" in words(pupil.get(f"/signalements/offres/{offer_id}"))


def test_a_head_reports_and_the_offer_is_withdrawn(session, season, pages_as):
    head, animator = pages_as(season.head), pages_as(season.animator)
    offer_id = season.town.id
    head.get(f"/signalements/offres/{offer_id}")
    head.submit("Envoyer", kind="unsafe", text="Un chantier")
    report = session.query(OfferReport).one()
    report_id = report.id
    session.rollback()
    animator.get(f"/animation/signalements/{report_id}")
    animator.submit("Décider", state="withdrawn", answer="Pas de chantier pour des élèves.")
    animator.post(f"/animation/signalements/{report_id}", state="kept", answer="Trop tard")
    session.expire_all()
    assert session.get_one(OfferReport, report_id).state is ReportState.WITHDRAWN
    assert session.get_one(type(season.town), offer_id).state is OfferState.WITHDRAWN


def test_nobody_reports_or_reads_across_departments(session, season, pages_as):
    other = Season(session, "35")
    campaigns.advance(session, make.WISHES_OPEN)
    visitor = pages_as(other.head)
    offer_id = season.wood.id
    session.commit()
    visitor.get(f"/signalements/offres/{offer_id}", 404)
