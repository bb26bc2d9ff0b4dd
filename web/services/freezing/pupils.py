"""The pupils of a round: who is in it, the key of each, and her row."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from matching import Arc, PupilRow
from models import Label, Placement, Pupil, Round, School
from web.services.freezing.arcs import Arcs
from web.services.freezing.decisions import Decided
from web.services.freezing.seats import Given

TIERS = {Label.REP_PLUS: 0, Label.REP: 1, Label.NONE: 3}
"""Tier 2, for schools in or next to a QPV, is an option of later."""
LABELS = {tier: label for label, tier in TIERS.items()}


def pupil_key(session: Session, held_round: Round, pupil_id: int) -> int:
    """The key that stands for a pupil in the draws of a round.

    It looks random to whoever lacks the server's key, and is the same in every run of the round,
    so that running again never draws again.
    """
    pepper: bytes = session.info["pepper"]
    text = f"pupil-key:{held_round.id}:{held_round.secret}:{pupil_id}".encode()
    return int.from_bytes(hmac.new(pepper, text, hashlib.sha256).digest()[:8], "big") >> 2


def in_round(pupil: Pupil, held_round: Round) -> bool:
    """Whether a round counts this pupil: not once gone, nor in a class still to be confirmed.

    Who leaves after the closing stays in the instance, where every place is forbidden to her.
    """
    gone = pupil.left_at is not None and pupil.left_at < held_round.wishes_close_at
    return pupil.school_class.takes_part and not gone


def label_of(school: School, season: int) -> Label:
    """The label that gives a school's pupils their tier in a season."""
    return school.label_in(season)


def without_wish(everyone: Iterable[Pupil], out: set[int], season: int) -> dict[str, int]:
    """How many pupils ranked nothing, by label, without those who are out of the round."""
    silent = [p for p in everyone if not p.wishes and p.id not in out]
    return dict(Counter(label_of(p.school, season).value for p in silent))


def pupil_row(
    pupil: Pupil,
    key: int,
    arcs: Arcs,
    decided: Decided,
    season: int,
    *,
    held: int | None = None,
    kept: Placement | None = None,
) -> PupilRow:
    """The row of a pupil: her places, those forbidden, the one that is kept.

    `held` is the place that an earlier run gave her: she may have it again even where her list
    and limits do not lead. `kept`, the place that she holds, is all that she can have.
    """
    if kept is not None:
        place = kept.offer_week_id
        only = arcs.at(pupil, place) or Arc(place, completion=True)
        if kept.rank:
            only = replace(only, rank=kept.rank, completion=False)
        return PupilRow(
            key=key,
            tier=TIERS[label_of(pupil.school, season)],
            school=pupil.school_id,
            arcs=[only],
            lock=place,
        )
    own = arcs.of(pupil, key)
    wanted = decided.kept if held is None else decided.kept | {held}
    for place in wanted - own.keys():
        if (arc := arcs.at(pupil, place)) is not None:
            own[place] = arc
    found = list(own.values())
    if decided.nowhere or decided.banned:
        found = [replace(a, ban=decided.nowhere or a.choice in decided.banned) for a in found]
    return PupilRow(
        key=key,
        tier=TIERS[label_of(pupil.school, season)],
        school=pupil.school_id,
        arcs=found,
        lock=next(iter(decided.kept), None),
        held=held if held in own else None,
        later=pupil.id in arcs.kept.later,
    )


def second_row(
    row: PupilRow, pupil: Pupil, given: Given, arcs: Arcs, left: set[int], decided: Decided
) -> PupilRow:
    """The row of a pupil after a first run: her place kept, or all that remains."""
    if decided.nowhere:
        return row
    place = given.get(pupil.id)
    if place is not None:
        there = any(arc.choice == place for arc in row.arcs)
        added = None if there else arcs.at(pupil, place)
        return replace(row, lock=place, arcs=[*row.arcs, added] if added else row.arcs)
    if pupil.id not in given or row.lock is not None:
        return row
    known = {arc.choice for arc in row.arcs} | decided.banned
    more = [arc for arc in arcs.remaining(pupil, left) if arc.choice not in known]
    return replace(row, arcs=[*row.arcs, *more])
