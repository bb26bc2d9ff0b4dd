"""Which places a pupil can have: the same rule for the catalogue, the freeze and the limits."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from models import Label, Offer, OfferWeek, Pupil, School
from web.services.needs_access import fits

EARTH_M = 6_371_000


class OnTheMap(Protocol):
    """What has a position: a school, a site, a commune."""

    @property
    def lat(self) -> float:
        """Degrees north."""

    @property
    def lon(self) -> float:
        """Degrees east."""


class Point(NamedTuple):
    """A bare position, in degrees."""

    lat: float
    lon: float


def distance_m(one: OnTheMap, other: OnTheMap) -> int:
    """Straight-line distance in metres between two positions, such as a school and a site."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    east = math.radians(other.lon - one.lon) * math.cos((lat1 + lat2) / 2)
    return round(EARTH_M * math.hypot(lat2 - lat1, east))


def farthest_m(one: OnTheMap, offer: Offer) -> int:
    """Metres from a position to an offer: for a parcours, to its farthest step."""
    return max(distance_m(one, site) for site in offer.sites)


def allowed_weeks(pupil: Pupil) -> set[int]:
    """The ids of the weeks in which her class is away."""
    return {week.id for week in pupil.school_class.weeks}


def weeks_for(pupil: Pupil, offer: Offer) -> list[OfferWeek]:
    """The weeks of an offer that this pupil can take, in order."""
    if not fits(pupil, offer):
        return []
    allowed = allowed_weeks(pupil)
    return [offered for offered in offer.weeks if offered.seats > 0 and offered.week_id in allowed]


def reachable(pupil: Pupil, offers: Iterable[Offer]) -> list[Offer]:
    """The offers that have at least one week for this pupil."""
    return [offer for offer in offers if weeks_for(pupil, offer)]


def is_labelled(school: School, season: int) -> bool:
    """Whether a school is REP+ or REP in a season: the labels for which hosts may keep seats."""
    return school.label_in(season) is not Label.NONE


def limit_m(pupil: Pupil) -> int:
    """How far a completion may be: the family's limit, else the school's, in metres."""
    return 1000 * (pupil.limit_km or pupil.school.limit_km)


def completions(pupil: Pupil, offers: Sequence[Offer], *, beyond: set[int]) -> list[Offer]:
    """The offers accepted in advance when no wish is possible, nearest first.

    `beyond` holds the ids of the offers already wished for.
    """
    limit = limit_m(pupil)
    refused = set(pupil.refused_families)
    found = [
        (farthest_m(pupil.school, offer), offer.id, offer)
        for offer in reachable(pupil, offers)
        if offer.id not in beyond and offer.family.value not in refused
    ]
    return [offer for metres, _, offer in sorted(found, key=lambda f: f[:2]) if metres <= limit]
