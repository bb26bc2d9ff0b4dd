"""What animators answer to the requests of schools: each answer feeds the next run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Assignment,
    Decision,
    DecisionKind,
    MessageKind,
    Objection,
    ObjectionKind,
    ObjectionState,
    Round,
    RoundState,
    assignments_of_pupils,
    memberships_of_school,
    objection_in_territory,
    objections_of_round,
    standing_decisions,
)
from web.services.adjust import Pending, pending
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.objections import spot
from web.services.outbox import tell
from web.services.rounds import locked_round

REASONS = {
    ObjectionKind.LEFT: "Le collège a signalé un départ.",
    ObjectionKind.TRIP: "Le collège a signalé un trajet impossible.",
    ObjectionKind.PLACE: "Le collège a signalé une place incompatible.",
    ObjectionKind.APART: "Décision de l’animation, à la demande du collège.",
}
"""What a decision says: families may read it, so it points at nobody else."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What schools asked in a round, for its animators."""

    waiting: list[Objection]
    together: list[Objection]
    """Pairs to keep apart that the chosen run puts together, and nothing forbids yet."""
    answered: list[Objection]
    pending: Pending
    """Decisions that the chosen run does not know."""


def desk(session: Session, turn: Round) -> Desk:
    """What waits for the animators of a round, and what they answered."""
    found = session.scalars(objections_of_round(turn.id)).all()
    decided = session.scalars(standing_decisions(turn.id)).all()
    together = together_now(session, turn, found)
    return Desk(
        waiting=[one for one in found if one.state is ObjectionState.ASKED],
        together=[
            one
            for one in found
            if one.state is ObjectionState.ACCEPTED
            and one.id in together
            and not _separated(decided, together[one.id])
        ],
        answered=[one for one in found if one.state is not ObjectionState.ASKED],
        pending=pending(session, turn),
    )


def objection_seen(session: Session, objection_id: int, territory_id: int) -> Objection:
    """A request of a school, if this territory may see it.

    Raises:
        Gone: it belongs to another territory, does not exist, or was taken back.
    """
    one = session.scalar(objection_in_territory(objection_id, territory_id))
    if one is None or one.state is ObjectionState.WITHDRAWN:
        raise Gone("Cette demande n’existe pas.")
    return one


def together_now(
    session: Session, turn: Round, objections: Iterable[Objection]
) -> dict[int, tuple[Assignment, ...]]:
    """The pairs to keep apart that the chosen run puts at one place in one week, by request."""
    pairs = [one for one in objections if one.kind is ObjectionKind.APART]
    if turn.selected_run_id is None or not pairs:
        return {}
    ids = {pupil.id for one in pairs for pupil in one.pupils}
    given = {
        a.pupil_id: a
        for a in session.scalars(assignments_of_pupils(turn.selected_run_id, ids))
        if a.offer_week is not None
    }
    found: dict[int, tuple[Assignment, ...]] = {}
    for one in pairs:
        both = tuple(given[pupil.id] for pupil in one.pupils if pupil.id in given)
        if len({spot(a.offer_week) for a in both}) == 1 and len(both) == 2:
            found[one.id] = both
    return found


def accept(
    session: Session,
    objection_id: int,
    territory_id: int,
    *,
    pupil_id: int | None = None,
    by: int,
    now: datetime,
) -> Objection:
    """Forbid the place by a decision that the next run obeys; tell the school.

    Of two pupils at one place, `pupil_id` is the one who gets another; two pupils who are not
    together need no decision yet.

    Raises:
        Gone: not of this territory. Refused: answered otherwise, not in review, or contradicted.
    """
    one = _to_answer(session, objection_id, territory_id)
    if one.state is ObjectionState.REFUSED:
        raise Refused("Cette demande a déjà été refusée : le collège a lu la réponse.")
    decided = session.scalars(standing_decisions(one.round_id)).all()
    places = _forbidden(session, one, decided, pupil_id)
    _forbid(session, one, decided, places, by=by, now=now)
    if one.state is ObjectionState.ASKED:
        _answer(session, one, ObjectionState.ACCEPTED, "", by=by, now=now)
    if one.kind is ObjectionKind.LEFT and one.pupil.left_at is None:
        one.pupil.left_at, one.pupil.code_digest = now, None
        record(session, "pupil.left", f"pupil:{one.pupil_id}", by=by, now=now)
    session.commit()
    return one


