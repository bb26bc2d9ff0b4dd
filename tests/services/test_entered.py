"""Offers entered for a host by people, in files, by systems; confirmed before they are seen."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from models import (
    USUAL,
    EnteredOffer,
    Host,
    HostKind,
    Message,
    MessageKind,
    Network,
    Offer,
    OfferKind,
    OfferState,
    Sector,
    Wish,
)
from tests import factories as make
from web.services.accounts import accept_invitation
from web.services.api_keys import NoKey, TooMany, issue_key, open_with, revoke_key
from web.services.api_offers import Taken, close_offer, put_offer
from web.services.entered import (
    By,
    Call,
    OfferEntry,
    confirm_by_link,
    disown_by_link,
    enter_offer,
    record_call,
)
from web.services.entered_files import confirm_import, lines_of, receive_file, template
from web.services.errors import Gone, Refused
from web.services.hosts import HostEntry, SiteEntry, register_host
from web.services.offer_drafts import Activity, Practical
from web.services.offers import approve_offer
from web.services.platform_export import offers_csv

NOW = datetime(2026, 9, 20, 8, tzinfo=UTC)
FIRST = date(2026, 12, 7)
SIRET = "73282932000074"
ENTRY = OfferEntry(
    HostEntry(
        "Menuiserie Le Goff",
        HostKind.COMPANY,
        SiteEntry(SIRET, "Menuiserie Le Goff", "3 rue du Port", "44400", "Rezé"),
        "Anne Le Goff",
        "anne@example.org",
    ),
    Activity(0, "Menuiserie", "Tu suis les menuisiers, de l’idée au meuble.", Sector.WOOD),
    Practical(USUAL, "Arrêt Port", "Anne Le Goff", "anne@example.org"),
    {FIRST: 2},
)


class Desk:
    def __init__(self, session):
        self.where = make.territory(session)
        self.campaign = make.campaign(session, self.where)
        make.weeks_of(session, self.campaign)
        self.animator = make.animator(session, self.where, network=Network.FACE)
        session.commit()

    @property
    def by(self):
        return By.person(self.animator)


@pytest.fixture
def desk(session):
    return Desk(session)


def token_of(session):
    letters = session.query(Message).filter_by(kind=MessageKind.OFFER_TO_CONFIRM)
    return letters.order_by(Message.id.desc()).first().params["token"]


def test_nobody_opens_an_offer_that_its_host_did_not_confirm(session, desk):
    made = enter_offer(session, desk.by, ENTRY, now=NOW)
    assert made.offer.state is OfferState.SUBMITTED
    approve = (session, made.offer_id, desk.where.id)
    with pytest.raises(Refused, match="n’a pas encore confirmé"):
        approve_offer(*approve, by=desk.animator.account_id, now=NOW)
    session.rollback()
    with pytest.raises(Gone):
        confirm_by_link(session, made.id, "0" * 24, now=NOW)
    confirm_by_link(session, made.id, token_of(session), now=NOW)
    confirm_by_link(session, made.id, token_of(session), now=NOW + timedelta(days=1))
    assert made.confirmed_at == NOW
    assert approve_offer(*approve, by=desk.animator.account_id, now=NOW).state is OfferState.OPEN
    with pytest.raises(Refused, match="voient déjà"):
        disown_by_link(session, made.id, token_of(session), now=NOW)


def test_a_recorded_call_confirms_too(session, desk):
    made = enter_offer(session, desk.by, ENTRY, now=NOW)
    note = (session, made.offer_id, desk.where.id)
    by = desk.animator.account_id
    with pytest.raises(Refused, match="à venir"):
        record_call(*note, Call("M. Roy", date(2026, 9, 21)), by=by, now=NOW)
    with pytest.raises(Gone):
        record_call(session, made.offer_id, 0, Call("M. Roy", NOW.date()), by=by, now=NOW)
    record_call(*note, Call("M. Roy", NOW.date()), by=by, now=NOW)
    assert (made.confirmed_at, made.call_with) == (NOW, "M. Roy")


def test_a_host_may_say_that_the_offer_is_not_its_own(session, desk):
    made = enter_offer(session, desk.by, ENTRY, now=NOW)
    disown_by_link(session, made.id, token_of(session), now=NOW)
    assert made.offer.state is OfferState.WITHDRAWN


def test_the_same_host_is_not_made_twice_and_takes_its_offers_when_it_registers(session, desk):
    first = enter_offer(session, desk.by, ENTRY, now=NOW)
    second = enter_offer(
        session, desk.by, replace(ENTRY, activity=replace(ENTRY.activity, title="Atelier")), now=NOW
    )
    assert first.offer.site_id == second.offer.site_id
    host = register_host(session, ENTRY.host, address="127.0.0.1", now=NOW)
    link = session.query(Message).filter_by(kind=MessageKind.CONFIRM_ADDRESS).one().params["token"]
    accept_invitation(session, link, "une place pour chacun", now=NOW)
    session.expire_all()
    assert {offer.site.host_id for offer in session.query(Offer)} == {host.id}
    assert host.sites[0].siret == SIRET


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seats": {}}, "au moins une place"),
        ({"seats": {date(2026, 12, 21): 1}}, "pas de stage"),
        (
            {"host": replace(ENTRY.host, site=replace(ENTRY.host.site, siret=None))},
            "Indiquez le numéro SIRET",
        ),
        (
            {
                "host": replace(
                    ENTRY.host,
                    site=replace(ENTRY.host.site, postcode="75001", commune="Paris"),
                )
            },
            "n’est pas en Loire-Atlantique",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_and_nothing_stays(session, desk, change, said):
    with pytest.raises(Refused, match=said):
        enter_offer(session, desk.by, replace(ENTRY, **change), now=NOW)
    session.rollback()
    assert session.query(Host).count() == 0


def workbook(session, desk, *changes):
    """The model filled with one line per change."""
    book = load_workbook(io.BytesIO(template(session, desk.where.id)))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    example = [cell.value for cell in sheet[2]]
    for number, change in enumerate(changes, start=2):
        row = dict(zip(titles, example, strict=True)) | {"Courriel": "anne@example.org"} | change
        for column, title in enumerate(titles, start=1):
            sheet.cell(number, column, row[title])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_file_is_read_line_by_line_and_entered_once(session, desk):
    data = workbook(
        session,
        desk,
        {},
        {"Titre": "Autre atelier", "Secteur": "Chocolat", "SIRET": "123"},
        {"Titre": "Le bureau", "Type": "Service de l'Etat", "SIRET": None, "07/12/2026": "deux"},
        {"Titre": "=1+1"},
    )
    made = receive_file(session, desk.by, data, "offres.xlsx", now=NOW)
    good, words, seats, formula = lines_of(session, made)
    assert good.ready
    assert (good.seats, good.entry.practical.days) == (2, USUAL)
    assert {problem.split(" : ")[0] for problem in words.problems} == {"Secteur", "SIRET"}
    assert "un nombre de places" in seats.problems[0]
    assert "formule" in formula.problems[0]
    assert session.query(EnteredOffer).count() == 0
    assert confirm_import(session, desk.by, made.id, now=NOW).entered == 1
    confirm_import(session, desk.by, made.id, now=NOW)
    assert session.query(EnteredOffer).count() == 1
    again = receive_file(session, desk.by, data, "offres.xlsx", now=NOW)
    assert lines_of(session, again)[0].known
    other = make.animator(session, desk.where)
    with pytest.raises(Gone):
        confirm_import(session, By.person(other), made.id, now=NOW)


def test_a_file_tells_groups_and_the_seats_kept(session, desk):
    group = {"Groupe à partir de": 4, "07/12/2026": 6}
    kept = {"Places gardées pour REP+ et REP": 3, "Gardées jusqu’au": "15/10/2026"}
    data = workbook(
        session,
        desk,
        {**group, **kept},
        {**group, "Titre": "Trop peu", "07/12/2026": 3},
        {**kept, "Titre": "Trop gardées"},
        {"Titre": "Sans date", "Gardées jusqu’au": "la Toussaint", "Groupe à partir de": "six"},
        {"Titre": "T" * 121},
    )
    made = receive_file(session, desk.by, data, "offres.xlsx", now=NOW)
    good, few, much, words, long = lines_of(session, made)
    told = good.entry.activity
    assert (told.kind, told.min_group, told.reserved_seats) == (OfferKind.GROUP, 4, 3)
    assert told.reserve_until == date(2026, 10, 15)
    assert few.problems == ("Places : un groupe compte au moins 4 élèves.",)
    assert "2 au plus" in much.problems[0]
    assert ["nombre entier" in words.problems[0], "date" in words.problems[1]] == [True, True]
    assert long.problems == ("Titre : 120 signes au plus.",)
    confirm_import(session, desk.by, made.id, now=NOW)
    offer = session.query(EnteredOffer).one().offer
    assert (offer.min_group, offer.reserved_seats) == (4, 3)


def test_the_example_of_the_model_is_not_an_offer(session, desk):
    with pytest.raises(Refused, match="aucune offre"):
        receive_file(session, desk.by, template(session, desk.where.id), "modele.xlsx", now=NOW)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "vide"), (b"%PDF-1.7", "PDF"), (b"a;b\n1;2\n", "Aucune ligne de titres")],
)
def test_other_files_are_refused_in_words(session, desk, data, said):
    with pytest.raises(Refused, match=said):
        receive_file(session, desk.by, data, "x", now=NOW)


def test_a_key_is_known_counted_and_closed(session, desk):
    token = issue_key(session, desk.animator, "plateforme", Network.FACE, now=NOW)
    key = open_with(session, token, now=NOW)
    assert key.network is Network.FACE
    for _ in range(59):
        open_with(session, token, now=NOW)
    with pytest.raises(TooMany) as stopped:
        open_with(session, token, now=NOW)
    assert stopped.value.wait == 60
    open_with(session, token, now=NOW + timedelta(minutes=1))
    revoke_key(session, desk.animator, key.id, now=NOW)
    with pytest.raises(NoKey):
        open_with(session, token, now=NOW + timedelta(minutes=1))
    with pytest.raises(Refused, match="son propre réseau"):
        issue_key(session, desk.animator, "autre", Network.CITE, now=NOW)


def test_a_system_puts_the_same_offer_once_and_never_anothers(session, desk):
    cite = make.animator(session, desk.where, network=Network.CITE)
    mine, other = (
        open_with(session, issue_key(session, who, "clé", who.network, now=NOW), now=NOW)
        for who in (desk.animator, cite)
    )
    made, new = put_offer(session, mine, "A-1", ENTRY, body_sha256="1", now=NOW)
    assert new
    again, new = put_offer(session, mine, "A-1", ENTRY, body_sha256="1", now=NOW)
    assert (again.id, new) == (made.id, False)
    changed = replace(ENTRY, seats={FIRST: 3})
    put_offer(session, mine, "A-1", changed, body_sha256="2", now=NOW + timedelta(minutes=1))
    assert made.offer.seats == 3
    with pytest.raises(Taken):
        put_offer(session, other, "A-1", ENTRY, body_sha256="1", now=NOW)
    with pytest.raises(Gone):
        close_offer(session, other, "A-1", now=NOW)
    assert b"Menuiserie" not in offers_csv(session, desk.campaign)
    confirm_by_link(session, made.id, token_of(session), now=NOW)
    approve_offer(session, made.offer_id, desk.where.id, by=desk.animator.account_id, now=NOW)
    assert b"Menuiserie" in offers_csv(session, desk.campaign)
    words = replace(changed, activity=replace(ENTRY.activity, title="Autre chose"))
    with pytest.raises(Refused, match="seules ses places"):
        put_offer(session, mine, "A-1", words, body_sha256="3", now=NOW)
    session.rollback()
    put_offer(session, mine, "A-1", replace(ENTRY, seats={FIRST: 5}), body_sha256="4", now=NOW)
    assert (made.offer.seats, made.offer.state) == (5, OfferState.OPEN)
    klass = make.school_class(
        session, desk.campaign, make.school(session, desk.where), [made.offer.weeks[0].week]
    )
    lina = make.pupil(session, klass)
    make.wishes(session, lina, made.offer)
    session.commit()
    with pytest.raises(Refused, match="moins de places"):
        put_offer(session, mine, "A-1", ENTRY, body_sha256="5", now=NOW)
    session.rollback()
    assert made.offer.seats == 5
    with pytest.raises(Refused, match="demandez son retrait"):
        close_offer(session, mine, "A-1", now=NOW)
    session.rollback()
    session.query(Wish).delete()
    session.commit()
    close_offer(session, mine, "A-1", now=NOW)
    close_offer(session, mine, "A-1", now=NOW)
    assert made.offer.state is OfferState.WITHDRAWN


def test_a_host_that_has_an_account_gets_an_offer_by_phone_too(session, desk):
    host = make.host(session, desk.where, name="Menuiserie Le Goff")
    host.sites[0].siret = SIRET
    session.commit()
    session.expire_all()
    made = enter_offer(session, desk.by, ENTRY, now=NOW)
    assert made.offer.site.host_id == host.id
    token = issue_key(session, desk.animator, "clé", Network.FACE, now=NOW)
    key = open_with(session, token, now=NOW)
    for number in (1, 2):
        other = replace(ENTRY, activity=replace(ENTRY.activity, title=f"Atelier {number}"))
        _, new = put_offer(session, key, f"N-{number}", other, body_sha256="1", now=NOW)
        assert new
