"""A host confirms that it awaits a pupil, or tells the animators what is wrong."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    MessageKind,
    Placement,
    PlaceProblem,
    ProblemKind,
    animators_of,
    place_of_host,
    problem_in_territory,
    problem_of_place,
    problems_among,
)
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.outbox import tell

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What a host says is wrong."""

    kind: ProblemKind
    detail: str = ""


def place_seen(session: Session, placement_id: int, host_id: int) -> Placement:
    """A place held at this host.

    Raises:
        Gone: it is elsewhere, or nobody holds it any more.
    """
    place = session.scalar(place_of_host(placement_id, host_id))
    if place is None:
        raise Gone("Cette place n’est plus tenue.")
    return place


def places_in_trouble(session: Session, placement_ids: Collection[int]) -> set[int]:
    """Those of these places about which a problem waits."""
    return set(session.scalars(problems_among(placement_ids)))


def confirm_place(
    session: Session, placement_id: int, host_id: int, *, by: int, now: datetime
) -> Placement:
    """Say that the pupil is awaited; a problem told before is over. Twice is once."""
    place = _locked(session, placement_id, host_id)
    waiting = session.scalar(problem_of_place(placement_id))
    if waiting is not None:
        waiting.settled_at, waiting.settled_by_id = now, by
    if place.host_confirmed_at is None:
        place.host_confirmed_at = now
        subject = f"pupil:{place.pupil_id}"
        record(session, "placement.awaited", subject, by=by, now=now, placement=place.id)
    session.commit()
    return place


def tell_problem(
    session: Session, placement_id: int, host_id: int, told: Told, *, by: int, now: datetime
) -> PlaceProblem:
    """Tell the animators what is wrong with a place; while one problem waits, there is no other.

    Raises:
        Gone: the place is not held at this host. Refused: too long, unexplained, or one waits.
    """
    detail = "\n".join(told.detail.split("\r\n")).strip()
    if len(detail) > LONGEST:
        raise Refused(f"{len(detail)} signes : {LONGEST} au plus.", "detail")
    if told.kind is ProblemKind.OTHER and not detail:
        raise Refused("Dites en une phrase ce qui se passe.", "detail")
    place = _locked(session, placement_id, host_id)
    waiting = session.scalar(problem_of_place(placement_id))
    if waiting is not None:
        if (waiting.kind, waiting.detail) != (told.kind, detail):
            raise Refused("Un problème est déjà signalé : l’équipe d’animation vous répondra.")
        session.commit()
        return waiting
    problem = PlaceProblem(
        placement_id=place.id, kind=told.kind, detail=detail, told_by_id=by, told_at=now
    )
    place.host_confirmed_at = None
    session.add(problem)
    session.flush()
    _tell_animators(session, problem, place, now)
    about = {"placement": place.id, "problem": told.kind.value}
    record(session, "placement.problem", f"pupil:{place.pupil_id}", by=by, now=now, **about)
    session.commit()
    return problem


def settle_problem(
    session: Session, problem_id: int, territory_id: int, *, by: int, now: datetime
) -> PlaceProblem:
    """Note that a problem is over; twice is once.

    Raises:
        Gone: it is not of this territory.
    """
    problem = session.scalar(problem_in_territory(problem_id, territory_id))
    if problem is None:
        raise Gone("Ce signalement n’existe pas.")
    if problem.settled_at is None:
        problem.settled_at, problem.settled_by_id = now, by
        subject = f"pupil:{problem.placement.pupil_id}"
        record(session, "placement.settled", subject, by=by, now=now, id=problem.id)
    session.commit()
    return problem


def _locked(session: Session, placement_id: int, host_id: int) -> Placement:
    place = place_seen(session, placement_id, host_id)
    session.refresh(place, with_for_update={"of": Placement})
    return place


def _tell_animators(
    session: Session, problem: PlaceProblem, place: Placement, now: datetime
) -> None:
    offer, week = place.offer_week.offer, place.offer_week.week
    params = {
        "host": offer.site.host.name,
        "title": offer.title,
        "monday": week.monday.isoformat(),
        "kind": problem.kind.label.lower(),
    }
    desk = session.scalars(animators_of(place.round.campaign.territory_id))
    letters = [(one.account.email, params) for one in desk if one.account.email]
    event = f"place:{place.round_id}:problem:{problem.id}"
    tell(session, MessageKind.PLACE_PROBLEM, event, letters, now=now)
