"""Signing in, out and over, as visitors do it."""

from datetime import timedelta

import pytest

from models import Account, Message, Role
from tests import factories as f
from tests.factories import WISHES_TIME as NOW
from web.services.accounts import invite
from web.services.schools import renew_code

CODE = "ACDE-FGH-JKMN"
BIRTH = {"birth_date-day": "9", "birth_date-month": "3", "birth_date-year": "2012"}
PASSWORD = "quatre mots pour entrer"
DOOR = "/compte/connexion"
LETTER, MAIL = f"{DOOR}/lettre", f"{DOOR}/mot-de-passe"


@pytest.fixture
def lina(session):
    where = f.territory(session)
    made = f.campaign(session, where)
    klass = f.school_class(session, made, f.school(session, where), f.weeks_of(session, made))
    pupil = f.pupil(session, klass, code=CODE)
    session.commit()
    return pupil


@pytest.fixture
def head(session):
    member = f.head(session, f.school(session, f.territory(session, "85")), email="t@example.org")
    session.commit()
    return member


@pytest.fixture
def link(session, head):
    token = invite(session, head.account, now=NOW)
    session.commit()
    return f"/compte/lien/{token}"


def text(page):
    return page.main.get_text(" ", strip=True).replace("\xa0", " ").replace("\u202f", " ")


def test_a_letter_opens_the_space_of_the_pupil(pages, lina):
    pages.get(DOOR)
    page = pages.submit("Entrer", data=BIRTH, code="acde fgh jkmn")
    assert page.h1.text == "Les offres pour toi"
    assert "Lina B., 3e A" in page.header.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Écris le code de la lettre."),
        ({"code": CODE}, "Écris la date de naissance."),
        ({**BIRTH, "code": CODE, "birth_date-month": "13"}, "Le 9/13/2012 n’existe pas."),
        ({**BIRTH, "code": "AAAA-AAA-AAAA"}, "ne vont pas ensemble"),
        ({**BIRTH, "code": CODE, "birth_date-day": "10"}, "ne vont pas ensemble"),
    ],
)
def test_a_wrong_letter_is_said_in_words_and_what_was_typed_stays(pages, lina, fields, said):
    page = pages.post(LETTER, 422, data=fields)
    assert said in text(page)
    assert page.title.text.startswith("Erreur\xa0: Se connecter")
    assert page.select_one("#code")["value"] == fields.get("code", "")


def test_a_sixth_try_waits(pages, lina):
    for _ in range(5):
        pages.post(LETTER, 422, data={**BIRTH, "birth_date-day": "1"}, code=CODE)
    assert "attendre 15 minutes" in text(pages.post(LETTER, 429, data=BIRTH, code=CODE))


def test_a_password_is_never_written_back(pages, head):
    page = pages.post(MAIL, 422, email="t@example.org", password="secret de Polichinelle")
    assert "ne vont pas ensemble" in text(page)
    assert "Polichinelle" not in str(page)


def test_after_signing_in_one_lands_where_one_wanted(pages, lina):
    page = pages.get("/eleve/voeux")
    assert page.h1.text == "Se connecter"
    page = pages.submit("Entrer", data=BIRTH, code=CODE)
    assert page.h1.text == "Mes vœux"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example/x",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\n//evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(pages, lina, elsewhere):
    pages.get(DOOR)
    sent = {**BIRTH, "code": CODE, "next": elsewhere, "csrf_token": pages._token()}
    answer = pages.client.post(LETTER, data=sent)
    assert answer.location == "/compte/"


def test_signing_in_starts_a_new_session(pages, lina):
    with pages.client.session_transaction() as cookie:
        cookie["left"] = "by somebody else"
        cookie["membership"] = 999
    pages.post(LETTER, data=BIRTH, code=CODE)
    with pages.client.session_transaction() as cookie:
        assert not {"left", "membership"} & set(cookie)


def test_signing_out_closes_everything(pages, lina):
    pages.post(LETTER, data=BIRTH, code=CODE)
    pages.submit("Quitter")
    assert pages.get("/eleve/voeux").h1.text == "Se connecter"
    with pages.client.session_transaction() as cookie:
        assert "_user_id" not in cookie


