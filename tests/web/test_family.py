"""What families do beyond the list, and what their school and the animators answer."""

import pytest

from models import FoundState, Need
from tests import factories as f
from tests.services.seasons import Season
from tests.web.test_pupil import Class, text
from web.services.found_places import found_place
from web.services.needs_access import needs_of
from web.services.publication import publish

FOUND = {
    "host_name": "Garage Dupont",
    "address": "4 rue Haute",
    "postcode": "44000",
    "commune": "Nantes",
    "tutor_name": "M. Dupont",
    "tutor_contact": "02 40 00 00 00",
}


@pytest.fixture
def klass(session):
    return Class(session)


@pytest.fixture
def published(session, sessions, clock):
    season = Season(session).review(sessions)
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    clock.move_to(f.PUBLISH_AT)
    season.as_pupil = f.pupil_member(session, season.pupils[0])
    season.as_other = f.pupil_member(session, season.pupils[1])
    session.commit()
    return season


def test_the_map_holds_what_the_list_holds(klass, pages_as):
    lina = pages_as(klass.as_lina)
    page = lina.get("/eleve/offres/carte")
    assert "12 offres trouvées sur 12 possibles" in text(page)
    [bubble] = page.select(".t-map a")
    [row] = page.select("tbody tr")
    assert bubble["aria-label"].startswith("Nantes")
    assert bubble["href"] == row.a["href"]
    page = lina.get(bubble["href"])
    assert "12 offres trouvées" in text(page)
    assert "Secteur choisi sur la carte : Nantes" in text(page)
    assert "0 offre trouvée" in text(lina.get("/eleve/offres?secteur=44184"))


def test_a_slip_of_the_finger_finds_and_says_what_was_meant(klass, pages_as):
    page = pages_as(klass.as_lina).get("/eleve/offres?q=menuizerie")
    assert "Aucune offre avec « menuizerie ». Voici celles avec « menuiserie »." in text(page)
    assert "Menuiserie" in page.select_one("article h3").text


def test_distances_are_counted_from_the_commune_named(klass, pages_as):
    lina = pages_as(klass.as_lina)
    assert "de Pornic" in text(lina.get("/eleve/offres?depuis=pornic"))
    page = lina.get("/eleve/offres?depuis=Nulle-Part")
    assert "« Nulle-Part » n’est pas une commune connue ici." in text(page)
    assert "12 offres trouvées" in text(page)


def test_a_place_is_accepted_and_put_in_the_calendar(session, published, pages_as):
    pupil = pages_as(published.as_pupil)
    pupil.get("/eleve/resultat")
    page = pupil.submit("J’accepte cette place")
    assert "la place est acceptée" in text(page)
    file = pupil.get("/eleve/resultat/agenda.ics")
    assert file.mimetype == "text/calendar"


def test_a_place_is_refused_with_a_reason_that_the_head_may_find_sound(
    session, published, pages_as
):
    pupil = pages_as(published.as_pupil)
    page = pupil.get("/eleve/resultat")
    assert "Si tu refuses, la place va à quelqu’un d’autre" in text(page)
    page = pupil.submit("Refuser la place", 422)
    assert "Choisissez une raison." in text(page)
    assert page.title.text.startswith("Erreur : ".replace(" :", "\u00a0:"))
    page = pupil.submit("Refuser la place", data={"reason": "trip"})
    assert "La place est refusée" in text(page)
    assert "Tu as une place" not in text(page)
    head = pages_as(published.head)
    for address in ("/college/", "/college/resultats"):
        page = head.get(address)
        assert "1 place refusée" in text(page)
        assert page.select_one('main a[href="/college/stages-trouves#refus"]')
    assert "Place refusée" in text(page)
    assert "Le trajet n’est pas possible" in text(head.get("/college/stages-trouves"))
    assert "Raison reconnue" in text(head.submit("Reconnaître la raison"))


def test_nobody_answers_with_the_address_of_another(session, published, pages_as):
    mine = pages_as(published.as_pupil).get("/eleve/resultat")
    action = mine.select_one("form[action*=accepter]")["action"]
    pages_as(published.as_other).post(action, 404)


def test_another_place_found_is_said_after_a_refusal(session, published, pages_as):
    pupil = pages_as(published.as_pupil)
    pupil.get("/eleve/resultat")
    page = pupil.submit("Refuser la place", data={"reason": "found"})
    assert page.h1.text == "Un stage que tu as trouvé"
    pupil.submit("Enregistrer ce stage", data=FOUND)
    assert found_place(session, published.pupils[0].id).state is FoundState.DECLARED


