"""Compose weeks out of half-days: for as many pupils as possible, and provably so.

A week is a path through half-days, from Monday to Friday, no day left out. All the hours of the
law and the travel between two steps concern consecutive steps only, so they are arcs that exist
or not, and pupils are a flow. Whether a week mixes kinds and families is carried along the path
by two bits, which makes four copies of each half-day under the same seats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from time import perf_counter
from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.checks import InvalidInstance
from matching.highs import quiet, run
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
    network = _network(given, rules)
    until = None if time_limit is None else began + time_limit
    flow, levels = _optimise(network, given, until)
    weeks = [
        Week(
            seats,
            tuple(int(given.key[network.row[node]]) for node in nodes),
            bool(network.code[nodes[-1]] & MIXED),
            bool(network.code[nodes[-1]] & VARIED),
        )
        for seats, nodes in decompose(network.tail, network.head, flow, network.nodes)
    ]
    weeks.sort(key=lambda week: (-week.seats, week.steps))
    return Composition(tuple(weeks), tuple(levels), perf_counter() - began)


@dataclass(frozen=True, eq=False)
class _Network:
    """Nodes are copies (row, code) in the order of time; −1 is where weeks begin and end."""

    row: Ints  # [nodes] half-day
    code: Ints  # [nodes] MIXED | VARIED
    tail: Ints  # [arcs] node, −1 for the beginning
    head: Ints  # [arcs] node, −1 for the end
    costs: dict[str, Ints]  # [arcs] of each criterion

    @property
    def nodes(self) -> int:
        return len(self.row)


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


def _network(half: HalfDays, rules: Rules) -> _Network:
    """The copies that a week can reach and leave, and the arcs between them."""
    order = np.lexsort((half.afternoon, half.weekday))
    slot = 2 * half.weekday + half.afternoon
    known: dict[tuple[int, int], int] = {}
    arcs: list[tuple[int, int]] = []
    for row in map(int, order):
        if half.weekday[row] == 0 and _may_miss(-1, slot[row], rules):
            arcs.append((-1, known.setdefault((row, 0), len(known))))
        copies = [code for code in range(4) if (row, code) in known]
        for nxt in map(int, _following(half, row, order, rules) if copies else ()):
            gained = MIXED * int(half.state[row] != half.state[nxt])
            gained |= VARIED * int(half.family[row] != half.family[nxt])
            arcs += [
                (known[row, code], known.setdefault((nxt, code | gained), len(known)))
                for code in copies
            ]
        if half.weekday[row] == DAYS - 1 and _may_miss(slot[row], 2 * DAYS, rules):
            arcs += [(known[row, code], -1) for code in copies]
    table = np.array(list(known), np.int64).reshape(-1, 2)
    return _with_costs(half, table, np.array(arcs, np.int64).reshape(-1, 2))


def _following(half: HalfDays, row: int, order: Ints, rules: Rules) -> Ints:
    """The rows that may come right after one, in the order of time."""
    fits = _compatible(half, np.full(len(order), row), order, rules)
    following: Ints = order[fits]
    return following


def _may_miss(after: int, before: int, rules: Rules) -> bool:
    """Whether a week may be without all the half-days between these two."""
    return all(slot in rules.free for slot in range(after + 1, before))


def _with_costs(half: HalfDays, table: Ints, ends: Ints) -> _Network:
    row, code = table[:, 0], table[:, 1]
    tail, head = ends[:, 0], ends[:, 1]
    first, last = tail < 0, head < 0
    inner = ~first & ~last
    a, b = row[tail[inner]], row[head[inner]]
    changes, travel = np.zeros(len(ends), np.int64), np.zeros(len(ends), np.int64)
    changes[inner] = half.host[a] != half.host[b]
    travel[inner] = np.rint(_metres(half, a, b) / 100)
    ending = np.where(last, code[tail] if len(code) else 0, 0)
    costs = {
        "pupils": first.astype(np.int64),
        "half_days": (~last).astype(np.int64),
        "mixed": ending // MIXED % 2,
        "varied": ending // VARIED % 2,
        "changes": changes,
        "travel": travel,
    }
    return _Network(row, code, tail, head, costs)


def _optimise(
    network: _Network, half: HalfDays, until: float | None
) -> tuple[Ints, Sequence[Level]]:
    """Each criterion in its turn, the earlier ones held: ([arcs] pupils, the levels)."""
    flow = np.zeros(len(network.tail), np.int64)
    levels: list[Level] = []
    if not len(flow):
        return flow, [Level(name, 0, 0) for name in LEVELS]
    solver = _model(network, half)
    columns = np.arange(len(flow), dtype=np.int32)
    for name in LEVELS:
        cost = network.costs[name].astype(float)
        most = name not in ("changes", "travel")
        sense = highspy.ObjSense.kMaximize if most else highspy.ObjSense.kMinimize
        solver.changeObjectiveSense(sense)
        solver.changeColsCost(len(flow), columns, cost)
        if until is not None:
            solver.setOptionValue(
                "time_limit", solver.getRunTime() + max(0.01, until - perf_counter())
            )
        run(solver)
        flow, level = _read(solver, flow, network.costs[name], name, most=most)
        levels.append(level)
        used = np.flatnonzero(cost).astype(np.int32)
        low, high = (level.value, highspy.kHighsInf) if most else (-highspy.kHighsInf, level.value)
        solver.addRow(low, high, len(used), used, cost[used])
        solver.setSolution(len(flow), columns, flow.astype(float))
    return flow, levels


def _read(
    solver: highspy.Highs, before: Ints, cost: Ints, name: str, *, most: bool
) -> tuple[Ints, Level]:
    """The flow found, or the one before when time struck first, and the level it reaches."""
    info: Any = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    flow = np.rint(solver.getSolution().col_value).astype(np.int64) if found else before
    value = int(cost @ flow)
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        return flow, Level(name, value, value)
    bound = info.mip_dual_bound
    far = int(cost.sum() * 10**6) if most else 0
    whole = (
        (np.floor(bound + 1e-6) if most else np.ceil(bound - 1e-6)) if np.isfinite(bound) else far
    )
    return flow, Level(name, value, int(whole))


def _model(network: _Network, half: HalfDays) -> highspy.Highs:
    """Flow on the arcs, the copies of a half-day under its seats."""
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
    most = float(half.seats.max())
    solver.addVars(arcs, np.zeros(arcs), np.full(arcs, most))
    kinds = np.full(arcs, highspy.HighsVarType.kInteger)
    solver.changeColsIntegrality(arcs, index.astype(np.int32), kinds)
    solver.addRows(
        nodes + rows,
        np.zeros(nodes + rows),
        np.concatenate([np.zeros(nodes), half.seats]).astype(float),
        len(order),
        np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32),
        column[order].astype(np.int32),
        value[order],
    )
    return solver
