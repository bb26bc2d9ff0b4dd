"""What lets a family make its own draw again, once the secret of its round is public."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from matching.lottery import number_of
from models import Pupil, campaign_by_id
from web.services.explanations import published_round
from web.services.freeze import pupil_key
from web.services.rounds import round_seed


@dataclass(frozen=True, slots=True)
class OwnDraw:
    """The key of a pupil, the seed of the round, and the number that they give."""

    key: int
    seed: str
    number: str


def own_draw(session: Session, pupil: Pupil) -> OwnDraw | None:
    """The draw of a pupil in the last round published; None when its secret is erased.

    Raises:
        Gone: nothing is published.
    """
    turn = published_round(session.scalars(campaign_by_id(pupil.campaign_id)).one())
    if not turn.secret:
        return None
    key, seed = pupil_key(session, turn, pupil.id), round_seed(turn)
    return OwnDraw(key, seed, number_of(seed, key))
