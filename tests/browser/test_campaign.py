"""A round on screens: a pupil ranks on a phone, an animator publishes, each sees her own."""

from playwright.sync_api import expect

from models import CampaignState, RoundState
from tests import factories as f
from tests.services.seasons import Season
from web.services import campaigns, runs

CODE = "ACDE-FGH-JKMN"


def sign_in(phone):
    """As on the first day: the session of a pupil does not outlive half an hour of silence."""
    phone.goto("/")
    phone.get_by_role("link", name="J’ai un code de collège").click()
    phone.get_by_label("Code de la lettre").fill(CODE.lower())
    for label, value in (("Jour", "9"), ("Mois", "3"), ("Année", "2012")):
        phone.get_by_label(label).fill(value)
    phone.get_by_role("button", name="Entrer").click()


def test_from_the_wishes_to_the_answer(visit, session, sessions, clock):
    season = Season(session, state=CampaignState.RUNNING, round_state=RoundState.WISHES_OPEN)
    late = season.pupils[-1]
    klass = late.school_class
    lina = f.pupil(session, klass, "Lina", "Bernard", code=CODE)
    session.commit()

    phone = visit("phone")
    sign_in(phone)
    phone.goto("/eleve/offres")
    for title in ("Mairie", "Menuiserie"):
        phone.get_by_role("link", name=title).first.click()
        phone.get_by_role("button", name="Ajouter").first.click()
        phone.goto("/eleve/offres")
    phone.goto("/eleve/voeux")
    phone.get_by_role("button", name="Monter « Menuiserie »").click()
    expect(phone.locator(".t-wish h3").first).to_contain_text("Menuiserie")
    phone.get_by_role("button", name="Confirmer ma liste").click()
    phone.goto("/eleve/resultat")
    assert "6\u00a0novembre" in phone.locator("main").inner_text()

    clock.move_to(f.RUN_AT)
    campaigns.advance(session, f.RUN_AT)
    runs.work_once(sessions.writing, lambda _: f.RUN_AT)
    campaigns.advance(session, f.RUN_AT)
    clock.move_to(f.PUBLISH_AT)

    desk = visit("desk", season.animator)
    desk.goto("/animation/")
    desk.get_by_role("link", name="Publication").first.click()
    desk.get_by_role("button", name="Publier").click()
    desk.goto("/animation/")
    assert "Résultats publiés" in desk.locator("main").inner_text()

    sign_in(phone)
    phone.goto("/eleve/resultat")
    said = phone.locator("main").inner_text()
    assert "place" in said
    assert "traitement algorithmique" in said
    assert lina.full_name not in visit("desk", season.head).goto("/college/resultats").text()
