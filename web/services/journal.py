"""The journal of what was done, written in the transaction that does it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import Event


def record(
    session: Session, kind: str, subject: str, *, by: int | None, now: datetime, **details: Any
) -> None:
    """Add a line to the journal: `kind` "offer.approved", `subject` "offer:12"; ids, no names."""
    session.add(Event(kind=kind, subject=subject, actor_id=by, at=now, details=details))
