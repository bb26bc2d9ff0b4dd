"""Reports about offers: told by pupils, families and schools, moderated by animators."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    Membership,
    Offer,
    OfferReport,
    ReportKind,
    ReportState,
    campaign_by_id,
    report_in_territory,
    reportable_offer,
    reports_by,
)
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.offer_changes import pause_seen
from web.services.offers import take_away

MOST_OPEN = 3
"""Reports of one person about one offer in all: beyond, people talk."""


def territory_of_viewer(viewer: Membership) -> int:
    """The territory whose offers this person sees."""
    if viewer.school is not None:
        return viewer.school.territory_id
    if viewer.pupil is not None:
        return viewer.pupil.school.territory_id
    if viewer.guardian is not None and viewer.guardian.pupils:
        return viewer.guardian.pupils[0].school.territory_id
    return viewer.territory_id or 0


def offer_to_report(session: Session, viewer: Membership, offer_id: int) -> Offer:
    """The offer that somebody may report.

    Raises:
        Gone: it is not one that pupils of the territory see.
    """
    found = session.scalar(reportable_offer(offer_id, territory_of_viewer(viewer)))
    if found is None:
        raise Gone("Cette offre n’est pas visible.")
    return found


def own_reports(session: Session, viewer: Membership, offer_id: int) -> list[OfferReport]:
    """What this person already said of an offer, newest first."""
    return list(session.scalars(reports_by(viewer.account_id, offer_id)))


def report_offer(
    session: Session,
    viewer: Membership,
    offer_id: int,
    kind: ReportKind,
    text: str,
    *,
    now: datetime,
) -> OfferReport:
    """Say what is wrong with an offer; said twice, the first report waits.

    Raises:
        Gone: it is not one that pupils of the territory see.
        Refused: too many reports from the same person, or « autre » without a word.
    """
    offer = offer_to_report(session, viewer, offer_id)
    said = own_reports(session, viewer, offer_id)
    waiting = next((one for one in said if one.state is ReportState.WAITING), None)
    if waiting is not None:
        return waiting
    if len(said) >= MOST_OPEN:
        raise Refused("Déjà signalée plusieurs fois d’ici : parlez-en à l’équipe.")
    if kind is ReportKind.OTHER and not text.strip():
        raise Refused("Dites en quelques mots ce qui ne va pas.", "text")
    made = OfferReport(
        offer_id=offer.id,
        author_id=viewer.account_id,
        role=viewer.role,
        kind=kind,
        text=text.strip(),
        told_at=now,
    )
    session.add(made)
    try:
        session.flush()
    except IntegrityError:  # a double click: the first one counts
        session.rollback()
        return own_reports(session, viewer, offer_id)[0]
    record(session, "offer.reported", f"offer:{offer.id}", by=viewer.account_id, now=now)
    session.commit()
    return made


def decide_report(
    session: Session,
    report_id: int,
    territory_id: int,
    state: ReportState,
    answer: str,
    *,
    by: int,
    now: datetime,
) -> OfferReport:
    """Keep, pause or withdraw the offer of a report, and answer; decided twice, decided once.

    Raises:
        Gone: no such report in this territory.
        Refused: no answer, or the offer cannot be paused or withdrawn now.
    """
    found = session.scalar(report_in_territory(report_id, territory_id))
    if found is None:
        raise Gone("Ce signalement n’existe pas.")
    if found.state is not ReportState.WAITING:
        return found
    if not answer.strip():
        raise Refused("Écrivez la réponse que la personne lira.", "answer")
    found.state, found.answer = state, answer.strip()
    found.decided_by_id, found.decided_at = by, now
    session.flush()
    record(session, "offer.report_decided", f"offer:{found.offer_id}", by=by, now=now)
    offer = found.offer
    if state is ReportState.PAUSED:
        campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
        pause_seen(session, offer, campaign, knowing=True, by=by, now=now)
    elif state is ReportState.WITHDRAWN:
        take_away(session, offer, knowing=True, reason=answer, by=by, now=now)
    session.commit()
    return found
