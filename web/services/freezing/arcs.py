"""The places that a pupil may be given: wishes first, then completions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching import Arc
from matching.draws import pair_draws
from models import Need, Offer, Pupil, School
from web.services.freezing.kept import Kept
from web.services.needs_access import needs_of
from web.services.reach import Point, allowed_weeks, distance_m, limit_m, weeks_for

_Alike = tuple[frozenset[int], frozenset[Need]]
"""The weeks and the needs of a pupil: those who share them can take the same places."""
_Ints = NDArray[np.int64]
_Places = Mapping[int, tuple[int, ...]]
"""The offer-weeks that a pupil can take, by offer."""


@dataclass(frozen=True)
class _Nearby:
    """The offers that the pupils of a school can take, nearest first, as columns."""

    ids: _Ints
    metres: _Ints
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
        self.points = {o.id: [Point(site.lat, site.lon) for site in o.sites] for o in offers}
        self.families = {offer.id: offer.family.value for offer in offers}
        self.metres: dict[int, dict[int, int]] = {}
        self.class_weeks: dict[int, frozenset[int]] = {}
        self.open: dict[_Alike, _Places] = {}
        self.nearby: dict[tuple[int, _Alike], _Nearby] = {}
        self.free: dict[tuple[int, _Alike], list[tuple[int, Arc]]] = {}

    def of(self, pupil: Pupil, key: int) -> dict[int, Arc]:
        """The arcs of a pupil by offer-week."""
        metres, places = self._metres(pupil.school), self._open(pupil)
        wished = {wish.offer_id: wish.rank for wish in pupil.wishes}
        arcs = {
            place: Arc(place, rank, round(metres[offer] / 100))
            for offer, rank in wished.items()
            for place in places.get(offer, ())
        }
        for offer in self._completions(pupil, key, wished):
            for place in places[offer]:
                arcs[place] = Arc(place, 0, round(metres[offer] / 100), completion=True)
        return arcs

    def at(self, pupil: Pupil, place: int) -> Arc | None:
        """The arc of a pupil to one offer-week, not chosen; None when it is not offered."""
        offer = self.by_week.get(place)
        if offer is None:
            return None
        metres = self._metres(pupil.school)[offer.id]
        return Arc(place, dist=round(metres / 100), completion=True)

    def remaining(self, pupil: Pupil, left: set[int]) -> list[Arc]:
        """Every place still free that this pupil can take, whatever the limits of the family.

        `left` holds the offer-weeks that are free: the same ones for all the pupils of a freeze.
        """
        group = (pupil.school_id, self._alike(pupil))
        if group not in self.free:
            metres, places = self._metres(pupil.school), self._open(pupil)
            self.free[group] = [
                (offer, Arc(place, 0, round(metres[offer] / 100), completion=True))
                for offer, weeks in places.items()
                for place in weeks
                if place in left
            ]
        lost = self.kept.lost.get(pupil.id, ())
        return [arc for offer, arc in self.free[group] if offer not in lost]

    def _metres(self, school: School) -> dict[int, int]:
        """Metres from a school to each offer: for a parcours, to its farthest step."""
        if school.id not in self.metres:
            here = Point(school.lat, school.lon)
            self.metres[school.id] = {
                offer: max(distance_m(here, there) for there in points)
                for offer, points in self.points.items()
            }
        return self.metres[school.id]

    def _open(self, pupil: Pupil) -> _Places:
        """The places that a pupil can take and that are not shut: found once for all alike."""
        alike = self._alike(pupil)
        if alike not in self.open:
            shut = self.kept.shut
            found = {
                offer.id: tuple(one.id for one in weeks_for(pupil, offer) if one.id not in shut)
                for offer in self.offers.values()
            }
            self.open[alike] = {offer: places for offer, places in found.items() if places}
        return self.open[alike]

    def _alike(self, pupil: Pupil) -> _Alike:
        """What decides which places a pupil can take, wherever her school is."""
        klass = pupil.school_class_id
        if klass not in self.class_weeks:
            self.class_weeks[klass] = frozenset(allowed_weeks(pupil))
        return self.class_weeks[klass], needs_of(pupil)

    def _completions(self, pupil: Pupil, key: int, wished: Mapping[int, int]) -> list[int]:
        """The nearest offers within the family's limits; at equal distance the draw chooses."""
        near = self._near(pupil)
        limit = limit_m(pupil) if self.limit_km is None else 1000 * self.limit_km
        within = int(np.searchsorted(near.metres, limit, "right"))
        out = [*wished, *self.kept.lost.get(pupil.id, ())]
        fits = ~np.isin(near.ids[:within], out)
        if pupil.refused_families:
            fits &= ~np.isin(near.families[:within], pupil.refused_families)
        rows = np.flatnonzero(fits)
        if len(rows) > self.most > 0:
            last = near.metres[rows[self.most - 1]]
            rows = rows[: np.searchsorted(near.metres[rows], last, "right")]
        drawn = pair_draws(np.array([key]), near.ids[rows], self.seed)
        order = np.lexsort((drawn, near.metres[rows]))[: self.most]
        found: list[int] = near.ids[rows[order]].tolist()
        return found

    def _near(self, pupil: Pupil) -> _Nearby:
        group = (pupil.school_id, self._alike(pupil))
        if group not in self.nearby:
            metres = self._metres(pupil.school)
            ids = sorted(self._open(pupil), key=metres.__getitem__)
            self.nearby[group] = _Nearby(
                np.array(ids, np.int64),
                np.array([metres[one] for one in ids], np.int64),
                np.array([self.families[one] for one in ids], np.str_),
            )
        return self.nearby[group]
