"""What animators decided for each pupil of a round, and what cannot hold together."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matching import ChoiceRow, PupilRow
from models import (
    DecisionKind,
    Pupil,
    Round,
    decisions_by_id,
    departures_told,
    standing_decisions,
)
from web.services.errors import Refused


@dataclass(frozen=True)
class Decided:
    """What holds for one pupil, by offer-week."""

    kept: frozenset[int] = frozenset()
    banned: frozenset[int] = frozenset()
    nowhere: bool = False
    """She left after the closing: every place is forbidden to her."""


NOTHING = Decided()


def decided_for(
    session: Session,
    held_round: Round,
    pupils: Iterable[Pupil],
    *,
    decisions: bool = True,
    known: Collection[int] | None = None,
) -> Mapping[int, Decided]:
    """What holds for each of these pupils, by id; those without any decision are left out.

    Without `decisions` only departures count: they are facts. `known` are the ids of those that
    hold, even if some were lifted since; without it, all those that stand.

    Raises:
        Refused: two decisions contradict each other.
    """
    left = set(session.scalars(departures_told(held_round.id)))
    kept: dict[int, set[int]] = {}
    banned: dict[int, set[int]] = {}
    stand = standing_decisions(held_round.id)
    query = stand if known is None else decisions_by_id(held_round.id, known)
    for one in session.scalars(query) if decisions else ():
        side = banned if one.kind is DecisionKind.BAN else kept
        side.setdefault(one.pupil_id, set()).add(one.offer_week_id)
    found = {}
    for pupil in pupils:
        held, forbidden = kept.get(pupil.id, set()), banned.get(pupil.id, set())
        gone = pupil.left_at is not None or pupil.id in left
        if len(held) > 1 or held & forbidden or (held and gone):
            raise Refused(f"Deux décisions se contredisent pour {pupil.full_name}.")
        if held or forbidden or gone:
            found[pupil.id] = Decided(frozenset(held), frozenset(forbidden), gone)
    return found


def refuse_overfull(rows: Iterable[PupilRow], choices: Iterable[ChoiceRow]) -> None:
    """Refuse decisions that keep more pupils at a place than it has seats."""
    kept = Counter(row.lock for row in rows if row.lock is not None)
    refuse_fuller(kept, {choice.key: choice.seats for choice in choices})


def refuse_fuller(kept: Mapping[int, int], seats: Mapping[int, int]) -> None:
    """Refuse more pupils kept at a place than it has seats, both by offer-week."""
    for place, count in kept.items():
        if count > seats.get(place, 0):
            raise Refused(
                f"Les décisions gardent {count} élèves sur une offre qui n’a que "
                f"{seats.get(place, 0)} places."
            )
