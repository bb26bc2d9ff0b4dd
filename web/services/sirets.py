"""Which host a SIRET belongs to: the first that confirmed it."""

from sqlalchemy.orm import Session

from models import Host, Site, offers_of_site, site_by_siret, sites_claiming
from web.services.errors import Refused

TAKEN = (
    "Cet établissement est déjà inscrit. Demandez un accès à votre équipe, "
    "ou écrivez à l’animation du programme."
)


def check_siret_is_free(session: Session, siret: str | None) -> None:
    """Refuse a SIRET that a host confirmed.

    Raises:
        Refused: with whom to ask.
    """
    if siret and session.scalar(site_by_siret(siret)) is not None:
        raise Refused(TAKEN, "siret")


def take_claimed_sirets(session: Session, host: Host) -> None:
    """Give a host the SIRETs that it claimed when it registered.

    Raises:
        Refused: another host confirmed one of them first.
    """
    for site in host.sites:
        check_siret_is_free(session, site.claimed_siret)
        if site.claimed_siret:
            _take_entered_offers(session, site, site.claimed_siret)
            site.siret, site.claimed_siret = site.claimed_siret, None


def _take_entered_offers(session: Session, site: Site, siret: str) -> None:
    """What others entered for this SIRET before its host came becomes the host's own."""
    for other in session.scalars(sites_claiming(siret, site.host.territory_id)).all():
        if other.id != site.id:
            for offer in session.scalars(offers_of_site(other.id)):
                offer.site = site
