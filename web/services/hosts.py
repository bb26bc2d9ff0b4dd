"""What a host does with itself: register, add a site."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models import (
    Account,
    Host,
    HostKind,
    Membership,
    Ministry,
    Role,
    SignInAttempt,
    Site,
    Territory,
    account_by_email,
    failures_since,
    host_to_change,
    registration_waiting,
    territory_of,
)
from web.adapters.places import Commune, find
from web.services.access import digest
from web.services.accounts import invite
from web.services.errors import Refused
from web.services.journal import record
from web.services.sirets import check_siret_is_free
from web.services.spelling import plain

PER_HOUR = 10
"""Registrations accepted from one network address in an hour."""


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A site as its host types it; the SIRET may be missing for a State service only."""

    siret: str | None
    name: str
    address: str
    postcode: str
    commune: str


@dataclass(frozen=True, slots=True)
class HostEntry:
    """A registration: the host, its first site, and who answers for it."""

    name: str
    kind: HostKind
    site: SiteEntry
    contact_name: str
    contact_email: str
    ministry: Ministry | None = None
    """Of a State service, and of nobody else."""


def register_host(session: Session, entry: HostEntry, *, address: str, now: datetime) -> Host:
    """Register a host; nobody acts for it before using the link sent by mail.

    The answer is the same whether the mail address has an account or not. The same person
    registering the same place again changes what waits; another person makes another
    registration, and the first link used takes the SIRET.

    Raises:
        Refused: the site is known, its commune is not, or too many registrations in an hour.
    """
    _slow_down(session, address, now)
    if entry.kind is HostKind.STATE and entry.ministry is None:
        raise Refused("Choisissez le ministère dont dépend votre service.", "ministry")
    commune = commune_of(entry.site)
    territory = _territory(session, commune)
    check_siret_given(entry.site, entry.kind)
    check_siret_is_free(session, entry.site.siret)
    site = made_site(entry.site, commune)
    site.siret, site.claimed_siret = None, site.siret
    membership, host = _registration(session, entry)
    host.territory, host.name, host.kind = territory, entry.name, entry.kind
    host.ministry = entry.ministry if entry.kind is HostKind.STATE else None
    host.sites.append(site)
    session.add(membership)
    invite(session, membership.account, now=now, membership=membership)
    record(session, "host.registered", f"host:{host.id}", by=None, now=now)
    session.commit()
    return host


def add_site(session: Session, host_id: int, entry: SiteEntry, *, by: int, now: datetime) -> Site:
    """Add a site to a host, in any departement of the country.

    A place without a SIRET of its own (a building site, a hall) goes with the one of the host;
    sent twice, it is added once.

    Raises:
        Refused: the site is known, or its commune is not.
    """
    host = session.scalars(host_to_change(host_id)).one()
    commune = commune_of(entry)
    same = next((one for one in host.sites if _same_place(one, entry, commune)), None)
    if same is not None:
        return same
    if not any(site.siret for site in host.sites):
        check_siret_given(entry, host.kind)
    check_siret_is_free(session, entry.siret)
    site = made_site(entry, commune)
    host.sites.append(site)
    session.flush()
    record(session, "site.added", f"site:{site.id}", by=by, now=now)
    session.commit()
    return site


def _same_place(site: Site, entry: SiteEntry, commune: Commune) -> bool:
    """Whether a site is the place without SIRET that is typed."""
    mine = (site.siret, site.insee_code, plain(site.address), plain(site.name))
    return mine == (None, commune.insee, plain(entry.address), plain(entry.name)) and (
        entry.siret is None
    )


def site_at(session: Session, host: Host, entry: SiteEntry) -> Site:
    """The site of a host at an address, made when it has none there; commits nothing.

    Raises:
        Refused: its commune is not; the field is one of the offer's.
    """
    try:
        commune = commune_of(entry)
    except Refused as refused:
        raise Refused(str(refused), f"other_{refused.field}") from refused
    for site in host.sites:
        if site.insee_code == commune.insee and plain(site.address) == plain(entry.address):
            return site
    site = made_site(entry, commune)
    host.sites.append(site)
    session.flush()
    return site


def commune_of(entry: SiteEntry) -> Commune:
    """The commune of a site, from its postcode and name.

    Raises:
        Refused: none, or several; the sentence says which.
    """
    found = find(entry.postcode, entry.commune)
    if len(found) == 1:
        return found[0]
    known = find(entry.postcode)
    if not found and not known:
        raise Refused("Ce code postal n’existe pas.", "postcode")
    names = ", ".join(commune.name for commune in (found or known)[:8])
    raise Refused(f"Avec ce code postal, la commune peut être : {names}.", "commune")


def _territory(session: Session, commune: Commune) -> Territory:
    territory = session.scalar(territory_of(commune.departement))
    if territory is None:
        raise Refused("Le programme n’est pas encore ouvert dans ce département.", "postcode")
    return territory


def check_siret_given(entry: SiteEntry, kind: HostKind) -> None:
    """Refuse a site without SIRET, unless it is a State service's."""
    if entry.siret is None and kind is not HostKind.STATE:
        raise Refused(
            "Indiquez le numéro SIRET : seuls les services de l’État peuvent s’en passer.", "siret"
        )


def made_site(entry: SiteEntry, commune: Commune) -> Site:
    """The site of what was typed, at the centre of its commune."""
    return Site(
        siret=entry.siret,
        name=entry.name,
        address=entry.address,
        postcode=entry.postcode,
        commune=commune.name,
        insee_code=commune.insee,
        lat=commune.lat,
        lon=commune.lon,
    )


def _registration(session: Session, entry: HostEntry) -> tuple[Membership, Host]:
    """The same registration never confirmed, its site taken out; else a new one."""
    same = registration_waiting(entry.contact_email, entry.site.siret, entry.name)
    found = session.scalar(same)
    if found is not None and found.host is not None:
        for site in list(found.host.sites):
            found.host.sites.remove(site)
            session.delete(site)
        return found, found.host
    email = entry.contact_email.strip().lower()
    account = session.scalar(account_by_email(email))
    account = account or Account(email=email, name=entry.contact_name)
    host = Host()
    return Membership(account=account, role=Role.HOST, host=host, pending=True), host


def _slow_down(session: Session, address: str, now: datetime) -> None:
    target = digest(session, f"register:{address}")
    if (session.scalar(failures_since(target, now - timedelta(hours=1))) or 0) >= PER_HOUR:
        raise Refused("Trop d’inscriptions depuis ce réseau. Revenez dans une heure.")
    session.add(SignInAttempt(target_digest=target, address_digest=target, at=now))
