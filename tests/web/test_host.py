"""What a host sees and does, page by page."""

from datetime import UTC, datetime

import pytest

from models import (
    USUAL,
    Message,
    Offer,
    OfferState,
    Origin,
    Placement,
    Role,
    RoundState,
    store_days,
)
from tests import factories as make
from tests.factories import OFFERS_CLOSE, PUBLISH_AT, WISHES_CLOSE
from tests.queries import counted

POSTING = datetime(2026, 9, 20, 8, tzinfo=UTC)
ACTIVITY = {
    "title": "Découvrir une menuiserie",
    "description": "Tu suis les menuisiers, de l’idée au meuble fini.",
    "sector": "wood",
}
REGISTRATION = {
    "kind": "company",
    "name": "Menuiserie Le Goff",
    "siret": "732 829 320 00074",
    "address": "3 rue du Port",
    "postcode": "44400",
    "commune": "Reze",
    "contact_name": "Anne Le Goff",
    "contact_email": "anne@example.org",
}
MONDAY, HOLIDAY = "seats-2026-12-07", "seats-2026-12-21"


class Workshop:
    """A host with one open offer that one pupil ranks, while offers are still taken."""

    def __init__(self, session):
        self.where = make.territory(session)
        self.season = make.campaign(session, self.where)
        self.round = self.season.rounds[0]
        self.weeks = make.weeks_of(session, self.season)
        self.host = make.host(session, self.where)
        self.offer = make.offer(session, self.season, self.host, {self.weeks[0]: 2}, demand=3)
        self.school = make.school(session, self.where)
        self.klass = make.school_class(session, self.season, self.school, self.weeks[:1])
        self.klass.teacher = "Mme Roux"
        self.lina = make.pupil(session, self.klass, guardian=make.guardian(session))
        make.wishes(session, self.lina, self.offer)
        self.member = make.host_member(session, self.host)
        session.commit()

    def publish(self, session):
        session.add(
            Placement(
                campaign_id=self.season.id,
                round=self.round,
                pupil=self.lina,
                offer_week=self.offer.weeks[0],
                origin=Origin.RUN,
                rank=1,
                created_at=PUBLISH_AT,
            )
        )
        self.round.state, self.round.published_at = RoundState.PUBLISHED, PUBLISH_AT
        session.commit()


@pytest.fixture
def workshop(session, clock):
    clock.move_to(POSTING)
    return Workshop(session)


def words(page):
    return " ".join(page.main.get_text(" ").split())


def latest(session):
    """(id, state) of the last offer, and how many there are; the lock is given back at once."""
    offers = session.query(Offer).order_by(Offer.id).all()
    found = (offers[-1].id, offers[-1].state, len(offers))
    session.rollback()
    return found


def test_a_host_registers_and_reads_where_the_link_went(pages, session, clock):
    make.territory(session)
    session.commit()
    pages.get("/structure/inscription")
    page = pages.submit("Recevoir le lien", **REGISTRATION)
    assert page.h1.text == "Ouvrez le lien que vous allez recevoir"
    assert session.query(Message).one().recipient == "anne@example.org"


def test_a_known_address_reads_the_same_answer(pages, session, clock):
    make.member(session, Role.HOST, email="anne@example.org")
    make.territory(session)
    session.commit()
    pages.get("/structure/inscription")
    page = pages.submit("Recevoir le lien", **REGISTRATION)
    assert page.h1.text == "Ouvrez le lien que vous allez recevoir"


