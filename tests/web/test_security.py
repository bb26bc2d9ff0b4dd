"""The second step of those who see a territory, and the page of one's own account."""

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from models import Event, Membership, RecoveryCode, Role, SecondStep
from tests import factories as f
from tests.factories import WISHES_TIME as NOW
from tests.web.pages import Pages, signed_in
from web.app import create_app
from web.services.accounts import accept_invitation, invite

PASSWORD = "quatre mots pour entrer"
STEP = "/compte/deuxieme-etape"


@pytest.fixture
def animator(session):
    member = f.animator(session, f.territory(session), email="a@example.org")
    token = invite(session, member.account, now=NOW)
    accept_invitation(session, token, PASSWORD, now=NOW)
    return member


@pytest.fixture(scope="module")
def strict_app(shared_app):
    settings = replace(shared_app.config["SETTINGS"], second_step=True)
    return create_app(settings)


@pytest.fixture
def visit(strict_app, sessions, clock):
    strict_app.extensions["db"] = sessions
    return lambda: Pages(strict_app.test_client())


def enter(visitor, email="a@example.org"):
    return visitor.post(
        "/compte/connexion/mot-de-passe", email=email, password=PASSWORD, next="/animation/equipe"
    )


def set_up(visitor):
    """Register a phone; return it and the codes on paper."""
    page = visitor.submit("Commencer")
    phone = pyotp.TOTP(page.main.code.text.replace(" ", ""))
    page = visitor.submit("Enregistrer ce téléphone", code=phone.at(NOW))
    return phone, [code.text for code in page.select("li code")]


def test_a_phone_is_required_at_the_first_sign_in_then_at_each(visit, session, animator, clock):
    first = visit()
    assert enter(first).h1.text == "Enregistrez votre téléphone"
    assert first.get("/animation/equipe").h1.text == "Enregistrez votre téléphone"
    first.submit("Commencer")
    assert first.page.h1.text == "Photographiez ce carré"
    wrong = first.submit("Enregistrer ce téléphone", 422, code="000000")
    assert "n’est pas le bon" in wrong.main.text
    assert session.query(SecondStep).one().confirmed_at is None
    session.rollback()

    phone, codes = set_up_again(first)
    assert len(set(codes)) == 10
    kept = " ".join(code.digest for code in session.query(RecoveryCode))
    assert not any(code in kept for code in codes), "only digests are kept"
    assert phone.secret.encode() not in session.query(SecondStep).one().sealed
    session.rollback()
    assert first.get("/animation/equipe").h1.text == "Équipe"
    first.get(STEP)
    assert "Photographiez" not in first.page.text, "the key is never shown again"

    second = visit()
    assert enter(second).h1.text == "Le code de votre téléphone"
    assert "a déjà servi" in second.submit("Entrer", 422, code=phone.at(NOW)).main.text
    clock.move_to(NOW + timedelta(seconds=60))
    page = second.submit("Entrer", code=phone.at(NOW + timedelta(seconds=60)))
    assert page.h1.text == "Équipe", "one lands where one wanted"


def set_up_again(visitor):
    page = visitor.get(STEP)
    phone = pyotp.TOTP(page.main.code.text.replace(" ", ""))
    page = visitor.submit("Enregistrer ce téléphone", code=phone.at(NOW))
    return phone, [code.text for code in page.select("li code")]


def test_a_code_on_paper_serves_once_and_tries_are_counted(visit, session, animator):
    first = visit()
    enter(first)
    _, codes = set_up(first)
    second = visit()
    enter(second)
    page = second.submit("Entrer", code=codes[0].lower())
    assert page.h1.text == "Équipe"
    assert "Il en reste 9" in page.main.text
    third = visit()
    enter(third)
    third.submit("Entrer", 422, code=codes[0])
    for _ in range(4):
        third.post(STEP, 422, code="123456")
    assert "attendre 15 minutes" in third.post(STEP, 429, code=codes[1]).main.text
    page = first.get("/compte/securite")
    assert "9 sur 10" in page.main.text
    renewed = [c.text for c in first.submit("Tirer dix nouveaux codes").select("li code")]
    assert len(renewed) == 10
    assert not set(renewed) & set(codes)
    kinds = [event.kind for event in session.query(Event).order_by(Event.id)]
    assert kinds[-3:] == [
        "second_step.set_up",
        "second_step.recovery_used",
        "second_step.codes_renewed",
    ]


