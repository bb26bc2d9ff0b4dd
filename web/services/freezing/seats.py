"""The seats of a round: one row for each offer in each week, and what a run leaves free."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from matching import ChoiceRow
from models import Offer, Round, open_offers, segment_key, segments
from web.format import paris
from web.services.freezing.kept import Kept

Given = Mapping[int, int | None]
"""The offer-week that a first run gave to each pupil, or None."""


def held_offers(session: Session, held_round: Round) -> list[Offer]:
    """The open offers of a round: those approved after its closing wait for the next one."""
    closed = held_round.snapshot_sha256 is not None
    return [
        offer
        for offer in session.scalars(open_offers(held_round.campaign_id))
        if not (closed and offer.decided_at and offer.decided_at > held_round.wishes_close_at)
    ]


@dataclass(frozen=True, slots=True)
class Shared:
    """The half-days that parcours share: of each one its seats, of each parcours its half-days."""

    seats: dict[int, int] = field(default_factory=dict)
    of: dict[int, list[int]] = field(default_factory=dict)
    """By the offer-week of the parcours."""

    def taken(self, taken: Mapping[int, int]) -> Counter[int]:
        """The seats taken in each half-day, from those taken in each offer-week."""
        found: Counter[int] = Counter()
        for place, keys in self.of.items():
            for key in keys:
                found[key] += taken.get(place, 0)
        return found

    def whole(self, taken: Mapping[int, int]) -> dict[int, int]:
        """The seats of each half-day; those that earlier rounds gave always fit."""
        used = self.taken(taken)
        return {key: max(seats, used[key]) for key, seats in self.seats.items()}

    def left(self, taken: Mapping[int, int]) -> dict[int, int]:
        """The seats left in each half-day."""
        used = self.taken(taken)
        return {key: max(seats - used[key], 0) for key, seats in self.seats.items()}


def shared_half_days(session: Session, campaign_id: int) -> Shared:
    """The half-days of every parcours of a campaign."""
    found = Shared()
    for place, source, weekday, half, seats in session.execute(segments(campaign_id)):
        key = segment_key(source, weekday, half)
        found.seats[key] = seats
        found.of.setdefault(place, []).append(key)
    return found


def holds_back(offer: Offer, held_round: Round) -> bool:
    """Whether an offer still keeps seats for some schools in a round.

    With a day of release they count as long as the wishes close before it, else in the first
    round only.
    """
    if offer.reserve_until is None:
        return held_round.number == 1
    return paris(held_round.wishes_close_at).date() < offer.reserve_until


def kept_seats(offer: Offer, held_round: Round) -> int:
    """The seats of each week that an offer keeps for REP+ and REP schools in a round."""
    return offer.reserved_seats if holds_back(offer, held_round) else 0


def choice_rows(
    offers: Iterable[Offer], kept: Kept, shared: Shared, held_round: Round
) -> tuple[list[ChoiceRow], dict[int, int]]:
    """The choices of these offers, whole, and the seats of the pools that join their weeks.

    The places that earlier rounds gave always fit: a limit lowered since never breaks them, and
    a group already formed keeps no minimum.
    """
    rows, pools = [], {}
    for offer in offers:
        if offer.total_seats:
            used = sum(kept.taken.get(offered.id, 0) for offered in offer.weeks)
            pools[offer.id] = max(offer.total_seats, used)
        for offered in offer.weeks:
            taken = kept.taken.get(offered.id, 0)
            seats = max(offered.seats, taken)
            limit = offer.school_max or 0
            if seats:
                rows.append(
                    ChoiceRow(
                        key=offered.id,
                        seats=seats,
                        week=offered.week_id,
                        host=offer.site.host_id,
                        school_max=max(limit, kept.schools.get(offered.id, 0)) if limit else 0,
                        reserve=min(kept_seats(offer, held_round), seats - taken),
                        min_group=0 if taken else offer.min_group or 0,
                        pool=offer.id if offer.total_seats else None,
                        segments=shared.of.get(offered.id),
                    )
                )
    return rows, pools


def seats_left(
    choices: Iterable[ChoiceRow],
    pools: Mapping[int, int],
    half_days: Mapping[int, int],
    given: Given,
) -> set[int]:
    """The offer-weeks that a first run did not fill; pools and half-days give seats by key."""
    choices = list(choices)
    used = Counter(place for place in given.values() if place is not None)
    pooled: Counter[int] = Counter()
    halves: Counter[int] = Counter()
    for choice in choices:
        if choice.pool is not None:
            pooled[choice.pool] += used[choice.key]
        for key in choice.segments or ():
            halves[key] += used[choice.key]
    return {
        choice.key
        for choice in choices
        if used[choice.key] < choice.seats
        and (choice.pool is None or pooled[choice.pool] < pools[choice.pool])
        and all(halves[key] < half_days[key] for key in choice.segments or ())
    }
