"""Who is told when a place is given, given back or cancelled after the publication: each once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import (
    MessageKind,
    Offer,
    OfferWeek,
    Placement,
    Pupil,
    School,
    Site,
    contact_letters,
    group_size,
    guardian_letters,
    host_letters,
    numbers_to_text,
    pupil_letters,
    school_letters,
)
from web.services.outbox import tell

FAMILY, SCHOOL, HOST = "family", "school", "host"
EVERYONE = (FAMILY, SCHOOL, HOST)


def tell_given(session: Session, place: Placement, *, now: datetime) -> None:
    """Tell family, school and host of a place given by hand."""
    _tell(session, MessageKind.PLACE_GIVEN, place, EVERYONE, now)


def tell_lost(
    session: Session, place: Placement, audiences: Iterable[str], *, now: datetime
) -> None:
    """Tell that a place is no longer held, and the host whose group falls below its minimum."""
    _tell(session, MessageKind.PLACE_LOST, place, audiences, now)
    offer, week = place.offer_week.offer, place.offer_week.week
    session.flush()
    left = session.scalars(group_size(place.offer_week_id)).one()
    if offer.min_group and left < offer.min_group:
        params = {
            "title": offer.title,
            "monday": week.monday.isoformat(),
            "left": left,
            "minimum": offer.min_group,
        }
        letters = [(email, params) for email in host_addresses(session, place)]
        event = f"place:{place.round_id}:group:{place.offer_week_id}"
        tell(session, MessageKind.GROUP_BELOW, event, letters, now=now)


def tell_cancelled(session: Session, place: Placement, *, now: datetime) -> None:
    """Tell family and school that a host takes its whole offer away."""
    _tell(session, MessageKind.PLACE_LOST, place, (FAMILY, SCHOOL), now)


def tell_changed(
    session: Session, place: Placement, changed: dict[str, str], *, now: datetime
) -> None:
    """Tell family and school what a host changed at a place that is kept."""
    offer, monday = place.offer_week.offer, place.offer_week.week.monday
    about = {"title": offer.title, "host": offer.host_names, "monday": monday.isoformat()}
    event = f"place:{place.round_id}:{place.id}:changed:{now.isoformat()}"
    nothing = dict.fromkeys(("hours", "access", "contact"), "")
    for name, emails in (
        (place.pupil.first_name, family_addresses(session, place)),
        ("", school_addresses(session, place)),
    ):
        letters = [(email, {**nothing, **changed, **about, "first_name": name}) for email in emails]
        tell(session, MessageKind.PLACE_CHANGED, event, letters, now=now)


def _tell(
    session: Session,
    kind: MessageKind,
    place: Placement,
    audiences: Iterable[str],
    now: datetime,
) -> None:
    addresses = {
        FAMILY: family_addresses,
        SCHOOL: school_addresses,
        HOST: host_addresses,
    }
    for audience in audiences:
        params = _params(place, audience)
        letters = [(email, params) for email in addresses[audience](session, place)]
        if audience == FAMILY:
            numbers = session.execute(numbers_to_text(place.campaign_id, place.pupil_id))
            letters += [(number, {}) for number, _ in numbers]
        event = f"place:{place.round_id}:{place.id}:{kind.value}:{audience}"
        tell(session, kind, event, letters, now=now)


def _params(place: Placement, audience: str) -> dict[str, Any]:
    """What a letter says: no name of a pupil leaves for her host or, beside others, her school."""
    offer, week = place.offer_week.offer, place.offer_week.week
    return {
        "audience": audience,
        "first_name": place.pupil.first_name if audience == FAMILY else "",
        "title": offer.title,
        "host": offer.host_names,
        "commune": offer.site.commune,
        "monday": week.monday.isoformat(),
        "why": place.state.value,
    }


def family_addresses(session: Session, place: Placement) -> list[str]:
    """The guardians of the pupil who holds a place, and herself."""
    campaign_id, mine = place.campaign_id, Pupil.id == place.pupil_id
    rows = [
        *session.execute(guardian_letters(campaign_id).where(mine)),
        *session.execute(pupil_letters(campaign_id).where(mine)),
    ]
    return _each([row[0] for row in rows])


def school_addresses(session: Session, place: Placement) -> list[str]:
    """The team of the pupil's school."""
    query = school_letters(place.campaign_id).where(School.id == place.pupil.school_id)
    return _each([row[0] for row in session.execute(query)])


def host_addresses(session: Session, place: Placement) -> list[str]:
    """The team of the host; without any account, the contact of the offer; of each step's host."""
    offer = place.offer_week.offer
    if not offer.is_pathway:
        contacts = contact_letters(place.campaign_id).where(
            Offer.weeks.any(OfferWeek.id == place.offer_week_id)
        )
        found = _team(session, place, offer.site.host_id)
        return found or _each([row[0] for row in session.execute(contacts)])
    sources = dict.fromkeys(step.source for step in offer.steps)
    teams = (
        _team(session, place, source.site.host_id) or [source.contact_email] for source in sources
    )
    return _each(email for team in teams for email in team)


def _team(session: Session, place: Placement, host_id: int) -> list[str]:
    query = host_letters(place.campaign_id).where(Site.host_id == host_id)
    return _each([row[0] for row in session.execute(query)])


def _each(emails: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(email for email in emails if email))
