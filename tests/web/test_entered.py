"""The pages where offers are entered for hosts, and the one where hosts confirm."""

import io
from datetime import timedelta

import pytest

from models import EnteredOffer, Message, MessageKind, Network, OfferState
from tests import factories as make
from tests.services.test_entered import NOW, Desk, workbook
from tests.web.test_host import words

TYPED = {
    "h-kind": "company",
    "h-name": "Menuiserie Le Goff",
    "h-siret": "732 829 320 00074",
    "h-address": "3 rue du Port",
    "h-postcode": "44400",
    "h-commune": "Rezé",
    "a-title": "Découvrir une menuiserie",
    "a-description": "Tu suis les menuisiers, de l’idée au meuble fini.",
    "a-sector": "wood",
    "seats-2026-12-07": "2",
    "p-contact_name": "Anne Le Goff",
    "p-contact_email": "anne@example.org",
}


@pytest.fixture
def desk(session, clock):
    clock.move_to(NOW)
    return Desk(session)


def test_a_head_enters_what_a_host_said_and_the_host_confirms(session, desk, pages_as, app):
    school = make.school(session, desk.where)
    head = make.head(session, school)
    session.commit()
    pages, animator = pages_as(head), pages_as(desk.animator)
    pages.get("/offres-saisies/nouvelle")
    page = pages.submit("Enregistrer cette offre", 422, data={**TYPED, "h-siret": "123"})
    assert "Un numéro SIRET a 14 chiffres" in words(page)
    assert page.select_one("#a-title")["value"] == TYPED["a-title"]
    assert page.select_one("#seats-2026-12-07")["value"] == "2"
    page = pages.submit(
        "Enregistrer cette offre", 409, data={"h-siret": TYPED["h-siret"], "c-how": "call"}
    )
    assert "Indiquez qui a dit oui" in words(page)
    page = pages.submit("Enregistrer cette offre", data={"c-how": "mail"})
    assert "Attendue" in words(page)
    params = session.query(Message).filter_by(kind=MessageKind.OFFER_TO_CONFIRM).one().params
    offer_id = session.query(EnteredOffer).one().offer_id
    session.rollback()
    assert "Confirmation attendue" in words(animator.get(f"/animation/offres/{offer_id}"))
    visitor = type(pages)(app.test_client())
    link = f"/structure/offre-a-confirmer/{params['entered_id']}/{params['token']}"
    assert "Cette offre est-elle exacte" in words(visitor.get(link))
    assert visitor.submit("C’est exact").h1.text == "Offre confirmée"
    visitor.get(link[:-1] + ("0" if link[-1] != "0" else "1"), 404)
    assert "Par le lien reçu" in words(animator.get(f"/animation/offres/{offer_id}"))


def test_two_clicks_enter_one_offer_and_one_sent_back_is_corrected(session, desk, pages_as, clock):
    head = make.head(session, make.school(session, desk.where))
    other = make.head(session, make.school(session, desk.where))
    session.commit()
    pages, animator, stranger = pages_as(head), pages_as(desk.animator), pages_as(other)
    page = pages.get("/offres-saisies/nouvelle")
    key = page.select_one("[name=a-form_key]")["value"]
    sent = {**TYPED, "a-form_key": key, "a-site_id": "0", "c-how": "mail", "p-same_days": "y"}
    sent |= dict(zip(["p-day-0-start", "p-day-0-end"], ["09:00", "12:00"], strict=True))
    for _ in range(2):
        pages.post("/offres-saisies/nouvelle", data=sent)
    entered = session.query(EnteredOffer).one()
    address, offer_id = f"/offres-saisies/{entered.id}", entered.offer_id
    session.rollback()
    animator.get(f"/animation/offres/{offer_id}")
    animator.submit("Retourner avec ce message", data={"reason": "Quel atelier ?"})
    sent_back = session.query(Message).filter_by(kind=MessageKind.OFFER_RETURNED).one()
    assert (sent_back.recipient, sent_back.params["entered_id"]) == (
        head.account.email,
        entered.id,
    )
    session.rollback()
    stranger.get(address, 404)
    page = pages.get(address)
    assert "Quel atelier ?" in words(page)
    assert page.select_one("#h-siret")["value"] == "73282932000074"
    assert page.select_one("#seats-2026-12-07")["value"] == "2"
    clock.move_to(NOW + timedelta(hours=1))
    page = pages.submit(
        "Enregistrer cette offre", data={"a-title": "L’atelier", "h-address": "5 rue du Port"}
    )
    assert "Offre corrigée" in words(page)
    session.expire_all()
    entered = session.query(EnteredOffer).one()
    assert (entered.offer.title, entered.offer.site.address) == ("L’atelier", "5 rue du Port")
    assert entered.offer.state is OfferState.SUBMITTED
    assert session.query(Message).filter_by(kind=MessageKind.OFFER_TO_CONFIRM).count() == 2
    entered.offer.state = OfferState.OPEN
    session.commit()
    assert "ne se corrige plus" in words(pages.get(address, 409))


def test_an_animator_notes_the_call(desk, pages_as):
    pages = pages_as(desk.animator)
    pages.get("/offres-saisies/nouvelle")
    pages.submit("Enregistrer cette offre", data=TYPED)
    address = pages.page.find("a", string=TYPED["a-title"])["href"]
    pages.get(address)
    assert "la date de l’appel" in words(pages.submit("Noter l’appel"))
    day = {"c-call_on-day": "19", "c-call_on-month": "9", "c-call_on-year": "2026"}
    page = pages.submit("Noter l’appel", data={"c-call_with": "M. Roy", **day})
    assert "M. Roy" in words(page)


def test_a_workbook_is_previewed_then_entered(session, desk, pages_as):
    pages = pages_as(desk.animator)
    pages.get("/offres-saisies/import")
    assert "Choisissez un fichier" in words(pages.submit("Lire ce fichier", 422))
    data = workbook(session, desk, {}, {"Secteur": "Chocolat"})
    session.rollback()
    sent = (io.BytesIO(data), "offres.xlsx")
    page = pages.post("/offres-saisies/import", data={"file": sent})
    assert "1 offre prête, 1 ligne à corriger" in words(page).replace("\xa0", " ")
    assert "Chocolat" in words(page)
    assert "Découvrir une menuiserie" in words(pages.submit("Saisir 1"))
    assert pages.get("/offres-saisies/import/modele.xlsx").status_code == 200


def test_exports_and_keys_are_for_animators(session, desk, pages_as):
    pages = pages_as(desk.animator)
    assert pages.get("/animation/exports/offres.csv").mimetype == "text/csv"
    assert pages.get("/animation/exports/eleves-et-places.csv").mimetype == "text/csv"
    pages.get("/animation/cles")
    page = pages.submit("Créer une clé", name="plateforme du club")
    assert page.code.text.startswith("t3e_")
    page = pages.get("/animation/cles")
    assert "t3e_" not in page.main.text.replace(page.select_one("th[scope=row]").text, "")
    assert "Clé fermée" in words(pages.submit("Fermer"))
    cite = make.animator(session, desk.where, network=Network.CITE)
    session.commit()
    assert "plateforme du club" in words(pages_as(cite).get("/animation/cles"))
