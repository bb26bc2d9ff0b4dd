"""Seats kept for named schools: a second choice of the same offer-week, which only they reach."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from matching import ChoiceRow, PupilRow
from models import Offer, OfferWeek, Round
from web.services.freezing.kept import Kept
from web.services.freezing.seats import holds_back

KEPT = 1 << 40
"""Added to an offer-week, it makes the key of the seats that it keeps for named schools."""


@dataclass(frozen=True, slots=True)
class Named:
    """The seats that an offer-week keeps in a round, and for whom."""

    seats: int
    schools: frozenset[int]


def place_of(key: int) -> int:
    """The offer-week behind the key of a choice."""
    return key % KEPT


def named_seats(offer: Offer, place: OfferWeek, held_round: Round) -> int:
    """The seats of a week that an offer keeps for named schools in a round.

    They are released like those of the REP+ and REP reserve; one seat is always open to all.
    """
    kept = offer.named_seats if offer.named_schools and holds_back(offer, held_round) else 0
    return min(kept, max(place.seats - 1, 0))


def named_places(offers: Iterable[Offer], held_round: Round) -> dict[int, Named]:
    """The offer-weeks that keep seats for named schools in a round."""
    return {
        place.id: Named(seats, frozenset(offer.named_schools))
        for offer in offers
        for place in offer.weeks
        if (seats := named_seats(offer, place, held_round))
    }


def split(
    rows: Sequence[PupilRow],
    choices: Sequence[ChoiceRow],
    named: Mapping[int, Named],
    kept: Kept,
) -> tuple[list[PupilRow], list[ChoiceRow]]:
    """Part each of these offer-weeks in two choices: seats open to all, seats for its schools.

    The pupils of those schools reach both at the same rank. Of those who already have a seat
    there, as many as can take the kept ones, first those whom a REP+ and REP reserve keeps out
    of the open ones: whoever can take a kept seat could take an open one, never the reverse.
    """
    if not named:
        return list(rows), list(choices)
    seated = _seated(rows, named)
    holders: Counter[int] = Counter()
    for held in kept.places.values():
        one = named.get(held.offer_week_id)
        if one and held.pupil.school_id in one.schools:
            holders[held.offer_week_id] += 1
    parted = [
        part
        for choice in choices
        for part in _parts(choice, named.get(choice.key), kept, holders[choice.key])
    ]
    return [_reaching(row, named, seated.get(n)) for n, row in enumerate(rows)], parted


def _seated(rows: Sequence[PupilRow], named: Mapping[int, Named]) -> dict[int, int]:
    """The kept seats of those who have a place there, by row; locks come before memories."""
    free = {place: one.seats for place, one in named.items()}
    found = {}
    for n in sorted(range(len(rows)), key=lambda n: (rows[n].lock is None, -rows[n].tier)):
        place = rows[n].held if rows[n].lock is None else rows[n].lock
        one = None if place is None else named.get(place)
        if place is not None and one and free[place] and rows[n].school in one.schools:
            free[place] -= 1
            found[n] = place
    return found


def _parts(choice: ChoiceRow, one: Named | None, kept: Kept, holders: int) -> Sequence[ChoiceRow]:
    """The places that earlier rounds gave always fit."""
    if one is None:
        return (choice,)
    taken = kept.taken.get(choice.key, 0) - min(one.seats, holders)
    seats = max(choice.seats - one.seats, taken)
    return (
        replace(choice, seats=seats, reserve=min(choice.reserve, seats - taken)),
        replace(choice, key=choice.key + KEPT, seats=one.seats, reserve=0),
    )


def _reaching(row: PupilRow, named: Mapping[int, Named], seat: int | None) -> PupilRow:
    """The row of a pupil with the kept seats that she can reach."""
    more = [
        replace(arc, choice=arc.choice + KEPT)
        for arc in row.arcs
        if arc.choice in named and row.school in named[arc.choice].schools
    ]
    if not more:
        return row
    arcs = [*row.arcs, *more]
    if seat is None:
        return replace(row, arcs=arcs)
    lock, held = (seat + KEPT if place == seat else place for place in (row.lock, row.held))
    return replace(row, arcs=arcs, lock=lock, held=held)
