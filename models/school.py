"""Schools, their dated labels, their classes and the weeks of each."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.calendar import Week
from models.territory import Territory


class Label(Labelled):
    """Priority-education label of a school, a published fact about the school."""

    REP_PLUS = "rep_plus", "REP+"
    REP = "rep", "REP"
    NONE = "none", "Autres"


class ClassKind(Labelled):
    GENERAL = "general", "Générale"
    SEGPA = "segpa", "SEGPA"
    PREPA_METIERS = "prepa_metiers", "Prépa-métiers"


class School(Base):
    __tablename__ = "schools"
    __table_args__ = (CheckConstraint("length(uai) = 8", name="uai_has_eight_signs"),)

    territory_id: Mapped[int] = mapped_column(ForeignKey("territories.id"), index=True)
    uai: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    commune: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    limit_km: Mapped[int] = mapped_column(default=15)

    territory: Mapped[Territory] = relationship()
    labels: Mapped[list["SchoolLabel"]] = relationship(
        back_populates="school", cascade="all, delete-orphan", order_by="SchoolLabel.school_year"
    )
    classes: Mapped[list["SchoolClass"]] = relationship(
        back_populates="school", order_by="SchoolClass.name"
    )

    def label_in(self, school_year: int) -> Label:
        """The label of the school in the year that starts in September of `school_year`."""
        known = {dated.school_year: dated.label for dated in self.labels}
        return known.get(school_year, Label.NONE)


class SchoolLabel(Base):
    """The label of a school during one school year: labels are given and taken away."""

    __tablename__ = "school_labels"
    __table_args__ = (UniqueConstraint("school_id", "school_year"),)

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"))
    school_year: Mapped[int]
    label: Mapped[Label]

    school: Mapped[School] = relationship(back_populates="labels")


class SchoolClass(Base):
    """A class of a school in a campaign, with the weeks in which its pupils may be away."""

    __tablename__ = "school_classes"
    __table_args__ = (UniqueConstraint("campaign_id", "school_id", "name"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), index=True)
    name: Mapped[str]
    kind: Mapped[ClassKind] = mapped_column(default=ClassKind.GENERAL)
    teacher: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]
    """When the school said that a SEGPA or prépa-métiers class takes part."""

    school: Mapped[School] = relationship(back_populates="classes")
    weeks: Mapped[list[Week]] = relationship(secondary="class_weeks", order_by=Week.monday)

    @property
    def takes_part(self) -> bool:
        """General classes do; the others have placements of their own until the school says so."""
        return self.kind is ClassKind.GENERAL or self.confirmed_at is not None


class ClassWeek(Base):
    __tablename__ = "class_weeks"
    __table_args__ = (UniqueConstraint("school_class_id", "week_id"),)

    school_class_id: Mapped[int] = mapped_column(ForeignKey("school_classes.id"))
    week_id: Mapped[int] = mapped_column(ForeignKey("weeks.id"), index=True)


def schools_by_uai() -> Select[School]:
    """Every school, with its labels, by UAI."""
    return select(School).options(selectinload(School.labels)).order_by(School.uai)


def school_with_uai(uai: str) -> Select[School]:
    """The school of this UAI."""
    return select(School).where(School.uai == uai)


def classes_of_school(school_id: int, campaign_id: int) -> Select[SchoolClass]:
    """The classes of a school in a campaign, by name, with their weeks."""
    return (
        select(SchoolClass)
        .where(SchoolClass.school_id == school_id, SchoolClass.campaign_id == campaign_id)
        .options(selectinload(SchoolClass.weeks))
        .order_by(SchoolClass.name)
    )


def class_of_school(class_id: int, school_id: int) -> Select[SchoolClass]:
    """One class, if it belongs to this school."""
    return select(SchoolClass).where(SchoolClass.id == class_id, SchoolClass.school_id == school_id)


def school_by_id(school_id: int) -> Select[School]:
    """One school with its labels and its territory."""
    return (
        select(School)
        .where(School.id == school_id)
        .options(selectinload(School.labels), selectinload(School.territory))
    )


def schools_in_territory(territory_id: int) -> Select[School]:
    """The schools of a territory, with their labels."""
    return (
        select(School)
        .where(School.territory_id == territory_id)
        .options(selectinload(School.labels))
        .order_by(School.name)
    )


def schools_of_campaign(campaign_id: int) -> Select[School]:
    """The schools that have a class in a campaign, with their labels, by name."""
    return (
        select(School)
        .where(School.classes.any(SchoolClass.campaign_id == campaign_id))
        .options(selectinload(School.labels))
        .order_by(School.name)
    )


def weeks_of_classes(campaign_id: int) -> Select[int, int]:
    """(class, week) pairs of a campaign."""
    return (
        select(ClassWeek.school_class_id, ClassWeek.week_id)
        .join(SchoolClass, ClassWeek.school_class_id == SchoolClass.id)
        .where(SchoolClass.campaign_id == campaign_id)
    )
