"""Claims of timed jobs: one row per job and planned time, so that nothing is done twice."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import JobClaim, attempts_before, claims_before

KEEP = timedelta(days=30)


def take(session: Session, job: str, planned_at: datetime, *, now: datetime) -> bool:
    """Take a job inside the caller's transaction; False if it was already taken."""
    try:
        with session.begin_nested():
            session.add(JobClaim(job=job, planned_at=planned_at, claimed_at=now))
    except IntegrityError:
        return False
    return True


def claim(session: Session, job: str, planned_at: datetime, *, now: datetime) -> bool:
    """Take a job for this process alone; False if it was already taken."""
    taken = take(session, job, planned_at, now=now)
    session.commit()
    return taken


def tick(moment: datetime, every: timedelta) -> datetime:
    """The planned time that a moment belongs to: the same in every process."""
    late = int(moment.timestamp()) % int(every.total_seconds())
    return moment.replace(microsecond=0) - timedelta(seconds=late)


def purge(session: Session, *, now: datetime) -> None:
    """Forget the claims and the failed sign-ins of more than a month ago."""
    session.execute(claims_before(now - KEEP))
    session.execute(attempts_before(now - KEEP))
    session.commit()
