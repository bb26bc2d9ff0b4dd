"""The one list of wishes of a pupil: every change is saved at once, none is lost silently."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Family,
    MessageKind,
    Pupil,
    Round,
    RoundState,
    Wish,
    campaign_by_id,
    pupil_address,
    pupil_for_wishes,
    wishes_of,
)
from web.format import moment
from web.services.catalogue import offer_for
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.limits import refuse_narrow
from web.services.next_round import only_concerned
from web.services.outbox import tell

CHANGED, LIMITED, CONFIRMED = "wishes.changed", "wishes.limited", "wishes.confirmed"
ON_BEHALF = "wishes.on_behalf"
"""Beside one of those: the school held the pen."""
OTHER_SCREEN = "La liste a changé sur un autre écran."

Change = Callable[[list[int]], list[int]]


@dataclass(frozen=True, slots=True)
class Screen:
    """What a page showed when its button was pressed: the version of the list, and the list."""

    version: int
    seen: tuple[int, ...]


class Stale(Refused):
    """The list changed meanwhile elsewhere; `wanted` is the list that this page asked for."""

    def __init__(self, wanted: list[int]) -> None:
        super().__init__(OTHER_SCREEN)
        self.wanted = wanted


def add_wish(
    session: Session,
    pupil_id: int,
    offer_id: int,
    *,
    by: int | None,
    now: datetime,
    rank: int | None = None,
    screen: Screen | None = None,
) -> Pupil:
    """Add an offer at a rank, or at the end; return the pupil with the new list.

    At the end no `screen` is needed: nothing that another page did can be lost.

    Raises:
        Gone: this pupil cannot have the offer.
        Refused: already there, list full, wishes closed.
        Stale: the list is no longer the one of the screen.
    """

    def change(ids: list[int]) -> list[int]:
        if offer_id in ids:
            raise Refused(f"Cette offre est déjà le vœu {ids.index(offer_id) + 1} de la liste.")
        at = len(ids) if rank is None else max(rank, 1) - 1
        return [*ids[:at], offer_id, *ids[at:]]

    return _save(session, pupil_id, change, screen, by=by, now=now)


def move_wish(
    session: Session,
    pupil_id: int,
    offer_id: int,
    rank: int,
    *,
    screen: Screen,
    by: int | None,
    now: datetime,
) -> Pupil:
    """Move a wish to a rank; one beyond the ends stops there. Raises as `add_wish`."""

    def change(ids: list[int]) -> list[int]:
        rest = _without(ids, offer_id)
        at = min(max(rank, 1), len(ids)) - 1
        return [*rest[:at], offer_id, *rest[at:]]

    return _save(session, pupil_id, change, screen, by=by, now=now)


def remove_wish(
    session: Session,
    pupil_id: int,
    offer_id: int,
    *,
    screen: Screen,
    by: int | None,
    now: datetime,
) -> Pupil:
    """Take an offer off the list. Raises as `add_wish`."""
    return _save(session, pupil_id, lambda ids: _without(ids, offer_id), screen, by=by, now=now)


def replace_wishes(
    session: Session,
    pupil_id: int,
    offer_ids: Sequence[int],
    *,
    version: int,
    by: int | None,
    now: datetime,
) -> Pupil:
    """Make this the whole list, best first. Raises as `add_wish`."""
    if len(set(offer_ids)) < len(offer_ids):
        raise Refused("Une offre est deux fois dans cette liste.")
    screen = Screen(version, ())
    return _save(session, pupil_id, lambda _: list(offer_ids), screen, by=by, now=now)


def set_limits(
    session: Session,
    pupil_id: int,
    *,
    limit_km: int,
    refused_families: Sequence[Family],
    version: int,
    by: int | None,
    now: datetime,
) -> Pupil:
    """Keep the limits within which another place is accepted when no wish is possible.

    Raises:
        Refused: too few places would be left; the sentence proposes wider limits.
        Stale: the list is no longer the one of this version.
    """
    pupil, campaign = _opened(session, pupil_id, now)
    refused = [family.value for family in Family if family in refused_families]
    if (limit_km, refused) == (pupil.limit_km, pupil.refused_families):
        return pupil
    if version != pupil.wishes_version:
        raise Stale(_ids(pupil))
    refuse_narrow(session, pupil, campaign, limit_km, set(refused_families))
    pupil.limit_km, pupil.refused_families = limit_km, refused
    _touch(pupil, now)
    record(session, LIMITED, f"pupil:{pupil.id}", by=by, now=now, km=limit_km, refused=refused)
    session.commit()
    return pupil


def confirm_wishes(
    session: Session, pupil_id: int, *, version: int, by: int | None, now: datetime
) -> Pupil:
    """Confirm the list and send its receipt to the family; confirming twice is the same.

    Raises:
        Refused: the list is empty, or the wishes are closed.
        Stale: the list is no longer the one of this version.
    """
    pupil, campaign = _opened(session, pupil_id, now)
    if version != pupil.wishes_version:
        raise Stale(_ids(pupil))
    if pupil.wishes_confirmed_at is not None:
        return pupil
    if not pupil.wishes:
        raise Refused("Il faut au moins un vœu pour confirmer la liste.")
    pupil.wishes_confirmed_at = now
    record(session, CONFIRMED, f"pupil:{pupil.id}", by=by, now=now, offers=_ids(pupil))
    _send_receipt(session, pupil, campaign.current_round, now)
    session.commit()
    return pupil


def closed_reason(round_: Round, now: datetime) -> str | None:
    """Why nobody can change a list at this moment, or None while the wishes are open."""
    if round_.state is RoundState.PLANNED or now < round_.wishes_open_at:
        return f"Les vœux ouvrent le {moment(round_.wishes_open_at)}."
    if round_.state is not RoundState.WISHES_OPEN or now >= round_.wishes_close_at:
        return f"Les vœux sont clos depuis le {moment(round_.wishes_close_at)}."
    return None


def closed_to(session: Session, pupil: Pupil, round_: Round, now: datetime) -> str | None:
    """Why the list of this pupil cannot change: a complementary round is for who has no place."""
    if reason := closed_reason(round_, now):
        return reason
    if not only_concerned(session, round_, [pupil.id]):
        return "Une place est déjà donnée : ce tour est pour les élèves qui n’en ont pas."
    return None


def _save(
    session: Session,
    pupil_id: int,
    change: Change,
    screen: Screen | None,
    *,
    by: int | None,
    now: datetime,
) -> Pupil:
    pupil, campaign = _opened(session, pupil_id, now)
    saved = _ids(pupil)
    if screen is not None and screen.version != pupil.wishes_version:
        wanted = change(list(screen.seen))
        if wanted == saved:  # the second click of one act
            return pupil
        raise Stale(wanted)
    wanted = change(saved)
    if wanted == saved:
        return pupil
    _check(session, pupil, campaign, wanted, saved)
    _write(session, pupil, wanted)
    _touch(pupil, now)
    record(session, CHANGED, f"pupil:{pupil.id}", by=by, now=now, offers=wanted)
    session.commit()
    return pupil


def _opened(session: Session, pupil_id: int, now: datetime) -> tuple[Pupil, Campaign]:
    """The pupil and her campaign, both locked, while the wishes are open."""
    found = session.get(Pupil, pupil_id)
    if found is None:
        raise Gone("Cette liste n’existe pas.")
    campaign = session.scalars(campaign_by_id(found.campaign_id)).one()
    # Closing waits for this change, or this change sees that it is closed: nothing in between.
    session.refresh(campaign.current_round, with_for_update={"read": True})
    if reason := closed_to(session, found, campaign.current_round, now):
        raise Refused(f"{reason} La liste reste comme elle est.")
    whole = pupil_for_wishes(pupil_id).with_for_update(of=Pupil)
    pupil = session.scalars(whole.execution_options(populate_existing=True)).one()
    return pupil, campaign


def _check(
    session: Session, pupil: Pupil, campaign: Campaign, wanted: list[int], saved: list[int]
) -> None:
    if len(wanted) > max(campaign.max_wishes, len(saved)):
        raise Refused(
            f"La liste compte déjà {campaign.max_wishes} vœux, le maximum."
            " Retirer un vœu fait de la place."
        )
    for offer_id in wanted:
        if offer_id not in saved:
            offer_for(session, pupil, offer_id)


def _write(session: Session, pupil: Pupil, wanted: list[int]) -> None:
    """Replace the rows: ranks are unique at every moment, so the old ones go first."""
    pupil.wishes.clear()
    session.flush()
    pupil.wishes.extend(Wish(offer_id=offer_id, rank=n) for n, offer_id in enumerate(wanted, 1))


def _touch(pupil: Pupil, now: datetime) -> None:
    pupil.wishes_version += 1
    pupil.wishes_saved_at = now
    pupil.wishes_confirmed_at = None


def _without(ids: list[int], offer_id: int) -> list[int]:
    if offer_id not in ids:
        raise Refused("Ce vœu n’est plus dans la liste.")
    return [other for other in ids if other != offer_id]


def _ids(pupil: Pupil) -> list[int]:
    return [wish.offer_id for wish in pupil.wishes]


def _send_receipt(session: Session, pupil: Pupil, round_: Round, now: datetime) -> None:
    lines = [
        {"rank": wish.rank, "title": wish.offer.title, "host": wish.offer.host_names}
        for wish in session.scalars(wishes_of(pupil.id))
    ]
    params = {
        "pupil_id": pupil.id,
        "first_name": pupil.first_name,
        "wishes": lines,
        "confirmed": moment(now),
        "until": moment(round_.wishes_close_at),
    }
    emails = [session.scalar(pupil_address(pupil.id)), *(one.email for one in pupil.guardians)]
    letters = [(email, params) for email in emails if email]
    event = f"wishes:{pupil.id}:{pupil.wishes_version}"
    tell(session, MessageKind.WISHES_CONFIRMED, event, letters, now=now)
