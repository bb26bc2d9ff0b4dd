"""The offers that one pupil can have: found, filtered, counted, a page at a time."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Campaign,
    CampaignState,
    Family,
    HostKind,
    Offer,
    OfferKind,
    OfferWeek,
    Pupil,
    Round,
    RoundState,
    Sector,
    campaign_by_id,
    campaigns_in_state,
    later_round,
    open_offer,
    open_offers,
    places_of_class,
    seats_taken_by_week,
    stops,
    weeks_of,
    wish_counts,
)
from web.services.dates import closed_weeks
from web.services.errors import Gone
from web.services.freezing.seats import holds_back, kept_seats
from web.services.needs_access import needs_of, provides
from web.services.reach import OnTheMap, distance_m, is_labelled, weeks_for
from web.services.spelling import close_words, plain

PER_PAGE = 30
NEAR = 6
QUIET_END = timedelta(hours=48)
SEEN_FROM = 5  # families read nothing that a handful of pupils would reveal


@dataclass(frozen=True, slots=True)
class Place:
    """An offer as one pupil sees it: her weeks only, metres from her school or from elsewhere."""

    offer_id: int
    title: str
    description: str
    sector: Sector
    host_name: str
    host_kind: HostKind
    commune: str
    insee_code: str
    lat: float
    lon: float
    metres: int
    demand: int | None
    seats: dict[int, int]
    """Seats by week id."""
    total_seats: int | None
    kept: int = 0
    """Seats of each week kept for schools of which hers is one, by name or by label."""
    pathway: bool = False
    """A week at several hosts: `metres` is to the farthest one."""
    at_state: bool = False
    """Whether a State service welcomes, were it one day of the week."""

    @property
    def open_seats(self) -> int:
        """Places over her weeks."""
        return min(sum(self.seats.values()), self.total_seats or 10**6)

    @property
    def family(self) -> Family:
        """The family of its sector."""
        return self.sector.family

    @property
    def words(self) -> str:
        """What a search looks into, without accents."""
        return plain(
            f"{self.title} {self.host_name} {self.commune} {self.sector.label} {self.description}"
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """What a pupil looks for; an empty filter lets everything through."""

    words: str = ""
    family: Family | None = None
    km: int | None = None
    state_only: bool = False
    pathways_only: bool = False
    week_id: int | None = None
    by_title: bool = False
    communes: frozenset[str] = frozenset()
    """INSEE codes of an area of the map; empty for everywhere."""

    def active(self) -> int:
        """How many filters are on; the order is not one."""
        return len(self._tests({}))

    @property
    def asked(self) -> list[str]:
        """The words typed, as they are compared."""
        return plain(self.words).split()

    def fits(self, place: Place, meant: "Meant") -> bool:
        """Whether a place passes every filter."""
        return all(passes(place) for passes in self._tests(meant))

    def score(self, place: Place, meant: "Meant") -> int:
        """How many filters a place passes."""
        return sum(passes(place) for passes in self._tests(meant))

    def _tests(self, meant: "Meant") -> list[Callable[[Place], bool]]:
        tests: list[Callable[[Place], bool]] = []
        for word in self.asked:
            any_of = meant.get(word, (word,))
            tests.append(lambda place, any_of=any_of: any(w in place.words for w in any_of))  # type: ignore[misc]
        if self.family:
            tests.append(lambda place: place.family is self.family)
        if self.km:
            tests.append(lambda place: place.metres <= 1000 * (self.km or 0))
        if self.state_only:
            tests.append(lambda place: place.at_state)
        if self.pathways_only:
            tests.append(lambda place: place.pathway)
        if self.week_id:
            tests.append(lambda place: self.week_id in place.seats)
        if self.communes:
            tests.append(lambda place: place.insee_code in self.communes)
        return tests


Meant = Mapping[str, tuple[str, ...]]
"""For a word that no place has, the near words that some have."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One page of results, and what to say around it."""

    possible: int
    """How many offers her weeks allow, filters aside."""
    found: int
    page: int
    pages: int
    shown: list[Place]
    near: list[Place] = field(default_factory=list)
    """When nothing fits: the closest to what was asked."""
    fitting: list[Place] = field(default_factory=list)
    """All that fit, for the map."""
    meant: Meant = field(default_factory=dict)


