"""From what a round holds to the arrays of the rule: an instance, and who is behind each row."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matching import Instance, build_instance
from models import Round, pupils_of_campaign
from web.services.errors import Refused
from web.services.found_places import out_of_round
from web.services.freezing.arcs import Arcs
from web.services.freezing.decisions import NOTHING, decided_for, refuse_overfull
from web.services.freezing.kept import kept_for
from web.services.freezing.named import named_places, place_of, split
from web.services.freezing.pupils import (
    LABELS,
    TIERS,
    in_round,
    label_of,
    pupil_key,
    pupil_row,
    second_row,
    without_wish,
)
from web.services.freezing.scenario import PUBLIC, Scenario
from web.services.freezing.seats import (
    Given,
    choice_rows,
    held_offers,
    seats_left,
    shared_half_days,
)

__all__ = [
    "LABELS",
    "TIERS",
    "Frozen",
    "Given",
    "freeze",
    "held_offers",
    "in_round",
    "label_of",
    "pupil_key",
]


@dataclass(frozen=True)
class Frozen:
    """An instance, the pupil and the offer-week of each row, and who was left out."""

    instance: Instance
    pupils: tuple[int, ...]
    choices: tuple[int, ...]
    """One that keeps seats for named schools comes twice."""
    no_wish: dict[str, int]
    """Pupils who ranked nothing, by label."""
    held: int
    """Pupils who keep the place of an earlier round: they are in the instance, locked."""
    found: int
    """Pupils whose own place the school has checked."""
    widened: int = 0
    """Pupils who got other possible places in a second freeze."""


def freeze(
    session: Session,
    held_round: Round,
    seed: str,
    *,
    given: Given | None = None,
    before: Given | None = None,
    scenario: Scenario = PUBLIC,
    decided: Collection[int] | None = None,
) -> Frozen:
    """Return what a round holds now as an instance of the rule, as a scenario changes it.

    `given`, the places of a first run, makes a second freeze: they are locked, and a pupil left
    without any may now have every compatible place that remains. `before`, the places of an
    earlier run, are those that the rule changes as little as it can. `decided` are the ids of the
    decisions to obey, those that stand unless they are given.

    Raises:
        Refused: two decisions contradict each other, or nobody has a wish.
    """
    campaign = held_round.campaign
    everyone = [
        p for p in session.scalars(pupils_of_campaign(campaign.id)) if in_round(p, held_round)
    ]
    offers = held_offers(session, held_round)
    kept = kept_for(session, held_round, offers)
    holders = set(kept.places)
    found = out_of_round(session, held_round) - holders
    pupils = [p for p in everyone if p.id in holders or (p.wishes and p.id not in found)]
    if not {p.id for p in pupils} - holders:
        raise Refused("Aucun élève n’a fait de vœu : il n’y a rien à calculer.")
    said = decided_for(session, held_round, pupils, decisions=scenario.decisions, known=decided)
    arcs = Arcs(campaign.max_completions, offers, seed, limit_km=scenario.limit_km, kept=kept)
    first_rows = [
        pupil_row(
            pupil,
            pupil_key(session, held_round, pupil.id),
            arcs,
            said.get(pupil.id, NOTHING),
            campaign.season,
            held=before.get(pupil.id) if before else None,
            kept=kept.places.get(pupil.id),
        )
        for pupil in pupils
    ]
    rows = scenario.pupils(first_rows)
    every = [*offers, *(one for one in kept.offers if one.id not in arcs.offers)]
    shared = shared_half_days(session, campaign.id)
    choices, pools = choice_rows(every, kept, shared, held_round)
    choices = scenario.seats(choices, kept)
    used = {key for choice in choices for key in choice.segments or ()}
    half_days = {key: seats for key, seats in shared.whole(kept.taken).items() if key in used}
    widened = 0
    if given is not None:
        left = seats_left(choices, pools, half_days, given)
        wider = [
            second_row(row, pupil, given, arcs, left, said.get(pupil.id, NOTHING))
            for row, pupil in zip(rows, pupils, strict=True)
        ]
        pairs = zip(rows, wider, strict=True)
        widened = sum(b.lock is None and len(b.arcs) > len(a.arcs) for a, b in pairs)
        rows = wider
    rows, choices = split(rows, choices, named_places(every, held_round), kept)
    refuse_overfull(rows, choices)
    return Frozen(
        instance=build_instance(rows, choices, pools, half_days),
        pupils=tuple(pupil.id for pupil in pupils),
        choices=tuple(place_of(choice.key) for choice in choices),
        no_wish=without_wish(everyone, holders | found, campaign.season),
        held=len(holders),
        found=len(found),
        widened=widened,
    )
