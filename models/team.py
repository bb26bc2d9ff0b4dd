"""The team of a school: who belongs to it, and the classes of each main teacher."""

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from models.account import Membership, Role
from models.base import Base
from models.school import SchoolClass

TEAM = (Role.SCHOOL, Role.TEACHER)
"""The roles of the people of a school."""


class TaughtClass(Base):
    """A class that a main teacher sees; the classes she has not are out of her sight."""

    __tablename__ = "taught_classes"
    __table_args__ = (UniqueConstraint("membership_id", "school_class_id"),)

    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id"))
    school_class_id: Mapped[int] = mapped_column(ForeignKey("school_classes.id"), index=True)


def team_of_school(school_id: int) -> Select[Membership]:
    """The people of a school, heads first then by name, with their accounts."""
    return (
        select(Membership)
        .where(Membership.school_id == school_id, Membership.role.in_(TEAM))
        .options(selectinload(Membership.account))
        .order_by(Membership.role, Membership.id)
    )


def colleague(membership_id: int, school_id: int) -> Select[Membership]:
    """One person of the team, if she belongs to this school."""
    return team_of_school(school_id).where(Membership.id == membership_id)


def classes_of_teacher(membership_id: int, campaign_id: int) -> Select[SchoolClass]:
    """The classes that a main teacher sees in a campaign, by name."""
    return (
        select(SchoolClass)
        .join(TaughtClass, TaughtClass.school_class_id == SchoolClass.id)
        .where(TaughtClass.membership_id == membership_id, SchoolClass.campaign_id == campaign_id)
        .order_by(SchoolClass.name)
    )


def taught_in_school(school_id: int) -> Select[TaughtClass]:
    """Which class each main teacher of a school sees."""
    return (
        select(TaughtClass)
        .join(Membership, TaughtClass.membership_id == Membership.id)
        .where(Membership.school_id == school_id)
    )


def taught_by(membership_id: int) -> Select[TaughtClass]:
    """The links of one main teacher to classes."""
    return select(TaughtClass).where(TaughtClass.membership_id == membership_id)
