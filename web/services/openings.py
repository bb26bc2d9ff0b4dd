"""The places that one pupil could have now, best first: what a person who places by hand reads."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date

from models import Offer, OfferWeek, Pupil
from web.services.reach import farthest_m, limit_m, weeks_for
from web.services.seating import Seating
from web.services.spelling import plain


@dataclass(frozen=True, slots=True)
class Opening:
    """A place with a free seat for one pupil."""

    offer: Offer
    place: OfferWeek
    rank: int | None
    """Rank of her wish; None outside her list."""
    metres: int
    left: int
    accepted: bool
    """She ranked it, or it is within the limits that her family accepted in advance."""


def openings(
    pupil: Pupil,
    offers: Iterable[Offer],
    seating: Seating,
    *,
    refused: Set[int] = frozenset(),
    after: date | None = None,
) -> list[Opening]:
    """The places with a seat left for a pupil: her wishes by rank, then the nearest.

    Places beyond her limits come last. `refused` holds offers that she or her school refused;
    `after`: only the weeks that begin later than this day.
    """
    ranks = {wish.offer_id: wish.rank for wish in pupil.wishes}
    found = []
    for offer in offers:
        if offer.id in refused:
            continue
        metres = farthest_m(pupil.school, offer)
        rank = ranks.get(offer.id)
        accepted = rank is not None or is_accepted(pupil, offer)
        for place in weeks_for(pupil, offer):
            left = seating.left(pupil, offer, place)
            if left and (after is None or place.week.monday > after):
                found.append(Opening(offer, place, rank, metres, left, accepted))
    return sorted(found, key=_order)


def named_like(found: Iterable[Opening], words: str) -> list[Opening]:
    """The places whose title, host or commune hold every word, accents aside."""
    wanted = plain(words).split()
    return [one for one in found if all(word in _said(one.offer) for word in wanted)]


def _said(offer: Offer) -> str:
    return plain(f"{offer.title} {offer.host_names} {offer.site.commune}")


def is_accepted(pupil: Pupil, offer: Offer) -> bool:
    """Whether an offer outside her list is within the limits that her family accepted."""
    near = farthest_m(pupil.school, offer) <= limit_m(pupil)
    return near and offer.family.value not in pupil.refused_families


def _order(one: Opening) -> tuple[int, int, int, date, int]:
    far = 0 if one.rank else 1 if one.accepted else 2
    return far, one.rank or 0, one.metres, one.place.week.monday, one.place.id
