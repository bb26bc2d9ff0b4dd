"""The dates of the demo's campaign: those of a real season."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from models import Campaign, Round, Territory, Week
from web.services.calendar import school_weeks

SEASON = 2026
FIRST_MONDAY, LAST_MONDAY = date(2026, 12, 7), date(2027, 2, 8)
START = datetime(2026, 9, 1, 6, tzinfo=UTC)
OFFERS_CLOSE = datetime(2026, 10, 2, 16, tzinfo=UTC)
WISHES_OPEN = datetime(2026, 10, 5, 6, tzinfo=UTC)
WISHES_CLOSE = datetime(2026, 10, 16, 16, tzinfo=UTC)
RUN = WISHES_CLOSE + timedelta(hours=2)
REVIEW_ENDS = datetime(2026, 11, 5, 17, tzinfo=UTC)
PUBLICATION = datetime(2026, 11, 6, 11, tzinfo=UTC)
ANSWERS_END = datetime(2026, 11, 16, 17, tzinfo=UTC)


def add_campaign(session: Session, territory: Territory) -> Campaign:
    """Add the campaign with its first round and its school weeks.

    The secret of the draw is fixed: the demo gives the same result each time.
    """
    campaign = Campaign(
        territory=territory,
        season=SEASON,
        offers_open_at=START,
        offers_close_at=OFFERS_CLOSE,
        first_monday=FIRST_MONDAY,
        last_monday=LAST_MONDAY,
    )
    campaign.rounds.append(
        Round(
            number=1,
            wishes_open_at=WISHES_OPEN,
            wishes_close_at=WISHES_CLOSE,
            run_at=RUN,
            review_until=REVIEW_ENDS,
            publish_at=PUBLICATION,
            answers_until=ANSWERS_END,
            secret=sha256(b"demonstration 2026").hexdigest(),
        )
    )
    session.add(campaign)
    session.flush()
    mondays = school_weeks(FIRST_MONDAY, LAST_MONDAY, territory.holiday_zone)
    session.add_all(Week(campaign_id=campaign.id, monday=monday) for monday in mondays)
    session.flush()
    return campaign