def refuse(
    session: Session, objection_id: int, territory_id: int, answer: str, *, by: int, now: datetime
) -> Objection:
    """Keep the proposal, and say why to the school.

    Raises:
        Gone: not of this territory. Refused: no reason given, or it is already accepted.
    """
    one = _to_answer(session, objection_id, territory_id)
    if one.state is ObjectionState.ACCEPTED:
        raise Refused("Cette demande a déjà été acceptée.")
    if not answer.strip():
        raise Refused("Indiquez la raison : le collège la lira.", "answer")
    if one.state is ObjectionState.ASKED:
        _answer(session, one, ObjectionState.REFUSED, answer.strip(), by=by, now=now)
    session.commit()
    return one


def unsettled(session: Session, turn: Round, given: Mapping[int, int | None]) -> str | None:
    """Why a run cannot be published yet: a school waits, or a decision is not obeyed.

    `given` is the place of each pupil in the run, None without any.
    """
    found = session.scalars(objections_of_round(turn.id)).all()
    waiting = sum(1 for one in found if one.state is ObjectionState.ASKED)
    if waiting:
        return (
            f"{waiting} demandes de collèges attendent une réponse."
            if waiting > 1
            else "Une demande de collège attend une réponse."
        )
    for decision in session.scalars(standing_decisions(turn.id)):
        if decision.pupil_id not in given:
            continue
        held = given[decision.pupil_id] == decision.offer_week_id
        if held is (decision.kind is DecisionKind.BAN):
            return "Une décision n’est pas dans ce calcul : recalculez, puis retenez le nouveau."
    return None


def _to_answer(session: Session, objection_id: int, territory_id: int) -> Objection:
    one = objection_seen(session, objection_id, territory_id)
    locked_round(session, one.round_id, RoundState.REVIEW)
    session.refresh(one)
    if one.state is ObjectionState.WITHDRAWN:
        raise Refused("Le collège a retiré cette demande.")
    return one


def _forbidden(
    session: Session, one: Objection, decided: Iterable[Decision], pupil_id: int | None
) -> list[tuple[int, int]]:
    """(pupil, place) to forbid: every week of the offer, or where one of two pupils is."""
    if one.offer_week is not None:
        return [(one.pupil_id, offered.id) for offered in one.offer_week.offer.weeks]
    both = together_now(session, one.round, [one]).get(one.id)
    if both is None or _separated(decided, both):
        return []
    chosen = next((a for a in both if a.pupil_id == pupil_id), None)
    if chosen is None or chosen.offer_week_id is None:
        raise Refused("Choisissez l’élève qui aura une autre place.", "pupil_id")
    return [(chosen.pupil_id, chosen.offer_week_id)]


def _separated(decisions: Iterable[Decision], both: Iterable[Assignment]) -> bool:
    """Whether a decision already takes one of two pupils away from there."""
    banned = {(d.pupil_id, d.offer_week_id) for d in decisions if d.kind is DecisionKind.BAN}
    return any((a.pupil_id, a.offer_week_id) in banned for a in both)


def _forbid(
    session: Session,
    one: Objection,
    decided: Sequence[Decision],
    places: Iterable[tuple[int, int]],
    *,
    by: int,
    now: datetime,
) -> None:
    """Write the decisions that are not there yet.

    Raises:
        Refused: another decision keeps the pupil there.
    """
    known = {(d.pupil_id, d.offer_week_id): d.kind for d in decided}
    for pupil_id, place in places:
        kind = known.get((pupil_id, place))
        if kind in (DecisionKind.LOCK, DecisionKind.HAND):
            raise Refused(
                f"Une autre décision dit « {kind.label} » : levez-la avant d’interdire cette place."
            )
        if kind is None:
            session.add(
                Decision(
                    round_id=one.round_id,
                    pupil_id=pupil_id,
                    offer_week_id=place,
                    kind=DecisionKind.BAN,
                    reason=REASONS[one.kind],
                    author_id=by,
                    created_at=now,
                )
            )


def _answer(
    session: Session,
    one: Objection,
    state: ObjectionState,
    answer: str,
    *,
    by: int,
    now: datetime,
) -> None:
    """Close a request, write it down and tell the team of the school."""
    one.state, one.answer = state, answer
    one.decided_by_id, one.decided_at = by, now
    params = {
        "round_id": one.round_id,
        "first_names": [pupil.first_name for pupil in one.pupils],
        "kind": one.kind.label,
        "accepted": state is ObjectionState.ACCEPTED,
    }
    team = session.scalars(memberships_of_school(one.pupil.school_id))
    letters = [(m.account.email, params) for m in team if m.account.email]
    key = f"objection:{one.round_id}:{one.id}"
    tell(session, MessageKind.OBJECTION_DECIDED, key, letters, now=now)
    record(session, f"objection.{state.value}", f"objection:{one.id}", by=by, now=now)
