"""Messages to send: written with the fact they tell, sent later by the worker."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import Message, MessageKind, recipients_told


def tell(
    session: Session,
    kind: MessageKind,
    event_key: str,
    letters: Iterable[tuple[str, dict[str, Any]]],
    *,
    now: datetime,
) -> int:
    """Queue one message per (mail address, parameters) about an event; return how many are new.

    Repeating the call tells nobody twice: one row per recipient and event.
    """
    told = set(session.scalars(recipients_told(event_key)))
    new = 0
    for recipient, params in letters:
        if recipient in told:
            continue
        told.add(recipient)
        session.add(
            Message(
                kind=kind,
                recipient=recipient,
                event_key=event_key,
                params=params,
                next_try_at=now,
                created_at=now,
            )
        )
        new += 1
    return new
