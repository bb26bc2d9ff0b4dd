"""How a family enters after the first day, and what a guardian who only looks may do."""

import pytest

from models import Message, RoundState
from tests import factories as f
from tests.services.seasons import Season
from tests.web.test_pupil import Class, text
from web.services.publication import publish

PASSWORD = "quatre mots pour entrer"
CODE = "QQQQ-WWW-RRRR"


@pytest.fixture
def klass(session):
    made = Class(session)
    made.guardian.code_digest = f.code_digest(session, CODE)
    session.commit()
    return made


def test_a_password_takes_the_place_of_the_birth_date(klass, pages_as, pages):
    guardian = pages_as(klass.as_guardian)
    guardian.get(f"/eleve/{klass.lina.id}/voeux")
    page = guardian.get(guardian.page.select_one("a[href*='/acces']")["href"])
    assert "le code de la lettre et la date de naissance suffisent" in text(page)
    page = guardian.submit("Garder ce mot de passe", status=422, password="court")
    assert "12 caractères" in text(page)
    page = guardian.submit("Garder ce mot de passe", password=PASSWORD)
    assert "Le code seul n’ouvre plus cet espace" in text(page)
    assert page.select_one("#current") is not None

    pages.get("/compte/connexion")
    born = klass.lina.birth_date
    day = {"birth_date-day": born.day, "birth_date-month": born.month, "birth_date-year": born.year}
    page = pages.submit("Entrer", status=422, code=CODE, data=day)
    assert "Un mot de passe a été choisi avec ce code" in text(page)
    page = pages.submit("Se connecter", email=CODE.lower(), password=PASSWORD)
    assert "Samira Bernard" in page.text


def test_an_address_opens_the_space_by_a_link(klass, pages_as, pages, session):
    guardian = pages_as(klass.as_guardian)
    guardian.get(f"/eleve/{klass.lina.id}/acces")
    page = guardian.submit("Envoyer le lien", status=422, email="samira")
    assert "Il manque le signe @" in text(page)
    page = guardian.submit("Envoyer le lien", email="samira.neuve@example.org")
    assert "Un lien part à samira.neuve@example.org" in text(page)
    token = session.query(Message).one().params["token"]
    session.commit()
    page = pages.get(f"/compte/lien/{token}")
    assert "samira.neuve@example.org est ainsi confirmée" in text(page)
    page = pages.submit("Entrer")
    assert "Samira Bernard" in page.text
    pages.get(f"/compte/lien/{token}", status=410)
    page = pages.get(f"/eleve/{klass.lina.id}/acces")
    assert "samira.neuve@example.org reçoit les messages" in text(page)
    page = pages.submit("Ne plus utiliser cette adresse")
    assert "L’adresse n’ouvre plus cet espace" in text(page)
    session.expire_all()
    assert klass.as_guardian.account.email is None
    assert klass.guardian.email == "samira.neuve@example.org"


def test_a_guardian_may_only_look_where_the_campaign_says_so(klass, pages_as, session):
    klass.wish(0, 1)
    klass.campaign.guardians_act = False
    session.commit()
    guardian = pages_as(klass.as_guardian)
    base = f"/eleve/{klass.lina.id}"
    page = guardian.get(f"{base}/voeux")
    assert "c’est l’élève qui fait la liste" in text(page)
    assert not page.select("[data-wishes] button")
    assert not guardian.get(f"{base}/offres").select("article button")
    assert not guardian.get(f"{base}/stage-trouve").select("main form")
    page = guardian.post(f"{base}/offres/{klass.offers[5].id}/ajouter", status=409)
    assert "c’est l’élève qui fait la liste" in text(page)
    assert guardian.get(f"{base}/besoins").select("main form")
    assert pages_as(klass.as_lina).get("/eleve/voeux").select("[data-wishes] button")


def test_a_guardian_who_only_looks_reads_the_answer(session, sessions, clock, pages_as):
    season = Season(session).review(sessions)
    season.campaign.guardians_act = False
    parent = f.guardian(session)
    season.pupils[0].guardians.append(parent)
    member = f.guardian_member(session, parent)
    session.commit()
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    clock.move_to(f.PUBLISH_AT)
    assert season.round.state is RoundState.PUBLISHED
    guardian = pages_as(member)
    page = guardian.get(f"/eleve/{season.pupils[0].id}/resultat")
    assert "a une place" in page.h1.text
    assert "c’est l’élève" in text(page)
    assert not page.select("#reponse form")
