"""A host's own page: what its agreements need, and its team."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Account,
    Host,
    HostKind,
    Membership,
    Ministry,
    MutedSite,
    Role,
    account_by_email,
    host_colleague,
    host_with_sites,
    muted_in_team,
    team_of_host,
)
from web.services.accounts import invite
from web.services.errors import Refused
from web.services.journal import record


@dataclass(frozen=True, slots=True)
class Details:
    """Who signs for a host and who insures it; the ministry is a State service's."""

    signatory: str = ""
    signatory_email: str = ""
    insurer: str = ""
    policy_number: str = ""
    ministry: Ministry | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the team, and the ids of the sites she is not written about."""

    membership: Membership
    muted: frozenset[int]


def save_details(
    session: Session, host_id: int, details: Details, *, by: int, now: datetime
) -> Host:
    """Keep what the agreements of a host need.

    Raises:
        Refused: a State service names no ministry.
    """
    host = session.scalars(host_with_sites(host_id)).one()
    if host.kind is HostKind.STATE and details.ministry is None:
        raise Refused("Choisissez le ministère dont dépend votre service.", "ministry")
    host.ministry = details.ministry if host.kind is HostKind.STATE else None
    host.signatory, host.signatory_email = details.signatory, details.signatory_email
    host.insurer, host.policy_number = details.insurer, details.policy_number
    record(session, "host.details", f"host:{host_id}", by=by, now=now)
    session.commit()
    return host


def team(session: Session, host_id: int) -> list[Colleague]:
    """The people of a host, invited ones included."""
    muted: dict[int, set[int]] = {}
    for one in session.scalars(muted_in_team(host_id)):
        muted.setdefault(one.membership_id, set()).add(one.site_id)
    people = session.scalars(team_of_host(host_id)).all()
    return [Colleague(one, frozenset(muted.get(one.id, ()))) for one in people]


def invite_to_host(
    session: Session, host_id: int, email: str, name: str, *, by: int, now: datetime
) -> Membership:
    """Write somebody a one-use link, which lets her in when she uses it.

    Raises:
        Refused: she is already of the team.
    """
    address = email.strip().lower()
    if any(one.account.email == address for one in session.scalars(team_of_host(host_id))):
        raise Refused("Cette personne est déjà dans l’équipe.", "email")
    account = session.scalar(account_by_email(address))
    if account is None:
        account = Account(email=address, name=name)
        session.add(account)
    membership = Membership(role=Role.HOST, host_id=host_id, pending=True)
    account.memberships.append(membership)
    session.flush()
    invite(session, account, now=now, membership=membership)
    record(session, "team.invited", f"host:{host_id}", by=by, now=now, account=account.id)
    session.commit()
    return membership


def invite_to_host_again(
    session: Session, host_id: int, membership_id: int, *, by: int, now: datetime
) -> Membership:
    """Send a new link to somebody who has not used the first, which dies.

    Raises:
        Refused: she is already in.
    """
    membership = session.scalars(host_colleague(membership_id, host_id)).one()
    if not membership.pending:
        raise Refused("Cette personne est déjà entrée : elle choisit « Mot de passe oublié ».")
    invite(session, membership.account, now=now, membership=membership)
    record(session, "team.invited_again", f"host:{host_id}", by=by, now=now, of=membership_id)
    session.commit()
    return membership


def remove_from_host(
    session: Session, host_id: int, membership_id: int, *, by: int, now: datetime
) -> None:
    """Take somebody out of the team; an account left without a role is closed.

    Raises:
        Refused: it is oneself, or nobody would be written about a site any more.
    """
    membership = session.scalars(host_colleague(membership_id, host_id)).one()
    account = membership.account
    if account.id == by:
        raise Refused("Vous ne pouvez pas vous retirer : une autre personne de l’équipe le peut.")
    if not membership.pending:
        _refuse_silence(session, host_id, membership, set())
    _forget_choice(session, host_id, membership)
    account.memberships.remove(membership)
    session.delete(membership)
    if not account.memberships:
        account.email, account.password_hash = None, None
    record(session, "team.removed", f"host:{host_id}", by=by, now=now, account=account.id)
    session.commit()


def choose_mail(
    session: Session,
    host_id: int,
    membership_id: int,
    site_ids: Collection[int],
    *,
    by: int,
    now: datetime,
) -> Membership:
    """Choose the sites about which one of the team is written.

    Raises:
        Refused: nobody would be written about a site any more.
    """
    membership = session.scalars(host_colleague(membership_id, host_id)).one()
    read = set() if membership.pending else set(site_ids)
    _refuse_silence(session, host_id, membership, read)
    _forget_choice(session, host_id, membership)
    host = session.scalars(host_with_sites(host_id)).one()
    session.add_all(
        MutedSite(membership_id=membership.id, site_id=site.id)
        for site in host.sites
        if site.id not in site_ids
    )
    record(session, "team.mail", f"host:{host_id}", by=by, now=now, of=membership_id)
    session.commit()
    return membership


def _forget_choice(session: Session, host_id: int, membership: Membership) -> None:
    for one in session.scalars(muted_in_team(host_id)):
        if one.membership_id == membership.id:
            session.delete(one)
    session.flush()


def _refuse_silence(session: Session, host_id: int, membership: Membership, read: set[int]) -> None:
    """Each site keeps somebody who reads its mail, this person reading that of `read`."""
    host = session.scalars(host_with_sites(host_id)).one()
    others = [
        one
        for one in team(session, host_id)
        if one.membership.id != membership.id and not one.membership.pending
    ]
    for site in host.sites:
        if site.id not in read and all(site.id in one.muted for one in others):
            raise Refused(f"Plus personne ne recevrait les messages de « {site.name} ».", "sites")
