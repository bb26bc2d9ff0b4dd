"""The only place that reads the time."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from models import demo_offset


def now(session: Session) -> datetime:
    """Return the present moment, aware, in UTC; in a demo, the demo's own moment."""
    moment = real_time()
    return moment + demo_offset(session) if session.info.get("demo") else moment


def real_time() -> datetime:
    """The present moment of the world, even in a demo: how long a visitor has been away."""
    return datetime.now(UTC)  # noqa: TID251
