"""Where the offers entered for hosts take place: a known site, or one that awaits its host."""

from sqlalchemy.orm import Session

from models import (
    EnteredOffer,
    Host,
    HostKind,
    Site,
    Territory,
    site_by_siret,
    sites_claiming,
    state_site,
    team_of_host,
)
from web.adapters.places import Commune
from web.services.errors import Refused
from web.services.hosts import HostEntry, check_siret_given, commune_of, made_site


def site_of(session: Session, territory_id: int, entry: HostEntry) -> Site:
    """The site that is known already, or a new one whose SIRET is claimed until confirmed."""
    commune = _commune_here(session, territory_id, entry)
    check_siret_given(entry.site, entry.kind)
    known = _known_site(session, territory_id, entry)
    if known is not None:
        return known
    site = made_site(entry.site, commune)
    site.siret, site.claimed_siret = None, site.siret
    where = session.get_one(Territory, territory_id)
    host = Host(territory=where, name=entry.name, kind=entry.kind, sites=[site])
    session.add(host)
    session.flush()
    return site


def site_again(session: Session, known: EnteredOffer, entry: HostEntry) -> Site:
    """The site of a corrected entry: the same one corrected, while no host has taken it."""
    site = known.offer.site
    nobody = session.scalars(team_of_host(site.host_id)).first() is None
    if site.siret is not None or site.claimed_siret != entry.site.siret or not nobody:
        return site_of(session, known.territory_id, entry)
    check_siret_given(entry.site, entry.kind)
    told = made_site(entry.site, _commune_here(session, known.territory_id, entry))
    for name in ("name", "address", "postcode", "commune", "insee_code", "lat", "lon"):
        setattr(site, name, getattr(told, name))
    site.host.name, site.host.kind = entry.name, entry.kind
    return site


def _commune_here(session: Session, territory_id: int, entry: HostEntry) -> Commune:
    where = session.get_one(Territory, territory_id)
    commune = commune_of(entry.site)
    if commune.departement != where.departement:
        raise Refused(f"Cette adresse n’est pas en {where.name}.", "postcode")
    return commune


def _known_site(session: Session, territory_id: int, entry: HostEntry) -> Site | None:
    siret = entry.site.siret
    if siret is not None:
        known = session.scalar(site_by_siret(siret))
        return known or session.scalars(sites_claiming(siret, territory_id)).first()
    if entry.kind is HostKind.STATE:
        return session.scalars(state_site(entry.name, entry.site.postcode, territory_id)).first()
    return None
