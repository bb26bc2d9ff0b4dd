"""Pupils and their guardians."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, case, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.access_need import AccessNeed
from models.base import Base
from models.found_place import holds_found_place
from models.offer import Offer
from models.school import School, SchoolClass
from models.wish import Wish


class Pupil(Base):
    """A pupil of 3e in a campaign, with the limits she accepts when no wish is possible."""

    __tablename__ = "pupils"
    __table_args__ = (
        Index("ix_pupils_campaign_id_school_id", "campaign_id", "school_id"),
        Index("uq_pupils_ine", "campaign_id", "school_id", "ine_digest", unique=True),
        UniqueConstraint("school_class_id", "last_name", "first_name", "birth_date"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), index=True)
    school_class_id: Mapped[int] = mapped_column(ForeignKey("school_classes.id"))
    first_name: Mapped[str]
    last_name: Mapped[str]
    birth_date: Mapped[date]
    ine_digest: Mapped[str | None]
    """Keyed fingerprint of the national number: only to know her again in the next list."""
    code_digest: Mapped[str | None] = mapped_column(unique=True)
    limit_km: Mapped[int | None]
    refused_families: Mapped[list[str]] = mapped_column(default=list)
    wishes_version: Mapped[int] = mapped_column(default=0)
    wishes_saved_at: Mapped[datetime | None]
    wishes_confirmed_at: Mapped[datetime | None]
    phone: Mapped[str | None]
    left_at: Mapped[datetime | None]
    """When she left the school, once a run or a place kept her row."""

    school: Mapped[School] = relationship()
    school_class: Mapped[SchoolClass] = relationship()
    access_need: Mapped[AccessNeed | None] = relationship(
        lazy="joined", cascade="all, delete-orphan"
    )
    guardians: Mapped[list["Guardian"]] = relationship(
        secondary="pupil_guardians", back_populates="pupils"
    )
    wishes: Mapped[list[Wish]] = relationship(
        back_populates="pupil", order_by=Wish.rank, cascade="all, delete-orphan"
    )

    @property
    def short_name(self) -> str:
        """« Lina B. »: enough on a screen that others may see."""
        return f"{self.first_name} {self.last_name[:1]}."

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Guardian(Base):
    """A legal guardian, with a code of her own; separated parents are two guardians."""

    __tablename__ = "guardians"

    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    code_digest: Mapped[str | None] = mapped_column(unique=True)

    pupils: Mapped[list[Pupil]] = relationship(
        secondary="pupil_guardians", back_populates="guardians", order_by=Pupil.id
    )

    @property
    def short_name(self) -> str:
        return self.name


class PupilGuardian(Base):
    __tablename__ = "pupil_guardians"
    __table_args__ = (UniqueConstraint("pupil_id", "guardian_id"),)

    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardians.id"), index=True)


def _with_class(query: Any) -> Any:
    return query.options(
        selectinload(Pupil.school).selectinload(School.labels),
        selectinload(Pupil.school_class).selectinload(SchoolClass.weeks),
    )


def pupil_for_wishes(pupil_id: int) -> Select[Pupil]:
    """One pupil with school, class, weeks and wishes."""
    query: Select[Pupil] = _with_class(select(Pupil).where(Pupil.id == pupil_id))
    return query.options(selectinload(Pupil.wishes))


def pupil_of_family(pupil_id: int, own_id: int | None, guardian_id: int | None) -> Select[Pupil]:
    """One pupil with her wishes, if the viewer is this pupil or one of her guardians."""
    guarded = select(PupilGuardian.pupil_id).where(PupilGuardian.guardian_id == guardian_id)
    return pupil_for_wishes(pupil_id).where(or_(Pupil.id == own_id, Pupil.id.in_(guarded)))


def pupil_by_code(digest: str) -> Select[Pupil]:
    """The pupil whose letter bears the code of this digest."""
    return select(Pupil).where(Pupil.code_digest == digest)


def guardian_by_code(digest: str) -> Select[Guardian]:
    """The guardian whose letter bears the code of this digest, with the children."""
    return (
        select(Guardian)
        .where(Guardian.code_digest == digest)
        .options(selectinload(Guardian.pupils))
    )


def children_of(guardian_id: int) -> Select[Pupil]:
    """The pupils of a guardian."""
    query: Select[Pupil] = _with_class(
        select(Pupil)
        .join(PupilGuardian, PupilGuardian.pupil_id == Pupil.id)
        .where(PupilGuardian.guardian_id == guardian_id)
        .order_by(Pupil.first_name)
    )
    return query


def pupils_of_school(school_id: int, campaign_id: int) -> Select[Pupil]:
    """The pupils of a school in a campaign, by class then name, with wishes and guardians."""
    return (
        select(Pupil)
        .join(SchoolClass, Pupil.school_class_id == SchoolClass.id)
        .where(
            Pupil.school_id == school_id,
            Pupil.campaign_id == campaign_id,
            Pupil.left_at.is_(None),
        )
        .options(
            selectinload(Pupil.school_class),
            selectinload(Pupil.wishes),
            selectinload(Pupil.guardians),
        )
        .order_by(SchoolClass.name, Pupil.last_name, Pupil.first_name)
    )


def pupil_of_school(pupil_id: int, school_id: int) -> Select[Pupil]:
    """One pupil, if she belongs to this school."""
    return pupil_for_wishes(pupil_id).where(Pupil.school_id == school_id)


def pupils_to_remind(campaign_id: int) -> Select[Pupil]:
    """The pupils of a campaign whose list nobody has confirmed, with their guardians.

    Those whose own place is checked have nothing to rank.
    """
    return (
        select(Pupil)
        .where(
            Pupil.campaign_id == campaign_id,
            Pupil.wishes_confirmed_at.is_(None),
            ~holds_found_place(Pupil.id),
        )
        .options(selectinload(Pupil.guardians))
        .order_by(Pupil.id)
    )


def pupils_of_campaign(campaign_id: int) -> Select[Pupil]:
    """Every pupil of a campaign with school, class, weeks and wishes, in few queries."""
    query: Select[Pupil] = _with_class(
        select(Pupil).where(Pupil.campaign_id == campaign_id).order_by(Pupil.id)
    )
    return query.options(selectinload(Pupil.wishes))


def somebody_wishes(campaign_id: int) -> Select[bool]:
    """Whether one pupil of a campaign, at least, has a wish."""
    wishing = select(Pupil.id).join(Pupil.wishes).where(Pupil.campaign_id == campaign_id)
    return select(wishing.exists())


def pupil_file(
    pupil_id: int, school_id: int, class_ids: Collection[int] | None = None
) -> Select[Pupil]:
    """One pupil with class and guardians, if she belongs to this school, and to these classes."""
    found = pupil_of_school(pupil_id, school_id).options(
        selectinload(Pupil.guardians).selectinload(Guardian.pupils)
    )
    return found if class_ids is None else found.where(Pupil.school_class_id.in_(class_ids))


def pupils_of_class(class_id: int) -> Select[Pupil]:
    """The pupils of a class with the weeks of the offers they rank."""
    offer = selectinload(Pupil.wishes).selectinload(Wish.offer)
    return (
        select(Pupil)
        .where(Pupil.school_class_id == class_id)
        .options(offer.selectinload(Offer.weeks))
        .order_by(Pupil.last_name, Pupil.first_name)
    )


def pupils_to_write_to(class_id: int) -> Select[Pupil]:
    """The pupils of a class who are still there, by name, with their guardians."""
    return (
        select(Pupil)
        .where(Pupil.school_class_id == class_id, Pupil.left_at.is_(None))
        .options(
            selectinload(Pupil.guardians),
            selectinload(Pupil.school),
            selectinload(Pupil.school_class),
        )
        .order_by(Pupil.last_name, Pupil.first_name)
    )


def leavers_of_school(school_id: int, campaign_id: int) -> Select[Pupil]:
    """The pupils who left a school during a campaign, latest first."""
    return (
        select(Pupil)
        .where(
            Pupil.school_id == school_id,
            Pupil.campaign_id == campaign_id,
            Pupil.left_at.is_not(None),
        )
        .options(selectinload(Pupil.school_class))
        .order_by(Pupil.left_at.desc(), Pupil.id)
    )


def pupils_born_on(school_id: int, campaign_id: int, birth_date: date) -> Select[Pupil]:
    """The pupils of a school born on one day: a namesake among them is the same person."""
    return select(Pupil).where(
        Pupil.school_id == school_id,
        Pupil.campaign_id == campaign_id,
        Pupil.birth_date == birth_date,
    )


def guardians_of_school(school_id: int, email: str) -> Select[Guardian]:
    """The guardians with this mail address of the pupils of a school."""
    return (
        select(Guardian)
        .join(PupilGuardian, PupilGuardian.guardian_id == Guardian.id)
        .join(Pupil, PupilGuardian.pupil_id == Pupil.id)
        .where(Pupil.school_id == school_id, Guardian.email == email)
        .order_by(Guardian.id)
    )


def guardian_of_school(guardian_id: int, pupil_id: int, school_id: int) -> Select[Guardian]:
    """One guardian of one pupil, if the pupil belongs to this school."""
    return (
        select(Guardian)
        .join(PupilGuardian, PupilGuardian.guardian_id == Guardian.id)
        .join(Pupil, PupilGuardian.pupil_id == Pupil.id)
        .where(Guardian.id == guardian_id, Pupil.id == pupil_id, Pupil.school_id == school_id)
    )


def pupils_ranking(offer_id: int) -> Select[Pupil]:
    """The pupils who rank an offer, with their guardians."""
    return (
        select(Pupil)
        .join(Wish, Wish.pupil_id == Pupil.id)
        .where(Wish.offer_id == offer_id)
        .options(selectinload(Pupil.guardians))
        .order_by(Pupil.id)
    )


def guardian_letters(campaign_id: int) -> Select[str | None, int, str]:
    """(mail address, pupil, first name) of the guardians who can be written to."""
    return (
        select(Guardian.email, Pupil.id, Pupil.first_name)
        .join(PupilGuardian, PupilGuardian.guardian_id == Guardian.id)
        .join(Pupil, PupilGuardian.pupil_id == Pupil.id)
        .where(
            Pupil.campaign_id == campaign_id,
            Pupil.left_at.is_(None),
            Guardian.email.is_not(None),
        )
        .order_by(Guardian.id, Pupil.id)
    )


def list_counts(campaign_id: int) -> Select[int, int, int, int]:
    """(school, pupils, pupils with a wish, confirmed lists) of a campaign, for each school.

    Pupils whose own place is checked are counted apart, here and in `class_sizes`.
    """
    return (
        select(
            Pupil.school_id,
            func.count(),
            func.sum(case((Pupil.wishes.any(), 1), else_=0)),
            func.count(Pupil.wishes_confirmed_at),
        )
        .where(Pupil.campaign_id == campaign_id, ~holds_found_place(Pupil.id))
        .group_by(Pupil.school_id)
    )


def class_sizes(campaign_id: int) -> Select[int, int]:
    """(class, pupils) of a campaign."""
    return (
        select(Pupil.school_class_id, func.count())
        .where(Pupil.campaign_id == campaign_id, ~holds_found_place(Pupil.id))
        .group_by(Pupil.school_class_id)
    )


def silent_in_school(school_id: int, campaign_id: int) -> Select[Pupil]:
    """The pupils of a school who ranked nothing and have found nothing, by class then name."""
    return (
        select(Pupil)
        .join(SchoolClass, Pupil.school_class_id == SchoolClass.id)
        .where(
            Pupil.school_id == school_id,
            Pupil.campaign_id == campaign_id,
            Pupil.left_at.is_(None),
            ~Pupil.wishes.any(),
            ~holds_found_place(Pupil.id),
        )
        .options(selectinload(Pupil.school_class))
        .order_by(SchoolClass.name, Pupil.last_name, Pupil.first_name)
    )


def pupils_without_wish(campaign_id: int) -> Select[int]:
    """The ids of the pupils who ranked nothing."""
    return select(Pupil.id).where(
        Pupil.campaign_id == campaign_id, Pupil.left_at.is_(None), ~Pupil.wishes.any()
    )
