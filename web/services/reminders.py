"""Reminders of the wishes: seven and two days before they close, once each."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Campaign,
    MessageKind,
    Pupil,
    Round,
    RoundState,
    heads_in_territory,
    numbers_to_text,
    pupils_to_remind,
    rounds_in_state,
)
from web.services.jobs import take
from web.services.next_round import only_concerned
from web.services.outbox import tell

DAYS_BEFORE = (2, 7)


def remind_of_wishes(session: Session, *, now: datetime) -> int:
    """Remind the families and schools of each open round, if its hour has come.

    Return how many messages are new. A missed reminder is caught up, but never by two at once:
    past the second one, the first is left out.
    """
    new = 0
    for opened in session.scalars(rounds_in_state(RoundState.WISHES_OPEN)).all():
        days = _due(opened, now)
        if days and take(session, f"reminder:{opened.id}:{days}", _hour(opened, days), now=now):
            new += _remind(session, opened, days, now)
    session.commit()
    return new


def _due(opened: Round, now: datetime) -> int | None:
    """The latest reminder whose hour has come, in days before closing."""
    if now >= opened.wishes_close_at:
        return None
    return next(
        (d for d in DAYS_BEFORE if opened.wishes_open_at < _hour(opened, d) <= now),
        None,
    )


def _hour(opened: Round, days: int) -> datetime:
    return opened.wishes_close_at - timedelta(days=days)


def _remind(session: Session, opened: Round, days: int, now: datetime) -> int:
    unsure = session.scalars(pupils_to_remind(opened.campaign_id)).all()
    concerned = only_concerned(session, opened, (pupil.id for pupil in unsure))
    pupils = [pupil for pupil in unsure if pupil.id in concerned]
    shared = {"days": days, "deadline": opened.wishes_close_at.isoformat()}
    families = [(email, {"children": names} | shared) for email, names in _children(pupils).items()]
    due = {pupil.id for pupil in pupils}
    texts: list[tuple[str, dict[str, Any]]] = [
        (number, shared)
        for number, pupil in session.execute(numbers_to_text(opened.campaign_id))
        if pupil in due
    ]
    heads = _heads(session, opened.campaign, Counter(p.school_id for p in pupils), shared)
    key = f"reminder:{opened.id}:{days}"
    return tell(session, MessageKind.WISHES_REMINDER, key, [*families, *texts, *heads], now=now)


def _children(pupils: Sequence[Pupil]) -> dict[str, list[str]]:
    """The first names of the children of each mail address: one letter for two sisters."""
    names: dict[str, list[str]] = {}
    for pupil in pupils:
        for guardian in pupil.guardians:
            if guardian.email:
                names.setdefault(guardian.email, []).append(pupil.first_name)
    return names


def _heads(
    session: Session, campaign: Campaign, waiting: Counter[int], shared: dict[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    heads = session.scalars(heads_in_territory(campaign.territory_id)).all()
    return [
        (head.account.email, {"school": head.school.name, "count": count} | shared)
        for head in heads
        if head.account.email and head.school and (count := waiting[head.school.id])
    ]
