"""The journal as those who answer for a territory read it: what its staff saw and did."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Delete, Select, delete, func, or_, select

from models.account import Account, Membership, Role
from models.event import Event
from models.host import Host
from models.pupil import Pupil
from models.school import School

STAFF = (Role.ANIMATOR, Role.OVERSEER, Role.ADMIN, Role.SCHOOL, Role.TEACHER, Role.HOST)
"""Families read and write their own lists: that is not in this journal."""


def _staff_of(territory_id: int) -> Select[int]:
    return (
        select(Membership.account_id)
        .outerjoin(School, Membership.school_id == School.id)
        .outerjoin(Host, Membership.host_id == Host.id)
        .where(
            Membership.role.in_(STAFF),
            or_(
                Membership.territory_id == territory_id,
                School.territory_id == territory_id,
                Host.territory_id == territory_id,
            ),
        )
    )


def _fitting(
    territory_id: int,
    actor_id: int | None,
    family: str,
    since: datetime | None,
    until: datetime | None,
) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = [Event.actor_id.in_(_staff_of(territory_id))]
    if actor_id is not None:
        tests.append(Event.actor_id == actor_id)
    if family:
        tests.append(Event.kind.startswith(f"{family}.", autoescape=True))
    if since is not None:
        tests.append(Event.at >= since)
    if until is not None:
        tests.append(Event.at < until)
    return tests


def journal_lines(
    territory_id: int,
    *,
    actor_id: int | None = None,
    family: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[Event, str]:
    """(event, name of who acted) of the staff of a territory, latest first."""
    return (
        select(Event, Account.name)
        .join(Account, Event.actor_id == Account.id)
        .where(*_fitting(territory_id, actor_id, family, since, until))
        .order_by(Event.at.desc(), Event.id.desc())
    )


def count_journal(
    territory_id: int,
    *,
    actor_id: int | None = None,
    family: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[int]:
    """How many lines that is."""
    tests = _fitting(territory_id, actor_id, family, since, until)
    return select(func.count()).select_from(Event).where(*tests)


def journal_actors(territory_id: int) -> Select[int, str]:
    """(account, name) of the staff of a territory that did something, by name."""
    return (
        select(Account.id, Account.name)
        .where(
            Account.id.in_(_staff_of(territory_id)),
            Account.id.in_(select(Event.actor_id).where(Event.actor_id.is_not(None))),
        )
        .order_by(Account.name, Account.id)
    )


def names_of_pupils(pupil_ids: Collection[int], territory_id: int) -> Select[int, str, str]:
    """(pupil, first name, last name) of those of a territory."""
    return (
        select(Pupil.id, Pupil.first_name, Pupil.last_name)
        .join(School, Pupil.school_id == School.id)
        .where(Pupil.id.in_(pupil_ids), School.territory_id == territory_id)
    )


def seen_since(subject: str, kind: str, actor_id: int, since: datetime) -> Select[int]:
    """Whether somebody saw a thing since then: how many times it was noted."""
    return (
        select(func.count())
        .select_from(Event)
        .where(
            Event.subject == subject,
            Event.kind == kind,
            Event.actor_id == actor_id,
            Event.at >= since,
        )
    )


def events_to_forget(before: datetime, kept: Collection[str]) -> Delete:
    """The lines older than the journal keeps, but for a few kinds that the service relies on."""
    return delete(Event).where(Event.at < before, Event.kind.not_in(kept))
