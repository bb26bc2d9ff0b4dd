"""What a host may still change once pupils see its offer: places, hours, a pause."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Offer,
    OfferState,
    Placement,
    campaign_by_id,
    offer_of_host,
    store_days,
)
from web.format import plural, week
from web.services.errors import Refused
from web.services.journal import record
from web.services.offer_drafts import Practical, field_of, write_practical, write_weeks
from web.services.offers import SEEN, Consequences, being_computed, consequences, refuse_if_shared
from web.services.place_news import tell_changed
from web.services.rounds import locked_round

ENDED, FULL = "Terminée", "Complète"


def standing(offer: Offer, held: int, today: date) -> str:
    """The state of an offer in a word, « Complète » and « Terminée » included."""
    mondays = [offered.week.monday for offered in offer.weeks if offered.seats]
    if offer.state in SEEN and mondays and (today - max(mondays)).days > 4:
        return ENDED
    if offer.state is OfferState.OPEN and 0 < offer.seats <= held:
        return FULL
    return offer.state.label


def pause_offer(
    session: Session, offer_id: int, host_id: int, *, knowing: bool, by: int, now: datetime
) -> Offer:
    """Take an open offer out of the pupils' sight for a while; wishes and places stay.

    Raises:
        Refused: it is not open, the round is being computed, or pupils are touched and the
            host does not know it yet.
    """
    offer, campaign = _seen(session, offer_id, host_id)
    return pause_seen(session, offer, campaign, knowing=knowing, by=by, now=now)


def pause_seen(
    session: Session, offer: Offer, campaign: Campaign, *, knowing: bool, by: int, now: datetime
) -> Offer:
    """The same for whoever may, the offer being in her sight."""
    if offer.state is OfferState.PAUSED:
        return offer
    _refuse_computed(campaign)
    refuse_if_shared(session, offer)
    touched = consequences(session, offer)
    if touched.ranking and not knowing:
        raise Refused(f"{touched.sentence} Confirmez la pause.")
    offer.state = OfferState.PAUSED
    record(session, "offer.paused", f"offer:{offer.id}", by=by, now=now)
    session.commit()
    return offer


def resume_offer(session: Session, offer_id: int, host_id: int, *, by: int, now: datetime) -> Offer:
    """Open a paused offer again: the wishes that rank it count again.

    Raises:
        Refused: the round is being computed, or it is neither paused nor open.
    """
    offer, campaign = _seen(session, offer_id, host_id)
    if offer.state is OfferState.OPEN:
        return offer
    _refuse_computed(campaign)
    offer.state = OfferState.OPEN
    record(session, "offer.resumed", f"offer:{offer.id}", by=by, now=now)
    session.commit()
    return offer


@dataclass(frozen=True, slots=True)
class NewPlaces:
    """Places by Monday and in all; `knowing`: the host has read whom fewer places touch."""

    seats: Mapping[date, int]
    total: int | None = None
    knowing: bool = False


def change_weeks(
    session: Session,
    offer_id: int,
    host_id: int,
    wanted: NewPlaces,
    *,
    by: int | None,
    now: datetime,
) -> Offer:
    """Change the places of an offer that pupils see; `by` is None for a system.

    Raises:
        Refused: the round is being computed, a pupil holds one of the places taken away, or
            fewer places touch pupils who rank it and the host does not know it yet.
    """
    offer, campaign = _seen(session, offer_id, host_id)
    _refuse_computed(campaign)
    refuse_if_shared(session, offer)
    for turn in campaign.rounds:
        locked_round(session, turn.id)
    touched = consequences(session, offer)
    _refuse_below(offer, touched.held, wanted)
    fewer = any(wanted.seats.get(one.week.monday, 0) < one.seats for one in offer.weeks)
    if fewer and touched.ranking and not wanted.knowing:
        raise Refused(f"{touched.sentence} Confirmez qu’il y a moins de places.", "knowing")
    write_weeks(session, offer, wanted.seats, wanted.total)
    record(session, "offer.seats", f"offer:{offer.id}", by=by, now=now, seats=offer.seats)
    session.commit()
    return offer


def change_practical(
    session: Session,
    offer_id: int,
    host_id: int,
    practical: Practical,
    *,
    by: int,
    now: datetime,
) -> Offer:
    """Change hours, access or contact; who holds a place is told what is new, family and school.

    Raises:
        Refused: the hours break the law; the field names the day.
    """
    offer, _ = _seen(session, offer_id, host_id)
    before = _told(offer)
    if store_days(practical.days) != offer.days:
        refuse_if_shared(session, offer)
    write_practical(offer, practical)
    after = _told(offer)
    changed = {name: text for name, text in after.items() if text != before[name]}
    if changed:
        for place in consequences(session, offer).held:
            tell_changed(session, place, changed, now=now)
    record(session, "offer.practical", f"offer:{offer.id}", by=by, now=now, changed=list(changed))
    session.commit()
    return offer


def seen_offer(session: Session, offer_id: int, host_id: int) -> tuple[Offer, Consequences]:
    """An offer of this host that pupils see or saw, and whom its changes touch.

    Raises:
        Refused: it is still a draft, or withdrawn.
    """
    offer, _ = _seen(session, offer_id, host_id)
    return offer, consequences(session, offer)


def _seen(session: Session, offer_id: int, host_id: int) -> tuple[Offer, Campaign]:
    offer = session.scalars(offer_of_host(offer_id, host_id)).one()
    if offer.state not in SEEN:
        raise Refused(f"Cette offre n’est pas ouverte : {offer.state.label.lower()}.")
    return offer, session.scalars(campaign_by_id(offer.campaign_id)).one()


def _refuse_computed(campaign: Campaign) -> None:
    if being_computed(campaign):
        raise Refused("Les vœux sont clos : vos places sont dans le calcul jusqu’aux résultats.")


def _refuse_below(offer: Offer, held: list[Placement], wanted: NewPlaces) -> None:
    """A week in which pupils have a place cannot vanish."""
    places = Counter(place.offer_week_id for place in held)
    for offered in offer.weeks:
        count, monday = places[offered.id], offered.week.monday
        if wanted.seats.get(monday, 0) < count:
            kept = plural(count, "élève y a sa place", "élèves y ont leur place")
            at_least = f"gardez au moins {plural(count, 'place')}"
            raise Refused(
                f"Semaine {week(monday, year=False)} : {kept}, {at_least}.", field_of(monday)
            )
    if wanted.total is not None and wanted.total < len(held):
        raise Refused(
            f"{plural(len(held), 'élève a', 'élèves ont')} déjà une place ici : "
            f"{len(held)} au moins.",
            "total_seats",
        )


def _told(offer: Offer) -> dict[str, str]:
    contact = (offer.contact_name, offer.contact_email, offer.contact_phone)
    return {
        "hours": offer.hours,
        "access": offer.access,
        "contact": ", ".join(filter(None, contact)),
    }
