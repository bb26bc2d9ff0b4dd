"""The result of one pupil: nothing before publication, then the place, or what comes next."""

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import Placement, Pupil, Round, active_placement, campaign_by_id
from web.services.reach import distance_m


class Outcome(enum.Enum):
    """Which page a family reads."""

    WAITING = "waiting"
    PLACED = "placed"
    UNPLACED = "unplaced"
    NO_WISH = "no_wish"


@dataclass(frozen=True, slots=True)
class Result:
    """What a family may read now about its result."""

    outcome: Outcome
    round: Round
    place: Placement | None = None
    metres: int = 0


def result_of(session: Session, pupil: Pupil, *, now: datetime) -> Result:
    """Return the result of a pupil; before publication, only when it comes."""
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    published = campaign.current_round
    if published.published_at is None or published.published_at > now:
        return Result(Outcome.WAITING, published)
    place = session.scalar(active_placement(pupil.id))
    if place is not None:
        site = place.offer_week.offer.site
        return Result(Outcome.PLACED, published, place, distance_m(pupil.school, site))
    return Result(Outcome.UNPLACED if pupil.wishes else Outcome.NO_WISH, published)
