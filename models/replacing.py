"""Who has no place once results are out, what became of the last one, and which seats are taken."""

from collections.abc import Collection

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from models.campaign import Campaign, Round, RoundState
from models.found_place import FoundPlace, FoundState, holds_found_place
from models.offer import Offer, OfferWeek, open_offers
from models.placement import ACTIVE, Placement
from models.pupil import Pupil
from models.run import RunPupil
from models.school import School, SchoolClass


def pupils_without_place(campaign_id: int) -> Select[Pupil]:
    """The pupils still there who hold no place and found none, with wishes, class and school."""
    held = exists().where(Placement.pupil_id == Pupil.id, Placement.state.in_(ACTIVE))
    return (
        select(Pupil)
        .where(
            Pupil.campaign_id == campaign_id,
            Pupil.left_at.is_(None),
            ~held,
            ~holds_found_place(Pupil.id),
        )
        .options(
            selectinload(Pupil.school).selectinload(School.labels),
            selectinload(Pupil.school_class).selectinload(SchoolClass.weeks),
            selectinload(Pupil.wishes),
        )
        .order_by(Pupil.id)
    )


def places_lost(campaign_id: int) -> Select[Placement]:
    """The places of a campaign that nobody holds any more, oldest first, with their offers."""
    return (
        select(Placement)
        .where(Placement.campaign_id == campaign_id, Placement.state.not_in(ACTIVE))
        .options(
            selectinload(Placement.offer_week).joinedload(OfferWeek.offer),
            selectinload(Placement.offer_week).joinedload(OfferWeek.week),
        )
        .order_by(Placement.id)
    )


def pupils_of_runs(run_ids: Collection[int]) -> Select[int]:
    """The pupils whom these runs were given."""
    return select(RunPupil.pupil_id).distinct().where(RunPupil.run_id.in_(run_ids))


def pupils_who_declared(campaign_id: int) -> Select[int]:
    """The pupils who say they found a place that their school has not checked yet."""
    return select(FoundPlace.pupil_id).where(
        FoundPlace.campaign_id == campaign_id, FoundPlace.state == FoundState.DECLARED
    )


def seats_taken(campaign_id: int) -> Select[int, int, int, int]:
    """(offer-week, offer, school, pupils) of the active places of a campaign."""
    return (
        select(OfferWeek.id, OfferWeek.offer_id, Pupil.school_id, func.count())
        .select_from(Placement)
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .join(Pupil, Placement.pupil_id == Pupil.id)
        .where(Placement.campaign_id == campaign_id, Placement.state.in_(ACTIVE))
        .group_by(OfferWeek.id, OfferWeek.offer_id, Pupil.school_id)
    )


def pupil_in_territory(pupil_id: int, territory_id: int) -> Select[Pupil]:
    """One pupil still there with class, school and wishes, if of a campaign of this territory."""
    return (
        select(Pupil)
        .join(Campaign, Pupil.campaign_id == Campaign.id)
        .where(Pupil.id == pupil_id, Campaign.territory_id == territory_id, Pupil.left_at.is_(None))
        .options(
            selectinload(Pupil.school).selectinload(School.labels),
            selectinload(Pupil.school_class).selectinload(SchoolClass.weeks),
            selectinload(Pupil.wishes),
        )
    )


def group_size(offer_week_id: int) -> Select[int]:
    """How many pupils hold a place there."""
    return (
        select(func.count())
        .select_from(Placement)
        .where(Placement.offer_week_id == offer_week_id, Placement.state.in_(ACTIVE))
    )


def given_by_round(campaign_id: int) -> Select[int, int]:
    """(number of the round, active places given in it) of a campaign."""
    return (
        select(Round.number, func.count(Placement.id))
        .join(Placement, Placement.round_id == Round.id)
        .where(Round.campaign_id == campaign_id, Placement.state.in_(ACTIVE))
        .group_by(Round.number)
        .order_by(Round.number)
    )


def pupils_with_place(campaign_id: int) -> Select[int]:
    """The pupils of a campaign who hold a place."""
    return select(Placement.pupil_id).where(
        Placement.campaign_id == campaign_id, Placement.state.in_(ACTIVE)
    )


def seats_taken_by_week(campaign_id: int) -> Select[int, int, int]:
    """(offer, week, pupils) of the active places of a campaign."""
    return (
        select(OfferWeek.offer_id, OfferWeek.week_id, func.count())
        .select_from(Placement)
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .where(Placement.campaign_id == campaign_id, Placement.state.in_(ACTIVE))
        .group_by(OfferWeek.offer_id, OfferWeek.week_id)
    )


def later_round(campaign_id: int) -> Select[Round]:
    """The complementary round under way, if one has begun."""
    return (
        select(Round)
        .where(
            Round.campaign_id == campaign_id, Round.number > 1, Round.state != RoundState.PLANNED
        )
        .options(joinedload(Round.campaign).joinedload(Campaign.territory))
        .order_by(Round.number.desc())
        .limit(1)
    )


def open_offers_in(campaign_id: int, week_ids: Collection[int]) -> Select[Offer]:
    """The approved offers of a campaign that have seats in one of these weeks."""
    there = Offer.weeks.any(and_(OfferWeek.week_id.in_(week_ids), OfferWeek.seats > 0))
    return open_offers(campaign_id).where(there)


def open_offer_of(offer_week_id: int, campaign_id: int) -> Select[Offer]:
    """The approved offer of a campaign behind one of its weeks."""
    return open_offers(campaign_id).where(Offer.weeks.any(OfferWeek.id == offer_week_id))
