"""Offers and placements in the columns that the national platform can take in."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from models import Campaign, Offer, Placement, open_offers, placements_of_campaign
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
    "etat",
)


def offers_csv(session: Session, campaign: Campaign) -> bytes:
    """The open offers of a campaign, one line for each week."""
    offers = session.scalars(open_offers(campaign.id))
    return csv_file(OFFERS, (line for offer in offers for line in _offer(offer)))


def placements_csv(session: Session, campaign: Campaign) -> bytes:
    """The places that pupils hold in a campaign, one line each, without any birth date."""
    held = session.scalars(placements_of_campaign(campaign.id))
    return csv_file(PLACES, sorted(_place(one) for one in held))


def _offer(offer: Offer) -> Iterator[Sequence[str]]:
    site = offer.site
    for offered in offer.weeks:
        if offered.seats:
            yield (
                site.siret or "",
                site.host.name,
                site.host.kind.label,
                site.address,
                site.postcode,
                site.commune,
                offer.title,
                " ".join(offer.description.split()),
                offer.sector.label,
                offered.week.monday.isoformat(),
                str(offered.seats),
                offer.hours,
                offer.contact_name,
                offer.contact_email,
                offer.contact_phone,
            )


def _place(one: Placement) -> tuple[str, ...]:
    pupil, offer = one.pupil, one.offer_week.offer
    site = offer.site
    return (
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
        one.state.label,
    )
