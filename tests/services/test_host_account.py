"""A host's own page: its agreements, its team, its ministry, its places without a SIRET."""

import pytest
from sqlalchemy.exc import NoResultFound

from models import (
    Account,
    HostKind,
    Message,
    MessageKind,
    Ministry,
    OfferState,
    host_letters,
    members_told,
)
from tests import factories as f
from tests.factories import WISHES_OPEN as NOW
from tests.services.seasons import Season
from web.services import hosts, offers
from web.services.accounts import accept_invitation
from web.services.errors import Refused
from web.services.host_account import (
    Details,
    choose_mail,
    invite_to_host,
    invite_to_host_again,
    remove_from_host,
    save_details,
    team,
)


@pytest.fixture
def season(session):
    return Season(session)


def invite(session, season, email="lea@example.org"):
    ids = season.host.id, email, "Léa Morin"
    return invite_to_host(session, *ids, by=season.team.account_id, now=NOW)


def joined(session, season):
    made = invite(session, season)
    link = session.query(Message).filter_by(recipient="lea@example.org").one().params["token"]
    accept_invitation(session, link, "un long mot de passe", now=NOW)
    return made


def choose(session, season, membership, sites):
    ids = season.host.id, membership.id, sites
    return choose_mail(session, *ids, by=season.team.account_id, now=NOW)


def remove(session, season, membership):
    ids = season.host.id, membership.id
    remove_from_host(session, *ids, by=season.team.account_id, now=NOW)


def told(session, site):
    return sorted(one.account.email for one in session.scalars(members_told(site.id)))


def test_a_colleague_is_let_in_by_her_own_link(season, session):
    made = invite(session, season)
    (site,) = season.host.sites
    assert told(session, site) == ["atelier@example.org"]
    with pytest.raises(Refused, match="déjà dans l’équipe"):
        invite(session, season, "LEA@example.org ")
    session.rollback()
    link = session.query(Message).one().params["token"]
    invite_to_host_again(session, season.host.id, made.id, by=season.team.account_id, now=NOW)
    again = session.query(Message).order_by(Message.id.desc()).first().params["token"]
    assert again != link
    accept_invitation(session, again, "un long mot de passe", now=NOW)
    assert told(session, site) == ["atelier@example.org", "lea@example.org"]
    with pytest.raises(Refused, match="déjà entrée"):
        invite_to_host_again(session, season.host.id, made.id, by=1, now=NOW)


def test_each_chooses_her_sites_and_each_site_keeps_a_reader(season, session):
    second = hosts.SiteEntry(None, "Chantier du port", "2 quai", "44400", "Rezé")
    hosts.add_site(session, season.host.id, second, by=season.team.account_id, now=NOW)
    lea = joined(session, season)
    first, other = season.host.sites
    choose(session, season, lea, [other.id])
    assert (told(session, first), told(session, other)) == (
        ["atelier@example.org"],
        ["atelier@example.org", "lea@example.org"],
    )
    letters = [email for email, _ in session.execute(host_letters(season.campaign.id))]
    assert letters == ["atelier@example.org"]
    with pytest.raises(Refused, match="Plus personne"):
        choose(session, season, season.team, [other.id])
    session.rollback()
    choose(session, season, season.team, [first.id])
    assert told(session, other) == ["lea@example.org"]
    with pytest.raises(Refused, match="Plus personne"):
        remove(session, season, lea)


def test_whoever_leaves_sees_nothing_more(season, session):
    lea = joined(session, season)
    with pytest.raises(Refused, match="vous retirer"):
        remove(session, season, season.team)
    session.rollback()
    remove(session, season, lea)
    assert [one.membership.id for one in team(session, season.host.id)] == [season.team.id]
    assert session.query(Account).filter_by(email="lea@example.org").count() == 0
    elsewhere = f.host(session, season.territory, "Ailleurs")
    with pytest.raises(NoResultFound):
        remove_from_host(session, elsewhere.id, season.team.id, by=1, now=NOW)


def test_a_team_reads_of_its_offer(season, session):
    season.wood.state = OfferState.SUBMITTED
    session.commit()
    offers.approve_offer(session, season.wood.id, season.territory.id, by=season.by, now=NOW)
    sent = session.query(Message).filter_by(kind=MessageKind.OFFER_APPROVED)
    assert [one.recipient for one in sent] == ["atelier@example.org"]


def test_what_agreements_need_is_given_once(season, session):
    def save(**details):
        by = season.team.account_id
        return save_details(session, season.host.id, Details(**details), by=by, now=NOW)

    host = save(signatory="Anne Le Goff, gérante", insurer="MAIF", ministry=Ministry.JUSTICE)
    assert (host.signatory, host.insurer, host.ministry) == ("Anne Le Goff, gérante", "MAIF", None)
    host.kind = HostKind.STATE
    session.commit()
    with pytest.raises(Refused, match="ministère"):
        save(insurer="L’État")
    session.rollback()
    assert save(ministry=Ministry.JUSTICE).ministry is Ministry.JUSTICE
