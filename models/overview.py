"""Counts for those who answer for a territory, and for everybody: never a name."""

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import selectinload

from models.campaign import Campaign, CampaignState, Round
from models.found_place import holds_found_place
from models.host import Host, HostKind, Site
from models.offer import TO_RANK, Offer, OfferKind, OfferWeek
from models.pupil import Pupil
from models.run import Assignment, RunPupil
from models.sectors import Sector


def apart_from_run(campaign_id: int, run_id: int) -> Select[int, int, int]:
    """(school, pupils, those with a checked place of their own) out of a run, by school."""
    inside = select(RunPupil.pupil_id).where(RunPupil.run_id == run_id)
    return (
        select(
            Pupil.school_id,
            func.count(),
            func.sum(case((holds_found_place(Pupil.id), 1), else_=0)),
        )
        .where(Pupil.campaign_id == campaign_id, Pupil.left_at.is_(None), Pupil.id.not_in(inside))
        .group_by(Pupil.school_id)
    )


def taken_by_week(run_id: int) -> Select[int, int]:
    """(week, pupils) that a run places."""
    return (
        select(OfferWeek.week_id, func.count(Assignment.id))
        .join(Assignment, Assignment.offer_week_id == OfferWeek.id)
        .where(Assignment.run_id == run_id)
        .group_by(OfferWeek.week_id)
    )


def seats_by_commune(
    campaign_id: int,
) -> Select[str, str, int, Sector, HostKind, OfferKind, int, int]:
    """What is offered, without saying by whom.

    Columns: INSEE code, commune, week, sector, kind of host, kind of offer, offers, seats.
    """
    columns = (
        Site.insee_code,
        Site.commune,
        OfferWeek.week_id,
        Offer.sector,
        Host.kind,
        Offer.kind,
    )
    return (
        select(*columns, func.count(), func.sum(OfferWeek.seats))
        .select_from(OfferWeek)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            Offer.campaign_id == campaign_id,
            *TO_RANK,
            OfferWeek.seats > 0,
        )
        .group_by(*columns)
        .order_by(Site.commune, OfferWeek.week_id, Offer.sector, Host.kind, Offer.kind)
    )


def published_campaigns() -> Select[Campaign]:
    """The campaigns of every territory whose results are out, the latest first."""
    return (
        select(Campaign)
        .where(
            Campaign.state.in_((CampaignState.RUNNING, CampaignState.CLOSED)),
            Campaign.rounds.any(Round.published_at.is_not(None)),
        )
        .options(selectinload(Campaign.rounds), selectinload(Campaign.territory))
        .order_by(Campaign.season.desc(), Campaign.territory_id)
    )
