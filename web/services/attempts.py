"""Failed sign-ins are counted, by what was aimed at and by address; too many, and one waits."""

from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy.orm import Session

from models import SignInAttempt, failures_from_address, failures_since
from web.services.access import digest
from web.services.errors import Refused

WINDOW = timedelta(minutes=15)
FAILURES_PER_TARGET = 5
FAILURES_PER_ADDRESS = 100  # a whole collège shares one address
LOCKED = "Trop d’essais. Il faut attendre 15 minutes."


class Locked(Refused):
    """Too many failures: nothing is even tried."""


def refuse_if_locked(session: Session, target: str, address: str, now: datetime) -> None:
    """Refuse to try at all after too many failures on one target, or from one address.

    Raises:
        Locked: one has to wait.
    """
    since = now - WINDOW
    of_target = session.scalar(failures_since(target, since)) or 0
    of_address = session.scalar(failures_from_address(_place(session, address), since)) or 0
    if of_target >= FAILURES_PER_TARGET or of_address >= FAILURES_PER_ADDRESS:
        raise Locked(LOCKED)


def fail(session: Session, target: str, address: str, now: datetime, refused: Refused) -> NoReturn:
    """Count the failure, then refuse: the count must outlive the refusal.

    Raises:
        Refused: the one given, always.
    """
    place = _place(session, address)
    session.add(SignInAttempt(target_digest=target, address_digest=place, at=now))
    session.commit()
    raise refused


def _place(session: Session, address: str) -> str:
    return digest(session, f"address:{address}")
