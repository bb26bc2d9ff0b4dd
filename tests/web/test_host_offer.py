"""What a host changes at an offer that pupils see, page by page."""

import pytest

from models import Offer, OfferState, Placement, PlacementState, Site
from tests.factories import PUBLISH_AT
from tests.web.test_host import ACTIVITY, MONDAY, POSTING, Workshop, words


@pytest.fixture
def workshop(session, clock):
    clock.move_to(POSTING)
    return Workshop(session)


def state_of(session):
    session.expire_all()
    return session.query(Offer).one().state


def test_a_pause_places_and_hours_from_the_page_of_an_offer(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    page = visitor.get(f"/structure/offres/{workshop.offer.id}")
    assert "Moins de 5 élèves ont classé cette offre" in words(page)
    assert "En pause" in words(visitor.submit("Mettre en pause"))
    session.rollback()
    page = visitor.submit("Rouvrir aux élèves")
    assert "Ouverte" in words(page)
    visitor.get(f"/structure/offres/{workshop.offer.id}/places")
    page = visitor.submit("Enregistrer", 422, data={MONDAY: "beaucoup"})
    assert "écrivez un nombre entier" in words(page)
    page = visitor.submit("Enregistrer", data={MONDAY: "1"})
    assert "Places enregistrées" in page.text
    visitor.get(f"/structure/offres/{workshop.offer.id}/horaires")
    page = visitor.submit("Enregistrer", 422, data={"day-0-until": "22:00"})
    assert "Pas après 20 h" in words(page).replace("\u00a0", " ")
    page = visitor.submit(
        "Enregistrer", data={"day-0-until": "16:00"}, safe="y", access="Arrêt Port"
    )
    assert "Arrêt Port" in words(page)


def test_a_withdrawal_with_pupils_asks_why_then_cancels(workshop, session, pages_as, clock):
    workshop.publish(session)
    clock.move_to(PUBLISH_AT)
    visitor = pages_as(workshop.member)
    page = visitor.get(f"/structure/offres/{workshop.offer.id}")
    assert "1 élève y a une place" in words(page).replace("\u00a0", " ")
    page = visitor.submit("Retirer l’offre", 409)
    assert "Dites en une phrase pourquoi" in words(page)
    session.rollback()
    visitor.submit("Retirer l’offre", reason="Le chantier s’arrête.")
    assert state_of(session) is OfferState.WITHDRAWN
    (place,) = session.query(Placement).all()
    assert place.state is PlacementState.CANCELLED


def test_a_host_gives_its_agreement_facts_and_invites(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    visitor.get("/structure/compte")
    page = visitor.submit("Enregistrer", 422, signatory_email="anne@")
    assert page.select_one("#signatory_email")["value"] == "anne@"
    page = visitor.submit("Enregistrer", signatory_email="", insurer="MAIF")
    assert page.select_one("#insurer")["value"] == "MAIF"
    visitor.get("/structure/compte/equipe")
    visitor.submit("Envoyer l’invitation", name="Léa Morin", email="lea@example.org")
    page = visitor.submit("Renvoyer le lien")
    assert "lea@example.org" in words(page)
    visitor.get(f"/structure/compte/equipe/{workshop.member.id}/messages")
    page = visitor.submit("Enregistrer", 409, sites=[])
    assert "Plus personne ne recevrait" in words(page)
    session.rollback()
    visitor.get("/structure/compte/equipe")
    assert "Léa" not in words(visitor.submit("Retirer de l’équipe"))


def test_an_offer_takes_place_at_an_address_written_with_it(workshop, session, pages_as):
    pages = pages_as(workshop.member)
    pages.get("/structure/offres/nouvelle")
    page = pages.submit("Continuer", 422, site_id="0", **ACTIVITY)
    assert "Écrivez l’adresse" in page.select_one("#site_id-error").text
    where = {"other_address": "8 quai des Antilles", "other_postcode": "44200"}
    page = pages.submit("Continuer", 409, other_commune="Rennes", **where)
    assert "Nantes" in page.select_one("#other_commune-error").text
    pages.submit("Continuer", other_commune="Nantes")
    made = session.query(Offer).order_by(Offer.id.desc()).first()
    assert (made.site.address, made.site.host_id) == ("8 quai des Antilles", workshop.host.id)
    address = f"/structure/offres/{made.id}/activite"
    session.rollback()
    pages.get(address)
    page = pages.submit("Continuer", 422, other_address="8 Quai des Antilles", other_commune="x")
    assert "effacez celle du dessous" in page.select_one("#site_id-error").text
    again = {"other_address": "8 Quai des antilles", "other_commune": "nantes"}
    pages.submit("Continuer", site_id="0", other_postcode="44200", **again)
    session.expire_all()
    assert session.query(Site).filter(Site.address.ilike("8 quai%")).count() == 1
