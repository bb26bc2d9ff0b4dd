"""What a pupil wants, in order. A wish always points to one offer."""

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base
from models.host import Site
from models.offer import Offer, OfferWeek

if TYPE_CHECKING:
    from models.pupil import Pupil


class Wish(Base):
    __tablename__ = "wishes"
    __table_args__ = (
        UniqueConstraint("pupil_id", "rank"),
        UniqueConstraint("pupil_id", "offer_id"),
        CheckConstraint("rank >= 1", name="rank_starts_at_one"),
    )

    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"), index=True)
    rank: Mapped[int]

    pupil: Mapped["Pupil"] = relationship(back_populates="wishes")
    offer: Mapped[Offer] = relationship()


def wishes_of(pupil_id: int) -> Select[Wish]:
    """The wishes of a pupil, best first, with their offers, sites, hosts and weeks."""
    offer = selectinload(Wish.offer)
    return (
        select(Wish)
        .where(Wish.pupil_id == pupil_id)
        .options(
            offer.joinedload(Offer.site).joinedload(Site.host),
            offer.selectinload(Offer.weeks).joinedload(OfferWeek.week),
        )
        .order_by(Wish.rank)
    )


def wish_counts(campaign_id: int) -> Select[int, int]:
    """(offer, number of pupils who ranked it), for the offers of a campaign."""
    return (
        select(Wish.offer_id, func.count())
        .join(Offer)
        .where(Offer.campaign_id == campaign_id)
        .group_by(Wish.offer_id)
    )
