"""The result of one pupil: nothing before publication, then the place, or what comes next."""

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    FoundPlace,
    Placement,
    PlacementState,
    Pupil,
    Round,
    active_placement,
    campaign_by_id,
    last_placement,
)
from web.services.answers import answer_open
from web.services.errors import Gone
from web.services.found_places import LIVE, found_place
from web.services.reach import distance_m
from web.services.reasons import Explanation, Voice, why


class Outcome(enum.Enum):
    """Which page a family reads."""

    WAITING = "waiting"
    PLACED = "placed"
    DECLINED = "declined"
    FOUND = "found"
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
    answerable: bool = False
    """Whether the family may answer now."""
    found: FoundPlace | None = None
    """The place that the family found, declared or checked."""


def result_of(session: Session, pupil: Pupil, *, now: datetime, voice: Voice = "tu") -> Result:
    """Return the result of a pupil; before publication, only when it comes."""
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    published = campaign.current_round
    if published.published_at is None or published.published_at > now:
        return Result(Outcome.WAITING, published)
    found = found_place(session, pupil.id)
    found = found if found and found.state in LIVE else None
    place = session.scalar(active_placement(pupil.id))
    story = _story(session, pupil, place.run_id if place else published.selected_run_id, voice)
    if place is not None:
        metres = distance_m(pupil.school, place.offer_week.offer.site)
        may = answer_open(place.round, now)
        return Result(Outcome.PLACED, published, place, metres, story, answerable=may)
    if found is not None and found.checked:
        return Result(Outcome.FOUND, published, explanation=story, found=found)
    last = session.scalar(last_placement(pupil.id))
    if last is not None and last.state is PlacementState.DECLINED:
        return Result(Outcome.DECLINED, published, last, explanation=story, found=found)
    outcome = Outcome.UNPLACED if pupil.wishes else Outcome.NO_WISH
    return Result(outcome, published, explanation=story, found=found)


def _story(session: Session, pupil: Pupil, run_id: int | None, voice: Voice) -> Explanation | None:
    """The reasons of the run; a pupil who was not in it, or found a place herself, has none."""
    if run_id is None:
        return None
    try:
        return why(session, run_id, pupil.id, voice=voice)
    except Gone:
        return None
