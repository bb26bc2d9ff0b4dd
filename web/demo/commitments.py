"""The PaQte commitments of the demo: a few hosts promised, most of them kept their word."""

from datetime import date, datetime
from random import Random

from sqlalchemy.orm import Session

from models import Campaign, Commitment, CommittedAction, Host, HostKind, Network, open_offers

SIGNED = date(2026, 6, 18)
EVERY = 9
"""One host in so many signed."""


def add_commitments(session: Session, campaign: Campaign, author_id: int, *, now: datetime) -> None:
    """Have the host shown to visitors and some others sign with one of the two networks."""
    rng = Random(campaign.season)
    seats: dict[Host, int] = {}
    for offer in session.scalars(open_offers(campaign.id)):
        host = offer.site.host
        seats[host] = seats.get(host, 0) + offer.seats
    *others, shown = [host for host in seats if host.kind is not HostKind.STATE]
    signed = [shown, *others[::EVERY]]
    for number, host in enumerate(signed):
        talks = rng.randrange(4)
        session.add(
            Commitment(
                host=host,
                network=(Network.FACE, Network.CITE)[number % 2],
                season=campaign.season,
                signed_on=SIGNED,
                places=seats[host] + rng.choice((0, 0, 0, 1, 2)),
                weeks=rng.randint(1, 3),
                promised={CommittedAction.TALK.value: talks} if talks else {},
                done={CommittedAction.TALK.value: talks // 2} if talks > 1 else {},
                author_id=author_id,
                saved_at=now,
            )
        )
