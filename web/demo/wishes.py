"""What fictional pupils want: near, in fashion, to their taste, with a part of whim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from models import Family, Offer, Pupil, Wish, pupils_of_campaign
from web.services.reach import distance_m, reachable

KM_OF_TASTE = 7.0
"""How many kilometres one degree of taste is worth."""
SILENT, CONFIRMED, CHOOSY = 0.03, 0.75, 0.2
LENGTHS = (2, 4, 5, 6, 7, 8, 9, 10, 10, 10)
SAVED_WITHIN = 60 * 60
"""Minutes after its opening in which a wave of lists is saved."""


@dataclass(frozen=True)
class Listed:
    """The list that a pupil has in mind."""

    pupil_id: int
    offer_ids: tuple[int, ...]
    confirms: bool


def lists(
    pupils: Sequence[Pupil], offers: Sequence[Offer], heat: Mapping[int, float], rng: Random
) -> list[Listed]:
    """The list of each pupil in turn; a few have none. `heat` tells how wanted an offer is."""
    schools = {pupil.school for pupil in pupils}
    km = {(s.id, o.id): distance_m(s, o.site) / 1000 for s in schools for o in offers}
    found = []
    for pupil in pupils:
        ranked = _by_liking(pupil, offers, km, heat, rng)
        length = 0 if rng.random() < SILENT else rng.choice(LENGTHS)
        ids = tuple(one.id for one in ranked[:length])
        found.append(Listed(pupil.id, ids, bool(ids) and rng.random() < CONFIRMED))
    return found


def _by_liking(
    pupil: Pupil,
    offers: Sequence[Offer],
    km: Mapping[tuple[int, int], float],
    heat: Mapping[int, float],
    rng: Random,
) -> list[Offer]:
    """The offers of a pupil's weeks, best liked first."""
    taste = {family: rng.gauss(0, 0.5) for family in Family}

    def dislike(one: Offer) -> float:
        far = km[pupil.school_id, one.id] / KM_OF_TASTE
        return far - 1.5 * heat[one.id] - taste[one.family] - rng.gauss(0, 0.4)

    return sorted(reachable(pupil, offers), key=dislike)


def write_lists(
    session: Session, campaign_id: int, listed: Sequence[Listed], start: datetime, rng: Random
) -> None:
    """Write these lists at once, as if saved one by one after `start`."""
    pupils = {pupil.id: pupil for pupil in session.scalars(pupils_of_campaign(campaign_id))}
    for one in listed:
        pupil = pupils[one.pupil_id]
        if not one.offer_ids or pupil.wishes:
            continue
        pupil.wishes = [Wish(offer_id=id_, rank=n) for n, id_ in enumerate(one.offer_ids, 1)]
        pupil.wishes_version = len(one.offer_ids)
        pupil.wishes_saved_at = start + timedelta(minutes=rng.randrange(SAVED_WITHIN))
        pupil.wishes_confirmed_at = pupil.wishes_saved_at if one.confirms else None
        if rng.random() < CHOOSY:
            pupil.refused_families = [rng.choice(list(Family)).value]
