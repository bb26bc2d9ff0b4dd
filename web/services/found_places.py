"""Places found by families: said by the family or the school, checked by the school."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Campaign,
    FoundPlace,
    FoundState,
    Pupil,
    Round,
    RoundState,
    active_placement,
    campaign_by_id,
    found_place_of,
    found_places_of_school,
    pupil_for_wishes,
    pupil_of_school,
    pupils_out,
)
from web.format import moment
from web.services.errors import Gone, Refused
from web.services.journal import record

LIVE = (FoundState.DECLARED, FoundState.CHECKED)
OPEN = (RoundState.PLANNED, RoundState.WISHES_OPEN)


@dataclass(frozen=True, slots=True)
class Found:
    """A place as it is typed."""

    week_id: int
    host_name: str
    address: str
    postcode: str
    commune: str
    tutor_name: str
    tutor_contact: str


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A place found, and by whom."""

    place: FoundPlace
    pupil: Pupil


def found_place(session: Session, pupil_id: int) -> FoundPlace | None:
    """The last place that a pupil said she found, whatever became of it."""
    return session.scalar(found_place_of(pupil_id))


def declare_place(
    session: Session, pupil_id: int, found: Found, *, by: int | None, now: datetime
) -> FoundPlace:
    """Say that a pupil found a place; the same place said twice is kept once.

    Raises:
        Refused: she already has one, or the week is not one of her class.
    """
    pupil = _locked(session, pupil_id)
    known = found_place(session, pupil_id)
    if known and known.state in LIVE:
        if _same(known, found):
            session.commit()
            return known
        raise Refused("Un stage trouvé est déjà enregistré. Il faut d’abord l’abandonner.")
    if session.scalar(active_placement(pupil_id)):
        raise Refused(
            "Une place est déjà attribuée. Il faut d’abord la refuser, page « Résultat »."
        )
    if found.week_id not in {week.id for week in pupil.school_class.weeks}:
        raise Refused("Choisissez une semaine de stage de la classe.", "week_id")
    place = FoundPlace(
        pupil_id=pupil_id,
        campaign_id=pupil.campaign_id,
        week_id=found.week_id,
        host_name=found.host_name,
        address=found.address,
        postcode=found.postcode,
        commune=found.commune,
        tutor_name=found.tutor_name,
        tutor_contact=found.tutor_contact,
        state=FoundState.DECLARED,
        declared_by_id=by,
        declared_at=now,
    )
    session.add(place)
    session.flush()
    record(session, "found.declared", f"pupil:{pupil_id}", by=by, now=now, found=place.id)
    session.commit()
    return place


def give_up_place(session: Session, pupil_id: int, *, by: int, now: datetime) -> FoundPlace:
    """Give up a place, to rank wishes instead; a checked one only while the wishes are open.

    Raises:
        Gone: there is none. Refused: it is checked, and the wishes are closed.
    """
    pupil = _locked(session, pupil_id)
    place = found_place(session, pupil_id)
    if place is None or place.state not in LIVE:
        raise Gone("Aucun stage trouvé n’est enregistré.")
    turn = _campaign(session, pupil).current_round
    if place.checked and _wishes_are_over(turn, now):
        raise Refused(
            f"Les vœux sont clos depuis le {moment(turn.wishes_close_at)}. "
            "Un stage qui ne se fait plus se dit au collège."
        )
    _end(place, FoundState.GIVEN_UP, now)
    record(session, "found.given_up", f"pupil:{pupil_id}", by=by, now=now, found=place.id)
    session.commit()
    return place


def check_place(
    session: Session, pupil_id: int, school_id: int, *, by: int, now: datetime
) -> FoundPlace:
    """The school answers for a place found; doing it twice changes nothing.

    Raises:
        Gone: not one of its pupils, or no place waits. Refused: she holds a place by now.
    """
    place = _of_school(session, pupil_id, school_id)
    if place.state is FoundState.DECLARED:
        if session.scalar(active_placement(pupil_id)):
            raise Refused("Cet élève a reçu une place depuis : elle doit d’abord être refusée.")
        place.state, place.checked_at = FoundState.CHECKED, now
        record(session, "found.checked", f"pupil:{pupil_id}", by=by, now=now, found=place.id)
    session.commit()
    return place


def refuse_place(
    session: Session, pupil_id: int, school_id: int, reason: str, *, by: int, now: datetime
) -> FoundPlace:
    """The school does not keep a place, or a checked one is no more; the family reads why.

    Raises:
        Gone: not one of its pupils, or no place stands. Refused: no reason was given.
    """
    place = _of_school(session, pupil_id, school_id)
    if not reason.strip():
        raise Refused("Dites pourquoi : la famille le lira.", "reason")
    _end(place, FoundState.REFUSED, now)
    place.refusal = reason.strip()
    record(session, "found.refused", f"pupil:{pupil_id}", by=by, now=now, found=place.id)
    session.commit()
    return place


def places_found_in(session: Session, school_id: int, campaign_id: int) -> list[FoundRow]:
    """The places found by the pupils of a school, those to check first."""
    places = session.scalars(found_places_of_school(school_id, campaign_id)).all()
    return [FoundRow(place, session.get_one(Pupil, place.pupil_id)) for place in places]


def out_of_round(session: Session, held_round: Round) -> set[int]:
    """The pupils who need no place of a round: theirs was checked before the wishes closed.

    A place checked later changes nothing that was frozen; publication then gives no other.
    """
    closed = held_round.state not in OPEN
    at = held_round.wishes_close_at if closed else None
    return set(session.scalars(pupils_out(held_round.campaign_id, at)))


def can_give_up(place: FoundPlace, turn: Round, now: datetime) -> bool:
    """Whether a family may still give up this place by itself."""
    return place.state is FoundState.DECLARED or (place.checked and not _wishes_are_over(turn, now))


def _wishes_are_over(turn: Round, now: datetime) -> bool:
    return turn.state not in OPEN or now >= turn.wishes_close_at


def _end(place: FoundPlace, state: FoundState, now: datetime) -> None:
    place.state, place.ended_at = state, now


def _same(known: FoundPlace, found: Found) -> bool:
    return (known.week_id, known.host_name) == (found.week_id, found.host_name)


def _locked(session: Session, pupil_id: int) -> Pupil:
    whole = pupil_for_wishes(pupil_id).with_for_update(of=Pupil)
    pupil = session.scalar(whole.execution_options(populate_existing=True))
    if pupil is None:
        raise Gone("Cet élève n’existe pas.")
    return pupil


def _of_school(session: Session, pupil_id: int, school_id: int) -> FoundPlace:
    if session.scalar(pupil_of_school(pupil_id, school_id)) is None:
        raise Gone("Cet élève n’est pas de ce collège.")
    _locked(session, pupil_id)
    place = found_place(session, pupil_id)
    if place is None or place.state not in LIVE:
        raise Gone("Aucun stage trouvé n’attend.")
    return place


def _campaign(session: Session, pupil: Pupil) -> Campaign:
    return session.scalars(campaign_by_id(pupil.campaign_id)).one()
