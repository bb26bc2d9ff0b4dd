"""Seeded synthetic instances: towns, schools, offers with skewed popularity, tight seats."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.instance import Instance

Floats = NDArray[np.float64]
SEATS = np.array([1, 2, 3, 4, 5, 8, 12, 20, 30])
SEATS_SHARE = np.array([0.42, 0.22, 0.10, 0.07, 0.06, 0.06, 0.04, 0.02, 0.01])


@dataclass(frozen=True)
class Shape:
    """What an instance looks like: sizes, tightness, geography, shares of side conditions."""

    pupils: int
    ratio: float = 0.95  # seats for one pupil
    wishes: int = 10
    completions: int = 0
    weeks: int = 3
    tiers: tuple[float, float, float, float] = (0.03, 0.06, 0.05, 0.86)  # of schools
    side_km: float = 82.0
    reach_km: float = 8.0
    zipf: float = 0.9
    school_size: int = 100
    school_max_share: float = 0.0
    reserve_share: float = 0.0
    group_share: float = 0.0
    pathway_share: float = 0.0
    pool_share: float = 0.0
    near: int = 200  # nearest offers among which a school's pupils choose


PRESETS = {
    "rep44": Shape(1_100, tiers=(0.3, 0.7, 0.0, 0.0), side_km=39.0, school_size=90),
    "dept": Shape(15_000),
    "rep_fr": Shape(160_000, tiers=(0.36, 0.64, 0.0, 0.0), side_km=740.0, school_size=95),
    "france": Shape(830_000, tiers=(0.06, 0.13, 0.05, 0.76), side_km=740.0, school_size=118),
}


def generate(shape: Shape, seed: int = 0) -> Instance:
    """Return the instance of this shape; the same seed gives the same instance."""
    rng = np.random.default_rng([seed, shape.pupils])
    schools = max(2, round(shape.pupils / shape.school_size))
    towns = rng.uniform(0, shape.side_km, (max(2, schools // 8), 2))
    weight = 1.0 / np.arange(1, len(towns) + 1) ** 0.7
    town = rng.choice(len(towns), schools, p=weight / weight.sum())
    where = towns[town] + rng.normal(0, 3.0, (schools, 2))
    tier = _tiers(rng, shape, schools)
    week_of_school = rng.integers(0, shape.weeks, schools)
    school = np.sort(rng.integers(0, schools, shape.pupils))
    cap = _seats(rng, shape)
    home = school[rng.integers(0, shape.pupils, len(cap))]
    offer = where[home] + rng.normal(0, 5.0, (len(cap), 2))
    week = week_of_school[home]
    wish, dist = _wishes(rng, shape, where, week_of_school, school, offer, week)
    completion = np.zeros(wish.shape, bool)
    completion[:, shape.wishes :] = True
    return Instance(
        tier=tier[school].astype(np.int32),
        school=school.astype(np.int32),
        wish=wish,
        dist=dist,
        completion=completion,
        cap=cap,
        week=week.astype(np.int32),
        host=(np.arange(len(cap)) // 2).astype(np.int32),
        lottery=rng.permutation(shape.pupils).astype(np.int32),
        **_conditions(rng, shape, cap),
        **_pathways(rng, shape, offer),
    )


def _tiers(rng: np.random.Generator, shape: Shape, schools: int) -> NDArray[np.int64]:
    """Tiers of the schools: the asked shares, at least one school of each tier present."""
    share = np.array(shape.tiers)
    counts = np.where(share > 0, np.maximum(1, np.floor(share * schools)), 0).astype(int)
    counts[int(np.argmax(share))] += schools - counts.sum()
    return rng.permutation(np.repeat(np.arange(4), np.maximum(counts, 0)))[:schools]


def _seats(rng: np.random.Generator, shape: Shape) -> NDArray[np.int32]:
    wanted = shape.pupils * shape.ratio
    drawn = rng.choice(SEATS, int(wanted) + 1, p=SEATS_SHARE)
    enough = int(np.searchsorted(np.cumsum(drawn), wanted)) + 1
    return drawn[:enough].astype(np.int32)


def _wishes(
    rng: np.random.Generator,
    shape: Shape,
    where: Floats,
    week_of_school: NDArray[np.int64],
    school: NDArray[np.int64],
    offer: Floats,
    week: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Draw lists without repetition, likelier where popular and near; completions are nearest."""
    appeal = -shape.zipf * np.log(rng.permutation(len(offer)) + 1.0)
    width = shape.wishes + shape.completions
    wish = np.full((shape.pupils, width), -1, np.int32)
    dist = np.zeros((shape.pupils, width), np.int32)
    bounds = np.searchsorted(school, np.arange(len(where) + 1))
    by_week = [np.flatnonzero(week == w) for w in range(shape.weeks)]
    for s, (a, b) in enumerate(pairwise(bounds)):
        near = by_week[week_of_school[s]]
        km = np.hypot(*(offer[near] - where[s]).T)
        closest = np.argsort(km, kind="stable")[: shape.near]
        near, km = near[closest], km[closest]
        for i in range(a, b):
            noise = -np.log(-np.log(rng.random(len(near)) * 0.999998 + 1e-6))
            liked = np.argsort(-(appeal[near] - km / shape.reach_km + noise), kind="stable")
            rest = np.setdiff1d(np.arange(len(near)), liked[: shape.wishes])
            pick = np.concatenate([liked[: shape.wishes], rest[: shape.completions]])
            wish[i, : len(pick)] = near[pick]
            dist[i, : len(pick)] = np.rint(km[pick] * 10)
    return wish, dist