def test_a_place_found_is_checked_by_the_school_or_refused_in_words(session, klass, pages_as):
    leads = f.head(session, klass.lina.school)
    session.commit()
    head = pages_as(leads)
    lina = pages_as(klass.as_lina)
    lina.get("/eleve/stage-trouve")
    page = lina.submit("Enregistrer ce stage", 422, data={**FOUND, "postcode": "4400"})
    assert "Un code postal a cinq chiffres" in text(page)
    assert page.select_one("[name=host_name]")["value"] == "Garage Dupont"
    page = lina.submit(
        "Enregistrer ce stage", 422, data={**FOUND, "tutor_contact": "demander Anne"}
    )
    assert "Il faut un numéro de téléphone" in text(page)
    assert "Garage Dupont" not in text(lina.get("/eleve/voeux"))
    lina.get("/eleve/stage-trouve")
    lina.submit("Enregistrer ce stage", data=FOUND)
    waiting = text(lina.get("/eleve/voeux"))
    assert "Stage trouvé : Garage Dupont (le collège doit le vérifier)" in waiting
    head.get("/college/stages-trouves")
    assert "Indiquez la raison." in text(head.submit("Ne pas retenir", 422))
    head.submit("Ne pas retenir", data={"reason": "Garage fermé."})
    assert "Garage fermé." in text(lina.get("/eleve/stage-trouve"))
    lina.submit("Enregistrer ce stage", data=FOUND)
    head.get("/college/stages-trouves")
    head.submit("Vérifié, je retiens ce stage")
    assert "plus besoin de vœux" in text(lina.get("/eleve/stage-trouve"))
    assert "Les vœux comptent de nouveau" in text(lina.submit("Abandonner ce stage"))


def test_the_school_enters_a_place_for_a_family(session, klass, pages_as):
    leads = f.head(session, klass.lina.school)
    session.commit()
    head = pages_as(leads)
    head.get(f"/college/eleves/{klass.lina.id}/stage-trouve")
    head.submit("Enregistrer ce stage", data=FOUND)
    assert found_place(session, klass.lina.id).host_name == "Garage Dupont"
    elsewhere = f.head(session, f.school(session, klass.campaign.territory))
    session.commit()
    pages_as(elsewhere).get(f"/college/eleves/{klass.lina.id}/stage-trouve", 404)


def test_a_question_goes_to_the_animators_and_comes_back(session, published, pages_as):
    pupil, animator = pages_as(published.as_pupil), pages_as(published.animator)
    page = pupil.get("/eleve/resultat/explication")
    assert "Refaire ton tirage au sort" in text(page)
    assert len(page.select("main h2")) >= 5
    assert "Indiquez votre question." in text(pupil.submit("Envoyer la demande", 422))
    page = pupil.submit("Envoyer la demande", data={"kind": "appeal", "text": "Pourquoi ?"})
    assert "Réponse au plus tard le dimanche 6 décembre 2026" in text(page)
    page = animator.get("/animation/demandes")
    animator.get(page.select_one("tbody a")["href"])
    animator.submit("Envoyer la réponse", data={"text": "Voici."})
    assert "Voici." in text(pupil.get("/eleve/resultat/explication"))


def test_the_head_reads_the_same_reasons_and_the_same_four_items(session, published, pages_as):
    url = f"/college/eleves/{published.pupils[0].id}/explication"
    page = pages_as(published.head).get(url)
    pupil = pages_as(published.as_pupil)
    mine = pupil.get("/eleve/resultat/explication")
    items = [line.text for line in page.select("main .t-narrow > ul li")]
    assert items == [line.text for line in mine.select(".t-split ul li")][: len(items)]
    wishes = pupil.get("/eleve/resultat").select(".t-why li h3")
    assert [one.text for one in page.select(".t-why li h3")] == [one.text for one in wishes]


def test_needs_are_said_by_a_guardian_who_agrees(session, klass, pages_as):
    samira, url = pages_as(klass.as_guardian), f"/eleve/{klass.lina.id}/besoins"
    samira.get(url)
    data = {"needs": [Need.SEATED.value]}
    assert "Cochez l’accord" in text(samira.submit("Enregistrer", 409, data=data))
    page = samira.submit("Enregistrer", data={**data, "agreed": "y"})
    assert "C’est enregistré." in text(page)
    session.expire_all()
    assert needs_of(klass.lina) == {Need.SEATED}
    assert "0 offre est possible" in text(pages_as(klass.as_lina).get("/eleve/offres"))
    pages_as(klass.as_lina).get("/eleve/besoins", 403)
