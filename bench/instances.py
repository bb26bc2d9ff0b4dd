"""Instances to measure on: geography, and families made to be awkward."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matching import Criterion, Instance, Policy, hard, network
from matching.composing import HalfDays
from matching.generate import PRESETS, Shape, generate
from matching.locality import arrange
from matching.packing import pack
from matching.policy import UNPLACED, Values

Ints = NDArray[np.int64]
WISHES = 10
SCHOOL = 100  # pupils
PLAIN = Policy(
    "plain",
    "Critère simple",
    "Le moins d’élèves sans place, par label, puis la plus petite somme des rangs.",
    (*UNPLACED, Criterion("ranks", "La plus petite somme des rangs.")),
)
"""What every rival can solve too, with one number for each arc."""


def geography(size: str, ratio: float = 0.95, seed: int = 1) -> Instance:
    """Return a territory: a preset or a number of pupils."""
    return generate(replace(shape_of(size), ratio=ratio), seed)


def shape_of(size: str) -> Shape:
    """Return the shape of a preset, or of a department of so many pupils."""
    if size in PRESETS:
        return PRESETS[size]
    pupils = int(size)
    side = PRESETS["dept"].side_km * (pupils / PRESETS["dept"].pupils) ** 0.5
    return replace(PRESETS["dept"], pupils=pupils, side_km=side)


def family(name: str, pupils: int, ratio: float, seed: int = 1) -> Instance:
    """Return an instance of a stress family."""
    if name == "geography":
        return geography(str(pupils), ratio, seed)
    rng = np.random.default_rng([seed, pupils])
    cap = np.ones(int(pupils * ratio), int) if name in ("unit", "chains") else None
    if cap is None:
        drawn = rng.choice([1, 2, 3, 4, 5, 8, 12], int(pupils * ratio))
        cap = drawn[: int(np.searchsorted(np.cumsum(drawn), pupils * ratio)) + 1]
    wish = _WISHES[name](rng, pupils, len(cap))
    school = np.arange(pupils) // SCHOOL
    tier = rng.choice([0, 1, 2, 3], school[-1] + 1, p=[0.06, 0.13, 0.05, 0.76])
    return Instance(
        tier=tier[school],
        school=school,
        wish=wish,
        dist=rng.integers(1, 300, wish.shape),
        cap=cap,
        lottery=rng.permutation(pupils),
    )


def _uniform(rng: np.random.Generator, pupils: int, choices: int) -> Ints:
    return _distinct(rng.integers(0, choices, (pupils, WISHES)), choices)


def _zipf(rng: np.random.Generator, pupils: int, choices: int) -> Ints:
    """Everybody everywhere wants the same popular offers."""
    weight = 1.0 / np.arange(1, choices + 1) ** 0.9
    order = rng.permutation(choices)
    return _distinct(order[rng.choice(choices, (pupils, WISHES), p=weight / weight.sum())], choices)


def _identical(rng: np.random.Generator, pupils: int, choices: int) -> Ints:
    """Two hundred pupils at a time have the same list."""
    blocks = _uniform(rng, pupils // 200 + 1, choices)
    return blocks[np.arange(pupils) // 200]


def _chains(rng: np.random.Generator, pupils: int, choices: int) -> Ints:
    """Two wishes each, side by side: one pupil more may move all the others."""
    first = np.sort(rng.integers(0, choices, pupils))
    wish = np.full((pupils, WISHES), -1)
    wish[:, 0], wish[:, 1] = first, (first + 1) % choices
    return wish


def _distinct(wish: Ints, choices: int) -> Ints:
    """Replace repetitions by the next choice, until a row has none."""
    while True:
        order = np.argsort(wish, axis=1, kind="stable")
        ordered = np.take_along_axis(wish, order, 1)
        again = np.zeros(wish.shape, bool)
        np.put_along_axis(again, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], 1)
        if not again.any():
            return wish
        wish = np.where(again, (wish + 1) % choices, wish)


_WISHES = {
    "uniform": _uniform,
    "zipf": _zipf,
    "unit": _uniform,
    "identical": _identical,
    "chains": _chains,
}
FAMILIES = ("geography", *_WISHES)


def reordered(instance: Instance, order: str) -> Instance:
    """Return the same problem with its pupils, and for `near` its choices, in another order."""
    if order == "near":
        return _neighbours_together(instance)
    rows = np.arange(instance.n)
    if order == "tier":
        rows = np.argsort(instance.tier, kind="stable")
    elif order == "shuffled":
        rows = np.random.default_rng(1).permutation(instance.n)
    names = ("tier", "school", "wish", "rank", "dist", "completion", "ban", "lottery")
    names += ("lock", "held", "pupil_key")
    return replace(instance, **{name: getattr(instance, name)[rows] for name in names})


def half_days(hosts: int, seed: int = 1) -> HalfDays:
    """Return the half-days of one week: hosts in twelve towns, each there one to three days."""
    rng = np.random.default_rng(seed)
    towns = rng.integers(-30_000, 30_000, (12, 2))
    rows: list[tuple[int, ...]] = []
    for host in range(hosts):
        x, y = (towns[rng.integers(12)] + rng.normal(0, 3_000, 2)).astype(int)
        state, sectors, seats = rng.random() < 0.35, rng.integers(12), rng.integers(1, 9)
        for weekday in sorted(rng.choice(5, rng.integers(1, 4), replace=False)):
            for afternoon, (start, end) in enumerate(((540, 720), (810, 990))):
                if rng.random() < 0.85:
                    later = 30 * rng.integers(-1, 2)
                    day = (weekday, afternoon, start + later, end + later)
                    rows.append((len(rows), host, state, sectors, *day, seats, x, y))
    return HalfDays(*np.array(rows, np.int64).T)


def _neighbours_together(instance: Instance) -> Instance:
    """Number pupils and choices as our own kernel does, so that those who meet are close."""
    net = network.build(instance, hard.analyse(instance).fixed)
    near = arrange(net, pack(net, Values(instance, 1), PLAIN.criteria))
    pupil_key = np.empty(instance.n, np.int64)
    pupil_key[near.pupil] = np.arange(instance.n)
    choice_key = near.node[: instance.m]
    return replace(instance, pupil_key=pupil_key, choice_key=choice_key).canonical()
