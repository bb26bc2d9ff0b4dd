"""What pupils, families and schools say is wrong with an offer, and what an animator did."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, func, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from models.account import Account, Role
from models.base import Base, Labelled
from models.host import Host, Site
from models.offer import Offer, OfferKind, OfferState

LONGEST_REPORT = 500
_WAITING_SQL = text("state = 'waiting'")


class ReportKind(Labelled):
    FALSE = "false", "Ce qui est écrit est faux"
    UNCLEAR = "unclear", "On ne comprend pas ce qu’on y fait"
    UNSAFE = "unsafe", "Cela paraît dangereux ou déplacé"
    UNREACHABLE = "unreachable", "On ne peut pas y aller ou y entrer"
    OTHER = "other", "Autre chose"


class ReportState(Labelled):
    WAITING = "waiting", "À lire"
    KEPT = "kept", "Offre gardée"
    PAUSED = "paused", "Offre mise en pause"
    WITHDRAWN = "withdrawn", "Offre retirée"


class OfferReport(Base):
    """One report of one person about one offer; one waits at a time."""

    __tablename__ = "offer_reports"
    __table_args__ = (
        CheckConstraint(f"length(text) <= {LONGEST_REPORT}", name="text_of_a_paragraph"),
        Index(
            "uq_offer_reports_one_waiting",
            "offer_id",
            "author_id",
            unique=True,
            sqlite_where=_WAITING_SQL,
            postgresql_where=_WAITING_SQL,
        ),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[Role]
    """In which role its author wrote: animators need no name to judge an offer."""
    kind: Mapped[ReportKind]
    text: Mapped[str]
    state: Mapped[ReportState] = mapped_column(default=ReportState.WAITING)
    told_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]

    offer: Mapped[Offer] = relationship()
    author: Mapped[Account] = relationship(foreign_keys=[author_id])


def reportable_offer(offer_id: int, territory_id: int) -> Select[Offer]:
    """An offer that pupils of this territory may see or hold."""
    return (
        select(Offer)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(
            Offer.id == offer_id,
            Host.territory_id == territory_id,
            Offer.kind != OfferKind.HALF_DAYS,
            Offer.state.in_((OfferState.OPEN, OfferState.PAUSED)),
        )
        .options(joinedload(Offer.site).joinedload(Site.host))
    )


def reports_by(author_id: int, offer_id: int) -> Select[OfferReport]:
    """What one person said of an offer, newest first."""
    return (
        select(OfferReport)
        .where(OfferReport.author_id == author_id, OfferReport.offer_id == offer_id)
        .order_by(OfferReport.id.desc())
    )


def reports_in_territory(territory_id: int) -> Select[OfferReport]:
    """The reports about offers of a territory: those to read first, then the newest."""
    return (
        select(OfferReport)
        .join(Offer, OfferReport.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(Host.territory_id == territory_id)
        .options(joinedload(OfferReport.offer).joinedload(Offer.site).joinedload(Site.host))
        .order_by(OfferReport.state != ReportState.WAITING, OfferReport.id.desc())
    )


def report_in_territory(report_id: int, territory_id: int) -> Select[OfferReport]:
    """One report, if its offer is in this territory, locked while it is decided."""
    return (
        reports_in_territory(territory_id)
        .where(OfferReport.id == report_id)
        .with_for_update(of=OfferReport)
    )


def count_reports_waiting(territory_id: int) -> Select[int]:
    """How many reports wait to be read."""
    return (
        select(func.count())
        .select_from(OfferReport)
        .join(Offer, OfferReport.offer_id == Offer.id)
        .join(Site, Offer.site_id == Site.id)
        .join(Host, Site.host_id == Host.id)
        .where(Host.territory_id == territory_id, OfferReport.state == ReportState.WAITING)
    )
