"""The half-days that hosts offer in one week: what is left of them, and the weeks they can make."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sqlalchemy.orm import Session

from matching.composing import Composition, HalfDays, Rules, compose
from models import (
    HALVES,
    WEEKDAYS,
    Day,
    Family,
    Host,
    HostKind,
    Offer,
    OfferState,
    OfferWeek,
    Span,
    half_days_of_week,
    pathways_of,
    segment_key,
)
from web.services.hours import (
    BREAK,
    BREAK_AFTER,
    EARLIEST,
    LATEST,
    LONGEST_DAY,
    NIGHT,
    breaches,
)
from web.services.reach import EARTH_M, distance_m

TRAVEL_KM = 10
"""Between two steps in a row, in a straight line, unless the animator says otherwise."""
FREE_HALF = 5
"""Wednesday afternoon, the half-day that a week may go without."""
SECONDS = 8.0
"""What an animator waits for at most; the bound that remains is then said."""
LIVE = (OfferState.DRAFT, OfferState.OPEN, OfferState.PAUSED, OfferState.RETURNED)
FAMILIES = {family: number for number, family in enumerate(Family)}


@dataclass(frozen=True, slots=True)
class HalfDay:
    """One half-day of one host in a week."""

    offered: OfferWeek
    weekday: int
    half: int
    span: Span
    left: int
    """Seats that no parcours counts on yet."""

    @property
    def key(self) -> int:
        """The number that stands for it, see `segment_key`."""
        return segment_key(self.offered.id, self.weekday, self.half)

    @property
    def offer(self) -> Offer:
        """What the host offers."""
        return self.offered.offer

    @property
    def host(self) -> Host:
        """Who offers it."""
        return self.offer.site.host

    @property
    def seats(self) -> int:
        """Seats in all."""
        return self.offered.seats

    @property
    def slot(self) -> int:
        """0 for Monday morning to 9 for Friday afternoon."""
        return 2 * self.weekday + self.half

    @property
    def name(self) -> str:
        """« lundi matin »."""
        return f"{WEEKDAYS[self.weekday]} {HALVES[self.half]}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A week that the composer proposes: how many pupils, at which half-days."""

    seats: int
    steps: tuple[HalfDay, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """The proposed weeks, what they use, and the proof that no other set does better."""

    weeks: tuple[Proposal, ...]
    found: Composition
    offered: int
    """Pupil half-days that were left."""


def pool_of(
    session: Session, territory_id: int, campaign_id: int, week_id: int, *, but: int | None = None
) -> list[HalfDay]:
    """The half-days of a week, in the order of the week, with what other parcours leave of them.

    `but`: the parcours under the pen, which does not count against itself.
    """
    counted: Counter[int] = Counter()
    for pathway in session.scalars(pathways_of(territory_id, campaign_id)):
        if pathway.state in LIVE and pathway.id != but:
            for step in pathway.steps:
                counted[step.key] += pathway.seats
    found = []
    for offered in session.scalars(half_days_of_week(campaign_id, week_id)):
        if offered.offer.site.host.territory_id != territory_id:
            continue
        for day in offered.offer.timetable:
            for half, span in enumerate((day.morning, day.afternoon)):
                if span:
                    used = counted[segment_key(offered.id, day.weekday, half)]
                    left = max(offered.seats - used, 0)
                    found.append(HalfDay(offered, day.weekday, half, span, left))
    return sorted(found, key=lambda one: (one.slot, one.host.name, one.key))


def propose(
    pool: Sequence[HalfDay],
    *,
    travel_km: int = TRAVEL_KM,
    without: Iterable[int] = (FREE_HALF,),
    seconds: float | None = SECONDS,
) -> Proposals:
    """Compose weeks out of what is left, for as many pupils as possible.

    `without`: the half-days of the ten that a week may go without; `seconds`: the longest search.
    """
    rules = Rules(
        day_minutes=LONGEST_DAY.value,
        rest_minutes=NIGHT.value,
        unbroken_minutes=BREAK_AFTER.value,
        break_minutes=BREAK.value,
        earliest=EARLIEST.value,
        latest=LATEST.value,
        travel_m=1000 * travel_km,
        free=tuple(without),
    )
    found = compose(_arrays(pool), rules, seconds)
    known = {one.key: one for one in pool}
    weeks = tuple(
        Proposal(week.seats, tuple(known[key] for key in week.steps)) for week in found.weeks
    )
    return Proposals(weeks, found, sum(one.left for one in pool))


def _arrays(pool: Sequence[HalfDay]) -> HalfDays:
    """The half-days as the rule reads them, on a plane around their middle."""
    sites = [one.offer.site for one in pool]
    middle = math.radians(sum(site.lat for site in sites) / len(sites)) if sites else 0.0
    rows = [
        (
            one.key,
            one.host.id,
            int(one.host.kind is HostKind.STATE),
            FAMILIES[one.offer.family],
            one.weekday,
            one.half,
            one.span.start,
            one.span.end,
            one.left,
            round(EARTH_M * math.radians(site.lon) * math.cos(middle)),
            round(EARTH_M * math.radians(site.lat)),
        )
        for one, site in zip(pool, sites, strict=True)
    ]
    return HalfDays(*np.array(rows, np.int64).reshape(-1, 11).T)


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to say of a week of half-days."""

    days: tuple[Day, ...]
    minutes: int
    farthest_m: int
    """The longest way between two steps in a row."""
    seats: int
    """The smallest number of seats among its steps."""
    narrow: HalfDay | None
    """The step that has it, when the others have more."""
    troubles: tuple[str, ...]
    """What keeps it from being proposed to pupils."""


def look_at(steps: Sequence[HalfDay], *, long_week: bool = False) -> Look:
    """Check the week that these half-days make, in the order of the week."""
    days = days_of({one.slot: one.span for one in steps})
    ways = [distance_m(a.offer.site, b.offer.site) for a, b in pairwise(steps)]
    seats = min((one.seats for one in steps), default=0)
    troubles = [said for weekday in range(5) if (said := _missing(steps, weekday))]
    if steps:
        troubles += [breach.sentence for breach in breaches(days, long_week=long_week)]
        troubles += _hurries(steps)
    narrow = next((one for one in steps if one.seats == seats), None)
    if all(one.seats == seats for one in steps):
        narrow = None
    minutes = sum(day.minutes for day in days)
    return Look(days, minutes, max(ways, default=0), seats, narrow, tuple(troubles))


def days_of(spans: Mapping[int, Span]) -> tuple[Day, ...]:
    """The days that half-days make, by slot."""
    halves: dict[int, list[Span | None]] = defaultdict(lambda: [None, None])
    for slot, span in spans.items():
        halves[slot // 2][slot % 2] = span
    return tuple(Day(weekday, *halves[weekday]) for weekday in sorted(halves))


def _missing(steps: Sequence[HalfDay], weekday: int) -> str | None:
    if any(one.weekday == weekday for one in steps):
        return None
    return f"{WEEKDAYS[weekday].capitalize()} : choisissez au moins une demi-journée."


def _hurries(steps: Sequence[HalfDay]) -> list[str]:
    """Days that leave no half-hour to go from one host to another."""
    return [
        f"{WEEKDAYS[a.weekday].capitalize()} : il faut {BREAK.told} min entre {a.host.name} "
        f"et {b.host.name}."
        for a, b in pairwise(steps)
        if a.weekday == b.weekday
        and a.host.id != b.host.id
        and b.span.start - a.span.end < BREAK.value
    ]


def substitutes(
    pool: Sequence[HalfDay], steps: Sequence[HalfDay], slot: int, seats: int
) -> list[HalfDay]:
    """What can stand at a moment of a week, best first: room for all, then on the way."""
    others = [one for one in steps if one.slot != slot]
    before = next((one for one in reversed(others) if one.slot < slot), None)
    after = next((one for one in others if one.slot > slot), None)

    def rank(one: HalfDay) -> tuple[bool, int, int]:
        near = [near for near in (before, after) if near is not None]
        ways = sum(distance_m(one.offer.site, other.offer.site) for other in near)
        return one.left < seats, ways, one.key

    known = set(look_at(others, long_week=True).troubles)

    def fits(one: HalfDay) -> bool:
        week = sorted([*others, one], key=lambda step: step.slot)
        return known.issuperset(look_at(week, long_week=True).troubles)

    return sorted((one for one in pool if one.slot == slot and fits(one)), key=rank)
