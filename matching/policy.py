"""A policy is an ordered list of criteria; each is a sum over pupils, to be made smallest.

Everything that says what a policy wants is here as data: the solver, the verifier, the public
page and the explanations all read the same list.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matching import draws
from matching.draws import Seed
from matching.instance import Instance

Ints = NDArray[np.int64]
Kind = Literal["unplaced", "draw", "moves", "ranks", "beyond", "at_or_after", "distance", "pair"]
TIER_NAMES = ("REP+", "REP", "proches d’un QPV", "des autres collèges")
LAST_RANK = 10  # later wishes count as the tenth in the policies that look at levels
COMPLETION_LEVEL = LAST_RANK + 1


@dataclass(frozen=True)
class Criterion:
    """One sum to make smallest: its kind, the tier it looks at (None: all), a level if any."""

    kind: Kind
    sentence: str
    tier: int | None = None
    level: int = 0

    @property
    def code(self) -> str:
        """Short stable name, such as `unplaced-0` or `beyond-1-3`."""
        parts = [self.kind, *([] if self.tier is None else [str(self.tier)])]
        return "-".join(parts + ([str(self.level)] if self.level else []))


@dataclass(frozen=True)
class Policy:
    """A public rule: criteria in order, the first one never gives way to a later one."""

    code: str
    name: str
    sentence: str
    criteria: tuple[Criterion, ...]
    replay: bool = False  # pupils are served in turn; the criteria then only break ties


class Values:
    """The values of criteria on one instance: per arc and for a pupil left without a place."""

    def __init__(self, instance: Instance, seed: Seed | None) -> None:
        self.instance = instance
        self.seed = seed

    @cached_property
    def position(self) -> Ints:
        """[n] position of each pupil in the draw, 0 first; who comes later stands at the end."""
        if self.seed is None:
            drawn = self.instance.lottery.astype(np.int64)
        else:
            drawn = draws.positions(self.instance.pupil_key, self.seed)
        if not self.instance.later.any():
            return drawn
        place = np.empty(len(drawn), np.int64)
        place[np.lexsort((drawn, self.instance.later))] = np.arange(len(drawn))
        return place

    @cached_property
    def level(self) -> NDArray[np.int32]:
        """[n, k] rank of each arc, later ones counted as the tenth, completions as the eleventh."""
        instance = self.instance
        capped = np.minimum(instance.rank, LAST_RANK)
        return np.where(instance.completion, COMPLETION_LEVEL, capped).astype(np.int32)

    def of_arcs(self, criterion: Criterion) -> Ints:
        """[n, k] value of each arc (meaningless on the padding)."""
        return self._arcs(criterion, np.arange(self.instance.n)[:, None], self.instance.wish)

    def of_unplaced(self, criterion: Criterion) -> Ints:
        """[n] value of each pupil when it has no place."""
        factor: NDArray[Any]
        match criterion.kind:
            case "unplaced" | "beyond":
                factor = np.ones(self.instance.n, np.int64)
            case "draw":
                factor = self.instance.n - self.position
            case "moves":
                factor = self.instance.held >= 0
            case _:
                factor = np.zeros(self.instance.n, np.int64)
        return np.asarray(self._mine(criterion) * factor, np.int64)

    def objective(self, policy: Policy, choice: NDArray[np.integer]) -> tuple[int, ...]:
        """Exact sum of every criterion for an assignment where each choice is a listed arc."""
        rows = np.flatnonzero(choice >= 0)
        columns = self.instance.column_of(choice)[rows]
        out = choice < 0
        return tuple(
            _exact_sum(self._arcs(c, rows[:, None], columns[:, None], by_column=True))
            + _exact_sum(self.of_unplaced(c)[out])
            for c in policy.criteria
        )

    def _mine(self, criterion: Criterion) -> Ints:
        if criterion.tier is None:
            return np.ones(self.instance.n, np.int64)
        return np.asarray(self.instance.tier == criterion.tier, np.int64)

    def _arcs(
        self, criterion: Criterion, rows: Ints, pick: NDArray[np.integer], by_column: bool = False
    ) -> Ints:
        """Values on whole rows (`pick` = the wish matrix) or on one column of each row."""

        def take(array: NDArray[np.integer]) -> NDArray[np.integer]:
            return array[rows, pick] if by_column else array

        instance = self.instance
        value: NDArray[Any]
        match criterion.kind:
            case "ranks":
                value = take(instance.rank)
            case "beyond":
                value = take(self.level) > criterion.level
            case "at_or_after":
                value = take(self.level) >= criterion.level
            case "distance":
                value = take(instance.dist)
            case "moves":
                held = instance.held[rows]
                value = (held >= 0) & (take(instance.wish) != held)
            case "pair":
                choice_key = instance.choice_key[take(instance.wish)]
                seed = b"" if self.seed is None else self.seed
                value = draws.pair_draws(instance.pupil_key[rows], choice_key, seed)
            case _:
                value = np.zeros(np.broadcast_shapes(rows.shape, pick.shape), np.int64)
        return np.asarray(self._mine(criterion)[rows] * value, np.int64)


def _exact_sum(values: NDArray[np.integer]) -> int:
    """Sum without overflow: 31 low bits and the rest apart, as Python integers."""
    wide = values.astype(np.int64)
    return int((wide >> 31).sum()) * 2**31 + int((wide & (2**31 - 1)).sum())


def _by_tier(kind: Kind, sentence: str, level: int = 0) -> Iterator[Criterion]:
    for tier, name in enumerate(TIER_NAMES):
        yield Criterion(kind, sentence.format(name), tier, level)


UNPLACED = tuple(_by_tier("unplaced", "Le moins possible d’élèves {} sans solution."))
UNPLACED_ALL = Criterion("unplaced", "Le moins possible d’élèves sans solution.")
WHO = tuple(
    _by_tier("draw", "S’il manque des places, le tirage au sort dit quels élèves {} en ont une.")
)
RANKS = tuple(_by_tier("ranks", "La plus petite somme des rangs des vœux des élèves {}."))
LAST = (
    Criterion("distance", "La plus petite somme des distances."),
    Criterion("pair", "À égalité parfaite, un tirage au sort publié choisit la solution."),
)


def _levels_of(kind: Kind, levels: range, words: str, last_words: str) -> Iterator[Criterion]:
    for tier, name in enumerate(TIER_NAMES):
        for level in levels:
            text = last_words if level >= COMPLETION_LEVEL else words
            wishes = "leur premier vœu" if level == 1 else f"un de leurs {level} premiers vœux"
            yield Criterion(kind, text.format(name, level, wishes), tier, level)


FIRST_WISHES = tuple(
    _levels_of("beyond", range(1, LAST_RANK + 1), "Le plus possible d’élèves {0} ont {2}.", "")
)
WORST_WISHES = tuple(
    _levels_of(
        "at_or_after",
        range(COMPLETION_LEVEL, 1, -1),
        "Le moins possible d’élèves {0} au vœu {1} ou plus loin.",
        "Le moins possible d’élèves {0} à une place hors de leur liste.",
    )
)
_ALL = (
    Policy(
        "priority",
        "Priorité, tirage, puis rangs",
        "On place d’abord le plus d’élèves possible, REP+ puis REP ; le tirage au sort dit qui, "
        "les rangs des vœux disent où.",
        UNPLACED + WHO + RANKS + LAST,
    ),
    Policy(
        "best_ranks",
        "Priorité, puis meilleurs rangs",
        "On place d’abord le plus d’élèves possible, REP+ puis REP ; les rangs des vœux disent "
        "ensuite qui et où.",
        UNPLACED + RANKS + LAST,
    ),
    Policy(
        "most_first_wishes",
        "Le plus de premiers vœux",
        "On place d’abord le plus d’élèves possible, puis on donne le plus de premiers vœux, "
        "puis de deuxièmes.",
        UNPLACED + FIRST_WISHES + LAST,
    ),
    Policy(
        "nobody_last",
        "Personne au dernier vœu",
        "On place d’abord le plus d’élèves possible, puis on évite les places les plus loin "
        "dans les listes.",
        UNPLACED + WORST_WISHES + LAST,
    ),
    Policy(
        "order_of_priority",
        "Chacun à son tour",
        "Chaque élève, à son tour, prend son meilleur vœu encore possible : REP+ puis REP, "
        "dans l’ordre du tirage au sort.",
        LAST,
        replay=True,
    ),
    Policy(
        "no_priority",
        "Sans priorité",
        "Tous les élèves comptent autant : le point de comparaison qui montre ce que la "
        "priorité change.",
        (
            UNPLACED_ALL,
            Criterion("ranks", "La plus petite somme des rangs des vœux."),
            *LAST,
        ),
    ),
)
MOVES = Criterion("moves", "Le moins possible d’élèves changent de place.")


def keep_rest(base: Policy) -> Policy:
    """Return the policy that changes as few places as it can, then follows `base`."""
    if base.replay:
        raise ValueError("a replayed policy has no criteria to follow after a change")
    first = base.criteria[: next(i for i, c in enumerate(base.criteria) if c.kind != "unplaced")]
    return replace(
        base,
        code="keep_rest" if base.code == "priority" else f"keep_rest+{base.code}",
        name="Garder les places déjà données",
        sentence="Après un changement, on place le plus d’élèves possible en changeant le moins "
        "possible de places.",
        criteria=(*first, MOVES, *base.criteria[len(first) :]),
    )


def policy_named(code: str) -> Policy:
    """Return a policy by its code, `keep_rest+CODE` included; KeyError if there is none."""
    base = code.removeprefix("keep_rest+")
    if base != code and base != "keep_rest":
        return keep_rest(POLICIES[base])
    return POLICIES[code]


POLICIES = {policy.code: policy for policy in (*_ALL, keep_rest(_ALL[0]))}
