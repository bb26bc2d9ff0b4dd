"""Who sits where: how many seats a place has left for one pupil, and why none."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Label,
    Offer,
    OfferWeek,
    Pupil,
    School,
    schools_of_campaign,
    seats_taken,
)
from web.format import plural, week
from web.services.freezing.pupils import label_of
from web.services.freezing.seats import Shared

PRIORITY = (Label.REP_PLUS, Label.REP)


@dataclass(frozen=True, slots=True)
class Seated:
    """Pupils of one school who take a seat."""

    offer_week_id: int
    offer_id: int
    school: School
    count: int = 1


def held_seats(session: Session, campaign: Campaign) -> list[Seated]:
    """The seats of the places that the pupils of a campaign hold."""
    schools = {one.id: one for one in session.scalars(schools_of_campaign(campaign.id))}
    return [
        Seated(place, offer, schools[school], count)
        for place, offer, school, count in session.execute(seats_taken(campaign.id))
    ]


def _nobody_named(_offer: Offer, _place: OfferWeek) -> int:
    return 0


@dataclass
class Seating:
    """The seats taken, by place, by offer, by school and outside the reserve's labels."""

    season: int
    keeps: Callable[[Offer], int]
    """How many seats of each week an offer still keeps for REP+ and REP schools."""
    names: Callable[[Offer, OfferWeek], int] = _nobody_named
    """How many seats of a week an offer still keeps for the schools that it names."""
    opened: bool = False
    """Whether groups are formed: one that nobody is in does not open for one pupil."""
    taken: Counter[int] = field(default_factory=Counter)
    pooled: Counter[int] = field(default_factory=Counter)
    of_school: Counter[tuple[int, int]] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    of_others: Counter[tuple[int, int]] = field(default_factory=Counter)
    shared: Shared = field(default_factory=Shared)
    """The half-days of the parcours, which take one seat in each."""

    def seat(self, rows: Iterable[Seated]) -> "Seating":
        """Take the seats of these pupils."""
        for one in rows:
            place = one.offer_week_id
            self.taken[place] += one.count
            self.pooled[one.offer_id] += one.count
            self.of_school[place, one.school.id] += one.count
            others = 0 if self.has_priority(one.school) else one.count
            self.others[place] += others
            self.of_others[place, one.school.id] += others
        return self

    def has_priority(self, school: School) -> bool:
        """Whether the reserved seats are for the pupils of this school too."""
        return label_of(school, self.season) in PRIORITY

    def left(self, pupil: Pupil, offer: Offer, place: OfferWeek) -> int:
        """How many seats this pupil could have there: 0 when a limit is reached."""
        return max(min(count for count, _ in self._limits(pupil, offer, place)), 0)

    def refusal(self, pupil: Pupil, offer: Offer, place: OfferWeek) -> str | None:
        """Why this pupil cannot sit there too, or None."""
        return next((why for count, why in self._limits(pupil, offer, place) if count < 1), None)

    def _limits(self, pupil: Pupil, offer: Offer, place: OfferWeek) -> Iterable[tuple[int, str]]:
        """(seats left, what to say when none is) of each rule of an offer."""
        named = f"« {offer.title} », {week(place.week.monday, year=False)},"
        yield (
            place.seats - self.taken[place.id],
            f"{named} n’a que {plural(place.seats, 'place')}.",
        )
        keys = self.shared.of.get(place.id, ())
        if keys:
            left = self.shared.left(self.taken)
            why = f"{named} n’a plus de place à une de ses étapes, que d’autres parcours partagent."
            yield min(left[key] for key in keys), why
        if self.opened and offer.min_group and not self.taken[place.id]:
            yield 0, f"{named} ne s’ouvre qu’à un groupe, et aucun ne s’est formé."
        if offer.total_seats:
            in_all = plural(offer.total_seats, "place")
            yield (
                offer.total_seats - self.pooled[offer.id],
                f"« {offer.title} » n’a que {in_all} sur toutes ses semaines.",
            )
        if offer.school_max:
            yield (
                offer.school_max - self.of_school[place.id, pupil.school_id],
                f"{named} accueille au plus {plural(offer.school_max, 'élève')} d’un même collège.",
            )
        own = self.names(offer, place)
        inside = min(own, sum(self.of_school[place.id, one] for one in offer.named_schools))
        own_free = own - inside if pupil.school_id in offer.named_schools else 0
        if own and pupil.school_id not in offer.named_schools:
            yield (
                place.seats - own - (self.taken[place.id] - inside),
                f"{named} garde {plural(own, 'place')} pour des collèges que l’accueil a nommés.",
            )
        kept = min(self.keeps(offer), place.seats - own)
        if kept and not self.has_priority(pupil.school):
            # Those whom the reserve keeps out take the seats of their school first.
            outside = self.others[place.id] - min(inside, self._named_others(offer, place))
            yield (
                place.seats - own - kept - outside + own_free,
                f"{named} garde {plural(kept, 'place')} pour les collèges REP+ et REP.",
            )

    def _named_others(self, offer: Offer, place: OfferWeek) -> int:
        """Pupils of the named schools who have no right to the reserve."""
        return sum(self.of_others[place.id, school] for school in offer.named_schools)
