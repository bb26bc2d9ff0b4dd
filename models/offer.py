"""What hosts offer, week by week."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Select,
    UniqueConstraint,
    false,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.calendar import Week
from models.host import Host, Site
from models.school import ClassWeek
from models.sectors import Family, Sector
from models.timetable import WEEKDAYS, Day, Span, Stored, read_days, written

HALVES = ("matin", "après-midi")


class OfferKind(Labelled):
    SINGLE = "single", "Individuelle"
    GROUP = "group", "En groupe"
    HALF_DAYS = "half_days", "Demi-journées pour un parcours"
    PATHWAY = "pathway", "Parcours"


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
        CheckConstraint("named_seats >= 0", name="named_seats_not_negative"),
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
    safe: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The host declared that the pupil does no work forbidden to minors."""
    lunch: Mapped[str] = mapped_column(default="", server_default="")
    dress: Mapped[str] = mapped_column(default="", server_default="")
    elsewhere: Mapped[str] = mapped_column(default="", server_default="")
    """What happens away from the site: visits, a part at a distance."""
    tutors: Mapped[str] = mapped_column(default="", server_default="")
    """Who looks after the pupil, when it is not the contact."""
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
    """Seats of each week kept for REP+ and REP schools."""
    named_seats: Mapped[int] = mapped_column(default=0, server_default="0")
    """Seats of each week kept for the schools of `named_schools`."""
    named_schools: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    """The ids of schools, in order."""
    reserve_until: Mapped[date | None]
    """Both count in a round whose wishes close before this day; None: in the first round."""
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
    steps: Mapped[list["PathwayStep"]] = relationship(
        cascade="all, delete-orphan", order_by="PathwayStep.weekday, PathwayStep.half"
    )
    """Of a parcours only: its half-days in order."""

    @property
    def is_pathway(self) -> bool:
        """Whether several hosts share its week."""
        return self.kind is OfferKind.PATHWAY

    @property
    def sites(self) -> list[Site]:
        """Where it takes place, each once, in the order of the week."""
        if not self.is_pathway:
            return [self.site]
        return list(dict.fromkeys(step.site for step in self.steps))

    @property
    def hosts(self) -> list[Host]:
        """Who welcomes, each once, in the order of the week."""
        return list(dict.fromkeys(site.host for site in self.sites))

    @property
    def host_names(self) -> str:
        """« Préfecture, DDTM et Biocoop »."""
        *first, last = (host.name for host in self.hosts)
        return f"{', '.join(first)} et {last}" if first else last

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


