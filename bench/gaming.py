"""Would a family gain by playing with its list? Each move is tried alone, all others honest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.runs import table, thousands
from matching import POLICIES, Instance, Policy, flow, solve
from matching.generate import Shape, generate

Ints = NDArray[np.int64]
WISHES, COMPLETIONS, FEWEST = 10, 20, 8
SEED = 11
FAR = 300  # 30 km, in units of 100 m
SHAPE = Shape(
    600,
    wishes=WISHES,
    completions=COMPLETIONS,
    side_km=28.0,
    school_size=50,
    tiers=(0.25, 0.4, 0.0, 0.35),
)


@dataclass(frozen=True)
class List:
    """What one family says: wishes in order, then completions, with their distances."""

    wishes: list[int]
    others: list[int]
    dist: dict[int, int]


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


def gaming(codes: tuple[str, ...], sample: int) -> Iterator[str]:
    """Share of sampled pupils whom each move leaves better or worse off, by policy."""
    instance = generate(SHAPE, 3)
    flow.SMALL = 0  # thousands of solves: compiling pays even on this small instance
    yield (
        f"## Gaming: {thousands(instance.n)} pupils, 0.95 seats each, {COMPLETIONS} completions, "
        f"{sample} sampled in each group; % better / % worse off"
    )
    head = ["policy", "pupils", *MOVES]
    yield table(head, (row for code in codes for row in _rows(instance, POLICIES[code], sample)))


def _rows(instance: Instance, policy: Policy, sample: int) -> Iterator[list[object]]:
    honest = solve(instance, policy, seed=SEED).choice
    lists = [said_by(instance, i) for i in range(instance.n)]
    ranks = np.array([_worth(said, int(j)) for said, j in zip(lists, honest, strict=True)])
    demand = np.bincount(instance.wish[:, :WISHES].ravel(), minlength=instance.m)
    groups = {
        "below the first wish": (ranks > 1) & (ranks <= WISHES),
        "other place or none": ranks > WISHES,
        "at the first wish": ranks == 1,
    }
    for name, members in groups.items():
        drawn = np.random.default_rng(SEED).permutation(np.flatnonzero(members))[:sample]
        cells = [_gain(instance, policy, lists, drawn, ranks, demand, m) for m in MOVES.values()]
        yield [f"`{policy.code}`", f"{name} ({len(drawn)})", *cells]


def _gain(
    instance: Instance,
    policy: Policy,
    lists: list[List],
    drawn: Ints,
    ranks: Ints,
    demand: Ints,
    move: Move,
) -> str:
    better = worse = 0
    for i in drawn.tolist():
        own = np.isin(instance.week, instance.week[lists[i].wishes])
        changed = saying(instance, i, move(lists[i], np.where(own, demand, -1)))
        rank = _worth(lists[i], int(solve(changed, policy, seed=SEED).choice[i]))
        better += rank < ranks[i]
        worse += rank > ranks[i]
    return f"{100 * better / max(1, len(drawn)):.0f} / {100 * worse / max(1, len(drawn)):.0f}"


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
