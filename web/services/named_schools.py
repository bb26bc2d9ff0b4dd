"""Seats that a host keeps for schools that it names: who may be named, and who sees them."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from models import (
    Host,
    Label,
    Offer,
    OfferKind,
    Pupil,
    Round,
    School,
    campaign_by_id,
    classes_of_school,
    offers_keeping_by_label,
    offers_naming_schools,
    school_by_id,
    schools_in_territory,
    schools_of_campaign,
)
from web.services.errors import Refused
from web.services.freezing.named import named_seats
from web.services.freezing.seats import holds_back, kept_seats
from web.services.needs import NEARBY_M
from web.services.reach import distance_m, farthest_m, is_labelled
from web.services.seasons import needed_campaign

if TYPE_CHECKING:
    from web.services.offer_drafts import Activity


def schools_to_name(session: Session, host: Host, picked: list[int] | None = None) -> list[School]:
    """The schools within reach of a host's sites, nearest first, and those already picked.

    Only those of priority or with classes in the season: the others send nobody.
    """
    campaign = needed_campaign(session, host.territory_id)
    sending = {one.id for one in session.scalars(schools_of_campaign(campaign.id))}
    found = []
    for school in session.scalars(schools_in_territory(host.territory_id)):
        metres = min((distance_m(school, site) for site in host.sites), default=0)
        sends = school.id in sending or school.label_in(campaign.season) is not Label.NONE
        if (sends and metres <= NEARBY_M) or school.id in (picked or ()):
            found.append((metres, school.name, school.id, school))
    return [school for *_, school in sorted(found, key=lambda one: one[:3])]


def check_named(session: Session, host: Host, activity: "Activity") -> None:
    """Refuse seats kept for schools that cannot be, or that would say two things at once.

    Raises:
        Refused: seats without schools or the reverse, a school of elsewhere, an offer that is
            not individual, or a maximum for one school.
    """
    if not activity.named_seats and not activity.named_schools:
        return
    if not activity.named_seats:
        raise Refused("Dites combien de places garder pour ces collèges.", "named_seats")
    if not activity.named_schools:
        raise Refused("Choisissez pour quels collèges garder ces places.", "named_schools")
    known = {one.id for one in session.scalars(schools_in_territory(host.territory_id))}
    if not known.issuperset(activity.named_schools):
        raise Refused("Choisissez des collèges de votre département.", "named_schools")
    if activity.kind is not OfferKind.SINGLE:
        raise Refused(
            "Seul un accueil individuel garde des places pour des collèges nommés.", "named_seats"
        )
    if activity.school_max:
        raise Refused(
            "Choisissez : des places pour des collèges nommés, ou un maximum par collège.",
            "school_max",
        )


def keep_named(offer: Offer, activity: "Activity") -> None:
    """Put in an offer the seats that it keeps, and for whom."""
    both = activity.named_seats and activity.named_schools
    offer.named_seats = activity.named_seats if both else 0
    offer.named_schools = sorted(set(activity.named_schools)) if both else []


def named_schools(session: Session, host: Host, offer: Offer) -> list[str]:
    """The schools for which an offer keeps seats, in words."""
    if not offer.named_schools:
        return []
    schools = session.scalars(schools_in_territory(host.territory_id))
    return [f"{s.name} ({s.commune})" for s in schools if s.id in offer.named_schools]


def kept_for_pupil(session: Session, pupil: Pupil, offer: Offer) -> int | None:
    """Seats kept each week for her school: 0 when they are for others, None when none is kept."""
    if not offer.named_schools or not holds_back(offer, _turn(session, offer.campaign_id)):
        return None
    return offer.named_seats if pupil.school_id in offer.named_schools else 0


@dataclass(frozen=True, slots=True)
class KeptByLabel:
    """Seats that an offer now keeps each week for REP+ and REP schools."""

    seats: int
    hers: bool
    """Whether the pupil's school is one of them."""


def kept_by_label(session: Session, pupil: Pupil, offer: Offer) -> KeptByLabel | None:
    """What an offer keeps for REP+ and REP schools, as one pupil reads it; None for nothing."""
    if not offer.reserved_seats:
        return None
    campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
    if not holds_back(offer, campaign.current_round):
        return None
    return KeptByLabel(offer.reserved_seats, is_labelled(pupil.school, campaign.season))


@dataclass(frozen=True, slots=True)
class KeptOffer:
    """An open offer that keeps seats for a school: (Monday, seats kept) by week."""

    offer: Offer
    weeks: list[tuple[date, int]]


def kept_for_school(session: Session, school_id: int, campaign_id: int) -> list[KeptOffer]:
    """The open offers that now keep seats for the pupils of a school."""
    turn = _turn(session, campaign_id)
    found = []
    for offer in session.scalars(offers_naming_schools(campaign_id)):
        if school_id in offer.named_schools:
            kept = [(one.week.monday, named_seats(offer, one, turn)) for one in offer.weeks]
            if weeks := sorted((monday, seats) for monday, seats in kept if seats):
                found.append(KeptOffer(offer, weeks))
    return found


def kept_for_label(session: Session, school_id: int, campaign_id: int) -> list[KeptOffer]:
    """The open offers within reach that now keep seats for REP+ and REP schools, this one among
    them, in the weeks of its classes; nearest first.
    """
    campaign = session.scalars(campaign_by_id(campaign_id)).one()
    school = session.scalars(school_by_id(school_id)).one()
    if not is_labelled(school, campaign.season):
        return []
    classes = session.scalars(classes_of_school(school_id, campaign_id))
    away = {week.id for own in classes for week in own.weeks}
    found = []
    for offer in session.scalars(offers_keeping_by_label(campaign_id)):
        seats, metres = kept_seats(offer, campaign.current_round), farthest_m(school, offer)
        weeks = sorted(
            (one.week.monday, min(seats, one.seats)) for one in offer.weeks if one.week_id in away
        )
        if seats and weeks and metres <= 1000 * school.limit_km:
            found.append((metres, offer.id, KeptOffer(offer, weeks)))
    return [kept for *_, kept in sorted(found, key=lambda one: one[:2])]


def _turn(session: Session, campaign_id: int) -> Round:
    return session.scalars(campaign_by_id(campaign_id)).one().current_round
