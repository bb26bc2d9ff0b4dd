"""The team of a school: heads invite colleagues and take them out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    TEAM,
    Account,
    Membership,
    Role,
    SchoolClass,
    TaughtClass,
    account_by_email,
    classes_of_school,
    colleague,
    school_by_id,
    taught_by,
    taught_in_school,
    team_of_school,
)
from web.services.accounts import invite
from web.services.errors import Refused
from web.services.journal import record
from web.services.seasons import current_campaign


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to let in; a main teacher comes with her classes."""

    email: str
    name: str
    role: Role
    class_ids: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team, and the classes she is limited to."""

    membership: Membership
    classes: Sequence[SchoolClass]

    @property
    def waiting(self) -> bool:
        """Whether the invitation has not been followed yet."""
        return self.membership.pending


def team_of(session: Session, school_id: int) -> list[Member]:
    """The people of a school and their classes of this campaign."""
    known = {one.id: one for one in _classes(session, school_id)}
    taught: dict[int, list[SchoolClass]] = {}
    for link in session.scalars(taught_in_school(school_id)):
        if link.school_class_id in known:
            taught.setdefault(link.membership_id, []).append(known[link.school_class_id])
    people = session.scalars(team_of_school(school_id)).all()
    return [Member(one, sorted(taught.get(one.id, []), key=lambda own: own.name)) for one in people]


def invite_colleague(
    session: Session, school_id: int, entry: Colleague, *, by: int, now: datetime
) -> Membership:
    """Write somebody a one-use link, which lets her in when she uses it.

    Raises:
        Refused: she is already of the team, or a class is not one of the school's.
    """
    if entry.role not in TEAM:
        raise Refused("Ce rôle ne se donne pas ici.", "role")
    _check_classes(session, school_id, entry)
    email = entry.email.strip().lower()
    if any(one.account.email == email for one in session.scalars(team_of_school(school_id))):
        raise Refused("Cette personne est déjà dans l’équipe.", "email")
    account = session.scalar(account_by_email(email))
    if account is None:
        account = Account(email=email, name=entry.name)
        session.add(account)
    membership = Membership(role=entry.role, school_id=school_id, pending=True)
    account.memberships.append(membership)
    session.flush()
    _teach(session, membership, entry)
    invite(session, account, now=now, membership=membership)
    record(session, "team.invited", f"school:{school_id}", by=by, now=now, account=account.id)
    session.commit()
    return membership


def invite_again(
    session: Session, school_id: int, membership_id: int, *, by: int, now: datetime
) -> Membership:
    """Send a new link to somebody who has not followed the first; the first dies.

    Raises:
        Refused: she is already in.
    """
    membership = session.scalars(colleague(membership_id, school_id)).one()
    if not membership.pending:
        raise Refused("Cette personne est déjà entrée : elle choisit « Mot de passe oublié ».")
    invite(session, membership.account, now=now, membership=membership)
    record(session, "team.invited_again", f"school:{school_id}", by=by, now=now, of=membership_id)
    session.commit()
    return membership


def change_classes(
    session: Session,
    school_id: int,
    membership_id: int,
    class_ids: Collection[int],
    *,
    by: int,
    now: datetime,
) -> Membership:
    """Set the classes that a main teacher sees.

    Raises:
        Refused: no class, or one that is not the school's.
    """
    membership = session.scalars(colleague(membership_id, school_id)).one()
    account = membership.account
    entry = Colleague(account.email or "", account.name, membership.role, class_ids)
    _check_classes(session, school_id, entry)
    _forget_classes(session, membership)
    session.flush()
    _teach(session, membership, entry)
    record(
        session, "team.classes", f"school:{school_id}", by=by, now=now, classes=sorted(class_ids)
    )
    session.commit()
    return membership


def remove_colleague(
    session: Session, school_id: int, membership_id: int, *, by: int, now: datetime
) -> None:
    """Take somebody out of the team; an account left without a role is closed.

    Raises:
        Refused: it is oneself: a school keeps somebody at its head.
    """
    membership = session.scalars(colleague(membership_id, school_id)).one()
    account = membership.account
    if account.id == by:
        raise Refused("Vous ne pouvez pas vous retirer : un autre membre de la direction le peut.")
    _forget_classes(session, membership)
    session.flush()
    account.memberships.remove(membership)
    session.delete(membership)
    if not account.memberships:
        account.email, account.password_hash = None, None
    record(session, "team.removed", f"school:{school_id}", by=by, now=now, account=account.id)
    session.commit()


def _classes(session: Session, school_id: int) -> list[SchoolClass]:
    school = session.scalars(school_by_id(school_id)).one()
    campaign = current_campaign(session, school.territory_id)
    return list(session.scalars(classes_of_school(school_id, campaign.id))) if campaign else []


def _check_classes(session: Session, school_id: int, entry: Colleague) -> None:
    if entry.role is not Role.TEACHER:
        return
    if not set(entry.class_ids) <= {one.id for one in _classes(session, school_id)}:
        raise Refused("Cette classe n’est pas de votre collège.", "classes")
    if not entry.class_ids:
        raise Refused("Choisissez au moins une classe pour ce professeur.", "classes")


def _teach(session: Session, membership: Membership, entry: Colleague) -> None:
    if entry.role is Role.TEACHER:
        session.add_all(
            TaughtClass(membership_id=membership.id, school_class_id=class_id)
            for class_id in sorted(set(entry.class_ids))
        )


def _forget_classes(session: Session, membership: Membership) -> None:
    for link in session.scalars(taught_by(membership.id)):
        session.delete(link)
