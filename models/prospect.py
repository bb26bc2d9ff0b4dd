"""Where places lack, and whom to ask for some: queries of the gap, and the list of prospects."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Delete,
    ForeignKey,
    Index,
    Select,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.account import Account, Membership, Network, Role
from models.base import Base, Labelled
from models.found_place import holds_found_place
from models.host import Site
from models.offer import TO_RANK, Offer, OfferWeek
from models.placement import ACTIVE, Placement
from models.pupil import Pupil
from models.school import ClassKind, SchoolClass
from models.sectors import Sector
from models.wish import Wish


class ProspectSource(Labelled):
    """Where a network heard of a structure: professionals may ask."""

    CLUB = "club", "Club d’entreprises"
    NETWORK = "network", "Contact du réseau"
    TOWN = "town", "Mairie ou collectivité"
    SCHOOL = "school", "Collège ou famille"
    FAIR = "fair", "Forum ou rencontre"
    DIRECTORY = "directory", "Annuaire public"


class ProspectState(Labelled):
    NEW = "new", "À contacter"
    INVITED = "invited", "Invitation envoyée"
    TALKING = "talking", "En discussion"
    DECLINED = "declined", "Ne souhaite pas"


class Prospect(Base):
    """A structure that might welcome pupils, and how far the talk with it has come."""

    __tablename__ = "prospects"
    __table_args__ = (
        CheckConstraint("invitations >= 0", name="invitations_not_negative"),
        Index("uq_prospects_email", "territory_id", "email", unique=True),
    )

    territory_id: Mapped[int] = mapped_column(ForeignKey("territories.id"), index=True)
    name: Mapped[str]
    commune: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    sector: Mapped[Sector | None]
    contact_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None]
    phone: Mapped[str] = mapped_column(default="")
    source: Mapped[ProspectSource]
    state: Mapped[ProspectState] = mapped_column(default=ProspectState.NEW)
    network: Mapped[Network | None]
    note: Mapped[str] = mapped_column(default="")
    invitations: Mapped[int] = mapped_column(default=0)
    invited_at: Mapped[datetime | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]


def prospects_in_territory(territory_id: int) -> Select[Prospect]:
    """The prospects of a territory, latest changed first."""
    return (
        select(Prospect)
        .where(Prospect.territory_id == territory_id)
        .order_by(Prospect.changed_at.desc(), Prospect.id.desc())
    )


def prospect_in_territory(prospect_id: int, territory_id: int) -> Select[Prospect]:
    """One prospect, if it belongs to this territory."""
    return select(Prospect).where(Prospect.id == prospect_id, Prospect.territory_id == territory_id)


def prospect_by_id(prospect_id: int) -> Select[Prospect]:
    """One prospect, for the link of its own invitation."""
    return select(Prospect).where(Prospect.id == prospect_id)


def addresses_of_hosts(territory_id: int) -> Select[str | None]:
    """The mail addresses of the people who work for a host of some territory."""
    return (
        select(Account.email)
        .join(Membership, Membership.account_id == Account.id)
        .join(Prospect, Prospect.email == Account.email)
        .where(Membership.role == Role.HOST, Prospect.territory_id == territory_id)
    )


def prospects_unchanged_since(moment: datetime) -> Delete:
    """Forget the prospects of whom nothing has been heard since then."""
    return delete(Prospect).where(Prospect.changed_at < moment)


def _looks() -> tuple[Any, ...]:
    """What makes a pupil one who still looks for a place."""
    holds = exists().where(Placement.pupil_id == Pupil.id, Placement.state.in_(ACTIVE))
    return (
        Pupil.left_at.is_(None),
        ~holds,
        ~holds_found_place(Pupil.id),
        (SchoolClass.kind == ClassKind.GENERAL) | SchoolClass.confirmed_at.is_not(None),
    )


def seekers_by_class(campaign_id: int) -> Select[int, int, int]:
    """(school, class, pupils who still look for a place)."""
    return (
        select(Pupil.school_id, Pupil.school_class_id, func.count())
        .join(SchoolClass, Pupil.school_class_id == SchoolClass.id)
        .where(Pupil.campaign_id == campaign_id, *_looks())
        .group_by(Pupil.school_id, Pupil.school_class_id)
    )


def first_wishes_of_seekers(campaign_id: int) -> Select[int, Sector, int]:
    """(school, sector, pupils) of the first wishes of those who still look for a place."""
    return (
        select(Pupil.school_id, Offer.sector, func.count())
        .select_from(Wish)
        .join(Pupil, Wish.pupil_id == Pupil.id)
        .join(SchoolClass, Pupil.school_class_id == SchoolClass.id)
        .join(Offer, Wish.offer_id == Offer.id)
        .where(Pupil.campaign_id == campaign_id, Wish.rank == 1, *_looks())
        .group_by(Pupil.school_id, Offer.sector)
    )


def free_places(campaign_id: int) -> Select[*tuple[Any, ...]]:
    """(offer, week, sector, seats, common limit, places held, lat, lon) of each open week."""
    held = (
        select(func.count())
        .where(Placement.offer_week_id == OfferWeek.id, Placement.state.in_(ACTIVE))
        .correlate(OfferWeek)
        .scalar_subquery()
    )
    return (
        select(
            Offer.id,
            OfferWeek.week_id,
            Offer.sector,
            OfferWeek.seats,
            Offer.total_seats,
            held,
            Site.lat,
            Site.lon,
        )
        .select_from(OfferWeek)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(
            Offer.campaign_id == campaign_id,
            *TO_RANK,
            OfferWeek.seats > 0,
        )
        .order_by(Offer.id, OfferWeek.week_id)
    )
