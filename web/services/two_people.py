"""Publication by two people, where the campaign asks for it: one asks, another confirms."""

from datetime import datetime

from sqlalchemy.orm import Session

from models import Campaign, Event, Round, RoundState, Run, campaign_to_change, last_event
from web.services.errors import Gone, Refused
from web.services.journal import record

ASKED, CHANGED = "round.publication_asked", "campaign.two_people"
OWN = "Vous avez demandé cette publication : une autre personne de l’animation la confirme."


def publication_asked(session: Session, of_round: Round, run: Run) -> Event | None:
    """Who asked to publish this very run; a request about another run no longer counts."""
    asked = session.scalar(last_event(f"round:{of_round.id}", ASKED))
    return asked if asked is not None and asked.details["run"] == run.id else None


def confirmed(session: Session, of_round: Round, run: Run, *, by: int, now: datetime) -> bool:
    """Whether this act confirms somebody else's; the first one only asks. Commits nothing.

    Raises:
        Refused: the same person asked.
    """
    asked = publication_asked(session, of_round, run)
    if asked is None:
        record(session, ASKED, f"round:{of_round.id}", by=by, now=now, run=run.id)
        return False
    if asked.actor_id == by:
        raise Refused(OWN)
    return True


def decide_by_two(
    session: Session, campaign_id: int, wanted: bool, *, by: int, now: datetime
) -> Campaign:
    """Set whether two people publish; fixed when the wishes open, like the rule.

    Raises:
        Refused: the wishes of the campaign have opened.
    """
    campaign = session.scalar(campaign_to_change(campaign_id))
    if campaign is None:
        raise Gone("Cette campagne n’existe pas.")
    if any(turn.state is not RoundState.PLANNED for turn in campaign.rounds):
        raise Refused("Ce choix se fait avant l’ouverture des vœux.")
    campaign.two_people = wanted
    record(session, CHANGED, f"campaign:{campaign_id}", by=by, now=now, wanted=wanted)
    session.commit()
    return campaign
