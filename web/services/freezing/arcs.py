"""The places that a pupil may be given: wishes first, then completions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching import Arc
from matching.draws import pair_draws
from models import Need, Offer, OfferWeek, Pupil
from web.services.freezing.kept import Kept
from web.services.needs_access import needs_of
from web.services.reach import allowed_weeks, distance_m, limit_m, weeks_for


@dataclass(frozen=True)
class _Nearby:
    """The offers that a class can take, as columns, for choosing completions fast."""

    offers: tuple[Offer, ...]
    ids: NDArray[np.int64]
    metres: NDArray[np.int64]
    families: NDArray[np.str_]


class Arcs:
    """The places that a pupil may be given: wishes first, then completions."""

    def __init__(
        self,
        most: int,
        offers: Sequence[Offer],
        seed: str,
        *,
        limit_km: int | None = None,
        kept: Kept,
    ) -> None:
        self.most = most
        self.kept = kept
        self.limit_km = limit_km
        self.offers = {offer.id: offer for offer in offers}
        self.by_week = {week.id: offer for offer in offers for week in offer.weeks if week.seats}
        self.seed = seed
        self.metres: dict[tuple[int, int], int] = {}
        self.nearby: dict[tuple[int, frozenset[int], frozenset[Need]], _Nearby] = {}

    def of(self, pupil: Pupil, key: int) -> dict[int, Arc]:
        """The arcs of a pupil by offer-week."""
        arcs: dict[int, Arc] = {}
        for wish in pupil.wishes:
            if wish.offer_id in self.offers:
                self._add(arcs, pupil, self.offers[wish.offer_id], rank=wish.rank)
        for offer in self._completions(pupil, key):
            self._add(arcs, pupil, offer)
        return arcs

    def distance(self, pupil: Pupil, offer: Offer) -> int:
        """Metres from the school of a pupil to an offer."""
        pair = (pupil.school_id, offer.site_id)
        if pair not in self.metres:
            self.metres[pair] = distance_m(pupil.school, offer.site)
        return self.metres[pair]

    def at(self, pupil: Pupil, place: int) -> Arc | None:
        """The arc of a pupil to one offer-week, not chosen; None when it is not offered."""
        offer = self.by_week.get(place)
        if offer is None:
            return None
        return Arc(place, dist=round(self.distance(pupil, offer) / 100), completion=True)

    def _add(self, arcs: dict[int, Arc], pupil: Pupil, offer: Offer, rank: int = 0) -> None:
        dist = round(self.distance(pupil, offer) / 100)
        for offered in self._weeks(pupil, offer):
            arcs[offered.id] = Arc(offered.id, rank, dist, completion=rank == 0)

    def _weeks(self, pupil: Pupil, offer: Offer) -> list[OfferWeek]:
        """The weeks of an offer that this pupil can take and that are not shut."""
        return [one for one in weeks_for(pupil, offer) if one.id not in self.kept.shut]

    def remaining(self, pupil: Pupil, left: set[int]) -> list[Arc]:
        """Every place still free that this pupil can take, whatever the limits of the family."""
        return [
            Arc(offered.id, 0, round(self.distance(pupil, offer) / 100), completion=True)
            for offer in self._near(pupil).offers
            if offer.id not in self.kept.lost.get(pupil.id, ())
            for offered in self._weeks(pupil, offer)
            if offered.id in left
        ]

    def _completions(self, pupil: Pupil, key: int) -> list[Offer]:
        """The nearest offers within the family's limits; at equal distance the draw chooses."""
        near = self._near(pupil)
        limit = limit_m(pupil) if self.limit_km is None else 1000 * self.limit_km
        wished = [wish.offer_id for wish in pupil.wishes]
        wished += self.kept.lost.get(pupil.id, ())
        fits = (near.metres <= limit) & ~np.isin(near.ids, wished)
        fits &= ~np.isin(near.families, pupil.refused_families)
        rows = np.flatnonzero(fits)
        drawn = pair_draws(np.array([key]), near.ids[rows], self.seed)
        order = np.lexsort((drawn, near.metres[rows]))[: self.most]
        return [near.offers[row] for row in rows[order]]

    def _near(self, pupil: Pupil) -> _Nearby:
        group = (pupil.school_id, frozenset(allowed_weeks(pupil)), needs_of(pupil))
        if group not in self.nearby:
            offers = tuple(o for o in self.offers.values() if self._weeks(pupil, o))
            self.nearby[group] = _Nearby(
                offers,
                np.array([o.id for o in offers], np.int64),
                np.array([self.distance(pupil, o) for o in offers], np.int64),
                np.array([o.family.value for o in offers], np.str_),
            )
        return self.nearby[group]
