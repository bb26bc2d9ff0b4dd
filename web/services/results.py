"""The result of one pupil: nothing before publication, then the place, or what comes next."""

import enum
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Decision,
    FoundPlace,
    Origin,
    Placement,
    PlacementState,
    Pupil,
    Round,
    active_placement,
    campaign_by_id,
    decisions_of_pupil,
    last_placement,
)
from web.services.answers import answer_open
from web.services.errors import Gone
from web.services.found_places import LIVE, found_place
from web.services.reach import farthest_m
from web.services.reasons import Explanation, Voice, why

BY_HAND: dict[Voice, str] = {
    "tu": "Une personne de l’équipe d’animation t’a donné cette place.",
    "vous": "Une personne de l’équipe d’animation a donné cette place.",
}


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
    lost: Placement | None = None
    """The place that she had, when it was cancelled or given back."""
    decisions: tuple[Decision, ...] = ()
    """What people decided for this pupil in the place of the computation."""


def result_of(session: Session, pupil: Pupil, *, now: datetime, voice: Voice = "tu") -> Result:
    """Return the result of a pupil; before publication, only when it comes.

    A place stays hers through the rounds that follow; who has none waits for the next result
    from the moment that its wishes open.
    """
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    current = campaign.current_round
    out = [turn for turn in campaign.rounds if turn.published_at and turn.published_at <= now]
    if not out:
        return Result(Outcome.WAITING, current)
    published = out[-1]
    found = found_place(session, pupil.id)
    found = found if found and found.state in LIVE else None
    place = session.scalar(active_placement(pupil.id))
    if place is not None:
        return _placed(session, pupil, place, voice, now)
    story = _story(session, pupil, published.selected_run_id, voice)
    decided = tuple(session.scalars(decisions_of_pupil(published.id, pupil.id)))
    if found is not None and found.checked:
        return Result(Outcome.FOUND, published, explanation=story, found=found)
    if current.number > published.number:
        return Result(Outcome.WAITING, current, found=found)
    last = session.scalar(last_placement(pupil.id))
    told: dict[str, Any] = {"explanation": story, "found": found, "decisions": decided}
    if last is not None and last.state is PlacementState.DECLINED:
        return Result(Outcome.DECLINED, published, last, **told)
    outcome = Outcome.UNPLACED if pupil.wishes or last else Outcome.NO_WISH
    return Result(outcome, published, lost=last, **told)


def reasons_told(session: Session, pupil: Pupil, *, now: datetime) -> list[str]:
    """Why this place and not a better-ranked wish, in the sentences that the pupil reads."""
    result = result_of(session, pupil, now=now)
    story = result.explanation
    if story is None or result.outcome not in (Outcome.PLACED, Outcome.UNPLACED):
        return []
    ranked = result.place is not None and result.place.rank is not None
    better = [f"Vœu {w.rank}, {w.offer_title} : {w.sentence}" for w in story.told if not w.granted]
    return better if ranked else [story.summary, *better]


def _placed(
    session: Session, pupil: Pupil, place: Placement, voice: Voice, now: datetime
) -> Result:
    story = _story(session, pupil, place.run_id, voice)
    if story is not None and place.origin is Origin.HAND:
        story = replace(story, summary=BY_HAND[voice])
    return Result(
        Outcome.PLACED,
        place.round,
        place,
        farthest_m(pupil.school, place.offer_week.offer),
        story,
        answerable=answer_open(place.round, now),
        decisions=tuple(session.scalars(decisions_of_pupil(place.round_id, pupil.id))),
    )


def _story(session: Session, pupil: Pupil, run_id: int | None, voice: Voice) -> Explanation | None:
    """The reasons of the run; a pupil who was not in it, or found a place herself, has none."""
    if run_id is None:
        return None
    try:
        return why(session, run_id, pupil.id, voice=voice)
    except Gone:
        return None