def test_an_open_session_sees_nothing_of_what_a_stranger_registers(pages, pages_as, session, clock):
    held = make.member(session, Role.HOST, email="anne@example.org", password_hash="chosen")
    held.host = make.host(session, make.territory(session), name="Chez Anne")
    session.commit()
    mine = pages_as(held)
    pages.get("/structure/inscription")
    pages.submit("Recevoir le lien", **REGISTRATION)
    assert "Changer de rôle" not in mine.get("/structure/").text
    link = f"/compte/lien/{session.query(Message).one().params['token']}"
    session.rollback()
    page = mine.get(link)
    assert "Menuiserie Le Goff" in words(page)
    page = mine.submit("Accepter ce rôle")
    assert "Rôle accepté" in words(page)
    assert "Changer de rôle" in page.text
    mine.get(link, 410)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("siret", "73282932000075", "n’existe pas"),
        ("siret", "123", "14 chiffres"),
        ("siret", "", "seuls les services de l’État"),
        ("postcode", "4400", "cinq chiffres"),
        ("commune", "Rennes", "Rezé"),
        ("name", "x" * 201, "200 caractères au plus"),
        ("contact_email", "anne", "@"),
    ],
)
def test_a_slip_is_said_at_its_field_and_nothing_is_lost(
    pages, session, clock, field, typed, message
):
    make.territory(session)
    session.commit()
    pages.get("/structure/inscription")
    status = 409 if typed in ("", "Rennes") else 422
    page = pages.submit("Recevoir le lien", status, **{**REGISTRATION, field: typed})
    assert message in page.select_one(f"#{field}-error").text
    assert page.select_one("#address")["value"] == "3 rue du Port"
    assert page.select_one("[name=kind][checked]")["value"] == "company"


