"""What earlier rounds leave: places kept, offers refused, who comes later, seats that are shut."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import (
    Offer,
    Placement,
    PlacementState,
    Round,
    placements_of_campaign,
    places_lost,
    weeks_of,
)
from web.services.dates import closed_weeks


@dataclass(frozen=True)
class Kept:
    """What stands when a round freezes."""

    places: Mapping[int, Placement]
    """The place that a pupil holds, by pupil."""
    lost: Mapping[int, Set[int]]
    """The offers that a pupil gave back, refused or lost, by pupil."""
    later: Set[int]
    """The pupils who refused a place for a reason that their head has not validated."""
    taken: Mapping[int, int]
    """Pupils who hold each offer-week."""
    schools: Mapping[int, int]
    """The most pupils of one school who hold each offer-week."""
    shut: Set[int]
    """The offer-weeks where nobody else can come: full already, or too near."""

    @property
    def offers(self) -> list[Offer]:
        """The offers where somebody holds a place."""
        found = {held.offer_week.offer_id: held.offer_week.offer for held in self.places.values()}
        return [found[offer_id] for offer_id in sorted(found)]


def kept_for(session: Session, held_round: Round, offers: Iterable[Offer]) -> Kept:
    """What the earlier rounds of a campaign leave to one of its rounds."""
    campaign = held_round.campaign
    held = session.scalars(placements_of_campaign(campaign.id)).all()
    lost: dict[int, set[int]] = defaultdict(set)
    last: dict[int, Placement] = {}
    for one in session.scalars(places_lost(campaign.id)):
        lost[one.pupil_id].add(one.offer_week.offer_id)
        last[one.pupil_id] = one
    taken = Counter(one.offer_week_id for one in held)
    return Kept(
        places={one.pupil_id: one for one in held},
        lost=lost,
        later={pupil for pupil, one in last.items() if comes_later(one)},
        taken=taken,
        schools=_most_of_one_school(held),
        shut=_shut(session, held_round, offers, taken),
    )


def comes_later(lost: Placement) -> bool:
    """A place refused without a sound reason: those never offered any come before."""
    return lost.state is PlacementState.DECLINED and lost.validated_at is None


def _most_of_one_school(held: Iterable[Placement]) -> dict[int, int]:
    counts = Counter((one.offer_week_id, one.pupil.school_id) for one in held)
    most: dict[int, int] = {}
    for (place, _), count in counts.items():
        most[place] = max(most.get(place, 0), count)
    return most


def _shut(
    session: Session, held_round: Round, offers: Iterable[Offer], taken: Mapping[int, int]
) -> set[int]:
    if not taken and held_round.number == 1:
        return set()
    near = closed_weeks(held_round, session.scalars(weeks_of(held_round.campaign_id)))
    shut = set()
    for offer in offers:
        used = sum(taken.get(place.id, 0) for place in offer.weeks)
        whole = bool(offer.total_seats) and used >= (offer.total_seats or 0)
        for place in offer.weeks:
            full = taken.get(place.id, 0) >= place.seats
            if whole or full or place.week_id in near:
                shut.add(place.id)
    return shut
