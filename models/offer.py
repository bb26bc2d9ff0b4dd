"""What hosts offer, week by week."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Select,
    UniqueConstraint,
    false,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.calendar import Week
from models.host import Host, Site
from models.school import ClassWeek
from models.sectors import Family, Sector
from models.timetable import Day, Stored, read_days, written


class OfferKind(Labelled):
    SINGLE = "single", "Individuelle"
    GROUP = "group", "En groupe"


class OfferState(Labelled):
    DRAFT = "draft", "Brouillon"
    SUBMITTED = "submitted", "À relire"
    RETURNED = "returned", "À corriger"
    OPEN = "open", "Ouverte"
    PAUSED = "paused", "En pause"
    WITHDRAWN = "withdrawn", "Retirée"


class Offer(Base):
    """A place to observe at a site; its seats are counted week by week."""

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint("school_max >= 1", name="school_max_positive"),
        CheckConstraint("min_group >= 2", name="min_group_at_least_two"),
        CheckConstraint("total_seats >= 1", name="total_seats_positive"),
        CheckConstraint("reserved_seats >= 0", name="reserved_seats_not_negative"),
        CheckConstraint("demand BETWEEN 1 AND 3", name="demand_in_three_words"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    kind: Mapped[OfferKind] = mapped_column(default=OfferKind.SINGLE)
    state: Mapped[OfferState] = mapped_column(default=OfferState.DRAFT)
    title: Mapped[str]
    description: Mapped[str]
    sector: Mapped[Sector]
    days: Mapped[Stored] = mapped_column(JSON, default=list, server_default="[]")
    """Its hours day by day, see `models/timetable.py`."""
    hours_note: Mapped[str] = mapped_column(default="")
    """What the hours by day do not say."""
    long_week: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The host confirmed more than thirty hours a week."""
    access: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str] = mapped_column(default="")
    accessibility: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """What the place provides, in the functional words of `Need`."""
    min_group: Mapped[int | None]
    school_max: Mapped[int | None]
    total_seats: Mapped[int | None]
    reserved_seats: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(default="")
    form_key: Mapped[str | None] = mapped_column(unique=True)
    """The one-use key of the form that made it: a double click posts once."""
    demand: Mapped[int | None]
    """How much it is asked for, in three words, refreshed once a day: finer invites gaming."""

    site: Mapped[Site] = relationship()
    weeks: Mapped[list["OfferWeek"]] = relationship(
        back_populates="offer", cascade="all, delete-orphan", order_by="OfferWeek.week_id"
    )

    @property
    def family(self) -> Family:
        return self.sector.family

    @property
    def timetable(self) -> tuple[Day, ...]:
        """Its days of presence, Monday first."""
        return read_days(self.days)

    @property
    def hours(self) -> str:
        """Its hours in words, with what the host adds to them."""
        return ". ".join(filter(None, (written(self.timetable), self.hours_note)))

    @property
    def seats(self) -> int:
        """Places over all its weeks."""
        total = sum(offered.seats for offered in self.weeks)
        return min(total, self.total_seats) if self.total_seats else total


class OfferWeek(Base):
    """The seats of an offer in one week: a choice of the engine."""

    __tablename__ = "offer_weeks"
    __table_args__ = (
        UniqueConstraint("offer_id", "week_id"),
        CheckConstraint("seats >= 0", name="seats_not_negative"),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    week_id: Mapped[int] = mapped_column(ForeignKey("weeks.id"), index=True)
    seats: Mapped[int]

    offer: Mapped[Offer] = relationship(back_populates="weeks")
    week: Mapped[Week] = relationship()


def _whole(query: Select[Offer]) -> Select[Offer]:
    return query.options(
        selectinload(Offer.site).joinedload(Site.host),
        selectinload(Offer.weeks).joinedload(OfferWeek.week),
    )


def open_offers(campaign_id: int) -> Select[Offer]:
    """The approved offers of a campaign, with site, host and weeks."""
    return _whole(
        select(Offer)
        .where(Offer.campaign_id == campaign_id, Offer.state == OfferState.OPEN)
        .order_by(Offer.id)
    )


def open_offer(offer_id: int, campaign_id: int) -> Select[Offer]:
    """One approved offer of a campaign, with site, host and weeks."""
    return open_offers(campaign_id).where(Offer.id == offer_id)


def offers_by_id(offer_ids: Collection[int], campaign_id: int) -> Select[Offer]:
    """These offers of a campaign, whatever their state, with site, host and weeks."""
    return _whole(select(Offer).where(Offer.id.in_(offer_ids), Offer.campaign_id == campaign_id))


def places_of_class(class_id: int) -> Select[*tuple[Any, ...]]:
    """The open places in the weeks of a class, a plain row per offer and week, nothing loaded.

    Columns: offer, title, description, sector, demand, accessibility, access, host, host_kind,
    commune, insee_code, lat, lon, week, seats, total_seats. It is the rule of
    `services/reach.py`, asked of the database for one class.
    """
    return (
        select(
            Offer.id.label("offer_id"),
            Offer.title,
            Offer.description,
            Offer.sector,
            Offer.demand,
            Offer.accessibility,
            Offer.access,
            Host.name.label("host_name"),
            Host.kind.label("host_kind"),
            Site.commune,
            Site.insee_code,
            Site.lat,
            Site.lon,
            OfferWeek.week_id,
            OfferWeek.seats,
            Offer.total_seats,
        )
        .join(OfferWeek, OfferWeek.offer_id == Offer.id)
        .join(ClassWeek, ClassWeek.week_id == OfferWeek.week_id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            ClassWeek.school_class_id == class_id,
            Offer.state == OfferState.OPEN,
            OfferWeek.seats > 0,
        )
        .order_by(Offer.id, OfferWeek.week_id)
    )


def offers_of_host(host_id: int, campaign_id: int) -> Select[Offer]:
    """The offers of a host in a campaign, newest first."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .where(Site.host_id == host_id, Offer.campaign_id == campaign_id)
        .order_by(Offer.id.desc())
    )


def past_offers_of_host(host_id: int, campaign_id: int) -> Select[Offer]:
    """What a host offered in earlier campaigns, the latest first."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .where(
            Site.host_id == host_id,
            Offer.campaign_id < campaign_id,
            Offer.state.in_((OfferState.OPEN, OfferState.PAUSED)),
        )
        .order_by(Offer.campaign_id.desc(), Offer.id)
        .limit(20)
    )


