"""Reminders that a school sends to chosen families, once a day to each person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import (
    MessageKind,
    Pupil,
    found_places_of_school,
    memberships_of_pupils,
    numbers_to_text,
    pupils_of_school,
    reminded_since,
    school_by_id,
)
from web.format import paris
from web.services.errors import Refused
from web.services.journal import record
from web.services.next_round import only_concerned
from web.services.outbox import tell
from web.services.seasons import needed_campaign
from web.services.wishes import closed_reason


@dataclass(frozen=True, slots=True)
class Reminded:
    """What became of a reminder: letters queued, people told today already, pupils unreachable."""

    letters: int
    already: int
    unreachable: Sequence[Pupil]


def remind_families(
    session: Session,
    school_id: int,
    pupil_ids: Collection[int],
    *,
    by: int,
    now: datetime,
) -> Reminded:
    """Write to the families of these pupils whose list is not confirmed, nor own place checked.

    A person written to today, by the school or by the service, is not written to again.

    Raises:
        Refused: nobody was chosen, or the wishes are not open.
    """
    if not pupil_ids:
        raise Refused("Choisissez au moins un élève à relancer.")
    school = session.scalars(school_by_id(school_id)).one()
    turn = needed_campaign(session, school.territory_id).current_round
    if reason := closed_reason(turn, now):
        raise Refused(f"{reason} Aucune relance n’est partie.")
    own_places = session.scalars(found_places_of_school(school_id, turn.campaign_id))
    settled = {place.pupil_id for place in own_places if place.checked}
    concerned = only_concerned(session, turn, pupil_ids)
    pupils = [
        pupil
        for pupil in session.scalars(pupils_of_school(school_id, turn.campaign_id))
        if pupil.id in concerned and pupil.wishes_confirmed_at is None and pupil.id not in settled
    ]
    own = _own_addresses(session, [pupil.id for pupil in pupils])
    children, mailed = _children(pupils, own)
    numbers = _numbers(session, turn.campaign_id, {pupil.id for pupil in pupils})
    reached = mailed | set().union(*numbers.values())
    today = paris(now).replace(hour=0, minute=0, second=0, microsecond=0)
    told = set(session.scalars(reminded_since(today, [*children, *numbers])))
    deadline = {"deadline": turn.wishes_close_at.isoformat()}
    shared = {"school": school.name} | deadline
    letters: list[tuple[str, dict[str, Any]]] = [
        *((a, {"children": names} | shared) for a, names in children.items() if a not in told),
        *((number, deadline) for number in numbers if number not in told),
    ]
    key = f"reminder:{turn.id}:school:{school_id}:{today:%Y-%m-%d}"
    new = tell(session, MessageKind.SCHOOL_REMINDER, key, letters, now=now)
    record(session, "families.reminded", f"school:{school_id}", by=by, now=now, letters=new)
    session.commit()
    return Reminded(new, len(told), [pupil for pupil in pupils if pupil.id not in reached])


def _own_addresses(session: Session, pupil_ids: list[int]) -> dict[int, str]:
    """The addresses that pupils gave themselves."""
    return {
        one.pupil_id: one.account.email
        for one in session.scalars(memberships_of_pupils(pupil_ids))
        if one.pupil_id is not None and one.account.email
    }


def _children(
    pupils: Sequence[Pupil], own: dict[int, str]
) -> tuple[dict[str, list[str]], set[int]]:
    """First names by mail address, one letter for two sisters; and the pupils they tell of."""
    found: dict[str, list[str]] = {}
    mailed = set()
    for pupil in pupils:
        addresses = {g.email for g in pupil.guardians if g.email}
        if pupil.id in own:
            addresses.add(own[pupil.id])
        if addresses:
            mailed.add(pupil.id)
        for address in sorted(addresses):
            found.setdefault(address, []).append(pupil.first_name)
    return found, mailed


def _numbers(session: Session, campaign_id: int, wanted: set[int]) -> dict[str, set[int]]:
    """Pupils by mobile number, for those who gave no mail address."""
    found: dict[str, set[int]] = {}
    for number, pupil_id in session.execute(numbers_to_text(campaign_id)):
        if pupil_id in wanted:
            found.setdefault(number, set()).add(pupil_id)
    return found
