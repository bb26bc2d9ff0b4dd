"""The demo's own clock: moved from one date of the campaign to the next."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models import (
    CampaignState,
    DemoClock,
    Round,
    RoundState,
    animators_of,
    campaigns_in_state,
    demo_clock,
)
from web.services.campaigns import advance
from web.services.errors import Refused
from web.services.publication import publish

LIVING = (CampaignState.DRAFT, CampaignState.OFFERS_OPEN, CampaignState.RUNNING)


def set_clock(session: Session, moment: datetime, *, now: datetime) -> None:
    """Make the demo's clock, which shows `now`, show this moment from now on."""
    _move(session, moment, now)
    session.commit()


def play_next_step(session: Session, *, now: datetime) -> datetime:
    """Publish what waits for it, else go to the next date and let happen what is due; return it.

    Raises:
        Refused: the campaign is over.
    """
    if _published(session, now):
        return now
    moment = next_milestone(session, now)
    if moment is None:
        raise Refused("La campagne de démonstration est finie. Relancez « make demo ».")
    _move(session, moment, now)
    session.commit()
    advance(session, moment)
    return moment


def next_milestone(session: Session, now: datetime) -> datetime | None:
    """The first date of the living campaigns that is still to come."""
    dates: list[datetime] = []
    for campaign in session.scalars(campaigns_in_state(*LIVING)):
        first = datetime.combine(campaign.first_monday, datetime.min.time(), tzinfo=now.tzinfo)
        weeks = (campaign.last_monday - campaign.first_monday).days // 7 + 1
        dates += [campaign.offers_open_at, campaign.offers_close_at, first]
        dates.append(first + timedelta(weeks=weeks))
        for one in campaign.rounds:
            dates += _dates(one)
    return min((date for date in dates if date > now), default=None)


def _dates(one: Round) -> list[datetime]:
    return [
        one.wishes_open_at,
        one.wishes_close_at,
        one.run_at,
        one.review_until,
        one.publish_at,
        one.answers_until,
    ]


def _move(session: Session, moment: datetime, now: datetime) -> None:
    clock = session.scalar(demo_clock())
    if clock is None:
        clock = DemoClock(offset_seconds=0)
        session.add(clock)
    # One second more: rounding never leaves the clock just before the date.
    clock.offset_seconds += int((moment - now).total_seconds()) + 1


def _published(session: Session, moment: datetime) -> bool:
    """Publish as an animator would if the hour has come; say whether it was done.

    A visitor who only presses the button thus sees it all. The hour itself leaves the time to
    publish by hand; the next step does it in her place.
    """
    for campaign in session.scalars(campaigns_in_state(CampaignState.RUNNING)).all():
        one = campaign.current_round
        if one.state is RoundState.REVIEW and moment >= one.publish_at:
            animator = session.scalars(animators_of(campaign.territory_id)).first()
            if animator is not None:
                publish(session, one.id, by=animator.account_id, now=moment)
                return True
    return False
