"""The answer of a family: yes, or no with a reason; silence means yes, the week is compulsory."""

from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Labelled,
    Placement,
    PlacementState,
    Round,
    RoundState,
    last_placement,
    placement_to_change,
    pupil_of_school,
)
from web.format import moment
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.place_news import HOST, SCHOOL, tell_lost
from web.services.rounds import locked_round

ACCEPTED, DECLINED = "placement.accepted", "placement.declined"


class DeclineReason(Labelled):
    """Why a place is refused: categories only, no story to tell about health or family."""

    FOUND = "found", "Un autre stage est trouvé"
    TRIP = "trip", "Le trajet n’est pas possible"
    HOURS = "hours", "Les horaires ne sont pas possibles"
    ACTIVITY = "activity", "Cette activité ne convient pas"
    OTHER = "other", "Une autre raison, à dire au collège"


def answer_open(of_round: Round, now: datetime) -> bool:
    """Whether families may answer: from publication to the deadline, to the second."""
    return of_round.state is RoundState.PUBLISHED and now < of_round.answers_until


def accept_place(
    session: Session, pupil_id: int, placement_id: int, *, by: int, now: datetime
) -> Placement:
    """Say yes to the place shown; a second yes changes nothing.

    Raises:
        Gone: the pupil does not hold this place. Refused: the deadline has passed.
    """
    place = _answerable(session, pupil_id, placement_id, now)
    if place.state is PlacementState.OFFERED:
        place.state, place.answered_at = PlacementState.ACCEPTED, now
        record(session, ACCEPTED, f"pupil:{pupil_id}", by=by, now=now, placement=place.id)
    session.commit()
    return place


def decline_place(
    session: Session,
    pupil_id: int,
    placement_id: int,
    reason: DeclineReason,
    *,
    accepted: bool = False,
    by: int,
    now: datetime,
) -> Placement:
    """Say no to the place shown, which frees its seat for good; a second no changes nothing.

    `accepted` says that the screen showed the place as accepted already.

    Raises:
        Gone: the pupil does not hold this place.
        Refused: the deadline has passed, or the place was accepted from another screen meanwhile.
    """
    last = session.scalar(last_placement(pupil_id))
    if last and last.id == placement_id and last.state is PlacementState.DECLINED:
        session.commit()
        return last
    place = _answerable(session, pupil_id, placement_id, now)
    if place.state is PlacementState.ACCEPTED and not accepted:
        raise Refused(
            "Cette place vient d’être acceptée depuis un autre écran. Parlez-en entre vous avant "
            "de la refuser : le refus est définitif."
        )
    place.state, place.answered_at, place.reason = PlacementState.DECLINED, now, reason.value
    tell_lost(session, place, [SCHOOL, HOST], now=now)
    details = {"placement": place.id, "reason": reason.value}
    record(session, DECLINED, f"pupil:{pupil_id}", by=by, now=now, **details)
    session.commit()
    return place


def validate_decline(
    session: Session, pupil_id: int, school_id: int, *, by: int, now: datetime
) -> Placement:
    """The head finds the reason of a decline sound; doing it twice changes nothing.

    Raises:
        Gone: no such pupil in this school, or nothing was refused.
    """
    pupil = session.scalar(pupil_of_school(pupil_id, school_id))
    place = session.scalar(last_placement(pupil_id)) if pupil else None
    if place is None or place.state is not PlacementState.DECLINED:
        raise Gone("Cet élève n’a pas refusé de place.")
    if place.validated_at is None:
        place.validated_at = now
        subject = f"pupil:{pupil_id}"
        record(session, "placement.reason_validated", subject, by=by, now=now, placement=place.id)
    session.commit()
    return place


def reason_label(place: Placement) -> str:
    """The reason of a decline as people read it."""
    known = {reason.value: reason.label for reason in DeclineReason}
    return known.get(place.reason, place.reason)


def _answerable(session: Session, pupil_id: int, placement_id: int, now: datetime) -> Placement:
    """The place to answer, its round locked first: closing waits, or is seen."""
    shown = session.scalar(last_placement(pupil_id))
    if shown is None or shown.id != placement_id:
        raise Gone("Cette place n’est plus proposée.")
    of_round = locked_round(session, shown.round_id)
    place = session.scalar(placement_to_change(pupil_id))
    if place is None or place.id != placement_id:
        raise Gone("Cette place n’est plus proposée.")
    if not answer_open(of_round, now):
        raise Refused(
            f"Les réponses sont closes depuis le {moment(of_round.answers_until)}. "
            "Sans réponse, la place est acceptée. Un empêchement se dit au collège."
        )
    return place
