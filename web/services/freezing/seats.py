"""The seats of a round: one row for each offer in each week, and what a run leaves free."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from matching import ChoiceRow
from models import Offer, Round, open_offers
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


def reserves_hold(held_round: Round) -> bool:
    """Whether seats kept for REP+ and REP schools count: in the first round only."""
    return held_round.number == 1


def choice_rows(
    offers: Iterable[Offer], kept: Kept, *, reserves: bool
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
                        reserve=min(offer.reserved_seats, seats - taken) if reserves else 0,
                        min_group=0 if taken else offer.min_group or 0,
                        pool=offer.id if offer.total_seats else None,
                    )
                )
    return rows, pools


def seats_left(choices: Iterable[ChoiceRow], pools: Mapping[int, int], given: Given) -> set[int]:
    """The offer-weeks that a first run did not fill."""
    used = Counter(place for place in given.values() if place is not None)
    pooled: Counter[int] = Counter()
    for choice in choices:
        if choice.pool is not None:
            pooled[choice.pool] += used[choice.key]
    return {
        choice.key
        for choice in choices
        if used[choice.key] < choice.seats
        and (choice.pool is None or pooled[choice.pool] < pools[choice.pool])
    }
