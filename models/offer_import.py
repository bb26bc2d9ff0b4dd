"""A spreadsheet of offers between its reading and its confirmation."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class OfferImport(Base):
    """The lines of a file as they were read; nothing is entered before its author confirms."""

    __tablename__ = "offer_imports"

    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    territory_id: Mapped[int] = mapped_column(ForeignKey("territories.id"))
    file_name: Mapped[str]
    header: Mapped[list[str]]
    lines: Mapped[list[Any]] = mapped_column(JSON)
    """[number in the file, cells] for each line."""
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    entered: Mapped[int] = mapped_column(default=0)


def offer_import_of(import_id: int, author_id: int) -> Select[OfferImport]:
    """One import, if this person sent it, locked while it is confirmed."""
    return (
        select(OfferImport)
        .where(OfferImport.id == import_id, OfferImport.author_id == author_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
