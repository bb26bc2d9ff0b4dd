"""Claims of timed jobs: two schedulers never do the same thing twice."""

from datetime import datetime

from sqlalchemy import Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped

from models.base import Base


class JobClaim(Base):
    """A job at its planned time, taken by one process."""

    __tablename__ = "job_claims"
    __table_args__ = (UniqueConstraint("job", "planned_at"),)

    job: Mapped[str]
    planned_at: Mapped[datetime]
    claimed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def job_claim(job: str, planned_at: datetime) -> Select[JobClaim]:
    """The claim of a job at its planned time, if a process took it."""
    return select(JobClaim).where(JobClaim.job == job, JobClaim.planned_at == planned_at)