def offer_of_host(offer_id: int, host_id: int) -> Select[Offer]:
    """One offer, if it belongs to this host."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .where(Offer.id == offer_id, Site.host_id == host_id)
    )


def offers_in_territory(territory_id: int, campaign_id: int) -> Select[Offer]:
    """Every offer of a campaign whose host belongs to this territory, oldest first."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(Host.territory_id == territory_id, Offer.campaign_id == campaign_id)
        .order_by(Offer.submitted_at, Offer.id)
    )


def offer_in_territory(offer_id: int, territory_id: int) -> Select[Offer]:
    """One offer, if its host belongs to this territory."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(Offer.id == offer_id, Host.territory_id == territory_id)
    )


def offer_by_form_key(key: str) -> Select[Offer]:
    """The offer that a form already made, if any."""
    return select(Offer).where(Offer.form_key == key)


def seats_by_week(campaign_id: int) -> Select[int, int]:
    """(week, open seats), for the weeks of a campaign."""
    return (
        select(OfferWeek.week_id, func.sum(OfferWeek.seats))
        .join(Offer)
        .where(Offer.campaign_id == campaign_id, Offer.state == OfferState.OPEN)
        .group_by(OfferWeek.week_id)
    )


def open_seats_on_the_map(campaign_id: int) -> Select[int, int, float, float]:
    """(week, open seats, latitude, longitude) of every open offer of a campaign."""
    return (
        select(OfferWeek.week_id, OfferWeek.seats, Site.lat, Site.lon)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(Offer.campaign_id == campaign_id, Offer.state == OfferState.OPEN)
    )


def offers_waiting(campaign_id: int) -> Select[int, datetime | None]:
    """(number, oldest moment) of the offers that wait for an animator."""
    return select(func.count(), func.min(Offer.submitted_at)).where(
        Offer.campaign_id == campaign_id, Offer.state == OfferState.SUBMITTED
    )


def seats_by_offer(campaign_id: int) -> Select[int, int, int | None]:
    """(offer, seats over its weeks, common limit) of the open offers of a campaign."""
    return (
        select(Offer.id, func.sum(OfferWeek.seats), Offer.total_seats)
        .join(OfferWeek)
        .where(Offer.campaign_id == campaign_id, Offer.state == OfferState.OPEN)
        .group_by(Offer.id, Offer.total_seats)
    )


def contact_letters(campaign_id: int) -> Select[str, int]:
    """(mail address, host) of the people to contact for the open offers of a campaign."""
    return (
        select(Offer.contact_email, Site.host_id)
        .distinct()
        .join(Site, Offer.site_id == Site.id)
        .where(Offer.campaign_id == campaign_id, Offer.state == OfferState.OPEN)
    )


def welcome_counts(campaign_id: int) -> Select[int, int]:
    """(hosts, group offers) among the open offers of a campaign."""
    return (
        select(
            func.count(Site.host_id.distinct()),
            func.count(Offer.id).filter(Offer.kind == OfferKind.GROUP),
        )
        .join(Site, Offer.site_id == Site.id)
        .where(Offer.campaign_id == campaign_id, Offer.state == OfferState.OPEN)
    )
