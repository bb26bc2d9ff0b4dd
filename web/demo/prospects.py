"""The list of structures to contact, as two networks would have begun it."""

from sqlalchemy.orm import Session

from models import Membership, ProspectSource, Sector
from web.demo.season import START
from web.services.prospects import Entry, add_prospects

LIST = (
    (
        "Boulangerie du Sillon",
        "Saint-Herblain",
        Sector.FOOD_INDUSTRY,
        ProspectSource.CLUB,
        "sillon",
    ),
    (
        "Marchand, géomètres",
        "Châteaubriant",
        Sector.CONSTRUCTION,
        ProspectSource.TOWN,
        None,
    ),
    ("Garage de la Brière", "Trignac", Sector.AUTOMOTIVE, ProspectSource.SCHOOL, "briere"),
    ("Studio Lune, jeu vidéo", "Nantes", Sector.VIDEO_GAMES, ProspectSource.FAIR, "lune"),
    ("Pharmacie des Halles", "Donges", Sector.HEALTH, ProspectSource.DIRECTORY, None),
)


def add_prospect_list(session: Session, viewer: Membership) -> None:
    """Add a few structures, some with an address to write to."""
    entries = [
        Entry(name, commune, source, sector, email=f"{box}@example.org" if box else None)
        for name, commune, sector, source, box in LIST
    ]
    add_prospects(session, viewer, entries, now=START)
