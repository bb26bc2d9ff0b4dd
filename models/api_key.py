"""Keys with which the systems of a network post offers, and how often each one called."""

from datetime import datetime

from sqlalchemy import Delete, ForeignKey, Select, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from models.account import Account, Network
from models.base import Base
from models.territory import Territory


class ApiKey(Base):
    """A key of one network in one territory; only its digest is kept."""

    __tablename__ = "api_keys"

    territory_id: Mapped[int] = mapped_column(ForeignKey("territories.id"), index=True)
    network: Mapped[Network]
    name: Mapped[str]
    """What it is for, in the words of who asked for it."""
    start: Mapped[str]
    """Its first signs, to know it again in a list."""
    digest: Mapped[str] = mapped_column(unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    territory: Mapped[Territory] = relationship()
    author: Mapped[Account] = relationship()


class ApiUse(Base):
    """How many calls a key made in one minute."""

    __tablename__ = "api_uses"
    __table_args__ = (UniqueConstraint("key_id", "minute"),)

    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"))
    minute: Mapped[int]
    """Minutes since 1970, UTC."""
    calls: Mapped[int] = mapped_column(default=0)


def api_keys_in_territory(territory_id: int) -> Select[ApiKey]:
    """The keys of a territory, latest first, with who made them."""
    return (
        select(ApiKey)
        .where(ApiKey.territory_id == territory_id)
        .options(joinedload(ApiKey.author))
        .order_by(ApiKey.id.desc())
    )


def api_key_in_territory(key_id: int, territory_id: int) -> Select[ApiKey]:
    """One key, if it belongs to this territory."""
    return select(ApiKey).where(ApiKey.id == key_id, ApiKey.territory_id == territory_id)


def api_key_by_digest(digest: str) -> Select[ApiKey]:
    """The key that still opens something, if any, locked while its calls are counted."""
    return (
        select(ApiKey)
        .where(ApiKey.digest == digest, ApiKey.revoked_at.is_(None))
        .options(joinedload(ApiKey.territory))
        .with_for_update(of=ApiKey)
    )


def calls_in(key_id: int, minute: int) -> Select[ApiUse]:
    """The calls of a key in one minute, if it made any."""
    return select(ApiUse).where(ApiUse.key_id == key_id, ApiUse.minute == minute)


def api_uses_before(minute: int) -> Delete:
    """Forget the counts of the minutes before this one."""
    return delete(ApiUse).where(ApiUse.minute < minute)
