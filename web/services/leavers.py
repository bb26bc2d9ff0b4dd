"""A pupil who leaves her school: her row goes, or stays as a proof while her seat is freed."""

from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    PlacementState,
    memberships_of_guardian,
    memberships_of_pupils,
    placement_to_change,
    places_ever_held,
    pupil_file,
    runs_holding,
)
from web.services.journal import record
from web.services.place_news import HOST, tell_lost
from web.services.schools import close_accounts

REASON = "départ du collège"


def kept_as_proof(session: Session, pupil_id: int) -> bool:
    """Whether a run or a place holds this pupil: then her row must stay."""
    return bool(
        session.scalar(places_ever_held(pupil_id)) or session.scalar(runs_holding(pupil_id))
    )


def note_departure(
    session: Session, school_id: int, pupil_id: int, *, by: int, now: datetime
) -> None:
    """Note that a pupil left: her place, if any, goes back to the offers, her accounts close.

    Her row and wishes stay for the proof of the run that read them. Saying it twice is the same.
    """
    pupil = session.scalars(pupil_file(pupil_id, school_id)).one()
    if pupil.left_at is not None:
        return
    pupil.left_at, pupil.code_digest = now, None
    place = session.scalar(placement_to_change(pupil.id))
    if place is not None:
        place.state, place.reason, place.answered_at = PlacementState.WITHDRAWN, REASON, now
        tell_lost(session, place, [HOST], now=now)
    close_accounts(session, session.scalars(memberships_of_pupils([pupil.id])).all())
    for guardian in pupil.guardians:
        if all(child.left_at is not None for child in guardian.pupils):
            guardian.code_digest = None
            close_accounts(session, session.scalars(memberships_of_guardian(guardian.id)).all())
    record(session, "pupil.left", f"pupil:{pupil.id}", by=by, now=now, freed=place and place.id)
    session.commit()
