"""How a host registers and what it learns of the schools nearby."""

import dataclasses

import pytest

from models import Account, Host, HostKind, Label, Membership, Message, Ministry, Role, Site
from tests import factories as make
from tests.factories import WISHES_TIME as NOW
from web.services.accounts import accept_invitation, accept_role, request_link
from web.services.errors import Gone, Refused
from web.services.hosts import PER_HOUR, HostEntry, SiteEntry, add_site, register_host
from web.services.needs import greatest_need, needs_near

SIRET = "73282932000074"
SITE = SiteEntry(SIRET, "Menuiserie Le Goff", "3 rue du Port", "44400", "Reze")
ENTRY = HostEntry("Menuiserie Le Goff", HostKind.COMPANY, SITE, "Anne", "Anne@Example.org")
PASSWORD = "quatre mots bien choisis"


@pytest.fixture
def where(session):
    made = make.territory(session)
    session.commit()
    return made


def register(session, entry=ENTRY, address="192.0.2.1"):
    return register_host(session, entry, address=address, now=NOW)


def at(**changes):
    return dataclasses.replace(ENTRY, site=dataclasses.replace(SITE, **changes))


def test_a_host_is_found_on_the_map_and_waits_for_its_mail(where, session):
    host = register(session)
    site = host.sites[0]
    assert (site.commune, site.insee_code, host.territory) == ("Rezé", "44143", where)
    message = session.query(Message).one()
    assert (message.recipient, message.kind.value) == ("anne@example.org", "confirm_address")
    account = session.query(Account).one()
    assert account.confirmed_at is None
    accept_invitation(session, message.params["token"], PASSWORD, now=NOW)
    assert account.confirmed_at == NOW


def test_a_known_address_gets_a_mail_like_any_other(where, session):
    known = make.member(session, Role.SCHOOL, email="anne@example.org")
    session.commit()
    register(session)
    assert session.query(Message).count() == 1
    assert session.query(Account).count() == 1
    assert known.account.roles == [known]


def test_a_stranger_gives_nothing_to_an_account_until_its_owner_accepts(where, session):
    known = make.member(session, Role.SCHOOL, email="anne@example.org", password_hash="chosen")
    session.commit()
    register(session)
    request_link(session, "anne@example.org", now=NOW)
    offered, forgotten = (m.params["token"] for m in session.query(Message).order_by(Message.id))
    accept_invitation(session, forgotten, PASSWORD, now=NOW)
    assert known.account.roles == [known]
    assert session.query(Site).one().siret is None
    accept_role(session, offered, now=NOW)
    assert [one.role for one in known.account.roles] == [Role.SCHOOL, Role.HOST]
    assert session.query(Site).one().siret == SIRET


def test_a_first_link_lost_is_asked_again_with_what_it_accepts(where, session):
    register(session)
    request_link(session, "anne@example.org", now=NOW)
    first, second = (m.params["token"] for m in session.query(Message).order_by(Message.id))
    with pytest.raises(Gone):
        accept_invitation(session, first, PASSWORD, now=NOW)
    account = accept_invitation(session, second, PASSWORD, now=NOW)
    assert [one.role for one in account.roles] == [Role.HOST]


def test_a_confirmed_site_is_not_registered_twice(where, session):
    register(session)
    token = session.query(Message).one().params["token"]
    accept_invitation(session, token, PASSWORD, now=NOW)
    other = dataclasses.replace(ENTRY, contact_email="bruno@example.org")
    with pytest.raises(Refused, match="déjà inscrit") as refused:
        register(session, other)
    assert refused.value.field == "siret"
    assert "anne" not in str(refused.value).lower()


def test_registering_again_changes_what_waits(where, session):
    register(session)
    register(session, dataclasses.replace(ENTRY, name="Menuiserie Le Goff et fils"))
    assert session.query(Host).one().name == "Menuiserie Le Goff et fils"
    assert session.query(Site).count() == session.query(Membership).count() == 1
    first, second = (m.params["token"] for m in session.query(Message).order_by(Message.id))
    with pytest.raises(Gone):
        accept_invitation(session, first, PASSWORD, now=NOW)
    assert accept_invitation(session, second, PASSWORD, now=NOW).roles


