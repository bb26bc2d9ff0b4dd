"""Fictional hosts on real communes, and their offers, week by week."""

import math
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from sqlalchemy.orm import Session
from stdnum import luhn

from models import (
    USUAL,
    Campaign,
    Day,
    Host,
    HostKind,
    Need,
    Offer,
    OfferKind,
    OfferState,
    OfferWeek,
    Pupil,
    Sector,
    Site,
    Span,
    Territory,
    Week,
    store_days,
)
from web.adapters.places import Commune, find
from web.demo.names import family_name, mail_name, person
from web.demo.season import START
from web.demo.trades import STATE_SERVICES, TRADES, Trade
from web.services.reach import distance_m

ZONES = {
    "Nantes": {
        ("44000", "Nantes"): 12,
        ("44800", "Saint-Herblain"): 5,
        ("44400", "Rezé"): 3,
        ("44700", "Orvault"): 3,
        ("44470", "Carquefou"): 2,
        ("44230", "Saint-Sébastien-sur-Loire"): 2,
        ("44220", "Couëron"): 1,
        ("44120", "Vertou"): 1,
    },
    "Saint-Nazaire": {
        ("44600", "Saint-Nazaire"): 6,
        ("44570", "Trignac"): 2,
        ("44480", "Donges"): 2,
        ("44550", "Montoir-de-Bretagne"): 2,
        ("44380", "Pornichet"): 1,
    },
    "Châteaubriant": {
        ("44110", "Châteaubriant"): 6,
        ("44290", "Guémené-Penfao"): 3,
        ("44590", "Derval"): 1,
        ("44170", "Nozay"): 1,
    },
}
HOSTS = {"Nantes": 94, "Saint-Nazaire": 48, "Châteaubriant": 22}
"""Companies, associations and local authorities by zone; State services come beside."""
STREETS = (
    """
rue des Lilas|rue du Port|avenue de la Gare|place du Marché|rue des Tisserands|quai des Charbonniers
rue de la Fontaine|boulevard des Peupliers|rue du Moulin|allée des Cèdres|rue des Artisans
chemin des Vignes|rue de l’Écluse|rue du Four|impasse des Cordiers
""".strip()
    .replace("\n", "|")
    .split("|")
)
WAITING = 6
"""Offers that an animator still has to read."""
JITTER_KM = 1.6
DEGREE_KM = 111.2


def add_hosts(
    session: Session,
    campaign: Campaign,
    weeks: Sequence[Week],
    pupils: Sequence[Pupil],
    rng: Random,
    share: float = 1,
) -> dict[int, float]:
    """Add this share of the hosts with their offers; return how wanted each open one is, 0 to 1."""
    builder = _Builder(campaign, weeks, pupils, rng)
    made = [builder.state_offer(*service) for service in STATE_SERVICES]
    for zone, count in HOSTS.items():
        for number in range(math.ceil(count * share)):
            made.append(builder.trade_offer(zone, TRADES[(number * 7 + len(zone)) % len(TRADES)]))
    session.add_all(offer for offer, _ in made)
    for offer, _ in rng.sample(made[len(STATE_SERVICES) :], WAITING):
        offer.state, offer.decided_at = OfferState.SUBMITTED, None
    session.flush()
    return {offer.id: heat for offer, heat in made if offer.state is OfferState.OPEN}


TIMETABLES = (
    USUAL,
    tuple(Day(n, Span(510, 720), Span(810, 960)) for n in range(5)),
    (*(Day(n, Span(540, 720), Span(780, 990)) for n in range(4)), Day(4, Span(540, 720), None)),
)
"""Nine to four every day; half past eight to four; four longer days and a free Friday afternoon."""


