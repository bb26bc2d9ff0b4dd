"""Completion: within which limits another place is accepted when no wish is possible."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import Campaign, Family, Pupil
from web.format import plural
from web.services.catalogue import Place, places_for
from web.services.errors import Refused
from web.services.reach import limit_m

KM_CHOICES = (5, 10, 15, 20, 25, 30, 40, 60, 100, 200)
EVERYWHERE = KM_CHOICES[-1]
NO_FAMILY: frozenset[Family] = frozenset()


@dataclass(frozen=True, slots=True)
class Room:
    """How many other places a pupil's limits leave, and how many they must leave."""

    have: int
    need: int
    best: int
    """With no limit at all."""


def room_of(session: Session, pupil: Pupil, campaign: Campaign) -> Room:
    """Count what the present limits of a pupil leave, wishes aside."""
    others = _others(pupil, places_for(session, pupil))
    refused = {family for family in Family if family.value in pupil.refused_families}
    best = _count(others, EVERYWHERE, NO_FAMILY)
    have = sum(p.metres <= limit_m(pupil) and p.family not in refused for p in others)
    return Room(have, min(campaign.min_completions, best), best)


def refuse_narrow(
    session: Session, pupil: Pupil, campaign: Campaign, km: int, refused: set[Family]
) -> None:
    """Refuse limits that leave too few places, and say which wider ones would do.

    Raises:
        Refused: at the field of the distance, with a proposal.
    """
    if km not in KM_CHOICES:
        raise Refused("Cette distance n’est pas dans la liste.", "limit_km")
    others = _others(pupil, places_for(session, pupil))
    need = min(campaign.min_completions, _count(others, EVERYWHERE, NO_FAMILY))
    have = _count(others, km, refused)
    if have < need:
        left = f"Ces limites laissent {plural(have, 'place possible', 'places possibles')}"
        raise Refused(
            f"{left} : il en faut au moins {need}. {_wider(others, km, refused, need)}", "limit_km"
        )


def _wider(others: Sequence[Place], km: int, refused: set[Family], need: int) -> str:
    for wider in KM_CHOICES:
        count = _count(others, wider, refused)
        if wider > km and count >= need:
            far = "Sans limite de distance" if wider == EVERYWHERE else f"Jusqu’à {wider} km"
            return f"{far}, il y en a {count}."
    for wider in KM_CHOICES:
        count = _count(others, wider, NO_FAMILY)
        if wider >= km and count >= need:
            far = "sans limite de distance" if wider == EVERYWHERE else f"jusqu’à {wider} km"
            return f"Sans refuser de famille de métiers, {far}, il y en a {count}."
    raise AssertionError("no limit at all leaves the best count")


def _others(pupil: Pupil, places: Sequence[Place]) -> list[Place]:
    wished = {wish.offer_id for wish in pupil.wishes}
    return [place for place in places if place.offer_id not in wished]


def _count(places: Sequence[Place], km: int, refused: Set[Family]) -> int:
    near = km == EVERYWHERE
    return sum((near or p.metres <= 1000 * km) and p.family not in refused for p in places)
