"""Build an instance from rows with keys, as a service holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.checks import InvalidInstance
from matching.instance import FREE, UNPLACED, Instance


@dataclass(frozen=True, slots=True)
class Arc:
    """A choice that a pupil may be given: its rank, distance in 100 m, chosen or not, banned."""

    choice: int  # key of the choice
    rank: int = 0  # ignored for a completion
    dist: int = 0
    completion: bool = False
    ban: bool = False


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil. `lock`: None free, −1 no place, else the key of a choice; `held`: key or None."""

    key: int
    tier: int
    school: int
    arcs: Sequence[Arc] = ()
    lock: int | None = None
    held: int | None = None
    later: bool = False  # in the draw, after the others of its tier
    position: int | None = None  # place in the draw, when there is no seed


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """An offer in one week. Zero means no school maximum, no reserve, no group."""

    key: int
    seats: int
    week: int = 0
    host: int = 0
    school_max: int = 0
    reserve: int = 0
    min_group: int = 0
    pool: int | None = None  # key of a pool
    segments: Sequence[int] | None = None  # keys of segments; an empty list is refused


def build_instance(
    pupils: Sequence[PupilRow],
    choices: Sequence[ChoiceRow],
    pools: Mapping[int, int] | None = None,
    segments: Mapping[int, int] | None = None,
) -> Instance:
    """Return the instance of these rows. `pools` and `segments` give seats by key."""
    index = {row.key: j for j, row in enumerate(choices)}
    pools, segments = pools or {}, segments or {}
    return Instance(
        tier=_column(pupils, "tier"),
        school=_column(pupils, "school"),
        **_arc_tables(pupils, index),
        lottery=_positions(pupils),
        later=_column(pupils, "later"),
        lock=np.array([_lock(index, row, i) for i, row in enumerate(pupils)], np.int32),
        held=np.array([-1 if r.held is None else index.get(r.held, -1) for r in pupils], np.int32),
        pupil_key=_column(pupils, "key"),
        **_choice_columns(choices, list(pools), list(segments)),
        pool_cap=np.array(list(pools.values()), np.int64),
        seg_cap=np.array(list(segments.values()), np.int64),
    )


def _arc_tables(pupils: Sequence[PupilRow], index: Mapping[int, int]) -> dict[str, np.ndarray]:
    """One row a pupil, her chosen arcs by rank, then the others."""
    width = max((len(row.arcs) for row in pupils), default=0)
    tables = {
        "wish": np.full((len(pupils), width), -1, np.int32),
        "rank": np.zeros((len(pupils), width), int),
        "dist": np.zeros((len(pupils), width), int),
        "completion": np.zeros((len(pupils), width), bool),
        "ban": np.zeros((len(pupils), width), bool),
    }
    for i, row in enumerate(pupils):
        arcs = sorted(row.arcs, key=lambda a: (a.completion, a.rank))
        own = slice(len(arcs))
        tables["wish"][i, own] = [_find(index, arc.choice, "wish", i) for arc in arcs]
        for name in ("rank", "dist", "completion", "ban"):
            tables[name][i, own] = [getattr(arc, name) for arc in arcs]
    return tables


def _column(rows: Sequence[object], name: str) -> np.ndarray:
    return np.array([getattr(row, name) for row in rows], np.int64)


def _find(index: Mapping[int, int], key: int, array: str, row: int) -> int:
    if key not in index:
        raise InvalidInstance(f"{array}: row {row} names the unknown key {key}")
    return index[key]


def _lock(index: Mapping[int, int], row: PupilRow, i: int) -> int:
    if row.lock is None:
        return FREE
    return UNPLACED if row.lock == UNPLACED else _find(index, row.lock, "lock", i)


def _positions(pupils: Sequence[PupilRow]) -> np.ndarray:
    drawn = [i if row.position is None else row.position for i, row in enumerate(pupils)]
    return np.array(drawn, np.int64)


def _choice_columns(
    choices: Sequence[ChoiceRow], pools: list[int], segments: list[int]
) -> dict[str, np.ndarray]:
    pool_index = {key: q for q, key in enumerate(pools)}
    segment_index = {key: q for q, key in enumerate(segments)}
    taken: list[list[int]] = []
    for j, row in enumerate(choices):
        if row.segments is not None and not row.segments:
            raise InvalidInstance(f"parc_seg: row {j} is a pathway without segment")
        taken.append([_find(segment_index, s, "parc_seg", j) for s in row.segments or ()])
    names = {"cap": "seats", "school_cap": "school_max", "choice_key": "key"}
    same = ("week", "host", "reserve", "min_group")
    columns = {name: _column(choices, names.get(name, name)) for name in (*names, *same)}
    pool = [
        -1 if r.pool is None else _find(pool_index, r.pool, "pool", j)
        for j, r in enumerate(choices)
    ]
    return columns | {
        "pool": np.array(pool, np.int64),
        "parc_ptr": np.concatenate([[0], np.cumsum([len(t) for t in taken], dtype=np.int64)]),
        "parc_seg": np.array([s for t in taken for s in t], np.int64),
    }
