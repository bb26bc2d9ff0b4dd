"""The pages where networks see what lacks and follow whom they asked."""

import pytest

from models import Message
from tests import factories as make
from tests.services.test_prospecting import Two
from tests.web.test_host import POSTING, words

HOME = "/animation/prospection"


@pytest.fixture
def pages(session, clock, pages_as):
    clock.move_to(POSTING)
    return pages_as(Two(session).animator)


def test_an_animator_sees_where_places_lack(pages):
    page = pages.get(HOME)
    assert "Places qui manquent 3" in words(page)
    assert "pour 6 élèves qui cherchent" in words(page)
    assert page.select_one("svg.t-map a")["aria-label"].endswith("3\u00a0places manquantes")
    [commune] = page.select_one("#par-commune").find_parent("table").tbody.select("tr")
    assert commune.get_text(" ", strip=True) == "Nantes 6 3 3"
    assert "Collège Simone-Veil" not in words(page)
    assert "Collège Simone-Veil" in words(pages.get(f"{HOME}?label=tous"))


def test_structures_are_pasted_invited_and_followed(session, pages, app):
    pages.get(f"{HOME}/structures/coller")
    wrong = "Menuiserie Roy ; Nantes ; roy@exemple\nGarage Noé ; Rezé"
    page = pages.submit("Ajouter ces structures", 422, lines=wrong)
    assert "Ligne 1" in words(page)
    assert page.select_one("textarea").text.strip() == wrong
    titles = "Nom ; Commune ; Courriel\n"
    assert "que des titres" in words(pages.submit("Ajouter ces structures", 422, lines=titles))
    right = titles + "Menuiserie Roy ; Nantes ; roy@example.org ; 0240000000\nGarage Noé\tRezé"
    page = pages.submit("Ajouter ces structures", lines=right)
    assert "2 structures" in words(page)
    page = pages.get(page.find("a", string="Menuiserie Roy")["href"])
    assert page.select_one("#phone")["value"] == "02 40 00 00 00"
    page = pages.submit("Inviter roy@example.org")
    assert "L’invitation part à roy@example.org" in page.text.replace("\xa0", " ")
    page = pages.submit("Inviter roy@example.org")
    assert "moins de deux semaines" in page.text
    params = session.query(Message).one().params
    session.rollback()
    link = f"/structure/invitation/{params['prospect_id']}/{params['token']}"
    visitor = type(pages)(app.test_client())
    visitor.get(link)
    assert "ne recevra plus d’invitation" in words(visitor.submit("Ne plus m’écrire"))
    assert "Ne souhaite pas" in words(pages.get(f"{HOME}/structures"))


def test_a_structure_is_corrected_and_removed(session, pages):
    pages.get(f"{HOME}/structures/nouvelle")
    page = pages.submit("Enregistrer", 422, name="Garage Noé", commune="")
    assert "Indiquez la commune" in words(page)
    page = pages.submit("Enregistrer", commune="Atlantide", status=409)
    assert "n’est pas une commune de ce département" in words(page)
    page = pages.submit("Enregistrer", commune="44400")
    address = page.find("a", string="Garage Noé")["href"]
    pages.get(address)
    page = pages.submit("Enregistrer", state="talking", note="Rappeler lundi")
    assert "En discussion" in words(page)
    pages.get(address)
    assert "Aucune structure" in words(pages.submit("Retirer de la liste"))


def test_another_department_finds_nothing(session, pages, pages_as):
    pages.get(f"{HOME}/structures/nouvelle")
    address = pages.submit("Enregistrer", name="Garage Noé", commune="Nantes").find(
        "a", string="Garage Noé"
    )["href"]
    elsewhere = make.animator(session, make.territory(session, "85"))
    session.commit()
    pages_as(elsewhere).get(address, 404)
