"""What a school asks to change in the proposals it reads before publication."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, func, select, text
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship, selectinload

from models.account import Account
from models.base import Base, Labelled
from models.campaign import Campaign, Round
from models.host import Site
from models.offer import Offer, OfferWeek
from models.pupil import Pupil


class ObjectionKind(Labelled):
    """Why, in a few words that say nothing of health, justice or private life."""

    LEFT = "left_school", "Départ du collège"
    TRIP = "impossible_trip", "Trajet impossible"
    PLACE = "incompatible_placement", "Place incompatible"
    APART = "apart", "Deux élèves à séparer"


class ObjectionState(Labelled):
    ASKED = "asked", "En attente"
    ACCEPTED = "accepted", "Acceptée"
    REFUSED = "refused", "Refusée"
    WITHDRAWN = "withdrawn", "Retirée"


_PLACE_SQL = text("kind <> 'apart' AND state <> 'withdrawn'")
_APART_SQL = text("kind = 'apart' AND state <> 'withdrawn'")


class Objection(Base):
    """One request of a school: another place for a pupil, or two pupils not together.

    A request about a place names it; one about two pupils names both, the lower id first.
    """

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'apart') = (other_pupil_id IS NOT NULL)"
            " AND (kind = 'apart') = (offer_week_id IS NULL)",
            name="about_a_place_or_two_pupils",
        ),
        CheckConstraint("pupil_id < other_pupil_id", name="lower_id_first"),
        CheckConstraint("state <> 'refused' OR answer <> ''", name="a_refusal_has_a_reason"),
        Index(
            "uq_objections_one_for_a_place",
            "round_id",
            "pupil_id",
            "offer_week_id",
            unique=True,
            sqlite_where=_PLACE_SQL,
            postgresql_where=_PLACE_SQL,
        ),
        Index(
            "uq_objections_one_for_a_pair",
            "round_id",
            "pupil_id",
            "other_pupil_id",
            unique=True,
            sqlite_where=_APART_SQL,
            postgresql_where=_APART_SQL,
        ),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    other_pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id"), index=True)
    offer_week_id: Mapped[int | None] = mapped_column(ForeignKey("offer_weeks.id"))
    kind: Mapped[ObjectionKind]
    state: Mapped[ObjectionState] = mapped_column(default=ObjectionState.ASKED)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    """What the animator answers to the school; a refusal always has one."""

    round: Mapped[Round] = relationship()
    pupil: Mapped[Pupil] = relationship(foreign_keys=[pupil_id])
    other_pupil: Mapped[Pupil | None] = relationship(foreign_keys=[other_pupil_id])
    offer_week: Mapped[OfferWeek | None] = relationship()
    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id])

    @property
    def pupils(self) -> list[Pupil]:
        """The pupil, or the two pupils, that it is about."""
        return [one for one in (self.pupil, self.other_pupil) if one is not None]


def _whole(query: Select[Objection]) -> Select[Objection]:
    """With the pupils, their classes, and the place."""
    pupil, other = selectinload(Objection.pupil), selectinload(Objection.other_pupil)
    place = selectinload(Objection.offer_week)
    return query.options(
        pupil.joinedload(Pupil.school),
        pupil.joinedload(Pupil.school_class),
        other.joinedload(Pupil.school),
        other.joinedload(Pupil.school_class),
        place.joinedload(OfferWeek.offer).joinedload(Offer.site).joinedload(Site.host),
        place.joinedload(OfferWeek.week),
        selectinload(Objection.asked_by),
    )


def objections_of_round(round_id: int) -> Select[Objection]:
    """What the schools of a round asked and did not take back, oldest first."""
    return _whole(
        select(Objection)
        .where(Objection.round_id == round_id, Objection.state != ObjectionState.WITHDRAWN)
        .order_by(Objection.id)
    )


def objections_of_school(round_id: int, school_id: int) -> Select[Objection]:
    """The same, for one school."""
    own = aliased(Pupil)
    return (
        objections_of_round(round_id)
        .join(own, Objection.pupil_id == own.id)
        .where(own.school_id == school_id)
    )


def objection_of_school(objection_id: int, school_id: int) -> Select[Objection]:
    """One request, if it is this school's."""
    own = aliased(Pupil)
    return _whole(
        select(Objection)
        .join(own, Objection.pupil_id == own.id)
        .where(Objection.id == objection_id, own.school_id == school_id)
    )


def objection_in_territory(objection_id: int, territory_id: int) -> Select[Objection]:
    """One request, if its campaign belongs to this territory."""
    return _whole(
        select(Objection)
        .join(Round, Objection.round_id == Round.id)
        .join(Campaign, Round.campaign_id == Campaign.id)
        .where(Objection.id == objection_id, Campaign.territory_id == territory_id)
    )


def standing_objection(
    round_id: int, pupil_id: int, *, offer_week_id: int | None = None, other_id: int | None = None
) -> Select[Objection]:
    """The request about a place, or about a pair, that nobody took back, if any."""
    about = (
        Objection.other_pupil_id == other_id
        if offer_week_id is None
        else Objection.offer_week_id == offer_week_id
    )
    return select(Objection).where(
        Objection.round_id == round_id,
        Objection.pupil_id == pupil_id,
        Objection.state != ObjectionState.WITHDRAWN,
        about,
    )


def waiting_objections(round_id: int) -> Select[int]:
    """How many requests of a round wait for an answer."""
    return (
        select(func.count())
        .select_from(Objection)
        .where(Objection.round_id == round_id, Objection.state == ObjectionState.ASKED)
    )


def departures_told(round_id: int) -> Select[int]:
    """The pupils of a round whose departure, told by the school, was accepted."""
    return select(Objection.pupil_id).where(
        Objection.round_id == round_id,
        Objection.kind == ObjectionKind.LEFT,
        Objection.state == ObjectionState.ACCEPTED,
    )
