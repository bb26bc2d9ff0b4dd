"""An animator prepares a campaign and invites the heads of the collèges."""

from datetime import UTC, datetime

import pytest

from models import Campaign, CampaignState, Membership, Role
from tests import factories as f

JUNE = datetime(2026, 6, 15, 9, tzinfo=UTC)


def text(page):
    return " ".join(page.text.split()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def where(session):
    made = f.territory(session)
    f.school(session, made)
    return made


@pytest.fixture
def visit(session, where, pages_as, clock):
    clock.move_to(JUNE)
    animator = f.animator(session, where)
    session.commit()
    return pages_as(animator)


def test_without_a_campaign_home_leads_to_its_creation(session, visit):
    page = visit.get("/animation/")
    assert page.select_one("main .btn-primary")["href"] == "/animation/nouvelle-campagne"
    visit.get("/animation/nouvelle-campagne")
    page = visit.submit("Créer la campagne")
    assert page.h1.text.startswith("Campagne 2026")
    assert session.query(Campaign).one().max_wishes == 10


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(session, visit):
    visit.get("/animation/nouvelle-campagne")
    page = visit.submit(
        "Créer la campagne",
        422,
        data={"first_monday-day": "8", "max_wishes": "12", "public_value_name": "Loto"},
    )
    assert "Cette date n’est pas un lundi." in text(page)
    assert page.select_one("#first_monday-day")["value"] == "8"
    assert page.select_one("#max_wishes")["value"] == "12"
    assert page.select_one("#public_value_name")["value"] == "Loto"
    assert session.query(Campaign).count() == 0


def test_letters_are_not_a_season(visit):
    visit.get("/animation/nouvelle-campagne")
    page = visit.submit("Créer la campagne", 422, season="bientôt", max_wishes="")
    assert page.select_one("#season-error")
    assert "Indiquez un nombre de vœux" in text(page)


def test_a_second_click_creates_nothing_more(session, visit):
    visit.get("/animation/nouvelle-campagne")
    form = visit.page
    visit.submit("Créer la campagne")
    visit.page = form
    page = visit.submit("Créer la campagne", 422)
    assert "n’est pas terminée" in text(page)
    assert session.query(Campaign).count() == 1


def test_the_next_campaign_waits_for_the_end_of_this_one(session, where, visit):
    made = f.campaign(session, where)
    session.commit()
    page = visit.get("/animation/nouvelle-campagne", 409)
    assert "n’est pas terminée" in text(page)

    made.state = CampaignState.CLOSED
    session.commit()
    page = visit.get("/animation/")
    assert "Préparer la campagne suivante" in text(page)
    page = visit.get("/animation/nouvelle-campagne")
    assert page.select_one("#season")["value"] == "2027"


def test_a_head_is_invited_and_gets_a_link(session, where, visit):
    page = visit.get("/animation/colleges?q=stendhal nantes")
    assert "Personne" in text(page)
    page = visit.get(page.select_one("th[scope=row] a")["href"])
    page = visit.submit("Envoyer l’invitation", 422, email="direction")
    assert "Il manque le signe @" in text(page)
    assert page.select_one("#email")["value"] == "direction"

    page = visit.submit("Envoyer l’invitation", name="Anne Roy", email="direction@example.org")
    assert "Invitation envoyée" in text(page)
    assert session.query(Membership).filter_by(role=Role.SCHOOL).count() == 1
    session.rollback()
    page = visit.submit("Envoyer l’invitation", 422, name="Anne Roy", email="direction@example.org")
    assert "déjà ce rôle" in text(page)
    page = visit.submit("Renvoyer le lien")
    assert "Un nouveau lien part" in text(page)


def test_a_school_of_another_departement_does_not_exist(session, visit):
    other = f.school(session, f.territory(session, "85"))
    session.commit()
    visit.get(f"/animation/colleges/{other.id}", 404)
    visit.post(f"/animation/colleges/{other.id}/direction", 404, name="A", email="a@example.org")


def test_heads_do_not_prepare_campaigns(session, where, pages_as):
    head = f.head(session, f.school(session, where))
    session.commit()
    pages_as(head).get("/animation/nouvelle-campagne", 403)
