"""Why a pupil did not get a wish that it ranked better, and what granting it would have cost."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matching import words
from matching.instance import FREE, Instance
from matching.policy import Policy
from matching.residual import Residual
from matching.result import Infeasible, Result
from matching.solver import solve
from matching.verify import Case, parts_of, price_faults

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
THRESHOLD = 5  # families never read a smaller count
Cause = Literal[
    "locked", "banned", "closed", "shut", "pathway", "pool", "reserve", "school", "full", "open"
]
Pricing = Literal["exact", "impossible", "not computed", "in turn"]
Price = tuple[int, ...]
NO_PRICE = {
    "impossible": words.IMPOSSIBLE,
    "not computed": words.NOT_COMPUTED,
    "in turn": words.IN_TURN,
}


@dataclass(frozen=True)
class Reason:
    """A wish better ranked than the pupil's place, and why it was not given.

    As families may read it: nobody recognisable, counts None where one of them is under the
    threshold. Asked `exact`, for animators only: every count, and the `price` (criterion by
    criterion) of granting the wish. `pricing` says what is known of it: "exact"; "impossible", no
    assignment grants the wish (a lock, a seat kept for others); "not computed", it takes
    `price_by_solving`; "in turn", the rule has no price.
    """

    choice: int
    rank: int
    sentence: str
    cause: Cause
    pricing: Pricing = "not computed"
    price: Price | None = None
    price_sentences: tuple[str, ...] = ()
    taken_by: tuple[int, int, int, int] | None = None  # by tier
    drawn_before: int | None = None  # of the pupil's tier, with a better draw


def explain(
    instance: Instance,
    policy: Policy,
    result: Result,
    pupil: int,
    *,
    voice: words.Voice = "tu",
    threshold: int = THRESHOLD,
    exact: bool = False,
) -> tuple[Reason, ...]:
    """Return a reason for each wish of a pupil that ranks before its place, best first.

    `exact` adds what only animators may read.
    """
    return Explainer(instance, policy, result, threshold).reasons(pupil, voice, exact=exact)


class Explainer:
    """Explanations of one result; what they share is computed once, when first needed."""

    def __init__(
        self, instance: Instance, policy: Policy, result: Result, threshold: int = THRESHOLD
    ) -> None:
        self.case = Case(instance, policy, result)
        self.threshold = threshold

    def reasons(
        self, pupil: int, voice: words.Voice = "tu", *, exact: bool = False
    ) -> tuple[Reason, ...]:
        """Return a reason for each wish of a pupil that ranks before its place, best first."""
        columns = self._better(pupil)
        prices = self._prices(pupil, columns)
        return tuple(
            self._reason(pupil, column, pricing, price, words.VOICES[voice], exact)
            for column, (pricing, price) in zip(columns, prices, strict=True)
        )

    def price_by_solving(
        self, pupil: int, choice: int, *, time_limit: float | None = None
    ) -> tuple[int, ...] | None:
        """Solve again with the wish granted: groups and pathways leave no other way.

        None if no assignment grants it, if pupils are served in turn (there is no vector to
        compare), or if the time limit struck before the answer was proved.
        """
        case = self.case
        if case.policy.replay:
            return None
        locks = {pupil: choice}
        try:
            granted = solve(
                case.instance,
                case.policy,
                seed=case.result.seed,
                locks=locks,
                time_limit=time_limit,
            )
        except Infeasible:
            return None
        if any(p.how == "bound" for p in granted.proof):
            return None
        change = zip(granted.objective, case.result.objective, strict=True)
        return tuple(new - old for new, old in change)

    def _better(self, pupil: int) -> list[int]:
        """Columns of the wishes that the family chose, ranked before its place."""
        instance = self.case.instance
        own = np.flatnonzero(instance.wish[pupil] == self.case.result.choice[pupil])
        placed = self.case.result.choice[pupil] >= 0 and len(own) > 0
        limit = instance.rank[pupil, own[0]] if placed else np.iinfo(np.int32).max
        chosen = (instance.wish[pupil] >= 0) & ~instance.completion[pupil]
        return [int(c) for c in np.flatnonzero(chosen & (instance.rank[pupil] < limit))]

    def _prices(self, pupil: int, columns: list[int]) -> list[tuple[Pricing, Price | None]]:
        if self.case.policy.replay:
            return [("in turn", None)] * len(columns)
        usable = self.case.allowed[pupil] & self.case.free[pupil]
        wanted = [c for c in columns if usable[c]]
        found: dict[int, tuple[Pricing, Price | None]] = {}
        if wanted and (self._residual is None or self._entangled[pupil]):
            found = dict.fromkeys(wanted, ("not computed", None))
        elif wanted and self._residual is not None:
            prices = self._residual.prices(pupil, wanted)
            found = {
                c: ("exact" if price is not None else "impossible", price)
                for c, price in zip(wanted, prices, strict=True)
            }
        return [found.get(c, ("impossible", None)) for c in columns]

    @cached_property
    def _entangled(self) -> Flags:
        """[n] pupils in a part with a group or a pathway: their prices take a new solve."""
        case = self.case
        if not case.hard.any():
            return np.zeros(case.instance.n, bool)
        pupil, choice = parts_of(case.instance, case.allowed & case.free[:, None])
        return np.isin(pupil, choice[case.hard])

    @cached_property
    def _residual(self) -> Residual | None:
        """The exchanges, where prices prove the result."""
        case = self.case
        faults = price_faults(case)
        if (faults.pupils & ~self._entangled).any():
            return None
        allowed = case.allowed & ~self._entangled[:, None]
        return Residual(case.seats, case.policy, case.recount, case.result, allowed)

    def _reason(
        self,
        pupil: int,
        column: int,
        pricing: Pricing,
        price: Price | None,
        speech: words.Speech,
        exact: bool,
    ) -> Reason:
        instance, policy = self.case.instance, self.case.policy
        choice = int(instance.wish[pupil, column])
        cause = self._cause(pupil, column)
        tiers, before = self._occupants(pupil, choice)
        sentences = [self._because(cause, pupil, choice, tiers, before, speech)]
        first = next((q for q, v in enumerate(price or ()) if v), None)
        if first is not None and cause not in ("locked", "banned", "closed"):
            criterion = policy.criteria[first]
            sentences.append(words.consequence(criterion, speech, self._may_name(criterion.tier)))
        told = Reason(
            choice=choice,
            rank=int(instance.rank[pupil, column]),
            sentence=" ".join(s for s in sentences if s),
            cause=cause,
            pricing=pricing,
        )
        if exact:
            known = words.price_sentences(policy, price) if price else NO_PRICE.get(pricing, ())
            return replace(
                told, price=price, price_sentences=known, taken_by=tiers, drawn_before=before
            )
        after = tiers[int(instance.tier[pupil])] - before
        return replace(
            told,
            taken_by=tiers if self._may_tell(*tiers) else None,
            drawn_before=before if self._may_tell(before, after) else None,
        )

    def _may_tell(self, *counts: int) -> bool:
        """Counts that add up to a public number are told only if none of them is small."""
        return all(count == 0 or count >= self.threshold for count in counts)

    def _cause(self, pupil: int, column: int) -> Cause:
        """The first limit that keeps the pupil out."""
        case, instance, load = self.case, self.case.instance, self.case.load
        choice = int(instance.wish[pupil, column])
        taken, cap = int(load.choice[choice]), int(instance.cap[choice])
        tests: tuple[tuple[Cause, bool], ...] = (
            ("locked", bool(instance.lock[pupil] != FREE)),
            ("banned", bool(instance.ban[pupil, column])),
            ("closed", cap == 0),
            ("shut", instance.min_group[choice] > 1 and taken == 0),
            ("reserve", self._kept_out(pupil, choice)),
            ("full", taken >= cap),
            ("pathway", self._segment_full(choice)),
            ("pool", self._pool_full(choice)),
            ("reserve", self._side_full(pupil, choice)),
            ("school", not case.load.spare[int(case.seats.leaf[pupil, column])]),
        )
        return next((cause for cause, holds in tests if holds), "open")

    def _segment_full(self, choice: int) -> bool:
        segments = self.case.instance.segments_of(choice)
        return bool((self.case.load.segment >= self.case.instance.seg_cap)[segments].any())

    def _pool_full(self, choice: int) -> bool:
        pool = int(self.case.instance.pool[choice])
        return pool >= 0 and bool(self.case.load.pool[pool] >= self.case.instance.pool_cap[pool])

    def _kept_out(self, pupil: int, choice: int) -> bool:
        """All seats are reserved for other tiers: the wish could never be granted."""
        instance = self.case.instance
        return bool(
            self.case.seats.other[pupil] and instance.reserve[choice] >= instance.cap[choice]
        )

    def _side_full(self, pupil: int, choice: int) -> bool:
        instance = self.case.instance
        open_to_others = instance.cap[choice] - instance.reserve[choice]
        full = self.case.load.side[choice] >= open_to_others
        return bool(self.case.seats.other[pupil] and instance.reserve[choice] and full)

    @cached_property
    def _by_choice(self) -> tuple[Ints, Ints]:
        """Placed pupils sorted by choice, and where each choice starts."""
        choice = self.case.result.choice
        order = np.argsort(choice, kind="stable")
        start = np.searchsorted(choice[order], np.arange(self.case.instance.m + 1))
        return order, start

    def _occupants(self, pupil: int, choice: int) -> tuple[tuple[int, int, int, int], int]:
        """Pupils of a choice by tier, and those of the pupil's tier with a better draw."""
        instance, position = self.case.instance, self.case.recount.position
        order, start = self._by_choice
        there = order[start[choice] : start[choice + 1]]
        a, b, c, d = np.bincount(instance.tier[there], minlength=4).tolist()
        alike = instance.tier[there] == instance.tier[pupil]
        return (a, b, c, d), int((alike & (position[there] < position[pupil])).sum())

    def _because(
        self,
        cause: Cause,
        pupil: int,
        choice: int,
        tiers: tuple[int, int, int, int],
        before: int,
        speech: words.Speech,
    ) -> str:
        match cause:
            case "locked":
                return words.locked(speech)
            case "shut":
                return words.group_shut(int(self.case.instance.min_group[choice]))
            case "school":
                return words.school_maximum(speech)
            case "full":
                return self._full(pupil, tiers, before, speech)
            case _:
                return words.FIXED[cause]

    def _full(
        self, pupil: int, tiers: tuple[int, int, int, int], before: int, speech: words.Speech
    ) -> str:
        """Who has the seats, as far as their number allows saying it."""
        count, mine = sum(tiers), int(self.case.instance.tier[pupil])
        if count < self.threshold:
            return words.full(None)
        if sum(tiers[:mine]) == count:
            return words.full_of_priority(count)
        if before == count and any(c.kind == "draw" for c in self.case.policy.criteria):
            return words.full_of_equals(count, speech)
        return words.full(count)

    def _may_name(self, tier: int | None) -> bool:
        """A tier is named only if it has enough pupils for none to be recognised."""
        if tier is None:
            return False
        return int((self.case.instance.tier == tier).sum()) >= self.threshold
