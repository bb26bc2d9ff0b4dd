"""What animators decide for a pupil: it feeds the next run, and her family will read why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from models import (
    Decision,
    DecisionKind,
    Offer,
    OfferWeek,
    Pupil,
    Round,
    RoundState,
    Run,
    active_placement,
    assignments_of_pupils,
    decision_in_territory,
    decisions_to_read,
    departures_told,
    open_offer_of,
    open_offers_in,
    pupil_for_wishes,
    standing_decisions,
)
from web.services.errors import Gone, Refused
from web.services.freezing.named import named_seats
from web.services.freezing.pupils import in_round
from web.services.freezing.seats import kept_seats, shared_half_days
from web.services.journal import record
from web.services.openings import Opening, is_accepted, openings
from web.services.reach import allowed_weeks, weeks_for
from web.services.review import run_seen
from web.services.rounds import locked_round
from web.services.seating import Seated, Seating, held_seats

LONGEST = 300
OPEN = (RoundState.WISHES_CLOSED, RoundState.REVIEW)
"""When decisions may be taken: from the closing of the wishes to the publication."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision as it is typed; `agreed`: school and family said yes to a place beyond limits."""

    kind: DecisionKind
    offer_week_id: int
    reason: str
    agreed: bool = False


def decide(
    session: Session,
    run_id: int,
    territory_id: int,
    pupil_id: int,
    choice: Choice,
    *,
    by: int,
    now: datetime,
) -> Decision:
    """Keep, forbid or give a place to one pupil of a run; the same decision twice is one.

    Raises:
        Gone: not of this territory. Refused: no reason, contradicted, overfull or impossible;
            `field` names what to change.
    """
    run = run_seen(session, run_id, territory_id)
    turn = _open(session, run)
    made = _decide(session, turn, run, pupil_id, choice, by=by, now=now)
    session.commit()
    return made


def keep_places(
    session: Session,
    run_id: int,
    territory_id: int,
    pupil_ids: Collection[int],
    reason: str,
    *,
    by: int,
    now: datetime,
) -> int:
    """Keep the places that a run gives to these pupils, all or none; return how many.

    Raises:
        Gone: not of this territory. Refused: nobody chosen, one of them has no place, or as
            `decide`.
    """
    run = run_seen(session, run_id, territory_id)
    turn = _open(session, run)
    given = session.scalars(assignments_of_pupils(run.id, pupil_ids)).all()
    if not given:
        raise Refused("Cochez au moins un élève.", "pupils")
    for one in given:
        if one.offer_week_id is None:
            raise Refused("Un des élèves cochés n’a pas de place à garder.", "pupils")
        choice = Choice(DecisionKind.LOCK, one.offer_week_id, reason)
        _decide(session, turn, run, one.pupil_id, choice, by=by, now=now)
    session.commit()
    return len(given)


def lift(
    session: Session, decision_id: int, territory_id: int, *, by: int, now: datetime
) -> Decision:
    """Lift a decision; a place forbidden in several weeks is allowed again in all of them.

    Raises:
        Gone: not of this territory. Refused: the results are published.
    """
    one = session.scalar(decision_in_territory(decision_id, territory_id))
    if one is None:
        raise Gone("Cette décision n’existe pas.")
    turn = locked_round(session, one.round_id, *OPEN)
    for other in session.scalars(decisions_to_read(turn.id)):
        if _same_act(other, one):
            other.lifted_at = now
            about = {"id": other.id, "decision": other.kind.value}
            record(session, "decision.lifted", f"pupil:{one.pupil_id}", by=by, now=now, **about)
    session.commit()
    return one


def _same_act(one: Decision, other: Decision) -> bool:
    alike = (one.pupil_id, one.kind) == (other.pupil_id, other.kind)
    return alike and one.offer_week.offer_id == other.offer_week.offer_id