class _Builder:
    def __init__(
        self, campaign: Campaign, weeks: Sequence[Week], pupils: Sequence[Pupil], rng: Random
    ) -> None:
        self.campaign, self.weeks, self.rng = campaign, weeks, rng
        self.names: set[str] = set()
        self.needs = _needs(pupils, weeks)

    def choose_weeks(self, zone: str, count: int, seats: int) -> list[int]:
        """Weeks in which pupils of this zone look for a place, the busiest more often."""
        need = self.needs[zone]
        chosen: set[int] = set()
        while len(chosen) < count:
            free = [w for w in range(len(self.weeks)) if w not in chosen]
            week = self.rng.choices(free, [max(need[w], 0.5) for w in free])[0]
            need[week] -= seats
            chosen.add(week)
        return sorted(chosen)

    def trade_offer(self, zone: str, trade: Trade) -> tuple[Offer, float]:
        """A host of a trade somewhere in a zone, and its offer."""
        name = trade.name.format(family_name(self.rng))
        while name in self.names:
            name = trade.name.format(family_name(self.rng))
        self.names.add(name)
        places = ZONES[zone]
        postcode, commune = self.rng.choices(list(places), list(places.values()))[0]
        site = self.site(name, postcode, commune, siret=True)
        heat = min(1.0, max(0.05, self.rng.gauss(trade.heat, 0.15)))
        group = trade.heat <= 0.4 and self.rng.random() < 0.12
        host = self.host(name, trade.kind, site)
        texts = (trade.title, trade.description)
        return self.offer(host, zone, trade.sector, texts, group=group), heat

    def state_offer(
        self, name: str, commune: str, sector: Sector, title: str
    ) -> tuple[Offer, float]:
        """A service of the State and its offer: more seats, a few kept for priority schools."""
        postcode = next(p for p, known in ZONES[commune] if known == commune)
        site = self.site(name, postcode, commune, siret=False)
        text = "Chaque jour, une équipe différente te montre son métier et te confie une mission."
        host = self.host(name, HostKind.STATE, site)
        offer = self.offer(host, commune, sector, (title, text), group=False)
        for offered in offer.weeks:
            offered.seats += self.rng.choice((1, 2))
        offer.reserved_seats = self.rng.choice((0, 1, 1))
        return offer, self.rng.uniform(0.2, 0.9)

    def host(self, name: str, kind: HostKind, site: Site) -> Host:
        """A host of the territory with its only site."""
        return Host(territory=self.territory, name=name, kind=kind, sites=[site])

    @property
    def territory(self) -> Territory:
        """Where the campaign takes place."""
        return self.campaign.territory

    def site(self, name: str, postcode: str, commune: str, *, siret: bool) -> Site:
        """A made-up address near the centre of a real commune."""
        centre = find(postcode, commune)[0]
        lat, lon = self.near(centre)
        return Site(
            siret=self.siret() if siret else None,
            name=name,
            address=f"{self.rng.randrange(1, 90)} {self.rng.choice(STREETS)}",
            postcode=postcode,
            commune=centre.name,
            insee_code=centre.insee,
            lat=lat,
            lon=lon,
        )

    def near(self, centre: Commune) -> tuple[float, float]:
        """A point around the centre of a commune."""
        north = self.rng.gauss(0, JITTER_KM) / DEGREE_KM
        east = self.rng.gauss(0, JITTER_KM) / DEGREE_KM / math.cos(math.radians(centre.lat))
        return round(centre.lat + north, 5), round(centre.lon + east, 5)

    def siret(self) -> str:
        """A well-formed SIRET of nobody."""
        siren = luhn_number(f"99{self.rng.randrange(10**6):06d}")
        return luhn_number(f"{siren}{self.rng.randrange(10**4):04d}")

    def offer(
        self, host: Host, zone: str, sector: Sector, texts: tuple[str, str], *, group: bool
    ) -> Offer:
        """An approved offer of a host over one to four weeks."""
        contact = " ".join(who := person(self.rng))
        at = START + timedelta(days=self.rng.randrange(3, 30), minutes=self.rng.randrange(600))
        seats = self.rng.choice((3, 4)) if group else self.rng.choice((1, 2, 2, 3))
        chosen = self.choose_weeks(zone, self.rng.choice((1, 2, 2, 3, 4)), seats)
        offer = Offer(
            campaign_id=self.campaign.id,
            site=host.sites[0],
            kind=OfferKind.GROUP if group else OfferKind.SINGLE,
            min_group=2 if group else None,
            state=OfferState.OPEN,
            sector=sector,
            title=texts[0],
            description=texts[1],
            days=store_days(TIMETABLES[len(self.names) % len(TIMETABLES)]),
            access="Arrêt de bus à cinq minutes à pied",
            safe=True,
            accessibility=_accessibility(host, texts[0]),
            contact_name=contact,
            contact_email=f"{mail_name(*who)}.{host.sites[0].insee_code}@example.org",
            weeks=[OfferWeek(week=self.weeks[w], seats=seats) for w in chosen],
            created_at=at,
            submitted_at=at,
            decided_at=at + timedelta(days=1),
        )
        if len(chosen) > 2 and not group and self.rng.random() < 0.3:
            offer.total_seats = seats * (len(chosen) - 1)
        if seats >= 3 and self.rng.random() < 0.4:
            offer.school_max = 2
        return offer


def _accessibility(host: Host, title: str) -> list[str]:
    """What the place provides, drawn apart: the rest of the demo stays as it is."""
    rng = Random(f"{host.name} {title}")
    office = rng.random() < (0.7 if host.kind is not HostKind.COMPANY else 0.45)
    odds = {
        Need.STEP_FREE: 0.85 if office else 0.4,
        Need.LIFT: 0.6 if office else 0.15,
        Need.TOILETS: 0.7 if office else 0.25,
        Need.SEATED: 0.9 if office else 0.3,
        Need.QUIET: 0.6 if office else 0.2,
        Need.WRITTEN: 0.7,
        Need.SIGN: 0.12,
    }
    return [need.value for need, odd in odds.items() if rng.random() < odd]


def _needs(pupils: Sequence[Pupil], weeks: Sequence[Week]) -> dict[str, list[float]]:
    """How many pupils look for a place near each zone, week by week."""
    rank = {week.id: number for number, week in enumerate(weeks)}
    centres = {zone: find(*next(iter(places)))[0] for zone, places in ZONES.items()}
    needs = {zone: [0.0] * len(weeks) for zone in ZONES}
    for pupil in pupils:
        own = pupil.school_class.weeks
        zone = min(centres, key=lambda name: distance_m(pupil.school, centres[name]))
        for week in own:
            needs[zone][rank[week.id]] += 1 / len(own)
    return needs


def luhn_number(digits: str) -> str:
    """These digits and their Luhn key."""
    return digits + str(luhn.calc_check_digit(digits))
