"""Offers that somebody else entered for a host: who, how the host confirmed, and their own id."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from models.account import Account, Network
from models.base import Base, Labelled
from models.host import Host, HostKind, Site
from models.offer import Offer, OfferState, OfferWeek

EDITED = (OfferState.SUBMITTED, OfferState.RETURNED)
"""The states of an entered offer that may still be corrected: no pupil sees it."""


class ConfirmedBy(Labelled):
    MAIL = "mail", "Par le lien reçu par courriel"
    CALL = "call", "Au téléphone"


class EnteredOffer(Base):
    """An offer that came by phone, in a spreadsheet or from another system.

    Nobody approves it before the host confirmed it, by the mailed link or by a recorded call.
    """

    __tablename__ = "entered_offers"
    __table_args__ = (UniqueConstraint("territory_id", "external_id"),)

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"), unique=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territories.id"), index=True)
    network: Mapped[Network | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    external_id: Mapped[str | None]
    """The id that another system knows it by, one in the territory."""
    body_sha256: Mapped[str] = mapped_column(default="")
    entered_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[ConfirmedBy | None]
    call_with: Mapped[str] = mapped_column(default="")
    """Who said yes at the host, on the phone."""
    call_on: Mapped[date | None]

    offer: Mapped[Offer] = relationship()
    author: Mapped[Account | None] = relationship()

    @property
    def correctable(self) -> bool:
        """Whether a person may still correct it; what a system posts is corrected by it."""
        return self.offer.state in EDITED and self.external_id is None


def _whole(query: Select[EnteredOffer]) -> Select[EnteredOffer]:
    offer = joinedload(EnteredOffer.offer)
    return query.options(
        offer.joinedload(Offer.site).joinedload(Site.host),
        offer.selectinload(Offer.weeks).joinedload(OfferWeek.week),
        joinedload(EnteredOffer.author),
    )


def entered_of_offer(offer_id: int) -> Select[EnteredOffer]:
    """How an offer was entered, if its host did not write it."""
    return _whole(select(EnteredOffer).where(EnteredOffer.offer_id == offer_id))


def entered_in_territory(territory_id: int) -> Select[EnteredOffer]:
    """The offers entered for hosts of a territory, latest first."""
    return _whole(
        select(EnteredOffer)
        .where(EnteredOffer.territory_id == territory_id)
        .order_by(EnteredOffer.id.desc())
    )


def entered_by_author(author_id: int) -> Select[EnteredOffer]:
    """The offers that one person entered, latest first."""
    return _whole(
        select(EnteredOffer)
        .where(EnteredOffer.author_id == author_id)
        .order_by(EnteredOffer.id.desc())
    )


def entered_by_id(entered_id: int) -> Select[EnteredOffer]:
    """One of them, for the link of its own confirmation."""
    return _whole(select(EnteredOffer).where(EnteredOffer.id == entered_id))


def entered_by_external_id(territory_id: int, external_id: str) -> Select[EnteredOffer]:
    """The offer that another system knows by this id, locked while it changes."""
    return _whole(
        select(EnteredOffer)
        .where(EnteredOffer.territory_id == territory_id, EnteredOffer.external_id == external_id)
        .with_for_update(of=EnteredOffer)
    )


def entered_by_network(territory_id: int, network: Network) -> Select[EnteredOffer]:
    """What the systems of a network posted in a territory, oldest first."""
    return _whole(
        select(EnteredOffer)
        .where(
            EnteredOffer.territory_id == territory_id,
            EnteredOffer.network == network,
            EnteredOffer.external_id.is_not(None),
        )
        .order_by(EnteredOffer.id)
    )


def sites_claiming(siret: str, territory_id: int) -> Select[Site]:
    """The sites of a territory entered with this SIRET and not confirmed yet, with their hosts."""
    return (
        select(Site)
        .join(Site.host)
        .join(Offer, Offer.site_id == Site.id)
        .join(EnteredOffer, EnteredOffer.offer_id == Offer.id)
        .where(Site.claimed_siret == siret, Host.territory_id == territory_id)
        .options(selectinload(Site.host))
        .order_by(Site.id)
    )


def sites_waiting(siret: str) -> Select[Site]:
    """The sites that others entered with this SIRET, the latest first, wherever they are."""
    return (
        select(Site)
        .join(Offer, Offer.site_id == Site.id)
        .join(EnteredOffer, EnteredOffer.offer_id == Offer.id)
        .where(Site.claimed_siret == siret)
        .order_by(Site.id.desc())
    )


def state_site(name: str, postcode: str, territory_id: int) -> Select[Site]:
    """The site of a State service of this name and postcode, which may have no SIRET."""
    return (
        select(Site)
        .join(Site.host)
        .where(
            Host.kind == HostKind.STATE,
            Host.territory_id == territory_id,
            Host.name == name,
            Site.postcode == postcode,
        )
        .options(selectinload(Site.host))
        .order_by(Site.id)
    )


def offers_of_site(site_id: int) -> Select[Offer]:
    """Every offer at a site, whatever its state."""
    return select(Offer).where(Offer.site_id == site_id)