def standing(session: Session, turn: Round) -> list[list[Decision]]:
    """The decisions that nobody lifted, latest first; the weeks of one ban together."""
    acts: dict[tuple[int, DecisionKind, int], list[Decision]] = {}
    for one in session.scalars(decisions_to_read(turn.id)):
        acts.setdefault((one.pupil_id, one.kind, one.offer_week.offer_id), []).append(one)
    return sorted(acts.values(), key=lambda act: -act[-1].id)


def possible_places(session: Session, run: Run, pupil_id: int) -> list[Opening]:
    """Where a pupil of a run could be placed by hand; others may have to move by the next run."""
    pupil = session.scalars(pupil_for_wishes(pupil_id)).one()
    weeks = allowed_weeks(pupil)
    offers = session.scalars(open_offers_in(run.round.campaign_id, weeks)).all()
    seating, _ = _kept(session, run.round, but=pupil_id)
    return openings(pupil, offers, seating)


def _open(session: Session, run: Run) -> Round:
    return locked_round(session, run.round_id, *OPEN)


def _decide(
    session: Session,
    turn: Round,
    run: Run,
    pupil_id: int,
    choice: Choice,
    *,
    by: int,
    now: datetime,
) -> Decision:
    reason = said_reason(choice.reason)
    pupil = _pupil(session, turn, run, pupil_id)
    offer, place = _place(session, turn, choice.offer_week_id)
    mine = [one for one in session.scalars(decisions_to_read(turn.id)) if one.pupil_id == pupil_id]
    known = next(
        (d for d in mine if (d.kind, d.offer_week_id) == (choice.kind, place.id)),
        None,
    )
    if known is not None:
        return known
    places = [place]
    if choice.kind is DecisionKind.BAN:
        places = list(offer.weeks)
        _refuse_banning_what_is_kept(pupil, mine, offer)
    else:
        _refuse_keeping(session, turn, pupil, mine, offer, place)
        _refuse_unagreed(pupil, offer, choice)
    made = [_decision(turn, pupil, one, choice, reason, by=by, now=now) for one in places]
    session.add_all(made)
    session.flush()
    about = {"decision": choice.kind.value, "offer": offer.id, "agreed": choice.agreed}
    record(session, "decision.made", f"pupil:{pupil_id}", by=by, now=now, **about)
    return made[places.index(place)]


def _decision(
    turn: Round,
    pupil: Pupil,
    place: OfferWeek,
    choice: Choice,
    reason: str,
    *,
    by: int,
    now: datetime,
) -> Decision:
    return Decision(
        round_id=turn.id,
        pupil_id=pupil.id,
        offer_week_id=place.id,
        kind=choice.kind,
        reason=reason,
        agreed=choice.agreed,
        author_id=by,
        created_at=now,
    )


def said_reason(reason: str) -> str:
    """The motive that a family will read, on one line.

    Raises:
        Refused: nothing is said, or too much.
    """
    said = " ".join(reason.split())
    if not said:
        raise Refused("Écrivez le motif : la famille le lira.", "reason")
    if len(said) > LONGEST:
        raise Refused(f"{len(said)} signes : {LONGEST} au plus.", "reason")
    return said


def _pupil(session: Session, turn: Round, run: Run, pupil_id: int) -> Pupil:
    """The pupil to decide for.

    Raises:
        Gone: she is not in this run. Refused: she left, or already holds a place.
    """
    known = session.scalars(assignments_of_pupils(run.id, [pupil_id])).first()
    if known is None:
        raise Gone("Cet élève n’est pas dans ce calcul.")
    pupil = session.scalars(pupil_for_wishes(pupil_id)).one()
    told = set(session.scalars(departures_told(turn.id)))
    if pupil.left_at or pupil_id in told or not in_round(pupil, turn):
        raise Refused(f"{pupil.full_name} a quitté le collège : il n’y a plus rien à décider.")
    if session.scalar(active_placement(pupil_id)):
        raise Refused(f"{pupil.full_name} a déjà une place, donnée avant ce tour : elle reste.")
    return pupil


