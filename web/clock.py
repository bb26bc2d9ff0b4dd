"""The only place that reads the time."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from models import demo_offset


def now(session: Session) -> datetime:
    """Return the present moment, aware, in UTC; in a demo, the demo's own moment."""
    moment = datetime.now(UTC)  # noqa: TID251
    return moment + demo_offset(session) if session.info.get("demo") else moment
