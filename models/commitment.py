"""What hosts promised to the networks of the PaQte, season by season."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    UniqueConstraint,
    exists,
    select,
)
from sqlalchemy.orm import Mapped, aliased, contains_eager, mapped_column, relationship

from models.account import Membership, Network
from models.base import Base, Labelled
from models.host import Host, Site
from models.offer import Offer, OfferKind, OfferState, OfferWeek, PathwayStep
from models.placement import ACTIVE, Origin, Placement
from models.pupil import Pupil
from models.sectors import Sector


class CommittedAction(Labelled):
    """What a signatory can promise beside weeks of observation."""

    TALK = "talk", "Interventions en classe"
    VISIT = "visit", "Visites de l’entreprise"
    SPONSOR = "sponsor", "Parrainages d’élèves"
    FORUM = "forum", "Forums des métiers"


class Commitment(Base):
    """What one host promised one network for one season; facts are counted, never typed."""

    __tablename__ = "commitments"
    __table_args__ = (
        UniqueConstraint("host_id", "network", "season"),
        CheckConstraint("places BETWEEN 0 AND 10000", name="places_sensible"),
        CheckConstraint("weeks BETWEEN 0 AND 40", name="weeks_sensible"),
    )

    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), index=True)
    network: Mapped[Network]
    season: Mapped[int]
    """The civil year in which the school year starts."""
    signed_on: Mapped[date]
    places: Mapped[int]
    weeks: Mapped[int]
    promised: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Number of actions promised, by `CommittedAction` value."""
    done: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Number of actions that took place, told by the network."""
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    saved_at: Mapped[datetime]

    host: Mapped[Host] = relationship()


def commitments_in_territory(territory_id: int, season: int) -> Select[Commitment]:
    """The commitments of a season with their hosts, by name."""
    return (
        select(Commitment)
        .join(Commitment.host)
        .where(Host.territory_id == territory_id, Commitment.season == season)
        .options(contains_eager(Commitment.host))
        .order_by(Host.name, Commitment.id)
    )


def commitment_in_territory(commitment_id: int, territory_id: int) -> Select[Commitment]:
    """One commitment, if its host belongs to this territory."""
    return (
        select(Commitment)
        .join(Commitment.host)
        .where(Commitment.id == commitment_id, Host.territory_id == territory_id)
        .options(contains_eager(Commitment.host))
    )


def commitment_of(host_id: int, network: Network, season: int) -> Select[Commitment]:
    """The commitment of a host to a network in a season, if any."""
    return select(Commitment).where(
        Commitment.host_id == host_id,
        Commitment.network == network,
        Commitment.season == season,
    )


def commitments_of_host(host_id: int, season: int) -> Select[Commitment]:
    """What a host promised for a season, to each network."""
    return (
        select(Commitment)
        .where(Commitment.host_id == host_id, Commitment.season == season)
        .order_by(Commitment.network)
    )


def committed_seasons(territory_id: int) -> Select[int]:
    """The seasons that hold a commitment, latest first."""
    return (
        select(Commitment.season)
        .distinct()
        .join(Commitment.host)
        .where(Host.territory_id == territory_id)
        .order_by(Commitment.season.desc())
    )


def hosts_in_territory(territory_id: int) -> Select[Host]:
    """Every host of a territory, by name."""
    return select(Host).where(Host.territory_id == territory_id).order_by(Host.name, Host.id)


def newcomer_left(host_id: int) -> Select[Host]:
    """A host, if it has neither site, nor team, nor commitment left."""
    site = exists().where(Site.host_id == Host.id)
    team = exists().where(Membership.host_id == Host.id)
    promise = exists().where(Commitment.host_id == Host.id)
    return select(Host).where(Host.id == host_id, ~site, ~team, ~promise)


def posted_by_host(campaign_id: int) -> Select[*tuple[Any, ...]]:
    """(host, offer, sector, week, seats, common limit) of each week of each open offer.

    Half-days meant for parcours count with their hosts; a parcours, made of them, does not.
    """
    return (
        select(
            Site.host_id,
            Offer.id,
            Offer.sector,
            OfferWeek.week_id,
            OfferWeek.seats,
            Offer.total_seats,
        )
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(
            Offer.campaign_id == campaign_id,
            Offer.state == OfferState.OPEN,
            Offer.kind != OfferKind.PATHWAY,
            OfferWeek.seats > 0,
        )
        .order_by(Offer.id, OfferWeek.week_id)
    )


def _held(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    """Places held and published, family finds apart."""
    return (
        Placement.campaign_id == campaign_id,
        Placement.state.in_(ACTIVE),
        Placement.origin != Origin.FAMILY,
    )


def welcomed_alone(campaign_id: int) -> Select[int, int, int, Sector]:
    """(host, pupil, school, sector) of the places held at one host."""
    return (
        select(Site.host_id, Pupil.id, Pupil.school_id, Offer.sector)
        .select_from(Placement)
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Pupil, Placement.pupil_id == Pupil.id)
        .where(*_held(campaign_id), Offer.kind != OfferKind.PATHWAY)
    )


def welcomed_in_pathways(campaign_id: int) -> Select[int, int, int, Sector]:
    """(host, pupil, school, sector) of each step of the parcours that pupils hold."""
    own, source = aliased(OfferWeek), aliased(OfferWeek)
    return (
        select(Site.host_id, Pupil.id, Pupil.school_id, Offer.sector)
        .select_from(Placement)
        .join(own, Placement.offer_week_id == own.id)
        .join(PathwayStep, PathwayStep.offer_id == own.offer_id)
        .join(source, PathwayStep.offer_week_id == source.id)
        .join(Offer, source.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Pupil, Placement.pupil_id == Pupil.id)
        .where(*_held(campaign_id))
        .order_by(PathwayStep.weekday, PathwayStep.half)
    )
