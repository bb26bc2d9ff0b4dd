"""Hosts and their sites."""

from sqlalchemy import CheckConstraint, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.territory import Territory


class HostKind(Labelled):
    COMPANY = "company", "Entreprise"
    ASSOCIATION = "association", "Association"
    STATE = "state", "Service de l’État"
    LOCAL_AUTHORITY = "local_authority", "Collectivité"


class Ministry(Labelled):
    """Whom a State service answers to, in words that outlive governments."""

    INTERMINISTERIAL = "interministerial", "Préfecture et services interministériels"
    INTERIOR = "interior", "Intérieur"
    ARMED_FORCES = "armed_forces", "Armées"
    JUSTICE = "justice", "Justice"
    ECONOMY = "economy", "Économie et finances"
    SOCIAL = "social", "Travail, santé et solidarités"
    EDUCATION = "education", "Éducation, recherche et sports"
    ECOLOGY = "ecology", "Écologie, transports et logement"
    AGRICULTURE = "agriculture", "Agriculture et pêche"
    CULTURE = "culture", "Culture"
    FOREIGN = "foreign", "Affaires étrangères"
    OTHER = "other", "Autre service de l’État"


class Host(Base):
    """A company, association, State service or local authority that welcomes pupils."""

    __tablename__ = "hosts"

    territory_id: Mapped[int] = mapped_column(ForeignKey("territories.id"), index=True)
    name: Mapped[str]
    kind: Mapped[HostKind]
    ministry: Mapped[Ministry | None]
    """Of a State service only."""
    signatory: Mapped[str] = mapped_column(default="", server_default="")
    """Who signs agreements: name and quality."""
    signatory_email: Mapped[str] = mapped_column(default="", server_default="")
    insurer: Mapped[str] = mapped_column(default="", server_default="")
    policy_number: Mapped[str] = mapped_column(default="", server_default="")
    """The contract that covers the host's liability."""

    territory: Mapped[Territory] = relationship()
    sites: Mapped[list["Site"]] = relationship(back_populates="host", order_by="Site.id")


class Site(Base):
    """A place of a host, known by its SIRET (a State service may have none).

    A SIRET is only claimed until whoever typed it has used the mailed link.
    """

    __tablename__ = "sites"
    __table_args__ = (CheckConstraint("length(siret) = 14", name="siret_has_14_digits"),)

    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), index=True)
    siret: Mapped[str | None] = mapped_column(unique=True)
    claimed_siret: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str]
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    insee_code: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]

    host: Mapped[Host] = relationship(back_populates="sites")


def host_with_sites(host_id: int) -> Select[Host]:
    """A host and its sites."""
    return select(Host).where(Host.id == host_id).options(selectinload(Host.sites))


def host_to_change(host_id: int) -> Select[Host]:
    """The same, held until the end of the transaction."""
    return host_with_sites(host_id).with_for_update(of=Host)


def site_by_siret(siret: str) -> Select[Site]:
    """The site of a SIRET, with its host."""
    return select(Site).where(Site.siret == siret).options(selectinload(Site.host))


def site_of_host(site_id: int, host_id: int) -> Select[Site]:
    """One site, if it belongs to this host."""
    return select(Site).where(Site.id == site_id, Site.host_id == host_id)
