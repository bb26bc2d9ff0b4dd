"""What a school asks, before publication, about the places proposed to its pupils."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Assignment,
    Objection,
    ObjectionKind,
    ObjectionState,
    OfferWeek,
    Pupil,
    Round,
    RoundState,
    active_placement,
    assignment_of_pupil,
    campaign_by_id,
    objection_of_school,
    objections_of_school,
    pupil_of_school,
    standing_objection,
)
from web.format import moment
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.rounds import locked_round


@dataclass(frozen=True, slots=True)
class Request:
    """What a head asks: another place than this one, or apart from this other pupil."""

    kind: ObjectionKind
    offer_week_id: int | None = None
    other_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a head has asked in a round, and whether she still may."""

    turn: Round
    open: bool
    objections: list[Objection]

    def about(self, one: Assignment) -> list[Objection]:
        """What was asked about a pupil and the place proposed to her now."""
        return [
            asked
            for asked in self.objections
            if one.pupil_id in (asked.pupil_id, asked.other_pupil_id)
            and asked.offer_week_id in (None, one.offer_week_id)
        ]

    def objected(self, one: Assignment) -> bool:
        """Whether another place was already asked for instead of this one."""
        return any(asked.offer_week_id is not None for asked in self.about(one))


def reading(session: Session, turn: Round, school_id: int, *, now: datetime) -> Reading:
    """What a school has asked in a round."""
    found = session.scalars(objections_of_school(turn.id, school_id)).all()
    return Reading(turn, _is_open(turn, now), list(found))


def companions(rows: Iterable[Assignment], one: Assignment) -> list[Pupil]:
    """The pupils of these proposals who would be at the same site in the same week."""
    here = one.offer_week
    return [
        row.pupil
        for row in rows
        if row is not one and here is not None and spot(row.offer_week) == spot(here)
    ]


def spot(place: OfferWeek | None) -> tuple[int, int] | None:
    """Where and when: two offers of one site in one week are the same place."""
    return (place.offer.site_id, place.week_id) if place else None


def ask(
    session: Session, school_id: int, pupil_id: int, request: Request, *, by: int, now: datetime
) -> Objection:
    """Ask for another place, or that two pupils be apart. Asking twice asks once.

    Raises:
        Gone: a pupil is not of this school.
        Refused: the delay is over, the proposal has changed, or the place is already objected to.
    """
    pupil = _own_pupil(session, school_id, pupil_id)
    turn = _open_review(session, pupil, now)
    if request.kind is ObjectionKind.APART:
        made, known = _apart(session, school_id, turn, pupil, request)
    else:
        made, known = _another_place(session, turn, pupil, request)
    if known is not None:
        if known.kind is not made.kind:
            raise Refused("Une demande existe déjà pour cette place : retirez-la d’abord.", "kind")
        session.commit()
        return known
    made.round_id, made.kind, made.asked_by_id, made.asked_at = turn.id, request.kind, by, now
    session.add(made)
    session.flush()
    record(session, "objection.asked", f"objection:{made.id}", by=by, now=now)
    session.commit()
    return made


def withdraw(
    session: Session, school_id: int, objection_id: int, *, by: int, now: datetime
) -> Objection:
    """Take back a request that nobody has answered yet.

    Raises:
        Gone: it is not of this school. Refused: the delay is over, or it has its answer.
    """
    one = session.scalar(objection_of_school(objection_id, school_id))
    if one is None:
        raise Gone("Cette demande n’existe pas.")
    _open_review(session, one.pupil, now)
    session.refresh(one)
    if one.state is ObjectionState.WITHDRAWN:
        session.commit()
        return one
    if one.state is not ObjectionState.ASKED:
        raise Refused("L’animation a déjà répondu à cette demande.")
    one.state = ObjectionState.WITHDRAWN
    record(session, "objection.withdrawn", f"objection:{one.id}", by=by, now=now)
    session.commit()
    return one


def _is_open(turn: Round, now: datetime) -> bool:
    in_review = turn.state is RoundState.REVIEW and turn.selected_run_id is not None
    return in_review and now < turn.review_until


def _own_pupil(session: Session, school_id: int, pupil_id: int) -> Pupil:
    pupil = session.scalar(pupil_of_school(pupil_id, school_id))
    if pupil is None:
        raise Gone("Cet élève n’existe pas.")
    return pupil


def _open_review(session: Session, pupil: Pupil, now: datetime) -> Round:
    """The round under way, locked, while schools may speak."""
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    turn = locked_round(session, campaign.current_round.id)
    if turn.state is not RoundState.REVIEW or turn.selected_run_id is None:
        raise Refused("Il n’y a pas de proposition à relire en ce moment.")
    if now >= turn.review_until:
        raise Refused(f"Le délai de relecture a pris fin le {moment(turn.review_until)}.")
    return turn


def _another_place(
    session: Session, turn: Round, pupil: Pupil, request: Request
) -> tuple[Objection, Objection | None]:
    given = session.scalar(assignment_of_pupil(turn.selected_run_id or 0, pupil.id))
    if session.scalar(active_placement(pupil.id)):
        raise Refused("La place de cet élève est déjà publiée : elle reste.", "kind")
    if given is None or given.offer_week_id is None:
        raise Refused("Aucune place n’est proposée à cet élève : il n’y a rien à écarter.", "kind")
    if given.offer_week_id != request.offer_week_id:
        raise Refused("La proposition a changé depuis l’ouverture de cette page : relisez-la.")
    asked = standing_objection(turn.id, pupil.id, offer_week_id=given.offer_week_id)
    made = Objection(pupil_id=pupil.id, offer_week_id=given.offer_week_id, kind=request.kind)
    return made, session.scalar(asked)


def _apart(
    session: Session, school_id: int, turn: Round, pupil: Pupil, request: Request
) -> tuple[Objection, Objection | None]:
    if not request.other_id or request.other_id == pupil.id:
        raise Refused("Choisissez l’autre élève.", "other_id")
    other = _own_pupil(session, school_id, request.other_id)
    low, high = sorted((pupil.id, other.id))
    asked = standing_objection(turn.id, low, other_id=high)
    made = Objection(pupil_id=low, other_pupil_id=high, kind=request.kind)
    return made, session.scalar(asked)