def places_for(session: Session, pupil: Pupil, origin: OnTheMap | None = None) -> list[Place]:
    """Every offer that this pupil can have, nearest first, in two queries.

    Distances are from her school, or from the place that the family named for this search.
    """
    found: dict[int, Place] = {}
    needs = needs_of(pupil)
    route: dict[int, list[Any]] = {}
    for stop in session.execute(stops(pupil.campaign_id)):
        route.setdefault(stop.offer_id, []).append(stop)
    rows: Sequence[Any] = session.execute(places_of_class(pupil.school_class_id)).all()
    turn = session.scalar(later_round(pupil.campaign_id))
    back = _held_back(session, pupil, rows, turn)
    for row in rows:
        seats = back.left(row, first=turn is None)
        if seats < 1 or (needs and not provides(row.accessibility, needs)):
            continue
        if row.offer_id not in found:
            way = route.get(row.offer_id, [row])
            found[row.offer_id] = Place(
                row.offer_id,
                row.title,
                row.description,
                row.sector,
                _names(way),
                row.host_kind,
                row.commune,
                row.insee_code,
                row.lat,
                row.lon,
                max(distance_m(origin or pupil.school, stop) for stop in way),
                row.demand,
                {},
                row.total_seats,
                kept=back.for_her(row),
                pathway=row.kind is OfferKind.PATHWAY,
                at_state=any(stop.host_kind is HostKind.STATE for stop in way),
            )
        found[row.offer_id].seats[row.week_id] = seats
    still = _still_open(session, turn, found)
    return sorted(still, key=lambda place: (place.metres, place.offer_id))


@dataclass(frozen=True, slots=True)
class _HeldBack:
    """What offers now keep for some schools, as the school of one pupil sees it."""

    offer_ids: frozenset[int]
    school_id: int
    labelled: bool
    """Whether her school is REP+ or REP this season."""

    def for_her(self, row: Any) -> int:
        """Seats of each week that are kept for her school among others."""
        if row.offer_id not in self.offer_ids:
            return 0
        named = row.named_seats if self.school_id in row.named_schools else 0
        return named + (row.reserved_seats if self.labelled else 0)

    def left(self, row: Any, *, first: bool) -> int:
        """Seats of a week that she can have; one at least is kept open beside named schools."""
        seats: int = row.seats
        if row.offer_id not in self.offer_ids:
            return seats
        named: int = min(row.named_seats, max(seats - 1, 0))
        reserve: int = 0 if self.labelled else row.reserved_seats
        hers = self.school_id in row.named_schools or not first
        return max(seats - named - reserve, 0) + (named if hers else 0)


def _held_back(
    session: Session, pupil: Pupil, rows: Iterable[Any], turn: Round | None
) -> _HeldBack:
    """The offers that now keep seats for schools, by name or by label."""
    keeping = [row for row in rows if row.named_seats or row.reserved_seats]
    if not keeping:
        return _HeldBack(frozenset(), pupil.school_id, labelled=False)
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    current = turn or campaign.current_round
    held = frozenset(row.offer_id for row in keeping if holds_back(row, current))
    return _HeldBack(held, pupil.school_id, is_labelled(pupil.school, campaign.season))


def _still_open(session: Session, turn: Round | None, found: dict[int, Place]) -> list[Place]:
    """In a complementary round, the seats that nobody holds, in weeks that are far enough."""
    if turn is None:
        return list(found.values())
    near = closed_weeks(turn, session.scalars(weeks_of(turn.campaign_id)))
    taken: Counter[tuple[int, int]] = Counter()
    for offer_id, week_id, count in session.execute(seats_taken_by_week(turn.campaign_id)):
        taken[offer_id, week_id] = count
    still = []
    for place in found.values():
        left = {
            week_id: seats - taken[place.offer_id, week_id]
            for week_id, seats in place.seats.items()
            if week_id not in near and seats > taken[place.offer_id, week_id]
        }
        used = sum(count for (offer_id, _), count in taken.items() if offer_id == place.offer_id)
        total = place.total_seats - used if place.total_seats else None
        if left and total != 0:
            still.append(replace(place, seats=left, total_seats=total))
    return still


def _names(way: Sequence[Any]) -> str:
    """« Préfecture, DDTM et Biocoop »."""
    *first, last = dict.fromkeys(stop.host_name for stop in way)
    return f"{', '.join(first)} et {last}" if first else last


