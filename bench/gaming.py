"""Would a family gain by playing with its list? Each move is tried alone, all others honest.

What is found is written as data too: the public page of the rule quotes it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.runs import table, thousands
from matching import POLICIES, Instance, Policy, Result, flow, solve
from matching.generate import Shape, generate

Ints = NDArray[np.int64]
WISHES, COMPLETIONS, FEWEST = 10, 30, 8
SEED, INSTANCE_SEED = 11, 3
COMPILED = 1_000  # pupils × sample
FAR = 300  # 30 km, in units of 100 m
SHAPE = Shape(
    1_000,
    wishes=WISHES,
    completions=COMPLETIONS,
    side_km=36.0,
    school_size=50,
    tiers=(0.25, 0.4, 0.0, 0.35),
)
TIERS = {0: "REP+", 1: "REP", 3: "other"}
OUTCOMES = {
    "first": "at the first wish",
    "lower": "at a lower wish",
    "outside": "other place or none",
}


@dataclass(frozen=True)
class List:
    """What one family says: wishes in order, then completions, with their distances."""

    wishes: list[int]
    others: list[int]
    dist: dict[int, int]


@dataclass(frozen=True)
class Group:
    """Pupils of one tier and one honest outcome, and what each move gives to those sampled."""

    tier: int
    outcome: str
    pupils: int
    sampled: int
    moves: dict[str, tuple[int, int]]  # how many of the sampled end better off, worse off


Move = Callable[[List, Ints], List]


def keep(count: int) -> Move:
    """Say only the first wishes; what is left out may come back as a near completion."""

    def move(said: List, _: Ints) -> List:
        back = said.wishes[count:] + said.others
        nearest = sorted(back, key=lambda j: said.dist[j])[: len(said.others)]
        return replace(said, wishes=said.wishes[:count], others=nearest)

    return move


def narrow(said: List, _: Ints) -> List:
    """Accept as few other places as the rule allows, the nearest."""
    nearest = sorted(said.others, key=lambda j: said.dist[j])
    return replace(said, others=nearest[:FEWEST])


def pad(said: List, demand: Ints) -> List:
    """Say one's first wish, then the hottest offers of the same weeks."""
    hottest = [int(j) for j in np.argsort(-demand, kind="stable") if j != said.wishes[0]]
    wishes = [said.wishes[0], *hottest[: WISHES - 1]]
    dist = dict.fromkeys(wishes, FAR) | said.dist
    return List(wishes, [j for j in said.others if j not in wishes], dist)


def by_demand(said: List, demand: Ints) -> List:
    """Say the same wishes, the least wanted first."""
    return replace(said, wishes=sorted(said.wishes, key=lambda j: int(demand[j])))


MOVES: dict[str, Move] = {
    "keep 1": keep(1),
    "keep 3": keep(3),
    "keep 5": keep(5),
    "narrow limits": narrow,
    "pad with the hottest": pad,
    "least wanted first": by_demand,
}


@dataclass(frozen=True)
class Honest:
    """What everybody says and gets when nobody plays."""

    instance: Instance
    policy: Policy
    result: Result
    lists: list[List]
    ranks: Ints  # [n] what each got, in its own list
    demand: Ints  # [m] lists that name each choice

    @classmethod
    def of(cls, instance: Instance, policy: Policy) -> "Honest":
        """Solve with honest lists."""
        result = solve(instance, policy, seed=SEED)
        lists = [said_by(instance, i) for i in range(instance.n)]
        got = zip(lists, result.choice.tolist(), strict=True)
        chosen = instance.wish[:, :WISHES].ravel()
        return cls(
            instance,
            policy,
            result,
            lists,
            np.array([_worth(said, choice) for said, choice in got]),
            np.bincount(chosen[chosen >= 0], minlength=instance.m),
        )

    def after(self, pupil: int, move: Move) -> int:
        """What a pupil gets when it plays, in its true list."""
        instance, said = self.instance, self.lists[pupil]
        own = np.isin(instance.week, instance.week[said.wishes])
        changed = saying(instance, pupil, move(said, np.where(own, self.demand, -1)))
        found = solve(changed, self.policy, seed=SEED, warm=self.result)
        return _worth(said, int(found.choice[pupil]))


