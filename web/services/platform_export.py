"""Offers and placements in the columns that the national platform can take in."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from models import Campaign, Offer, Placement, open_offers, placements_of_campaign, span_words
from web.services.sheets import csv_file

OFFERS = (
    "siret",
    "structure",
    "type",
    "adresse",
    "code_postal",
    "commune",
    "titre",
    "description",
    "secteur",
    "semaine",
    "jours",
    "places",
    "horaires",
    "contact",
    "courriel",
    "telephone",
)
PLACES = (
    "uai",
    "college",
    "classe",
    "nom",
    "prenom",
    "siret",
    "structure",
    "adresse",
    "code_postal",
    "commune",
    "titre",
    "semaine",
    "jours",
    "etat",
)


def offers_csv(session: Session, campaign: Campaign) -> bytes:
    """The open offers of a campaign, one line for each week, and for each host of a parcours."""
    offers = session.scalars(open_offers(campaign.id))
    return csv_file(OFFERS, (line for offer in offers for line in _offer(offer)))


def placements_csv(session: Session, campaign: Campaign) -> bytes:
    """The places that pupils hold in a campaign, without any birth date.

    One line for each, and for each host of a parcours: its days are in `jours`.
    """
    held = session.scalars(placements_of_campaign(campaign.id))
    return csv_file(PLACES, sorted(line for one in held for line in _place(one)))


class Stop(NamedTuple):
    """Where an offer takes place: one host, or each of those of a parcours on its days."""

    source: Offer
    days: str
    hours: str


def _stops(offer: Offer) -> list[Stop]:
    if not offer.is_pathway:
        return [Stop(offer, "", offer.hours)]
    found = []
    for source in dict.fromkeys(step.source for step in offer.steps):
        steps = [step for step in offer.steps if step.source is source]
        hours = [f"{step.name}, {span_words(step.span)}" for step in steps if step.span]
        found.append(Stop(source, ", ".join(step.name for step in steps), " ; ".join(hours)))
    return found


def _offer(offer: Offer) -> Iterator[Sequence[str]]:
    for offered in offer.weeks:
        for stop in _stops(offer) if offered.seats else ():
            source, site = stop.source, stop.source.site
            yield (
                site.siret or "",
                site.host.name,
                site.host.kind.label,
                site.address,
                site.postcode,
                site.commune,
                offer.title,
                " ".join(offer.description.split()),
                source.sector.label,
                offered.week.monday.isoformat(),
                stop.days,
                str(offered.seats),
                stop.hours,
                source.contact_name,
                source.contact_email,
                source.contact_phone,
            )


def _place(one: Placement) -> Iterator[tuple[str, ...]]:
    pupil, offer = one.pupil, one.offer_week.offer
    for stop in _stops(offer):
        site = stop.source.site
        yield (
            pupil.school.uai,
            pupil.school.name,
            pupil.school_class.name,
            pupil.last_name,
            pupil.first_name,
            site.siret or "",
            site.host.name,
            site.address,
            site.postcode,
            site.commune,
            offer.title,
            one.offer_week.week.monday.isoformat(),
            stop.days,
            one.state.label,
        )
