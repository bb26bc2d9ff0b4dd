"""What a pupil needs to reach and keep a place, in functional words, sealed at rest."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Labelled


class Need(Labelled):
    """The same words say what a pupil needs and what a place provides."""

    STEP_FREE = "step_free", "Entrée de plain-pied"
    LIFT = "lift", "Étages avec ascenseur"
    TOILETS = "toilets", "Toilettes accessibles en fauteuil"
    SEATED = "seated", "Poste assis possible"
    QUIET = "quiet", "Endroit calme"
    WRITTEN = "written", "Consignes écrites"
    SIGN = "sign", "Interprète en LSF possible"


class AccessNeed(Base):
    """The needs of one pupil, readable only with the server's data key, erased after the week."""

    __tablename__ = "access_needs"

    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    consent_by_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    """The account that recorded the consent, at `consent_at`: the guardian's own, or the head's."""
    consent_at: Mapped[datetime]
    paper_signer: Mapped[str | None]
    """Who signed, when the guardian agreed on paper and the head wrote it down."""
    paper_date: Mapped[date | None]
