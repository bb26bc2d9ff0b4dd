"""The example of the public rule: three invented pupils, placed by the rule itself."""

from dataclasses import dataclass
from functools import lru_cache

from matching import Instance, build_instance, policy_named, solve
from matching.build import Arc, ChoiceRow, PupilRow
from models import Label

OFFERS = ("Menuiserie", "Vélos", "Théâtre")
PUPILS = (
    ("Ana", Label.REP_PLUS, 0, (0, 1)),
    ("Brice", Label.REP, 1, (0, 2)),
    ("Célia", Label.NONE, 3, (1, 0)),
)
"""Name, label, tier of the engine, offers best first."""


@dataclass(frozen=True, slots=True)
class Line:
    """A pupil of the example: what was asked, what is given (rank 0: nothing)."""

    name: str
    label: Label
    wishes: tuple[str, ...]
    given: str
    rank: int


@lru_cache
def example_of(policy: str) -> tuple[Line, ...]:
    """What this policy gives to the three pupils, from the engine, not from memory."""
    result = solve(_instance(), policy_named(policy), seed=b"exemple")
    return tuple(
        Line(
            name,
            label,
            tuple(OFFERS[wish] for wish in wishes),
            OFFERS[given] if given >= 0 else "",
            wishes.index(given) + 1 if given >= 0 else 0,
        )
        for (name, label, _, wishes), given in zip(PUPILS, map(int, result.choice), strict=True)
    )


def _instance() -> Instance:
    return build_instance(
        [
            PupilRow(
                key=key,
                tier=tier,
                school=key,
                arcs=[Arc(wish, rank) for rank, wish in enumerate(wishes, start=1)],
            )
            for key, (_, _, tier, wishes) in enumerate(PUPILS)
        ],
        [ChoiceRow(key=key, seats=1) for key in range(len(OFFERS))],
    )