def test_a_lost_phone_is_forgotten_by_a_colleague_only(visit, session, animator, strict_app):
    colleague = f.animator(session, animator.territory, email="b@example.org")
    stranger = f.animator(session, f.territory(session, "35"), email="c@example.org")
    session.commit()
    first = visit()
    enter(first)
    set_up(first)
    lost = f"/animation/equipe/{animator.id}/telephone-perdu"
    assert "une autre personne" in first.post(lost, 409).main.text
    for member, status in ((stranger, 404), (colleague, 200)):
        visitor = visit()
        with visitor.client.session_transaction() as cookie:
            cookie.update(signed_in(strict_app, member), second=True)
        page = visitor.post(lost, status)
    assert "est oublié" in page.main.text
    assert first.get("/animation/equipe").h1.text == "Se connecter", "sessions are closed"
    assert enter(visit()).h1.text == "Enregistrez votre téléphone"
    [event] = session.query(Event).filter_by(kind="second_step.reset")
    assert event.actor_id == colleague.account_id
    assert session.query(RecoveryCode).count() == 0


def test_no_page_of_a_guarded_role_opens_before_the_second_step(visit, strict_app, animator):
    visitor = visit()
    enter(visitor)
    rules = [r for r in strict_app.url_map.iter_rules() if "GET" in r.methods and not r.arguments]
    for rule in rules:
        access = getattr(strict_app.view_functions[rule.endpoint], "access", "public")
        if access not in ("public", "key") and Role.ANIMATOR in access:
            answer = visitor.client.get(rule.rule)
            halfway = rule.rule in (STEP, "/compte/roles")
            sent = answer.status_code == 302 and answer.location.startswith(STEP)
            assert halfway or sent, rule.rule
    sent = {"csrf_token": visitor._token()}
    answer = visitor.client.post("/animation/tours/1/publier", data=sent)
    assert answer.location.startswith(STEP)


def test_where_it_is_not_required_one_may_still_set_it_up(pages, session, animator):
    assert enter(pages).h1.text == "Équipe"
    assert "un mot de passe suffit" in pages.get("/compte/securite").main.text
    pages.get(STEP)
    set_up(pages)
    other = Pages(pages.client.application.test_client())
    assert enter(other).h1.text == "Le code de votre téléphone"


def test_sessions_end_after_a_day_however_busy_and_close_at_will(pages, session, animator, clock):
    enter(pages)
    elsewhere = Pages(pages.client.application.test_client())
    enter(elsewhere)
    pages.get("/compte/securite")
    assert "ouvertes ailleurs sont fermées" in pages.submit("Fermer mes autres sessions").main.text
    assert elsewhere.get("/animation/equipe").h1.text == "Se connecter"
    for hours in (8, 16, 24):
        clock.move_to(NOW + timedelta(hours=hours))
        assert pages.get("/animation/equipe").h1.text == "Équipe"
    clock.move_to(NOW + timedelta(hours=24, seconds=1))
    page = pages.get("/animation/equipe")
    assert page.h1.text == "Se connecter"
    assert "ouverte depuis longtemps" in page.main.text


def test_an_animator_lets_in_an_overseer(pages_as, session, animator):
    visitor = pages_as(animator)
    visitor.get("/animation/equipe")
    empty = visitor.submit("Envoyer l’invitation", 422)
    assert re.search("Écrivez un nom|nom", empty.main.text)
    visitor.get("/animation/equipe")
    sent = {"name": "Dominique Roux", "email": "pref@example.org", "role": "overseer"}
    page = visitor.submit("Envoyer l’invitation", data=sent)
    assert "Invitation envoyée" in page.main.text
    page = visitor.submit("Envoyer l’invitation", 409, data=sent)
    assert "a déjà ce rôle" in page.main.text


def test_an_invitation_to_a_wrong_address_is_taken_back(pages_as, session, animator, pages):
    other = f.animator(session, f.territory(session, "35"), email="c@example.org")
    session.commit()
    stranger = pages_as(other)
    visitor, mine = pages_as(animator), f"/animation/equipe/{animator.id}/retirer"
    visitor.get("/animation/equipe")
    sent = {"name": "Dominique Roux", "email": "erreur@example.org", "role": "overseer"}
    visitor.submit("Envoyer l’invitation", data={**sent, "network": "face"})
    invited = session.query(Membership).filter_by(pending=True).one()
    assert invited.network is None, "a network is for animators only"
    token = invite(session, invited.account, now=NOW, membership=invited)
    theirs = f"/animation/equipe/{invited.id}/retirer"
    session.commit()

    stranger.post(theirs, 404)
    assert "une autre personne" in visitor.post(mine, 409).main.text
    visitor.get("/animation/equipe")
    page = visitor.submit("Reprendre l’invitation")
    assert "n’est plus de l’équipe" in page.main.text
    assert "erreur@example.org" not in page.main.text
    pages.get(f"/compte/lien/{token}", 410)
