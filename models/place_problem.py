"""What a host says is wrong with the place of a pupil it was to welcome."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, func, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.campaign import Campaign
from models.host import Site
from models.offer import Offer, OfferWeek
from models.pathway import pathways_at_host
from models.placement import ACTIVE, Placement
from models.pupil import Pupil


class ProblemKind(Labelled):
    """Why, in a few words that say nothing of the pupil's private life."""

    SEAT = "seat", "La place n’est plus possible"
    DATES = "dates", "Les dates ou les horaires ont changé"
    TUTOR = "tutor", "La personne qui accueille n’est plus disponible"
    SCHOOL = "school", "Le collège n’a pas encore écrit"
    OTHER = "other", "Autre chose"


_WAITING_SQL = text("settled_at IS NULL")


class PlaceProblem(Base):
    """One problem that waits for an animator; a place has at most one at a time."""

    __tablename__ = "place_problems"
    __table_args__ = (
        CheckConstraint("length(detail) <= 500", name="detail_stays_short"),
        Index(
            "uq_place_problems_one_waiting",
            "placement_id",
            unique=True,
            sqlite_where=_WAITING_SQL,
            postgresql_where=_WAITING_SQL,
        ),
    )

    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"), index=True)
    kind: Mapped[ProblemKind]
    detail: Mapped[str] = mapped_column(default="")
    told_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    told_at: Mapped[datetime]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    settled_at: Mapped[datetime | None]

    placement: Mapped[Placement] = relationship()


def problems_waiting(campaign_id: int) -> Select[PlaceProblem]:
    """The problems of a campaign that nobody settled, oldest first, with pupil and place."""
    held = selectinload(PlaceProblem.placement)
    place = held.joinedload(Placement.offer_week)
    return (
        select(PlaceProblem)
        .join(Placement, PlaceProblem.placement_id == Placement.id)
        .where(Placement.campaign_id == campaign_id, PlaceProblem.settled_at.is_(None))
        .options(
            held.joinedload(Placement.pupil).joinedload(Pupil.school),
            held.joinedload(Placement.pupil).joinedload(Pupil.school_class),
            place.joinedload(OfferWeek.offer).joinedload(Offer.site).joinedload(Site.host),
            place.joinedload(OfferWeek.week),
        )
        .order_by(PlaceProblem.id)
    )


def count_problems(campaign_id: int) -> Select[int]:
    """How many problems of a campaign nobody settled."""
    return (
        select(func.count())
        .select_from(PlaceProblem)
        .join(Placement, PlaceProblem.placement_id == Placement.id)
        .where(Placement.campaign_id == campaign_id, PlaceProblem.settled_at.is_(None))
    )


def problem_in_territory(problem_id: int, territory_id: int) -> Select[PlaceProblem]:
    """One problem, if its campaign belongs to this territory."""
    return (
        select(PlaceProblem)
        .join(Placement, PlaceProblem.placement_id == Placement.id)
        .join(Campaign, Placement.campaign_id == Campaign.id)
        .where(PlaceProblem.id == problem_id, Campaign.territory_id == territory_id)
        .options(selectinload(PlaceProblem.placement))
    )


def problem_of_place(placement_id: int) -> Select[PlaceProblem]:
    """The problem of a place that waits, if any."""
    return select(PlaceProblem).where(
        PlaceProblem.placement_id == placement_id, PlaceProblem.settled_at.is_(None)
    )


def problems_among(placement_ids: Collection[int]) -> Select[int]:
    """Those of these places whose problem nobody settled."""
    return select(PlaceProblem.placement_id).where(
        PlaceProblem.placement_id.in_(placement_ids), PlaceProblem.settled_at.is_(None)
    )


def place_of_host(placement_id: int, host_id: int) -> Select[Placement]:
    """One active place with its pupil, if it is at this host."""
    return (
        select(Placement)
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(
            Placement.id == placement_id,
            or_(Site.host_id == host_id, Offer.id.in_(pathways_at_host(host_id))),
            Placement.state.in_(ACTIVE),
        )
        .options(selectinload(Placement.pupil), selectinload(Placement.round))
    )
