"""Counts of offers and places, and whom to write to about them."""

from datetime import datetime

from sqlalchemy import CompoundSelect, Select, func, select, union
from sqlalchemy.orm import aliased

from models.host import Host, Site
from models.offer import TO_RANK, Offer, OfferKind, OfferState, OfferWeek, PathwayStep


def seats_by_week(campaign_id: int) -> Select[int, int]:
    """(week, open seats), for the weeks of a campaign."""
    return (
        select(OfferWeek.week_id, func.sum(OfferWeek.seats))
        .join(Offer)
        .where(Offer.campaign_id == campaign_id, *TO_RANK)
        .group_by(OfferWeek.week_id)
    )


def open_seats_on_the_map(campaign_id: int) -> Select[int, int, float, float]:
    """(week, open seats, latitude, longitude) of every open offer of a campaign."""
    return (
        select(OfferWeek.week_id, OfferWeek.seats, Site.lat, Site.lon)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(Offer.campaign_id == campaign_id, *TO_RANK)
    )


def offers_waiting(campaign_id: int) -> Select[int, datetime | None]:
    """(number, oldest moment) of the offers that wait for an animator."""
    return select(func.count(), func.min(Offer.submitted_at)).where(
        Offer.campaign_id == campaign_id, Offer.state == OfferState.SUBMITTED
    )


def offer_states(territory_id: int, campaign_id: int) -> Select[OfferState, int]:
    """(state, offers) of a campaign, of hosts of this territory."""
    return (
        select(Offer.state, func.count())
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            Host.territory_id == territory_id,
            Offer.campaign_id == campaign_id,
            Offer.kind != OfferKind.PATHWAY,
        )
        .group_by(Offer.state)
    )


def seats_by_offer(campaign_id: int) -> Select[int, int, int | None]:
    """(offer, seats over its weeks, common limit) of the open offers of a campaign."""
    return (
        select(Offer.id, func.sum(OfferWeek.seats), Offer.total_seats)
        .join(OfferWeek)
        .where(Offer.campaign_id == campaign_id, *TO_RANK)
        .group_by(Offer.id, Offer.total_seats)
    )


def seats_by_host(campaign_id: int) -> Select[int, str, int, int | None, int, int]:
    """The open offers of a campaign, week by week, nothing loaded.

    Columns: host, its name, offer, common limit, offer-week, seats.
    """
    return (
        select(Host.id, Host.name, Offer.id, Offer.total_seats, OfferWeek.id, OfferWeek.seats)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(Offer.campaign_id == campaign_id, *TO_RANK)
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


def open_seats(campaign_id: int) -> Select[int, int]:
    """(offer-week, seats) of the approved offers of a campaign that pupils may rank."""
    return (
        select(OfferWeek.id, OfferWeek.seats)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .where(Offer.campaign_id == campaign_id, *TO_RANK)
    )


def open_places(campaign_id: int) -> Select[int, int, int, int, int | None, int | None]:
    """(offer-week, offer, week, seats, seats of all its weeks, least group) of the open offers."""
    return (
        select(
            OfferWeek.id,
            OfferWeek.offer_id,
            OfferWeek.week_id,
            OfferWeek.seats,
            Offer.total_seats,
            Offer.min_group,
        )
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .where(Offer.campaign_id == campaign_id, *TO_RANK)
    )


def hosts_of_places(campaign_id: int) -> CompoundSelect[int, int]:
    """(offer-week, host) of the places of a campaign: each host of a parcours, once."""
    own = (
        select(OfferWeek.id, Site.host_id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(Offer.campaign_id == campaign_id, Offer.kind != OfferKind.PATHWAY)
    )
    half_day = aliased(OfferWeek)
    source = aliased(Offer)
    stepped = (
        select(OfferWeek.id, Site.host_id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(PathwayStep, PathwayStep.offer_id == Offer.id)
        .join(half_day, PathwayStep.offer_week_id == half_day.id)
        .join(source, half_day.offer_id == source.id)
        .join(Site, source.site_id == Site.id)
        .where(Offer.campaign_id == campaign_id, Offer.kind == OfferKind.PATHWAY)
    )
    return union(own, stepped)
