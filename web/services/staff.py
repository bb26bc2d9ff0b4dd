"""Accounts that an operator gives: animators, school heads, overseers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Account,
    Label,
    Membership,
    Network,
    Role,
    School,
    account_by_email,
    heads_in_territory,
    school_with_uai,
    schools_in_territory,
    staff_member,
    territory_of,
)
from web.services.accounts import invite
from web.services.errors import Gone, Refused
from web.services.journal import record

GIVEN = (Role.ANIMATOR, Role.OVERSEER, Role.SCHOOL)


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody to let in, as what, and where: a departement, or the UAI of a school."""

    email: str
    name: str
    role: Role
    departement: str = ""
    uai: str = ""
    network: Network | None = None


def create_account(session: Session, staff: Staff, *, now: datetime, by: int | None = None) -> str:
    """Give somebody a role and return the one-use token of the link that is mailed too.

    An account that exists gets the role beside those it has, once its owner has used the link.

    Raises:
        Refused: the role is not given this way, already held, or its place is not known.
    """
    if staff.role not in GIVEN:
        raise Refused(f"Le rôle « {staff.role.label} » ne se donne pas ainsi.")
    membership = _membership(session, staff)
    email = staff.email.strip().lower()
    account = session.scalar(account_by_email(email))
    if account is None:
        account = Account(email=email, name=staff.name)
        session.add(account)
    if any(_same(membership, held) for held in account.memberships):
        raise Refused("Ce compte a déjà ce rôle, ou l’invitation qui le propose.", "email")
    account.memberships.append(membership)
    session.flush()
    token = invite(session, account, now=now, membership=membership)
    record(session, "account.given", f"account:{account.id}", by=by, now=now)
    session.commit()
    return token


def withdraw_role(
    session: Session, territory_id: int, membership_id: int, *, by: int, now: datetime
) -> Account:
    """Take a role of a territory back, or the invitation to it: its link dies with it.

    An account left without a role is closed.

    Raises:
        NoResultFound: nobody such in this territory. Refused: it is oneself.
    """
    held = session.scalars(staff_member(membership_id, territory_id)).one()
    account = held.account
    if account.id == by and not held.pending:
        raise Refused("Vous ne pouvez pas vous retirer : une autre personne de l’équipe le peut.")
    account.memberships.remove(held)
    session.delete(held)
    if not account.memberships:
        account.email, account.password_hash = None, None
    record(session, "account.role_withdrawn", f"account:{account.id}", by=by, now=now)
    session.commit()
    return account


@dataclass(frozen=True, slots=True)
class SchoolTeam:
    """A school of a territory and the people who may sign in for it."""

    school: School
    label: Label
    team: list[Membership]


def school_teams(session: Session, territory_id: int, season: int) -> list[SchoolTeam]:
    """Every school of a territory with its label of a season and its team, by name."""
    teams: dict[int, list[Membership]] = {}
    for held in session.scalars(heads_in_territory(territory_id)):
        teams.setdefault(held.school_id or 0, []).append(held)
    return [
        SchoolTeam(school, school.label_in(season), teams.get(school.id, []))
        for school in session.scalars(schools_in_territory(territory_id))
    ]


def school_team(session: Session, territory_id: int, school_id: int, season: int) -> SchoolTeam:
    """One of them.

    Raises:
        Gone: no such school in this territory.
    """
    for one in school_teams(session, territory_id, season):
        if one.school.id == school_id:
            return one
    raise Gone("Ce collège n’existe pas.")


def invite_again(
    session: Session, territory_id: int, school_id: int, account_id: int, *, by: int, now: datetime
) -> Account:
    """Send a new link to somebody of a school who never used the first.

    Raises:
        Gone: nobody such in this school. Refused: this person has come in already.
    """
    found = session.scalars(heads_in_territory(territory_id)).all()
    held = next((m for m in found if (m.school_id, m.account_id) == (school_id, account_id)), None)
    if held is None:
        raise Gone("Cette personne n’est pas de ce collège.")
    if not held.pending:
        raise Refused("Cette personne a déjà accepté l’invitation.")
    account = held.account
    invite(session, account, now=now, membership=held)
    record(session, "account.invited_again", f"account:{account.id}", by=by, now=now)
    session.commit()
    return account


def _membership(session: Session, staff: Staff) -> Membership:
    if staff.role is Role.SCHOOL:
        school = session.scalar(school_with_uai(staff.uai.strip().upper()))
        if school is None:
            raise Refused(f"Aucun collège ne porte le code UAI « {staff.uai} ».")
        return Membership(role=staff.role, school_id=school.id, pending=True)
    territory = session.scalar(territory_of(staff.departement))
    if territory is None:
        raise Refused(f"Le département « {staff.departement} » n’est pas ouvert.")
    place = territory.id
    network = staff.network if staff.role is Role.ANIMATOR else None
    return Membership(role=staff.role, territory_id=place, network=network, pending=True)


def _same(one: Membership, other: Membership) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in ("role", "school_id", "territory_id")
    )
