"""Where a campaign takes place."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Territory(Base):
    """A departement, with the academie that its schools answer to and its holiday zone."""

    __tablename__ = "territories"

    departement: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    academie: Mapped[str]
    holiday_zone: Mapped[str]


def territory_of(departement: str) -> Select[Territory]:
    """The territory of a departement code."""
    return select(Territory).where(Territory.departement == departement)