def test_a_new_password_closes_the_sessions_open_elsewhere(
    app, session, pages, pages_as, head, link
):
    elsewhere = pages_as(head)
    assert elsewhere.get("/college/").h1.text != "Se connecter"
    pages.get(link)
    pages.submit("Garder ce mot de passe", password=PASSWORD)
    page = elsewhere.get("/college/")
    assert page.h1.text == "Se connecter"
    assert "a changé : connectez-vous à nouveau" in text(page)
    assert pages.get("/college/").h1.text != "Se connecter"


def test_a_renewed_code_closes_the_session_of_the_old_one(session, pages, lina):
    pages.post(LETTER, data=BIRTH, code=CODE)
    assert pages.get("/eleve/voeux").h1.text != "Se connecter"
    renew_code(session, lina.school_id, lina.id, by=None, now=NOW)
    assert pages.get("/eleve/voeux").h1.text == "Se connecter"


def test_pupils_leave_shared_computers_after_half_an_hour(pages, lina, clock):
    pages.post(LETTER, data=BIRTH, code=CODE)
    for minutes in (29, 58):
        clock.move_to(NOW + timedelta(minutes=minutes))
        assert pages.get("/eleve/voeux").h1.text != "Se connecter"
    clock.move_to(NOW + timedelta(minutes=89))
    page = pages.get("/eleve/voeux")
    assert page.h1.text == "Se connecter"
    assert "la session s’est fermée" in text(page)


def test_professionals_leave_after_half_a_day(session, pages, head, link, clock):
    pages.get(link)
    pages.submit("Garder ce mot de passe", password=PASSWORD)
    clock.move_to(NOW + timedelta(hours=11))
    assert pages.get("/college/").h1.text != "Se connecter"
    clock.move_to(NOW + timedelta(hours=23, minutes=2))
    assert pages.get("/college/").h1.text == "Se connecter"


def test_a_cookie_without_its_key_opens_nothing(pages, head):
    with pages.client.session_transaction() as cookie:
        cookie["_user_id"] = str(head.account_id)
    assert pages.get("/college/").h1.text == "Se connecter"


def test_opening_a_link_does_not_use_it(pages, link):
    for _ in range(3):
        assert pages.get(link).h1.text == "Choisissez votre mot de passe"


def test_a_link_gives_a_password_and_the_space(session, pages, link):
    pages.get(link)
    short = pages.submit("Garder ce mot de passe", 422, password="court")
    assert "Il faut au moins 12 caractères." in text(short)
    pages.submit("Garder ce mot de passe", password=PASSWORD)
    assert pages.response.request.path == "/college/"
    pages.get(link, 410)
    pages.post(link, 410, password=PASSWORD)


def test_an_old_link_says_how_to_get_another(pages, link, clock):
    clock.move_to(NOW + timedelta(hours=48))
    page = pages.get(link, 410)
    assert page.select_one("a.btn")["href"] == "/compte/lien"
    pages.get("/compte/lien/nimportequoi", 410)


def test_asking_for_a_link_answers_the_same_to_all(session, pages, head):
    answers = []
    for email in ("t@example.org", "x@example.org"):
        pages.get("/compte/lien")
        answers.append(text(pages.submit("Recevoir un lien", email=email)).replace(email, ""))
    assert answers[0] == answers[1]
    assert [message.recipient for message in session.query(Message)] == ["t@example.org"]


def test_an_address_that_cannot_exist_is_said_at_its_field(pages):
    page = pages.post("/compte/lien", 422, email="pas une adresse")
    assert "Il manque le signe @" in text(page)


def test_an_account_of_two_schools_changes_role(session, pages_as, head):
    second = f.school(session, head.school.territory, name="Collège Rosa-Parks")
    other = f.added(session, f.Membership(account=head.account, role=Role.SCHOOL, school=second))
    stranger = f.head(session, second)
    session.commit()
    pages = pages_as(head)
    link = pages.get("/college/").select_one("header a[href$=roles]")
    page = pages.get(link["href"])
    assert page.select_one("td .t-tag").text == "Rôle actuel"
    pages.submit("Ouvrir")
    with pages.client.session_transaction() as cookie:
        assert cookie["membership"] == other.id
    pages.post(f"/compte/roles/{stranger.id}", 404)


def test_a_person_already_in_does_not_sign_in_again(pages, lina):
    pages.post(LETTER, data=BIRTH, code=CODE)
    assert pages.get(DOOR).h1.text == "Les offres pour toi"


def test_no_address_of_the_site_tells_who_has_an_account(session, pages, lina):
    pages.post(LETTER, 422, data=BIRTH, code="AAAA-AAA-AAAA")
    assert session.query(Account).count() == 0
