"""The team of a host, and the sites each of them is written about."""

from sqlalchemy import ForeignKey, Select, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from models.account import Account, Membership, Role
from models.base import Base
from models.host import Site
from models.offer import Offer, OfferState


class MutedSite(Base):
    """A site about which one of the team chose to get no mail."""

    __tablename__ = "muted_sites"
    __table_args__ = (UniqueConstraint("membership_id", "site_id"),)

    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), index=True)


_MUTED = exists().where(MutedSite.membership_id == Membership.id, MutedSite.site_id == Site.id)


def team_of_host(host_id: int) -> Select[Membership]:
    """Everybody of a host, those who have not used their link included, with accounts."""
    return (
        select(Membership)
        .where(Membership.host_id == host_id, Membership.role == Role.HOST)
        .options(selectinload(Membership.account).selectinload(Account.memberships))
        .order_by(Membership.id)
    )


def host_colleague(membership_id: int, host_id: int) -> Select[Membership]:
    """One of them."""
    return team_of_host(host_id).where(Membership.id == membership_id)


def members_told(site_id: int) -> Select[Membership]:
    """Those of a host's team who are written about a site, with accounts."""
    return (
        select(Membership)
        .join(Site, Site.host_id == Membership.host_id)
        .where(Site.id == site_id, Membership.role == Role.HOST, ~Membership.pending, ~_MUTED)
        .options(selectinload(Membership.account))
    )


def muted_in_team(host_id: int) -> Select[MutedSite]:
    """What the team of a host chose not to be written about."""
    return (
        select(MutedSite)
        .join(Membership, MutedSite.membership_id == Membership.id)
        .where(Membership.host_id == host_id)
    )


def host_letters(campaign_id: int) -> Select[str | None, int]:
    """(mail address, host) of the teams of the hosts that have an open offer in a campaign.

    Whoever muted every site where her host has one is left out.
    """
    return (
        select(Account.email, Site.host_id)
        .distinct()
        .join(Membership, Membership.account_id == Account.id)
        .join(Site, Site.host_id == Membership.host_id)
        .join(Offer, Offer.site_id == Site.id)
        .where(
            Membership.role == Role.HOST,
            ~Membership.pending,
            ~_MUTED,
            Account.email.is_not(None),
            Offer.campaign_id == campaign_id,
            Offer.state == OfferState.OPEN,
        )
    )
