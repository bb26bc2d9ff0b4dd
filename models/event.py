"""The journal: who did what, when. Ids only, no name."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Event(Base):
    """One fact worth keeping: `kind` in dotted English, `subject` such as "offer:12"."""

    __tablename__ = "events"

    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


def last_event(subject: str, *kinds: str) -> Select[Event]:
    """The latest fact of these kinds about one thing."""
    return (
        select(Event)
        .where(Event.subject == subject, Event.kind.in_(kinds))
        .order_by(Event.id.desc())
        .limit(1)
    )


def events_about(subject: str) -> Select[Event]:
    """What happened to one thing, oldest first."""
    return select(Event).where(Event.subject == subject).order_by(Event.id)
