"""Who may sign in, as what, and how they were let in."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Delete,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.host import Host, Site
from models.pupil import Guardian, Pupil
from models.school import School, SchoolClass
from models.territory import Territory


class Role(Labelled):
    PUPIL = "pupil", "Élève"
    GUARDIAN = "guardian", "Responsable légal"
    SCHOOL = "school", "Collège"
    TEACHER = "teacher", "Professeur principal"
    HOST = "host", "Structure d’accueil"
    ANIMATOR = "animator", "Animation"
    OVERSEER = "overseer", "Préfecture et rectorat"
    ADMIN = "admin", "Administration"


class Network(Labelled):
    """The networks that animate the programme."""

    FACE = "face", "FACE Loire-Atlantique"
    CITE = "cite", "Les entreprises pour la cité"
    OTHER = "other", "Autre réseau"


class Account(Base):
    """Somebody who can sign in: by mail or code and a password, by the code of a letter, by a link.

    A new `session_epoch` closes every session open before.
    """

    __tablename__ = "accounts"

    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    session_epoch: Mapped[int] = mapped_column(default=0)

    second_step: Mapped["SecondStep | None"] = relationship(back_populates="account")
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="account", order_by="Membership.id"
    )

    @property
    def roles(self) -> list["Membership"]:
        """The memberships that count: those that the person accepted."""
        return [one for one in self.memberships if not one.pending]

    @property
    def of_family(self) -> bool:
        """Whether this account opens nothing but the space of families."""
        return bool(self.memberships) and all(
            one.role in (Role.PUPIL, Role.GUARDIAN) for one in self.memberships
        )


class SecondStep(Base):
    """What an account shares with its phone; it counts once a first code proved that it works.

    `last_step` is the 30-second step of the last code used: no code serves twice.
    """

    __tablename__ = "second_steps"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), unique=True)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)

    account: Mapped[Account] = relationship(back_populates="second_step")


class Membership(Base):
    """A role of an account and the one thing it is limited to.

    A pending one gives nothing: its account's owner has not used the mailed link.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN pupil_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN guardian_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN school_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN host_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN territory_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name="one_scope_at_most",
        ),
        UniqueConstraint(
            "account_id", "role", "pupil_id", "guardian_id", "school_id", "host_id", "territory_id"
        ),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[Role]
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardians.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("schools.id"), index=True)
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"), index=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territories.id"), index=True)
    network: Mapped[Network | None]
    pending: Mapped[bool] = mapped_column(default=False)

    account: Mapped[Account] = relationship(back_populates="memberships")
    pupil: Mapped[Pupil | None] = relationship()
    guardian: Mapped[Guardian | None] = relationship()
    school: Mapped[School | None] = relationship()
    host: Mapped[Host | None] = relationship()
    territory: Mapped[Territory | None] = relationship()

    @property
    def scope_name(self) -> str:
        """What the role is limited to, in words for the header of the pages."""
        thing = self.school or self.host or self.territory
        if thing is not None:
            return thing.name
        person = self.pupil or self.guardian
        return person.short_name if person is not None else ""


class Invitation(Base):
    """A one-use link sent by mail: to confirm an address, join a team or choose a password.

    `membership` is the role that using the link accepts; `email` the new address that it confirms,
    forgotten then. Only a digest of the token is kept.
    """

    __tablename__ = "invitations"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    email: Mapped[str | None]
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("memberships.id", ondelete="CASCADE"), index=True
    )

    account: Mapped[Account] = relationship()
    membership: Mapped[Membership | None] = relationship()


class SignInAttempt(Base):
    """A failed sign-in, counted by the account aimed at and by address; digests only."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_target_at", "target_digest", "at"),)

    target_digest: Mapped[str]
    address_digest: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


def account_by_email(email: str) -> Select[Account]:
    """The account of a mail address, whatever its case."""
    return select(Account).where(Account.email == email.strip().lower())


def account_by_code(digest: str) -> Select[Account]:
    """The account of the pupil or guardian whose letter bears the code of this digest."""
    return (
        select(Account)
        .join(Membership)
        .outerjoin(Pupil, Membership.pupil_id == Pupil.id)
        .outerjoin(Guardian, Membership.guardian_id == Guardian.id)
        .where(or_(Pupil.code_digest == digest, Guardian.code_digest == digest))
    )


def account_with_memberships(account_id: int) -> Select[Account]:
    """An account with its roles, what they are limited to, and its second step."""
    roles = selectinload(Account.memberships)
    return (
        select(Account)
        .where(Account.id == account_id)
        .options(
            joinedload(Account.second_step),
            roles.joinedload(Membership.pupil).joinedload(Pupil.school_class),
            roles.joinedload(Membership.guardian),
            roles.joinedload(Membership.school),
            roles.joinedload(Membership.host),
            roles.joinedload(Membership.territory),
        )
    )


def invitation_by_digest(digest: str) -> Select[Invitation]:
    """The invitation of a token's digest."""
    return select(Invitation).where(Invitation.token_digest == digest)


