"""Wishes that a school enters for a pupil without a device: the same acts, recorded as such."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import Account, Pupil, last_event, pupil_file
from web.services.journal import record
from web.services.wishes import (
    ON_BEHALF,
    Screen,
    add_wish,
    confirm_wishes,
    move_wish,
    remove_wish,
)


@dataclass(frozen=True, slots=True)
class Hand:
    """The person of a school who writes for a pupil, limited to her own classes if any."""

    school_id: int
    account_id: int
    class_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """The last time that the school wrote in the list of a pupil."""

    by: str
    at: datetime


def last_entered(session: Session, pupil_id: int) -> Entered | None:
    """Who of the school last wrote in this list, and when, if anybody ever did."""
    event = session.scalar(last_event(f"pupil:{pupil_id}", ON_BEHALF))
    if event is None or event.actor_id is None:
        return None
    account = session.get(Account, event.actor_id)
    return Entered(account.name, event.at) if account else None


def add_for(session: Session, hand: Hand, pupil_id: int, offer_id: int, *, now: datetime) -> Pupil:
    """Add an offer at the end of the list. Raises as `add_wish`."""
    _sign(session, hand, pupil_id, "add", now)
    return add_wish(session, pupil_id, offer_id, by=hand.account_id, now=now)


def move_for(
    session: Session,
    hand: Hand,
    pupil_id: int,
    offer_id: int,
    rank: int,
    *,
    screen: Screen,
    now: datetime,
) -> Pupil:
    """Move a wish to a rank. Raises as `move_wish`."""
    _sign(session, hand, pupil_id, "move", now)
    return move_wish(session, pupil_id, offer_id, rank, screen=screen, by=hand.account_id, now=now)


def remove_for(
    session: Session, hand: Hand, pupil_id: int, offer_id: int, *, screen: Screen, now: datetime
) -> Pupil:
    """Take an offer off the list. Raises as `remove_wish`."""
    _sign(session, hand, pupil_id, "remove", now)
    return remove_wish(session, pupil_id, offer_id, screen=screen, by=hand.account_id, now=now)


def confirm_for(
    session: Session, hand: Hand, pupil_id: int, *, version: int, now: datetime
) -> Pupil:
    """Confirm the list; the guardians get its receipt. Raises as `confirm_wishes`."""
    _sign(session, hand, pupil_id, "confirm", now)
    return confirm_wishes(session, pupil_id, version=version, by=hand.account_id, now=now)


def _sign(session: Session, hand: Hand, pupil_id: int, act: str, now: datetime) -> None:
    """Check that the pupil is of the school and say who holds the pen: saved with the act."""
    pupil = session.scalars(pupil_file(pupil_id, hand.school_id, hand.class_ids)).one()
    record(session, ON_BEHALF, f"pupil:{pupil.id}", by=hand.account_id, now=now, act=act)
