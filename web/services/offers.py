"""The life of an offer: read by an animator, opened or sent back, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Campaign,
    MessageKind,
    Offer,
    OfferKind,
    OfferState,
    Placement,
    PlacementState,
    Pupil,
    RoundState,
    animators_of,
    campaign_by_id,
    entered_of_offer,
    members_told,
    memberships_of_pupils,
    offer_in_territory,
    offer_of_host,
    offer_states,
    offers_in_territory,
    pathways_through,
    placements_of_offer,
    pupils_ranking,
)
from web.format import plural
from web.services.entered import check_confirmed
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.outbox import tell
from web.services.place_news import tell_cancelled
from web.services.rounds import locked_round

LONGEST_REASON = 300
PER_PAGE = 100
SEEN = (OfferState.OPEN, OfferState.PAUSED)
"""The states of an offer that pupils may have ranked."""


@dataclass(frozen=True, slots=True)
class OfferDesk:
    """The offers of one state, page by page, and how many there are in each."""

    counts: dict[OfferState, int]
    page: int
    pages: int
    offers: Sequence[Offer]


def offer_desk(
    session: Session, territory_id: int, campaign_id: int, state: OfferState, page: int = 1
) -> OfferDesk:
    """What animators read of the offers of a campaign: one page of one state."""
    told = dict(session.execute(offer_states(territory_id, campaign_id)).all())
    counts = {one: told.get(one, 0) for one in OfferState}
    pages = max(1, -(-counts[state] // PER_PAGE))
    page = min(max(page, 1), pages)
    found = offers_in_territory(territory_id, campaign_id, state)
    shown = session.scalars(found.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return OfferDesk(counts, page, pages, shown)


@dataclass(frozen=True, slots=True)
class Consequences:
    """Whom a change of an offer touches."""

    ranking: list[Pupil]
    held: list[Placement]

    @property
    def nobody(self) -> bool:
        """Whether no pupil ranks it and none holds a place."""
        return not self.ranking and not self.held

    @property
    def sentence(self) -> str:
        """What its host reads; few pupils are not counted before they hold a place."""
        said = []
        if self.held:
            count = plural(len(self.held), "élève y a une place", "élèves y ont une place")
            said.append(f"{count}.")
        if self.ranking:
            said.append(f"{how_many(len(self.ranking))} classé cette offre.")
        return " ".join(said)


def consequences(session: Session, offer: Offer) -> Consequences:
    """Who an offer touches now: pupils who rank it while wishes count, and who hold a place."""
    campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
    through = [offer.id]
    if offer.kind is OfferKind.HALF_DAYS:
        through = [one.id for one in session.scalars(pathways_through(offer.id))]
    ranking: dict[int, Pupil] = {}
    held: list[Placement] = []
    for one in through:
        if may_change(campaign):
            ranking |= {pupil.id: pupil for pupil in session.scalars(pupils_ranking(one))}
        held += session.scalars(placements_of_offer(one)).all()
    return Consequences(list(ranking.values()), held)


def withdraw_offer(
    session: Session,
    offer_id: int,
    host_id: int,
    *,
    knowing: bool,
    reason: str = "",
    by: int,
    now: datetime,
) -> Offer:
    """Take an offer away; the families who rank it are told and their other wishes stay.

    The places that pupils hold there are cancelled: their families, their schools and the
    animators are told, and the animators look for other places.

    Raises:
        Refused: the round is being computed, pupils are touched and the host does not know it
            yet, or places are cancelled without a reason.
    """
    offer = session.scalars(offer_of_host(offer_id, host_id)).one()
    return take_away(session, offer, knowing=knowing, reason=reason, by=by, now=now)


def take_away(
    session: Session, offer: Offer, *, knowing: bool, reason: str, by: int, now: datetime
) -> Offer:
    """The same for whoever may, the offer being in her sight."""
    if offer.state is OfferState.WITHDRAWN:
        return offer
    campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
    # No place is given in the campaign while those of this offer are counted and cancelled.
    for turn in campaign.rounds:
        locked_round(session, turn.id)
    if offer.state in SEEN and being_computed(campaign):
        raise Refused("Les vœux sont clos : appelez l’animation du programme pour cette offre.")
    touched = consequences(session, offer)
    if not touched.nobody and not knowing:
        raise Refused(f"{touched.sentence} Confirmez le retrait.")
    if offer.kind is OfferKind.HALF_DAYS:
        _break_pathways(session, offer, touched, now)
    else:
        if touched.held:
            _cancel(session, offer, touched.held, _said(reason), by=by, now=now)
        _tell_ranking(session, offer, touched.ranking, now)
    offer.state, offer.decided_at = OfferState.WITHDRAWN, now
    about = {"ranked": len(touched.ranking), "cancelled": len(touched.held)}
    record(session, "offer.withdrawn", f"offer:{offer.id}", by=by, now=now, **about)
    session.commit()
    return offer


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise Refused("Dites en une phrase pourquoi : les collèges le demanderont.", "reason")
    if len(said) > LONGEST_REASON:
        raise Refused(f"{len(said)} signes : {LONGEST_REASON} au plus.", "reason")
    return said


def _cancel(
    session: Session, offer: Offer, held: list[Placement], reason: str, *, by: int, now: datetime
) -> None:
    for place in held:
        place.state, place.answered_at = PlacementState.CANCELLED, now
        place.reason = PlacementState.CANCELLED.label.lower()
        tell_cancelled(session, place, now=now)
        about = {"placement": place.id, "state": place.state.value}
        record(session, "placement.freed", f"pupil:{place.pupil_id}", by=by, now=now, **about)
    host = offer.site.host
    params = {"host": host.name, "title": offer.title, "count": len(held), "reason": reason}
    desk = session.scalars(animators_of(host.territory_id))
    letters = [(one.account.email, params) for one in desk if one.account.email]
    tell(session, MessageKind.PLACES_CANCELLED, f"offer:{offer.id}:cancelled", letters, now=now)


def _break_pathways(session: Session, offer: Offer, touched: Consequences, now: datetime) -> None:
    """The parcours that lose a step wait for their animators; no wish and no place is lost."""
    host = offer.site.host
    broken = session.scalars(pathways_through(offer.id)).all()
    for one in broken:
        if one.state is not OfferState.DRAFT:
            one.state = OfferState.RETURNED
            one.return_reason = f"{host.name} a retiré ses demi-journées."
    if not broken:
        return
    params = {
        "host": host.name,
        "titles": [one.title for one in broken],
        "held": len(touched.held),
    }
    desk = session.scalars(animators_of(host.territory_id))
    letters = [(one.account.email, params) for one in desk if one.account.email]
    tell(session, MessageKind.PATHWAY_BROKEN, f"offer:{offer.id}:broken", letters, now=now)


def refuse_if_shared(session: Session, offer: Offer) -> None:
    """Refuse to change half-days that a parcours counts on.

    Raises:
        Refused: one does.
    """
    if offer.kind is OfferKind.HALF_DAYS and session.scalars(pathways_through(offer.id)).first():
        raise Refused(
            "Un parcours compte sur ces demi-journées : demandez le changement à l’animation du "
            "programme, ou retirez-les."
        )


def _tell_ranking(session: Session, offer: Offer, ranking: list[Pupil], now: datetime) -> None:
    pupils = {pupil.id: pupil for pupil in ranking}
    letters: list[tuple[str, dict[str, Any]]] = []
    for pupil in ranking:
        about = {"first_name": pupil.first_name, "title": offer.title}
        letters += [(g.email, about) for g in pupil.guardians if g.email]
    for member in session.scalars(memberships_of_pupils(list(pupils))):
        if member.account.email and member.pupil_id in pupils:
            about = {"first_name": pupils[member.pupil_id].first_name, "title": offer.title}
            letters.append((member.account.email, about))
    tell(session, MessageKind.OFFER_WITHDRAWN, f"offer:{offer.id}:withdrawn", letters, now=now)


def approve_offer(
    session: Session, offer_id: int, territory_id: int, *, by: int, now: datetime
) -> Offer:
    """Open an offer to the pupils, and tell its host.

    Raises:
        Refused: it does not wait to be read any more, or the wishes of the round are closed.
    """
    offer = _to_read(session, offer_id, territory_id)
    if offer.state is OfferState.OPEN:
        return offer
    _check_waits(offer)
    if not may_change(session.scalars(campaign_by_id(offer.campaign_id)).one()):
        raise Refused(
            "Les vœux de ce tour sont clos : cette offre pourra s’ouvrir au tour suivant."
        )
    check_confirmed(session, offer)
    offer.state, offer.decided_at = OfferState.OPEN, now
    _tell_host(session, MessageKind.OFFER_APPROVED, offer, now)
    record(session, "offer.approved", f"offer:{offer.id}", by=by, now=now)
    session.commit()
    return offer


def return_offer(
    session: Session, offer_id: int, territory_id: int, reason: str, *, by: int, now: datetime
) -> Offer:
    """Send an offer back to its host, with what to change.

    Raises:
        Refused: no reason is given, or the offer does not wait to be read any more.
    """
    offer = _to_read(session, offer_id, territory_id)
    _check_waits(offer)
    if not reason.strip():
        raise Refused("Dites à la structure ce qu’il faut corriger.", "reason")
    offer.state, offer.decided_at = OfferState.RETURNED, now
    offer.return_reason = reason.strip()
    _tell_host(session, MessageKind.OFFER_RETURNED, offer, now, reason=offer.return_reason)
    record(session, "offer.returned", f"offer:{offer.id}", by=by, now=now)
    session.commit()
    return offer


def may_change(campaign: Campaign) -> bool:
    """Whether the places of the round may still come and go: its wishes are not closed."""
    return campaign.current_round.state in (RoundState.PLANNED, RoundState.WISHES_OPEN)


def being_computed(campaign: Campaign) -> bool:
    """Whether the places of the round are fixed: wishes closed, results not out."""
    return campaign.current_round.state in (RoundState.WISHES_CLOSED, RoundState.REVIEW)


def how_many(ranking: int) -> str:
    """Pupils who rank an offer, in words that point at nobody: « Moins de 5 élèves ont »."""
    return f"{ranking} élèves ont" if ranking >= 5 else "Moins de 5 élèves ont"


def _to_read(session: Session, offer_id: int, territory_id: int) -> Offer:
    offer = session.scalar(offer_in_territory(offer_id, territory_id))
    if offer is None:
        raise Gone("Cette offre n’existe pas.")
    return offer


def _check_waits(offer: Offer) -> None:
    if offer.state is not OfferState.SUBMITTED:
        raise Refused(f"Cette offre n’attend plus de relecture : {offer.state.label.lower()}.")


def _tell_host(
    session: Session, kind: MessageKind, offer: Offer, now: datetime, **more: str
) -> None:
    """Write to the host's team; to whoever entered the offer, when the host has no team."""
    params: dict[str, Any] = {"offer_id": offer.id, "title": offer.title, **more}
    team = session.scalars(members_told(offer.site_id))
    letters = [(member.account.email, params) for member in team if member.account.email]
    entered = session.scalar(entered_of_offer(offer.id))
    if entered is not None and entered.author and entered.author.email and not letters:
        about = {**params, "entered_id": entered.id, "host": offer.site.host.name}
        letters = [(entered.author.email, about)]
    tell(session, kind, f"offer:{offer.id}:{kind.value}:{now.isoformat()}", letters, now=now)