class PathwayStep(Base):
    """One half-day of a parcours, at a host that offers it that week."""

    __tablename__ = "pathway_steps"
    __table_args__ = (
        UniqueConstraint("offer_id", "weekday", "half"),
        CheckConstraint("weekday BETWEEN 0 AND 4", name="weekday_of_school"),
        CheckConstraint("half BETWEEN 0 AND 1", name="morning_or_afternoon"),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    offer_week_id: Mapped[int] = mapped_column(ForeignKey("offer_weeks.id"), index=True)
    """The half-days that a host offers in one week."""
    weekday: Mapped[int]
    half: Mapped[int]
    """0 in the morning, 1 in the afternoon."""

    offer_week: Mapped[OfferWeek] = relationship()

    @property
    def source(self) -> Offer:
        """The half-days of the host."""
        return self.offer_week.offer

    @property
    def site(self) -> Site:
        return self.source.site

    @property
    def key(self) -> int:
        """The seat that parcours share: one half-day of one host in one week."""
        return segment_key(self.offer_week_id, self.weekday, self.half)

    @property
    def span(self) -> Span | None:
        """Its hours; None when the host no longer comes at that moment."""
        return span_of(self.source, self.weekday, self.half)

    @property
    def name(self) -> str:
        """« lundi matin »."""
        return f"{WEEKDAYS[self.weekday]} {HALVES[self.half]}"

    @property
    def broken(self) -> bool:
        """Whether its host took it back."""
        return self.source.state is not OfferState.OPEN or self.span is None


def segment_key(offer_week_id: int, weekday: int, half: int) -> int:
    """The whole number that stands for one half-day of one host in one week."""
    return 10 * offer_week_id + 2 * weekday + half


def span_of(offer: Offer, weekday: int, half: int) -> Span | None:
    """The hours of an offer on one half-day, if any."""
    for day in offer.timetable:
        if day.weekday == weekday:
            return day.afternoon if half else day.morning
    return None


def _whole(query: Select[Offer]) -> Select[Offer]:
    return query.options(
        selectinload(Offer.site).joinedload(Site.host),
        selectinload(Offer.weeks).joinedload(OfferWeek.week),
        with_steps(selectinload(Offer.steps)),
    )


def with_steps(steps: Any) -> Any:
    """Load the steps of parcours with their hosts, `steps` being the way that leads to them."""
    source = steps.joinedload(PathwayStep.offer_week).joinedload(OfferWeek.offer)
    return source.joinedload(Offer.site).joinedload(Site.host)


TO_RANK = (Offer.state == OfferState.OPEN, Offer.kind != OfferKind.HALF_DAYS)
"""What pupils may rank: half-days alone are no week."""


def open_offers(campaign_id: int) -> Select[Offer]:
    """The approved offers of a campaign, with site, host and weeks."""
    return _whole(
        select(Offer).where(Offer.campaign_id == campaign_id, *TO_RANK).order_by(Offer.id)
    )


def offers_naming_schools(campaign_id: int) -> Select[Offer]:
    """The approved offers of a campaign that keep seats for named schools."""
    return open_offers(campaign_id).where(Offer.named_seats > 0)


def offers_keeping_by_label(campaign_id: int) -> Select[Offer]:
    """The approved offers of a campaign that keep seats for REP+ and REP schools."""
    return open_offers(campaign_id).where(Offer.reserved_seats > 0)


def open_offer(offer_id: int, campaign_id: int) -> Select[Offer]:
    """One approved offer of a campaign, with site, host and weeks."""
    return open_offers(campaign_id).where(Offer.id == offer_id)


def offers_by_id(offer_ids: Collection[int], campaign_id: int) -> Select[Offer]:
    """These offers of a campaign, whatever their state, with site, host and weeks."""
    return _whole(select(Offer).where(Offer.id.in_(offer_ids), Offer.campaign_id == campaign_id))


def places_of_class(class_id: int) -> Select[*tuple[Any, ...]]:
    """The open places in the weeks of a class, a plain row per offer and week, nothing loaded.

    Columns: offer, kind, title, description, sector, demand, accessibility, access, host,
    host_kind, commune, insee_code, lat, lon, week, seats, total_seats, named_seats, named_schools,
    reserved_seats, reserve_until. It is the rule of `services/reach.py`, asked of the database for
    one class.
    """
    return (
        select(
            Offer.id.label("offer_id"),
            Offer.kind,
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
            Offer.named_seats,
            Offer.named_schools,
            Offer.reserved_seats,
            Offer.reserve_until,
        )
        .join(OfferWeek, OfferWeek.offer_id == Offer.id)
        .join(ClassWeek, ClassWeek.week_id == OfferWeek.week_id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            ClassWeek.school_class_id == class_id,
            *TO_RANK,
            OfferWeek.seats > 0,
        )
        .order_by(Offer.id, OfferWeek.week_id)
    )


def offers_of_host(host_id: int, campaign_id: int) -> Select[Offer]:
    """The offers of a host in a campaign, newest first."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .where(
            Site.host_id == host_id,
            Offer.campaign_id == campaign_id,
            Offer.kind != OfferKind.PATHWAY,
        )
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
        .where(Offer.id == offer_id, Site.host_id == host_id, Offer.kind != OfferKind.PATHWAY)
    )


def offers_in_territory(territory_id: int, campaign_id: int, state: OfferState) -> Select[Offer]:
    """The offers of a campaign in one state, of hosts of this territory, oldest first."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            Host.territory_id == territory_id,
            Offer.campaign_id == campaign_id,
            Offer.kind != OfferKind.PATHWAY,
            Offer.state == state,
        )
        .order_by(Offer.submitted_at, Offer.id)
    )


def offer_in_territory(offer_id: int, territory_id: int) -> Select[Offer]:
    """One offer, if its host belongs to this territory."""
    return _whole(
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            Offer.id == offer_id,
            Host.territory_id == territory_id,
            Offer.kind != OfferKind.PATHWAY,
        )
    )


def offer_by_form_key(key: str) -> Select[Offer]:
    """The offer that a form already made, if any."""
    return select(Offer).where(Offer.form_key == key)