def failures_since(target_digest: str, since: datetime) -> Select[int]:
    """How many sign-ins failed on one target since a moment."""
    return (
        select(func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.target_digest == target_digest, SignInAttempt.at >= since)
    )


def failures_from_address(address_digest: str, since: datetime) -> Select[int]:
    """How many sign-ins failed from one address since a moment."""
    return (
        select(func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.address_digest == address_digest, SignInAttempt.at >= since)
    )


def attempts_before(moment: datetime) -> Delete:
    """Forget the failed sign-ins before a moment."""
    return delete(SignInAttempt).where(SignInAttempt.at < moment)


def invitations_waiting(account_id: int, membership_id: int | None) -> Select[Invitation]:
    """The unused links of an account to accept this role; with None, to choose a password."""
    return select(Invitation).where(
        Invitation.account_id == account_id,
        Invitation.membership_id == membership_id,
        Invitation.used_at.is_(None),
    )


def registration_waiting(email: str, siret: str | None, name: str) -> Select[Membership]:
    """What this mail address registered and never confirmed: this SIRET, else this name."""
    same = Site.claimed_siret == siret if siret else Host.name == name
    return (
        select(Membership)
        .join(Account)
        .join(Host, Membership.host_id == Host.id)
        .join(Site, Site.host_id == Host.id)
        .where(Account.email == email.strip().lower(), Membership.pending, same)
    )


def account_of_pupil(pupil_id: int) -> Select[Account]:
    """The account with which this pupil signs in."""
    return (
        select(Account)
        .join(Membership)
        .where(Membership.pupil_id == pupil_id, Membership.role == Role.PUPIL)
    )


def account_of_guardian(guardian_id: int) -> Select[Account]:
    """The account with which this guardian signs in."""
    return (
        select(Account)
        .join(Membership)
        .where(Membership.guardian_id == guardian_id, Membership.role == Role.GUARDIAN)
    )


def memberships_of_school(school_id: int) -> Select[Membership]:
    """The people of a school, with their accounts."""
    return (
        select(Membership)
        .where(
            Membership.school_id == school_id,
            Membership.role == Role.SCHOOL,
            ~Membership.pending,
        )
        .options(selectinload(Membership.account))
    )


def heads_in_territory(territory_id: int) -> Select[Membership]:
    """The people of every school of a territory who have a mail address, with accounts."""
    return (
        select(Membership)
        .join(School, Membership.school_id == School.id)
        .join(Account)
        .where(
            Membership.role == Role.SCHOOL,
            School.territory_id == territory_id,
            Account.email.is_not(None),
        )
        .options(selectinload(Membership.account), selectinload(Membership.school))
        .order_by(Membership.id)
    )


def animators_of(territory_id: int) -> Select[Membership]:
    """The animators of a territory, with their accounts."""
    return (
        select(Membership)
        .where(
            Membership.territory_id == territory_id,
            Membership.role == Role.ANIMATOR,
            ~Membership.pending,
        )
        .options(selectinload(Membership.account))
    )


def memberships_of_pupils(pupil_ids: Collection[int]) -> Select[Membership]:
    """The memberships of these pupils, with their accounts."""
    return (
        select(Membership)
        .where(Membership.pupil_id.in_(pupil_ids))
        .options(selectinload(Membership.account))
    )


def memberships_of_guardian(guardian_id: int) -> Select[Membership]:
    """The memberships of a guardian, with their accounts."""
    return (
        select(Membership)
        .where(Membership.guardian_id == guardian_id)
        .options(selectinload(Membership.account).selectinload(Account.memberships))
    )


def connected_pupils(school_id: int, campaign_id: int) -> Select[int | None]:
    """The ids of the pupils of a school who have signed in at least once."""
    return (
        select(Membership.pupil_id)
        .join(Pupil, Membership.pupil_id == Pupil.id)
        .where(Pupil.school_id == school_id, Pupil.campaign_id == campaign_id)
    )


def pupil_letters(campaign_id: int) -> Select[str | None, int, str]:
    """(mail address, pupil, first name) of the pupils who gave an address."""
    return (
        select(Account.email, Pupil.id, Pupil.first_name)
        .join(Membership, Membership.account_id == Account.id)
        .join(Pupil, Membership.pupil_id == Pupil.id)
        .where(Pupil.campaign_id == campaign_id, Account.email.is_not(None))
        .order_by(Pupil.id)
    )


def pupil_address(pupil_id: int) -> Select[str | None]:
    """The mail address that a pupil gave and confirmed."""
    return select(Account.email).join(Membership).where(Membership.pupil_id == pupil_id)


def school_letters(campaign_id: int) -> Select[str | None, int]:
    """(mail address, school) of the teams of the schools of a campaign."""
    return (
        select(Account.email, School.id)
        .join(Membership, Membership.account_id == Account.id)
        .join(School, Membership.school_id == School.id)
        .where(
            Membership.role == Role.SCHOOL,
            ~Membership.pending,
            Account.email.is_not(None),
            School.classes.any(SchoolClass.campaign_id == campaign_id),
        )
        .order_by(School.id, Account.id)
    )