def groups_of(instance: Instance, policy: Policy, sample: int) -> Iterator[Group]:
    """Try every move on pupils sampled in each tier and outcome."""
    honest = Honest.of(instance, policy)
    of_outcome = {
        "first": honest.ranks == 1,
        "lower": (honest.ranks > 1) & (honest.ranks <= WISHES),
        "outside": honest.ranks > WISHES,
    }
    for tier in TIERS:
        for outcome, alike in of_outcome.items():
            members = np.flatnonzero(alike & (instance.tier == tier))
            drawn = np.random.default_rng(SEED).permutation(members)[:sample].tolist()
            moves = {name: _tally(honest, drawn, move) for name, move in MOVES.items()}
            yield Group(tier, outcome, len(members), len(drawn), moves)


def _tally(honest: Honest, drawn: list[int], move: Move) -> tuple[int, int]:
    gap = [honest.after(i, move) - int(honest.ranks[i]) for i in drawn]
    return sum(g < 0 for g in gap), sum(g > 0 for g in gap)


def gaming(codes: Iterable[str], sample: int) -> dict[str, Any]:
    """What every move gives, by policy, as the data that the public page quotes."""
    instance = generate(SHAPE, INSTANCE_SEED)
    if instance.n * sample >= COMPILED:
        flow.SMALL = 0  # thousands of solves: compiling pays even on this small instance
    return {
        "pupils": instance.n,
        "seats": int(instance.cap.sum()),
        "wishes": WISHES,
        "completions": SHAPE.completions,
        "fewest_completions": FEWEST,
        "instance_seed": INSTANCE_SEED,
        "draw_seed": SEED,
        "policies": {
            code: [asdict(g) for g in groups_of(instance, POLICIES[code], sample)] for code in codes
        },
    }


def tables(found: dict[str, Any]) -> Iterator[str]:
    """The same in Markdown, in % of the pupils of each group."""
    yield (
        f"## Gaming: {thousands(found['pupils'])} pupils, {thousands(found['seats'])} seats, "
        f"{found['completions']} completions; % better / % worse off"
    )
    rows: list[list[str]] = []
    for code, groups in found["policies"].items():
        for outcome, words in OUTCOMES.items():
            alike = [g for g in groups if g["outcome"] == outcome and g["sampled"]]
            for group in alike:
                name = f"{TIERS[group['tier']]}, {words} ({group['sampled']} of {group['pupils']})"
                rows.append([f"`{code}`", name, *_cells([group])])
            if alike:
                size = sum(g["pupils"] for g in alike)
                rows.append([f"`{code}`", f"**all, {words}** ({size})", *_cells(alike)])
        rows.append([f"`{code}`", "**everybody**", *_cells([g for g in groups if g["sampled"]])])
    yield table(["policy", "pupils", *MOVES], rows)


def _cells(groups: list[dict[str, Any]]) -> list[str]:
    """Shares of groups sampled apart, each weighed by its number of pupils."""
    size = sum(g["pupils"] for g in groups)
    cells = []
    for name in MOVES:
        share = [
            sum(g["pupils"] * g["moves"][name][side] / g["sampled"] for g in groups) / size
            for side in (0, 1)
        ]
        cells.append(f"{100 * share[0]:.0f} / {100 * share[1]:.0f}")
    return cells


def _worth(said: List, choice: int) -> int:
    """Rank in the true list; an other place comes after all wishes, and none after that."""
    if choice in said.wishes:
        return said.wishes.index(choice) + 1
    return WISHES + (1 if choice >= 0 else 2)


def said_by(instance: Instance, pupil: int) -> List:
    """Return the list of a pupil."""
    row, chosen = instance.wish[pupil], ~instance.completion[pupil]
    listed = row >= 0
    dist = dict(zip(row[listed].tolist(), instance.dist[pupil][listed].tolist(), strict=True))
    return List(row[listed & chosen].tolist(), row[listed & ~chosen].tolist(), dist)


def saying(instance: Instance, pupil: int, said: List) -> Instance:
    """Return the instance where one pupil says something else."""
    wish, dist = instance.wish.copy(), instance.dist.copy()
    completion = instance.completion.copy()
    row = (said.wishes + said.others)[: instance.k]
    wish[pupil], dist[pupil], completion[pupil] = -1, 0, False
    wish[pupil, : len(row)] = row
    dist[pupil, : len(row)] = [said.dist[j] for j in row]
    completion[pupil, len(said.wishes) : len(row)] = True
    return replace(instance, wish=wish, dist=dist, completion=completion, rank=None)
