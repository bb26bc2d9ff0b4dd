"""What sets two runs side by side: who is behind their rows, who has another place."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload, undefer

from models.campaign import Campaign, Round
from models.host import Host, HostKind, Site
from models.offer import Offer, OfferWeek
from models.pupil import Pupil
from models.run import Assignment, Run, RunChoice, RunPupil, Source
from models.sectors import Sector

Before, After = aliased(Assignment), aliased(Assignment)
BEYOND_EVERY_WISH = 1000


def runs_to_compare(run_ids: Collection[int], territory_id: int) -> Select[Run]:
    """These runs with their figures, if their campaigns belong to this territory."""
    return (
        select(Run)
        .join(Round, Run.round_id == Round.id)
        .join(Campaign)
        .where(Run.id.in_(run_ids), Campaign.territory_id == territory_id)
        .options(undefer(Run.details), selectinload(Run.round).selectinload(Round.campaign))
        .order_by(Run.id)
    )


def classes_of_run(run_id: int) -> Select[int, int]:
    """(row, class) of each pupil of a run's instance, in order."""
    return (
        select(RunPupil.row, Pupil.school_class_id)
        .join(Pupil, RunPupil.pupil_id == Pupil.id)
        .where(RunPupil.run_id == run_id)
        .order_by(RunPupil.row)
    )


def natures_of_choices(run_id: int) -> Select[int, Sector, HostKind]:
    """(row, sector, kind of host) of each choice of a run's instance, in order."""
    return (
        select(RunChoice.row, Offer.sector, Host.kind)
        .join(OfferWeek, RunChoice.offer_week_id == OfferWeek.id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(RunChoice.run_id == run_id)
        .order_by(RunChoice.row)
    )


def places_of_state(run_id: int) -> Select[int, int, int]:
    """(school, class, pupils) whom a run sends to a service of the State."""
    return (
        select(Pupil.school_id, Pupil.school_class_id, func.count())
        .join(Assignment, Assignment.pupil_id == Pupil.id)
        .join(OfferWeek, Assignment.offer_week_id == OfferWeek.id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(Assignment.run_id == run_id, Host.kind == HostKind.STATE)
        .group_by(Pupil.school_id, Pupil.school_class_id)
    )


def _rank(one: type[Assignment]) -> ColumnElement[int]:
    """The rank of a place; one that was not wished for comes after every wish."""
    return case((one.source == Source.COMPLETION, BEYOND_EVERY_WISH), else_=one.rank)


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((and_(*conditions), 1), else_=0))


def changes_by_school(before: int, after: int) -> Select[int, int, int, int, int, int, int]:
    """What differs for the pupils that two runs share, for each school.

    Columns: school, pupils, moved, gained, lost, better rank, worse rank.
    """
    old, new = Before.offer_week_id, After.offer_week_id
    both = and_(old.is_not(None), new.is_not(None))
    return (
        select(
            Pupil.school_id,
            func.count(),
            _count(both, old != new),
            _count(old.is_(None), new.is_not(None)),
            _count(old.is_not(None), new.is_(None)),
            _count(both, _rank(After) < _rank(Before)),
            _count(both, _rank(After) > _rank(Before)),
        )
        .join(After, and_(After.pupil_id == Before.pupil_id, After.run_id == after))
        .join(Pupil, Before.pupil_id == Pupil.id)
        .where(Before.run_id == before)
        .group_by(Pupil.school_id)
    )


def changes_in_school(before: int, after: int, school_id: int) -> Select[Assignment, Assignment]:
    """The pupils of a school with another place in the second run, by name, with both places."""
    return changes_between(before, after).where(Pupil.school_id == school_id)


def changes_between(before: int, after: int) -> Select[Assignment, Assignment]:
    """The pupils with another place in the second run, by name, with both places."""
    places = [
        selectinload(one.offer_week).options(
            joinedload(OfferWeek.offer).joinedload(Offer.site).joinedload(Site.host),
            joinedload(OfferWeek.week),
        )
        for one in (Before, After)
    ]
    pupil = joinedload(Before.pupil)
    return (
        select(Before, After)
        .join(After, and_(After.pupil_id == Before.pupil_id, After.run_id == after))
        .join(Pupil, Before.pupil_id == Pupil.id)
        .where(
            Before.run_id == before,
            Before.offer_week_id.is_distinct_from(After.offer_week_id),
        )
        .options(*places, pupil.joinedload(Pupil.school), pupil.joinedload(Pupil.school_class))
        .order_by(Pupil.last_name, Pupil.first_name, Pupil.id)
    )