def test_the_first_link_used_takes_the_siret(where, session):
    register(session)
    register(session, dataclasses.replace(ENTRY, contact_email="anne.legoff@example.org"))
    first, second = (m.params["token"] for m in session.query(Message).order_by(Message.id))
    accept_invitation(session, second, PASSWORD, now=NOW)
    with pytest.raises(Refused, match="déjà inscrit"):
        accept_invitation(session, first, PASSWORD, now=NOW)
    session.rollback()
    late = session.query(Account).filter_by(email="anne@example.org").one()
    assert (late.password_hash, late.roles) == (None, [])


def test_only_a_state_service_may_have_no_siret(where, session):
    with pytest.raises(Refused, match="SIRET"):
        register(session, at(siret=None))
    session.rollback()
    state = dataclasses.replace(at(siret=None), kind=HostKind.STATE, ministry=Ministry.INTERIOR)
    assert register(session, state).sites[0].siret is None


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"postcode": "99999"}, "postcode", "n’existe pas"),
        ({"commune": "Rennes"}, "commune", "Rezé"),
        ({"postcode": "35000", "commune": "Rennes"}, "postcode", "département"),
    ],
)
def test_a_place_that_is_not_ours_is_refused_at_its_field(where, session, changes, field, words):
    with pytest.raises(Refused, match=words) as refused:
        register(session, at(**changes))
    assert refused.value.field == field


def test_one_network_cannot_register_without_end(where, session):
    state = dataclasses.replace(at(siret=None), kind=HostKind.STATE, ministry=Ministry.INTERIOR)
    for n in range(PER_HOUR):
        register(session, dataclasses.replace(state, contact_email=f"a{n}@example.org"))
    with pytest.raises(Refused, match="dans une heure"):
        register(session, state)


def test_a_host_adds_a_site(where, session):
    host = register(session)
    entry = dataclasses.replace(SITE, siret="35600000000048", name="Atelier 2")
    add_site(session, host.id, entry, by=session.query(Account).one().id, now=NOW)
    assert [site.name for site in host.sites] == ["Menuiserie Le Goff", "Atelier 2"]


def test_a_place_without_siret_sent_twice_is_one(where, session):
    host, by = register(session), session.query(Account).one().id
    host.sites[0].siret = SITE.siret
    yard = dataclasses.replace(SITE, siret=None, name="Chantier du quai", address="1 quai Haut")
    first = add_site(session, host.id, yard, by=by, now=NOW)
    again = dataclasses.replace(yard, address="1 Quai haut")
    assert add_site(session, host.id, again, by=by, now=NOW).id == first.id
    other = dataclasses.replace(yard, name="Salle du quai")
    assert add_site(session, host.id, other, by=by, now=NOW).id != first.id


@pytest.fixture
def season(session, where):
    made = make.campaign(session, where)
    session.commit()
    return made


def seekers(session, season, school, week, count):
    klass = make.school_class(session, season, school, [week])
    for n in range(count):
        make.pupil(session, klass, f"Élève{n}")


def test_a_host_sees_what_lacks_near_it_each_week(where, season, session):
    weeks = make.weeks_of(session, season)
    near = make.school(session, where, Label.REP_PLUS)
    far = make.school(session, where, name="Collège de Châteaubriant", at=(47.72, -1.38))
    seekers(session, season, near, weeks[0], 30)
    seekers(session, season, far, weeks[0], 9)
    host = make.host(session, where)
    make.offer(session, season, host, {weeks[0]: 4})
    session.commit()
    needs = needs_near(session, season, host.sites[0])
    first = needs[0]
    assert (first.seekers, first.offered, first.missing, first.strong) == (30, 4, 26, True)
    assert [(n.school.id, n.label, n.seekers) for n in first.schools] == [
        (near.id, Label.REP_PLUS, 30)
    ]
    assert greatest_need(needs) is first


def test_few_pupils_are_not_counted_aloud(where, season, session):
    week = make.weeks_of(session, season)[0]
    seekers(session, season, make.school(session, where), week, 4)
    host = make.host(session, where)
    session.commit()
    need = needs_near(session, season, host.sites[0])[0]
    assert (need.shown_seekers, need.missing, need.schools) == (None, 0, [])
    assert greatest_need([need]) is None


def test_holidays_are_in_the_calendar_with_their_name(where, season, session):
    host = make.host(session, where)
    closed = [need.closed for need in needs_near(session, season, host.sites[0]) if not need.week]
    assert "Vacances de Noël" in closed
