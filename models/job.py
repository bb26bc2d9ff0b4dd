"""Claims of timed jobs: two schedulers never do the same thing twice."""

from datetime import datetime

from sqlalchemy import Delete, UniqueConstraint, delete
from sqlalchemy.orm import Mapped

from models.base import Base


class JobClaim(Base):
    """A job at its planned time, taken by one process."""

    __tablename__ = "job_claims"
    __table_args__ = (UniqueConstraint("job", "planned_at"),)

    job: Mapped[str]
    planned_at: Mapped[datetime]
    claimed_at: Mapped[datetime]


def claims_before(moment: datetime) -> Delete:
    """Forget the claims of jobs planned before a moment."""
    return delete(JobClaim).where(JobClaim.planned_at < moment)
