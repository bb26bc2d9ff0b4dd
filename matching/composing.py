"""Compose weeks out of half-days: for as many pupils as possible, and provably so.

A week is a path through half-days, from Monday to Friday, no day left out. All the hours of the
law and the travel between two steps concern consecutive steps only, so they are arcs that exist
or not, and pupils are a flow. How many pupils and how many half-days is a flow through half-days,
whose linear program is whole by itself. Whether a week mixes kinds and families is carried along
the path by two bits, which makes four copies of each half-day under the same seats: these copies
are made of the arcs that the first flow leaves possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.checks import InvalidInstance
from matching.faces import Faces
from matching.highs import quiet
from matching.paths import decompose

Ints = NDArray[np.int64]

DAYS = 5
MIXED, VARIED = 1, 2


@dataclass(frozen=True, slots=True)
class Rules:
    """What a week must respect. Minutes and metres."""

    day_minutes: int = 420
    rest_minutes: int = 840
    unbroken_minutes: int = 270
    break_minutes: int = 30
    earliest: int = 360
    latest: int = 1200
    travel_m: int = 10_000
    free: tuple[int, ...] = (5,)  # half-days of the ten that a week may go without, 0 to 9


@dataclass(frozen=True, eq=False)
class HalfDays:
    """Half-days offered in one week: h rows, whole numbers."""

    key: Ints  # [h] distinct; the order of the keys is the canonical order
    host: Ints  # [h]
    state: Ints  # [h] 1 for a State service
    family: Ints  # [h] of sectors
    weekday: Ints  # [h] 0 Monday … 4 Friday
    afternoon: Ints  # [h] 0 morning, 1 afternoon
    start: Ints  # [h] minutes since midnight
    end: Ints  # [h]
    seats: Ints  # [h]
    x: Ints  # [h] metres, on a plane
    y: Ints  # [h]

    def __post_init__(self) -> None:
        for one in fields(self):
            value = np.array(getattr(self, one.name), np.int64)
            if value.ndim != 1 or len(value) != len(np.atleast_1d(self.key)):
                raise InvalidInstance(f"{one.name}: one number per half-day is needed")
            value.flags.writeable = False
            object.__setattr__(self, one.name, value)
        if len(np.unique(self.key)) != len(self.key):
            raise InvalidInstance("key: two half-days have the same one")
        if np.any((self.weekday < 0) | (self.weekday >= DAYS)):
            raise InvalidInstance("weekday: 0 is Monday, 4 is Friday")
        if np.any(self.seats < 0):
            raise InvalidInstance("seats: a number below zero")

    def __len__(self) -> int:
        return len(self.key)

    def taken(self, rows: Ints) -> "HalfDays":
        """Return these rows, in this order."""
        return HalfDays(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


class Week(NamedTuple):
    """One proposed week: keys of its half-days in order, pupils at once, and what it mixes."""

    seats: int
    steps: tuple[int, ...]
    mixed: bool  # State services and others
    varied: bool  # two families of sectors or more


@dataclass(frozen=True, slots=True)
class Level:
    """A criterion in its turn: what was reached, and what nobody could pass."""

    name: str
    value: int
    bound: int

    @property
    def proved(self) -> bool:
        """Whether nothing better exists."""
        return self.value == self.bound


@dataclass(frozen=True, slots=True)
class Composition:
    """The weeks proposed, most pupils first, with the proof of each criterion."""

    weeks: tuple[Week, ...]
    levels: tuple[Level, ...]
    seconds: float

    @property
    def pupils(self) -> int:
        """How many pupils have a week at once."""
        return sum(week.seats for week in self.weeks)

    @property
    def used(self) -> int:
        """Pupil half-days used."""
        return sum(week.seats * len(week.steps) for week in self.weeks)

    @property
    def proved(self) -> bool:
        """Whether every criterion is at its bound."""
        return all(level.proved for level in self.levels)


LEVELS = ("pupils", "half_days", "mixed", "varied", "changes", "travel")
"""In this order; the last two are as small as possible, the others as large."""
SMALLEST = ("changes", "travel")


def follows(half_days: HalfDays, a: int, b: int, rules: Rules) -> bool:
    """Whether half-day b may come right after half-day a in a week."""
    return bool(_compatible(half_days, np.array([a]), np.array([b]), rules)[0])


def compose(
    half_days: HalfDays, rules: Rules | None = None, time_limit: float | None = None
) -> Composition:
    """Return weeks for as many pupils as possible, then the best by the other criteria.

    The result does not depend on the order of the rows. With a time limit each level says the
    bound that remained; without one it is exact.
    """
    began = perf_counter()
    rules = rules or Rules()
    given = half_days.taken(np.argsort(half_days.key))
    given = given.taken(np.flatnonzero(_lawful(given, rules)))
    until = None if time_limit is None else began + time_limit
    weeks, levels = _optimise(given, rules, until)
    weeks.sort(key=lambda week: (-week.seats, week.steps))
    return Composition(tuple(weeks), tuple(levels), perf_counter() - began)


@dataclass(frozen=True, eq=False)
class _Network:
    """Nodes are copies (row, code) in the order of time; −1 is where weeks begin and end."""

    row: Ints  # [nodes] half-day
    code: Ints  # [nodes] MIXED | VARIED
    tail: Ints  # [arcs] node, −1 for the beginning
    head: Ints  # [arcs] node, −1 for the end

    @property
    def nodes(self) -> int:
        return len(self.row)

    def along(self, paths: Sequence[tuple[int, list[int]]], half: HalfDays) -> Ints:
        """[arcs] the pupils of these (pupils, rows in order) when each takes her copies."""
        arc = {ends: n for n, ends in enumerate(zip(self.tail, self.head, strict=True))}
        node = {copy: n for n, copy in enumerate(zip(self.row, self.code, strict=True))}
        flow = np.zeros(len(self.tail), np.int64)
        for pupils, rows in paths:
            codes = np.bitwise_or.accumulate(
                [0, *_gained(half, np.array(rows[:-1]), np.array(rows[1:]))]
            )
            nodes = [-1, *(node[copy] for copy in zip(rows, codes, strict=True)), -1]
            flow[[arc[ends] for ends in pairwise(nodes)]] += pupils
        return flow


def _lawful(half: HalfDays, rules: Rules) -> NDArray[np.bool_]:
    minutes = half.end - half.start
    lawful: NDArray[np.bool_] = (
        (half.seats > 0)
        & (minutes > 0)
        & (minutes <= min(rules.unbroken_minutes, rules.day_minutes))
        & (half.start >= rules.earliest)
        & (half.end <= rules.latest)
    )
    return lawful


def _compatible(half: HalfDays, a: Ints, b: Ints, rules: Rules) -> NDArray[np.bool_]:
    """Whether each b may come right after each a."""
    apart = half.weekday[b] - half.weekday[a]
    pause = half.start[b] - half.end[a]
    minutes = half.end[a] - half.start[a] + half.end[b] - half.start[b]
    moves = half.host[a] != half.host[b]
    needs_break = moves | (minutes > rules.unbroken_minutes)
    same_day = (
        (apart == 0)
        & (half.afternoon[a] < half.afternoon[b])
        & (pause >= np.where(needs_break, rules.break_minutes, 0))
        & (minutes <= rules.day_minutes)
    )
    next_day = (apart == 1) & (pause + 1440 >= rules.rest_minutes)
    near = _metres(half, a, b) <= rules.travel_m
    slot = 2 * half.weekday + half.afternoon
    missed = np.zeros(len(b), bool)
    for one in set(range(2 * DAYS)) - set(rules.free):
        missed |= (slot[a] < one) & (one < slot[b])
    fits: NDArray[np.bool_] = (same_day | next_day) & near & ~missed
    return fits


def _metres(half: HalfDays, a: Ints, b: Ints) -> NDArray[np.float64]:
    metres: NDArray[np.float64] = np.hypot(half.x[a] - half.x[b], half.y[a] - half.y[b])
    return metres


def _plain(half: HalfDays, rules: Rules) -> _Network:
    """The half-days that a week can reach, each once, and the arcs between them."""
    order = np.lexsort((half.afternoon, half.weekday))
    slot = 2 * half.weekday + half.afternoon
    reached = np.zeros(len(half), bool)
    ends: list[tuple[int, int]] = []
    for row in map(int, order):
        if half.weekday[row] == 0 and _may_miss(-1, slot[row], rules):
            ends.append((-1, row))
            reached[row] = True
        if not reached[row]:
            continue
        following = order[_compatible(half, np.full(len(order), row), order, rules)]
        reached[following] = True
        ends += [(row, int(nxt)) for nxt in following]
        if half.weekday[row] == DAYS - 1 and _may_miss(slot[row], 2 * DAYS, rules):
            ends.append((row, -1))
    tail, head = np.array(ends, np.int64).reshape(-1, 2).T
    return _Network(np.arange(len(half)), np.zeros(len(half), np.int64), tail, head)


def _may_miss(after: int, before: int, rules: Rules) -> bool:
    """Whether a week may be without all the half-days between these two."""
    return all(slot in rules.free for slot in range(after + 1, before))


def _copied(half: HalfDays, plain: _Network, kept: NDArray[np.bool_]) -> _Network:
    """The copies of half-days that the kept arcs reach, in the order of time."""
    tails, heads = plain.tail[kept], plain.head[kept]
    gained = _gained(half, tails, heads)
    known: dict[tuple[int, int], int] = {}
    arcs: list[tuple[int, int]] = []
    triples: list[list[int]] = np.stack([tails, heads, gained], axis=1).tolist()
    for tail, head, more in triples:
        if tail < 0:
            arcs.append((-1, known.setdefault((head, 0), len(known))))
            continue
        for code in range(4):
            if (tail, code) in known:
                copy = -1 if head < 0 else known.setdefault((head, code | more), len(known))
                arcs.append((known[tail, code], copy))
    copies = np.array(list(known), np.int64).reshape(-1, 2)
    ends = np.array(arcs, np.int64).reshape(-1, 2)
    return _Network(copies[:, 0], copies[:, 1], ends[:, 0], ends[:, 1])


def _gained(half: HalfDays, a: Ints, b: Ints) -> Ints:
    """What each step from a half-day to another adds to a week; nothing at its two ends."""
    gained = MIXED * (half.state[a] != half.state[b]) | VARIED * (half.family[a] != half.family[b])
    return np.where((np.asarray(a) < 0) | (np.asarray(b) < 0), 0, gained)


def _costs(half: HalfDays, network: _Network) -> dict[str, Ints]:
    """[arcs] of each criterion."""
    tail, head = network.tail, network.head
    inner = (tail >= 0) & (head >= 0)
    a, b = network.row[tail[inner]], network.row[head[inner]]
    changes, travel = np.zeros(len(tail), np.int64), np.zeros(len(tail), np.int64)
    changes[inner] = half.host[a] != half.host[b]
    travel[inner] = np.rint(_metres(half, a, b) / 100)
    ending = np.where(head < 0, network.code[tail], 0)
    return {
        "pupils": (tail < 0).astype(np.int64),
        "half_days": (head >= 0).astype(np.int64),
        "mixed": ending // MIXED % 2,
        "varied": ending // VARIED % 2,
        "changes": changes,
        "travel": travel,
    }


def _optimise(
    half: HalfDays, rules: Rules, until: float | None
) -> tuple[list[Week], Sequence[Level]]:
    """Each criterion in its turn: the weeks, and the level that each criterion reaches."""
    plain = _plain(half, rules)
    if not len(plain.tail):
        return [], [Level(name, 0, 0) for name in LEVELS]
    faces = Faces(_model(plain, half), until)
    most = min(int(half.seats[half.weekday == day].sum()) for day in range(DAYS))
    nobody = np.zeros(len(plain.tail), np.int64)
    flow, first = _levels(faces, _costs(half, plain), LEVELS[:2], nobody, (most, 2 * DAYS * most))
    paths = list(decompose(plain.tail, plain.head, flow, plain.nodes))
    copied = _copied(half, plain, faces.limits.column > 0)
    copies = Faces(_model(copied, half, full=_full(faces, plain)), until)
    start, pupils = copied.along(paths, half), first[0].value
    both = (copied.head >= 0) | (copied.code[copied.tail] == (MIXED | VARIED))
    known, costs = (pupils, pupils, 0, 0), _costs(half, copied)
    flow, then = _levels(copies, costs, LEVELS[2:], start, known, hope=(2, both))
    weeks = [
        Week(
            seats,
            tuple(int(half.key[copied.row[node]]) for node in nodes),
            bool(copied.code[nodes[-1]] & MIXED),
            bool(copied.code[nodes[-1]] & VARIED),
        )
        for seats, nodes in decompose(copied.tail, copied.head, flow, copied.nodes)
    ]
    return weeks, [*first, *then]


def _levels(
    faces: Faces,
    costs: dict[str, Ints],
    names: Sequence[str],
    start: Ints,
    known: Sequence[int],
    hope: tuple[int, NDArray[np.bool_]] | None = None,
) -> tuple[Ints, list[Level]]:
    """The best flow by these criteria, and their levels; `known` are bounds to begin with."""
    signs = [1 if name in SMALLEST else -1 for name in names]
    signed = [sign * costs[name] for sign, name in zip(signs, names, strict=True)]
    floors = [sign * bound for sign, bound in zip(signs, known, strict=True)]
    flow, bounds = faces.settle(signed, start, floors, hope)
    return flow, [
        Level(name, int(costs[name] @ flow), sign * bound)
        for name, sign, bound in zip(names, signs, bounds, strict=True)
    ]


def _full(faces: Faces, plain: _Network) -> NDArray[np.bool_]:
    """[rows] the half-days whose seats are all taken in every best flow."""
    seats = slice(plain.nodes, None)
    full: NDArray[np.bool_] = faces.limits.low[seats] == faces.limits.high[seats]
    return full


def _model(
    network: _Network, half: HalfDays, full: NDArray[np.bool_] | None = None
) -> highspy.Highs:
    """Flow on the arcs, the copies of a half-day under its seats, or taking all where `full`."""
    solver = quiet()
    arcs, nodes, rows = len(network.tail), network.nodes, len(half)
    inside, outside = network.head >= 0, network.tail >= 0
    index = np.arange(arcs)
    row = np.concatenate(
        [network.head[inside], network.tail[outside], nodes + network.row[network.head[inside]]]
    )
    column = np.concatenate([index[inside], index[outside], index[inside]])
    value = np.concatenate([np.ones(inside.sum()), -np.ones(outside.sum()), np.ones(inside.sum())])
    order = np.lexsort((column, row))
    counts = np.bincount(row, minlength=nodes + rows)
    seats = half.seats.astype(float)
    low = (
        np.full(rows, -highspy.kHighsInf)
        if full is None
        else np.where(full, seats, -highspy.kHighsInf)
    )
    most = half.seats.max() + 1.0  # never reached: a limit of each arc makes the simplex quicker
    solver.addVars(arcs, np.zeros(arcs), np.full(arcs, most))
    solver.addRows(
        nodes + rows,
        np.concatenate([np.zeros(nodes), low]),
        np.concatenate([np.zeros(nodes), seats]),
        len(order),
        np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32),
        column[order].astype(np.int32),
        value[order],
    )
    return solver
