"""Places that families find by themselves: said, checked by the school, counted apart."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.calendar import Week


class FoundState(Labelled):
    DECLARED = "declared", "À vérifier par le collège"
    CHECKED = "checked", "Vérifiée par le collège"
    REFUSED = "refused", "Pas retenue par le collège"
    GIVEN_UP = "given_up", "Abandonnée"


LIVE = (FoundState.DECLARED, FoundState.CHECKED)
_LIVE_SQL = text("state IN ('declared', 'checked')")


class FoundPlace(Base):
    """A place outside the offers. Once checked it stands until `ended_at`."""

    __tablename__ = "found_places"
    __table_args__ = (
        Index(
            "uq_found_places_one_live",
            "pupil_id",
            unique=True,
            sqlite_where=_LIVE_SQL,
            postgresql_where=_LIVE_SQL,
        ),
    )

    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    week_id: Mapped[int] = mapped_column(ForeignKey("weeks.id"))
    state: Mapped[FoundState] = mapped_column(default=FoundState.DECLARED)
    host_name: Mapped[str]
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    tutor_name: Mapped[str]
    tutor_contact: Mapped[str]
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    declared_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(default="")

    week: Mapped[Week] = relationship()

    @property
    def checked(self) -> bool:
        """Whether the school said yes, so that the pupil needs no other place."""
        return self.state is FoundState.CHECKED


def holds_found_place(pupil_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a pupil, named by a column of the query, has a checked place of her own."""
    return exists().where(FoundPlace.pupil_id == pupil_id, FoundPlace.state == FoundState.CHECKED)


def found_place_of(pupil_id: int) -> Select[FoundPlace]:
    """The last place that a pupil said she found, with its week."""
    return (
        select(FoundPlace)
        .where(FoundPlace.pupil_id == pupil_id)
        .options(selectinload(FoundPlace.week))
        .order_by(FoundPlace.id.desc())
        .limit(1)
    )


def found_places_of_school(school_id: int, campaign_id: int) -> Select[FoundPlace]:
    """The places found by the pupils of a school, those to check first, then the oldest."""
    from models.pupil import Pupil

    return (
        select(FoundPlace)
        .join(Pupil, FoundPlace.pupil_id == Pupil.id)
        .where(Pupil.school_id == school_id, FoundPlace.campaign_id == campaign_id)
        .options(selectinload(FoundPlace.week))
        .order_by(FoundPlace.state != FoundState.DECLARED, FoundPlace.id)
    )


def pupils_out(campaign_id: int, at: datetime | None) -> Select[int]:
    """The pupils whose own place was checked and stood at a moment; None: stands now."""
    standing = (
        FoundPlace.state == FoundState.CHECKED
        if at is None
        else and_(
            FoundPlace.checked_at <= at,
            or_(FoundPlace.ended_at.is_(None), FoundPlace.ended_at > at),
        )
    )
    return select(FoundPlace.pupil_id).where(FoundPlace.campaign_id == campaign_id, standing)


def count_found(campaign_id: int) -> Select[int]:
    """How many pupils of a campaign have a checked place of their own."""
    return (
        select(func.count())
        .select_from(FoundPlace)
        .where(FoundPlace.campaign_id == campaign_id, FoundPlace.state == FoundState.CHECKED)
    )
