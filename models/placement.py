"""The place that a pupil holds, and what animators decided for one pupil."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, exists, func, or_, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from models.access_need import AccessNeed
from models.account import Account
from models.base import Base, Labelled
from models.calendar import Week
from models.campaign import Campaign, Round
from models.found_place import FoundPlace, FoundState, holds_found_place
from models.host import Site
from models.offer import Offer, OfferWeek, with_steps
from models.pathway import pathways_at_host
from models.pupil import Pupil
from models.school import ClassWeek


class Origin(Labelled):
    RUN = "run", "Affectation"
    HAND = "hand", "Décision d’un animateur"
    FAMILY = "family", "Trouvé par la famille"
    HOST = "host", "Donné par la structure"


class PlacementState(Labelled):
    OFFERED = "offered", "Proposée"
    ACCEPTED = "accepted", "Acceptée"
    DECLINED = "declined", "Refusée"
    WITHDRAWN = "withdrawn", "Désistement"
    CANCELLED = "cancelled_by_host", "Annulée par la structure"
    KEPT = "kept", "Gardée"


ACTIVE = (PlacementState.OFFERED, PlacementState.ACCEPTED, PlacementState.KEPT)
_ACTIVE_SQL = text("state IN ('offered', 'accepted', 'kept')")


class Placement(Base):
    """A pupil holds at most one active place in a campaign."""

    __tablename__ = "placements"
    __table_args__ = (
        Index(
            "uq_placements_one_active",
            "campaign_id",
            "pupil_id",
            unique=True,
            sqlite_where=_ACTIVE_SQL,
            postgresql_where=_ACTIVE_SQL,
        ),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    offer_week_id: Mapped[int] = mapped_column(ForeignKey("offer_weeks.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    origin: Mapped[Origin]
    state: Mapped[PlacementState] = mapped_column(default=PlacementState.OFFERED)
    rank: Mapped[int | None]
    """Rank of the wish it grants; none for an accepted completion."""
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    validated_at: Mapped[datetime | None]
    """When the head found the reason of a decline sound."""
    agreed: Mapped[bool] = mapped_column(default=False)
    """Given by hand beyond the family's limits: school and family said yes."""
    host_confirmed_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    pupil: Mapped[Pupil] = relationship()
    offer_week: Mapped[OfferWeek] = relationship()


class DecisionKind(Labelled):
    LOCK = "lock", "Garder cette place"
    BAN = "ban", "Interdire cette place"
    HAND = "hand", "Placer à la main"


