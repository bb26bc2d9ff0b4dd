"""A campaign, its rounds and their dates."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.territory import Territory


class CampaignState(Labelled):
    DRAFT = "draft", "En préparation"
    OFFERS_OPEN = "offers_open", "Les places arrivent"
    RUNNING = "running", "En cours"
    CLOSED = "closed", "Terminée"


class RoundState(Labelled):
    PLANNED = "planned", "À venir"
    WISHES_OPEN = "wishes_open", "Vœux ouverts"
    WISHES_CLOSED = "wishes_closed", "Vœux clos"
    REVIEW = "review", "Relecture"
    PUBLISHED = "published", "Résultats publiés"
    ANSWERS_CLOSED = "answers_closed", "Réponses closes"


class Campaign(Base):
    """One season in one territory, with what is fixed and public when the wishes open."""

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("territory_id", "season"),
        CheckConstraint("max_wishes BETWEEN 1 AND 30", name="max_wishes_sensible"),
        CheckConstraint("min_completions >= 1", name="min_completions_positive"),
    )

    territory_id: Mapped[int] = mapped_column(ForeignKey("territories.id"))
    season: Mapped[int]
    """The civil year in which the school year starts: 2026 for 2026-2027."""
    state: Mapped[CampaignState] = mapped_column(default=CampaignState.DRAFT)
    offers_open_at: Mapped[datetime]
    offers_close_at: Mapped[datetime]
    first_monday: Mapped[date]
    last_monday: Mapped[date]
    policy: Mapped[str] = mapped_column(default="priority")
    max_wishes: Mapped[int] = mapped_column(default=10)
    min_completions: Mapped[int] = mapped_column(default=8)
    max_completions: Mapped[int] = mapped_column(default=30)
    guardians_act: Mapped[bool] = mapped_column(default=True)
    """Whether guardians write in the list and answer as the pupil does; if not, they only look."""
    two_people: Mapped[bool] = mapped_column(default=False)
    """Whether a second animator confirms each publication."""

    territory: Mapped[Territory] = relationship()
    rounds: Mapped[list["Round"]] = relationship(back_populates="campaign", order_by="Round.number")

    @property
    def name(self) -> str:
        return f"Campagne {self.season}\u2011{self.season + 1}"

    @property
    def last_friday(self) -> date:
        return self.last_monday + timedelta(days=4)

    @property
    def current_round(self) -> "Round":
        """The round under way: the last one that has begun, else the first."""
        begun = [r for r in self.rounds if r.state is not RoundState.PLANNED]
        return (begun or self.rounds[:1])[-1]


class Round(Base):
    """One turn of wishes, assignment, review, publication and answers."""

    __tablename__ = "rounds"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
        CheckConstraint(
            "wishes_open_at < wishes_close_at AND wishes_close_at <= run_at"
            " AND run_at <= review_until AND review_until <= publish_at"
            " AND publish_at < answers_until",
            name="dates_in_order",
        ),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    number: Mapped[int] = mapped_column(default=1)
    state: Mapped[RoundState] = mapped_column(default=RoundState.PLANNED)
    wishes_open_at: Mapped[datetime]
    wishes_close_at: Mapped[datetime]
    run_at: Mapped[datetime]
    review_until: Mapped[datetime]
    publish_at: Mapped[datetime]
    answers_until: Mapped[datetime]
    selected_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("runs.id", use_alter=True, name="fk_rounds_selected_run_id_runs")
    )
    secret: Mapped[str | None]
    """Drawn when the wishes open; its SHA-256 is public from then on, itself at publication."""
    commitment: Mapped[str | None]
    public_value_name: Mapped[str] = mapped_column(default="")
    public_value: Mapped[str | None]
    snapshot_sha256: Mapped[str | None]
    published_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship(back_populates="rounds")


def campaign_by_id(campaign_id: int) -> Select[Campaign]:
    """A campaign with its rounds and territory."""
    return (
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .options(selectinload(Campaign.rounds), selectinload(Campaign.territory))
    )


def campaign_in_territory(campaign_id: int, territory_id: int) -> Select[Campaign]:
    """One campaign, if it belongs to this territory."""
    return campaign_by_id(campaign_id).where(Campaign.territory_id == territory_id)


def campaigns_of(territory_id: int) -> Select[Campaign]:
    """The campaigns of a territory, latest first."""
    return (
        select(Campaign)
        .where(Campaign.territory_id == territory_id)
        .options(selectinload(Campaign.rounds), selectinload(Campaign.territory))
        .order_by(Campaign.season.desc())
    )


def campaigns_in_state(*states: CampaignState) -> Select[Campaign]:
    """The campaigns in one of these states, oldest first."""
    return (
        select(Campaign)
        .where(Campaign.state.in_(states))
        .options(selectinload(Campaign.rounds), selectinload(Campaign.territory))
        .order_by(Campaign.id)
    )


def round_in_territory(round_id: int, territory_id: int) -> Select[Round]:
    """One round, if its campaign belongs to this territory."""
    return (
        select(Round)
        .join(Campaign)
        .where(Round.id == round_id, Campaign.territory_id == territory_id)
        .options(selectinload(Round.campaign).selectinload(Campaign.territory))
    )


def rounds_in_state(*states: RoundState) -> Select[Round]:
    """The rounds in one of these states, with their campaigns."""
    return (
        select(Round)
        .where(Round.state.in_(states))
        .options(selectinload(Round.campaign).selectinload(Campaign.rounds))
        .order_by(Round.id)
    )


def round_to_change(round_id: int) -> Select[Round]:
    """One round with its campaign, locked and read afresh until the transaction ends."""
    return (
        select(Round)
        .where(Round.id == round_id)
        .options(
            selectinload(Round.campaign).selectinload(Campaign.rounds),
            selectinload(Round.campaign).selectinload(Campaign.territory),
        )
        .with_for_update(of=Round)
        .execution_options(populate_existing=True)
    )


def campaign_to_change(campaign_id: int) -> Select[Campaign]:
    """One campaign with its rounds, locked and read afresh until the transaction ends."""
    return (
        campaign_by_id(campaign_id)
        .with_for_update(of=Campaign)
        .execution_options(populate_existing=True)
    )