def _place(session: Session, turn: Round, offer_week_id: int) -> tuple[Offer, OfferWeek]:
    offer = session.scalar(open_offer_of(offer_week_id, turn.campaign_id))
    if offer is None:
        raise Refused("Cette offre n’est plus ouverte : choisissez une autre place.", "place")
    return offer, next(place for place in offer.weeks if place.id == offer_week_id)


def _refuse_banning_what_is_kept(pupil: Pupil, mine: Sequence[Decision], offer: Offer) -> None:
    for one in mine:
        if one.kind is not DecisionKind.BAN and one.offer_week.offer_id == offer.id:
            raise Refused(
                f"Deux décisions se contrediraient pour {pupil.full_name} : « {offer.title} » est "
                f"déjà sa place par la décision « {one.kind.label} ». Levez-la d’abord.",
                "kind",
            )


def _refuse_keeping(
    session: Session,
    turn: Round,
    pupil: Pupil,
    mine: Sequence[Decision],
    offer: Offer,
    place: OfferWeek,
) -> None:
    """Refuse a place that she cannot have, that another decision forbids, or that is full."""
    for one in mine:
        title = one.offer_week.offer.title
        if one.kind is DecisionKind.BAN and one.offer_week_id == place.id:
            raise Refused(
                f"Deux décisions se contrediraient pour {pupil.full_name} : « {title} » lui est "
                "interdite. Levez d’abord cette interdiction.",
                "kind",
            )
        if one.kind is not DecisionKind.BAN:
            raise Refused(
                f"Deux décisions se contrediraient pour {pupil.full_name} : « {title} » et "
                f"« {offer.title} ». Levez d’abord la première.",
                "kind",
            )
    if place.id not in {one.id for one in weeks_for(pupil, offer)}:
        raise Refused(
            f"« {offer.title} » n’est pas possible pour {pupil.full_name} : semaine de la classe "
            "ou accessibilité.",
            "place",
        )
    seating, names = _kept(session, turn, but=pupil.id)
    if full := seating.refusal(pupil, offer, place):
        others = names.get(place.id) or names.get(-offer.id, [])
        whose = f" Places déjà gardées pour {', '.join(others)}." if others else ""
        raise Refused(full + whose, "place")


def _refuse_unagreed(pupil: Pupil, offer: Offer, choice: Choice) -> None:
    """A place that the family never accepted needs its word, and the school's."""
    ranked = offer.id in {wish.offer_id for wish in pupil.wishes}
    if choice.kind is DecisionKind.HAND and not (
        ranked or is_accepted(pupil, offer) or choice.agreed
    ):
        raise Refused(
            "Cette place est hors de la liste et des limites de la famille : recueillez l’accord "
            "de la famille et du collège, puis cochez la case.",
            "agreed",
        )


def _kept(session: Session, turn: Round, *, but: int) -> tuple[Seating, dict[int, list[str]]]:
    """The seats that decisions and earlier rounds keep, and for whom, one pupil left out."""
    campaign = turn.campaign
    rows = held_seats(session, campaign)
    kept = [
        one
        for one in session.scalars(decisions_to_read(turn.id))
        if one.kind is not DecisionKind.BAN and one.pupil_id != but
    ]
    rows += [Seated(one.offer_week_id, one.offer_week.offer_id, one.pupil.school) for one in kept]
    names: dict[int, list[str]] = {}
    for one in kept:
        names.setdefault(one.offer_week_id, []).append(one.pupil.full_name)
        names.setdefault(-one.offer_week.offer_id, []).append(one.pupil.full_name)
    shared = shared_half_days(session, campaign.id)
    keeps = partial(kept_seats, held_round=turn)
    for_named = partial(named_seats, held_round=turn)
    return Seating(campaign.season, keeps, for_named, shared=shared).seat(rows), names


def decided_ids(session: Session, turn: Round) -> list[int]:
    """The decisions of a round that nobody lifted, by id: what a run knows."""
    return [one.id for one in session.scalars(standing_decisions(turn.id))]
