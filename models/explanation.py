"""What families ask about a decision: an explanation, or an appeal, answered within a month."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from models.base import Base, Labelled
from models.campaign import Campaign, Round
from models.pupil import Pupil

LONGEST = 1000
_WAITING_SQL = text("state = 'waiting'")


class RequestKind(Labelled):
    EXPLANATION = "explanation", "Demande d’explication"
    APPEAL = "appeal", "Recours"


class RequestState(Labelled):
    WAITING = "waiting", "À traiter"
    ANSWERED = "answered", "Réponse donnée"


class ExplanationRequest(Base):
    """One question of a family about the result of a round; one of each kind waits at a time."""

    __tablename__ = "explanation_requests"
    __table_args__ = (
        CheckConstraint(f"length(text) <= {LONGEST}", name="text_of_a_page"),
        CheckConstraint("state <> 'answered' OR answer <> ''", name="answered_in_words"),
        Index(
            "uq_explanation_requests_one_waiting",
            "pupil_id",
            "kind",
            unique=True,
            sqlite_where=_WAITING_SQL,
            postgresql_where=_WAITING_SQL,
        ),
    )

    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    kind: Mapped[RequestKind]
    state: Mapped[RequestState] = mapped_column(default=RequestState.WAITING)
    text: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    answer: Mapped[str] = mapped_column(default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime | None]

    pupil: Mapped[Pupil] = relationship()
    round: Mapped[Round] = relationship()


def requests_of(pupil_id: int) -> Select[ExplanationRequest]:
    """What the family of a pupil asked, newest first."""
    return (
        select(ExplanationRequest)
        .where(ExplanationRequest.pupil_id == pupil_id)
        .order_by(ExplanationRequest.id.desc())
    )


def requests_in_territory(territory_id: int) -> Select[ExplanationRequest]:
    """What the families of a territory asked, those to answer first, the most pressing on top."""
    return (
        select(ExplanationRequest)
        .join(Round, ExplanationRequest.round_id == Round.id)
        .join(Campaign, Round.campaign_id == Campaign.id)
        .where(Campaign.territory_id == territory_id)
        .options(
            selectinload(ExplanationRequest.pupil).selectinload(Pupil.school),
            selectinload(ExplanationRequest.pupil).selectinload(Pupil.school_class),
        )
        .order_by(
            ExplanationRequest.state != RequestState.WAITING,
            ExplanationRequest.due_on,
            ExplanationRequest.id,
        )
    )


def request_in_territory(request_id: int, territory_id: int) -> Select[ExplanationRequest]:
    """One request, if it comes from this territory."""
    return requests_in_territory(territory_id).where(ExplanationRequest.id == request_id)
