"""The result of one pupil: nothing before publication, then the place, or what comes next."""

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import Placement, Pupil, Round, active_placement, campaign_by_id
from web.services.errors import Gone
from web.services.reach import distance_m
from web.services.reasons import Explanation, Voice, why


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
    explanation: Explanation | None = None


def result_of(session: Session, pupil: Pupil, *, now: datetime, voice: Voice = "tu") -> Result:
    """Return the result of a pupil; before publication, only when it comes."""
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    published = campaign.current_round
    if published.published_at is None or published.published_at > now:
        return Result(Outcome.WAITING, published)
    place = session.scalar(active_placement(pupil.id))
    story = _story(session, pupil, place.run_id if place else published.selected_run_id, voice)
    if place is not None:
        metres = distance_m(pupil.school, place.offer_week.offer.site)
        return Result(Outcome.PLACED, published, place, metres, story)
    outcome = Outcome.UNPLACED if pupil.wishes else Outcome.NO_WISH
    return Result(outcome, published, explanation=story)


def _story(session: Session, pupil: Pupil, run_id: int | None, voice: Voice) -> Explanation | None:
    """The reasons of the run; a pupil who was not in it, or found a place herself, has none."""
    if run_id is None:
        return None
    try:
        return why(session, run_id, pupil.id, voice=voice)
    except Gone:
        return None
