"""The demo's parcours: State services and companies of Nantes share four weeks of pupils."""

from datetime import timedelta
from itertools import cycle
from random import Random

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Day,
    Host,
    HostKind,
    Offer,
    OfferKind,
    OfferState,
    OfferWeek,
    Sector,
    Site,
    Span,
    Territory,
    store_days,
    weeks_of,
)
from web.adapters.places import find
from web.demo.season import START
from web.services.pathways import approve_pathway, write_proposals

AM, PM = Span(540, 720), Span(780, 960)
GIVEN = 4
"""Weeks of the season in which they offer half-days."""
HOSTS = (
    ("Préfecture de la Loire-Atlantique", HostKind.STATE, Sector.PUBLIC_SERVICE, (0, 1), 6),
    ("DDTM de la Loire-Atlantique", HostKind.STATE, Sector.ENVIRONMENT, (2, 3), 5),
    ("DDETS de la Loire-Atlantique", HostKind.STATE, Sector.SOCIAL_WORK, (0, 2), 4),
    ("Rectorat de l’académie de Nantes", HostKind.STATE, Sector.TEACHING, (1, 4), 4),
    ("Imprimerie des Quais", HostKind.COMPANY, Sector.COMMUNICATION, (3, 4), 5),
    ("Épicerie du Bouffay", HostKind.COMPANY, Sector.RETAIL, (0, 3), 3),
    ("Cyclo-logistique de l’Île", HostKind.COMPANY, Sector.LOGISTICS, (2, 4), 4),
)
TITLES = (
    "Une semaine au cœur de l’État",
    "De la préfecture à l’atelier",
    "Cinq jours, quatre métiers",
)


def add_half_days(session: Session, campaign: Campaign, where: Territory) -> None:
    """These hosts, and the half-days that each of them offers."""
    rng = Random("parcours")
    nantes = find("44000", "Nantes")[0]
    weeks = session.scalars(weeks_of(campaign.id)).all()[:GIVEN]
    for name, kind, sector, days, seats in HOSTS:
        site = Site(
            siret=None,
            name=name,
            address=f"{rng.randrange(2, 60)} rue de Strasbourg",
            postcode="44000",
            commune=nantes.name,
            insee_code=nantes.insee,
            lat=nantes.lat + rng.uniform(-0.015, 0.015),
            lon=nantes.lon + rng.uniform(-0.02, 0.02),
        )
        session.add(Host(territory=where, name=name, kind=kind, sites=[site]))
        session.add(
            Offer(
                campaign_id=campaign.id,
                site=site,
                kind=OfferKind.HALF_DAYS,
                state=OfferState.OPEN,
                title=f"Deux jours avec nous : {name}",
                description=f"Tu rencontres les équipes ({sector.label}) et tu suis leur journée.",
                sector=sector,
                days=store_days([Day(day, AM, PM) for day in days]),
                contact_name="Dominique Martin",
                contact_email=f"parcours.{len(name)}.{seats}@example.org",
                weeks=[OfferWeek(week=week, seats=seats) for week in weeks],
                created_at=START,
                submitted_at=START,
                decided_at=START + timedelta(days=1),
            )
        )


def open_parcours(session: Session, campaign: Campaign, *, by: int) -> list[int]:
    """Open the first parcours that the composer proposes for each week but the last: their ids."""
    weeks = session.scalars(weeks_of(campaign.id)).all()[:GIVEN]
    titles, opened = cycle(TITLES), []
    for week in weeks[: GIVEN - 1]:
        made = write_proposals(session, campaign, week.monday, 10, by=by, now=START)
        for pathway in made.pathways[:1]:
            pathway.title = next(titles)
            approve_pathway(session, pathway.id, campaign, by=by, now=START + timedelta(days=2))
            opened.append(pathway.id)
    return opened
