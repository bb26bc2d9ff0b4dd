"""A host posts an offer with its thumb; an animator composes a week; every page stands."""

from datetime import timedelta

import pytest

from models import CampaignState, Offer, OfferKind, OfferState, RoundState
from tests import factories as f
from tests.browser.audit import audit
from tests.services.pathways import Week
from tests.services.seasons import Season

A_SIGN, A_TAP, A_PAGE = 0.4, 2.0, 4.0
"""Seconds of a slow thumb: 30 words a minute, to find and touch, to read a page."""
HOST = (
    "/structure/",
    "/structure/offres/nouvelle",
    "/structure/compte",
    "/structure/compte/equipe",
    "/structure/etablissements/nouveau",
    "/structure/bilan",
    "/structure/inscription",
)
ANIMATOR = (
    "/animation/parcours/",
    "/animation/parcours/semaines/2026-12-07",
    "/animation/engagements",
    "/animation/engagements/nouveau",
    "/animation/prospection",
    "/animation/prospection/structures",
    "/animation/prospection/structures/nouvelle",
    "/animation/prospection/structures/coller",
    "/animation/signalements",
    "/animation/cles",
    "/offres-saisies",
    "/offres-saisies/nouvelle",
    "/offres-saisies/import",
    "/api/v1/aide",
)


class Thumb:
    """A phone whose every gesture is counted."""

    def __init__(self, page):
        self.page, self.seconds = page, 0.0

    def tap(self, role, name):
        self.page.get_by_role(role, name=name).first.click()
        self.seconds += A_TAP

    def follow(self, role, name):
        """Tap what opens another page, and read it."""
        self.tap(role, name)
        self.page.wait_for_load_state()
        self.seconds += A_PAGE
        audit(self.page, self.page.url)

    def write(self, label, text):
        self.page.get_by_label(label, exact=True).first.fill(text)
        self.seconds += A_TAP + A_SIGN * len(text)

    def choose(self, label, option):
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.seconds += 2 * A_TAP


def test_a_host_posts_an_offer_on_a_phone_in_under_three_minutes(visit, session, clock):
    clock.move_to(f.OFFERS_CLOSE - timedelta(days=7))
    season = Season(session)
    thumb, before = Thumb(visit("phone", season.team)), session.query(Offer).count()
    session.rollback()
    audit(thumb.page, "/structure/")
    thumb.follow("link", "Poser une offre")
    thumb.write("Titre de l’offre", "Découvrir une menuiserie")
    thumb.write(
        "Ce que l’élève verra et fera",
        "Tu suis nos menuisiers à l’atelier, du dessin au meuble. Tu poses tes questions, tu "
        "apprends à choisir le bois, tu visites un chantier.",
    )
    thumb.choose("Secteur", "Filière bois")
    thumb.follow("button", "Continuer")
    for place in ("2", "1"):
        field = thumb.page.locator("input[name^=seats-]").nth(2 - int(place))
        field.fill(place)
        thumb.seconds += A_TAP + A_SIGN
    thumb.follow("button", "Continuer")
    thumb.tap("checkbox", "L’élève observe")
    thumb.follow("button", "Continuer")
    thumb.follow("button", "Envoyer l’offre")
    assert "À relire" in thumb.page.locator("main").inner_text()
    session.expire_all()
    made = session.query(Offer).order_by(Offer.id.desc()).first()
    assert session.query(Offer).count() == before + 1
    assert (made.state, made.seats) == (OfferState.SUBMITTED, 3)
    assert thumb.seconds < 180, f"{thumb.seconds:.0f} s"


def test_an_animator_composes_a_week_and_opens_it(visit, session):
    week = Week(session, state=CampaignState.RUNNING, round_state=RoundState.WISHES_OPEN)
    page = visit("desk", week.animator)
    session.rollback()
    audit(page, "/animation/parcours/semaines/2026-12-07")
    page.get_by_role("button", name="Proposer des parcours").click()
    assert "preuve complète" in page.locator("main").inner_text()
    page.get_by_role("link", name="Parcours : Préfecture").first.click()
    audit(page, page.url)
    page.get_by_role("button", name="Approuver et proposer aux élèves").click()
    session.expire_all()
    made = session.query(Offer).filter_by(kind=OfferKind.PATHWAY).one()
    assert (made.state, made.seats, len(made.steps)) == (OfferState.OPEN, 2, 10)


@pytest.mark.parametrize(("who", "paths"), [("team", HOST), ("animator", ANIMATOR)])
def test_every_page_of_hosts_and_parcours_stands_on_a_phone(visit, session, clock, who, paths):
    clock.move_to(f.OFFERS_CLOSE - timedelta(days=7))
    week = Week(session)
    page = visit("phone", getattr(week, who))
    for path in paths:
        audit(page, path)