def catalogue(
    session: Session,
    pupil: Pupil,
    filters: Filters,
    *,
    page: int = 1,
    origin: OnTheMap | None = None,
) -> Catalogue:
    """Return a page of the offers that this pupil can have and that pass the filters."""
    places = places_for(session, pupil, origin)
    meant = _meant(places, filters.asked)
    fitting = [place for place in places if filters.fits(place, meant)]
    if filters.by_title:
        fitting.sort(key=lambda place: (plain(place.title), place.metres))
    pages = max(1, -(-len(fitting) // PER_PAGE))
    page = min(max(page, 1), pages)
    shown = fitting[(page - 1) * PER_PAGE : page * PER_PAGE]
    near = [] if fitting else _nearest(places, filters, meant)
    return Catalogue(len(places), len(fitting), page, pages, shown, near, fitting, meant)


def _meant(places: Sequence[Place], asked: Sequence[str]) -> Meant:
    """Near words for those that no place has: a slip of the finger finds what was meant."""
    unknown = [word for word in asked if not any(word in place.words for place in places)]
    if not unknown:
        return {}
    known = {word for place in places for word in re.findall(r"\w+", place.words)}
    near = {word: close_words(word, known) for word in unknown}
    return {word: words for word, words in near.items() if words}


def _nearest(places: Sequence[Place], filters: Filters, meant: Meant) -> list[Place]:
    scored = [(filters.score(place, meant), place) for place in places]
    best = max((score for score, _ in scored), default=0)
    return [place for score, place in scored if score == best > 0][:NEAR]


def offer_for(session: Session, pupil: Pupil, offer_id: int) -> Offer:
    """Return an offer with its weeks, if this pupil can have it.

    Raises:
        Gone: it is not open, or none of its weeks is hers.
    """
    offer = session.scalar(open_offer(offer_id, pupil.campaign_id))
    if offer is None or not open_weeks(session, pupil, offer):
        raise Gone("Cette offre n’est pas possible cette année.")
    return offer


def open_weeks(session: Session, pupil: Pupil, offer: Offer) -> list[OfferWeek]:
    """Her weeks of an offer, without those whose every seat is kept for other labels."""
    if not offer.reserved_seats:
        return weeks_for(pupil, offer)
    return weeks_left(pupil, offer, session.scalars(campaign_by_id(pupil.campaign_id)).one())


def weeks_left(pupil: Pupil, offer: Offer, campaign: Campaign) -> list[OfferWeek]:
    """The same, for who already holds the campaign: it asks the database for nothing more."""
    weeks = weeks_for(pupil, offer)
    if not weeks or not offer.reserved_seats or pupil.school_id in offer.named_schools:
        return weeks
    if is_labelled(pupil.school, campaign.season):
        return weeks
    kept = kept_seats(offer, campaign.current_round)
    return [offered for offered in weeks if offered.seats > kept]


def demand_shown(round_: Round, now: datetime) -> bool:
    """Whether the words of demand are shown: not in the last 48 hours, they invite gaming."""
    return round_.state is RoundState.WISHES_OPEN and now < round_.wishes_close_at - QUIET_END


def refresh_demand(session: Session, *, now: datetime) -> int:
    """Put the three words of demand up to date for every open round; return how many changed.

    Asked once a day, at night: within a day nobody can watch a word react to a wish.
    """
    changed = 0
    for campaign in session.scalars(campaigns_in_state(CampaignState.RUNNING)):
        if demand_shown(campaign.current_round, now):
            changed += _refresh(session, campaign)
    session.commit()
    return changed


def _refresh(session: Session, campaign: Campaign) -> int:
    offers = session.scalars(open_offers(campaign.id)).all()
    counts = dict(session.execute(wish_counts(campaign.id)).all())
    if not counts:  # no wish yet: nothing is known, so nothing is said
        return 0
    seats = sum(offer.seats for offer in offers)
    mean = sum(counts.values()) / seats if seats else 0.0
    changed = 0
    for offer in offers:
        level = demand_level(counts.get(offer.id, 0), offer.seats, mean)
        changed += offer.demand != level
        offer.demand = level
    return changed


def demand_level(wishes: int, seats: int, mean: float) -> int:
    """1, 2 or 3: wishes per seat, compared with the mean of the campaign."""
    if wishes < SEEN_FROM or wishes < 0.75 * mean * seats:
        return 1
    return 3 if wishes >= 1.5 * mean * seats else 2
