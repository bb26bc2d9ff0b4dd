"""The 51 official sectors of activity, and the 12 families in which a pupil reads them."""

from models.base import Labelled


class Family(Labelled):
    LIVING = "living", "Nature, animaux et alimentation"
    BUILDING = "building", "Bâtir et aménager"
    MAKING = "making", "Fabriquer et réparer"
    CREATING = "creating", "Créer de ses mains"
    CULTURE = "culture", "Culture, spectacle et médias"
    DIGITAL = "digital", "Informatique et numérique"
    CARING = "caring", "Soigner et accompagner"
    TEACHING = "teaching", "Enseigner et chercher"
    SERVING = "serving", "Servir l’État et la ville"
    PROTECTING = "protecting", "Protéger et défendre"
    TRADING = "trading", "Vendre, gérer et conseiller"
    WELCOMING = "welcoming", "Accueillir et bouger"


class Sector(Labelled):
    AGRICULTURE = "agriculture", "Agriculture"
    FARM_EQUIPMENT = "farm_equipment", "Agroéquipement"
    ARCHITECTURE = "architecture", "Architecture, urbanisme et paysage"
    DEFENCE = "defence", "Armée - Défense"
    ART_DESIGN = "art_design", "Art et design"
    ART_CRAFTS = "art_crafts", "Artisanat d’art"
    PERFORMING_ARTS = "performing_arts", "Arts du spectacle"
    AUDIOVISUAL = "audiovisual", "Audiovisuel"
    AUTOMOTIVE = "automotive", "Automobile"
    CONSTRUCTION = "construction", "BTP"
    BANKING = "banking", "Banque et assurance"
    WELLNESS = "wellness", "Bien-être"
    RETAIL = "retail", "Commerce et distribution"
    COMMUNICATION = "communication", "Communication"
    ACCOUNTING_HR = "accounting_hr", "Comptabilité, gestion, RH"
    CONSULTING = "consulting", "Conseil et audit"
    AERO_RAIL_NAVAL = "aero_rail_naval", "Construction aéronautique, ferroviaire et navale"
    HERITAGE = "heritage", "Culture et patrimoine"
    LAW = "law", "Droit et justice"
    TEACHING = "teaching", "Enseignement"
    ENVIRONMENT = "environment", "Environnement"
    BOOKS = "books", "Édition, librairie, bibliothèque"
    ELECTRONICS = "electronics", "Électronique"
    ENERGY = "energy", "Énergie"
    WOOD = "wood", "Filière bois"
    PUBLIC_SERVICE = "public_service", "Fonction publique"
    HOSPITALITY = "hospitality", "Hôtellerie, restauration"
    REAL_ESTATE = "real_estate", "Immobilier"
    FOOD_INDUSTRY = "food_industry", "Industrie alimentaire"
    CHEMICAL_INDUSTRY = "chemical_industry", "Industrie chimique"
    INDUSTRIAL_ENGINEERING = "industrial_engineering", "Industrie, ingénierie industrielle"
    COMPUTING = "computing", "Informatique et réseaux"
    VIDEO_GAMES = "video_games", "Jeu vidéo"
    JOURNALISM = "journalism", "Journalisme"
    LOGISTICS = "logistics", "Logistique et transport"
    MAINTENANCE = "maintenance", "Maintenance"
    MARKETING = "marketing", "Marketing, publicité"
    MECHANICS = "mechanics", "Mécanique"
    FINE_CRAFTS = "fine_crafts", "Métiers d’art"
    FASHION = "fashion", "Mode"
    PAPER = "paper", "Papiers cartons"
    PARAMEDICAL = "paramedical", "Paramédical"
    RESEARCH = "research", "Recherche"
    HEALTH = "health", "Santé"
    POSTAL = "postal", "Services postaux"
    SECURITY = "security", "Sécurité"
    SOCIAL_WORK = "social_work", "Social"
    SPORT = "sport", "Sport"
    TOURISM = "tourism", "Tourisme"
    TRANSLATION = "translation", "Traduction"
    GLASS_CONCRETE = "glass_concrete", "Verre, béton, céramique"

    @property
    def family(self) -> Family:
        return _FAMILY_OF[self]


_FAMILIES: dict[Family, tuple[Sector, ...]] = {
    Family.LIVING: (
        Sector.AGRICULTURE,
        Sector.FARM_EQUIPMENT,
        Sector.ENVIRONMENT,
        Sector.WOOD,
        Sector.FOOD_INDUSTRY,
    ),
    Family.BUILDING: (
        Sector.ARCHITECTURE,
        Sector.CONSTRUCTION,
        Sector.REAL_ESTATE,
        Sector.GLASS_CONCRETE,
    ),
    Family.MAKING: (
        Sector.AUTOMOTIVE,
        Sector.AERO_RAIL_NAVAL,
        Sector.ELECTRONICS,
        Sector.CHEMICAL_INDUSTRY,
        Sector.INDUSTRIAL_ENGINEERING,
        Sector.MAINTENANCE,
        Sector.MECHANICS,
        Sector.PAPER,
        Sector.ENERGY,
    ),
    Family.CREATING: (
        Sector.ART_DESIGN,
        Sector.ART_CRAFTS,
        Sector.FINE_CRAFTS,
        Sector.FASHION,
    ),
    Family.CULTURE: (
        Sector.PERFORMING_ARTS,
        Sector.AUDIOVISUAL,
        Sector.HERITAGE,
        Sector.BOOKS,
        Sector.JOURNALISM,
        Sector.TRANSLATION,
    ),
    Family.DIGITAL: (
        Sector.COMPUTING,
        Sector.VIDEO_GAMES,
    ),
    Family.CARING: (
        Sector.WELLNESS,
        Sector.PARAMEDICAL,
        Sector.HEALTH,
        Sector.SOCIAL_WORK,
    ),
    Family.TEACHING: (
        Sector.TEACHING,
        Sector.RESEARCH,
    ),
    Family.SERVING: (
        Sector.LAW,
        Sector.PUBLIC_SERVICE,
        Sector.POSTAL,
    ),
    Family.PROTECTING: (
        Sector.DEFENCE,
        Sector.SECURITY,
    ),
    Family.TRADING: (
        Sector.BANKING,
        Sector.RETAIL,
        Sector.COMMUNICATION,
        Sector.ACCOUNTING_HR,
        Sector.CONSULTING,
        Sector.MARKETING,
        Sector.LOGISTICS,
    ),
    Family.WELCOMING: (
        Sector.HOSPITALITY,
        Sector.SPORT,
        Sector.TOURISM,
    ),
}
_FAMILY_OF = {sector: family for family, sectors in _FAMILIES.items() for sector in sectors}


WATCHED = frozenset(
    {
        Sector.AGRICULTURE,
        Sector.FARM_EQUIPMENT,
        Sector.AUTOMOTIVE,
        Sector.CONSTRUCTION,
        Sector.AERO_RAIL_NAVAL,
        Sector.ENERGY,
        Sector.WOOD,
        Sector.FOOD_INDUSTRY,
        Sector.CHEMICAL_INDUSTRY,
        Sector.INDUSTRIAL_ENGINEERING,
        Sector.MAINTENANCE,
        Sector.MECHANICS,
        Sector.PARAMEDICAL,
        Sector.HEALTH,
    }
)
"""Trades where machines, products or patients ask for care: observed, never handled."""
