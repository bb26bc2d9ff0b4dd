"""The campaign that a school or a host works in today."""

from sqlalchemy.orm import Session

from models import Campaign, CampaignState, campaigns_of
from web.services.errors import Refused


def current_campaign(session: Session, territory_id: int) -> Campaign | None:
    """The latest campaign of a territory that has begun, if any."""
    begun = (
        campaign
        for campaign in session.scalars(campaigns_of(territory_id))
        if campaign.state is not CampaignState.DRAFT
    )
    return next(begun, None)


def latest_campaign(session: Session, territory_id: int) -> Campaign | None:
    """The latest campaign of a territory, even in preparation: what its animators work in."""
    return session.scalars(campaigns_of(territory_id)).first()


def needed_campaign(session: Session, territory_id: int) -> Campaign:
    """The same, for what makes no sense without one.

    Raises:
        Refused: no campaign has begun in this territory.
    """
    found = current_campaign(session, territory_id)
    if found is None:
        raise Refused("Aucune campagne n’est ouverte dans ce département pour l’instant.")
    return found


def results_are_out(campaign: Campaign) -> bool:
    """Whether a round of this campaign has been published."""
    return any(turn.published_at is not None for turn in campaign.rounds)
