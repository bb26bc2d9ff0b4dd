"""Who sees a whole territory, and the second step of their sign-in."""

from datetime import datetime

from sqlalchemy import Delete, ForeignKey, Select, delete, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from models.account import Account, Membership, Role, SecondStep
from models.base import Base

GUARDED = (Role.ANIMATOR, Role.OVERSEER, Role.ADMIN)
"""The roles that see a whole territory: a password alone does not open them."""


class RecoveryCode(Base):
    """A code that replaces the phone once; only its digest is kept."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    used_at: Mapped[datetime | None]


def second_step_of(account_id: int) -> Select[SecondStep]:
    """The second step of an account."""
    return select(SecondStep).where(SecondStep.account_id == account_id)


def recovery_code(account_id: int, digest: str) -> Select[RecoveryCode]:
    """The unused recovery code of an account that has this digest."""
    return select(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.digest == digest,
        RecoveryCode.used_at.is_(None),
    )


def recovery_codes_left(account_id: int) -> Select[int]:
    """How many recovery codes of an account have not served."""
    return (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    )


def recovery_codes_of(account_id: int) -> Delete:
    """Erase the recovery codes of an account."""
    return delete(RecoveryCode).where(RecoveryCode.account_id == account_id)


def staff_of(territory_id: int) -> Select[Membership]:
    """The animators and overseers of a territory, pending ones too, with accounts and phones."""
    return (
        select(Membership)
        .where(
            Membership.territory_id == territory_id,
            Membership.role.in_((Role.ANIMATOR, Role.OVERSEER)),
        )
        .options(joinedload(Membership.account).joinedload(Account.second_step))
        .order_by(Membership.role, Membership.id)
    )


def staff_member(membership_id: int, territory_id: int) -> Select[Membership]:
    """One of them, if in this territory."""
    return staff_of(territory_id).where(Membership.id == membership_id)
