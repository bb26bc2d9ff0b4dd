"""A run of the assignment: what it was given, what it found, what proves it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Insert,
    Select,
    UniqueConstraint,
    case,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload, undefer

from models.base import Base, Labelled
from models.campaign import Campaign, Round
from models.host import Site
from models.offer import Offer, OfferWeek
from models.pupil import Pupil
from models.school import SchoolClass


class RunState(Labelled):
    QUEUED = "queued", "En attente"
    RUNNING = "running", "Calcul en cours"
    DONE = "done", "Vérifié"
    FAILED = "failed", "Arrêté"


class Source(Labelled):
    """Where an assigned place comes from: the family's list, or the accepted completions."""

    WISH = "wish", "Vœu"
    COMPLETION = "completion", "Autre place acceptée"


class Run(Base):
    """One computation. Its inputs are frozen when it is asked for and never change."""

    __tablename__ = "runs"
    __table_args__ = (CheckConstraint("progress BETWEEN 0 AND 100", name="progress_in_percent"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    state: Mapped[RunState] = mapped_column(default=RunState.QUEUED, index=True)
    name: Mapped[str] = mapped_column(default="")
    """What an animator called it; the rule says it otherwise."""
    scenario: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What differs from the rule of the campaign; empty where nothing does."""
    policy: Mapped[str]
    seed: Mapped[str]
    publishable: Mapped[bool] = mapped_column(default=False)
    code_version: Mapped[str]
    instance: Mapped[bytes] = mapped_column(deferred=True)
    instance_sha256: Mapped[str]
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    requested_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime | None]
    progress: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    result: Mapped[bytes | None] = mapped_column(deferred=True)
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True)
    """Figures by school, class, sector and kind of host: large, read by few pages."""
    failure: Mapped[str] = mapped_column(default="")

    round: Mapped[Round] = relationship(foreign_keys=[round_id])
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="run")
    pupils: Mapped[list["RunPupil"]] = relationship(order_by="RunPupil.row")
    choices: Mapped[list["RunChoice"]] = relationship(order_by="RunChoice.row")


class RunPupil(Base):
    """Row of a pupil in a run's instance: the only link between a random key and a person."""

    __tablename__ = "run_pupils"
    __table_args__ = (UniqueConstraint("run_id", "row"), UniqueConstraint("run_id", "pupil_id"))

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    row: Mapped[int]
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)


class RunChoice(Base):
    """Row of an offer-week among the choices of a run's instance."""

    __tablename__ = "run_choices"
    __table_args__ = (UniqueConstraint("run_id", "row"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    row: Mapped[int]
    offer_week_id: Mapped[int] = mapped_column(ForeignKey("offer_weeks.id"), index=True)


class Assignment(Base):
    """The place that a run proposes to a pupil, with the reasons found; never changed."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("run_id", "pupil_id"),
        CheckConstraint("rank >= 1", name="rank_starts_at_one"),
        CheckConstraint("(offer_week_id IS NULL) = (source IS NULL)", name="a_place_has_a_source"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    offer_week_id: Mapped[int | None] = mapped_column(ForeignKey("offer_weeks.id"), index=True)
    source: Mapped[Source | None]
    rank: Mapped[int | None]

    run: Mapped[Run] = relationship(back_populates="assignments")
    pupil: Mapped[Pupil] = relationship()
    offer_week: Mapped[OfferWeek | None] = relationship()


def run_in_territory(run_id: int, territory_id: int) -> Select[Run]:
    """One run, if its campaign belongs to this territory."""
    return (
        select(Run)
        .join(Round, Run.round_id == Round.id)
        .join(Campaign)
        .where(Run.id == run_id, Campaign.territory_id == territory_id)
        .options(selectinload(Run.round).selectinload(Round.campaign))
    )


def runs_of_round(round_id: int) -> Select[Run]:
    """The runs of a round, latest first, without their instances."""
    return select(Run).where(Run.round_id == round_id).order_by(Run.id.desc())


def claimable_run(stale_before: datetime) -> Select[Run]:
    """The oldest run that waits, or whose worker has given no sign of life since then."""
    return (
        select(Run)
        .where(
            or_(
                Run.state == RunState.QUEUED,
                (Run.state == RunState.RUNNING) & (Run.heartbeat_at < stale_before),
            )
        )
        .order_by(Run.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _place(query: Select[Assignment]) -> Select[Assignment]:
    place = selectinload(Assignment.offer_week)
    return query.options(
        place.joinedload(OfferWeek.offer).joinedload(Offer.site).joinedload(Site.host),
        place.joinedload(OfferWeek.week),
    )


def assignments_of_run(run_id: int) -> Select[Assignment]:
    """What a run proposes to each pupil, with school, class and place, in few queries."""
    pupil = selectinload(Assignment.pupil)
    return _place(
        select(Assignment)
        .join(Pupil, Assignment.pupil_id == Pupil.id)
        .where(Assignment.run_id == run_id)
        .options(pupil.joinedload(Pupil.school), pupil.joinedload(Pupil.school_class))
        .order_by(Pupil.school_id, Pupil.last_name, Pupil.first_name)
    )


def given_in_run(run_id: int) -> Select[int, int, datetime | None, int | None, int | None]:
    """(pupil, school, when she left, offer-week, rank) of a run, by school: nothing is loaded."""
    return (
        select(
            Assignment.pupil_id,
            Pupil.school_id,
            Pupil.left_at,
            Assignment.offer_week_id,
            Assignment.rank,
        )
        .join(Pupil, Assignment.pupil_id == Pupil.id)
        .where(Assignment.run_id == run_id)
        .order_by(Pupil.school_id, Pupil.last_name, Pupil.first_name)
    )


def people_of_run(run_id: int) -> Select[int, str, str, int, int | None]:
    """(pupil, first name, last name, school, offer-week or none) of a run: nothing is loaded."""
    return (
        select(
            Pupil.id,
            Pupil.first_name,
            Pupil.last_name,
            Pupil.school_id,
            Assignment.offer_week_id,
        )
        .join(Assignment, Assignment.pupil_id == Pupil.id)
        .where(Assignment.run_id == run_id)
    )


def assignment_of_pupil(run_id: int, pupil_id: int) -> Select[Assignment]:
    """What a run proposes to one pupil."""
    return _place(
        select(Assignment).where(Assignment.run_id == run_id, Assignment.pupil_id == pupil_id)
    )


def assignments_of_pupils(run_id: int, pupil_ids: Collection[int]) -> Select[Assignment]:
    """What a run proposes to these pupils."""
    return assignments_of_run(run_id).where(Assignment.pupil_id.in_(pupil_ids))


def run_pupil(run_id: int, pupil_id: int) -> Select[RunPupil]:
    """The row of a pupil in the instance of a run."""
    return select(RunPupil).where(RunPupil.run_id == run_id, RunPupil.pupil_id == pupil_id)


def places_of_run(run_id: int) -> Select[int]:
    """The offer-week behind each choice of a run's instance, in order."""
    return select(RunChoice.offer_week_id).where(RunChoice.run_id == run_id).order_by(RunChoice.row)


def places_given(run_id: int) -> Select[int, int | None]:
    """(pupil, offer-week or none) of a run."""
    return select(Assignment.pupil_id, Assignment.offer_week_id).where(Assignment.run_id == run_id)


def rows_of_runs() -> tuple[Insert, Insert, Insert]:
    """The statements that add many pupils, choices and assignments of a run at once."""
    return insert(RunPupil), insert(RunChoice), insert(Assignment)


def count_runs(round_id: int) -> Select[int]:
    """How many runs a round has."""
    return select(func.count()).select_from(Run).where(Run.round_id == round_id)


def assignments_of_school(run_id: int, school_id: int) -> Select[Assignment]:
    """What a run proposes to the pupils of a school, by class then name."""
    pupil = selectinload(Assignment.pupil)
    return _place(
        select(Assignment)
        .join(Pupil, Assignment.pupil_id == Pupil.id)
        .join(SchoolClass, Pupil.school_class_id == SchoolClass.id)
        .where(Assignment.run_id == run_id, Pupil.school_id == school_id)
        .options(pupil.joinedload(Pupil.school_class))
        .order_by(SchoolClass.name, Pupil.last_name, Pupil.first_name)
    )


def runs_holding(pupil_id: int) -> Select[int]:
    """How many runs were given this pupil."""
    return select(func.count()).select_from(RunPupil).where(RunPupil.pupil_id == pupil_id)


def run_to_change(run_id: int) -> Select[Run]:
    """One run with its round, locked and read afresh until the transaction ends."""
    return (
        select(Run)
        .where(Run.id == run_id)
        .options(selectinload(Run.round))
        .with_for_update(of=Run)
        .execution_options(populate_existing=True)
    )


def run_with_arrays(run_id: int) -> Select[Run]:
    """One run with the bytes of its instance and of its result."""
    return (
        select(Run)
        .where(Run.id == run_id)
        .options(undefer(Run.instance), undefer(Run.result), selectinload(Run.round))
    )


def earlier_answer(run: Run) -> Select[Run]:
    """The last finished run of the same round, rule and draw, with the bytes of both arrays."""
    same = (Run.round_id == run.round_id, Run.policy == run.policy, Run.seed == run.seed)
    return (
        select(Run)
        .where(*same, Run.state == RunState.DONE, Run.id < run.id)
        .order_by(Run.id.desc())
        .limit(1)
        .options(undefer(Run.instance), undefer(Run.result))
    )


def pupils_of_rows(run_id: int) -> Select[int]:
    """The pupil behind each row of a run's instance, in order."""
    return select(RunPupil.pupil_id).where(RunPupil.run_id == run_id).order_by(RunPupil.row)


def assignments_in_school(run_id: int, school_id: int) -> Select[Assignment]:
    """What a run proposes to the pupils of one school, by name."""
    return assignments_of_run(run_id).where(Pupil.school_id == school_id)


def assignment_counts(run_id: int) -> Select[int, int, int, int, int]:
    """(school, pupils, placed, first wishes, wishes 1 to 3) of a run, for each school."""
    wished = Assignment.source == Source.WISH
    return (
        select(
            Pupil.school_id,
            func.count(),
            func.count(Assignment.offer_week_id),
            func.sum(case((wished & (Assignment.rank == 1), 1), else_=0)),
            func.sum(case((wished & (Assignment.rank <= 3), 1), else_=0)),
        )
        .join(Pupil, Assignment.pupil_id == Pupil.id)
        .where(Assignment.run_id == run_id)
        .group_by(Pupil.school_id)
    )


def taken_by_run(run_id: int) -> Select[int | None, int]:
    """(offer-week, pupils) that a run fills."""
    return (
        select(Assignment.offer_week_id, func.count())
        .where(Assignment.run_id == run_id, Assignment.offer_week_id.is_not(None))
        .group_by(Assignment.offer_week_id)
    )
