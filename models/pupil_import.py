"""Lists of pupils that a school sent and has not confirmed yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import Delete, ForeignKey, Select, delete, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from models.base import Base
from models.pupil import Pupil
from models.school import School


class PupilImport(Base):
    """A list between its preview and its confirmation; then its report without any name.

    `content` holds the titles and rows of the file without what is never kept, `parts` what each
    column plays, `fixes` what the head corrected, by line. All three are emptied at confirmation.
    """

    __tablename__ = "pupil_imports"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    file_name: Mapped[str]
    content: Mapped[dict[str, Any]]
    parts: Mapped[list[str]]
    fixes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]


def import_of_school(import_id: int, school_id: int) -> Select[PupilImport]:
    """One list, if this school sent it."""
    return select(PupilImport).where(
        PupilImport.id == import_id, PupilImport.school_id == school_id
    )


def import_to_confirm(import_id: int, school_id: int) -> Select[PupilImport]:
    """The same, locked with its school: two lists of one school are written in turn."""
    return (
        import_of_school(import_id, school_id)
        .join(School, School.id == PupilImport.school_id)
        .with_for_update()
    )


def imports_before(moment: datetime) -> Delete:
    """Forget the lists sent before a moment, confirmed or not."""
    return delete(PupilImport).where(PupilImport.created_at < moment)


def known_pupils(school_id: int, campaign_id: int) -> Select[Pupil]:
    """The pupils a list is compared with: their class and guardians, no more."""
    return (
        select(Pupil)
        .where(Pupil.school_id == school_id, Pupil.campaign_id == campaign_id)
        .options(selectinload(Pupil.school_class), selectinload(Pupil.guardians))
        .order_by(Pupil.id)
    )
