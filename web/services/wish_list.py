"""The list of a pupil as its page shows it: lines, who saved, advice, room for another place."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Account,
    Campaign,
    Event,
    FoundPlace,
    Offer,
    OfferState,
    OfferWeek,
    Pupil,
    Round,
    campaign_by_id,
    found_place_of,
    last_event,
    offers_by_id,
    wishes_of,
)
from web.services.catalogue import demand_shown, weeks_left
from web.services.found_places import LIVE
from web.services.reach import farthest_m, weeks_for
from web.services.wishes import CHANGED, CONFIRMED, LIMITED, ON_BEHALF, closed_to

MUCH, LITTLE = 3, 1


@dataclass(frozen=True, slots=True)
class Line:
    """One wish: the offer, how far it is, how much it is asked for (0: not shown, or lost).

    `weeks` are those in which a seat is hers to have; `kept` says that there would be some, had
    the host not kept all its seats for REP+ and REP schools.
    """

    rank: int
    offer: Offer
    metres: int
    demand: int
    weeks: list[OfferWeek]
    kept: bool

    @property
    def possible(self) -> bool:
        """False once the offer is withdrawn, no longer in her weeks, or kept for others."""
        return self.offer.state is OfferState.OPEN and bool(self.weeks)


@dataclass(frozen=True, slots=True)
class WishList:
    """A pupil's list, and what the page says around it."""

    pupil: Pupil
    campaign: Campaign
    lines: list[Line]
    closed: str | None
    """Why the list cannot change now, or None while it can."""
    saved_by: str | None
    """Who saved it last, when it is not the person who looks."""
    demand: bool
    found: FoundPlace | None
    """The place that the family found itself, if it counts or waits to be checked."""

    @property
    def round(self) -> Round:
        """The round under way."""
        return self.campaign.current_round

    @property
    def offer_ids(self) -> list[int]:
        """The offers, best first."""
        return [line.offer.id for line in self.lines]

    @property
    def full(self) -> bool:
        """No more wish can be added."""
        return len(self.lines) >= self.campaign.max_wishes

    def asked(self, level: int) -> int:
        """How many wishes have this level of demand."""
        return sum(line.demand == level for line in self.lines)


def wish_list(session: Session, pupil: Pupil, *, viewer: int, now: datetime) -> WishList:
    """Return the list of a pupil for the account that looks, in few queries."""
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    closed = closed_to(session, pupil, campaign.current_round, now)
    shown = demand_shown(campaign.current_round, now)
    lines = [
        line_of(campaign, pupil, wish.offer, wish.rank, demand=shown)
        for wish in session.scalars(wishes_of(pupil.id))
    ]
    author = _author(session, pupil, viewer)
    return WishList(pupil, campaign, lines, closed, author, shown, _found(session, pupil))


def lines_for(session: Session, pupil: Pupil, offer_ids: list[int]) -> list[Line]:
    """The lines of another list of this pupil, in this order; unknown offers are left out."""
    offers = {
        offer.id: offer for offer in session.scalars(offers_by_id(offer_ids, pupil.campaign_id))
    }
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    known = [offers[offer_id] for offer_id in offer_ids if offer_id in offers]
    return [line_of(campaign, pupil, one, rank, demand=False) for rank, one in enumerate(known, 1)]


def line_of(campaign: Campaign, pupil: Pupil, offer: Offer, rank: int, *, demand: bool) -> Line:
    """One offer as a line of the list."""
    weeks = weeks_left(pupil, offer, campaign)
    opened = offer.state is OfferState.OPEN
    level = (offer.demand or 0) if demand and opened and weeks else 0
    kept = opened and not weeks and bool(weeks_for(pupil, offer))
    return Line(rank, offer, farthest_m(pupil.school, offer), level, weeks, kept)


def _found(session: Session, pupil: Pupil) -> FoundPlace | None:
    place: FoundPlace | None = session.scalar(found_place_of(pupil.id))
    return place if place and place.state in LIVE else None


def _author(session: Session, pupil: Pupil, viewer: int) -> str | None:
    event: Event | None = session.scalar(
        last_event(f"pupil:{pupil.id}", CHANGED, LIMITED, CONFIRMED)
    )
    if event is None or event.actor_id in (None, viewer):
        return None
    author = session.get(Account, event.actor_id)
    if author is None:
        return None
    signed = session.scalar(last_event(f"pupil:{pupil.id}", ON_BEHALF))
    by_school = signed is not None and (signed.actor_id, signed.at) == (event.actor_id, event.at)
    return f"{author.name}, pour le collège" if by_school else author.name
