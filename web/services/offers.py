"""The life of an offer: read by an animator, opened or sent back, withdrawn."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Campaign,
    MessageKind,
    Offer,
    OfferState,
    RoundState,
    campaign_by_id,
    memberships_of_host,
    memberships_of_pupils,
    offer_in_territory,
    offer_of_host,
    pupils_ranking,
)
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.outbox import tell


def withdraw_offer(
    session: Session, offer_id: int, host_id: int, *, knowing: bool, by: int, now: datetime
) -> Offer:
    """Take an offer away. The families who rank it are told; their other wishes stay.

    Raises:
        Refused: the wishes are closed, or pupils rank it and the host does not know it yet.
    """
    offer = session.scalars(offer_of_host(offer_id, host_id)).one()
    if offer.state is OfferState.WITHDRAWN:
        return offer
    campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
    if offer.state is OfferState.OPEN and not may_change(campaign):
        raise Refused("Les vœux sont clos : appelez l’animation du programme pour cette offre.")
    ranking = session.scalars(pupils_ranking(offer.id)).all()
    if ranking and not knowing:
        raise Refused(f"{how_many(len(ranking))} classé cette offre : confirmez le retrait.")
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
    offer.state, offer.decided_at = OfferState.WITHDRAWN, now
    record(session, "offer.withdrawn", f"offer:{offer.id}", by=by, now=now, ranked=len(ranking))
    session.commit()
    return offer


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
    params = {"offer_id": offer.id, "title": offer.title, **more}
    team = session.scalars(memberships_of_host(offer.site.host_id))
    letters = [(member.account.email, params) for member in team if member.account.email]
    tell(session, kind, f"offer:{offer.id}:{kind.value}:{now.isoformat()}", letters, now=now)