def _conditions(rng: np.random.Generator, shape: Shape, cap: NDArray[np.int32]) -> dict[str, Any]:
    m = len(cap)
    school_max = np.where(rng.random(m) < shape.school_max_share, np.maximum(1, cap // 2), 0)
    reserve = np.where(rng.random(m) < shape.reserve_share, (cap + 1) // 2, 0)
    large = (rng.random(m) < shape.group_share) & (cap >= 4)
    pooled = np.flatnonzero(rng.random(m // 2) < shape.pool_share)  # two offers of one host
    pool = np.full(m, -1)
    pool[2 * pooled] = pool[2 * pooled + 1] = np.arange(len(pooled))
    return {
        "school_cap": school_max.astype(np.int32),
        "reserve": reserve.astype(np.int32),
        "min_group": np.where(large, np.maximum(3, cap // 2), 0).astype(np.int32),
        "pool": pool.astype(np.int32),
        "pool_cap": np.maximum(cap[2 * pooled], cap[2 * pooled + 1]).astype(np.int32),
    }


def _pathways(rng: np.random.Generator, shape: Shape, offer: Floats) -> dict[str, Any]:
    """Pathways of two to four segments, each segment shared by about three neighbours."""
    m = len(offer)
    chosen = np.flatnonzero(rng.random(m) < shape.pathway_share)
    chosen = chosen[np.argsort(offer[chosen, 0], kind="stable")]
    steps = np.zeros(m, np.int64)
    steps[chosen] = rng.integers(2, 5, len(chosen))
    segments = max(1, int(steps.sum()) // 3) if len(chosen) else 0
    taken: dict[int, NDArray[np.int64]] = {}
    for order, j in enumerate(chosen.tolist()):
        centre = order * segments // len(chosen)
        window = np.arange(max(0, centre - 5), min(segments, centre + 6))
        taken[j] = rng.choice(window, min(int(steps[j]), len(window)), replace=False)
        steps[j] = len(taken[j])
    listed = [taken[j] for j in sorted(taken)]
    return {
        "parc_ptr": np.concatenate([[0], np.cumsum(steps)]).astype(np.int32),
        "parc_seg": np.concatenate([*listed, np.zeros(0, np.int64)]).astype(np.int32),
        "seg_cap": rng.choice([1, 2, 3, 4, 6, 8], segments).astype(np.int32),
    }
