"""Structures to ask for places: who they are, invitations by mail, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    Membership,
    MessageKind,
    Prospect,
    ProspectSource,
    ProspectState,
    Sector,
    Territory,
    addresses_of_hosts,
    prospect_by_id,
    prospect_in_territory,
    prospects_in_territory,
    prospects_unchanged_since,
)
from web.adapters.places import commune_named
from web.services.access import digest
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.outbox import tell

MOST_INVITATIONS = 3
BETWEEN_INVITATIONS = timedelta(days=14)
MOST_LINES = 300
KEPT = timedelta(days=2 * 365)
"""A professional contact of whom nothing is heard is forgotten after two years."""


@dataclass(frozen=True)
class Entry:
    """What is known of a structure to ask."""

    name: str
    commune: str
    source: ProspectSource
    sector: Sector | None = None
    contact_name: str = ""
    email: str | None = None
    phone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """A prospect and whether it has an account of host by now."""

    prospect: Prospect
    registered: bool

    @property
    def word(self) -> str:
        """Its state in a word."""
        return "Inscription faite" if self.registered else self.prospect.state.label


def prospects(session: Session, territory_id: int) -> list[Listed]:
    """The prospects of a territory: those still to be asked first; in two queries."""
    registered = set(session.scalars(addresses_of_hosts(territory_id)))
    rows = [
        Listed(one, one.email is not None and one.email in registered)
        for one in session.scalars(prospects_in_territory(territory_id))
    ]
    order = list(ProspectState)
    return sorted(rows, key=lambda row: (row.registered, order.index(row.prospect.state)))


def prospect_seen(session: Session, viewer: Membership, prospect_id: int) -> Prospect:
    """One prospect of the viewer's territory.

    Raises:
        Gone: there is none.
    """
    found = session.scalar(prospect_in_territory(prospect_id, viewer.territory_id or 0))
    if found is None:
        raise Gone("Cette structure n’est pas dans la liste.")
    return found


def add_prospects(
    session: Session, viewer: Membership, entries: Sequence[Entry], *, now: datetime
) -> int:
    """Add structures to the list, all or none; return how many.

    Raises:
        Refused: a commune is unknown, or one of them is listed already; the line is named when
            there are several.
    """
    if len(entries) > MOST_LINES:
        raise Refused(f"{MOST_LINES} lignes au plus à la fois.", "lines")
    where = session.get_one(Territory, viewer.territory_id)
    known: set[str] = set()
    for one in session.scalars(prospects_in_territory(where.id)):
        known |= _marks(one)
    for number, entry in enumerate(entries, start=1):
        line = f"Ligne {number} : " if len(entries) > 1 else ""
        made = Prospect(territory_id=where.id, network=viewer.network)
        _write(made, entry, where, viewer, now, line)
        if known & _marks(made):
            raise Refused(f"{line}« {entry.name} » est déjà dans la liste.", "name")
        known |= _marks(made)
        session.add(made)
    try:
        session.flush()
    except IntegrityError as clash:  # somebody else listed one of them at the same moment
        raise Refused("Une de ces structures vient d’être ajoutée : relisez la liste.") from clash
    record(
        session,
        "prospects.added",
        f"territory:{where.id}",
        by=viewer.account_id,
        now=now,
        count=len(entries),
    )
    session.commit()
    return len(entries)


def change_prospect(
    session: Session,
    viewer: Membership,
    prospect_id: int,
    entry: Entry,
    state: ProspectState,
    *,
    now: datetime,
) -> Prospect:
    """Correct what is known of a structure and how far the talk has come."""
    found = prospect_seen(session, viewer, prospect_id)
    where = session.get_one(Territory, found.territory_id)
    others = [
        one for one in session.scalars(prospects_in_territory(where.id)) if one.id != found.id
    ]
    if entry.email and entry.email in {one.email for one in others}:
        raise Refused("Cette adresse est déjà celle d’une autre structure de la liste.", "email")
    _write(found, entry, where, viewer, now, "")
    found.state = state
    session.commit()
    return found


def remove_prospect(session: Session, viewer: Membership, prospect_id: int) -> None:
    """Forget a structure: what was known of its contact goes with it."""
    session.delete(prospect_seen(session, viewer, prospect_id))
    session.commit()


def invite_prospect(
    session: Session, viewer: Membership, prospect_id: int, *, now: datetime
) -> Prospect:
    """Write to a structure that places lack near it; it can answer that it wants no more mail.

    Raises:
        Refused: no address, it said no, or it was written to lately or often enough.
    """
    found = prospect_seen(session, viewer, prospect_id)
    if not found.email:
        raise Refused("Il manque une adresse électronique pour inviter cette structure.", "email")
    if found.state is ProspectState.DECLINED:
        raise Refused("Cette structure ne souhaite pas être sollicitée : on ne lui écrit plus.")
    if found.invitations >= MOST_INVITATIONS:
        raise Refused(f"{MOST_INVITATIONS} invitations sont déjà parties : mieux vaut appeler.")
    if found.invited_at and now < found.invited_at + BETWEEN_INVITATIONS:
        raise Refused("Une invitation est partie il y a moins de deux semaines : attendez un peu.")
    found.invitations += 1
    found.invited_at = found.changed_at = now
    if found.state is ProspectState.NEW:
        found.state = ProspectState.INVITED
    letter = {
        "name": found.contact_name,
        "structure": found.name,
        "sender": viewer.account.name,
        "network": viewer.network.label if viewer.network else "",
        "prospect_id": found.id,
        "token": _token(session, found),
    }
    event = f"prospect:{found.id}:{found.invitations}"
    tell(session, MessageKind.PROSPECT_INVITED, event, [(found.email, letter)], now=now)
    record(session, "prospect.invited", f"prospect:{found.id}", by=viewer.account_id, now=now)
    session.commit()
    return found


def prospect_of_link(session: Session, prospect_id: int, token: str) -> Prospect:
    """The prospect whose invitation held this link.

    Raises:
        Gone: the link is not one of ours.
    """
    found = session.scalar(prospect_by_id(prospect_id))
    if found is None or not compare_digest(_token(session, found), token):
        raise Gone("Ce lien ne mène nulle part.")
    return found


def decline_invitations(session: Session, prospect_id: int, token: str, *, now: datetime) -> None:
    """The structure wants no more invitations: nobody writes to it again."""
    found = prospect_of_link(session, prospect_id, token)
    found.state, found.changed_at = ProspectState.DECLINED, now
    session.commit()


def forget_prospects(session: Session, *, now: datetime) -> None:
    """Forget the contacts of whom nothing has been heard for two years; safe to repeat."""
    session.execute(prospects_unchanged_since(now - KEPT))
    session.commit()


def _token(session: Session, one: Prospect) -> str:
    return digest(session, f"prospect:{one.id}:{one.email}")[:24]


def _write(
    made: Prospect,
    entry: Entry,
    where: Territory,
    viewer: Membership,
    now: datetime,
    line: str,
) -> None:
    commune = commune_named(entry.commune, where.departement)
    if commune is None or commune.departement != where.departement:
        raise Refused(
            f"{line}« {entry.commune} » n’est pas une commune de ce département : écrivez son nom "
            "ou son code postal.",
            "commune",
        )
    made.name, made.commune, made.lat, made.lon = (
        entry.name,
        commune.name,
        commune.lat,
        commune.lon,
    )
    made.source, made.sector = entry.source, entry.sector
    made.contact_name, made.email, made.phone = entry.contact_name, entry.email, entry.phone
    made.note = entry.note
    made.author_id, made.changed_at = viewer.account_id, now


def _marks(one: Prospect) -> set[str]:
    """What must not be there twice: a name in a commune, an address."""
    same = f"{one.name.casefold()}|{one.commune}"
    return {same, one.email} if one.email else {same}
