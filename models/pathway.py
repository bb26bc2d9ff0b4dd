"""The parcours of a campaign, and the half-days that hosts offer for them."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from models.host import Host, Site
from models.offer import Offer, OfferKind, OfferState, OfferWeek, PathwayStep, with_steps


def segments(campaign_id: int) -> Select[int, int, int, int, int]:
    """(pathway's week, half-days' week, weekday, half, seats) of every parcours of a campaign."""
    source, own = aliased(OfferWeek), aliased(OfferWeek)
    return (
        select(own.id, source.id, PathwayStep.weekday, PathwayStep.half, source.seats)
        .select_from(PathwayStep)
        .join(own, own.offer_id == PathwayStep.offer_id)
        .join(source, PathwayStep.offer_week_id == source.id)
        .join(Offer, Offer.id == PathwayStep.offer_id)
        .where(Offer.campaign_id == campaign_id)
        .order_by(own.id, PathwayStep.weekday, PathwayStep.half)
    )


def stops(campaign_id: int) -> Select[*tuple[Any, ...]]:
    """Where each open parcours goes, in order: offer_id, host_name, host_kind, lat, lon."""
    own, source = aliased(Offer), aliased(Offer)
    return (
        select(
            own.id.label("offer_id"),
            Host.name.label("host_name"),
            Host.kind.label("host_kind"),
            Site.lat,
            Site.lon,
        )
        .select_from(PathwayStep)
        .join(own, own.id == PathwayStep.offer_id)
        .join(OfferWeek, PathwayStep.offer_week_id == OfferWeek.id)
        .join(source, OfferWeek.offer_id == source.id)
        .join(Site, source.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(own.campaign_id == campaign_id, own.state == OfferState.OPEN)
        .order_by(own.id, PathwayStep.weekday, PathwayStep.half)
    )


def half_days_of_week(campaign_id: int, week_id: int) -> Select[OfferWeek]:
    """The approved half-days of one week, with their hosts."""
    return (
        select(OfferWeek)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .where(
            Offer.campaign_id == campaign_id,
            Offer.kind == OfferKind.HALF_DAYS,
            Offer.state == OfferState.OPEN,
            OfferWeek.week_id == week_id,
            OfferWeek.seats > 0,
        )
        .options(joinedload(OfferWeek.offer).joinedload(Offer.site).joinedload(Site.host))
        .order_by(OfferWeek.id)
    )


def half_days_by_week(campaign_id: int) -> Select[int, int, int]:
    """(week, offers of half-days, their seats) of the approved half-days of a campaign."""
    return (
        select(OfferWeek.week_id, func.count(), func.sum(OfferWeek.seats))
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .where(
            Offer.campaign_id == campaign_id,
            Offer.kind == OfferKind.HALF_DAYS,
            Offer.state == OfferState.OPEN,
            OfferWeek.seats > 0,
        )
        .group_by(OfferWeek.week_id)
    )


def pathways_of(territory_id: int, campaign_id: int) -> Select[Offer]:
    """Every parcours of a campaign of this territory, with steps and hosts, oldest first."""
    return (
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            Host.territory_id == territory_id,
            Offer.campaign_id == campaign_id,
            Offer.kind == OfferKind.PATHWAY,
        )
        .options(
            selectinload(Offer.weeks).joinedload(OfferWeek.week),
            selectinload(Offer.site).joinedload(Site.host),
            with_steps(selectinload(Offer.steps)),
        )
        .order_by(Offer.id)
    )


def pathway_in_territory(offer_id: int, territory_id: int, campaign_id: int) -> Select[Offer]:
    """One parcours, if it belongs to this territory."""
    return pathways_of(territory_id, campaign_id).where(Offer.id == offer_id)


def pathways_through(offer_id: int) -> Select[Offer]:
    """The parcours that have a step in these half-days and were not taken away."""
    through = (
        select(PathwayStep.offer_id)
        .join(OfferWeek, PathwayStep.offer_week_id == OfferWeek.id)
        .where(OfferWeek.offer_id == offer_id)
    )
    return (
        select(Offer)
        .where(Offer.id.in_(through), Offer.state != OfferState.WITHDRAWN)
        .options(selectinload(Offer.weeks))
        .order_by(Offer.id)
    )


def pathways_at_host(host_id: int) -> Select[int]:
    """The ids of the parcours that have a step at a host."""
    return (
        select(PathwayStep.offer_id)
        .join(OfferWeek, PathwayStep.offer_week_id == OfferWeek.id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(Site.host_id == host_id)
    )