def test_an_offer_is_posted_in_four_steps(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    visitor.get("/structure/offres/nouvelle")
    page = visitor.submit("Continuer", **ACTIVITY)
    assert page.h1.text == "Vos places, semaine par semaine"
    page = visitor.submit("Continuer", data={MONDAY: "2"})
    assert page.select_one("#contact_email")["value"] == workshop.member.account.email
    page = visitor.submit("Continuer", safe="y")  # the usual hours are proposed
    assert page.h1.text == "Vérifier et envoyer"
    page = visitor.submit("Envoyer l’offre")
    assert "À relire" in words(page)
    assert latest(session)[1] is OfferState.SUBMITTED


def test_each_step_may_be_left_and_taken_again(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    visitor.get("/structure/offres/nouvelle")
    assert visitor.submit("Garder le brouillon", **ACTIVITY).h1.text == "Mes offres"
    one, *_ = latest(session)
    visitor.get(f"/structure/offres/{one}/semaines")
    visitor.submit("Garder le brouillon")
    visitor.get(f"/structure/offres/{one}/semaines")
    visitor.submit("Garder le brouillon", data={MONDAY: "3"})
    page = visitor.get(f"/structure/offres/{one}/semaines")
    assert page.find(id=MONDAY)["value"] == "3"
    page = visitor.get(f"/structure/offres/{one}/activite")
    assert page.select_one("#sector option[selected]")["value"] == "wood"
    page = visitor.get(f"/structure/offres/{one}/envoi")
    assert "Indiquez les horaires" in words(page)
    assert "Envoyer l’offre" not in words(page)


def test_a_double_click_posts_once(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    form = visitor.get("/structure/offres/nouvelle").select_one("main form")
    sent = {f["name"]: f.get("value", "") for f in form.select("input[type=hidden]")}
    sent |= {**ACTIVITY, "kind": "single", "site_id": workshop.host.sites[0].id}
    *_, before = latest(session)
    visitor.post("/structure/offres/nouvelle", data=sent)
    visitor.post("/structure/offres/nouvelle", data=sent)
    assert latest(session)[2] == before + 1


@pytest.fixture
def calendar(workshop, pages_as):
    """A visitor on the calendar of a new draft."""
    visitor = pages_as(workshop.member)
    visitor.get("/structure/offres/nouvelle")
    visitor.submit("Continuer", **ACTIVITY)
    return visitor


def test_the_calendar_hatches_holidays_and_shows_the_need(calendar):
    page = calendar.page
    closed = page.select_one("tr.t-off")
    assert "Vacances de Noël" in closed.text
    assert not closed.select("input")
    assert "moins de 5" in words(page)


@pytest.mark.parametrize(
    ("typed", "status", "message"),
    [
        ({MONDAY: "-1"}, 422, "de 0 à 30 places"),
        ({MONDAY: "99999999999"}, 422, "nombre entier"),
        ({MONDAY: "2,5"}, 422, "nombre entier"),
        ({MONDAY: "0"}, 409, "au moins une place"),
        ({MONDAY: "1", HOLIDAY: "2"}, 409, "Vacances de Noël, pas de stage"),
        ({MONDAY: "1", "total_seats": "4"}, 409, "de 1 à la somme"),
    ],
)
def test_places_refused_are_said_and_kept(calendar, typed, status, message):
    page = calendar.submit("Continuer", status, data=typed)
    assert message in words(page)
    assert page.find(id=MONDAY)["value"] == typed[MONDAY]


def test_every_wrong_week_is_named_at_once(calendar):
    page = calendar.submit("Continuer", 422, data={MONDAY: "-1", "seats-2026-12-14": "abc"})
    mistakes = [a.text for a in page.select("[role=alert] a")]
    assert len(mistakes) == 2
    assert all("décembre" in mistake for mistake in mistakes)


def test_an_offer_sent_back_says_why_and_is_sent_again(workshop, session, pages_as):
    workshop.offer.state = OfferState.RETURNED
    workshop.offer.return_reason = "Dites qui accompagne l’élève."
    workshop.offer.days, workshop.offer.safe = store_days(USUAL), True
    session.commit()
    visitor = pages_as(workshop.member)
    assert "Dites qui accompagne" in words(visitor.get("/structure/"))
    visitor.get(f"/structure/offres/{workshop.offer.id}/activite")
    visitor.submit("Continuer", description="Anne accompagne chaque élève toute la semaine.")
    visitor.get(f"/structure/offres/{workshop.offer.id}/envoi")
    assert "À relire" in words(visitor.submit("Envoyer l’offre"))


def test_after_the_closing_nothing_is_posted(workshop, pages_as, clock):
    visitor = pages_as(workshop.member)
    clock.move_to(OFFERS_CLOSE)
    assert "Poser une offre" not in words(visitor.get("/structure/"))
    page = visitor.get("/structure/offres/nouvelle", 409)
    assert "clos depuis le vendredi 2 octobre 2026 à 18 h" in words(page)


def test_a_withdrawal_says_its_consequence_first(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    address = f"/structure/offres/{workshop.offer.id}"
    assert "Moins de 5 élèves ont classé cette offre" in words(visitor.get(address))
    visitor.post(f"{address}/retrait", 409)
    visitor.get(address)
    visitor.submit("Retirer l’offre")
    session.expire_all()
    assert workshop.offer.state is OfferState.WITHDRAWN


def test_an_offer_is_copied(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    visitor.get(f"/structure/offres/{workshop.offer.id}")
    page = visitor.submit("Copier cette offre")
    assert page.select_one("#title")["value"] == "Découvrir une menuiserie (copie)"


def test_a_second_site_is_added(workshop, pages_as):
    visitor = pages_as(workshop.member)
    visitor.get("/structure/etablissements/nouveau")
    site = {name: REGISTRATION[name] for name in ("name", "siret", "address", "postcode")}
    page = visitor.submit("Ajouter ce lieu", 409, **site, commune="Rennes")
    assert "Rezé" in page.select_one("#commune-error").text
    assert "44400 Rezé" in words(visitor.submit("Ajouter ce lieu", commune="Rezé"))


def test_names_come_with_the_publication_and_nothing_more(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    addresses = ("/structure/", "/structure/eleves", f"/structure/offres/{workshop.offer.id}")
    for address in addresses:
        assert "Bernard" not in words(visitor.get(address))
    workshop.publish(session)
    page = words(visitor.get("/structure/eleves"))
    for known in ("Lina Bernard", "3e A", "Collège Stendhal, 44300 Nantes", "Mme Roux"):
        assert known in page
    for secret in ("REP", "vœu", "2012"):
        assert secret not in page


def test_the_rows_of_another_host_do_not_exist(workshop, session, pages_as):
    other = make.host_member(session, make.host(session, workshop.where, "Autre"))
    session.commit()
    workshop.publish(session)
    stranger = pages_as(other)
    address = f"/structure/offres/{workshop.offer.id}"
    for step in ("", "/activite", "/semaines", "/pratique", "/envoi"):
        stranger.get(f"{address}{step}", 404)
    for act in ("/copie", "/retrait", "/envoi", "/semaines"):
        stranger.post(f"{address}{act}", 404)
    assert "Lina" not in words(stranger.get("/structure/eleves"))


def test_other_roles_stay_out(workshop, session, pages_as):
    head = make.head(session, workshop.school)
    session.commit()
    for address in ("/structure/", "/structure/offres/nouvelle"):
        pages_as(head).get(address, 403)


def test_pages_ask_as_many_questions_for_many_offers(workshop, session, sessions, pages_as):
    visitor = pages_as(workshop.member)
    one = make.offer(session, workshop.season, workshop.host, {}, state=OfferState.DRAFT)
    workshop.publish(session)
    addresses = ("/structure/", "/structure/eleves", f"/structure/offres/{one.id}/semaines")
    with counted(sessions) as few:
        for address in addresses:
            visitor.get(address)
    for n in range(40):
        seats = dict.fromkeys(workshop.weeks, 1)
        made = make.offer(session, workshop.season, workshop.host, seats, title=f"Offre {n}")
        pupil = make.pupil(session, workshop.klass, f"Élève{n}")
        session.add(
            Placement(
                campaign_id=workshop.season.id,
                round=workshop.round,
                pupil=pupil,
                offer_week=made.weeks[0],
                origin=Origin.RUN,
                created_at=PUBLISH_AT,
            )
        )
    session.commit()
    with counted(sessions) as many:
        for address in addresses:
            visitor.get(address)
    assert len(many) == len(few)


def test_an_offer_sent_back_too_late_asks_for_nothing(workshop, session, pages_as, clock):
    workshop.offer.state, workshop.offer.return_reason = OfferState.RETURNED, "Trop vague."
    session.commit()
    visitor = pages_as(workshop.member)
    clock.move_to(WISHES_CLOSE)
    assert "est à corriger" not in words(visitor.get("/structure/"))
    page = visitor.get(f"/structure/offres/{workshop.offer.id}")
    assert "Corriger et renvoyer" not in words(page)


def test_a_host_and_a_school_find_what_an_agreement_needs(workshop, session, pages_as, clock):
    head = make.head(session, workshop.school, email="direction@example.org")
    workshop.offer.days, workshop.offer.contact_phone = store_days(USUAL), "02 40 00 00 00"
    siret = workshop.host.sites[0].siret
    workshop.publish(session)
    clock.move_to(PUBLISH_AT)
    page = words(pages_as(workshop.member).get("/structure/eleves"))
    assert "direction@example.org" in page
    assert "44300 Nantes" in page
    assert "Mme Roux" in page
    visitor = pages_as(head)
    for address in ("/college/resultats", f"/college/eleves/{workshop.lina.id}"):
        page = words(visitor.get(address))
        for needed in (siret, "44000 Nantes", "Anne Le Goff", "anne@example.org", "16", "02"):
            assert needed in page


def test_accents_do_not_change_the_order_of_people(workshop, session, pages_as):
    for last_name in ("Guérin", "Gérard", "Étienne", "Zola"):
        make.pupil(session, workshop.klass, "Alix", last_name)
    head = make.head(session, workshop.school)
    session.commit()
    page = words(pages_as(head).get("/college/eleves"))
    found = [page.index(name) for name in ("Étienne", "Gérard", "Guérin", "Zola")]
    assert found == sorted(found)


def test_a_pupil_under_fifteen_has_thirty_hours_at_most(workshop, session, pages_as):
    workshop.publish(session)
    visitor = pages_as(workshop.member)
    workshop.offer.days = [[day, 540, 720, 780, 990] for day in range(5)]
    session.commit()
    assert "Moins de quinze ans" in words(visitor.get("/structure/eleves"))
    workshop.offer.days = store_days(USUAL)
    session.commit()
    assert "Moins de quinze ans" not in words(visitor.get("/structure/eleves"))


def test_hours_that_break_the_law_are_told_at_their_day(workshop, session, pages_as):
    visitor = pages_as(workshop.member)
    visitor.get("/structure/offres/nouvelle")
    visitor.submit("Continuer", **ACTIVITY)
    visitor.submit("Continuer", data={MONDAY: "2"})
    assert "Convention type, circulaire du 12 juillet 2024" in words(visitor.page)
    page = visitor.submit("Continuer", 422, data={"day-0-until": "18:00"}, access="Arrêt Port")
    assert "7 h par jour au plus. Finissez à 17 h." in words(page)
    assert page.select_one("#access").text.strip() == "Arrêt Port"
    page = visitor.submit("Continuer", 422, data={"day-0-until": "tard"})
    assert "n’est pas une heure" in words(page)
    page = visitor.submit("Continuer", data={"day-0-until": "16 h"}, safe="y")
    assert "9 h – 12 h et 13 h – 16 h" in words(page).replace("\u00a0", " ")
