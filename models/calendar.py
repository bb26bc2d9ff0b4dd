"""The weeks of a campaign, and the demo's own clock."""

from datetime import date, timedelta

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base


class Week(Base):
    """A week in which pupils may be welcomed: its Monday, and the days present (1 = Monday)."""

    __tablename__ = "weeks"
    __table_args__ = (UniqueConstraint("campaign_id", "monday"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    monday: Mapped[date]
    days: Mapped[str] = mapped_column(default="12345")

    @property
    def friday(self) -> date:
        return self.monday + timedelta(days=4)


class DemoClock(Base):
    """How far the demo's clock is from the real one; one row, in demos only."""

    __tablename__ = "demo_clock"

    offset_seconds: Mapped[int]


def weeks_of(campaign_id: int) -> Select[Week]:
    """The weeks of a campaign, in order."""
    return select(Week).where(Week.campaign_id == campaign_id).order_by(Week.monday)


def demo_offset(session: Session) -> timedelta:
    """How much to add to the real time to get the demo's."""
    return timedelta(seconds=session.scalar(select(DemoClock.offset_seconds)) or 0)


def demo_clock() -> Select[DemoClock]:
    """The only row of the demo's clock."""
    return select(DemoClock)
