"""The places that a pupil may be given: wishes first, then completions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching import Arc
from matching.draws import pair_draws
from models import Need, Offer, OfferWeek, Pupil
from web.services.freezing.kept import Kept
from web.services.needs_access import needs_of
from web.services.reach import allowed_weeks, farthest_m, limit_m, weeks_for

_Alike = tuple[frozenset[int], frozenset[Need]]
"""The weeks and the needs of a pupil: those who share them can take the same places."""


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
        self.class_weeks: dict[int, frozenset[int]] = {}
        self.open: dict[_Alike, dict[int, list[OfferWeek]]] = {}
        self.nearby: dict[tuple[int, _Alike], _Nearby] = {}

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
        pair = (pupil.school_id, -offer.id if offer.is_pathway else offer.site_id)
        if pair not in self.metres:
            self.metres[pair] = farthest_m(pupil.school, offer)
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

    def _weeks(self, pupil: Pupil, offer: Offer) -> Sequence[OfferWeek]:
        """The weeks of an offer that this pupil can take and that are not shut."""
        return self._open(pupil).get(offer.id, ())

    def _open(self, pupil: Pupil) -> Mapping[int, list[OfferWeek]]:
        """The weeks that a pupil can take, by offer: found once for all pupils alike."""
        alike = self._alike(pupil)
        if alike not in self.open:
            shut = self.kept.shut
            found = {o.id: weeks_for(pupil, o) for o in self.offers.values()}
            free = {o: [one for one in weeks if one.id not in shut] for o, weeks in found.items()}
            self.open[alike] = {offer: weeks for offer, weeks in free.items() if weeks}
        return self.open[alike]

    def _alike(self, pupil: Pupil) -> _Alike:
        """What decides which places a pupil can take, wherever her school is."""
        klass = pupil.school_class_id
        if klass not in self.class_weeks:
            self.class_weeks[klass] = frozenset(allowed_weeks(pupil))
        return self.class_weeks[klass], needs_of(pupil)

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
        group = (pupil.school_id, self._alike(pupil))
        if group not in self.nearby:
            offers = tuple(self.offers[offer] for offer in self._open(pupil))
            self.nearby[group] = _Nearby(
                offers,
                np.array([o.id for o in offers], np.int64),
                np.array([self.distance(pupil, o) for o in offers], np.int64),
                np.array([o.family.value for o in offers], np.str_),
            )
        return self.nearby[group]