class Decision(Base):
    """What an animator decided for one pupil: it feeds the next run, no run is edited."""

    __tablename__ = "decisions"
    __table_args__ = (CheckConstraint("reason <> ''", name="has_a_reason"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    offer_week_id: Mapped[int] = mapped_column(ForeignKey("offer_weeks.id"))
    kind: Mapped[DecisionKind]
    reason: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    agreed: Mapped[bool] = mapped_column(default=False)
    """The place is beyond the family's list and limits: school and family said yes."""
    created_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    pupil: Mapped[Pupil] = relationship()
    offer_week: Mapped[OfferWeek] = relationship()
    author: Mapped[Account] = relationship()


def _place(query: Select[Placement]) -> Select[Placement]:
    place = selectinload(Placement.offer_week)
    return query.options(
        place.joinedload(OfferWeek.offer).joinedload(Offer.site).joinedload(Site.host),
        place.joinedload(OfferWeek.week),
        with_steps(place.joinedload(OfferWeek.offer).selectinload(Offer.steps)),
    )


def places_by_id(offer_week_ids: Collection[int]) -> Select[OfferWeek]:
    """These places with offer, week and every host who welcomes."""
    offer = joinedload(OfferWeek.offer)
    return (
        select(OfferWeek)
        .where(OfferWeek.id.in_(offer_week_ids))
        .options(
            offer.joinedload(Offer.site).joinedload(Site.host),
            joinedload(OfferWeek.week),
            with_steps(offer.selectinload(Offer.steps)),
        )
    )


def active_placement(pupil_id: int) -> Select[Placement]:
    """The place that a pupil holds, with offer, site, host and week."""
    return _place(
        select(Placement).where(Placement.pupil_id == pupil_id, Placement.state.in_(ACTIVE))
    )


def placements_of_campaign(campaign_id: int) -> Select[Placement]:
    """Every active place of a campaign."""
    return _place(
        select(Placement)
        .where(Placement.campaign_id == campaign_id, Placement.state.in_(ACTIVE))
        .options(
            selectinload(Placement.pupil).options(
                joinedload(Pupil.school), joinedload(Pupil.school_class)
            )
        )
    )


def placements_of_host(host_id: int, campaign_id: int) -> Select[Placement]:
    """The active places held at a host, by week then name."""
    pupil = selectinload(Placement.pupil)
    return _place(
        select(Placement)
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Pupil, Placement.pupil_id == Pupil.id)
        .where(
            or_(Site.host_id == host_id, Offer.id.in_(pathways_at_host(host_id))),
            Placement.campaign_id == campaign_id,
            Placement.state.in_(ACTIVE),
        )
        .options(pupil.joinedload(Pupil.school), pupil.joinedload(Pupil.school_class))
        .order_by(OfferWeek.week_id, Pupil.last_name)
    )


def placements_of_offer(offer_id: int) -> Select[Placement]:
    """The active places held at one offer, with their pupils."""
    return _place(
        select(Placement)
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .where(OfferWeek.offer_id == offer_id, Placement.state.in_(ACTIVE))
        .options(
            selectinload(Placement.pupil).joinedload(Pupil.school), joinedload(Placement.round)
        )
        .order_by(Placement.id)
    )


def held_by_offer(campaign_id: int, host_id: int) -> Select[int, int]:
    """(offer, places held) of a host in a campaign."""
    return (
        select(OfferWeek.offer_id, func.count(Placement.id))
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .join(Offer, OfferWeek.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .where(
            Site.host_id == host_id,
            Placement.campaign_id == campaign_id,
            Placement.state.in_(ACTIVE),
        )
        .group_by(OfferWeek.offer_id)
    )


def placements_of_school(school_id: int, campaign_id: int) -> Select[Placement]:
    """The active places held by the pupils of a school."""
    return _place(
        select(Placement)
        .join(Pupil, Placement.pupil_id == Pupil.id)
        .where(
            Pupil.school_id == school_id,
            Placement.campaign_id == campaign_id,
            Placement.state.in_(ACTIVE),
        )
    )


def standing_decisions(round_id: int) -> Select[Decision]:
    """The decisions of a round that nobody lifted."""
    return (
        select(Decision)
        .where(Decision.round_id == round_id, Decision.lifted_at.is_(None))
        .order_by(Decision.id)
    )


def count_acts(decision_ids: Collection[int]) -> Select[int]:
    """How many acts these decisions are: the weeks of one ban are one."""
    acts = (
        select(Decision.pupil_id, Decision.kind, OfferWeek.offer_id)
        .join(OfferWeek, Decision.offer_week_id == OfferWeek.id)
        .where(Decision.id.in_(decision_ids))
        .distinct()
    )
    return select(func.count()).select_from(acts.subquery())


def decisions_by_id(round_id: int, decision_ids: Collection[int]) -> Select[Decision]:
    """These decisions of a round, lifted since or not."""
    return (
        select(Decision)
        .where(Decision.round_id == round_id, Decision.id.in_(decision_ids))
        .order_by(Decision.id)
    )


def decisions_to_read(round_id: int) -> Select[Decision]:
    """The same with pupil, school, class, place and author, in few queries."""
    pupil, place = selectinload(Decision.pupil), selectinload(Decision.offer_week)
    return standing_decisions(round_id).options(
        pupil.joinedload(Pupil.school),
        pupil.joinedload(Pupil.school_class),
        place.joinedload(OfferWeek.offer).joinedload(Offer.site).joinedload(Site.host),
        place.joinedload(OfferWeek.week),
        selectinload(Decision.author),
    )


def decisions_of_pupil(round_id: int, pupil_id: int) -> Select[Decision]:
    """The decisions of a round about one pupil that nobody lifted, with their places."""
    return decisions_to_read(round_id).where(Decision.pupil_id == pupil_id)


def decision_in_territory(decision_id: int, territory_id: int) -> Select[Decision]:
    """One decision with its place, if its campaign belongs to this territory."""
    return (
        select(Decision)
        .join(Round, Decision.round_id == Round.id)
        .join(Campaign, Round.campaign_id == Campaign.id)
        .where(Decision.id == decision_id, Campaign.territory_id == territory_id)
        .options(selectinload(Decision.offer_week))
    )


def places_ever_held(pupil_id: int) -> Select[int]:
    """How many places a pupil has held, whatever became of them."""
    return select(func.count()).select_from(Placement).where(Placement.pupil_id == pupil_id)


def seekers_by_school_and_week(campaign_id: int) -> Select[int, int, int]:
    """(school, week, pupils without a place whose class is away that week)."""
    holds = exists().where(Placement.pupil_id == Pupil.id, Placement.state.in_(ACTIVE))
    return (
        select(Pupil.school_id, ClassWeek.week_id, func.count())
        .join(ClassWeek, ClassWeek.school_class_id == Pupil.school_class_id)
        .where(Pupil.campaign_id == campaign_id, ~holds, ~holds_found_place(Pupil.id))
        .group_by(Pupil.school_id, ClassWeek.week_id)
    )


def placements_of_round(round_id: int) -> Select[Placement]:
    """The active places given in a round."""
    return select(Placement).where(Placement.round_id == round_id, Placement.state.in_(ACTIVE))


def last_placement(pupil_id: int) -> Select[Placement]:
    """The latest place of a pupil, whatever became of it."""
    return _place(
        select(Placement)
        .where(Placement.pupil_id == pupil_id)
        .order_by(Placement.id.desc())
        .limit(1)
    )


def placement_to_change(pupil_id: int) -> Select[Placement]:
    """The place that a pupil holds, locked and read afresh until the transaction ends."""
    return (
        active_placement(pupil_id)
        .with_for_update(of=Placement)
        .execution_options(populate_existing=True)
    )


def declined_in_school(school_id: int, campaign_id: int) -> Select[Placement]:
    """The places that the pupils of a school refused, latest first."""
    return _place(
        select(Placement)
        .join(Pupil, Placement.pupil_id == Pupil.id)
        .where(
            Pupil.school_id == school_id,
            Placement.campaign_id == campaign_id,
            Placement.state == PlacementState.DECLINED,
        )
        .options(selectinload(Placement.pupil).joinedload(Pupil.school_class))
        .order_by(Placement.id.desc())
    )


def needs_to_erase(monday: date) -> Select[AccessNeed]:
    """The needs of the pupils whose week began by that day, or whose campaign has no other."""
    placed = (
        select(Placement.pupil_id)
        .join(OfferWeek, Placement.offer_week_id == OfferWeek.id)
        .join(Week, OfferWeek.week_id == Week.id)
        .where(Placement.state.in_(ACTIVE), Week.monday <= monday)
    )
    found = (
        select(FoundPlace.pupil_id)
        .join(Week, FoundPlace.week_id == Week.id)
        .where(FoundPlace.state == FoundState.CHECKED, Week.monday <= monday)
    )
    over = (
        select(Pupil.id)
        .join(Campaign, Pupil.campaign_id == Campaign.id)
        .where(Campaign.last_monday <= monday)
    )
    return select(AccessNeed).where(
        or_(
            AccessNeed.pupil_id.in_(placed),
            AccessNeed.pupil_id.in_(found),
            AccessNeed.pupil_id.in_(over),
        )
    )
