"""The pages on which a mobile number is given, corrected and taken back."""

import pytest

from models import Role
from tests import factories as f
from tests.services.seasons import Season
from tests.web.test_pupil import text

NUMBER = "+33612345678"


@pytest.fixture
def season(session):
    made = Season(session)
    made.as_pupil = f.pupil_member(session, made.pupils[0])
    made.as_guardian = f.member(session, Role.GUARDIAN, guardian=made.guardian)
    session.commit()
    return made


def test_a_pupil_gives_a_number_and_takes_it_back(session, season, pages_as):
    pupil = pages_as(season.as_pupil)
    pupil.get("/eleve/telephone")
    page = pupil.submit("Enregistrer", 422, phone="02 40 00 00 00", agreed="y")
    assert "commencent par 06 ou 07" in text(page)
    assert page.select_one("#phone")["value"] == "02 40 00 00 00"
    page = pupil.submit("Enregistrer", 409, phone="06 12 34 56 78", agreed=[])
    assert "Cochez l’accord" in text(page)
    assert page.select_one("#phone")["value"] == "06 12 34 56 78"
    page = pupil.submit("Enregistrer", phone="06 12 34 56 78", agreed="y")
    assert page.select_one("#phone")["value"] == "06 12 34 56 78"
    session.refresh(season.pupils[0])
    assert season.pupils[0].phone == NUMBER
    session.rollback()
    assert "Aucun numéro n’est gardé" in text(pupil.submit("Enregistrer", phone=""))
    session.refresh(season.pupils[0])
    assert season.pupils[0].phone is None


def test_a_guardian_gives_her_own_number_not_the_child_s(session, season, pages_as):
    guardian = pages_as(season.as_guardian)
    child, email = season.pupils[1].id, season.guardian.email
    session.rollback()
    page = guardian.get(f"/eleve/{child}/telephone")
    assert email in text(page)
    guardian.submit("Enregistrer", phone="0612345678", agreed="y")
    session.expire_all()
    assert season.guardian.phone == NUMBER
    assert season.pupils[1].phone is None


def test_the_school_writes_the_numbers_of_its_own_pupils(session, season, pages_as):
    head = pages_as(season.head)
    one, elsewhere = season.pupils[0], season.pupils[5].id
    box, url = f"guardian_{season.guardian.id}", f"/college/eleves/{one.id}/telephones"
    session.rollback()
    head.get(f"/college/eleves/{elsewhere}/telephones", 404)
    head.get(url)
    boxes = {"pupil": "06 12 34 56 78", box: "0"}
    page = head.submit("Enregistrer les numéros", 422, data=boxes, agreed="y")
    assert "commencent par 06 ou 07" in text(page)
    boxes[box] = ""
    page = head.submit("Enregistrer les numéros", data=boxes, agreed="y")
    assert "06 12 34 56 78" in text(page)
    session.expire_all()
    assert (one.phone, season.guardian.phone) == (NUMBER, None)


def test_a_head_writes_down_needs_signed_on_paper(session, season, pages_as):
    url, signer = f"/college/eleves/{season.pupils[0].id}/besoins", season.guardian.id
    bare = f"/college/eleves/{season.pupils[3].id}/besoins"
    session.rollback()
    head = pages_as(season.head)
    assert "Aucun responsable légal" in text(head.get(bare))
    head.get(url)
    page = head.submit("Enregistrer ces besoins", 422, needs=["lift"])
    assert "Choisissez qui a signé" in text(page)
    assert "Indiquez la date" in text(page)
    assert page.select_one("input[value=lift]").has_attr("checked")
    day = {"signed_on-day": "1", "signed_on-month": "9", "signed_on-year": "2026"}
    filled = {"needs": ["lift"], "signer_id": str(signer), **day}
    assert "Cochez l’accord" in text(head.submit("Enregistrer ces besoins", 409, data=filled))
    head.submit("Enregistrer ces besoins", data=filled, agreed="y")
    page = head.get(url)
    assert "Signé sur papier par Samira Bernard le mardi 1er septembre 2026" in text(page)
    assert page.select_one("input[value=lift]").has_attr("checked")
    pages_as(season.as_pupil).get(url, 403)
