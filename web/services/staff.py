"""Accounts that an operator gives: animators, school heads, overseers, administrators."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Account,
    Membership,
    Network,
    Role,
    account_by_email,
    school_with_uai,
    territory_of,
)
from web.services.accounts import invite
from web.services.errors import Refused
from web.services.journal import record

GIVEN = (Role.ANIMATOR, Role.OVERSEER, Role.SCHOOL, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody to let in, as what, and where: a departement, or the UAI of a school."""

    email: str
    name: str
    role: Role
    departement: str = ""
    uai: str = ""
    network: Network | None = None


def create_account(session: Session, staff: Staff, *, now: datetime) -> str:
    """Give somebody a role and return the one-use token of the link that is mailed too.

    An account that exists gets the role beside those it has.

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
        raise Refused("Ce compte a déjà ce rôle.")
    account.memberships.append(membership)
    session.flush()
    token = invite(session, account, now=now)
    record(session, "account.given", f"account:{account.id}", by=None, now=now)
    session.commit()
    return token


def _membership(session: Session, staff: Staff) -> Membership:
    if staff.role is Role.SCHOOL:
        school = session.scalar(school_with_uai(staff.uai.strip().upper()))
        if school is None:
            raise Refused(f"Aucun collège ne porte le code UAI « {staff.uai} ».")
        return Membership(role=staff.role, school_id=school.id)
    if staff.role is Role.ADMIN:
        return Membership(role=staff.role)
    territory = session.scalar(territory_of(staff.departement))
    if territory is None:
        raise Refused(f"Le département « {staff.departement} » n’est pas ouvert.")
    return Membership(role=staff.role, territory_id=territory.id, network=staff.network)


def _same(one: Membership, other: Membership) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in ("role", "school_id", "territory_id")
    )
