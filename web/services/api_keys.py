"""Keys of the public interface: made once, shown once, revoked for good, limited by the minute."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models import (
    ApiKey,
    ApiUse,
    Membership,
    Network,
    api_key_by_digest,
    api_key_in_territory,
    api_keys_in_territory,
    api_uses_before,
    calls_in,
)
from web.services.access import digest, new_token
from web.services.errors import Gone, Refused
from web.services.journal import record

PER_MINUTE: Final = 60
"""Calls that one key may make in one minute of the clock."""
MOST_KEYS = 20
MARK = "t3e_"


class NoKey(Refused):
    """The key is missing, unknown or revoked."""


class TooMany(Refused):
    """The key called too often; `wait` is how many seconds to let pass."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Plus de {PER_MINUTE} appels en une minute. Attendez {wait} secondes.")
        self.wait = wait


def keys_of(session: Session, territory_id: int) -> list[ApiKey]:
    """The keys of a territory, latest first."""
    return list(session.scalars(api_keys_in_territory(territory_id)))


def issue_key(
    session: Session, viewer: Membership, name: str, network: Network, *, now: datetime
) -> str:
    """Make a key for a network and return it: it is never shown again.

    Raises:
        Refused: another network's, or too many keys.
    """
    if viewer.network not in (None, network):
        raise Refused("Une clé se crée pour son propre réseau.", "network")
    territory_id = viewer.territory_id or 0
    alive = [key for key in keys_of(session, territory_id) if key.revoked_at is None]
    if len(alive) >= MOST_KEYS:
        raise Refused(f"{MOST_KEYS} clés au plus : supprimez celles qui ne servent plus.")
    token = MARK + new_token()
    made = ApiKey(
        territory_id=territory_id,
        network=network,
        name=name,
        start=token[:10],
        digest=digest(session, f"api:{token}"),
        author_id=viewer.account_id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    record(session, "api_key.issued", f"api_key:{made.id}", by=viewer.account_id, now=now)
    session.commit()
    return token


def revoke_key(session: Session, viewer: Membership, key_id: int, *, now: datetime) -> None:
    """Close a key for good; closing it again changes nothing."""
    found = session.scalar(api_key_in_territory(key_id, viewer.territory_id or 0))
    if found is None:
        raise Gone("Cette clé n’existe pas.")
    if viewer.network not in (None, found.network):
        raise Refused("Cette clé est celle d’un autre réseau.")
    if found.revoked_at is None:
        found.revoked_at = now
        record(session, "api_key.revoked", f"api_key:{key_id}", by=viewer.account_id, now=now)
    session.commit()


def open_with(session: Session, token: str, *, now: datetime) -> ApiKey:
    """Return the key of a call, counted among those of its minute.

    Raises:
        NoKey: unknown or revoked.
        TooMany: it called too often this minute; the call is not counted.
    """
    key = session.scalar(api_key_by_digest(digest(session, f"api:{token}")))
    if key is None:
        raise NoKey("Cette clé n’ouvre rien. Demandez-en une à l’animation du département.")
    minute = int(now.timestamp()) // 60
    use = session.scalar(calls_in(key.id, minute))
    if use is None:
        session.execute(api_uses_before(minute))
        use = ApiUse(key_id=key.id, minute=minute, calls=0)
        session.add(use)
    if use.calls >= PER_MINUTE:
        raise TooMany(60 - int(now.timestamp()) % 60)
    use.calls += 1
    key.last_used_at = now
    session.commit()
    return key
