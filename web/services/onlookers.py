"""Guardians who see everything and change nothing, where the campaign says so."""

from sqlalchemy.orm import Session

from models import Pupil, Role, campaign_by_id
from web.services.errors import Refused

ONLY_LOOKS = (
    "Dans cette campagne, c’est l’élève qui fait la liste et qui répond. Un responsable légal voit "
    "tout, et en parle avec l’élève ou le collège."
)


def onlooker(session: Session, pupil: Pupil, role: Role) -> str | None:
    """Why somebody of this role only looks, or None: consents and questions stay open to all."""
    if role is not Role.GUARDIAN:
        return None
    campaign = session.scalars(campaign_by_id(pupil.campaign_id)).one()
    return None if campaign.guardians_act else ONLY_LOOKS


def refuse_onlooker(session: Session, pupil: Pupil, role: Role) -> None:
    """Refuse a change to who only looks.

    Raises:
        Refused: with who does it instead.
    """
    if reason := onlooker(session, pupil, role):
        raise Refused(reason)
